"""Taking over a LightRAG working directory: as its version 1.5 writes one, in small."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import LiteralString, cast
from xml.sax.saxutils import escape

import numpy as np
import pytest

from lightrag_ui import wheel
from neolight import embedded
from neolight.deps import Deps
from neolight.errors import ConfigurationError, InvalidInput, NotFound, SourceUnavailable
from neolight.graph import chunks, documents, entities, relations
from neolight.graph.foreign import Foreign
from neolight.ingest.lightrag import read_graph, take_over
from neolight.ingest.lightrag.files import GRAPH, read
from neolight.retrieval.answer import Asked, ask
from neolight.retrieval.retrieve import Wanted, retrieve
from neolight.settings import Settings

WRITER = Path(__file__).parents[1] / "lightrag_neo4j.py"
TEXTS = {
    "pump.txt": ["The pump A-102 is fixed by part P-987.", "Part P-987 is red."],
    "norvik.txt": ["Norvik Sensorik delivers part P-987."],
}
ENTITIES = {
    "A-102": ("equipment", "A-102 is a pump.", ["doc-0-chunk-000"]),
    "P-987": (
        "product",
        "P-987 fixes the pump.<SEP>P-987 is red.",
        ["doc-0-chunk-000", "doc-0-chunk-001", "doc-1-chunk-000"],
    ),
    "p-987": ("product", "A part.", ["doc-0-chunk-001"]),
    "Norvik Sensorik": ("organization", "Norvik delivers parts.", ["doc-1-chunk-000"]),
    "Loose End": ("concept", "Nothing speaks of it.", []),
}
RELATIONS = [
    ("A-102", "P-987", "fixed by,repair", "A-102 is fixed by P-987.", 2.0, ["doc-0-chunk-000"]),
    ("P-987", "Norvik Sensorik", "delivery", "Norvik delivers P-987.", 1.0, ["doc-1-chunk-000"]),
]


def table(rows: list[dict[str, str]], vectors: np.ndarray) -> dict[str, object]:
    matrix = base64.b64encode(vectors.astype(np.float32).tobytes()).decode()
    return {"embedding_dim": vectors.shape[1], "data": rows, "matrix": matrix}


async def written(folder: Path, deps: Deps) -> Path:
    """A working directory whose vectors are those of the session's embedding model."""
    pieces = {
        f"doc-{at}-chunk-{order:03}": {
            "tokens": 9, "content": text, "chunk_order_index": order, "full_doc_id": f"doc-{at}", "file_path": source,
        }
        for at, (source, texts) in enumerate(TEXTS.items())
        for order, text in enumerate(texts)
    }  # fmt: skip
    stores: dict[str, object] = {
        "kv_store_full_docs": {
            f"doc-{at}": {"content": "\n".join(texts), "file_path": source}
            for at, (source, texts) in enumerate(TEXTS.items())
        }
        | {"doc-9": {"content": "Not finished.", "file_path": "left.txt"}},
        "kv_store_text_chunks": pieces,
        "vdb_chunks": table(
            [{"__id__": id_} for id_ in pieces],
            await deps.embeddings.embed([str(row["content"]) for row in pieces.values()]),
        ),
        "vdb_entities": table(
            [{"__id__": name, "entity_name": name} for name in ENTITIES],
            await deps.embeddings.embed([f"{name}\n{row[1]}" for name, row in ENTITIES.items()]),
        ),
        "vdb_relationships": table(
            [{"__id__": row[0] + row[1], "src_id": row[0], "tgt_id": row[1]} for row in RELATIONS],
            await deps.embeddings.embed([row[3] for row in RELATIONS]),
        ),
    }
    folder.mkdir(exist_ok=True)
    for name, content in stores.items():
        (folder / f"{name}.json").write_text(json.dumps(content))

    def data(values: dict[str, object]) -> str:
        return "".join(f'<data key="{key}">{escape(str(value))}</data>' for key, value in values.items())

    names = ("entity_type", "description", "source_id", "keywords", "weight")
    graph = "".join(f'<key id="{name}" for="all" attr.name="{name}"/>' for name in names) + "<graph>"
    for name, (type_, said, found) in ENTITIES.items():
        values = {"entity_type": type_, "description": said, "source_id": "<SEP>".join(found)}
        graph += f'<node id="{name}">{data(values)}</node>'
    for source, target, words, said, weight, found in RELATIONS:
        values = {"keywords": words, "description": said, "weight": weight, "source_id": "<SEP>".join(found)}
        graph += f'<edge source="{source}" target="{target}">{data(values)}</edge>'
    whole = f'<graphml xmlns="http://graphml.graphdrawing.org/xmlns">{graph}</graph></graphml>'
    (folder / "graph_chunk_entity_relation.graphml").write_text(whole)
    return folder


