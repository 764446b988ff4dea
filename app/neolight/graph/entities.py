"""Entities: computed from what chunks mention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from neolight.graph.chunks import Chunk
from neolight.graph.descriptions import LIMITS
from neolight.graph.gateway import Graph, Transaction, bolt_vector
from neolight.graph.keys import entity_key
from neolight.graph.lucene import search_string
from neolight.graph.query import query
from neolight.models import Document, Vectors

MOST_SHOWN = 8
"""Spellings that an entity shows, and keywords that a relation does; every mention keeps its own on its edge."""

MOST_FOUND = 1000
"""Entities that a search by name looks through."""

MOST_LABELS = 200
"""Types that are listed: a workspace has no more of its own."""

REFRESHED = 1000
"""Rows a statement."""

MENTION = query("entities/mention")


@dataclass(frozen=True, slots=True)
class StaleEntity:
    """An entity that needs a new vector."""

    id: str
    name: str
    description: str

    @property
    def text(self) -> str:
        """What its vector is made of."""
        return f"{self.name}\n{self.description}"


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity as the graph holds it."""

    id: str
    name: str
    type: str
    description: str
    aliases: tuple[str, ...]
    mention_count: int


@dataclass(frozen=True, slots=True)
class EntityOf:
    """An entity, and the id of the chunk or document that mentions it."""

    owner: str
    entity: Entity


@dataclass(frozen=True, slots=True)
class ScoredEntity:
    """An entity and how well its names fit a search."""

    score: float
    entity: Entity


@dataclass(frozen=True, slots=True)
class KeyedEntity:
    """An entity and its key, which is where it stands in the order of names."""

    key: str
    entity: Entity


@dataclass(frozen=True, slots=True)
class SimilarEntity:
    """An entity, how near it is in meaning (a cosine), and the id of the one that it is near to."""

    owner: str
    score: float
    entity: Entity


@dataclass(frozen=True, slots=True)
class MentionOf:
    """What a chunk says of an entity, under which name and as which type; `owner` is the entity's id."""

    owner: str
    name: str
    type: str
    description: str
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class DocumentOf:
    """A document, and the id of an entity that it mentions."""

    owner: str
    document: Document


@dataclass(frozen=True, slots=True)
class Label:
    """A type of entities, and how many there are."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Totals:
    """How much a workspace holds."""

    chunks: int
    entities: int
    relations: int


@dataclass(frozen=True, slots=True)
class Known:
    """An entity or relation that was there already."""

    id: str


WRITE = query("entities/write", Known)
STALE = query("entities/stale", StaleEntity)
REFRESH = query("entities/refresh", StaleEntity)
EMBED = query("entities/embed")
GET_MANY = query("entities/get_many", Entity)
LIST = query("entities/list", Entity)
BY_NAME = query("entities/by_name", KeyedEntity)
SIMILAR = query("entities/similar", SimilarEntity)
SEARCH = query("entities/search", ScoredEntity)
OF_CHUNKS = query("entities/of_chunks", EntityOf)
OF_DOCUMENTS = query("entities/of_documents", EntityOf)
MENTIONS = query("entities/mentions", MentionOf)
DOCUMENTS = query("entities/documents", DocumentOf)
LABELS = query("entities/labels", Label)
TOTALS = query("entities/totals", Totals)


async def refresh(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> list[StaleEntity]:
    """Computes entities anew from their mentions; those without any go. Returns those that need a vector.

    A row is an id, in order, and what is expected to come out (words, description) with the vector of that.
    """
    found: list[StaleEntity] = []
    for at in range(0, len(rows), REFRESHED):
        found += await tx.run(REFRESH, rows=list(rows[at : at + REFRESHED]), most=MOST_SHOWN, **LIMITS)
    return found


async def stale(graph: Graph, limit: int) -> list[StaleEntity]:
    """Entities that need a new vector, at most `limit`."""
    return await graph.fetch(STALE, limit=limit)


async def embed(graph: Graph, rows: Sequence[StaleEntity], vectors: Vectors) -> None:
    """Stores vectors, shape (len(rows), dimensions), of entities that have not changed since they were read."""
    pairs = sorted(zip(rows, vectors, strict=True), key=lambda pair: pair[0].id)
    params = [{"id": e.id, "name": e.name, "description": e.description, "embedding": bolt_vector(v)} for e, v in pairs]
    await graph.fetch(EMBED, rows=params)


async def get_many(graph: Graph, workspace: str, ids: Sequence[str]) -> dict[str, Entity]:
    """Entities by id; unknown ids are left out."""
    return {row.id: row for row in await graph.fetch(GET_MANY, workspace=workspace, ids=list(ids), keys=[])}


async def get_many_in(tx: Transaction, workspace: str, keys: Sequence[str]) -> list[Entity]:
    """Entities by the keys of their names, other names among them, as a transaction sees them."""
    return await tx.run(GET_MANY, workspace=workspace, ids=[], keys=list(keys))


async def named(graph: Graph, workspace: str, name: str) -> Entity | None:
    """The entity of this name or other name, however it is capitalized and spaced."""
    return await graph.fetch_one(GET_MANY, workspace=workspace, ids=[], keys=[entity_key(name)])


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entities are wanted: of these types, and with at least so many mentions."""

    types: tuple[str, ...] | None = None
    least: int = 0

    def params(self, type_: str | None) -> dict[str, Any]:
        """As parameters of a query; of a single type besides."""
        types = list(self.types) if self.types is not None else None
        if type_ is not None:
            types = [type_] if types is None or type_ in types else []
        return {"types": types, "least": self.least}


