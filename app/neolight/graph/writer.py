"""Writes finished documents: chunks, evidence and aggregates of many documents in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from neolight.graph import admission, calls, entities, keys, relations
from neolight.graph.admission import NewTypes, admitted
from neolight.graph.documents import DocumentId
from neolight.graph.entities import Known, StaleEntity
from neolight.graph.gateway import Graph, Transaction, bolt_vector
from neolight.graph.names import Names
from neolight.graph.query import Query, query
from neolight.graph.relations import StaleRelation
from neolight.graph.rows import Prepared, Row, Rows, described_entities, described_relations, placed, rows_of
from neolight.graph.transactions import transaction
from neolight.models import Spent, Vector

Result = TypeVar("Result")
Stale = TypeVar("Stale", StaleEntity, StaleRelation)

ROWS = 2000
"""Rows a statement: more makes the transaction's memory grow, fewer adds round trips."""

NO_VECTORS: Mapping[str, Vector] = {}


@dataclass(frozen=True, slots=True)
class ChunkOf:
    """A chunk and the document it belongs to."""

    id: str
    document_id: str
    problem: str | None = None
    """Why no model could extract it."""


@dataclass(frozen=True, slots=True)
class Committed:
    """What a transaction has done: the ids of the documents, and the entities and relations that need a new vector."""

    ids: tuple[str, ...] = ()
    entities: tuple[StaleEntity, ...] = ()
    relations: tuple[StaleRelation, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What rests on chunks."""

    entity_ids: tuple[str, ...]
    relation_ids: tuple[str, ...]


ACCEPT = query("documents/accept", DocumentId)
FINISH = query("documents/finish")
LOCK = query("documents/lock", DocumentId)
LOCK_EXPIRED = query("documents/lock_expired", DocumentId)
FORGET_JOBS = query("jobs/forget")
DELETE = query("documents/delete", DocumentId)
WRITE_CHUNKS = query("chunks/write")
UNCHAIN = query("chunks/unchain")
EXISTING = query("chunks/existing", ChunkOf)
EVIDENCE = query("chunks/evidence", Evidence)
DELETE_CHUNKS = query("chunks/delete")


def texts(workspace: str, prepared: Sequence[Prepared]) -> list[str]:
    """What to embed so that `commit` can write most entities and relations with their vector, not after them."""
    rows = rows_of(workspace, prepared)
    new = rows.new_entities()
    found = [*described_entities(new), *described_relations(rows.new_relations(), new)]
    return list(dict.fromkeys(one.text for one in found))


async def commit(
    graph: Graph,
    workspace: str,
    prepared: Sequence[Prepared],
    vectors: Mapping[str, Vector] = NO_VECTORS,
    *,
    spent: Sequence[Spent] = (),
) -> Committed:
    """Writes documents of one workspace in one transaction.

    A document whose lease was lost meanwhile is left out. Everything is written by content hash, in key order, so a
    transaction that is tried again changes nothing twice and two writers never wait for each other in a circle.
    `vectors` are by text: an entity or relation that becomes one of these texts gets its vector here and now; the
    others are returned, to be embedded later. `spent` is what model calls took for all of them together, besides what
    each document says.

    Raises GraphUnavailable, GraphError.
    """
    ordered = sorted(prepared, key=lambda document: document.claim.id)

    async def work(tx: Transaction) -> Committed:
        claims = [{"id": document.claim.id, "token": document.claim.token} for document in ordered]
        accepted = {row.id for row in await tx.run(ACCEPT, rows=claims)}
        mine = [document for document in ordered if document.claim.id in accepted]
        stale = await _write(tx, rows_of(workspace, mine), vectors) if mine else Committed()
        everything = [*spent, *(one for document in ordered for one in document.spent)]
        await calls.spend_in(tx, workspace, everything, {document.claim.id: document.spent for document in ordered})
        return replace(stale, ids=tuple(sorted(accepted)))

    while True:
        try:
            return await transaction(graph, work)
        except NewTypes as new:  # not in the usual batch, so that it costs that no round trip
            await admission.admit(graph, workspace, new.types)


async def delete(graph: Graph, workspace: str, ids: Sequence[str]) -> list[str]:
    """Deletes documents and exactly what rests on nothing else; returns the ids that existed."""
    return await _delete(graph, workspace, ids, LOCK)


async def expire(graph: Graph, workspace: str, ids: Sequence[str]) -> list[str]:
    """Deletes documents as `delete` does, if their retention date has passed; returns the ids of those."""
    return await _delete(graph, workspace, ids, LOCK_EXPIRED)


async def _delete(graph: Graph, workspace: str, ids: Sequence[str], lock: Query[DocumentId]) -> list[str]:
    async def work(tx: Transaction) -> list[str]:
        mine = [row.id for row in await tx.run(lock, workspace=workspace, ids=sorted(set(ids)))]
        old = await tx.run(EXISTING, workspace=workspace, ids=mine)
        names = await Names.read(tx, workspace)
        await _settle(tx, [row.id for row in old], {}, {}, names)
        await names.settle()
        gone = [row.id for row in await tx.run(DELETE, workspace=workspace, ids=mine)]
        if gone:
            await tx.run(FORGET_JOBS, workspace=workspace)
            await tx.run(admission.FORGET, workspace=workspace)
        return gone

    return await transaction(graph, work)


async def existing_chunks(graph: Graph, workspace: str, document: str) -> frozenset[str]:
    """The ids of the chunks that a document has now, except for those that no model could extract."""
    found = await graph.fetch(EXISTING, workspace=workspace, ids=[document])
    return frozenset(row.id for row in found if row.problem is None)


async def _write(tx: Transaction, rows: Rows, vectors: Mapping[str, Vector]) -> Committed:
    names = await Names.read(tx, rows.workspace)
    admitted(rows, names.types)
    rows = placed(rows, await names.homes(rows.entities))
    tenant = {"workspace": rows.workspace}
    scope = keys.scope(rows.workspace)
    ids = [row["id"] for row in rows.documents]
    old = [row.id for row in await tx.run(EXISTING, **tenant, ids=ids)]
    if old:
        await tx.run(UNCHAIN, ids=old)
    new = sorted(rows.new_entities(), key=lambda row: row["id"])
    entity_rows, new_entities = await _written(
        tx, entities.WRITE, new, described_entities(new), "name", vectors, **tenant, scope=scope
    )
    await _batched(tx, WRITE_CHUNKS, list(rows.chunks.values()), **tenant, scope=scope)
    await _batched(tx, calls.LINK, sorted(rows.calls, key=lambda row: row["call"]["key"]), **tenant)
    await _batched(tx, entities.MENTION, list(rows.mentions.values()), **tenant)
    stated = sorted(rows.new_relations(), key=lambda row: row["relation_id"])
    relation_rows, new_relations = await _written(
        tx, relations.WRITE, stated, described_relations(stated, new), "keywords", vectors, **tenant
    )
    await _batched(tx, relations.STATE, list(rows.states.values()), **tenant)
    stale = await _settle(tx, sorted(set(old) - rows.chunks.keys()), entity_rows, relation_rows, names)
    await names.settle()
    await tx.run(FINISH, **tenant, rows=rows.documents)
    return Committed(entities=(*new_entities, *stale.entities), relations=(*new_relations, *stale.relations))


async def _written(
    tx: Transaction,
    statement: Query[Known],
    rows: Sequence[Row],
    described: Sequence[Stale],
    words: str,
    vectors: Mapping[str, Vector],
    **params: Any,
) -> tuple[dict[str, Row], list[Stale]]:
    """Writes entities or relations, as they are if they are new; `described` is what their vectors are made of.

    Returns the rows by which those are computed anew that were there already, and what is new and has no vector. A
    vector fits as long as the description and the property `words` do.
    """
    whole = [row | _vector(vectors.get(one.text)) for row, one in zip(rows, described, strict=True)]
    known = {row.id for row in await _batched(tx, statement, whole, **params)}
    changed: dict[str, Row] = {}
    waiting: list[Stale] = []
    for row, one in zip(whole, described, strict=True):
        if one.id in known:
            expected = {} if row["stale"] else {name: row[name] for name in ("description", "embedding")}
            changed[one.id] = {"id": one.id, "grown": True, "words": row[words], **expected}
        elif row["stale"]:
            waiting.append(one)
    return changed, waiting


async def _settle(
    tx: Transaction, gone: Sequence[str], entity_rows: dict[str, Row], relation_rows: dict[str, Row], names: Names
) -> Committed:
    """Deletes chunks, then computes anew what rested on them, and the rows' entities and relations."""
    if gone:
        for row in await tx.run(EVIDENCE, ids=list(gone)):
            entity_rows = {id_: {"id": id_} for id_ in row.entity_ids} | entity_rows
            relation_rows = {id_: {"id": id_} for id_ in row.relation_ids} | relation_rows
        await tx.run(DELETE_CHUNKS, ids=list(gone))
    aliases = await names.of(sorted(entity_rows)) if gone else []
    stale_relations = await relations.refresh(tx, sorted(relation_rows.values(), key=lambda row: row["id"]))
    stale_entities = await entities.refresh(tx, sorted(entity_rows.values(), key=lambda row: row["id"]))
    await names.drop(aliases)
    return Committed(entities=tuple(stale_entities), relations=tuple(stale_relations))


def _vector(vector: Vector | None) -> Row:
    """The properties of what has a vector, or waits for one."""
    return {"embedding": None, "stale": True} if vector is None else {"embedding": bolt_vector(vector), "stale": None}


async def _batched(tx: Transaction, statement: Query[Result], rows: Sequence[Row], **params: Any) -> list[Result]:
    found: list[Result] = []
    for at in range(0, len(rows), ROWS):
        found += await tx.run(statement, rows=rows[at : at + ROWS], **params)
    return found
