"""A small graph that tests know by heart: Ada Lovelace - A-102 - Suzhou - Grace Hopper, from two documents."""

from __future__ import annotations

from dataclasses import dataclass, replace

from neolight.deps import Deps
from neolight.graph import documents, keys, writer
from neolight.graph.documents import Claim
from neolight.graph.gateway import Transaction
from neolight.graph.query import Query
from neolight.graph.rows import Prepared, PreparedChunk
from neolight.ingest.resolve import sweep
from neolight.models import Extraction, Mention, Statement, TextChunk

TURBINES = ("Ada Lovelace designed the A-102 turbine.", "The A-102 turbine has run in Suzhou since 2019.")
PLANT = ("Grace Hopper leads the plant in Suzhou.",)

SAYS = {
    TURBINES[0]: Extraction(
        (
            Mention("Ada Lovelace", "Person", "Ada Lovelace designed the A-102."),
            Mention("A-102", "Product", "The A-102 is a turbine."),
        ),
        (Statement("Ada Lovelace", "A-102", ("designed", "turbine"), "Ada Lovelace designed the A-102.", 2.0),),
    ),
    TURBINES[1]: Extraction(
        (Mention("A-102", "Product", "The A-102 runs in Suzhou."), Mention("Suzhou", "Place", "Suzhou has an A-102.")),
        (Statement("A-102", "Suzhou", ("runs in",), "The A-102 has run in Suzhou since 2019."),),
    ),
    PLANT[0]: Extraction(
        (Mention("SUZHOU", "Place", "Suzhou has a plant."), Mention("Grace Hopper", "Person", "Grace leads a plant.")),
        (Statement("Grace Hopper", "Suzhou", ("leads",), "Grace Hopper leads the plant in Suzhou."),),
    ),
}


@dataclass(frozen=True)
class Small:
    """The ids of what was written."""

    workspace: str
    turbines: str
    plant: str

    def entity(self, name: str) -> str:
        """The id of an entity."""
        return keys.entity_id(self.workspace, keys.entity_key(name))

    def relation(self, first: str, second: str) -> str:
        """The id of a relation."""
        return keys.relation_id(self.workspace, keys.entity_key(first), keys.entity_key(second))

    def chunk(self, text: str) -> str:
        """The id of a chunk."""
        document = self.plant if text in PLANT else self.turbines
        return keys.chunk_id(document, text, 0)


async def write(deps: Deps, workspace: str) -> Small:
    """Writes the graph into a workspace, as a worker would, with all its vectors."""
    first = await leased(deps, workspace, "notes/turbines.txt")
    second = await leased(deps, workspace, "notes/plant.txt")
    await finish(deps, first, "Turbines", TURBINES)
    await finish(deps, second, "Plant", PLANT)
    await sweep(deps)
    return Small(workspace, first.id, second.id)


# What CLAIM does, for one document: in the transaction that queues it, no worker can come between.
LEASE: Query[Claim] = replace(
    documents.CLAIM,
    name="tests/lease",
    text="""CYPHER 25
    MATCH (document:Document {id: $id})
    SET document.status = 'processing', document.step = 'read', document.lease_owner = 'small',
      document.lease_token = 'small', document.attempts = 1,
      document.lease_until = datetime.realtime() + duration({hours: 1})
    RETURN"""
    + documents.CLAIM.text.rpartition("RETURN")[2],
)


async def leased(deps: Deps, workspace: str, source: str, track_id: str = "small") -> Claim:
    """A document that is being processed by nobody but the test."""
    row = documents._row(workspace, documents.Original(source, source, "text/plain", source.encode()))  # pyright: ignore[reportPrivateUsage]

    async def work(tx: Transaction) -> list[Claim]:
        scope = keys.scope(workspace)
        await tx.run(documents.ENQUEUE, workspace=workspace, scope=scope, track_id=track_id, rows=[row])
        return await tx.run(LEASE, id=keys.document_id(workspace, source))

    (claim,) = await deps.graph.transaction(work)
    return claim


async def finish(deps: Deps, claim: Claim, title: str, texts: tuple[str, ...]) -> None:
    """Commits a document with these passages."""
    vectors = await deps.embeddings.embed(texts)
    at, chunks = 0, list[PreparedChunk]()
    for position, text in enumerate(texts):
        chunk = TextChunk(position, text, len(text) // 4, at, at + len(text), page=position + 1, section=title)
        id_ = keys.chunk_id(claim.id, text, 0)
        chunks.append(PreparedChunk(id_, chunk, vectors[position], SAYS.get(text, Extraction())))
        at += len(text) + 1
    await writer.commit(deps.graph, claim.workspace, [Prepared(claim, title, " ".join(texts), tuple(chunks))])
