"""Extraction by a language model: what one passage says, as entities and statements."""

from __future__ import annotations

import hashlib
import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, NamedTuple

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict

from neolight.errors import UnusableReply
from neolight.llm import structured, templates
from neolight.llm.chat import ChatModel, ChatReply, Message
from neolight.llm.tokens import count, sendable
from neolight.models import Extraction, Mention, Statement

NAME_LENGTH = 256
OTHER = "Other"

_QUOTES = "\"'“”‘’«»`"
_ANY_TYPE = (
    "one singular noun in English, such as Person, Organization, Location, Event, Product, Work, Concept, Date; "
    'else "Other".'
)

_CLOSED = '"Other" if none fits.'
_OPEN = f"if none fits, {_ANY_TYPE}"


def _words(value: object) -> object:
    """Keywords may come as a list or as one string with commas."""
    if isinstance(value, str):
        return value.split(",")
    return [] if value is None else value


def _text(value: object) -> object:
    return "" if value is None else value


def _number(value: object) -> object:
    """A weight that is no number counts as stated outright."""
    try:
        weight = float(str(value))
    except ValueError:
        return 1.0
    return weight if math.isfinite(weight) and weight > 0 else 1.0


Text = Annotated[str, BeforeValidator(_text)]


class _Row(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)


class EntityRow(_Row):
    """An entity as the model writes it."""

    name: Text = ""
    type: Text = ""
    description: Text = ""


class RelationRow(_Row):
    """A relation as the model writes it."""

    source: Text = ""
    target: Text = ""
    keywords: Annotated[list[str], BeforeValidator(_words)] = []
    description: Text = ""
    weight: Annotated[float, BeforeValidator(_number)] = 1.0


class Graph(_Row):
    """What the model answers for one passage."""

    entities: list[EntityRow] = []
    relations: list[RelationRow] = []


@dataclass(frozen=True, slots=True)
class Sought:
    """What to look for: types of entities and relations, each a name, or a name with its meaning after a colon.

    Patterns are such as `(Person)-[WORKS_AT]->(Company)`. Without `others`, a type that is not listed is `Other`.
    """

    types: Sequence[str] = ()
    relation_types: Sequence[str] = ()
    patterns: Sequence[str] = ()
    others: bool = False

    def kinds(self) -> str:
        """What the prompt says of types."""
        if not self.types:
            return _ANY_TYPE
        return f"one of {_listed(self.types)}; {_OPEN if self.others else _CLOSED}"

    def of_interest(self) -> str:
        """What the prompt says of relations."""
        found = f"\n- Relations of interest: {_listed(self.relation_types)}." if self.relation_types else ""
        return found + (f"\n- They connect: {', '.join(self.patterns)}." if self.patterns else "")

    def spellings(self) -> dict[str, str] | None:
        """The types that may be by their key, as they are written here; None where any may be."""
        if self.others or not self.types:
            return None
        return {_type_key(name): name.strip() for name, _, _ in (one.partition(":") for one in self.types)}


ANYTHING = Sought()


