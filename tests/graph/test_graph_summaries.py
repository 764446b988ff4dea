"""Types that a workspace may have, and texts in place of many descriptions."""

from __future__ import annotations

import asyncio

from graphwork import Part, entity, relation, rows, says, write

from neolight.graph import admission, calls, summaries, writer
from neolight.graph.gateway import Graph
from neolight.graph.summaries import Kind, Summary, Wordy
from neolight.models import ModelCall

LONG = "This is told at some length, so that a few of these are more than anybody wants to read at once"


def told(number: int) -> Part:
    """A passage that says something of its own of one entity and one relation."""
    said = f"{LONG}, number {number:03}."
    return f"Passage {number}.", says(
        ("Hub", "Thing", said), ("Rim", "Thing", "A rim."), states=[("Hub", "Rim", "holds", said, 1.0)]
    )


async def waiting(graph: Graph, workspace: str, kind: Kind) -> list[Wordy]:
    """What waits for a summary here; the database is shared with other tests."""
    return [row for row in await summaries.wordy(graph, kind, 1000) if row.workspace == workspace]


async def test_a_workspace_has_at_most_so_many_types(graph: Graph, workspace: str) -> None:
    names = [f"Kind{number:03}" for number in range(150)]
    await write(graph, workspace, {"a": [("One.", says(*((f"E{name}", name, "") for name in names)))]})
    more = [f"Late{number:03}" for number in range(150)]
    await asyncio.gather(
        write(graph, workspace, {"b": [("Two.", says(*((f"E{name}", name, "") for name in more[:100])))]}),
        write(graph, workspace, {"c": [("Three.", says(*((f"E{name}", name, "") for name in more[50:])))]}),
    )
    found = await rows(
        graph,
        """MATCH (e:Entity {workspace: $w}) WITH collect(DISTINCT e.type) AS types
        MATCH (:Chunk {workspace: $w})-[m:MENTIONS]->() WITH types, collect(DISTINCT m.type) AS said
        MATCH (tenant:Workspace {name: $w}) RETURN types, said, tenant.types AS known""",
        w=workspace,
    )
    types, said, known = (set(found[0][name]) for name in ("types", "said", "known"))
    assert len(types) == len(said) == admission.MOST_TYPES
    assert types == said == known | {"Other"}
    assert set(names) < types
    await write(graph, workspace, {"d": [("Four.", says(("Known", "Kind007", ""), ("Strange", "Stranger", "")))]})
    known_one, strange = await entity(graph, workspace, "Known"), await entity(graph, workspace, "Strange")
    assert known_one
    assert strange
    assert (known_one["type"], strange["type"]) == ("Kind007", "Other")

    documents = await rows(graph, "MATCH (d:Document {workspace: $w}) RETURN d.id AS id", w=workspace)
    await writer.delete(graph, workspace, [row["id"] for row in documents])
    await write(graph, workspace, {"e": [("Five.", says(("New", "Stranger", "")))]})
    new = await entity(graph, workspace, "New")
    assert new
    assert new["type"] == "Stranger", "in a workspace that was emptied there is room again"


async def test_a_summary_stands_for_what_it_covers(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {f"{number}.txt": [told(number)] for number in range(12)})
    for kind in ("entities", "relations"):
        (row,) = await waiting(graph, workspace, kind)
        assert row.summary is None
        assert len(row.descriptions) == 12, "more than is shown"
        await summaries.cover(graph, workspace, kind, [Summary(row, f"{kind}-1", f"All of {kind}.")])
        assert await waiting(graph, workspace, kind) == []
    hub, holds = await entity(graph, workspace, "Hub"), await relation(graph, workspace, "Hub", "Rim")
    assert hub
    assert holds
    assert (hub["description"], holds["description"]) == ("All of entities.", "All of relations.")
    assert hub["mention_count"] == holds["evidence_count"] == 12

    await write(graph, workspace, {"later.txt": [told(50)]})
    hub, holds = await entity(graph, workspace, "Hub"), await relation(graph, workspace, "Hub", "Rim")
    assert hub
    assert holds
    assert hub["description"] == f"All of entities.\n{LONG}, number 050.", "what is new stands beside it"
    assert holds["description"] == f"All of relations.\n{LONG}, number 050."
    assert await waiting(graph, workspace, "entities") == []

    await write(graph, workspace, {f"more-{number}.txt": [told(number)] for number in range(60, 70)})
    (row,) = await waiting(graph, workspace, "entities")
    assert (row.summary, row.summary_id) == ("All of entities.", "entities-1")
    assert len(row.descriptions) == 11, "only what is new is worked in"
    await summaries.cover(graph, workspace, "entities", [Summary(row, "entities-1", "All of it.")])
    hub = await entity(graph, workspace, "Hub")
    assert hub
    assert (hub["description"], hub["summary_covers"]) == ("All of it.", 23)

    (first,) = await rows(graph, "MATCH (d:Document {workspace: $w, source: '3.txt'}) RETURN d.id AS id", w=workspace)
    await writer.delete(graph, workspace, [first["id"]])
    hub, holds = await entity(graph, workspace, "Hub"), await relation(graph, workspace, "Hub", "Rim")
    assert hub
    assert holds
    for one in (hub, holds):
        assert "summary" not in one
        assert "All of" not in one["description"], "what was deleted is said no more"
        assert len(one["description"].splitlines()) == 22, "all that is left, for there is room"
        assert "number 003" not in one["description"]
    assert await waiting(graph, workspace, "entities") == [], "a deletion costs no call"


