"""The life of documents and workspaces over HTTP: replaced, renamed, cancelled, due to go; filtered and sorted."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

from gql import FileVar

from graphql_caller import Caller
from neolight.deps import Deps
from neolight.graph import document_life, documents, jobs
from neolight.graph.jobs import Happened
from neolight.models import ChunkingChoice
from small_graph import Small, leased

SOON = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
INSERT = """mutation ($texts: [TextInput!]!, $options: InsertOptions) {
  insertTexts(texts: $texts, options: $options) { trackId documents { id outcome document { expiresAt bytes } } } }"""
REPLACE = """mutation ($id: ID!, $text: String, $file: Upload, $options: InsertOptions) {
  replaceDocument(id: $id, text: $text, file: $file, options: $options) {
    documents { id source outcome document { status } } } }"""
UPDATE = """mutation ($id: ID!, $changes: DocumentUpdate!) {
  updateDocument(id: $id, changes: $changes) { id source title expiresAt status } }"""
LIST = """query ($filter: DocumentFilter, $orderBy: DocumentOrder, $first: Int! = 20, $after: String) {
  documents(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    edges { node { source mediaType metadata { name value } } } pageInfo { endCursor hasNextPage } } }"""


async def code(call: Caller, query: str, **variables: Any) -> tuple[str, str]:
    """The code and the message of the only error."""
    (error,) = await call.errors(query, **variables)
    return error["extensions"]["code"], error["message"]


async def test_a_document_is_replaced_in_place(call: Caller, small: Small) -> None:
    new = "Ada Lovelace designed the A-102 turbine. It has run in Lima since 2020."
    found = (await call(REPLACE, id=small.turbines, text=new))["replaceDocument"]["documents"]
    expected = {"id": small.turbines, "source": "notes/turbines.txt", "outcome": "replaced"}
    assert found == [{**expected, "document": {"status": "pending"}}]
    file = FileVar(io.BytesIO(b"by a file"), filename="other.TXT")
    found = (await call(REPLACE, id=small.turbines, file=file, upload=True))["replaceDocument"]["documents"]
    assert found[0]["outcome"] == "replaced"
    wrong = FileVar(io.BytesIO(b"by a file"), filename="other.pdf")
    (error,) = await call.errors(REPLACE, id=small.turbines, file=wrong, upload=True)
    assert error["message"] == "The document is 'notes/turbines.txt', and 'other.pdf' is of another format."
    assert (await code(call, REPLACE, id=small.turbines))[0] == "INVALID_INPUT"
    assert await code(call, REPLACE, id="doc-x", text="x") == ("NOT_FOUND", "There is no document 'doc-x'.")


async def test_a_time_is_confirmed_though_the_text_is_there_already(call: Caller, small: Small) -> None:
    insert = """mutation ($texts: [TextInput!]!, $options: InsertOptions) {
      insertTexts(texts: $texts, options: $options) { documents { outcome expiresAt } } }"""
    text = [{"text": "The same text.", "source": "same.txt"}]
    (new,) = (await call(insert, texts=text))["insertTexts"]["documents"]
    assert new == {"outcome": "created", "expiresAt": None}
    (dated,) = (await call(insert, texts=text, options={"expiresAt": SOON.isoformat()}))["insertTexts"]["documents"]
    assert (dated["outcome"], datetime.fromisoformat(dated["expiresAt"])) == ("unchanged", SOON)
    (again,) = (await call(insert, texts=text))["insertTexts"]["documents"]
    assert again == dated, "the time stays until it is changed"


async def test_a_document_is_renamed_titled_and_dated(call: Caller, small: Small) -> None:
    changes = {"source": "archive/turbines.txt", "title": "Old turbines", "expiresAt": SOON.isoformat()}
    found = (await call(UPDATE, id=small.turbines, changes=changes))["updateDocument"]
    assert datetime.fromisoformat(found.pop("expiresAt")) == SOON
    assert found == {
        "id": small.turbines, "source": "archive/turbines.txt", "title": "Old turbines", "status": "processed"
    }  # fmt: skip
    found = (await call(UPDATE, id=small.turbines, changes={"expiresAt": None}))["updateDocument"]
    assert (found["expiresAt"], found["title"], found["source"]) == (None, "Old turbines", "archive/turbines.txt")
    for changes, expected in (
        ({"source": "notes/plant.txt"}, "CONFLICT"), ({"source": "turbines.pdf"}, "INVALID_INPUT"),
        ({"source": "../x.txt"}, "INVALID_INPUT"), ({"source": None}, "INVALID_INPUT"), ({}, "INVALID_INPUT"),
        ({"title": "x" * 513}, "INVALID_INPUT"), ({"expiresAt": "2020-01-01T00:00:00Z"}, "INVALID_INPUT"),
    ):  # fmt: skip
        assert (await code(call, UPDATE, id=small.turbines, changes=changes))[0] == expected, changes
    assert (await code(call, UPDATE, id="doc-x", changes={"title": "x"}))[0] == "NOT_FOUND"


async def test_texts_come_with_options(call: Caller, deps: Deps) -> None:
    options = {"chunking": {"strategy": "separator", "separator": "---"}, "expiresAt": SOON.isoformat()}
    found = (await call(INSERT, texts=[{"text": "a---b", "source": "a.txt"}], options=options))["insertTexts"]
    (made,) = found["documents"]
    assert datetime.fromisoformat(made["document"]["expiresAt"]) == SOON
    assert made["document"]["bytes"] == 5
    cut = (await document_life.chunking(deps.graph, [made["id"]]))[made["id"]]
    assert cut.own == ChunkingChoice("separator", separator="---")
    for chunking, message in (
        ({"tokens": 7}, "Chunks of 7 tokens with an overlap of 0 are not possible."),
        ({"tokens": 20, "overlap": 20}, "Chunks of 20 tokens with an overlap of 20 are not possible."),
        ({"separator": ""}, "A separator has 1 to 100 characters, this one has 0."),
    ):
        wrong = {"chunking": chunking}
        assert await code(call, INSERT, texts=[{"text": "x"}], options=wrong) == ("INVALID_INPUT", message)


async def test_cancelling(call: Caller, deps: Deps, workspace: str) -> None:
    claim = await leased(deps, workspace, "in-work.txt")
    ids = [row["id"] for row in (await call(INSERT, texts=[{"text": t} for t in "abc"]))["insertTexts"]["documents"]]
    cancel = "mutation ($ids: [ID!]!) { cancelDocuments(ids: $ids) }"
    assert (await call(cancel, ids=[ids[0], "doc-x"]))["cancelDocuments"] == [ids[0]]
    assert (await call("mutation { cancelPipeline }"))["cancelPipeline"] == 3
    assert await document_life.lost(deps.graph, [claim]) == {claim.id}
    found = await call(
        """{ pipeline { busy failed jobs { edges { node { id status cancelled indexed failed startedAt finishedAt
          messages(last: 1) } } } } }"""
    )
    assert found["pipeline"]["busy"] is False
    assert found["pipeline"]["failed"] == 4
    newest = found["pipeline"]["jobs"]["edges"][0]["node"]
    assert (newest["status"], newest["messages"]) == ("cancelled", ["Cancelled 3 documents."])
    assert newest["finishedAt"] >= newest["startedAt"]
    assert (await call("mutation { cancelPipeline }"))["cancelPipeline"] == 0


async def test_runs_are_paged(call: Caller, deps: Deps, small: Small) -> None:
    for number in range(3):
        await jobs.record(deps.graph, small.workspace, Happened(indexed=number, messages=(str(number),)))
    query = """query ($after: String) { pipeline { jobs(first: 2, after: $after) {
      edges { node { indexed messages } } pageInfo { endCursor hasNextPage } } } }"""
    first = (await call(query))["pipeline"]["jobs"]
    assert [edge["node"] for edge in first["edges"]] == [
        {"indexed": 2, "messages": ["2"]}, {"indexed": 1, "messages": ["1"]}
    ]  # fmt: skip
    rest = (await call(query, after=first["pageInfo"]["endCursor"]))["pipeline"]["jobs"]
    assert [edge["node"]["indexed"] for edge in rest["edges"]] == [0]
    assert rest["pageInfo"]["hasNextPage"] is False


async def test_documents_are_filtered_and_sorted(call: Caller, small: Small) -> None:
    await call(INSERT, texts=[{"text": f"text {name}", "source": f"{name}.md"} for name in "cab"])

    async def sources(**variables: Any) -> list[str]:
        return [edge["node"]["source"] for edge in (await call(LIST, **variables))["documents"]["edges"]]

    by_name = {"field": "source", "descending": False}
    assert await sources(orderBy=by_name) == ["a.md", "b.md", "c.md", "notes/plant.txt", "notes/turbines.txt"]
    assert await sources(orderBy={"field": "chunk_count"}, first=1) == ["notes/turbines.txt"]
    assert await sources(filter={"status": ["pending"]}, orderBy=by_name) == ["a.md", "b.md", "c.md"]
    assert await sources(filter={"search": "TURB", "types": ["text/plain"]}) == ["notes/turbines.txt"]
    assert await sources(filter={"metadata": [{"name": "author", "value": "x"}]}) == []
    assert await sources(filter={"createdBefore": "2020-01-01T00:00:00Z"}) == []
    assert len(await sources(filter={"createdAfter": "2020-01-01T00:00:00Z"})) == 5
    first = (await call(LIST, orderBy=by_name, first=3))["documents"]["pageInfo"]
    assert first["hasNextPage"]
    assert await sources(orderBy=by_name, after=first["endCursor"]) == ["notes/plant.txt", "notes/turbines.txt"]
    assert (await code(call, LIST, orderBy={"field": "title"}, after=first["endCursor"]))[0] == "INVALID_INPUT"
    assert (await code(call, LIST, after=first["endCursor"]))[0] == "INVALID_INPUT"


async def test_workspaces(call: Caller, deps: Deps, workspace: str) -> None:
    name = f"{workspace}-made"
    create = """mutation ($name: String!, $chunking: ChunkingInput) {
      createWorkspace(name: $name, chunking: $chunking) {
        name documentCount chunking { strategy tokens overlap separator } } }"""
    made = (await call(create, name=name, chunking={"strategy": "semantic", "tokens": 200}))["createWorkspace"]
    assert made == {
        "name": name, "documentCount": 0,
        "chunking": {"strategy": "semantic", "tokens": 200, "overlap": 20, "separator": "\n\n"},
    }  # fmt: skip
    assert (await code(call, create, name=name))[0] == "CONFLICT"
    assert (await code(call, create, name="a b"))[0] == "INVALID_INPUT"
    assert (await code(call, create, name=f"{name}2", chunking={"tokens": 1}))[0] == "INVALID_INPUT"
    inside = Caller(call.url, name)
    await inside(INSERT, texts=[{"text": "x"}])
    listed = """query ($search: String, $after: String) { workspaces(search: $search, first: 1, after: $after) {
      edges { node { name documentCount } } pageInfo { hasNextPage endCursor } } }"""
    found = (await call(listed, search=name))["workspaces"]
    assert found["edges"] == [{"node": {"name": name, "documentCount": 1}}]
    assert (await call(listed, search=name, after=found["pageInfo"]["endCursor"]))["workspaces"]["edges"] == []
    update = """mutation ($name: String!, $chunking: ChunkingInput!) {
      updateWorkspace(name: $name, chunking: $chunking) { chunking { strategy tokens } } }"""
    changed = (await call(update, name=name, chunking={"strategy": "tokens"}))["updateWorkspace"]
    assert changed["chunking"] == {"strategy": "tokens", "tokens": deps.limits.chunking.tokens}
    assert (await code(call, update, name="nobody", chunking={}))[0] == "NOT_FOUND"
    assert (await inside("{ workspace { name documentCount } }"))["workspace"] == {"name": name, "documentCount": 1}
    delete = "mutation ($name: String!, $confirm: String!) { deleteWorkspace(name: $name, confirm: $confirm) }"
    assert (await code(call, delete, name=name, confirm="other"))[0] == "INVALID_INPUT"
    assert (await call(delete, name=name, confirm=name))["deleteWorkspace"] is True
    assert (await call(delete, name=name, confirm=name))["deleteWorkspace"] is False
    assert (await inside("{ workspace { name } }"))["workspace"] is None
    assert await documents.listed(deps.graph, name, limit=9) == []


async def test_stats(call: Caller, small: Small) -> None:
    found = await call("{ stats { chunks entities relations questions bytes characters mediaTypes { name count } } }")
    stats = found["stats"]
    assert stats.pop("characters") > 100
    assert stats == {
        "chunks": 3, "entities": 4, "relations": 3, "questions": 0,
        "bytes": len("notes/turbines.txt") + len("notes/plant.txt"), "mediaTypes": [{"name": "text/plain", "count": 2}],
    }  # fmt: skip
