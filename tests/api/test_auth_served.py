"""The guard before a running server: who gets in by REST, GraphQL and WebSocket, and to what."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import bcrypt
import httpx
import jwt
import pytest
from gql import Client, gql
from gql.transport.exceptions import TransportConnectionFailed, TransportError
from gql.transport.websockets import WebsocketsTransport
from websockets.exceptions import ConnectionClosed, WebSocketException

from neolight.settings import Settings
from servers import Server, serving_neolight

SECRET = "0123456789abcdef-0123456789abcdef"
KEYS = {role: f"key-of-a-{role}-0123456789" for role in ("reader", "editor", "admin")}
BOUND = "key-of-a-tenant-0123456789"
PASSWORD = "right horse"

Auth = dict[str, str]


@pytest.fixture(scope="module")
def server(settings: Settings) -> Iterator[Server]:
    keys: list[dict[str, Any]] = [{"name": role, "key": key, "role": role} for role, key in KEYS.items()]
    keys.append({"name": "tenant", "key": BOUND, "role": "editor", "workspaces": ["tenant-a", "tenant-b"]})
    stored = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    accounts = [{"name": "ada", "password": stored, "role": "editor"}]
    guarded = settings.model_copy(
        update={
            name: type(settings).model_validate({name: value}).__getattribute__(name)
            for name, value in {
                "accounts": json.dumps(accounts), "api_keys": json.dumps(keys), "token_secret": SECRET,
                "cors_origins": ("https://wiki.example.com",),
            }.items()
        }
    )  # fmt: skip
    with serving_neolight(guarded) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as opened:
        yield opened


def key(role: str) -> Auth:
    return {"X-API-Key": KEYS[role]}


def logged_in(client: httpx.Client) -> str:
    reply = client.post("/login", data={"username": "ada", "password": PASSWORD})
    assert reply.status_code == 200, reply.text
    token: str = reply.json()["access_token"]
    return token


def query(client: httpx.Client, text: str, headers: Auth, **variables: Any) -> dict[str, Any]:
    reply = client.post("/graphql", json={"query": text, "variables": variables}, headers=headers)
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json()
    return answer


def test_what_is_open_and_what_is_not(client: httpx.Client) -> None:
    for path in ("/health", "/ready", "/auth-status", "/docs", "/openapi.json"):
        assert client.get(path).status_code == 200, path
    for path in ("/documents/status_counts", "/auth/verify", "/graph/label/list", "/api/tags", "/mcp", "/nothing"):
        reply = client.get(path)
        assert (reply.status_code, reply.json()["code"]) == (401, "UNAUTHENTICATED"), path
        assert reply.headers["WWW-Authenticate"] == "Bearer"
    assert client.post("/graphql", json={"query": "{ __typename }"}).status_code == 401
    assert client.get("/health", headers={"Authorization": "Bearer x"}).status_code == 200
    assert "configuration" not in client.get("/health").json()
    reader = client.get("/health", headers=key("reader")).json()
    assert "configuration" in reader
    assert "input_directory" not in reader
    assert "input_directory" in client.get("/health", headers=key("admin")).json()


def test_graphiql_is_a_page_without_data(client: httpx.Client) -> None:
    page = client.get("/graphql", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "text/html" in page.headers["content-type"]
    for text in ("{ stats { chunks } }", "{ __schema { queryType { name } } }", '{ __type(name: "Query") { name } }'):
        reply = client.get("/graphql", params={"query": text}, headers={"Accept": "application/json"}).json()
        assert reply["data"] is None
        assert [error["extensions"]["code"] for error in reply["errors"]] == ["FORBIDDEN"], text


def test_login_status_and_verification(client: httpx.Client) -> None:
    status = client.get("/auth-status").json()
    assert (status["auth_configured"], status["auth_mode"]) == (True, "enabled")
    assert "access_token" not in status
    wrong = client.post("/login", data={"username": "ada", "password": "wrong"})
    assert wrong.status_code == 401
    assert client.post("/login", data={"username": "ada"}).status_code == 422
    token = logged_in(client)
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], issuer="neolight")
    assert (claims["sub"], claims["role"], claims["exp"] - claims["iat"]) == ("ada", "user", 48 * 3600)
    found = client.get("/auth/verify", headers={"Authorization": f"Bearer {token}"}).json()
    assert found == {"status": "ok", "username": "ada", "role": "editor", "workspaces": None}
    assert client.get("/auth/verify", headers={"X-API-Key": "wrong"}).json()["detail"].startswith("Invalid API Key")


def test_a_token_is_renewed_after_half_its_life(client: httpx.Client) -> None:
    claims = jwt.decode(logged_in(client), SECRET, algorithms=["HS256"], issuer="neolight")

    def aged(hours: float, **more: Any) -> Auth:
        old = claims | {"iat": int(time.time() - hours * 3600), "exp": int(time.time() + (48 - hours) * 3600)} | more
        return {"Authorization": f"Bearer {jwt.encode(old, SECRET, algorithm='HS256')}"}

    path = "/documents/status_counts"
    assert "X-New-Token" not in client.get(path, headers=aged(20)).headers
    assert "X-New-Token" not in client.get("/documents/pipeline_status", headers=aged(30)).headers
    assert "X-New-Token" not in client.get(path, headers=aged(30, auth_time=time.time() - 31 * 24 * 3600)).headers
    new = client.get(path, headers=aged(30)).headers["X-New-Token"]
    assert client.get("/auth/verify", headers={"Authorization": f"Bearer {new}"}).json()["username"] == "ada"
    renewed = jwt.decode(new, SECRET, algorithms=["HS256"], issuer="neolight")
    assert renewed["auth_time"] == claims["auth_time"]
    assert "X-New-Token" not in client.get(path, headers=aged(30)).headers, "at most one a minute"


def test_roles_by_rest(client: httpx.Client, workspace: str) -> None:
    here = {"X-Workspace": workspace}
    body = {"text": "The lamp Vega is in Oslo.", "file_source": "vega.txt"}
    assert client.get("/documents/status_counts", headers=key("reader") | here).status_code == 200
    refused = client.post("/documents/text", json=body, headers=key("reader") | here)
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
    assert "needs the role editor" in refused.json()["detail"]
    assert client.post("/documents/text", json=body, headers=key("editor") | here).status_code == 200
    assert client.delete("/documents", headers=key("editor") | here).status_code == 403
    assert client.get("/no/such/route", headers=key("editor")).status_code == 404
    assert client.get("/documents/status_counts/", headers=key("reader")).status_code == 307


def test_roles_by_graphql(client: httpx.Client, workspace: str) -> None:
    here = {"X-Workspace": workspace}
    assert query(client, "{ stats { chunks } }", key("reader") | here)["data"] == {"stats": {"chunks": 0}}
    insert = 'mutation { insertTexts(texts: [{text: "x"}]) { trackId } }'
    for text in (
        insert,
        'mutation { ...hidden } fragment hidden on Mutation { retryDocuments(ids: ["x"]) }',
        'mutation { ... on Mutation { deleteDocuments(ids: ["x"]) } }',
        'mutation { harmless: deleteDocuments(ids: ["x"]) @skip(if: true) }',
    ):
        reply = query(client, text, key("reader") | here)
        assert reply["data"] is None
        assert reply["errors"][0]["extensions"]["code"] == "FORBIDDEN", text
    assert query(client, insert, key("editor") | here)["data"]["insertTexts"]["trackId"]
    again = query(client, insert, key("reader") | here)
    assert again["errors"][0]["extensions"]["code"] == "FORBIDDEN", "what one may ask, another may not"


async def socket(server: Server, payload: dict[str, Any], headers: Auth | None = None) -> dict[str, Any]:
    transport = WebsocketsTransport(
        server.websocket,
        init_payload=payload,
        headers=headers,
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    async with Client(transport=transport) as session:
        return await anext(session.subscribe(gql("subscription { pipeline { busy } }")))


async def test_a_websocket_shows_its_credentials_in_connection_init(server: Server, client: httpx.Client) -> None:
    token = logged_in(client)
    for payload in ({"authorization": f"Bearer {token}"}, {"Authorization": f"Bearer {KEYS['reader']}"},
                    {"apiKey": KEYS["reader"]}, {"X-API-Key": KEYS["reader"], "workspace": "tenant-a"}):  # fmt: skip
        assert await socket(server, payload) == {"pipeline": {"busy": False}}
    assert await socket(server, {}, key("reader")) == {"pipeline": {"busy": False}}
    refused: list[tuple[dict[str, Any], Auth | None]] = [
        ({}, None), ({"authorization": "Bearer x"}, None), ({"apiKey": "x"}, None), ({"authorization": token}, None),
        ({"apiKey": BOUND, "workspace": "tenant-c"}, None), ({"apiKey": "x"}, key("reader")),
    ]  # fmt: skip
    for payload, headers in refused:
        with pytest.raises((TransportError, TransportConnectionFailed, ConnectionClosed, WebSocketException)):
            await socket(server, payload, headers)


REACHED: list[tuple[str, Callable[[httpx.Client, Auth], httpx.Response]]] = [
    ("rest", lambda client, headers: client.get("/documents/status_counts", headers=headers)),
    (
        "graphql",
        lambda client, headers: client.post("/graphql", json={"query": "{ stats { chunks } }"}, headers=headers),
    ),
]


@pytest.mark.parametrize(("api", "reach"), REACHED)
def test_a_key_does_not_leave_its_workspaces(
    client: httpx.Client, api: str, reach: Callable[[httpx.Client, Auth], httpx.Response]
) -> None:
    bound = {"X-API-Key": BOUND}
    for header in ("X-Workspace", "LIGHTRAG-WORKSPACE"):
        allowed = reach(client, bound | {header: "tenant-b"})
        assert (allowed.status_code, "FORBIDDEN" in allowed.text) == (200, False)
        for wanted in ("default", "tenant-c", "TENANT-A"):
            assert "FORBIDDEN" in reach(client, bound | {header: wanted}).text, (api, header, wanted)
    both = bound | {"X-Workspace": "tenant-c", "LIGHTRAG-WORKSPACE": "tenant-a"}
    assert "FORBIDDEN" in reach(client, both).text
    assert reach(client, bound).status_code == 200


def test_docs_keep_their_authorization_and_know_how_to_log_in(client: httpx.Client) -> None:
    assert '"persistAuthorization": true' in client.get("/docs").text
    schemes = client.get("/openapi.json").json()["components"]["securitySchemes"]
    assert schemes["OAuth2PasswordBearer"]["flows"]["password"]["tokenUrl"] == "login"
    assert schemes["APIKeyHeader"] == {"type": "apiKey", "in": "header", "name": "X-API-Key"}