async def test_a_summary_of_what_has_changed_meanwhile_is_not_written(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {f"{number}.txt": [told(number)] for number in range(12)})
    (row,) = await waiting(graph, workspace, "entities")
    (first,) = await rows(graph, "MATCH (d:Document {workspace: $w, source: '3.txt'}) RETURN d.id AS id", w=workspace)
    await writer.delete(graph, workspace, [first["id"]])
    await summaries.cover(graph, workspace, "entities", [Summary(row, "late", "All of it.")])
    hub = await entity(graph, workspace, "Hub")
    assert hub
    assert "summary_id" not in hub
    (again,) = await waiting(graph, workspace, "entities")
    assert len(again.descriptions) == 11
    await summaries.passed(graph, "entities", [again.id])
    assert await waiting(graph, workspace, "entities") == []
    (holds,) = await waiting(graph, workspace, "relations")
    await summaries.passed(graph, "relations", [holds.id])
    assert await waiting(graph, workspace, "relations") == []


def reply(key: str) -> ModelCall:
    return ModelCall(key, "m", "summary", f"All of {key}.", 1, 1)


async def test_replies_go_with_the_first_chunk_that_they_tell_of(graph: Graph, workspace: str) -> None:
    async def known() -> set[str]:
        return set(await calls.lookup(graph, workspace, ["1", "2", "3", "4"]))

    async def delete(source: str) -> None:
        said = "MATCH (d:Document {workspace: $w, source: $s}) RETURN d.id AS id"
        (document,) = await rows(graph, said, w=workspace, s=source)
        await writer.delete(graph, workspace, [document["id"]])

    await write(graph, workspace, {f"{number}.txt": [told(number)] for number in range(12)})
    (row,) = await waiting(graph, workspace, "entities")
    first = Summary(row, "id", "All of 2.", (reply("1"), reply("2")))
    await summaries.keep(graph, workspace, [first])
    await summaries.keep(graph, workspace, [first])
    assert await known() == {"1", "2"}
    await summaries.cover(graph, workspace, "entities", [first])

    await write(graph, workspace, {f"more-{number}.txt": [told(number)] for number in range(60, 70)})
    (row,) = await waiting(graph, workspace, "entities")
    assert row.summary_call == "2"
    await summaries.keep(graph, workspace, [Summary(row, "id", "All of 3.", (reply("3"),))])
    assert await known() == {"1", "2", "3"}
    await delete("more-60.txt")
    assert await known() == {"1", "2"}, "what was built on it is gone, what it was built on stays"
    await summaries.keep(graph, workspace, [Summary(row, "id", "All of 4.", (reply("4"),))])
    assert await known() == {"1", "2"}, "it tells of a chunk that is gone"

    (row,) = await waiting(graph, workspace, "entities")
    await summaries.keep(graph, workspace, [Summary(row, "id", "All of 3.", (reply("3"),))])
    assert await known() == {"1", "2", "3"}
    await delete("3.txt")
    assert await known() == set()
    await summaries.keep(graph, workspace, [Summary(row, "id", "All of 4.", (reply("4"),))])
    assert await known() == set(), "it is built on a reply that is gone"


async def test_short_descriptions_are_not_marked(graph: Graph, workspace: str) -> None:
    parts: list[Part] = [(f"P {number}.", says(("Hub", "Thing", f"Said {number}."))) for number in range(5)]
    await write(graph, workspace, {"a": parts})
    assert await waiting(graph, workspace, "entities") == []


async def test_one_process_at_a_time_summarises(graph: Graph) -> None:
    assert await summaries.claim(graph, "first", seconds=60)
    assert not await summaries.claim(graph, "second", seconds=60)
    assert await summaries.claim(graph, "first", seconds=60)
    await summaries.release(graph, "second")
    assert not await summaries.claim(graph, "second", seconds=60)
    await summaries.release(graph, "first")
    assert await summaries.claim(graph, "second", seconds=60)
    await summaries.release(graph, "second")
