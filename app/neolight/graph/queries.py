"""Past questions, with their answers and what they cited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from neolight.graph.gateway import Graph
from neolight.graph.query import query
from neolight.models import Answer


@dataclass(frozen=True, slots=True)
class PastQuestion:
    """A question that was asked before; the rating is -1, 0 or 1, or None where nobody gave one."""

    id: str
    text: str
    mode: str
    answer: str
    generated: bool
    created_at: datetime
    milliseconds: float
    rating: int | None


@dataclass(frozen=True, slots=True)
class PastCitation:
    """A passage that a past answer cited; start and end are the quote's characters in the document's text."""

    query_id: str
    number: int
    quote: str
    start: int
    end: int
    score: float
    chunk_id: str


RECORD = query("queries/record")
LIST = query("queries/list", PastQuestion)
GET_MANY = query("queries/get_many", PastQuestion)
CITATIONS = query("queries/citations", PastCitation)
RATE = query("queries/rate", PastQuestion)


async def record(graph: Graph, workspace: str, answer: Answer) -> None:
    """Keeps an answer."""
    await graph.fetch(
        RECORD,
        workspace=workspace,
        question={
            "id": answer.id, "text": answer.question, "mode": answer.mode, "answer": answer.text,
            "generated": answer.generated, "milliseconds": answer.milliseconds,
        },
        citations=[
            {
                "chunk_id": citation.passage.id, "number": citation.number, "score": citation.passage.score,
                "quote": citation.quote, "start": citation.start, "end": citation.end,
            }
            for citation in answer.citations
        ],
        entities=[{"id": entity.id, "score": entity.score} for entity in answer.retrieval.entities[:10]],
    )  # fmt: skip


async def listed(
    graph: Graph, workspace: str, *, limit: int, after: tuple[datetime, str] | None = None
) -> list[PastQuestion]:
    """Past questions, newest first, at most `limit`, after the (created_at, id) of the last one seen."""
    time, id_ = (after[0].astimezone(UTC), after[1]) if after else (None, None)  # a named zone equals no offset
    return await graph.fetch(LIST, workspace=workspace, after_time=time, after_id=id_, limit=limit)


async def get_many(graph: Graph, workspace: str, ids: Sequence[str]) -> dict[str, PastQuestion]:
    """Past questions by id; unknown ids are left out."""
    return {row.id: row for row in await graph.fetch(GET_MANY, workspace=workspace, ids=list(ids))}


async def citations(graph: Graph, workspace: str, ids: Sequence[str]) -> list[PastCitation]:
    """What past questions cited."""
    return await graph.fetch(CITATIONS, workspace=workspace, ids=list(ids))


async def rate(graph: Graph, workspace: str, id_: str, rating: int) -> PastQuestion | None:
    """Rates an answer -1, 0 or 1; None where there is no such question."""
    return await graph.fetch_one(RATE, workspace=workspace, id=id_, rating=rating)
