"""What is written for finished documents, as rows of parameters: pure functions, no outside call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeAlias

from neolight.graph import keys
from neolight.graph.descriptions import LONG, MOST, shown
from neolight.graph.documents import Claim
from neolight.graph.entities import MOST_SHOWN, StaleEntity
from neolight.graph.gateway import bolt_vector
from neolight.graph.names import Home
from neolight.graph.relations import StaleRelation
from neolight.models import Extraction, ModelCall, Spent, TextChunk, Vector

Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PreparedChunk:
    """A passage with its vector and with what was extracted from it; None for both where the graph has it already."""

    id: str
    chunk: TextChunk
    embedding: Vector | None
    extraction: Extraction | None
    call: ModelCall | None = None
    """The model's reply that says so."""
    problem: str | None = None
    """Why no model could extract it."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that is ready to be written."""

    claim: Claim
    title: str
    text: str
    chunks: tuple[PreparedChunk, ...]
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    spent: tuple[Spent, ...] = ()
    """What model calls took for it."""


@dataclass(slots=True)
class Rows:
    """The rows of one transaction, each kind by its identity."""

    workspace: str
    documents: list[Row] = field(default_factory=list[Row])
    chunks: dict[str, Row] = field(default_factory=dict[str, Row])
    entities: dict[str, Row] = field(default_factory=dict[str, Row])
    mentions: dict[tuple[str, str], Row] = field(default_factory=dict[tuple[str, str], Row])
    relations: dict[str, Row] = field(default_factory=dict[str, Row])
    states: dict[tuple[str, str, str], Row] = field(default_factory=dict[tuple[str, str, str], Row])
    calls: list[Row] = field(default_factory=list[Row])

    def new_entities(self) -> list[Row]:
        """The entities as they are if nothing else mentions them, by the rules of cypher/entities/refresh."""
        by_key: dict[str, list[Row]] = {}
        for row in self.mentions.values():
            by_key.setdefault(row["key"], []).append(row)
        return [self._entity(key, rows) for key, rows in by_key.items()]

    def _entity(self, key: str, rows: Sequence[Row]) -> Row:
        name, *aliases = _voted(row["name"] for row in rows)
        descriptions = [row["description"] for row in rows]
        return {
            **self.entities[key],
            "name": name,
            "aliases": aliases,
            "type": _voted(row["type"] for row in rows)[0],
            "description": shown(descriptions),
            "mention_count": len({row["chunk_id"] for row in rows}),
            "wordy": _wordy(descriptions),
        }

    def new_relations(self) -> list[Row]:
        """The relations as they are if nothing else states them, by the rules of cypher/relations/refresh."""
        by_id: dict[str, list[Row]] = {}
        for row in self.states.values():
            if row["relation_id"] is not None:
                by_id.setdefault(row["relation_id"], []).append(row)
        return [self._relation(id_, rows) for id_, rows in by_id.items()]

    def _relation(self, id_: str, rows: Sequence[Row]) -> Row:
        words = rows[0]["keywords"] if len(rows) == 1 else _voted(word for row in rows for word in row["keywords"])
        descriptions = [row["description"] for row in rows]
        return {
            **self.relations[id_],
            "keywords": ", ".join(words[:MOST_SHOWN]),
            "description": shown(descriptions),
            "weight": sum(row["weight"] for row in rows),
            "evidence_count": len(rows),
            "wordy": _wordy(descriptions),
        }


def described_entities(rows: Iterable[Row]) -> list[StaleEntity]:
    """New entities by what their vectors are made of."""
    return [StaleEntity(row["id"], row["name"], row["description"]) for row in rows]


def described_relations(rows: Iterable[Row], entities: Iterable[Row]) -> list[StaleRelation]:
    """New relations by what their vectors are made of; `entities` are those that they connect."""
    names = {row["key"]: row["name"] for row in entities}
    return [
        StaleRelation(
            row["relation_id"], names[row["source_key"]], names[row["target_key"]], row["keywords"], row["description"]
        )
        for row in rows
    ]


PARTLY = "{} of {} passages could not be extracted: {} Everything else is in the graph; retry the document for these."


def placed(rows: Rows, homes: Mapping[str, Home]) -> Rows:
    """The rows with every name that is another one of an entity at that entity, which keeps how it was said.

    A statement between two names of one entity is no relation, but stays a statement: the names may part again.
    """
    if not homes:
        return rows
    entities: dict[str, Row] = {}
    for key, row in rows.entities.items():
        home = homes.get(key)
        entities.setdefault(home.key if home else key, row | {"key": home.key, "id": home.id} if home else row)
    mentions = {
        at: row | {"key": homes[row["key"]].key, "alias": row["key"]} if row["key"] in homes else row
        for at, row in rows.mentions.items()
    }
    relations: dict[str, Row] = {}
    states: dict[tuple[str, str, str], Row] = {}
    for at, row in rows.states.items():
        said = {end: row[f"{end}_key"] for end in ("source", "target")}
        ends = {end: homes[key].key if key in homes else key for end, key in said.items()}
        loop = ends["source"] == ends["target"]
        id_ = None if loop else keys.relation_id(rows.workspace, *ends.values())
        states[at] = row | {"relation_id": id_, "source_key": ends["source"], "target_key": ends["target"]}
        states[at] |= {f"said_{end}": key if key in homes else None for end, key in said.items()}
        if id_ is not None:
            first = rows.relations[row["relation_id"]]
            direction = {f"{end}_key": homes[key].key if key in homes else key for end, key in _ends(first).items()}
            relations.setdefault(id_, {"relation_id": id_, **direction})
    return replace(rows, entities=entities, mentions=mentions, relations=relations, states=states)