ALL = Wanted()


async def listed(
    graph: Graph,
    workspace: str,
    *,
    limit: int,
    type_: str | None = None,
    after: tuple[int, str] | None = None,
    wanted: Wanted = ALL,
) -> list[Entity]:
    """Entities, most mentioned first, at most `limit`, after the (mention_count, id) of the last one seen."""
    count, id_ = after or (1 << 62, "")
    params = {"workspace": workspace, "limit": limit, **wanted.params(type_)}
    return await graph.fetch(LIST, **params, after_count=count, after_id=id_)


async def by_name(
    graph: Graph, workspace: str, *, limit: int, after: str = "", wanted: Wanted = ALL
) -> list[KeyedEntity]:
    """Entities in the order of their keys, at most `limit`, after the key of the last one seen."""
    params = {"workspace": workspace, "limit": limit, **wanted.params(None)}
    return await graph.fetch(BY_NAME, **params, after_key=after)


async def similar(graph: Graph, workspace: str, ids: Sequence[str], *, limit: int) -> dict[str, list[Entity]]:
    """The entities nearest in meaning to each entity, at most `limit` of one."""
    found: dict[str, list[Entity]] = {}
    for row in await graph.fetch(SIMILAR, workspace=workspace, ids=list(ids), limit=limit):
        found.setdefault(row.owner, []).append(row.entity)
    return found


async def search(  # noqa: PLR0913 - what, where, how much of it, and from which place on
    graph: Graph,
    workspace: str,
    text: str,
    *,
    limit: int,
    type_: str | None = None,
    after: tuple[float, str] | None = None,
    wanted: Wanted = ALL,
) -> list[ScoredEntity]:
    """Entities whose names fit the text as a phrase or by its words, best first, after the (score, id) of the last one.

    A search sees the best MOST_FOUND entities.
    """
    score, id_ = after or (None, "")
    words = search_string(workspace, [text, *text.split()])
    params = {"workspace": workspace, "words": words, "depth": MOST_FOUND, "limit": limit, **wanted.params(type_)}
    return await graph.fetch(SEARCH, **params, after_score=score, after_id=id_)


async def of_chunks(graph: Graph, workspace: str, ids: Sequence[str], *, limit: int) -> dict[str, list[Entity]]:
    """The entities that each chunk mentions, at most `limit` of one."""
    return _by_owner(await graph.fetch(OF_CHUNKS, workspace=workspace, ids=list(ids), limit=limit))


async def of_documents(graph: Graph, workspace: str, ids: Sequence[str], *, limit: int) -> dict[str, list[Entity]]:
    """The entities that each document mentions, at most `limit` of one."""
    return _by_owner(await graph.fetch(OF_DOCUMENTS, workspace=workspace, ids=list(ids), limit=limit))


def _by_owner(rows: Sequence[EntityOf]) -> dict[str, list[Entity]]:
    found: dict[str, list[Entity]] = {}
    for row in rows:
        found.setdefault(row.owner, []).append(row.entity)
    return found


async def mentions(graph: Graph, workspace: str, ids: Sequence[str], *, limit: int) -> dict[str, list[MentionOf]]:
    """What chunks say of each entity, at most `limit` of one."""
    found: dict[str, list[MentionOf]] = {}
    for row in await graph.fetch(MENTIONS, workspace=workspace, ids=list(ids), limit=limit):
        found.setdefault(row.owner, []).append(row)
    return found


async def documents(graph: Graph, workspace: str, ids: Sequence[str], *, limit: int) -> dict[str, list[Document]]:
    """The documents that mention each entity, at most `limit` of one."""
    found: dict[str, list[Document]] = {}
    for row in await graph.fetch(DOCUMENTS, workspace=workspace, ids=list(ids), limit=limit):
        found.setdefault(row.owner, []).append(row.document)
    return found


async def labels(graph: Graph, workspace: str) -> list[Label]:
    """The types of entities, the largest first."""
    return await graph.fetch(LABELS, workspace=workspace, limit=MOST_LABELS)


async def totals(graph: Graph, workspace: str) -> Totals:
    """How much a workspace holds."""
    return await graph.fetch_one(TOTALS, workspace=workspace) or Totals(0, 0, 0)
