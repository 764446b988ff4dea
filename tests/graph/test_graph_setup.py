"""What a graph is brought to at start: the schema in steps, the recorded embedding model, the refusals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from graphwork import DIMENSIONS, one, rows

from neolight.errors import GraphMismatch
from neolight.graph import setup
from neolight.graph.gateway import Graph
from neolight.graph.setup import EmbeddingSpace

OTHER = EmbeddingSpace("another", "model", 3)
SEARCH = frozenset({"chunk_embedding", "entity_embedding", "relation_embedding", "chunk_text", "entity_name"})


@pytest.fixture
async def space(graph: Graph) -> AsyncIterator[EmbeddingSpace]:
    """The embedding space in force; the schema is whole again after the test."""
    recorded = await setup.recorded_space(graph)
    assert recorded
    yield recorded
    newest = max(setup.steps())
    await rows(graph, "MATCH (v:SchemaVersion) WHERE v.version > $newest DELETE v", newest=newest)
    for key in ("provider", "model", "dimensions"):
        value = str(getattr(recorded, key))
        await rows(graph, "MERGE (s:Setting {key: $key}) SET s.value = $value", key=f"embedding_{key}", value=value)
    await rows(graph, "MATCH (v:SchemaVersion) DELETE v")
    assert await setup.prepare(graph, recorded) == recorded


def test_the_steps_are_numbered_without_gaps() -> None:
    steps = setup.steps()
    assert list(steps) == list(range(1, len(steps) + 1))
    for statements in steps.values():
        assert statements
        for statement in statements:
            assert statement.startswith("CYPHER 25 CREATE ")
            assert " IF NOT EXISTS " in statement
            assert "//" not in statement


async def test_the_server(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    server = await setup.check_server(graph)
    assert server.edition == "community"
    assert server.version.startswith("20")
    monkeypatch.setattr(setup, "MINIMUM_SERVER", (9999, 1))
    with pytest.raises(GraphMismatch, match=r"is too old: Neolight needs 9999\.01") as caught:
        await setup.check_server(graph)
    assert caught.value.hint


async def test_the_indexes(graph: Graph) -> None:
    found = {index.name: index for index in await graph.fetch(setup.INDEXES)}
    assert found.keys() >= SEARCH
    assert {found[name].type for name in SEARCH} == {"VECTOR", "FULLTEXT"}
    named = [statement.split(" IF NOT EXISTS ")[0].split()[-1] for step in setup.steps().values() for statement in step]
    assert set(named) <= found.keys()
    assert {index.state for index in found.values()} == {"ONLINE"}
    assert {index.progress for index in found.values()} == {100.0}
    assert await setup.check_indexes(graph, SEARCH) == len(found)
    with pytest.raises(GraphMismatch, match="missing or failed: a_missing_one, another"):
        await setup.check_indexes(graph, frozenset({"another", "a_missing_one", "chunk_text"}))


async def test_vectors_have_the_recorded_length(graph: Graph, space: EmbeddingSpace) -> None:
    assert space.dimensions == DIMENSIONS
    found = await rows(graph, "SHOW VECTOR INDEXES YIELD name, options RETURN name, options.indexConfig AS config")
    assert len(found) == 3
    for row in found:
        config = row["config"]
        assert config["vector.dimensions"] == DIMENSIONS
        assert config["vector.similarity_function"] == "COSINE"
        assert config["vector.quantization.type"] == "SCALAR"


async def test_preparing_again_changes_nothing(graph: Graph, space: EmbeddingSpace) -> None:
    before = await graph.fetch(setup.INDEXES)
    applied = await rows(graph, "MATCH (v:SchemaVersion) RETURN v.version AS v, v.applied_at AS at ORDER BY v")
    assert [row["v"] for row in applied] == list(setup.steps())
    assert await setup.prepare(graph, OTHER) == space
    assert await graph.fetch(setup.INDEXES) == before
    assert await rows(graph, "MATCH (v:SchemaVersion) RETURN v.version AS v, v.applied_at AS at ORDER BY v") == applied


async def test_what_is_missing_is_made(graph: Graph, space: EmbeddingSpace) -> None:
    await graph.execute("DROP INDEX chunk_document")
    await rows(graph, "MATCH (v:SchemaVersion {version: 2}) DELETE v")
    with pytest.raises(GraphMismatch, match="chunk_document"):
        await setup.check_indexes(graph, frozenset({"chunk_document"}))
    assert await setup.prepare(graph, OTHER) == space
    assert await setup.check_indexes(graph, frozenset({"chunk_document"})) > 0
    assert [row.version for row in await graph.fetch(setup.VERSIONS)] == list(setup.steps())


async def test_the_recorded_embedding_space_wins(graph: Graph, space: EmbeddingSpace) -> None:
    await rows(graph, "MATCH (v:SchemaVersion) DELETE v")
    assert await setup.prepare(graph, OTHER) == space
    assert await setup.recorded_space(graph) == space
    (kept,) = await graph.fetch(setup.RECORD_SETTING, key="embedding_model", value="another")
    assert kept == setup.Setting("embedding_model", space.model)


async def test_processes_prepare_at_once(graph: Graph, space: EmbeddingSpace) -> None:
    await rows(graph, "MATCH (v:SchemaVersion) DELETE v")
    await rows(graph, "MATCH (s:Setting) WHERE s.key STARTS WITH 'embedding_' DELETE s")
    offers = [space, *(EmbeddingSpace(f"p{number}", "m", DIMENSIONS) for number in range(4))]
    found = await asyncio.gather(*(setup.prepare(graph, offer) for offer in offers))
    assert len(set(found)) == 1
    assert found[0] in offers
    versions = await rows(graph, "MATCH (v:SchemaVersion) RETURN v.version AS v ORDER BY v")
    assert [row["v"] for row in versions] == list(setup.steps())


async def test_a_new_database_has_no_embedding_space(graph: Graph, space: EmbeddingSpace) -> None:
    await rows(graph, "MATCH (s:Setting) WHERE s.key STARTS WITH 'embedding_' DELETE s")
    assert await setup.recorded_space(graph) is None
    with pytest.raises(GraphMismatch, match="no embedding model"):
        await setup.prepare(graph, space)


async def test_a_newer_graph_is_refused(graph: Graph, space: EmbeddingSpace) -> None:
    await graph.fetch(setup.RECORD_VERSION, version=99)
    with pytest.raises(
        GraphMismatch, match=f"schema version 99, which is newer than this program's {max(setup.steps())}"
    ):
        await setup.prepare(graph, space)


async def test_a_failed_step_is_not_recorded_and_gives_the_lock_back(
    graph: Graph, space: EmbeddingSpace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "setup").mkdir()
    for number in setup.steps():
        (tmp_path / "setup" / f"{number:03}_same.cypher").write_text("// Nothing.\n", "utf-8")
    next_ = max(setup.steps()) + 1
    (tmp_path / "setup" / f"{next_:03}_bad.cypher").write_text(
        "// Bad.\nCREATE INDEX IF NOT EXISTS nonsense;\n", "utf-8"
    )
    with monkeypatch.context() as patched:
        patched.setattr(setup, "CYPHER", tmp_path)
        with pytest.raises(Exception, match="Neo4j refused a set-up statement"):
            await setup.prepare(graph, space)
    assert max(row.version for row in await graph.fetch(setup.VERSIONS)) == next_ - 1
    assert await setup.prepare(graph, space) == space
    lock = await one(graph, "MATCH (s:Setting {key: 'schema_lock'}) RETURN s.until AS until")
    assert lock["until"] is None


async def test_the_schema_lock(graph: Graph) -> None:
    async def taken(owner: str) -> bool:
        row = await graph.fetch_one(setup.CLAIM, owner=owner)
        assert row
        return row.taken

    assert sorted(await asyncio.gather(*(taken(f"owner {number}") for number in range(5)))) == [False] * 4 + [True]
    holder = (await one(graph, "MATCH (s:Setting {key: 'schema_lock'}) RETURN s.value AS value"))["value"]
    assert await taken(holder)
    await graph.fetch(setup.RELEASE, owner="somebody else")
    assert not await taken("somebody else")
    await graph.fetch(setup.RELEASE, owner=holder)
    assert await taken("somebody else")
    await rows(graph, "MATCH (s:Setting {key: 'schema_lock'}) SET s.until = datetime() - duration({seconds: 1})")
    assert await taken("a third")
    await graph.fetch(setup.RELEASE, owner="a third")


async def test_a_held_lock_is_waited_for_and_then_given_up(
    graph: Graph, space: EmbeddingSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "LOCK_POLLS", 2)
    await rows(graph, "MATCH (v:SchemaVersion {version: 1}) DELETE v")
    assert await graph.fetch(setup.CLAIM, owner="somebody else") == [setup.Taken(taken=True)]
    try:
        with pytest.raises(GraphMismatch, match="Another process holds the schema lock"):
            await setup.prepare(graph, space)
        assert await rows(graph, "MATCH (v:SchemaVersion {version: 1}) RETURN v") == []
    finally:
        await graph.fetch(setup.RELEASE, owner="somebody else")


async def test_settings_are_listed(graph: Graph, space: EmbeddingSpace) -> None:
    found = {setting.key: setting.value for setting in await graph.fetch(setup.SETTINGS)}
    assert found["embedding_provider"] == space.provider
    assert found["embedding_model"] == space.model
    assert found["embedding_dimensions"] == str(space.dimensions)
