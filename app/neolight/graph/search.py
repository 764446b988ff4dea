"""Retrieval: one Cypher file, and one round trip, for each way of searching."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from neolight.graph.gateway import Graph, bolt_vector
from neolight.graph.lucene import search_string
from neolight.graph.query import query
from neolight.models import FoundEntity, FoundRelation, Passage, Vector


@dataclass(frozen=True, slots=True)
class Probe:
    """What is searched for: the question's vector, its words, the names in it, and how many results are wanted."""

    workspace: str
    vector: Vector
    words: Sequence[str]
    names: Sequence[str]
    top_k: int
    chunk_top_k: int


@dataclass(frozen=True, slots=True)
class PassageHit:
    """A passage with its rank in each index (None: the index did not find it) and the entities that led to it."""

    id: str
    document_id: str
    source: str
    title: str
    text: str
    page: int | None
    section: str | None
    start: int
    end: int
    tokens: int
    score: float
    dense: int | None
    lexical: int | None
    via: tuple[str, ...] | None

    def passage(self) -> Passage:
        """The passage, with the reasons in words."""
        why = [f"chunk_embedding: rank {self.dense}"] if self.dense else []
        why += [f"chunk_text: rank {self.lexical}"] if self.lexical else []
        why += [f"graph: mentions {name}" for name in self.via or ()]
        return Passage(
            self.id, self.document_id, self.source, self.title, self.text, self.page, self.section,
            self.start, self.end, self.tokens, self.score, tuple(why),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class EvidenceHit:
    """A chunk that speaks of an entity or states a relation, and its document's source."""

    chunk_id: str
    source: str


@dataclass(frozen=True, slots=True)
class EntityHit:
    """An entity found by its vector; the score is a cosine, `created_at` milliseconds since 1970."""

    id: str
    name: str
    type: str
    description: str
    score: float
    created_at: int
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
class NaiveRow:
    """The one row of a naive search."""

    passages: tuple[PassageHit, ...]


@dataclass(frozen=True, slots=True)
class MixRow:
    """The one row of a mixed search."""

    passages: tuple[PassageHit, ...]
    entities: tuple[EntityHit, ...]
    relations: tuple[RelationHit, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search brought back, best first."""

    passages: tuple[Passage, ...] = ()
    entities: tuple[FoundEntity, ...] = ()
    relations: tuple[FoundRelation, ...] = ()


NAIVE = query("retrieval/naive", NaiveRow)
MIX = query("retrieval/mix", MixRow)


async def naive(graph: Graph, probe: Probe, rank: Mapping[str, float]) -> Found:
    """Passages by meaning and by word. Raises GraphUnavailable."""
    row = await graph.fetch_one(
        NAIVE,
        workspace=probe.workspace,
        vector=bolt_vector(probe.vector),
        words=search_string(probe.workspace, probe.words),
        chunk_top_k=probe.chunk_top_k,
        rank=dict(rank),
    )
    return Found(tuple(hit.passage() for hit in row.passages)) if row else Found()


async def mix(graph: Graph, probe: Probe, rank: Mapping[str, float]) -> Found:
    """Passages, entities and relations, by meaning, by word and by the graph. Raises GraphUnavailable."""
    row = await graph.fetch_one(
        MIX,
        workspace=probe.workspace,
        vector=bolt_vector(probe.vector),
        words=search_string(probe.workspace, probe.words),
        names=search_string(probe.workspace, probe.names),
        top_k=probe.top_k,
        chunk_top_k=probe.chunk_top_k,
        rank=dict(rank),
    )
    if row is None:
        return Found()
    entities = tuple(
        FoundEntity(
            hit.id, hit.name, hit.type, hit.description, hit.score, *_evidence(hit.evidence), _time(hit.created_at),
            ("entity_embedding",),
        )
        for hit in row.entities
    )  # fmt: skip
    relations = tuple(
        FoundRelation(
            hit.id, hit.source, hit.target, hit.keywords, hit.description, hit.weight, hit.score,
            *_evidence(hit.evidence), _time(hit.created_at), ("relation_embedding",),
        )
        for hit in row.relations
    )  # fmt: skip
    return Found(tuple(hit.passage() for hit in row.passages), entities, relations)


def _evidence(hits: Sequence[EvidenceHit]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sources of evidence, each once, and the chunks."""
    return tuple(dict.fromkeys(hit.source for hit in hits)), tuple(hit.chunk_id for hit in hits)


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
