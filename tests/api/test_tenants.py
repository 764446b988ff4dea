"""One tenant calls every operation of every API with another's ids, names and cursors: it finds and changes nothing."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import httpx
import pytest
from gql import Client, gql
from gql.transport.exceptions import TransportError, TransportQueryError
from gql.transport.websockets import WebsocketsTransport
from pydantic import SecretStr
from websockets.exceptions import ConnectionClosed, WebSocketException

from every_call import ELSEWHERE, REST, TOOLS, Call, every_call, saying
from hostile import control, tried
from neolight.auth import permissions
from neolight.auth.principal import Role
from neolight.deps import Deps
from neolight.errors import GraphError
from neolight.graph import calls, keys, workspaces
from neolight.models import ModelCall, Spent
from neolight.settings import Settings
from servers import Server, serving_neolight
from small_graph import PLANT, SAYS, TURBINES, finish, leased, write

TAG = secrets.token_hex(4)
OWNER, STRANGER = f"owner-{TAG}", f"stranger-{TAG}"
KEYS = {name: f"key-of-{name}-0123456789" for name in (OWNER, STRANGER)}
SPARE = "The spare key of the plant lies under the mat."
SOURCES = [f"{TAG}/{name}.txt" for name in ("spare", "failed", "working")]
TRACK = f"track-{TAG}"
TOLD = [one.description for says in SAYS.values() for one in (*says.mentions, *says.statements)]
MODEL = f"model-{TAG}"
KIND = "Zeppelin"
SECRETS = {
    MODEL,
    KIND,
    *TURBINES,
    *PLANT,
    *TOLD,
    *SOURCES[1:],
    SPARE,
    OWNER,
    TRACK,
    "notes/plant.txt",
    "Hopper",
    "Lovelace",
}
"""What the owner's workspace holds, and no other."""

SAY_NOTHING = {
    "GET /", "GET /docs", "GET /docs/oauth2-redirect", "GET /redoc", "GET /openapi.json", "GET /ready", "GET /metrics",
    "GET /graphql", "GET /graphql/ide/{name}", "GET /auth-status", "GET /ui/customization", "GET /health",
    "GET /ui/customization/assets/{asset_hash}/{asset_id}", "GET /documents/source_conflicts", "Query.server",
    "GET /documents/supported_file_types", "GET /api/version", "GET /api/tags", "GET /api/ps", "POST /api/generate",
    "POST /documents/recovery/force_reset", "Mutation.insertUrls", "POST /documents/urls",

}  # fmt: skip
"""Operations that speak of no workspace's data, whoever calls; a URL is refused because its host is not allowed."""

COUNT = {
    "Query.pipeline", "Query.labels", "Query.stats", "Query.whyNot", "GET /documents/pipeline_status",
    "GET /documents/status_counts", "GET /graph/entity/exists", "Subscription.pipeline", "Mutation.findSimilar",
    "GET /documents/scan/status/{track_id}", "POST /documents/source_conflicts/repair",
    "Mutation.createWorkspace", "Mutation.proposeGraphSchema",
}  # fmt: skip
"""Operations that tell no secret words: what they tell the owner differs from what they tell a stranger."""


OF_THE_KEY = {"GET /auth/verify", "Query.workspaces"}
"""Operations that tell what a key is and where it may work, whatever workspace is named."""


@dataclass(frozen=True)
class Reply:
    """What came back."""

    call: Call
    status: int
    text: str

    @property
    def told(self) -> list[str]:
        """The secrets in it that were not in the call."""
        sent = self.call.text + json.dumps(self.call.arguments, default=str)
        return [secret for secret in SECRETS if secret in self.text and secret not in sent]

    @property
    def refused(self) -> bool:
        """Whether it says that this workspace is another's."""
        return self.status == 403 or "may not work in" in self.text


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The input folder, with a file of the owner's."""
    folder = tmp_path_factory.mktemp("inputs")
    (folder / OWNER / TAG).mkdir(parents=True)
    (folder / OWNER / SOURCES[0]).write_text(SOURCES[0])
    return folder


