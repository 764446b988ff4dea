"""Vectors follow what entities and relations say: what has changed is stale until it has its new vector."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from graphwork import embed, entity, original, prepared, relation, rows, says, take, vector

from neolight.deps import Deps
from neolight.errors import ModelUnavailable
from neolight.graph import entities, keys, relations, writer
from neolight.graph.entities import StaleEntity
from neolight.graph.gateway import Graph
from neolight.graph.relations import StaleRelation
from neolight.graph.writer import Committed
from neolight.ingest.resolve import LOOK_SECONDS, Renewal
from neolight.models import Vectors

SAID = says(
    ("Ada", "Person", "Ada is."),
    ("Engine", "Machine", "An engine."),
    states=[("Ada", "Engine", "programs", "Ada programs the engine.", 1.0), ("Ada", "Loom", "knows", "", 1.0)],
)
MORE = says(("Ada", "Person", "Ada was a mathematician."), states=[("Ada", "Engine", "writes", "Ada writes.", 1.0)])


async def committed(graph: Graph, workspace: str, source: str = "a", said: object = SAID) -> Committed:
    """Writes a document and leaves what it changes without vectors."""
    claim = (await take(graph, workspace, [original(source)]))[source]
    return await writer.commit(graph, workspace, [prepared(claim, (f"Text of {source}.", said))])  # type: ignore[arg-type]


async def stale(graph: Graph, workspace: str) -> tuple[set[str], set[str]]:
    """The names of the entities, and the descriptions of the relations, of a workspace that need a vector."""
    own = await rows(graph, "MATCH (e:Entity {workspace: $w}) RETURN collect(e.id) AS ids", w=workspace)
    between = await rows(graph, "MATCH ()-[r:RELATES {workspace: $w}]->() RETURN collect(r.id) AS ids", w=workspace)
    named = {row.name for row in await entities.stale(graph, 10_000) if row.id in own[0]["ids"]}
    return named, {row.description for row in await relations.stale(graph, 10_000) if row.id in between[0]["ids"]}


async def test_what_is_new_is_stale(graph: Graph, workspace: str) -> None:
    done = await committed(graph, workspace)
    assert set(done.entities) == {
        StaleEntity(keys.entity_id(workspace, name.lower()), name, description)
        for name, description in (("Ada", "Ada is."), ("Engine", "An engine."), ("Loom", ""))
    }
    id_ = keys.relation_id(workspace, "ada", "engine")
    assert StaleRelation(id_, "Ada", "Engine", "programs", "Ada programs the engine.") in done.relations
    assert {row.text for row in done.relations} == {"Ada programs the engine.", "Ada knows Loom"}
    assert await stale(graph, workspace) == ({"Ada", "Engine", "Loom"}, {"Ada programs the engine.", ""})
    ada = await entity(graph, workspace, "Ada")
    assert ada
    assert "embedding" not in ada
    assert len(await entities.stale(graph, 1)) == 1
    assert len(await relations.stale(graph, 1)) == 1
    assert await entities.stale(graph, 0) == []


async def test_a_vector_ends_it(graph: Graph, workspace: str) -> None:
    await embed(graph, await committed(graph, workspace))
    assert await stale(graph, workspace) == (set(), set())
    ada, programs = await entity(graph, workspace, "Ada"), await relation(graph, workspace, "Ada", "Engine")
    assert ada
    assert programs
    assert np.allclose(ada["embedding"], vector("Ada\nAda is."), atol=1e-6)
    assert np.allclose(programs["embedding"], vector("Ada programs the engine."), atol=1e-6)
    assert not {"stale", "lock"} & (ada.keys() | programs.keys())


async def test_a_change_before_the_vector_comes_keeps_it_stale(graph: Graph, workspace: str) -> None:
    early = await committed(graph, workspace)
    late = await committed(graph, workspace, "b", MORE)
    await embed(graph, early)
    assert await stale(graph, workspace) == ({"Ada", "Engine"}, {"Ada programs the engine.\nAda writes."})
    ada, programs = await entity(graph, workspace, "Ada"), await relation(graph, workspace, "Ada", "Engine")
    assert ada
    assert programs
    assert not {"embedding", "lock"} & (ada.keys() | programs.keys())
    await embed(graph, late)
    assert await stale(graph, workspace) == (set(), set())


async def test_an_old_vector_is_kept_until_the_new_one_comes(graph: Graph, workspace: str) -> None:
    await embed(graph, await committed(graph, workspace))
    late = await committed(graph, workspace, "b", MORE)
    assert await stale(graph, workspace) == ({"Ada", "Engine"}, {"Ada programs the engine.\nAda writes."})
    ada = await entity(graph, workspace, "Ada")
    assert ada
    assert np.allclose(ada["embedding"], vector("Ada\nAda is."), atol=1e-6)
    assert {row.name for row in late.entities} == {"Ada", "Engine"}  # a statement speaks of both its ends


async def test_another_spelling_or_keyword_is_a_change(graph: Graph, workspace: str) -> None:
    await embed(graph, await committed(graph, workspace))
    said = says(("ADA", "Person", ""), ("ENGINE", "Machine", ""), states=[("ADA", "engine", "writes", "", 1.0)])
    late = await committed(graph, workspace, "b", said)
    assert {row.name for row in late.entities} == {"ADA", "ENGINE"}  # one vote each: capitals come first
    assert [row.keywords for row in late.relations] == ["programs, writes"]
    await embed(graph, late)
    assert await stale(graph, workspace) == (set(), set())


async def test_more_of_the_same_is_no_change(graph: Graph, workspace: str) -> None:
    await embed(graph, await committed(graph, workspace))
    late = await committed(graph, workspace, "b")
    assert (late.entities, late.relations) == ((), ())
    ada = await entity(graph, workspace, "Ada")
    assert ada
    assert ada["mention_count"] == 2


async def test_what_is_gone_gets_no_vector(graph: Graph, workspace: str) -> None:
    done = await committed(graph, workspace)
    await writer.delete(graph, workspace, [keys.document_id(workspace, "a")])
    await embed(graph, done)
    assert await entity(graph, workspace, "Ada") is None
    assert await stale(graph, workspace) == (set(), set())


async def test_vectors_of_nothing(graph: Graph) -> None:
    nothing = np.empty((0, 256), np.float32)
    await entities.embed(graph, [], nothing)
    await relations.embed(graph, [], nothing)


class Counting:
    """An embedding model that remembers the texts that it was given."""

    def __init__(self, deps: Deps) -> None:
        self._deps, self.texts = deps, list[str]()

    def __getattr__(self, name: str) -> object:
        return getattr(self._deps.embeddings, name)

    async def embed(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        return await self._deps.embeddings.embed(texts)


async def test_what_changes_again_is_embedded_once_and_before_the_end(deps: Deps, workspace: str) -> None:
    counting = Counting(deps)
    renewal = Renewal(replace(deps, embeddings=counting), missed=False)
    for source, said in (("a", SAID), ("b", MORE)):
        done = await committed(deps.graph, workspace, source, said)
        renewal.note(list(done.entities), list(done.relations))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2 * LOOK_SECONDS):
            await renewal.due(lambda: True)
    async with asyncio.timeout(LOOK_SECONDS):
        await renewal.due(lambda: False)
    assert counting.texts == []
    await asyncio.gather(renewal.finish(), renewal.finish())
    assert await stale(deps.graph, workspace) == (set(), set())
    assert len(counting.texts) == len(set(counting.texts)) == 5, "three entities, two relations, each as it is now"


async def test_what_could_not_be_embedded_is_swept_up(deps: Deps, workspace: str) -> None:
    counting = Counting(deps)
    renewal = Renewal(replace(deps, embeddings=counting), missed=False)
    done = await committed(deps.graph, workspace)
    renewal.note(list(done.entities), list(done.relations))
    works, counting.embed = counting.embed, broken  # type: ignore[method-assign]
    with pytest.raises(ModelUnavailable):
        await renewal.embed()
    assert renewal.missed
    counting.embed = works  # type: ignore[method-assign]
    await renewal.due(lambda: True)
    await renewal.embed()
    assert await stale(deps.graph, workspace) == (set(), set())


async def broken(_texts: Sequence[str]) -> Vectors:
    raise ModelUnavailable("It is away.")
