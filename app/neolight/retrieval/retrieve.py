"""From a question to what speaks to it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable
from dataclasses import asdict, dataclass
from typing import TypeVar

from neolight.deps import Deps
from neolight.errors import InvalidInput
from neolight.graph.search import Found, Probe
from neolight.llm import keywords as model_keywords
from neolight.models import Filter, Keywords, Retrieval, Vector
from neolight.nlp.keywords import keywords as plain_keywords
from neolight.nlp.keywords import search_terms
from neolight.retrieval.modes import DEFAULT, mode_for
from neolight.retrieval.rank import RANKING, Ranking

log = logging.getLogger(__name__)

Result = TypeVar("Result")

LONGEST_QUESTION = 65_536
"""Characters."""

EMBEDDED_CHARACTERS = 4_000
"""Of a longer question only this beginning is searched for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question and how it is to be searched for; keywords that are given are not asked for."""

    question: str
    mode: str = DEFAULT
    top_k: int = 40
    chunk_top_k: int = 20
    keywords: Keywords | None = None
    filter: Filter | None = None
    ranking: Ranking = RANKING


class Stopwatch:
    """Milliseconds by name."""

    def __init__(self) -> None:
        self.timings: dict[str, float] = {}
        self._start = time.perf_counter()

    async def of(self, name: str, work: Awaitable[Result]) -> Result:
        """Awaits work and notes how long it took."""
        start = time.perf_counter()
        result = await work
        self.timings[name] = round(1000 * (time.perf_counter() - start), 3)
        return result

    def total(self) -> float:
        """Milliseconds since the watch was made."""
        return round(1000 * (time.perf_counter() - self._start), 3)


async def retrieve(deps: Deps, workspace: str, wanted: Wanted) -> Retrieval:
    """Searches in the wanted mode: one embedding, keywords where the mode needs them, one round trip to Neo4j.

    Raises:
        InvalidInput: the question is empty or too long, or the mode is unknown.
        ModelError, ModelUnavailable, GraphUnavailable: as they say.
    """
    question = checked(wanted.question)[:EMBEDDED_CHARACTERS]
    mode = mode_for(wanted.mode, question)
    watch = Stopwatch()
    if mode.search is None:
        return Retrieval(mode.name, wanted.keywords or Keywords(), timings={"total": watch.total()})
    vector, keywords = await asyncio.gather(
        watch.of("embedding", _vector(deps, question)),
        watch.of("keywords", _keywords(deps, question, wanted, mode.keywords)),
    )
    names = _names(question, keywords) if mode.keywords else ()
    words = search_terms(question)
    probe = Probe(workspace, vector, words, names, wanted.top_k, wanted.chunk_top_k, wanted.filter)
    found = await watch.of("graph", mode.search(deps.graph, probe, asdict(wanted.ranking)))
    inside = {f"graph.{name}": milliseconds for name, milliseconds in found.timings.items()}
    timings = {**watch.timings, **inside, "total": watch.total()}
    _log(mode.name, found, timings)
    return Retrieval(mode.name, keywords, found.passages, found.entities, found.relations, timings)


def _log(mode: str, found: Found, timings: dict[str, float]) -> None:
    """The profile of a question, at debug: how long each part took and why each passage is in; never the question."""
    if not log.isEnabledFor(logging.DEBUG):
        return
    counts = f"{len(found.passages)} passages, {len(found.entities)} entities, {len(found.relations)} relations"
    log.debug("Searched in %s: %s; milliseconds: %s", mode, counts, timings)
    for place, passage in enumerate(found.passages, 1):
        log.debug("%d. %s %.4f: %s", place, passage.id, passage.score, "; ".join(passage.why))


def checked(question: str) -> str:
    """The question without white space around it. Raises InvalidInput where it is empty or too long."""
    bare = question.strip()
    if not any(char.isalnum() for char in bare):
        raise InvalidInput("The question is empty.", hint="Ask with at least one word.")
    if len(bare) > LONGEST_QUESTION:
        raise InvalidInput(
            f"The question has {len(bare)} characters; at most {LONGEST_QUESTION} are allowed.",
            hint="Ask in fewer words, and insert long texts as documents.",
        )
    return bare


def _names(question: str, keywords: Keywords) -> tuple[str, ...]:
    """What may name an entity: the names in the question, and those keywords that are written like one.

    A keyword such as "team" would meet the one entity of that name, which is hardly what the question speaks of.
    """
    written = (word for word in keywords.low if not word.isascii() or any(c.isupper() or c.isdigit() for c in word))
    return tuple(dict.fromkeys((*plain_keywords(question).low, *written))) or keywords.low


async def _vector(deps: Deps, question: str) -> Vector:
    cached = deps.vectors.get(question)
    if cached is None:
        cached = deps.vectors[question] = (await deps.embeddings.embed([question]))[0]
    return cached


async def _keywords(deps: Deps, question: str, wanted: Wanted, needed: bool) -> Keywords:
    if wanted.keywords is not None:
        return wanted.keywords
    if not needed:
        return Keywords()
    reader = deps.reader or deps.chat
    if reader is None:
        return plain_keywords(question)
    cached = deps.keywords.get(question)
    if cached is None:
        cached = deps.keywords[question] = await model_keywords.keywords(reader, question)
    return cached
