"""Whatever names, types, sources and texts hold, it is data."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest
from graphwork import counted, entity, everything, explored, original, prepared, relation, rows, says, take, write
from test_graph_search import RANK, probe

from neolight.graph import chunks, documents, entities, keys, queries, relations, search, writer
from neolight.graph.gateway import Graph
from neolight.graph.search import Probe
from neolight.models import Answer, Keywords, Retrieval
from neolight.retrieval.rank import RANKING

CYPHER = "x'}) DETACH DELETE n; MATCH (n) DETACH DELETE n //"
HOSTILE = {
    "cypher": CYPHER,
    "double": 'x"}) SET n.name = "pwned" //',
    "backtick": "x`) SET entity:Pwned //`",
    "escaped": "\\'\\\"\\`\\u0060 SET n:Pwned",
    "braces": "} ) ] } RETURN 1 UNION MATCH (n) RETURN n {",
    "parameter": "$workspace ${id} $$ {{0}} %s {x!r}",
    "lucene": '" OR scope:* +(-!){}[]^"~*?:\\/ AND NOT || &&',
    "label": "Document:Entity&!Chunk|$(Setting)",
    "control": "a\0b\x1b[2J\r\n\t\u202e\u2028c",
    "comment": "/* x */ // y\n-- z",
    "json": '{"id": 1, "$ne": null}',
    "long": "long 'name` " * 900,
    "endless": "x" * 10_000,
    "emoji": "👩‍👩‍👧‍👦 Ω≈ç√ ﷽",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
async def test_text_is_data(graph: Graph, workspace: str, text: str) -> None:
    await write(graph, workspace, {"bystander": [("Bystander.", says(("Bystander", "Person", "Stands by.")))]})
    before = Counter(await everything(graph))
    tenants = await workspaces_of(graph)
    said = says((text, text, text), ("Other thing", text, text), states=[(text, "Other thing", text, text, 1.0)])
    source = text[:500]
    claim = (await take(graph, workspace, [original(source, text, title=text, media_type=text)]))[source]
    passages = [(text, said), (text, said)]
    metadata = {text: text, "status": text, "id`": text}
    document = prepared(claim, *passages, title=text, metadata=metadata)
    document = replace(
        document,
        chunks=tuple(replace(one, chunk=replace(one.chunk, section=text)) for one in document.chunks),
    )
    done = await writer.commit(graph, workspace, [document])
    assert done.ids == (claim.id,)
    label = keys.type_label(text)
    added = Counter(await everything(graph)) - before
    expected = Counter({"Document": 1, "Part": 1, "Text": 1, "Chunk": 2, "Entity": 2, label: 2})
    assert added == expected
    assert label not in keys.SYSTEM_LABELS
    assert re.fullmatch(r"[^\W_]+", label)

    kept = await entity(graph, workspace, text)
    assert kept
    assert (kept["name"], kept["type"], kept["labels"]) == (text, label, ["Entity", label])
    assert kept["description"] == text
    stated = await relation(graph, workspace, text, "Other thing")
    assert stated
    assert stated["description"] == text.strip()
    assert set(stated["keywords"].split(", ")) == set(text.split(", "))
    (listed,) = (await documents.get_many(graph, workspace, [claim.id])).values()
    assert (listed.source, listed.title, listed.media_type) == (source, text, text)
    assert await documents.originals(graph, [claim.id]) == {claim.id: text.encode()}
    assert await documents.texts(graph, workspace, [claim.id]) == {claim.id: f"{text}\n\n{text}"}
    ((first, second),) = (await chunks.of_documents(graph, workspace, [claim.id], limit=5)).values()
    assert (first.text, second.text, first.section) == (text, text, text)

    await asked(graph, workspace, text)
    assert await workspaces_of(graph) - tenants == set(), "somebody else works on this database meanwhile"
    assert Counter(await everything(graph)) - before == expected + Counter({"Query": 1})
    assert await writer.delete(graph, workspace, [claim.id]) == [claim.id]
    assert await counted(graph, workspace) == {
        "Workspace": 1, "Document": 1, "Part": 1, "Text": 1, "Chunk": 1, "Entity": 1, "Query": 1,
    }  # fmt: skip
    assert (await entities.named(graph, workspace, "Bystander")) is not None


async def workspaces_of(graph: Graph) -> set[str]:
    """The names of all workspaces."""
    return {row["name"] for row in await rows(graph, "MATCH (w:Workspace) RETURN w.name AS name")}


async def asked(graph: Graph, workspace: str, text: str) -> None:
    """Everything that takes words, with these words."""
    for mode in (search.naive, search.mix):
        found = await mode(graph, probe(workspace, text[:200], words=[text], names=[text]), RANK)
        assert {passage.text for passage in found.passages} == {text, "Bystander."}
    hits = await entities.search(graph, workspace, text, limit=10)
    assert {hit.entity.name for hit in hits} <= {text, "Other thing"}
    assert (await entities.named(graph, workspace, text)) is not None
    assert len(await entities.listed(graph, workspace, limit=10, type_=text)) == 0
    assert [row.title for row in await documents.listed(graph, workspace, limit=10, search="nobody" + text)] == []
    assert [row.title for row in await documents.listed(graph, workspace, limit=10, search=text)] == [text]
    assert await documents.listed(graph, workspace, limit=10, statuses=[text]) == []
    assert await documents.tracked(graph, workspace, text) == []
    assert await documents.counts(graph, text) == {"pending": 0, "processing": 0, "processed": 0, "failed": 0}
    assert await relations.get_many(graph, workspace, [text]) == {}
    answer = Answer(text[:100], text, text, text, False, (), Retrieval("mix", Keywords()), 1.0)
    await queries.record(graph, workspace, answer)
    (past,) = await queries.listed(graph, workspace, limit=5)
    assert (past.id, past.text, past.answer, past.mode) == (text[:100], text, text, text)
    found = await search.mix(graph, Probe(text, probe("", "x").vector, [text], [text], 5, 5), RANK)
    assert found.passages == ()
    assert RANKING


async def test_a_workspace_name_is_data(graph: Graph, workspace: str, other: str) -> None:
    await write(graph, workspace, {"a": [("Mine.", says(("Mine", "X", "")))]})
    hostile = f"{other}' OR 1=1 }}) //"
    await write(graph, hostile, {"a": [("Theirs.", says(("Theirs", "X", "")))]})
    assert [row.name for row in await entities.listed(graph, hostile, limit=5)] == ["Theirs"]
    assert [row.name for row in await entities.listed(graph, workspace, limit=5)] == ["Mine"]
    assert await writer.delete(graph, hostile, [keys.document_id(hostile, "a"), keys.document_id(workspace, "a")])
    assert await counted(graph, hostile) == {"Workspace": 1}
    assert [row.name for row in await entities.listed(graph, workspace, limit=5)] == ["Mine"]
    await rows(graph, "MATCH (w:Workspace {name: $name}) DETACH DELETE w", name=hostile)


async def test_types_as_labels_can_be_matched_and_go_again(graph: Graph, workspace: str) -> None:
    types = ["person", "Document", "entity", "人物", "`x`", "a" * 50, "Person`:Admin"]
    said = says(*[(f"E{number}", type_, "") for number, type_ in enumerate(types)])
    await write(graph, workspace, {"a": [("text", said)]})
    found = {row.name: row.count for row in await entities.labels(graph, workspace)}
    assert found == {
        "Person": 1, "DocumentType": 1, "EntityType": 1, "人物": 1, "X": 1, "A" + "a" * 39: 1, "PersonAdmin": 1,
    }  # fmt: skip
    for label, name in (("Person", "E0"), ("人物", "E3")):
        matched = await rows(graph, f"MATCH (e:{label} {{workspace: $w}}) RETURN e.name AS name", w=workspace)
        assert matched == [{"name": name}]
    overview = {row["kind"]: row["count"] for row in await explored(graph, "overview", workspace=workspace)}
    assert overview == {"Document": 1, "Chunk": 1, **{f"Entity: {name}": 1 for name in found}}
