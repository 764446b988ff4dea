"""Summaries of entities and relations that are described at more length than is shown.

A summary says what a number of mentions (or statements) say; those it covers bear its id. What comes later stands
beside it until the next summary. One that is covered no more, because a document was deleted, ends the summary: the
descriptions that are left stand for themselves again, and no model is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from neolight.graph import entities, relations
from neolight.graph.entities import StaleEntity
from neolight.graph.gateway import Graph, Transaction
from neolight.graph.names import Names
from neolight.graph.query import Query, query
from neolight.graph.relations import StaleRelation
from neolight.graph.transactions import transaction
from neolight.models import ModelCall

Kind: TypeAlias = Literal["entities", "relations"]

MOST_SAID = 2_000
"""Descriptions that one summary takes in; what is more is taken in by the next."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a chunk says of an entity or relation."""

    chunk_id: str
    description: str


@dataclass(frozen=True, slots=True)
class Wordy:
    """An entity or relation, its summary, and what that does not cover."""

    id: str
    workspace: str
    about: str
    summary: str | None
    summary_id: str | None
    summary_call: str | None
    """The key of the model's reply that the summary is, where it is kept."""
    said: tuple[Said, ...]

    @property
    def descriptions(self) -> list[str]:
        """What is said, without repetitions, in the order of the graph."""
        return list(dict.fromkeys(one.description for one in self.said))


@dataclass(frozen=True, slots=True)
class Summary:
    """A new summary of something; `id` is that of the summary before, where there was one."""

    of: Wordy
    id: str
    text: str
    calls: tuple[ModelCall, ...] = ()
    """The model's replies that it was made of, in their order."""

    @property
    def kept(self) -> dict[str, Any]:
        """As a parameter that keeps its replies."""
        chunks = sorted({one.chunk_id for one in self.of.said})
        return {"before": self.of.summary_call, "chunk_ids": chunks, "calls": [asdict(one) for one in self.calls]}

    @property
    def row(self) -> dict[str, Any]:
        """As a parameter."""
        said = [asdict(one) for one in dict.fromkeys(self.of.said)]
        return {
            "id": self.of.id,
            "before": self.of.summary_id,
            "summary_id": self.id,
            "summary": self.text,
            "call": self.calls[-1].key if self.calls else None,
            "said": said,
        }


@dataclass(frozen=True, slots=True)
class Covered:
    """The id of what has a new summary."""

    id: str


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether the right to write summaries was to be had."""

    taken: bool


WORDY: dict[Kind, Query[Wordy]] = {
    "entities": query("summaries/entities", Wordy),
    "relations": query("summaries/relations", Wordy),
}
COVER: dict[Kind, Query[Covered]] = {
    "entities": query("summaries/cover_entities", Covered),
    "relations": query("summaries/cover_relations", Covered),
}
PASS = {"entities": query("summaries/pass_entities"), "relations": query("summaries/pass_relations")}
KEEP = query("summaries/keep")
CLAIM = query("summaries/claim", Taken)
RELEASE = query("summaries/release")


async def claim(graph: Graph, owner: str, *, seconds: int) -> bool:
    """Takes or keeps the right to write summaries for so long: one process at a time pays for them."""
    row = await graph.fetch_one(CLAIM, owner=owner, seconds=seconds)
    return row is not None and row.taken


async def release(graph: Graph, owner: str) -> None:
    """Gives that right back."""
    await graph.fetch(RELEASE, owner=owner)


async def wordy(graph: Graph, kind: Kind, limit: int) -> list[Wordy]:
    """What is marked as having grown longer than is shown, at most `limit`."""
    return await graph.fetch(WORDY[kind], limit=limit, most=MOST_SAID)


async def passed(graph: Graph, kind: Kind, ids: Sequence[str]) -> None:
    """Takes the mark off what needs no summary."""
    if ids:
        await graph.fetch(PASS[kind], ids=sorted(ids))


async def keep(graph: Graph, workspace: str, made: Sequence[Summary]) -> None:
    """Keeps the replies that summaries were made of, whatever becomes of these: the same costs nothing again.

    They go with the first chunk that they tell of. Where the reply is gone that a summary was built on, none is kept.
    """
    rows = [one.kept for one in sorted(made, key=lambda one: one.of.id) if one.calls and _rests(one.of)]
    if rows:
        await graph.fetch(KEEP, workspace=workspace, rows=rows)


def _rests(of: Wordy) -> bool:
    """Whether it is known what the summary before rests on, if there is one."""
    return of.summary is None or of.summary_call is not None


async def cover(
    graph: Graph, workspace: str, kind: Kind, summaries: Sequence[Summary]
) -> tuple[list[StaleEntity], list[StaleRelation]]:
    """Writes summaries of one workspace, and computes anew what they are of; tells what needs a new vector.

    What has changed since it was read keeps its mark instead. Raises GraphUnavailable, GraphError.
    """
    rows = [one.row for one in sorted(summaries, key=lambda one: one.of.id)]

    async def work(tx: Transaction) -> tuple[list[StaleEntity], list[StaleRelation]]:
        names = await Names.read(tx, workspace)
        written = [{"id": row.id} for row in await tx.run(COVER[kind], rows=rows)]
        stale_entities = await entities.refresh(tx, written) if kind == "entities" else []
        stale_relations = await relations.refresh(tx, written) if kind == "relations" else []
        await names.settle(edited=bool(written))
        return stale_entities, stale_relations

    return await transaction(graph, work)
