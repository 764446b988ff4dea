"""Past questions: kept with what they cited, listed, rated."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from graphwork import Part, one, rows, says, write

from neolight.graph import keys, queries, writer
from neolight.graph.gateway import Graph
from neolight.graph.queries import PastCitation
from neolight.models import Answer, Citation, FoundEntity, Keywords, Passage, Retrieval

PARTS: list[Part] = [
    ("Ada wrote programs.", says(("Ada", "Person", "A."))),
    ("Grace wrote COBOL.", says(("Grace", "Person", "G."))),
]


def cited(workspace: str, number: int, index: int, quote: str) -> Citation:
    document = keys.document_id(workspace, "a")
    text = PARTS[index][0]
    passage = Passage(
        keys.chunk_id(document, text, 0), document, "a", "A", text, 1, None, 0, len(text), 3, 0.5 / number
    )
    return Citation(number, passage, quote, 3, 3 + len(quote))


def answer(workspace: str, id_: str, *citations: Citation, text: str = "Who?") -> Answer:
    found = tuple(
        FoundEntity(keys.entity_id(workspace, name), name, "Person", "", score)
        for name, score in (("ada", 0.9), ("grace", 0.8), ("nobody", 0.7))
    )
    retrieval = Retrieval("mix", Keywords(), entities=found)
    return Answer(id_, text, "Ada [1].", "mix", True, tuple(citations), retrieval, 12.5)


async def test_an_answer_is_kept(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"a": PARTS})
    citations = [
        cited(workspace, 1, 0, "Ada wrote"),
        cited(workspace, 2, 1, "Grace"),
        cited(workspace, 3, 0, "programs"),
    ]
    gone = cited(workspace, 4, 0, "gone")
    lost = replace(gone, passage=replace(gone.passage, id="chunk-unknown"))
    made = answer(workspace, f"query-{workspace}", *citations, lost, text="Who wrote `$programs`?")
    await queries.record(graph, workspace, made)
    (past,) = (await queries.get_many(graph, workspace, [made.id, "query-unknown"])).values()
    assert (past.id, past.text, past.mode, past.answer) == (made.id, "Who wrote `$programs`?", "mix", "Ada [1].")
    assert (past.generated, past.milliseconds, past.rating) == (True, 12.5, None)
    assert abs((datetime.now(UTC) - past.created_at).total_seconds()) < 60
    assert await queries.citations(graph, workspace, [made.id]) == [
        PastCitation(made.id, c.number, c.quote, c.start, c.end, c.passage.score, c.passage.id) for c in citations
    ]
    found = await rows(
        graph,
        "MATCH (:Query {id: $id})-[f:FOUND]->(e) RETURN e.name AS name, f.score AS score ORDER BY name",
        id=made.id,
    )
    assert found == [{"name": "Ada", "score": 0.9}, {"name": "Grace", "score": 0.8}]


async def test_an_answer_is_kept_once(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"a": PARTS})
    made = answer(workspace, f"query-{workspace}", cited(workspace, 1, 0, "Ada"))
    for _ in range(2):
        await queries.record(graph, workspace, made)
    assert len(await queries.citations(graph, workspace, [made.id])) == 1
    edges = await one(graph, "MATCH (:Query {id: $id})-[f]->() RETURN count(f) AS n", id=made.id)
    assert edges["n"] == 3


async def test_an_answer_that_cites_nothing(graph: Graph, workspace: str) -> None:
    await queries.record(graph, workspace, answer(workspace, f"query-{workspace}"))
    assert [row.id for row in await queries.listed(graph, workspace, limit=5)] == [f"query-{workspace}"]
    assert await queries.citations(graph, workspace, [f"query-{workspace}"]) == []


async def test_citations_of_several_answers(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"a": PARTS})
    ids = [f"query-{workspace}-{number}" for number in range(3)]
    for id_ in ids:
        await queries.record(
            graph, workspace, answer(workspace, id_, cited(workspace, 2, 1, id_), cited(workspace, 1, 0, id_))
        )
    found = await queries.citations(graph, workspace, ids[::-1])
    assert [(row.query_id, row.number, row.quote) for row in found] == [(id_, n, id_) for id_ in ids for n in (1, 2)]


async def test_a_citation_goes_with_its_passage(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"a": PARTS})
    made = answer(workspace, f"query-{workspace}", cited(workspace, 1, 0, "Ada"))
    await queries.record(graph, workspace, made)
    await writer.delete(graph, workspace, [keys.document_id(workspace, "a")])
    assert await queries.citations(graph, workspace, [made.id]) == []
    assert list(await queries.get_many(graph, workspace, [made.id])) == [made.id]


async def test_pages_of_past_questions(graph: Graph, workspace: str) -> None:
    ids = [f"query-{workspace}-{number}" for number in range(5)]
    for id_ in ids:
        await queries.record(graph, workspace, answer(workspace, id_))
        await asyncio.sleep(0.002)
    same = await one(graph, "MATCH (q:Query {id: $id}) RETURN q.created_at AS at", id=ids[1])
    await rows(graph, "MATCH (q:Query {id: $id}) SET q.created_at = $at", id=ids[2], at=same["at"].astimezone(UTC))
    seen: list[str] = []
    after: tuple[datetime, str] | None = None
    while page := await queries.listed(graph, workspace, limit=1, after=after):
        seen += [row.id for row in page]
        after = page[-1].created_at, page[-1].id
    assert seen == [ids[4], ids[3], ids[1], ids[2], ids[0]]
    assert [row.id for row in await queries.listed(graph, workspace, limit=2)] == [ids[4], ids[3]]


async def test_rating(graph: Graph, workspace: str, other: str) -> None:
    id_ = f"query-{workspace}"
    await queries.record(graph, workspace, answer(workspace, id_))
    for rating in (1, -1, 0):
        rated = await queries.rate(graph, workspace, id_, rating)
        assert rated
        assert (rated.id, rated.rating) == (id_, rating)
    assert await queries.rate(graph, workspace, "query-unknown", 1) is None
    assert await queries.rate(graph, other, id_, 1) is None
    assert (await queries.get_many(graph, workspace, [id_]))[id_].rating == 0


async def test_workspaces_ask_apart(graph: Graph, workspace: str, other: str) -> None:
    await write(graph, workspace, {"a": PARTS})
    made = answer(other, f"query-{other}", cited(workspace, 1, 0, "Ada"))
    foreign = replace(made, retrieval=answer(workspace, "").retrieval)
    await queries.record(graph, other, foreign)
    assert await queries.citations(graph, other, [made.id]) == []
    assert await rows(graph, "MATCH (:Query {id: $id})-->(x) RETURN x", id=made.id) == []
    assert await queries.get_many(graph, workspace, [made.id]) == {}
    assert await queries.citations(graph, workspace, [made.id]) == []
    assert await queries.listed(graph, workspace, limit=5) == []
