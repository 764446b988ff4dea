"""Retrieval: one Cypher file, and one round trip, for each way of searching."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from neolight.graph.gateway import Graph, bolt_vector
from neolight.graph.keys import entity_key
from neolight.graph.lucene import search_string
from neolight.graph.query import query
from neolight.models import Filter, FoundEntity, FoundRelation, Passage, Vector


@dataclass(frozen=True, slots=True)
class Probe:
    """What is searched for: the question's vector, its words, the names in it, and how many results are wanted."""

    workspace: str
    vector: Vector
    words: Sequence[str]
    names: Sequence[str]
    top_k: int
    chunk_top_k: int
    filter: Filter | None = None


MOST_REASONS = 3
"""Entities that a passage names as the reason why it was found."""


@dataclass(frozen=True, slots=True)
class PassageHit:
    """A passage with its rank in each index (None: not found there) and the ids of entities that led to it."""

    id: str
    document_id: str
    source: str
    title: str
    text: str
    page: int | None
    page_starts: tuple[int, ...]
    section: str | None
    start: int
    end: int
    tokens: int
    score: float
    dense: int | None
    lexical: int | None
    via: tuple[str, ...]

    def passage(self, names: Mapping[str, str] = MappingProxyType({})) -> Passage:
        """The passage, with the reasons in words; `names`: what entities may have led to it, by id, best first."""
        why = [f"chunk_embedding: rank {self.dense}"] if self.dense else []
        why += [f"chunk_text: rank {self.lexical}"] if self.lexical else []
        why += [f"graph: mentions {name}" for key, name in names.items() if key in self.via][:MOST_REASONS]
        return Passage(
            self.id, self.document_id, self.source, self.title, self.text, self.page, self.section,
            self.start, self.end, self.tokens, self.score, tuple(why), self.page_starts,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class EvidenceHit:
    """A chunk that speaks of an entity or states a relation, and its document's source."""

    chunk_id: str
    source: str


@dataclass(frozen=True, slots=True)
class EntityHit:
    """An entity that the walk came to; the score is what it held in all, `created_at` milliseconds since 1970."""

    id: str
    name: str
    type: str
    description: str
    score: float
    created_at: int
    named: bool
    near: bool
    evidence: tuple[EvidenceHit, ...]


@dataclass(frozen=True, slots=True)
class RelationHit:
    """A relation found by its vector; the score is a cosine, `created_at` milliseconds since 1970."""

    id: str
    source: str
    target: str
    keywords: str
    description: str
    weight: float
    score: float
    created_at: int
    evidence: tuple[EvidenceHit, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """How long a part of a search took."""

    name: str
    microseconds: int


@dataclass(frozen=True, slots=True)
class NaiveRow:
    """The one row of a naive search."""

    passages: tuple[PassageHit, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class MixRow:
    """The one row of a mixed search."""

    passages: tuple[PassageHit, ...]
    entities: tuple[EntityHit, ...]
    relations: tuple[RelationHit, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search brought back, best first, and the milliseconds of its parts."""

    passages: tuple[Passage, ...] = ()
    entities: tuple[FoundEntity, ...] = ()
    relations: tuple[FoundRelation, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict[str, float], compare=False)


NAIVE = query("retrieval/naive", NaiveRow)
MIX = query("retrieval/mix", MixRow)
LEVELS = query("retrieval/levels", MixRow)


async def naive(graph: Graph, probe: Probe, rank: Mapping[str, float]) -> Found:
    """Passages by meaning and by word. Raises GraphUnavailable."""
    row = await graph.fetch_one(
        NAIVE,
        workspace=probe.workspace,
        vector=bolt_vector(probe.vector),
        words=search_string(probe.workspace, probe.words),
        chunk_top_k=probe.chunk_top_k,
        filter=_filter(probe.filter),
        rank=dict(rank),
    )
    return Found(tuple(hit.passage() for hit in row.passages), timings=_timings(row.parts)) if row else Found()


async def mix(graph: Graph, probe: Probe, rank: Mapping[str, float]) -> Found:
    """Passages, entities and relations, by meaning, by word and by the graph. Raises GraphUnavailable."""
    row = await graph.fetch_one(
        MIX,
        workspace=probe.workspace,
        vector=bolt_vector(probe.vector),
        words=search_string(probe.workspace, probe.words),
        names=_names(probe),
        facts=max(probe.top_k, int(rank["facts"])),
        top_k=probe.top_k,
        chunk_top_k=probe.chunk_top_k,
        filter=_filter(probe.filter),
        rank=dict(rank),
    )
    return _found(row, int(rank["facts"]))


async def local(graph: Graph, probe: Probe, rank: Mapping[str, float]) -> Found:
    """Entities first, with their relations that are nearest to the question. Raises GraphUnavailable."""
    return await _levels(graph, probe, rank, entities=True, relations=False)


async def global_(graph: Graph, probe: Probe, rank: Mapping[str, float]) -> Found:
    """Relations first, with the entities at their ends. Raises GraphUnavailable."""
    return await _levels(graph, probe, rank, entities=False, relations=True)


async def hybrid(graph: Graph, probe: Probe, rank: Mapping[str, float]) -> Found:
    """Entities and relations, in one search. Raises GraphUnavailable."""
    return await _levels(graph, probe, rank, entities=True, relations=True)


async def _levels(graph: Graph, probe: Probe, rank: Mapping[str, float], *, entities: bool, relations: bool) -> Found:
    row = await graph.fetch_one(
        LEVELS,
        workspace=probe.workspace,
        vector=bolt_vector(probe.vector),
        names=_names(probe) if entities else [],
        entities_first=entities,
        relations_first=relations,
        facts=max(probe.top_k, int(rank["facts"])),
        top_k=probe.top_k,
        chunk_top_k=probe.chunk_top_k,
        filter=_filter(probe.filter),
        rank=dict(rank),
    )
    return _found(row, int(rank["facts"]) if relations else 0)


def _filter(wanted: Filter | None) -> dict[str, Any] | None:
    """A filter as the queries take it; None where it limits nothing."""
    if wanted is None or wanted == Filter():
        return None
    return {
        "documents": None if wanted.document_ids is None else list(wanted.document_ids),
        "types": None if wanted.types is None else [name for name in wanted.types if _may_be_label(name)],
        "metadata": dict(wanted.metadata),
        "created_after": wanted.created_after,
    }


def _may_be_label(name: str) -> bool:
    """Whether an entity can have this type, which is a label: Neo4j refuses to look for what can be none."""
    return bool(name) and "\0" not in name


def _found(row: MixRow | None, facts: int) -> Found:
    """What a row says; the ends of its first `facts` relations were seeds."""
    if row is None:
        return Found()
    ends = {name for hit in row.relations[:facts] for name in (hit.source, hit.target)}
    entities = tuple(
        FoundEntity(
            hit.id, hit.name, hit.type, hit.description, hit.score, *_evidence(hit.evidence), _time(hit.created_at),
            _why(hit, ends),
        )
        for hit in row.entities
    )  # fmt: skip
    relations = tuple(
        FoundRelation(
            hit.id, hit.source, hit.target, hit.keywords, hit.description, hit.weight, hit.score,
            *_evidence(hit.evidence), _time(hit.created_at), (f"relation_embedding: rank {place}",),
        )
        for place, hit in enumerate(row.relations, 1)
    )  # fmt: skip
    names = {hit.id: hit.name for hit in row.entities}
    return Found(tuple(hit.passage(names) for hit in row.passages), entities, relations, _timings(row.parts))


def _timings(parts: Sequence[Part]) -> dict[str, float]:
    return {part.name: part.microseconds / 1000 for part in parts}


MOST_NAMES = 16
"""Names of a question that are looked up: each is a search of its own where no entity has exactly this name."""


def _names(probe: Probe) -> list[dict[str, str]]:
    """Each name as the key of an entity, and as a search for those that are named alike."""
    keys = {entity_key(name): name for name in probe.names}
    return [
        {"key": key, "search": search_string(probe.workspace, [name])} for key, name in list(keys.items())[:MOST_NAMES]
    ]


def _why(hit: EntityHit, ends: Container[str]) -> tuple[str, ...]:
    """How the walk came to an entity."""
    why = ("entity_name: the question names it",) if hit.named else ()
    if hit.near:
        why = (*why, "entity_embedding: its meaning is near the question's")
    if hit.name in ends:
        return (*why, "relation_embedding: an end of a relation that was found")
    return why or ("graph: near what was found",)


def _evidence(hits: Sequence[EvidenceHit]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sources of evidence, each once, and the chunks."""
    return tuple(dict.fromkeys(hit.source for hit in hits)), tuple(hit.chunk_id for hit in hits)


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
