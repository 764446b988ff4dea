"""Names that may mean the same: found by the indexes, merged where that is sure, suggested where it is likely."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from graphwork import Part, explored, says, write

from neolight.deps import Deps
from neolight.errors import NotFound
from neolight.graph import edits, entities, keys, merges, similar, writer
from neolight.graph.gateway import Graph
from neolight.matching import accept, match_names

PAIRS = Path(__file__).parents[1] / "data" / "name_pairs.tsv"


def about(*names: str) -> list[Part]:
    return [(f"About {name}.", says((name, "Thing", f"{name} is."))) for name in names]


async def waiting(graph: Graph, workspace: str) -> set[frozenset[str]]:
    rows = await similar.suggestions(graph, workspace, limit=1000)
    assert [row.score for row in rows] == sorted((row.score for row in rows), reverse=True)
    return {frozenset({row.first.name, row.second.name}) for row in rows}


async def named(graph: Graph, workspace: str, name: str) -> entities.Entity:
    found = await entities.named(graph, workspace, name)
    assert found, name
    return found


async def test_the_labelled_names_in_one_graph(deps: Deps, workspace: str) -> None:
    """All names of the list are entities; what is sure is one entity afterwards, what is likely is suggested."""
    lines = [line.split("\t") for line in PAIRS.read_text("utf-8").splitlines() if not line.startswith("#")]
    names = list(dict.fromkeys(name for _, *pair in lines for name in pair))
    await write(deps.graph, workspace, {"names": about(*names)})
    done = await match_names(deps, workspace, most=10_000)
    # what was merged into another one before its turn came needs no comparison of its own
    assert done.compared <= len({keys.entity_key(name) for name in names}) <= done.compared + done.merged
    open_ = await waiting(deps.graph, workspace)
    homes = {name: (await named(deps.graph, workspace, name)).name for name in names}
    merged: Counter[str] = Counter()
    found = 0
    for label, first, second in lines:
        one, other = homes[first], homes[second]
        merged[label] += one == other and keys.entity_key(first) != keys.entity_key(second)
        found += label == "same" and (one == other or frozenset({one, other}) in open_)
    same = sum(label == "same" for label, *_ in lines)
    print({"merged": merged, "found": found, "of": same, "suggested": done.suggested})
    assert merged["same"] >= 40
    assert merged["same"] / (merged["same"] + merged["different"]) >= 0.99
    assert found / same >= 0.85
    assert (await match_names(deps, workspace, most=100)).compared == 0
    assert await explored(deps.graph, "unsupported", workspace=workspace) == []


async def test_what_is_merged_by_rule_does_not_depend_on_the_order(deps: Deps, workspace: str, other: str) -> None:
    spellings = ["Acme Corporation", "ACME Corp.", "Acme corp"]
    seen: list[object] = []
    for space, order in ((workspace, spellings), (other, spellings[::-1])):
        for name in order:
            await write(deps.graph, space, {name: about(name)})
            await match_names(deps, space, most=100)
        found = await named(deps.graph, space, "acme corp")
        seen.append((found.name, found.aliases, found.description, found.mention_count))
        assert found.id == keys.entity_id(space, "acme corp")
    assert seen[0] == seen[1]
    assert seen[0] == ("ACME Corp.", ("Acme Corporation", "Acme corp"), seen[0][2], 3)  # type: ignore[index]


async def test_what_is_not_compared_in_time_is_left_for_the_next_call(deps: Deps, workspace: str) -> None:
    many = [f"{first}{second} Works" for first in ("Alpha", "Borel", "Cantor") for second in "abcdefghijklmnopqrst"]
    await write(
        deps.graph, workspace, {"names": about(*many, "Acme Corp.", "ACME Corporation", "Globex Ltd", "Globex Limited")}
    )
    first = await match_names(deps, workspace, most=1000, seconds=0)
    assert (first.compared, first.left) == (50, 14)
    second = await match_names(deps, workspace, most=10, seconds=0)
    assert (second.compared, second.left) == (10, 4)
    third = await match_names(deps, workspace, most=1000)
    assert (third.compared, third.left) == (4, 0)
    assert (first.merged, third.merged) == (1, 1)
    assert await explored(deps.graph, "unsupported", workspace=workspace) == []


async def test_groups_are_merged_one_by_one_where_one_of_them_has_gone(
    deps: Deps, workspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("Acme Corp.", "ACME Corporation", "Globex Ltd", "Globex Limited")
    await write(deps.graph, workspace, {"names": about(*names)})
    real, gone = merges.merge_by_rule, keys.entity_id(workspace, "globex limited")
    tries: list[int] = []

    async def merge(graph: Graph, space: str, targets: dict[str, str]) -> edits.Edited:
        tries.append(len(targets))
        if len(tries) == 1:
            await edits.delete_entity(graph, space, gone)
        return await real(graph, space, targets)

    monkeypatch.setattr(merges, "merge_by_rule", merge)
    done = await match_names(deps, workspace, most=1000)
    assert (done.merged, tries) == (1, [2, 1, 1])
    assert {row.name for row in await entities.listed(deps.graph, workspace, limit=5)} == {
        "ACME Corporation", "Globex Ltd"
    }  # fmt: skip


async def test_a_person_decides_what_is_likely(deps: Deps, workspace: str) -> None:
    graph = deps.graph
    await write(graph, workspace, {"a": about("Elon Musk", "Elon Msk", "Acme", "Acme Corp", "A-102", "A-103")})
    await write(graph, workspace, {"b": about("Elon Musk")})
    done = await match_names(deps, workspace, most=100)
    assert (done.merged, done.suggested) == (0, 2)
    assert await waiting(graph, workspace) == {frozenset({"Elon Musk", "Elon Msk"}), frozenset({"Acme", "Acme Corp"})}
    first, second = await similar.suggestions(graph, workspace, limit=1), []
    second = await similar.suggestions(graph, workspace, limit=5, after=(first[0].score, first[0].id))
    by_name = {row.first.name.split()[0]: row for row in (*first, *second)}
    merged = await accept(deps, workspace, by_name["Elon"].id)
    kept = await named(graph, workspace, "elon msk")
    assert (merged.id, kept.name, kept.mention_count) == (kept.id, "Elon Musk", 3)
    assert await similar.reject(graph, workspace, by_name["Acme"].id)
    assert not await similar.reject(graph, workspace, by_name["Acme"].id)
    for id_ in (by_name["Acme"].id, by_name["Elon"].id, "sim-nothing"):
        with pytest.raises(NotFound):
            await accept(deps, workspace, id_)
    assert await waiting(graph, workspace) == set()


async def test_what_a_person_has_touched_or_parted_is_not_merged_by_rule(deps: Deps, workspace: str) -> None:
    graph = deps.graph
    await edits.create_entity(graph, workspace, "Acme Corporation", description="Ours.")
    await write(graph, workspace, {"a": about("Acme Corp.", "Globex Ltd", "Globex Limited")})
    done = await match_names(deps, workspace, most=100)
    assert (done.merged, done.suggested) == (1, 1)
    assert await waiting(graph, workspace) == {frozenset({"Acme Corporation", "Acme Corp."})}
    one = await named(graph, workspace, "globex ltd")
    other = next(name for name in ("Globex Ltd", "Globex Limited") if keys.entity_id(workspace, name.lower()) != one.id)
    await merges.split_entity(graph, workspace, one.id, [other])
    await graph.execute("CYPHER 25 MATCH (e:Entity {workspace: $w}) REMOVE e.matched", w=workspace)
    assert (await match_names(deps, workspace, most=100)).merged == 0
    assert (await named(graph, workspace, other)).id != one.id
    await writer.delete(graph, workspace, [keys.document_id(workspace, "a")])
    assert [row.name for row in await entities.listed(graph, workspace, limit=5)] == ["Acme Corporation"]