@pytest.fixture(scope="module")
def server(settings: Settings, inputs: Path) -> Iterator[Server]:
    rows = [{"name": name, "key": KEYS[name], "role": "admin", "workspaces": [name]} for name in KEYS]
    change = {"api_keys": SecretStr(json.dumps(rows)), "input_dir": inputs}
    with serving_neolight(settings.model_copy(update=change)) as running:
        yield running


@dataclass(frozen=True)
class Tenant:
    """Who calls: a key, and the workspace that it names."""

    server: Server
    http: httpx.AsyncClient
    headers: dict[str, str]

    async def __call__(self, call: Call) -> Reply:
        """Makes a call as its API wants it."""
        match call.api:
            case "query" | "mutation" if "file" in call.arguments:
                operations = {"query": call.text, "variables": {"files": [None]}}
                form = {"operations": json.dumps(operations), "map": '{"0": ["variables.files.0"]}'}
                sent = self.http.post("/graphql", data=form, files={"0": (call.arguments["file"], b"Mine.")})
            case "query" | "mutation":
                sent = self.http.post("/graphql", json={"query": f"{call.api} {{ {call.text} }}"})
            case "mcp":
                params = {"name": call.operation, "arguments": call.arguments}
                body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
                accepts = {"Accept": "application/json, text/event-stream"}
                sent = self.http.post("/mcp", json=body, headers=accepts)
            case "subscription":
                return await self._follow(call)
            case _:
                method, _, path = call.operation.partition(" ")
                arguments = dict(call.arguments)
                sent = self.http.request(method, arguments.pop("path", path), **arguments)
        reply = await sent
        return Reply(call, reply.status_code, reply.text)

    async def _follow(self, call: Call) -> Reply:
        """The events of a subscription; of one that has no end, the first."""
        transport = WebsocketsTransport(
            self.server.websocket,
            init_payload=self.headers,
            subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        )
        seen: list[Any] = []
        try:
            async with Client(transport=transport) as session, AsyncExitStack() as stack:
                events = session.subscribe(gql(f"subscription {{ {call.text} }}"))
                stack.push_async_callback(events.aclose)
                async for event in events:
                    seen.append(event)
                    if call.operation != "ask":
                        break
        except TransportQueryError as error:
            return Reply(call, 200, json.dumps([seen, error.errors]))
        except (TransportError, ConnectionClosed, WebSocketException) as error:
            return Reply(call, 403, repr(error))
        return Reply(call, 200, json.dumps(seen))

    async def ask(self, text: str) -> dict[str, Any]:
        """The data of a GraphQL request, which must have no errors."""
        reply = (await self.http.post("/graphql", json={"query": text})).json()
        assert "errors" not in reply, reply
        data: dict[str, Any] = reply["data"]
        return data


async def tenant(server: Server, stack: AsyncExitStack, name: str, workspace: str | None = None) -> Tenant:
    """A caller with this one's key."""
    headers = {"X-API-Key": KEYS[name]} | ({"X-Workspace": workspace} if workspace else {})
    http = httpx.AsyncClient(base_url=server.url, headers=headers, timeout=60)
    payload = {"apiKey": KEYS[name]} | ({"workspace": workspace} if workspace else {})
    return Tenant(server, await stack.enter_async_context(http), payload)


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


