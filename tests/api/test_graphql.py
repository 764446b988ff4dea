"""Queries and mutations over HTTP, against a small graph that is known by heart."""

from __future__ import annotations

import io
import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import aiohttp
import pytest
from gql import FileVar

from graphql_caller import Caller
from neolight.deps import Deps
from neolight.graph import documents as stored
from neolight.retrieval.modes import MODES
from neolight.urls import UrlRules
from neolight.version import __version__
from small_graph import PLANT, TURBINES, Small, finish, leased


async def test_document_with_its_chunks_and_entities(call: Caller, small: Small) -> None:
    found = await call(
        """query ($id: ID!) { document(id: $id) {
          id title source mediaType status step error attempts characters chunkCount createdAt updatedAt trackId
          chunks { edges { node { id text position tokens page section start end document { id } entities { name } } } }
          entities { id name } } }""",
        id=small.turbines,
    )
    document = found["document"]
    assert document["createdAt"] <= document["updatedAt"]
    chunks = [edge["node"] for edge in document["chunks"]["edges"]]
    assert [chunk["text"] for chunk in chunks] == list(TURBINES)
    first = chunks[0]
    assert first["id"] == small.chunk(TURBINES[0])
    assert (first["position"], first["page"], first["section"], first["start"], first["end"]) == (
        0,
        1,
        "Turbines",
        0,
        40,
    )
    assert first["document"] == {"id": small.turbines}
    assert first["entities"] == [{"name": "A-102"}, {"name": "Ada Lovelace"}]
    assert document["entities"][0] == {"id": small.entity("A-102"), "name": "A-102"}
    for name in ("createdAt", "updatedAt", "chunks", "entities"):
        del document[name]
    assert document == {
        "id": small.turbines, "title": "Turbines", "source": "notes/turbines.txt", "mediaType": "text/plain",
        "status": "processed", "step": None, "error": None, "attempts": 1,
        "characters": len(" ".join(TURBINES)), "chunkCount": 2, "trackId": "small",
    }  # fmt: skip