def _ends(relation: Row) -> dict[str, str]:
    return {"source": relation["source_key"], "target": relation["target_key"]}


def rows_of(workspace: str, prepared: Sequence[Prepared]) -> Rows:
    """The rows that write documents."""
    rows = Rows(workspace)
    for document in prepared:
        failed = [chunk.problem for chunk in document.chunks if chunk.problem]
        rows.documents.append(
            {
                "failed_chunks": len(failed),
                "error": PARTLY.format(len(failed), len(document.chunks), failed[0]) if failed else None,
                "id": document.claim.id,
                "title": document.title,
                "text": document.text,
                "characters": len(document.text),
                "chunk_count": len(document.chunks),
                "metadata": metadata_properties(document.metadata),
            }
        )
        _add_chunks(rows, document)
    return rows


def metadata_properties(metadata: Mapping[str, str]) -> dict[str, str]:
    """A document's metadata as properties: `metadata_<name>`, so that none can overwrite a property of the system."""
    names = {key: "".join(char if char.isalnum() else "_" for char in key.lower())[:60] for key in metadata}
    return {f"metadata_{names[key]}": value[:1000] for key, value in metadata.items() if names[key].strip("_")}


def _add_chunks(rows: Rows, document: Prepared) -> None:
    previous: str | None = None
    for prepared in document.chunks:
        chunk, vector = prepared.chunk, prepared.embedding
        rows.chunks[prepared.id] = {
            "id": prepared.id,
            "document_id": document.claim.id,
            "previous": previous,
            "problem": prepared.problem,
            "embedding": None if vector is None else bolt_vector(vector),
            **{name: getattr(chunk, name) for name in CHUNK_PROPERTIES},
            "page_starts": list(chunk.page_starts) or None,
        }
        previous = prepared.id
        if prepared.call is not None:
            rows.calls.append({"chunk_id": prepared.id, "call": asdict(prepared.call)})
        if prepared.extraction is not None:
            _add_evidence(rows, prepared.id, prepared.extraction)


CHUNK_PROPERTIES = ("position", "text", "tokens", "page", "section", "start", "end")


def _add_evidence(rows: Rows, chunk_id: str, extraction: Extraction) -> None:
    for mention in extraction.mentions:
        row = _mention(rows, chunk_id, mention.name, keys.type_label(mention.type), mention.description)
        row["description"] = max(row["description"], mention.description, key=len)
    for statement in extraction.statements:
        source, target = keys.entity_key(statement.source), keys.entity_key(statement.target)
        if source == target:
            continue
        for name in (statement.source, statement.target):
            _mention(rows, chunk_id, name, "Other", statement.description)
        id_ = keys.relation_id(rows.workspace, source, target)
        rows.relations.setdefault(id_, {"relation_id": id_, "source_key": source, "target_key": target})
        state = rows.states.setdefault(
            (chunk_id, id_, source),
            {
                "chunk_id": chunk_id,
                "relation_id": id_,
                "source_key": source,
                "target_key": target,
                "keywords": [],
                "description": "",
                "weight": 0.0,
            },
        )
        state["keywords"] = list(dict.fromkeys([*state["keywords"], *statement.keywords]))
        if statement.description not in state["description"].splitlines():
            state["description"] = f"{state['description']}\n{statement.description}".strip()
        state["weight"] += statement.weight


def _mention(rows: Rows, chunk_id: str, name: str, type_: str, description: str) -> Row:
    """The row of a chunk's mention of an entity: the one there is, or this one."""
    key = keys.entity_key(name)
    if key not in rows.entities:
        rows.entities[key] = {"id": keys.entity_id(rows.workspace, key), "key": key, "name": name}
    row = {"chunk_id": chunk_id, "key": key, "name": name, "type": type_, "description": description}
    return rows.mentions.setdefault((chunk_id, key), row)


def _voted(values: Iterable[str]) -> list[str]:
    """The values, most frequent first, at most as many as are shown; the order that cypher/entities/refresh gives."""
    votes = Counter(values)
    return sorted(votes, key=lambda value: (-votes[value], value))[:MOST_SHOWN]


def _wordy(descriptions: Sequence[str]) -> bool | None:
    """Whether there is so much that a summary may be worth it; None, which no property has, if not."""
    distinct = set(descriptions)
    more = len(distinct) > MOST or sum(map(len, distinct)) > LONG
    return True if more and len(descriptions) > 1 else None