@pytest.fixture
async def owned(server: Server, deps: Deps, stack: AsyncExitStack) -> AsyncIterator[dict[str, str]]:
    """What the owner has, by the names that the calls use."""
    owner = await tenant(server, stack, OWNER)
    small = await write(deps, OWNER)
    spare = await leased(deps, OWNER, SOURCES[0], TRACK)
    await finish(deps, spare, "Spare", (SPARE,))
    for name in ("Kiel", "Ada Lovelacee", "Grace Hoper"):
        await owner.ask(f'mutation {{ createEntity(name: "{name}") {{ id }} }}')
    await owner.ask("mutation { findSimilar(most: 100) { suggested } }")
    asked = await owner.ask('mutation { ask(input: {query: "Who designed the A-102?"}) { id } }')
    scan = (await owner.http.post("/documents/scan")).json()["track_id"]
    while (await owner.http.get(f"/documents/scan/status/{scan}")).json()["status"] == "running":
        await asyncio.sleep(0.05)
    cursor = "pageInfo { endCursor }"
    lists = ("documents", "entities", "relations", "queries")
    pages = await owner.ask(
        "{ " + " ".join(f"{one}(first: 1) {{ {cursor} }}" for one in lists) + " suggestions { edges { node { id } } } }"
    )
    await owner.ask(f'mutation {{ setGraphSchema(schema: "node_types: [{KIND}]") {{ yaml }} }}')
    await calls.spend(deps.graph, OWNER, [Spent(MODEL, "answer", 1.0, 100.0, 10.0)])
    working, failed = await half_done(deps)
    suggestions = [edge["node"]["id"] for edge in pages["suggestions"]["edges"]]
    assert len(suggestions) == 2
    yield {
        "document": small.turbines, "spare": spare.id, "source": SOURCES[0], "working": working, "failed": failed,
        "chunk": small.chunk(TURBINES[0]), "entity": small.entity("A-102"), "mine": small.entity("Kiel"),
        "other entity": small.entity("Grace Hopper"), "third entity": small.entity("Suzhou"),
        "relation": small.relation("Ada Lovelace", "A-102"), "question": asked["ask"]["id"], "track": TRACK,
        "scan": scan, "suggestion": suggestions[0], "other suggestion": suggestions[1], "workspace": OWNER,
    } | {f"{one} cursor": pages[one]["pageInfo"]["endCursor"] for one in lists}  # fmt: skip
    await workspaces.delete(deps.graph, OWNER)


async def half_done(deps: Deps) -> list[str]:
    """One document in work by nobody, one that failed, and a reply of a model that is kept."""
    await calls.keep(deps.graph, OWNER, [ModelCall("key", MODEL, "extract", "{}", 1, 1)])
    claims = [await leased(deps, OWNER, source, TRACK) for source in SOURCES[1:]]
    await deps.graph.execute(
        "MATCH (d:Document {id: $id}) SET d.status = 'failed', d.error = 'Broken.' "
        "REMOVE d.lease_token, d.lease_owner, d.lease_until",
        id=claims[0].id,
    )
    return [claims[1].id, claims[0].id]


async def everything(deps: Deps, workspace: str) -> list[dict[str, Any]]:
    """All that a workspace has in the database, to the last property, and all that it is connected to."""
    return await deps.graph.execute(
        """CYPHER 25 CALL () {
          MATCH (node {workspace: $name}) RETURN node
          UNION MATCH (node:Workspace {name: $name}) RETURN node
          UNION MATCH (:Document {workspace: $name})-[:HAS_PART|HAS_TEXT]->(node) RETURN node
        }
        RETURN elementId(node) AS id, labels(node) AS labels, properties(node) AS properties,
          COLLECT { MATCH (node)-[r]-(other) RETURN [elementId(r), type(r), properties(r), elementId(other)] AS row
            ORDER BY row[0] } AS related
        ORDER BY id""",
        name=workspace,
    )


def test_every_operation_is_called() -> None:
    called = {call.name for call in every_call()}
    fields = {name for name in permissions.FIELDS if not name.rpartition(".")[2].startswith("__")}
    tools = {f"mcp {name}" for name in permissions.TOOLS}
    assert called == fields | tools | (set(permissions.ROUTES) - ELSEWHERE)
    assert set(REST).isdisjoint(ELSEWHERE)
    assert set(TOOLS) == set(permissions.TOOLS)


async def test_a_stranger_finds_and_changes_nothing(
    server: Server, deps: Deps, stack: AsyncExitStack, owned: dict[str, str], inputs: Path
) -> None:
    stranger = await tenant(server, stack, STRANGER)
    await stranger.ask('mutation { createEntity(name: "Kiel") { id } }')
    mine = keys.entity_id(STRANGER, keys.entity_key("Kiel"))
    before = await everything(deps, OWNER)
    for call in every_call():
        reply = await stranger(call.of(owned | {"mine": mine}))
        assert reply.told == [], reply
        assert "INTERNAL" not in reply.text, reply
        assert reply.status < 500 or call.name == "POST /api/generate", reply
    assert await everything(deps, OWNER) == before
    assert (inputs / OWNER / SOURCES[0]).is_file()
    await workspaces.delete(deps.graph, STRANGER)


