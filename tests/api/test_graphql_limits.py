"""What GraphQL refuses, and how it says so."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from gql import Client
from gql.transport.aiohttp import AIOHTTPTransport
from graphql import specified_rules

from graphql_caller import Caller
from hostile import control, tried
from neolight.errors import GraphUnavailable
from neolight.graph import documents as stored
from neolight.graphql import limits
from neolight.graphql.known import LONGEST_KNOWN

DEEP = '{ entity(name: "x") { ' + "relations(first: 1) { source { " * 8 + "id" + " } }" * 8 + " } }"


@pytest.mark.parametrize(
    ("query", "limit"),
    [
        (DEEP, f"17 nested levels; the limit is {limits.MOST_DEPTH}"),
        (
            "{ " + " ".join(f"a{at}: labels {{ name }}" for at in range(31)) + " }",
            f"the limit is {limits.MOST_ALIASES}",
        ),
        ("{ " + "labels { name } " * 300 + " }", f"more than {limits.MOST_TOKENS} tokens"),
        (
            "{ documents(first: 100) { edges { node { chunks(first: 100) { edges { node { entities(first: 3) { id } } "
            "} } } } } }",
            f"objects by the product of its `first` arguments; the limit is {limits.MOST_OBJECTS}",
        ),
        (
            '{ retrieve(input: {query: "x", topK: 1000}) { entities { entity { relations(first: 100) { id } } } } }',
            f"the limit is {limits.MOST_OBJECTS}",
        ),
        (
            '{ subgraph(start: "x", maxNodes: 1000) { nodes { ...n } } } fragment n on Entity { mentions { name } }',
            f"the limit is {limits.MOST_OBJECTS}",
        ),
    ],
)
async def test_a_query_that_asks_for_too_much_is_told_the_limit(call: Caller, query: str, limit: str) -> None:
    (error,) = await call.errors(query)
    assert limit in error["message"]


WIDE: dict[str, Callable[[int], str]] = {
    "aliases": lambda n: "{ " + " ".join(f"a{at}: labels {{ name }}" for at in range(n)) + " }",
    "aliases in a fragment": lambda n: (
        "{ ...f } fragment f on Query { " + " ".join(f"a{at}: stats {{ chunks }}" for at in range(n)) + " }"
    ),
    "aliases of a field below": lambda n: (
        '{ entity(name: "x") { ' + " ".join(f"a{at}: relations {{ id }}" for at in range(n)) + " } }"
    ),
    "aliases of leaves": lambda n: "{ stats { " + " ".join(f"a{at}: chunks" for at in range(n)) + " } }",
    "aliases in inline fragments": lambda n: (
        "{ " + " ".join(f"... on Query {{ a{at}: labels {{ name }} }}" for at in range(n)) + " }"
    ),
}
DEEP_BY: dict[str, Callable[[int], str]] = {
    "fields": lambda n: '{ entity(name: "x") { ' + "relations(first: 1) { source { " * n + "id" + " } }" * n + " } }",
    "with aliases": lambda n: (
        '{ entity(name: "x") { ' + "r: relations(first: 1) { s: source { " * n + "id" + " } }" * n + " } }"
    ),
    "fragments": lambda n: (
        '{ entity(name: "x") { ...f0 } } '
        + " ".join(
            f"fragment f{at} on Entity {{ relations(first: 1) {{ source {{ ...f{at + 1} }} }} }}" for at in range(n)
        )
        + f" fragment f{n} on Entity {{ id }}"
    ),
    "inline fragments": lambda n: (
        '{ entity(name: "x") { ' + "... on Entity { relations(first: 1) { target { " * n + "id" + " } } }" * n + " } }"
    ),
    "two ways": lambda n: (
        '{ entity(name: "x") { ' + "relations(first: 1) { source { id } target { " * n + "id" + " } }" * n + " } }"
    ),
}
FLOODS = {
    **{f"{name}, {n}": make(n) for name, make in WIDE.items() for n in range(limits.MOST_ALIASES + 1, 42)},
    **{f"deep {name}, {n}": make(n) for name, make in DEEP_BY.items() for n in range(8, 19)},
}


async def test_floods_are_refused(graphql_url: str, fetched: list[str]) -> None:
    assert len(FLOODS) >= 100
    async with aiohttp.ClientSession() as client:
        for name, query in FLOODS.items():
            async with client.post(graphql_url, json={"query": query}) as reply:
                said = await reply.json()
            assert said.get("data") is None, name
            assert "the limit is" in said["errors"][0]["message"], (name, said)
            tried("GraphQL depth floods" if name.startswith("deep") else "GraphQL alias floods")
    assert fetched == [], "nothing was asked of the database"


async def test_control_the_same_shapes_within_the_limits_are_answered(graphql_url: str) -> None:
    modest = [make(20) for make in WIDE.values()] + [make(3) for make in DEEP_BY.values()]
    async with aiohttp.ClientSession() as client:
        for query in modest:
            async with client.post(graphql_url, json={"query": query}) as reply:
                assert "errors" not in await reply.json(), query
    control("GraphQL alias floods")
    control("GraphQL depth floods")


async def test_introspection_is_within_the_limits(graphql_url: str) -> None:
    async with Client(transport=AIOHTTPTransport(graphql_url), fetch_schema_from_transport=True) as session:
        assert session.client.schema
        assert "Document" in session.client.schema.type_map


async def test_the_cost_counts_variables_and_their_defaults(call: Caller) -> None:
    nested = "{ documents(first: $n) { edges { node { chunks(first: $n) { edges { node { entities { id } } } } } } } }"
    (error,) = await call.errors("query ($n: Int!) " + nested, n=100)
    assert "the limit is" in error["message"]
    (error,) = await call.errors("query ($n: Int! = 100) " + nested)
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert await call("query ($n: Int!) " + nested, n=2) == {"documents": {"edges": []}}


async def test_a_text_that_is_known_is_checked_with_its_variables(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    validated: list[str] = []
    first = specified_rules[0]
    enter = first.__init__

    def noted(self: Any, context: Any) -> None:
        validated.append(type(self).__name__)
        enter(self, context)

    monkeypatch.setattr(first, "__init__", noted)
    query = (
        "query ($n: Int!) { documents(first: $n) { edges { node { chunks(first: 100) { edges { node { id } } } } } } }"
    )
    wrong = "{ documents { nothing } }"
    for _ in range(3):
        await call(query, n=1)
        (error,) = await call.errors(query, n=10**6)
        assert "limit" in error["message"]
        (error,) = await call.errors(query, n="x")
        assert "Int" in error["message"]
        assert "nothing" in (await call.errors(wrong))[0]["message"], "what is not valid is never known"
        async with aiohttp.ClientSession() as session:  # gql leaves comments out
            await session.post(call.url, json={"query": "{ __typename } #" + "x" * LONGEST_KNOWN})
    assert len(validated) == 1 + 3 + 3, "the known text once, the others every time"


async def test_fragments_that_spread_each_other_cost_no_time(call: Caller) -> None:
    query = "{ ...f0 } " + " ".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(60))
    # each doubles the one before: spread out they would be 2 ** 60 selections, which no time is enough for
    await call(query + " fragment f60 on Query { labels { name } }")
    cyclic = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }"
    assert "itself" in (await call.errors(cyclic))[0]["message"]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("{ documents(first: 0) { edges { cursor } } }", "`first` is 0; it must be from 1 to 100."),
        ("{ documents(first: 101) { edges { cursor } } }", "`first` is 101; it must be from 1 to 100."),
        ("{ entity { id } }", "either `id` or `name`"),
        ('{ entity(id: "a", name: "b") { id } }', "either `id` or `name`"),
        ('{ subgraph(start: "x", depth: 4) { truncated } }', "`depth` is 4; it must be from 1 to 3."),
        ('{ retrieve(input: {query: "x", topK: 0}) { mode } }', "`topK` is 0; it must be from 1 to 1000."),
        ('{ retrieve(input: {query: " "}) { mode } }', "The question is empty."),
        ("mutation { ask(input: {}) { id } }", "`ask` needs a question."),
        ('mutation { ask(input: {query: "x", maxTotalTokens: 0}) { id } }', "`maxTotalTokens` is 0"),
        ("mutation { insertTexts(texts: []) { trackId } }", "`texts` has 0 items"),
        ('mutation { insertTexts(texts: [{text: " "}]) { trackId } }', "The text is empty."),
        ('mutation { insertTexts(texts: [{text: "x", source: "../x"}]) { trackId } }', "cannot be the name"),
        ('mutation { rateQuery(id: "query-1", rating: 2) { id } }', "`rating` is 2."),
    ],
)
async def test_input_that_is_not_valid_is_told_why(call: Caller, query: str, problem: str) -> None:
    (error,) = await call.errors(query)
    assert problem in error["message"]
    assert error["extensions"]["code"] == "INVALID_INPUT"


async def test_what_is_not_there_is_told_with_a_hint(call: Caller) -> None:
    (error,) = await call.errors('{ subgraph(start: "Nobody") { truncated } }')
    assert error["message"] == "There is no entity 'Nobody'."
    assert error["extensions"] == {"code": "NOT_FOUND", "hint": "Look for it by `entities(search:)`."}
    (error,) = await call.errors('mutation { rateQuery(id: "query-1", rating: 1) { id } }')
    assert error["extensions"]["code"] == "NOT_FOUND"


def forged(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "", "!", "ü", "a", forged(), forged("documents"), forged("queries", "2026-01-01T00:00:00+00:00", "x"),
        forged("documents", "yesterday", "x"), forged("documents", "2026-01-01T00:00:00", "x"),
        forged("documents", 1, "x"), forged("documents", "2026-01-01T00:00:00+00:00", "x", "y"),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)  # fmt: skip
async def test_a_forged_cursor_is_refused(call: Caller, cursor: str) -> None:
    (error,) = await call.errors(
        "query ($after: String) { documents(after: $after) { edges { cursor } } }", after=cursor
    )
    assert error["message"] == "`after` is not a cursor of this list."
    assert error["extensions"]["code"] == "INVALID_INPUT"


@pytest.mark.parametrize(
    "cursor", [forged("entities", "x", "y"), forged("entities", 1 << 64, "y"), forged("entities", True, "y")]
)
async def test_a_forged_cursor_of_entities_is_refused(call: Caller, cursor: str) -> None:
    (error,) = await call.errors(
        "query ($after: String) { entities(after: $after) { edges { cursor } } }", after=cursor
    )
    assert error["extensions"]["code"] == "INVALID_INPUT"


async def test_an_unexpected_error_becomes_an_id_that_the_log_has(
    call: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr(stored, "pipeline", broken)
    with caplog.at_level(logging.ERROR):
        (error,) = await call.errors("{ pipeline { busy } }")
    id_ = error["extensions"]["id"]
    assert error["message"] == f"internal error {id_}"
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["path"] == ["pipeline"]
    assert "swordfish" not in json.dumps(error)
    (record,) = [record for record in caplog.records if record.name == "neolight.errors"]
    assert id_ in record.getMessage()
    assert record.exc_info
    assert "swordfish" in str(record.exc_info[1])


async def test_an_expected_error_keeps_its_code(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    async def down(*_: object, **__: object) -> None:
        raise GraphUnavailable("Neo4j does not answer.", hint="Start it.")

    monkeypatch.setattr(stored, "pipeline", down)
    (error,) = await call.errors("{ pipeline { busy } }")
    assert (error["message"], error["extensions"]) == (
        "Neo4j does not answer.", {"code": "GRAPH_UNAVAILABLE", "hint": "Start it."},
    )  # fmt: skip


@pytest.mark.parametrize("name", ["a b", "../x", "ä", "x" * 65, "-x"])
async def test_a_workspace_that_cannot_be_is_refused(graphql_url: str, name: str) -> None:
    body, headers = {"query": "{ labels { name } }"}, {"X-Workspace": name}
    async with aiohttp.ClientSession() as client, client.post(graphql_url, json=body, headers=headers) as reply:
        assert (await reply.json())["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


async def test_a_request_without_a_header_is_for_the_default_workspace(graphql_url: str) -> None:
    body = {"query": "{ stats { chunks } documents { edges { cursor } } }"}
    async with aiohttp.ClientSession() as client, client.post(graphql_url, json=body) as reply:
        assert await reply.json() == {"data": {"stats": {"chunks": 0}, "documents": {"edges": []}}}


async def test_a_browser_is_given_graphiql(graphql_url: str) -> None:
    headers = {"Accept": "text/html"}
    async with aiohttp.ClientSession() as client, client.get(graphql_url, headers=headers) as page:
        assert "graphiql" in (await page.text()).lower()


@pytest.mark.parametrize(("site", "status"), [("https://elsewhere.example", 403), ("", 200)])
async def test_a_page_of_another_site_cannot_send_files(graphql_url: str, site: str, status: int) -> None:
    form = aiohttp.FormData({"operations": json.dumps({"query": "{ labels { name } }"}), "map": "{}"})
    form.add_field("0", b"x", filename="x")
    headers = {"Origin": site or graphql_url.removesuffix("/graphql")}
    async with aiohttp.ClientSession() as client, client.post(graphql_url, data=form, headers=headers) as reply:
        assert reply.status == status


async def test_a_page_of_another_site_cannot_open_a_socket(graphql_url: str) -> None:
    async with aiohttp.ClientSession() as client:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await client.ws_connect(graphql_url, origin="https://elsewhere.example", protocols=["graphql-transport-ws"])
        async with client.ws_connect(graphql_url, protocols=["graphql-transport-ws"]) as socket:
            assert socket.protocol == "graphql-transport-ws"