class ModelExtractor:
    """Extracts with a chat model. `version` changes with everything but the passage that the reply depends on."""

    def __init__(
        self,
        chat: ChatModel,
        sought: Sought = ANYTHING,
        *,
        language: str | None = None,
        gleaning: int = 0,
    ) -> None:
        """`gleaning` counts rounds."""
        wording = f"Write descriptions and keywords in {language}." if language else _SAME_LANGUAGE
        self.system = templates.prompt(
            "extraction", types=sought.kinds(), relations=sought.of_interest(), language=wording
        )
        self._known = sought.spellings()
        schema = orjson.dumps(structured.strict_schema(Graph))
        asked = f"{gleaning}{templates.prompt('gleaning')}" if gleaning else ""
        self.version = hashlib.sha256(self.system.encode() + schema + asked.encode()).hexdigest()[:12]
        self.model = chat.name
        self._chat = chat
        self._gleaning = gleaning

    def tokens(self, text: str, *, title: str | None, section: str | None) -> int:
        """The tokens of the request for a passage, its schema included, without gleaning."""
        return self.fixed_tokens + count(user_message(text, title=title, section=section))

    @cached_property
    def fixed_tokens(self) -> int:
        """The tokens of a request that do not depend on the passage: instructions and schema."""
        return count(self.system) + count(orjson.dumps(structured.strict_schema(Graph)).decode())

    def key(self, text: str, *, title: str | None, section: str | None) -> str:
        """Names the reply to a passage: equal where the model, the prompt and the passage in its place are."""
        parts = (self.model, self.version, title or "", section or "", text)
        return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()

    async def extract(self, text: str, *, title: str | None, section: str | None) -> tuple[Extraction, ChatReply]:
        """What a passage says; title and section are given to the model to know what the passage is about.

        Raises ModelUnavailable, or ModelError where the model gives no usable reply.
        """
        extraction, _, reply = await self.extract_kept(text, title=title, section=section)
        return extraction, reply

    async def extract_kept(
        self, text: str, *, title: str | None, section: str | None
    ) -> tuple[Extraction, str, ChatReply]:
        """As `extract`, and what to keep of the reply: `read_reply` reads it."""
        messages = [
            Message(role="system", content=self.system),
            Message(role="user", content=user_message(text, title=title, section=section)),
        ]
        graph, reply = await self._chat.parse_next(messages, Graph, kind="extract")
        for _ in range(self._gleaning):
            listed = Message(role="assistant", content=graph.model_dump_json())
            asked = Message(role="user", content=templates.prompt("gleaning"))
            try:
                more, again = await self._chat.parse_next([*messages, listed, asked], Graph, kind="glean")
            except UnusableReply:  # what there is, is there
                break
            if not more.entities and not more.relations:
                break
            graph = Graph(entities=graph.entities + more.entities, relations=graph.relations + more.relations)
            reply = replace(
                reply, tokens_in=reply.tokens_in + again.tokens_in, tokens_out=reply.tokens_out + again.tokens_out
            )
        return self._fitted(to_extraction(graph)), graph.model_dump_json(), reply

    def read(self, text: str) -> Extraction:
        """Reads a reply that was kept. Raises ValueError where it cannot be read."""
        return self._fitted(read_reply(text))

    def _fitted(self, extraction: Extraction) -> Extraction:
        """The extraction with the types that may be, as they are written in the list."""
        known = self._known
        if known is None:
            return extraction
        mentions = (replace(one, type=known.get(_type_key(one.type), OTHER)) for one in extraction.mentions)
        return replace(extraction, mentions=tuple(mentions))


def _type_key(type_: str) -> str:
    """What two spellings of a type share: `legal entity`, `Legal Entity` and `LegalEntity` are one."""
    return "".join(char for char in type_.casefold() if char.isalnum())


def _listed(types: Sequence[str]) -> str:
    """Types with their meanings, as one line."""
    pairs = [(name.strip(), meaning.strip()) for name, _, meaning in (one.partition(":") for one in types)]
    return ", ".join(f"{name} ({meaning})" if meaning else name for name, meaning in pairs)


_SAME_LANGUAGE = "Write descriptions and keywords in the language of the passage."


def user_message(text: str, *, title: str | None, section: str | None) -> str:
    """The part of the prompt that is data: where the passage stands, and the passage."""
    place = " / ".join(part for part in (title, section) if part)
    head = templates.data(place, "place") + "\n" if place else ""
    return head + templates.data(text, "passage")


def read_reply(text: str) -> Extraction:
    """Reads a reply that was kept. Raises ValueError where it cannot be read."""
    return to_extraction(structured.read(text, Graph))


def to_extraction(graph: Graph) -> Extraction:
    """Tidies a reply: empty names and relations of a thing with itself go, and every end of a relation is a mention."""
    mentions: dict[str, Mention] = {}
    for row in graph.entities:
        _add(mentions, _Named.of(row.name), _clean(row.type) or OTHER, _clean(row.description))
    statements: list[Statement] = []
    for row in graph.relations:
        description = _clean(row.description)
        source, target = _Named.of(row.source), _Named.of(row.target)
        if not source.key or not target.key or source.key == target.key:
            continue
        for end in (source, target):
            if end.key not in mentions:
                mentions[end.key] = Mention(end.name, OTHER, description)
        keywords = tuple(dict.fromkeys(word for raw in row.keywords if (word := _clean(raw))))
        ends = mentions[source.key].name, mentions[target.key].name
        statements.append(Statement(*ends, keywords, description, row.weight))
    return Extraction(tuple(mentions.values()), tuple(dict.fromkeys(statements)))


class _Named(NamedTuple):
    """A name, and what makes two spellings one name: compatibility forms, case and white space, and nothing more."""

    name: str
    key: str

    @classmethod
    def of(cls, raw: str) -> _Named:
        name = _clean(_clean(raw).strip(_QUOTES))[:NAME_LENGTH].rstrip()
        return cls(name, _clean(unicodedata.normalize("NFKC", name)).casefold())


def _add(mentions: dict[str, Mention], named: _Named, kind: str, description: str) -> None:
    """Adds a mention, or its description to the one of the same name."""
    if not named.key:
        return
    old = mentions.get(named.key)
    if old is None:
        mentions[named.key] = Mention(named.name, kind, description)
    elif description not in old.description:
        kind = kind if old.type == OTHER else old.type
        mentions[named.key] = Mention(old.name, kind, f"{old.description} {description}".strip())


def _clean(raw: str) -> str:
    return " ".join(sendable(raw).replace("\0", "").split())