@pytest.fixture
async def folder(deps: Deps, tmp_path: Path) -> Path:
    return await written(tmp_path / "rag_storage", deps)


async def test_everything_is_there_and_no_model_was_called(
    deps: Deps, folder: Path, workspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def called(*_: object) -> None:
        raise AssertionError("the model was called")

    with monkeypatch.context() as patched:
        patched.setattr(type(deps.embeddings), "embed", called)
        taken = await take_over(deps, workspace, folder, model=deps.embeddings.name)

    assert (taken.documents, taken.chunks, taken.entities, taken.relations, taken.vectors) == (2, 3, 3, 2, True)
    assert taken.left == ("left.txt",)
    assert taken.unfounded == ("Loose End",)
    totals = await entities.totals(deps.graph, workspace)
    assert (totals.chunks, totals.entities, totals.relations) == (3, 3, 2)
    part = await entities.named(deps.graph, workspace, "P-987")
    assert part is not None
    assert (part.name, part.type) == ("P-987", "Product")
    assert set(part.description.splitlines()) == {"P-987 fixes the pump.", "P-987 is red.", "A part."}
    assert part.mention_count == 3
    (relation,) = (await relations.of_entities(deps.graph, workspace, [part.id], limit=1))[part.id]
    assert (relation.weight, relation.description) == (2.0, "A-102 is fixed by P-987.")
    assert set(relation.keywords.split(", ")) == {"fixed by", "repair"}
    state = await documents.pipeline(deps.graph, workspace)
    assert (state.processed, state.busy) == (2, False)

    found = await retrieve(deps, workspace, Wanted("Who delivers part P-987?"))
    assert found.passages[0].source == "norvik.txt"
    assert {row.name for row in found.entities} >= {"P-987", "Norvik Sensorik"}
    ids = [document.id for document in await documents.tracked(deps.graph, workspace, "none")]
    assert ids == []
    for passage in found.passages:
        whole = (await documents.texts(deps.graph, workspace, [passage.document_id]))[passage.document_id]
        assert whole[passage.start : passage.end] == passage.text
        assert await chunks.get_many(deps.graph, workspace, [passage.id])

    again = await take_over(deps, workspace, folder, model=deps.embeddings.name)
    assert (again.documents, again.there) == (0, 2)
    assert (await entities.totals(deps.graph, workspace)).chunks == 3


async def test_vectors_of_another_model_are_made_anew(deps: Deps, folder: Path, workspace: str) -> None:
    assert (await take_over(deps, workspace, folder)).vectors, "a few chunks tell that the model is the same"
    taken = await take_over(deps, f"{workspace}-2", folder, model="another-model")
    assert not taken.vectors
    found = await retrieve(deps, f"{workspace}-2", Wanted("Who delivers part P-987?"))
    assert found.passages[0].source == "norvik.txt"
    assert found.entities


def test_what_is_no_working_directory_is_said(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="Name the folder of a LightRAG workspace: rag_storage"):
        read(tmp_path)
    with pytest.raises(NotFound, match="WORKING_DIR"):
        read(tmp_path / "nowhere")
    (folder / "vdb_chunks.json").write_text("{")
    with pytest.raises(InvalidInput, match=r"vdb_chunks\.json is damaged"):
        read(folder)


async def test_the_command(
    folder: Path, workspace: str, neolight: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    ran = neolight("import-lightrag", str(folder), "--workspace", workspace)
    assert ran.returncode == 0, ran.stderr
    assert "2 documents taken over: 3 chunks, 3 entities, 2 relations." in ran.stdout
    assert "Vectors were taken over." in ran.stdout


@pytest.fixture
def source(data_dir: Path) -> Foreign:
    """The session's server, as LightRAG knows it."""
    at = embedded.status(data_dir)
    assert at is not None
    return Foreign(at.uri, at.username, at.password)


@pytest.fixture
async def label(deps: Deps, settings: Settings, source: Foreign, workspace: str) -> AsyncIterator[str]:
    """The label of the same graph in Neo4j, written by LightRAG's own class; it has one entity twice."""
    package = wheel(settings.cache_dir)
    if package is None:
        pytest.skip("LightRAG's wheel cannot be fetched")
    name = f"rag-{workspace}"
    nodes = [
        (entity, {"entity_type": type_, "description": said, "source_id": "<SEP>".join(found)})
        for entity, (type_, said, found) in ENTITIES.items()
    ]
    edges = [
        (first, second, {"keywords": words, "description": said, "weight": weight, "source_id": "<SEP>".join(found)})
        for first, second, words, said, weight, found in RELATIONS
    ]
    written = subprocess.run(
        [sys.executable, str(WRITER)], input=json.dumps({"nodes": nodes, "edges": edges}),
        text=True, check=False, capture_output=True, timeout=120, cwd=package.parent,
        env={
            **os.environ, "PYTHONPATH": str(package), "NEO4J_URI": source.uri, "NEO4J_USERNAME": source.username,
            "NEO4J_PASSWORD": source.password, "NEO4J_DATABASE": "neo4j", "NEO4J_WORKSPACE": name,
        },
    )  # fmt: skip
    assert written.returncode == 0, written.stderr
    # LightRAG has no constraint, so it makes two nodes of one name where two of its writers meet.
    twice = "CYPHER 25 CREATE (n:$($label) {entity_id: 'P-987', description: 'P-987 is spare.', source_id: $chunk})"
    await deps.graph.execute(twice, label=name, chunk="doc-0-chunk-001")
    yield name
    await deps.graph.execute("CYPHER 25 MATCH (n:$($label)) DETACH DELETE n", label=name)
    shown = "CYPHER 25 SHOW INDEXES YIELD name, labelsOrTypes WHERE $label IN labelsOrTypes RETURN name"
    for row in await deps.graph.execute(shown, label=name):
        await deps.graph.execute(cast("LiteralString", f"CYPHER 25 DROP INDEX `{row['name']}`"))


async def test_a_graph_in_neo4j_is_taken_over(
    deps: Deps, folder: Path, source: Foreign, label: str, workspace: str
) -> None:
    in_file = read(folder)
    (folder / GRAPH).unlink()
    with pytest.raises(NotFound, match="name that by --neo4j-uri"):
        await take_over(deps, workspace, folder)
    taken = await take_over(deps, workspace, folder, graph=partial(read_graph, source, ("elsewhere", label)))
    assert (taken.documents, taken.chunks, taken.entities, taken.relations, taken.vectors) == (2, 3, 3, 2, True)
    assert taken.unfounded == ("Loose End",)

    with pytest.raises(NotFound, match=f"has the label nothing. Labels of entities there: .*{label}"):
        read_graph(source, ("nothing",), {}, {})
    things, links = read_graph(source, (label,), {}, {})
    assert {one for one in things if "P-987 is spare." not in one.descriptions} == set(in_file.entities)
    assert {replace(one, source="", target="") for one in links} == {
        replace(one, source="", target="") for one in in_file.relations
    }
    part = await entities.named(deps.graph, workspace, "P-987")
    assert part is not None
    said = {"P-987 fixes the pump.", "P-987 is red.", "A part.", "P-987 is spare."}
    assert (part.name, part.type, part.mention_count) == ("P-987", "Product", 3)
    assert set(part.description.splitlines()) == said

    answer = await ask(deps, workspace, Asked(Wanted("Who delivers part P-987?")))
    assert "Norvik Sensorik" in answer.text
    assert "norvik.txt" in {citation.passage.source for citation in answer.citations}


async def test_a_neo4j_that_cannot_be_read_is_told_by_name(source: Foreign) -> None:
    with pytest.raises(NotFound, match="has no database elsewhere"):
        read_graph(replace(source, database="elsewhere"), ("nothing",), {}, {})
    with pytest.raises(ConfigurationError, match="refused the user 'neo4j' or the password"):
        read_graph(replace(source, password="wrong"), ("nothing",), {}, {})
    with pytest.raises(ConfigurationError, match="cannot be used"):
        read_graph(replace(source, uri="localhost"), ("nothing",), {}, {})
    with pytest.raises(SourceUnavailable, match="does not answer"):
        read_graph(replace(source, uri="bolt://127.0.0.1:1"), ("nothing",), {}, {})
    assert source.password not in repr(source)


def test_the_command_reads_neo4j(
    folder: Path, source: Foreign, label: str, workspace: str, neolight: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    (folder / GRAPH).unlink()
    command = ["import-lightrag", str(folder), "--workspace", workspace]
    there = ["--neo4j-uri", source.uri, "--neo4j-label", label]
    assert "Set NEOLIGHT_LIGHTRAG_PASSWORD" in neolight(*command, *there).stderr
    ran = neolight(*command, *there, NEOLIGHT_LIGHTRAG_PASSWORD=source.password)
    assert ran.returncode == 0, ran.stderr
    assert "2 documents taken over: 3 chunks, 3 entities, 2 relations." in ran.stdout
