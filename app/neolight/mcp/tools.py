"""The tools: what an agent may do with the documents of a workspace."""

from __future__ import annotations

import secrets

from neolight.deps import Deps
from neolight.errors import NotFound
from neolight.graph import document_lists, documents, entities, relations
from neolight.graph.entities import Entity
from neolight.intake import take_in
from neolight.mcp.results import (
    AnswerResult,
    DocumentResult,
    EntityResult,
    InsertResult,
    MentionResult,
    Neighbour,
    NeighboursResult,
    SearchResult,
)
from neolight.retrieval.answer import Asked, ask
from neolight.retrieval.rerank import search as searched
from neolight.retrieval.retrieve import Wanted
from neolight.sources import source_name, text_original

MOST_MENTIONS = 5
MOST_DOCUMENTS = 20


async def search(deps: Deps, workspace: str, wanted: Wanted) -> SearchResult:
    """What speaks to a question."""
    return SearchResult.of(await searched(deps, workspace, wanted))


async def answer(deps: Deps, workspace: str, wanted: Wanted) -> AnswerResult:
    """A cited answer."""
    return AnswerResult.of(await ask(deps, workspace, Asked(wanted)))


async def get_document(deps: Deps, workspace: str, document: str, offset: int, most: int) -> DocumentResult:
    """A document by its id or its source, with a part of its text. Raises NotFound."""
    found = await documents.get_many(deps.graph, workspace, [document])
    if not found:
        known = await document_lists.by_source(deps.graph, workspace, [source_name(document)])
        found = await documents.get_many(deps.graph, workspace, [row.id for row in known.values()])
    if not found:
        raise NotFound(f"There is no document {document[:80]!r}.", hint="`search` gives the ids of documents.")
    row = next(iter(found.values()))
    texts = await documents.texts(deps.graph, workspace, [row.id])
    return DocumentResult.of(row, texts.get(row.id, ""), offset, most)


async def get_entity(deps: Deps, workspace: str, name: str) -> EntityResult:
    """An entity by its name, and where documents speak of it. Raises NotFound."""
    found = await _named(deps, workspace, name)
    mentions = await entities.mentions(deps.graph, workspace, [found.id], limit=MOST_MENTIONS)
    owners = await entities.documents(deps.graph, workspace, [found.id], limit=MOST_DOCUMENTS)
    return EntityResult(
        name=found.name,
        type=found.type,
        description=found.description,
        aliases=list(found.aliases),
        mention_count=found.mention_count,
        documents=[row.source for row in owners.get(found.id, [])],
        mentions=[
            MentionResult(
                description=row.description, document_id=row.chunk.document_id, page=row.chunk.page,
                passage=row.chunk.text,
            )
            for row in mentions.get(found.id, [])
        ],
    )  # fmt: skip


async def neighbours(deps: Deps, workspace: str, name: str, most: int) -> NeighboursResult:
    """The entities that one is related to. Raises NotFound."""
    found = await _named(deps, workspace, name)
    edges = (await relations.of_entities(deps.graph, workspace, [found.id], limit=most)).get(found.id, [])
    ends = {edge.id: edge.target_id if edge.source_id == found.id else edge.source_id for edge in edges}
    others = await entities.get_many(deps.graph, workspace, list(ends.values()))
    known = [(others[ends[edge.id]], edge) for edge in edges if ends[edge.id] in others]
    return NeighboursResult(name=found.name, neighbours=[Neighbour.of(other, edge) for other, edge in known])


async def insert_text(deps: Deps, workspace: str, text: str, source: str | None) -> InsertResult:
    """Takes a text in, to be indexed. Raises InvalidInput."""
    original = text_original(text, source, max_mb=deps.limits.max_upload_mb)
    track_id = f"insert-{secrets.token_hex(8)}"
    (row,) = await take_in(deps, workspace, [original], track_id=track_id)
    return InsertResult(document_id=row.id, source=row.source, outcome=row.outcome)


async def _named(deps: Deps, workspace: str, name: str) -> Entity:
    found = await entities.named(deps.graph, workspace, name)
    if found is None:
        near = await entities.search(deps.graph, workspace, name, limit=5)
        hint = f"Near are {', '.join(row.entity.name for row in near)}." if near else "Look for it with `search`."
        raise NotFound(f"There is no entity {name[:80]!r}.", hint=hint)
    return found
