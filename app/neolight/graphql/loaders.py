"""Data loaders: whatever a list asks of its items, one Cypher file answers for all of them at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

from strawberry.dataloader import DataLoader

from neolight.deps import Deps
from neolight.graph import calls, chunks, documents, entities, queries, relations
from neolight.graph.calls import DocumentUsage, QueryUsage
from neolight.graph.chunks import Chunk
from neolight.graph.entities import Entity, MentionOf
from neolight.graph.queries import PastCitation, PastQuestion
from neolight.graph.relations import Relation, StatementOf
from neolight.models import Document

V = TypeVar("V")
Batch = Callable[[Sequence[str]], Awaitable[Mapping[str, V]]]


class Loaders:
    """The loaders of one request; those with the same arguments share a batch."""

    def __init__(self, deps: Deps, workspace: str, *, remember: bool) -> None:
        self._deps = deps
        self._scope = (deps.graph, workspace)
        self._remember = remember
        self._loaders: dict[Hashable, DataLoader[str, Any]] = {}

    async def _load(self, name: Hashable, id_: str, batch: Batch[V]) -> V | None:
        """What a batch finds for an id, or None; calls of one name and moment are one batch."""
        if name not in self._loaders:

            async def load(ids: list[str]) -> list[V | None]:
                found = await batch(list(dict.fromkeys(ids)))
                return [found.get(id_) for id_ in ids]

            self._loaders[name] = DataLoader(load, cache=self._remember)
        return await self._loaders[name].load(id_)

    async def document(self, id_: str) -> Document | None:
        """The document of an id."""
        return await self._load("document", id_, lambda ids: documents.get_many(*self._scope, ids))

    async def chunk(self, id_: str) -> Chunk | None:
        """The chunk of an id."""
        return await self._load("chunk", id_, lambda ids: chunks.get_many(*self._scope, ids))

    async def entity(self, id_: str) -> Entity | None:
        """The entity of an id."""
        return await self._load("entity", id_, lambda ids: entities.get_many(*self._scope, ids))

    async def relation(self, id_: str) -> Relation | None:
        """The relation of an id."""
        return await self._load("relation", id_, lambda ids: relations.get_many(*self._scope, ids))

    async def question(self, id_: str) -> PastQuestion | None:
        """The past question of an id."""
        return await self._load("question", id_, lambda ids: queries.get_many(*self._scope, ids))

    async def chunks_of_document(self, id_: str, limit: int, after: int) -> list[Chunk]:
        """Chunks of a document, after a position."""

        def batch(ids: Sequence[str]) -> Awaitable[Mapping[str, list[Chunk]]]:
            return chunks.of_documents(*self._scope, ids, limit=limit, after=after)

        return await self._load(("chunks_of_document", limit, after), id_, batch) or []

    async def entities_of_document(self, id_: str, limit: int) -> list[Entity]:
        """The entities that a document mentions."""

        def batch(ids: Sequence[str]) -> Awaitable[Mapping[str, list[Entity]]]:
            return entities.of_documents(*self._scope, ids, limit=limit)

        return await self._load(("entities_of_document", limit), id_, batch) or []

    async def entities_of_chunk(self, id_: str, limit: int) -> list[Entity]:
        """The entities that a chunk mentions."""

        def batch(ids: Sequence[str]) -> Awaitable[Mapping[str, list[Entity]]]:
            return entities.of_chunks(*self._scope, ids, limit=limit)

        return await self._load(("entities_of_chunk", limit), id_, batch) or []

    async def mentions_of_entity(self, id_: str, limit: int) -> list[MentionOf]:
        """What chunks say of an entity."""

        def batch(ids: Sequence[str]) -> Awaitable[Mapping[str, list[MentionOf]]]:
            return entities.mentions(*self._scope, ids, limit=limit)

        return await self._load(("mentions_of_entity", limit), id_, batch) or []

    async def similar_to_entity(self, id_: str, limit: int) -> list[Entity]:
        """The entities nearest in meaning to an entity."""

        def batch(ids: Sequence[str]) -> Awaitable[Mapping[str, list[Entity]]]:
            return entities.similar(*self._scope, ids, limit=limit)

        return await self._load(("similar_to_entity", limit), id_, batch) or []

    async def documents_of_entity(self, id_: str, limit: int) -> list[Document]:
        """The documents that mention an entity."""

        def batch(ids: Sequence[str]) -> Awaitable[Mapping[str, list[Document]]]:
            return entities.documents(*self._scope, ids, limit=limit)

        return await self._load(("documents_of_entity", limit), id_, batch) or []

    async def relations_of_entity(self, id_: str, limit: int, query: str | None) -> list[Relation]:
        """The weightiest relations of an entity, or those nearest to a text, which is embedded once for all."""

        async def batch(ids: Sequence[str]) -> Mapping[str, list[Relation]]:
            vector = (await self._deps.embeddings.embed([query]))[0] if query else None
            return await relations.of_entities(*self._scope, ids, limit=limit, vector=vector)

        return await self._load(("relations_of_entity", limit, query), id_, batch) or []

    async def statements_of_relation(self, id_: str, limit: int) -> list[StatementOf]:
        """What chunks state of a relation."""

        def batch(ids: Sequence[str]) -> Awaitable[Mapping[str, list[StatementOf]]]:
            return relations.statements(*self._scope, ids, limit=limit)

        return await self._load(("statements_of_relation", limit), id_, batch) or []

    async def citations_of_question(self, id_: str) -> list[PastCitation]:
        """What the answer to a past question cited."""

        async def batch(ids: Sequence[str]) -> Mapping[str, list[PastCitation]]:
            found: dict[str, list[PastCitation]] = {}
            for row in await queries.citations(*self._scope, ids):
                found.setdefault(row.query_id, []).append(row)
            return found

        return await self._load("citations_of_question", id_, batch) or []

    async def usage_of_document(self, id_: str) -> DocumentUsage | None:
        """What model calls have taken for a document, and its passages that could not be extracted."""
        return await self._load("usage_of_document", id_, lambda ids: calls.of_documents(*self._scope, ids))

    async def usage_of_question(self, id_: str) -> QueryUsage | None:
        """What model calls took for a past question."""
        return await self._load("usage_of_question", id_, lambda ids: calls.of_queries(*self._scope, ids))
