"""What holds for every route: answers name the headers they depend on, and errors show no objects of the program."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

REPR = re.compile(
    r"object at 0x|<class |UploadFile|SpooledTemporaryFile|Traceback|ValidationError\(|\bInternal Server\b"
)
"""What only a program would say."""

DEPENDS = {"authorization", "x-api-key", "x-workspace", "lightrag-workspace"}

HALF = b'"\\ud800"'
"""Half a character: JSON has it, UTF-8 has not."""


@pytest.fixture(scope="module")
def operations(server: Any) -> dict[str, Any]:
    """All operations of the description of the API."""
    described = httpx.get(f"{server.url}/openapi.json").json()
    found = {
        f"{method.upper()} {path}": operation | {"schemas": described["components"]["schemas"]}
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }
    assert len(found) > 45
    return found


def address(name: str) -> tuple[str, str]:
    """The method and the path of an operation, with something in the place of its parameters."""
    method, _, path = name.partition(" ")
    return method, re.sub(r"\{\w+\}", "x", path)


def test_every_answer_names_the_headers_that_it_depends_on(client: httpx.Client, operations: dict[str, Any]) -> None:
    seen: set[int] = set()
    for name in operations:
        reply = client.request(*address(name))
        seen.add(reply.status_code // 100)
        varied = {one.strip().lower() for one in reply.headers.get("vary", "").split(",")}
        assert varied >= DEPENDS or reply.headers["content-type"].startswith("text/html"), name
        assert reply.status_code < 500, name
    assert seen >= {2, 4}
    told = client.post("/graphql", json={"query": "{ server { version } }"}).headers["vary"].lower()
    assert all(header in told for header in DEPENDS)
    page = client.get("/docs").headers
    assert "x-workspace" not in page.get("vary", "").lower(), "a page is the same for everybody"


def wrong(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Requests of an operation that have something of the wrong kind in them."""
    plain = {"headers": {"Content-Type": "application/json"}}
    for body in (b"[1]", b"{", b"NaN", HALF, b'{"x": 1}', b"\xff\xfe"):
        yield plain | {"content": body}
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        name = content["schema"].get("$ref", "").rpartition("/")[2]
        fields = operation["schemas"].get(name, {}).get("properties", {})
        for field in fields:
            if media == "application/json":
                for value in (b"NaN", HALF, b"{}", b'[[["x"]]]', b"-1e999", b'{"a": "\\ud800"}', b"1" + b"0" * 400):
                    yield plain | {"content": b'{"%s": %s}' % (field.encode(), value)}
            else:
                yield {"files": {field: ("secret.txt", b"content")}}
                yield {"files": {"another": ("x.txt", b"x")}, "data": {field: "a text"}}
    yield {"params": {"limit": "many", "max_depth": "x", "max_nodes": "0", "cursor": "x", "label": "x" * 2000}}


def test_no_error_shows_an_object_of_the_program(client: httpx.Client, operations: dict[str, Any]) -> None:
    statuses: dict[int, int] = {}
    for name, operation in operations.items():
        for request in wrong(operation):
            reply = client.request(*address(name), **request)
            statuses[reply.status_code] = statuses.get(reply.status_code, 0) + 1
            assert reply.status_code < 500, f"{name} {request}: {reply.text}"
            if reply.status_code >= 400:
                assert not REPR.search(reply.text), f"{name} {request}: {reply.text}"
    assert statuses[422] > 100


def test_a_wrong_value_is_told_plainly(client: httpx.Client) -> None:
    def told(**request: Any) -> dict[str, Any]:
        reply = client.post("/documents/upload", **request)
        assert reply.status_code == 422
        return {".".join(map(str, one["loc"])): one for one in reply.json()["detail"]}

    given = told(files={"chunking": ("plan.json", b"{}")}, data={"file": "no file"})
    assert given["body.file"] == {
        "type": "value_error", "loc": ["body", "file"], "msg": "A file is needed here, and a text was sent.",
        "input": "no file",
    }  # fmt: skip
    assert given["body.chunking"]["msg"] == "A text is needed here, and a file was sent."
    assert "input" not in given["body.chunking"]
    assert told(data={"file": "x" * 201})["body.file"].keys() == {"type", "loc", "msg"}
    top = client.post("/query", json={"query": "What is it?", "top_k": 0}).json()["detail"][0]
    assert (top["loc"], top["input"], top["ctx"]) == (["body", "top_k"], 0, {"ge": 1})


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ \ud800 }", {}),
        ('{ document(id: "\ud800") { id } }', {}),
        ('{ document(id: "\\ud800") { id } }', {}),
        ("query ($a: Int) { documents(first: $a) { edges { cursor } } }", {"a": "\ud800"}),
        ("query ($a: ID!) { document(id: $a) { id } }", {"a": "\ud800"}),
        ("query ($a: String) { documents(search: $a) { edges { cursor } } }", {"a": "x\ud800"}),
        ("query ($a: String!) { retrieve(input: {query: $a}) { passages { text } } }", {"a": "What is \ud800?"}),
        ("mutation ($a: String!) { createEntity(name: $a) { name } }", {"a": "half \ud800"}),
        ("mutation ($a: ID!) { rejectSuggestion(id: $a) }", {"a": "\ud800"}),
        ("mutation ($a: String!) { insertTexts(texts: [{text: $a}]) { trackId } }", {"a": "half \ud800"}),
    ],
)
def test_half_a_character_is_no_error_of_the_server(
    client: httpx.Client, query: str, variables: dict[str, Any]
) -> None:
    body = json.dumps({"query": query, "variables": variables})
    reply = client.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code < 500, reply.text
    assert "INTERNAL" not in reply.text
    assert reply.status_code == 200 or "surrogate" in reply.json()["detail"]


@pytest.mark.parametrize("body", [b"\xff\xfe{}", b"[" * 100_000, b'{"a": 1%s}' % (b"0" * 5000), b"null", b"3"])
def test_what_is_no_json_object_is_refused_by_graphql(client: httpx.Client, body: bytes) -> None:
    reply = client.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert (reply.status_code, "JSON" in reply.json()["detail"]) == (400, True)


def test_parameters_that_are_null_are_not_given(client: httpx.Client) -> None:
    reply = client.get("/graphql", params={"query": "{ __typename }", "variables": "null", "extensions": "null"})
    assert reply.json() == {"data": {"__typename": "Query"}}


def test_half_a_character_closes_a_socket(client: httpx.Client) -> None:
    url = str(client.base_url.copy_with(scheme="ws", path="/graphql"))
    with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        socket.send('{"type": "connection_init"}')
        assert json.loads(socket.recv(30))["type"] == "connection_ack"
        socket.send('{"type": "subscribe", "id": "\\ud800", "payload": {"query": "{ __typename }"}}')
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(30)
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 4400