async def test_documents_by_status_and_search_and_page(call: Caller, deps: Deps, small: Small) -> None:
    await leased(deps, small.workspace, "notes/waiting.txt")
    query = """query ($status: [DocumentStatus!], $search: String, $first: Int! = 20, $after: String) {
      documents(status: $status, search: $search, first: $first, after: $after) {
        edges { cursor node { source } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""

    async def sources(**variables: Any) -> list[str]:
        found = await call(query, **variables)
        return [edge["node"]["source"] for edge in found["documents"]["edges"]]

    everything = ["notes/waiting.txt", "notes/plant.txt", "notes/turbines.txt"]
    assert await sources() == everything
    assert await sources(status="processing") == everything[:1]
    assert await sources(status=["processed", "failed"]) == everything[1:]
    assert await sources(search="TURBIN") == everything[2:]
    seen, after = list[str](), None
    while True:
        page = (await call(query, first=1, after=after))["documents"]
        seen += [edge["node"]["source"] for edge in page["edges"]]
        assert page["pageInfo"]["hasPreviousPage"] == (after is not None)
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"] == page["pageInfo"]["endCursor"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == everything


async def test_entity_with_everything_around_it(call: Caller, small: Small) -> None:
    found = await call(
        """{ entity(name: "a-102") { id name type aliases mentionCount description
          relations { keywords weight evidenceCount source { name } target { name }
            statements { keywords description weight chunk { text } } }
          near: relations(first: 1, query: "has run in Suzhou since 2019") { keywords }
          mentions { name type description chunk { text document { title } } }
          documents { title } } }"""
    )
    entity = found["entity"]
    assert entity["id"] == small.entity("A-102")
    assert (entity["type"], entity["aliases"], entity["mentionCount"]) == ("Product", [], 2)
    designed = entity["relations"][0]
    assert designed == {
        "keywords": ["designed", "turbine"], "weight": 2.0, "evidenceCount": 1,
        "source": {"name": "Ada Lovelace"}, "target": {"name": "A-102"},
        "statements": [
            {
                "keywords": ["designed", "turbine"], "description": "Ada Lovelace designed the A-102.", "weight": 2.0,
                "chunk": {"text": TURBINES[0]},
            }
        ],
    }  # fmt: skip
    assert entity["near"] == [{"keywords": ["runs in"]}]
    assert [mention["chunk"]["text"] for mention in entity["mentions"]] == [TURBINES[1], TURBINES[0]]
    assert entity["mentions"][0]["chunk"]["document"] == {"title": "Turbines"}
    assert entity["documents"] == [{"title": "Turbines"}]


async def test_entities_listed_searched_and_paged(call: Caller, small: Small) -> None:
    query = """query ($search: String, $type: String, $first: Int! = 20, $after: String) {
      entities(search: $search, type: $type, first: $first, after: $after) {
        edges { cursor node { id mentionCount } } pageInfo { hasNextPage endCursor } } }"""
    listed = (await call(query))["entities"]
    assert [edge["node"]["mentionCount"] for edge in listed["edges"]] == [2, 2, 1, 1]
    people = (await call(query, type="Person"))["entities"]["edges"]
    assert {edge["node"]["id"] for edge in people} == {small.entity("Ada Lovelace"), small.entity("Grace Hopper")}
    for variables in ({}, {"search": "suzhou lovelace hopper"}):
        whole = [edge["node"] for edge in (await call(query, **variables))["entities"]["edges"]]
        assert len(whole) == (3 if variables else 4)
        seen, page = list[Any](), dict[str, Any]()
        while not page or page["pageInfo"]["hasNextPage"]:
            after = page["pageInfo"]["endCursor"] if page else None
            page = (await call(query, **variables, first=2, after=after))["entities"]
            seen += [edge["node"] for edge in page["edges"]]
        assert seen == whole


async def test_relation_and_subgraph(call: Caller, small: Small) -> None:
    id_ = small.relation("A-102", "Suzhou")
    found = await call(
        """query ($id: ID!, $start: String!) {
          relation(id: $id) { id keywords description sourceId targetId source { id } target { id } }
          subgraph(start: "ada lovelace", depth: 2) { nodes { name } edges { id } truncated }
          cut: subgraph(start: $start, depth: 3, maxNodes: 2) { nodes { id } edges { id } truncated } }""",
        id=id_,
        start=small.entity("Suzhou"),
    )
    assert found["relation"] == {
        "id": id_, "keywords": ["runs in"], "description": "The A-102 has run in Suzhou since 2019.",
        "sourceId": small.entity("A-102"), "targetId": small.entity("Suzhou"),
        "source": {"id": small.entity("A-102")}, "target": {"id": small.entity("Suzhou")},
    }  # fmt: skip
    assert [node["name"].casefold() for node in found["subgraph"]["nodes"]] == ["ada lovelace", "a-102", "suzhou"]
    assert len(found["subgraph"]["edges"]) == 2
    assert found["subgraph"]["truncated"] is False
    assert found["cut"] == {
        "nodes": [{"id": small.entity("Suzhou")}, {"id": small.entity("A-102")}], "edges": [{"id": id_}],
        "truncated": True,
    }  # fmt: skip


async def test_labels_stats_pipeline_and_server(call: Caller, deps: Deps, small: Small) -> None:
    await leased(deps, small.workspace, "notes/waiting.txt")
    found = await call(
        """{ labels { name count } stats { documents { status count } chunks entities relations }
          pipeline { busy pending processing processed failed latest }
          server { version neo4jVersion embeddingModel chatModel modes { name description } } }"""
    )
    assert found["labels"] == [
        {"name": "Person", "count": 2}, {"name": "Place", "count": 1}, {"name": "Product", "count": 1},
    ]  # fmt: skip
    counts = {row["status"]: row["count"] for row in found["stats"].pop("documents")}
    assert counts == {"pending": 0, "processing": 1, "processed": 2, "failed": 0}
    assert found["stats"] == {"chunks": 3, "entities": 4, "relations": 3}
    assert found["pipeline"] == {
        "busy": True, "pending": 0, "processing": 1, "processed": 2, "failed": 0, "latest": "read: notes/waiting.txt",
    }  # fmt: skip
    server = found["server"]
    assert (server["version"], server["embeddingModel"], server["chatModel"]) == (
        __version__,
        deps.embeddings.name,
        None,
    )
    assert server["neo4jVersion"].startswith("20")
    assert [mode["name"] for mode in server["modes"]] == list(MODES)


async def test_every_node_is_found_by_its_id(call: Caller, small: Small) -> None:
    asked = (await call('mutation { ask(input: {question: "Who designed the A-102?"}) { id } }'))["ask"]["id"]
    ids = {
        "Document": small.plant,
        "Chunk": small.chunk(PLANT[0]),
        "Entity": small.entity("Suzhou"),
        "Relation": small.relation("A-102", "Suzhou"),
        "Question": asked,
    }
    for name, id_ in ids.items():
        assert (await call("query ($id: ID!) { node(id: $id) { __typename id } }", id=id_))["node"] == {
            "__typename": name,
            "id": id_,
        }
        unknown = f"{id_.partition('-')[0]}-unknown"
        assert (await call("query ($id: ID!) { node(id: $id) { id } }", id=unknown))["node"] is None
    assert (await call('{ node(id: "what") { id } }'))["node"] is None


@pytest.mark.parametrize("mode", list(MODES))
async def test_retrieve_tells_scores_and_reasons(call: Caller, small: Small, mode: str) -> None:
    found = await call(
        """query ($input: RetrieveInput!) { retrieve(input: $input) { mode keywords { high low }
          chunks { id score why text source title page section start end tokens document { id } chunk { position } }
          entities { id score why name type entity { mentionCount } }
          relations { id score why source target keywords weight relation { evidenceCount } }
          timings { name milliseconds } } }""",
        input={"query": "Who designed the A-102 turbine?", "mode": mode, "topK": 3, "chunkTopK": 2},
    )
    retrieval = found["retrieve"]
    assert retrieval["mode"] == ("mix" if mode == "auto" else mode)
    if mode == "bypass":
        assert (retrieval["chunks"], retrieval["entities"], retrieval["relations"]) == ([], [], [])
        return
    assert len(retrieval["chunks"]) == 2
    best = next(row for row in retrieval["chunks"] if row["id"] == small.chunk(TURBINES[0]))
    assert (best["text"], best["source"], best["title"]) == (TURBINES[0], "notes/turbines.txt", "Turbines")
    assert (best["page"], best["section"], best["start"], best["end"]) == (1, "Turbines", 0, 40)
    assert best["document"] == {"id": small.turbines}
    assert best["chunk"] == {"position": 0}
    assert best["score"] > 0
    assert any(("graph: " if mode in ("local", "global", "hybrid") else "chunk_") in why for why in best["why"])
    assert {timing["name"] for timing in retrieval["timings"]} >= {"graph", "total"}
    if mode == "mix":
        assert {row["id"] for row in retrieval["entities"]} <= {small.entity(name) for name in (
            "Ada Lovelace", "A-102", "Suzhou", "Grace Hopper")}  # fmt: skip
        assert all(row["entity"]["mentionCount"] and row["why"] for row in retrieval["entities"])
        assert small.relation("Ada Lovelace", "A-102") in {row["id"] for row in retrieval["relations"]}
        assert retrieval["relations"][0]["relation"] == {"evidenceCount": 1}


async def test_retrieve_takes_the_given_keywords(call: Caller, small: Small) -> None:
    found = await call(
        """{ retrieve(input: {query: "who?", keywords: {high: ["engineering"], low: ["Grace Hopper"]}}) {
          keywords { high low } } }"""
    )
    assert found["retrieve"]["keywords"] == {"high": ["engineering"], "low": ["Grace Hopper"]}


async def test_a_filter_confines_a_search(call: Caller, small: Small) -> None:
    found = await call(
        "query ($input: RetrieveInput!) { retrieve(input: $input) { chunks { source } } }",
        input={"query": "Who designed the A-102 turbine?", "filter": {"documentIds": [small.turbines]}},
    )
    assert {row["source"] for row in found["retrieve"]["chunks"]} == {"notes/turbines.txt"}
    found = await call(
        "query ($input: RetrieveInput!) { retrieve(input: $input) { chunks { source } } }",
        input={
            "query": "Who designed the A-102 turbine?",
            "filter": {"metadata": [{"key": "source", "value": "absent"}], "createdAfter": "2020-01-01T00:00:00Z"},
        },
    )
    assert found["retrieve"]["chunks"] == []


async def test_why_an_item_is_not_found(call: Caller, small: Small) -> None:
    ask = """query ($input: RetrieveInput!, $chunk: ID, $entity: ID) {
      whyNot(input: $input, chunk: $chunk, entity: $entity) { found place steps { name passed detail } } }"""
    question = {"query": "Who designed the A-102 turbine?"}
    chunk = small.chunk(TURBINES[0])
    told = (await call(ask, input=question, chunk=chunk))["whyNot"]
    assert told["found"]
    assert told["place"] in (1, 2)
    assert {step["name"]: step["passed"] for step in told["steps"]}["chunk_text"]
    told = (await call(ask, input={**question, "filter": {"documentIds": ["doc-none"]}}, chunk=chunk))["whyNot"]
    assert (told["found"], told["place"]) == (False, None)
    assert told["steps"][0] == {"name": "filter", "passed": False, "detail": "Without the filter it is found."}
    assert told["steps"][-1] == {"name": "ranking", "passed": False, "detail": "It was not ranked."}
    told = (await call(ask, input=question, entity=small.entity("A-102")))["whyNot"]
    assert told["found"]
    assert "entity_name: the question names it" in told["steps"][0]["detail"]


async def test_ask_without_a_model_cites_and_is_kept_and_rated(call: Caller, small: Small) -> None:
    answer = (
        await call(
            """mutation { ask(input: {question: "Who designed the A-102 turbine?"}) {
              id question text generated mode milliseconds
              citations { number quote start end page section document { id } chunk { id } }
              retrieval { chunks { id } } } }"""
        )
    )["ask"]
    assert (answer["generated"], answer["mode"]) == (False, "mix")
    assert "Ada Lovelace" in answer["text"]
    assert "[1]" in answer["text"]
    first = answer["citations"][0]
    assert first == {
        "number": 1, "quote": TURBINES[0], "start": 0, "end": 40, "page": 1, "section": "Turbines",
        "document": {"id": small.turbines}, "chunk": {"id": small.chunk(TURBINES[0])},
    }  # fmt: skip
    assert {"id": small.chunk(TURBINES[0])} in answer["retrieval"]["chunks"]
    rated = await call("mutation ($id: ID!) { rateQuery(id: $id, rating: 1) { id rating } }", id=answer["id"])
    assert rated["rateQuery"] == {"id": answer["id"], "rating": 1}
    past = (
        await call(
            """query ($id: ID!) { query(id: $id) { id text mode answer generated createdAt milliseconds rating
              citations { number quote start end page chunk { text } document { title } } } }""",
            id=answer["id"],
        )
    )["query"]
    assert (past["text"], past["answer"], past["rating"]) == (answer["question"], answer["text"], 1)
    assert past["citations"][0] == {
        "number": 1, "quote": TURBINES[0], "start": 0, "end": 40, "page": 1, "chunk": {"text": TURBINES[0]},
        "document": {"title": "Turbines"},
    }  # fmt: skip


async def test_past_questions_are_paged_newest_first(call: Caller, small: Small) -> None:
    for question in ("Who leads the plant?", "Who designed the A-102?", "Since when does it run?"):
        await call("mutation ($input: AskInput!) { ask(input: $input) { id } }", input={"query": question})
    query = """query ($first: Int!, $after: String) { queries(first: $first, after: $after) {
      edges { node { text } } pageInfo { hasNextPage endCursor } } }"""
    first = (await call(query, first=2))["queries"]
    assert [edge["node"]["text"] for edge in first["edges"]] == ["Since when does it run?", "Who designed the A-102?"]
    rest = (await call(query, first=2, after=first["pageInfo"]["endCursor"]))["queries"]
    assert [edge["node"]["text"] for edge in rest["edges"]] == ["Who leads the plant?"]
    assert rest["pageInfo"]["hasNextPage"] is False


async def test_texts_are_queued_and_can_be_followed(call: Caller, deps: Deps) -> None:
    deps.waiting.clear()
    mutation = """mutation ($texts: [TextInput!]!) { insertTexts(texts: $texts) {
      trackId documents { id source outcome document { title status mediaType } } } }"""
    texts = [{"text": "One.", "source": "notes/one.md", "title": "The one"}, {"text": "Two."}]
    found = (await call(mutation, texts=texts))["insertTexts"]
    by_source = {row["source"]: row for row in found["documents"]}
    assert by_source["notes/one.md"]["outcome"] == "created"
    assert by_source["notes/one.md"]["document"] == {"title": "The one", "status": "pending", "mediaType": "text/plain"}
    assert sorted(by_source)[1].startswith("text-")
    assert deps.waiting.is_set()
    tracked = await stored.tracked(deps.graph, call.workspace, found["trackId"])
    assert {row.id for row in tracked} == {row["id"] for row in found["documents"]}
    originals = await stored.originals(deps.graph, [by_source["notes/one.md"]["id"]])
    assert list(originals.values()) == [b"One."]
    again = (await call(mutation, texts=[texts[0], {"text": "Three.", "source": "notes/two.md"}]))["insertTexts"]
    assert {row["source"]: row["outcome"] for row in again["documents"]} == {
        "notes/one.md": "unchanged", "notes/two.md": "created",
    }  # fmt: skip


UPLOAD = """mutation ($files: [Upload!]!) { uploadDocuments(files: $files) {
  trackId refused { name message } documents { id source outcome document { title mediaType status } } } }"""


async def test_files_are_uploaded_as_the_multipart_specification_says(call: Caller, deps: Deps) -> None:
    files = [
        FileVar(io.BytesIO(b"# A heading"), filename="a.md", content_type="text/markdown"),
        FileVar(io.BytesIO(b"%PDF-1.7 not really"), filename="b.pdf"),
    ]
    found = (await call(UPLOAD, upload=True, files=files))["uploadDocuments"]
    by_source = {row["source"]: row for row in found["documents"]}
    assert set(by_source) == {"a.md", "b.pdf"}
    assert by_source["b.pdf"]["outcome"] == "created"
    assert by_source["b.pdf"]["document"] == {"title": "b.pdf", "mediaType": "application/pdf", "status": "pending"}
    originals = await stored.originals(deps.graph, [by_source["a.md"]["id"]])
    assert list(originals.values()) == [b"# A heading"]


async def send(call: Caller, name: str, data: bytes) -> dict[str, Any]:
    """Sends a good file and this one as a browser does, which leaves names as they are."""
    operations = {"query": UPLOAD, "variables": {"files": [None, None]}}
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("operations", json.dumps(operations))
    form.add_field("map", json.dumps({"0": ["variables.files.0"], "1": ["variables.files.1"]}))
    form.add_field("0", b"good", filename="good.txt")
    form.add_field("1", io.BytesIO(data), filename=name)
    headers = {"X-Workspace": call.workspace}
    async with aiohttp.ClientSession() as client, client.post(call.url, data=form, headers=headers) as reply:
        return await reply.json()


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("notes/a.md", "notes/a.md"),
        ("./notes//a.md", "notes/a.md"),
        ("C:\\notes\\a.md", "a.md"),
        ("/etc/passwd", "etc/passwd"),
        ("Prüf\u202egnp.txt", "Prüfgnp.txt"),
    ],
)
async def test_the_name_of_a_file_becomes_a_relative_path(call: Caller, name: str, source: str) -> None:
    reply = await send(call, name, b"x")
    assert [row["source"] for row in reply["data"]["uploadDocuments"]["documents"]] == sorted(["good.txt", source])


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("../../etc/passwd", b"x", "cannot be the name"),
        ("empty.txt", b"", "is empty"),
        ("large.txt", b"x" * ((1 << 20) + 1), "at most 1"),
    ],
)
async def test_a_file_that_cannot_be_taken_is_told_by_name_and_the_others_are_queued(
    call: Caller, deps: Deps, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes, problem: str
) -> None:
    few = replace(deps.limits, max_upload_mb=1)
    monkeypatch.setattr(Deps, "limits", few)
    found = (await send(call, name, data))["data"]["uploadDocuments"]
    assert [row["source"] for row in found["documents"]] == ["good.txt"]
    (refused,) = found["refused"]
    assert refused["name"] == name
    assert problem in refused["message"]
    (document,) = await stored.listed(deps.graph, call.workspace, limit=10)
    assert (document.source, document.track_id) == ("good.txt", found["trackId"])


async def test_files_of_which_none_can_be_taken_are_an_error_that_names_a_few(call: Caller, deps: Deps) -> None:
    files = [FileVar(io.BytesIO(b""), filename=f"{at}.txt") for at in range(7)]
    (error,) = await call.errors(UPLOAD, upload=True, files=files)
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert error["message"].startswith("None of the 7 files can be taken in. 0.txt is empty (0 bytes). ")
    assert "4.txt is empty" in error["message"]
    assert "5.txt" not in error["message"]
    assert error["extensions"]["hint"] == "2 more are like these."
    (alone,) = await call.errors(UPLOAD, upload=True, files=files[:1])
    assert alone["message"] == "0.txt is empty (0 bytes)."
    assert await stored.listed(deps.graph, call.workspace, limit=10) == []


async def test_files_are_queued_in_portions_that_fit(
    call: Caller, deps: Deps, monkeypatch: pytest.MonkeyPatch, fetched: list[str]
) -> None:
    few = replace(deps.limits, max_upload_mb=1)
    monkeypatch.setattr(Deps, "limits", few)
    files = [FileVar(io.BytesIO(b"x" * 400_000), filename=f"{at}.txt") for at in range(5)]
    found = (await call(UPLOAD, upload=True, files=files))["uploadDocuments"]
    assert [row["source"] for row in found["documents"]] == [f"{at}.txt" for at in range(5)]
    assert fetched.count("documents/enqueue") == 3
    assert len(await stored.tracked(deps.graph, call.workspace, found["trackId"])) == 5


URLS = "mutation ($urls: [String!]!) { insertUrls(urls: $urls) { documents { source outcome } } }"


async def test_urls_are_fetched_from_allowed_hosts_only(
    call: Caller, deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    (error,) = await call.errors(URLS, urls=["https://docs.example.com/a"])
    assert "docs.example.com are not fetched: it is not on the list of allowed hosts" in error["message"]

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<p>Part P-987")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        host = f"127.0.0.1:{server.server_port}"
        monkeypatch.setattr(Deps, "urls", UrlRules((host,)))
        (error,) = await call.errors(URLS, urls=[f"http://{host}/a"])
        assert "at an address that is private" in error["message"]
        monkeypatch.setattr(Deps, "urls", UrlRules((host,), permitted=lambda address: address.is_loopback))
        (found,) = (await call(URLS, urls=[f"http://{host}/a"]))["insertUrls"]["documents"]
        server.shutdown()
    assert found == {"source": f"{host}/a.html", "outcome": "created"}
    (document,) = await stored.listed(deps.graph, call.workspace, limit=10)
    assert list((await stored.originals(deps.graph, [document.id])).values()) == [b"<p>Part P-987"]


async def test_documents_are_deleted_with_what_rests_on_nothing_else(call: Caller, small: Small) -> None:
    mutation = "mutation ($ids: [ID!]!) { deleteDocuments(ids: $ids) }"
    assert (await call(mutation, ids=[small.plant, "doc-unknown"]))["deleteDocuments"] == [small.plant]
    found = await call('{ stats { chunks entities relations } entity(name: "Grace Hopper") { id } }')
    assert found == {"stats": {"chunks": 2, "entities": 3, "relations": 2}, "entity": None}


async def test_failed_documents_are_retried(call: Caller, deps: Deps) -> None:
    claims = [await leased(deps, call.workspace, name) for name in ("a.txt", "b.txt")]
    await stored.fail(deps.graph, claims, "It is broken.")
    mutation = "mutation ($ids: [ID!]) { retryDocuments(ids: $ids) }"
    assert (await call(mutation, ids=[claims[0].id]))["retryDocuments"] == [claims[0].id]
    assert (await call(mutation))["retryDocuments"] == [claims[1].id]
    assert (await call(mutation))["retryDocuments"] == []


async def test_a_workspace_sees_nothing_of_another(call: Caller, graphql_url: str, small: Small) -> None:
    other = Caller(graphql_url, f"{call.workspace}-other")
    found = await other(
        """query ($document: ID!, $chunk: ID!, $entity: ID!, $relation: ID!) {
          document(id: $document) { id } chunk: node(id: $chunk) { id } entity(id: $entity) { id }
          relation(id: $relation) { id } documents { edges { node { id } } } entities { edges { node { id } } }
          found: entities(search: "Suzhou") { edges { node { id } } } labels { name }
          retrieve(input: {query: "Who designed the A-102 turbine?"}) { chunks { id } entities { id } relations { id } }
          stats { chunks entities relations } }""",
        document=small.plant,
        chunk=small.chunk(PLANT[0]),
        entity=small.entity("Suzhou"),
        relation=small.relation("A-102", "Suzhou"),
    )
    nothing = {"edges": list[object]()}
    assert found == {
        "document": None, "chunk": None, "entity": None, "relation": None, "documents": nothing, "entities": nothing,
        "found": nothing, "labels": [], "retrieve": {"chunks": [], "entities": [], "relations": []},
        "stats": {"chunks": 0, "entities": 0, "relations": 0},
    }  # fmt: skip
    mutation = "mutation ($ids: [ID!]!) { deleteDocuments(ids: $ids) retryDocuments(ids: $ids) }"
    changed = await other(mutation, ids=[small.plant, small.turbines])
    assert changed == {"deleteDocuments": [], "retryDocuments": []}
    assert (await call("{ stats { chunks entities relations } }"))["stats"] == {
        "chunks": 3, "entities": 4, "relations": 3,
    }  # fmt: skip


async def test_a_nested_list_takes_as_many_round_trips_however_long_it_is(
    call: Caller, deps: Deps, small: Small, fetched: list[str]
) -> None:
    query = """query ($first: Int!) { documents(first: $first) { edges { node {
      chunks(first: 5) { edges { node { document { id } entities(first: 5) {
        relations(first: 2) { source { name } statements(first: 1) { chunk { text } } }
        near: relations(first: 2, query: "turbine") { target { name } }
        mentions(first: 2) { chunk { document { title } } } documents(first: 2) { title } } } } }
      entities(first: 3) { name } } } } }"""

    for at in range(8):
        await finish(deps, await leased(deps, small.workspace, f"more/{at}.txt"), f"More {at}", TURBINES)

    async def trips(first: int) -> list[str]:
        fetched.clear()
        found = await call(query, first=first)
        assert len(found["documents"]["edges"]) == first
        return sorted(fetched)

    few, many = await trips(3), await trips(10)
    assert set(many) == set(few)
    assert len(many) <= len(few) + 2, "a list of one item may reach a loader a moment before longer ones"
    assert len(few) < 20
