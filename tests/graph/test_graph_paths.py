"""Ways through the graph, and its lists in their orders."""

from __future__ import annotations

from itertools import pairwise

import pytest
from graphwork import Part, says, write

from neolight.graph import entities, keys, paths, relations
from neolight.graph.entities import Wanted
from neolight.graph.gateway import Graph


def chain(*names: str, weight: float = 1.0) -> Part:
    states = [(one, other, "to", f"{one} to {other}.", weight) for one, other in pairwise(names)]
    kinds = [(name, "Even" if len(name) % 2 == 0 else "Odd", f"{name} is.") for name in names]
    return " ".join(names), says(*kinds, states=states)


def id_of(workspace: str, name: str) -> str:
    return keys.entity_id(workspace, keys.entity_key(name))


@pytest.mark.parametrize(
    ("ends", "most", "expected"),
    [
        (("a", "d"), 6, "a b c d"),
        (("d", "a"), 3, "d c b a"),
        (("a", "d"), 2, None),
        (("a", "a"), 1, "a"),
        (("a", "z"), 6, None),
        (("h10", "a"), 2, "h10 hub a"),
    ],
)
async def test_a_path_is_shortest_and_bounded(
    graph: Graph, workspace: str, ends: tuple[str, str], most: int, expected: str | None
) -> None:
    hub = [chain("hub", f"h{number}") for number in range(40)]
    far = [chain("a", "b", "c", "d"), chain("a", "p", "q", "r", "d"), chain("y", "z"), chain("a", "hub", weight=9.0)]
    await write(graph, workspace, {"a": [*far, *hub]})
    found = await paths.path(graph, workspace, id_of(workspace, ends[0]), id_of(workspace, ends[1]), most=most)
    assert (" ".join(node.name for node in found.nodes) if found else None) == expected
    if found:
        for edge, (one, other) in zip(found.edges, pairwise(found.nodes), strict=True):
            assert {edge.source_id, edge.target_id} == {one.id, other.id}


async def test_a_hub_is_walked_from_its_far_end(graph: Graph, workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "MOST_OF_HUB", 3)
    await write(graph, workspace, {"a": [chain("hub", f"h{number}", weight=float(number)) for number in range(12)]})
    found = await paths.path(graph, workspace, id_of(workspace, "h0"), id_of(workspace, "h1"), most=2)
    assert found
    assert [node.name for node in found.nodes] == ["h0", "hub", "h1"]


async def test_relations_and_entities_page_by_page(graph: Graph, workspace: str, other: str) -> None:
    parts = [chain("hub", f"h{number:02}", weight=float(number % 3 + 1)) for number in range(9)]
    await write(graph, workspace, {"a": parts})
    await write(graph, other, {"a": parts})
    for entity, least, count in ((None, 0.0, 9), (id_of(workspace, "hub"), 2.0, 6), (id_of(other, "hub"), 0.0, 0)):
        seen: list[relations.Relation] = []
        after = None
        while rows := await relations.ranked(graph, workspace, limit=2, entity=entity, least=least, after=after):
            seen += rows
            after = (rows[-1].weight, rows[-1].id)
        assert [row.id for row in seen] == [row.id for row in sorted(seen, key=lambda row: (-row.weight, row.id))]
        assert len(seen) == len({row.id for row in seen}) == count
    wanted = Wanted(types=("Odd",), least=1)
    names: list[str] = []
    after_key = ""
    while found := await entities.by_name(graph, workspace, limit=4, after=after_key, wanted=wanted):
        names += [row.entity.name for row in found]
        after_key = found[-1].key
    assert names == sorted(["hub", *(f"h{number:02}" for number in range(9))])
    assert await entities.listed(graph, workspace, limit=5, wanted=Wanted(types=("Even",))) == []
    (top,) = await entities.listed(graph, workspace, limit=5, wanted=Wanted(least=2))
    assert top.name == "hub"
    around = await relations.around(graph, workspace, top, depth=1, most=50, types=["Even"])
    assert [node.name for node in around.nodes] == ["hub"]


async def test_entities_near_in_meaning(graph: Graph, workspace: str, other: str) -> None:
    said = says(("steam turbine", "X", "It turns."), ("gas turbine", "X", "It turns."), ("green tea", "X", "A drink."))
    for space in (workspace, other):
        await write(graph, space, {"a": [("text", said)]})
    id_ = id_of(workspace, "steam turbine")
    found = await entities.similar(graph, workspace, [id_, id_of(other, "green tea")], limit=2)
    assert {owner: [row.name for row in rows] for owner, rows in found.items()} == {id_: ["gas turbine", "green tea"]}