async def test_the_other_workspace_cannot_be_named(
    server: Server, deps: Deps, stack: AsyncExitStack, owned: dict[str, str]
) -> None:
    intruder = await tenant(server, stack, STRANGER, OWNER)
    before = await everything(deps, OWNER)
    for call in every_call():
        reply = await intruder(call.of(owned))
        assert set(reply.told) <= {OWNER}, reply  # which the intruder has named
        open_to_all = permissions.ROUTES.get(call.name) is Role.NOBODY
        assert reply.refused or open_to_all or call.name in SAY_NOTHING | OF_THE_KEY, reply
    assert await everything(deps, OWNER) == before


@pytest.mark.parametrize("apis", [("query", "subscription", "mcp", "mutation"), ("rest",)], ids=lambda apis: apis[-1])
async def test_the_owner_reaches_it_by_the_same_calls(
    server: Server, deps: Deps, stack: AsyncExitStack, owned: dict[str, str], apis: tuple[str, ...]
) -> None:
    """The control: each operation tells its owner something, or changes something of the owner's."""
    owner, stranger = await tenant(server, stack, OWNER), await tenant(server, stack, STRANGER)
    reached, calls = set[str](), [call for call in every_call() if call.api in apis]
    for call in calls:
        if call.name in reached and call.api != "mutation":
            continue
        if call.api == "mutation" or not call.name.startswith("GET"):
            await half_done(deps)
        before = await everything(deps, OWNER)
        other = await stranger(call.of(owned)) if call.name in COUNT else None
        reply = await owner(call.of(owned))
        if reply.told or await everything(deps, OWNER) != before or (other and other.text != reply.text):
            reached.add(call.name)
    assert {call.name for call in calls} - reached - SAY_NOTHING == set()


# --- Texts that would be queries, were they ever a part of one

ENDS = ("'", '"', "`", "\\", "'}", "'})", '"})', "`)", "')", "'])")
ATTACKS = (
    "DETACH DELETE n //",
    "MATCH (n) DETACH DELETE n //",
    "OR 1=1 SET n:Pwned //",
    "CREATE (:Pwned) //",
    "RETURN 1 UNION MATCH (n) RETURN n //",
)
LUCENE = (
    "*:*", f"scope:{OWNER}", f'" OR scope:"{OWNER}"', f"x) OR (scope:{OWNER}", '+(-!){}[]^"~*?:\\/', "[* TO *]", "a~9",
    "/.*/", '"unclosed', "AND OR NOT", "((((", "_exists_:text", "text:*", "{a TO z}", "x^1000000", "turbine\0blades",
)  # fmt: skip
INJECTIONS = [*(f"x{end} {attack}" for end in ENDS for attack in ATTACKS), *LUCENE]


async def test_no_text_of_any_operation_is_a_query(
    server: Server, deps: Deps, stack: AsyncExitStack, owned: dict[str, str]
) -> None:
    stranger = await tenant(server, stack, STRANGER)
    await stranger.ask('mutation { createEntity(name: "Kiel") { id } }')
    texts, before, sent = cycle(INJECTIONS), await everything(deps, OWNER), 0
    for call in every_call():
        if not call.arguments and '"' not in call.text:
            continue
        for text in islice(texts, 2):
            reply = await stranger(saying(call, text))
            sent += 1
            tried("Cypher and Lucene injection through every text field")
            assert reply.told == [], reply
            assert "INTERNAL" not in reply.text, reply
            assert "GRAPH" not in reply.text, reply
            assert reply.status < 500 or call.name == "POST /api/generate", reply
    assert len(INJECTIONS) >= 50
    assert sent >= 2 * len(INJECTIONS)
    assert await everything(deps, OWNER) == before
    assert await deps.graph.execute("MATCH (n:Pwned) RETURN n") == []
    await workspaces.delete(deps.graph, STRANGER)


async def test_control_the_same_texts_break_a_query_that_is_made_of_them(deps: Deps) -> None:
    broken = 0
    for text in INJECTIONS:
        try:
            await deps.graph.execute(f"EXPLAIN MATCH (n:Nothing {{name: '{text}'}}) RETURN n")  # pyright: ignore[reportArgumentType]
        except GraphError:
            broken += 1
    assert broken >= 10
    control("Cypher and Lucene injection through every text field")
