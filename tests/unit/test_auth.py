"""Accounts, keys, tokens and the list of permissions, without a server."""

from __future__ import annotations

import json
import logging
import stat
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bcrypt
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.routing import APIWebSocketRoute, iter_route_contexts

from neolight.auth import permissions
from neolight.auth.accounts import accounts, api_keys, matching
from neolight.auth.attempts import MOST_OF_ACCOUNT, MOST_OF_CLIENT, REMEMBERED, Lockout, RateLimit, network
from neolight.auth.guard import Credentials, Guard, Options
from neolight.auth.passwords import Checker, hashed
from neolight.auth.principal import Principal, Role
from neolight.auth.secret import token_secret
from neolight.errors import ConfigurationError, Forbidden, TooManyRequests, Unauthenticated
from neolight.graphql import graphql_router
from neolight.graphql.schema import build
from neolight.main import create_app
from neolight.settings import Settings

SECRET = "0123456789abcdef0123456789abcdef"
KEY = "k" * 12 + "0123456789abcdef"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neolight.auth.passwords.ARGON2", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def guard(tmp_path: Path, **more: Any) -> Guard:
    return Guard(Options(data_dir=tmp_path, default_workspace="default", token_secret=SECRET, **more))


# --- Accounts and keys


def test_accounts_are_read_with_their_roles_and_workspaces() -> None:
    rows = [
        {"name": "ada", "password": hashed("a"), "role": "editor", "workspaces": ["one", "two"]},
        {"name": "bob", "password": bcrypt.hashpw(b"b", bcrypt.gensalt(4)).decode(), "role": "reader"},
    ]
    found = accounts(json.dumps(rows))
    assert found["ada"].principal == Principal("ada", Role.EDITOR, ("one", "two"))
    assert found["bob"].principal == Principal("bob", Role.READER)


def test_lightrags_form_is_read_and_a_plain_password_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        found = accounts("ada:se:cret, bob:{bcrypt}" + bcrypt.hashpw(b"b", bcrypt.gensalt(4)).decode())
    assert [row.principal.role for row in found.values()] == [Role.ADMIN, Role.ADMIN]
    assert found["ada"].hash.startswith("$argon2id$")
    assert "ada" in caplog.text
    assert "bob" not in caplog.text
    assert "se:cret" not in caplog.text
    checker = Checker({name: row.hash for name, row in found.items()})
    assert checker.check("ada", "se:cret")
    assert checker.check("bob", "b")
    assert not checker.check("bob", "se:cret")


@pytest.mark.parametrize(
    "text",
    [
        "ada", "ada:", ":x", "[", "[1]", '[{"name": "a"}]', '[{"name": "a", "password": "TOPSECRET", "role": "god"}]',
        '[{"name": "a", "password": "$argon2id$broken", "role": "admin"}]',
        '[{"name": "a", "password": "$2b$12$short", "role": "admin"}]',
        '[{"name": "a", "password": "TOPSECRET", "role": "admin", "workspaces": []}]',
        '[{"name": "a", "password": "TOPSECRET", "role": "admin", "workspaces": ["../x"]}]',
        '[{"name": "a", "password": "TOPSECRET", "role": "admin", "typo": 1}]',
        '[{"name":"a","password":"TOPSECRET","role":"admin"},{"name":"a","password":"TOPSECRET","role":"reader"}]',
    ],
)  # fmt: skip
def test_accounts_that_cannot_be_read_are_refused_without_telling_secrets(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        accounts(text)
    assert "TOPSECRET" not in str(caught.value)


def test_keys_are_matched_by_their_digest() -> None:
    digest = "5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5"
    rows = [
        {"name": "ci", "key": KEY, "role": "reader", "workspaces": ["one"]},
        {"name": "hashed", "key": f"sha256:{digest}", "role": "admin"},
    ]
    keys = api_keys(json.dumps(rows))
    assert KEY not in repr(keys)
    found = matching(keys, KEY)
    assert found
    assert found.principal == Principal("ci", Role.READER, ("one",))
    by_digest = matching(keys, "12345")
    assert by_digest
    assert by_digest.principal.name == "hashed"
    assert matching(keys, KEY + "x") is None
    assert matching(keys, f"sha256:{digest}") is None
    (one,) = api_keys(KEY)
    assert one.principal.role is Role.ADMIN


@pytest.mark.parametrize(
    "text",
    ["short", '[{"name": "a", "key": "1234567", "role": "admin"}]',
     '[{"name": "a", "key": "sha256:zz", "role": "admin"}]', '[{"name": "a", "key": "12345678"}]',
     '[{"name": "a", "key": "12345678", "role": "reader"}, {"name": "b", "key": "12345678", "role": "admin"}]'],
)  # fmt: skip
def test_keys_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        api_keys(text)


# --- Principals and workspaces


def test_a_bound_principal_does_not_leave_its_workspaces() -> None:
    bound = Principal("ci", Role.ADMIN, ("one", "two"))
    assert bound.workspace("two", "default") == "two"
    assert bound.workspace(None, "default") == "one"
    assert bound.workspace(None, "two") == "two"
    for wanted in ("default", "three", "One", "one "):
        with pytest.raises(Forbidden):
            bound.workspace(wanted, "default")
    assert Principal("root", Role.READER).workspace("anything", "default") == "anything"


# --- The secret


def test_a_secret_is_made_once_and_is_its_owners_only(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(token_secret(None, tmp_path / "new"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert len(found[0]) == 64
    (file,) = (tmp_path / "new").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    assert token_secret(None, tmp_path / "new") == found[0]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert token_secret(None, tmp_path / "other") != found[0]


@pytest.mark.parametrize("given", ["short", "a" * 40, "lightrag-jwt-default-secret-key!", "x" * 31])
def test_a_secret_that_can_be_guessed_is_refused(given: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        token_secret(given, tmp_path)


# --- Who is who


def test_without_accounts_and_keys_everybody_may_everything(tmp_path: Path) -> None:
    assert guard(tmp_path).is_open
    assert guard(tmp_path).identify(Credentials()).principal.role is Role.ADMIN


async def test_a_login_gives_a_token_that_names_its_account(tmp_path: Path) -> None:
    here = guard(tmp_path, accounts="ada:secret-word", api_keys=KEY)
    token = await here.login("ada", "secret-word", "10.0.0.1")
    found = here.identify(Credentials(bearer=token))
    assert found.principal.name == "ada"
    assert found.principal.expires_at
    assert here.identify(Credentials(bearer=KEY)).principal.name == "key"
    assert here.identify(Credentials(api_key=KEY)).principal.name == "key"
    assert here.identify(Credentials(bearer=here.tokens.guest(), api_key=KEY)).principal.name == "key"
    for shown in (Credentials(), Credentials(bearer=here.tokens.guest()), Credentials(bearer="x", api_key=KEY)):
        with pytest.raises(Unauthenticated):
            here.identify(shown)
    with pytest.raises(Forbidden, match="Invalid API Key"):
        here.identify(Credentials(api_key=KEY[:-1]))


def test_only_keys_means_that_a_key_is_required(tmp_path: Path) -> None:
    here = guard(tmp_path, api_keys=KEY)
    for shown in (Credentials(), Credentials(bearer=here.tokens.guest())):
        with pytest.raises(Forbidden, match="API Key required"):
            here.identify(shown)


async def test_a_token_ends_with_its_account_its_password_and_its_secret(tmp_path: Path) -> None:
    token = await guard(tmp_path, accounts="ada:secret-word,bob:b").login("ada", "secret-word", "::1")
    assert guard(tmp_path, accounts="ada:secret-word").identify(Credentials(bearer=token)).principal.name == "ada"
    for changed in ("ada:other-word", "bob:secret-word"):
        with pytest.raises(Unauthenticated):
            guard(tmp_path, accounts=changed).identify(Credentials(bearer=token))
    other = Guard(Options(tmp_path, "default", accounts="ada:secret-word", token_secret=SECRET[::-1]))
    with pytest.raises(Unauthenticated):
        other.identify(Credentials(bearer=token))


async def test_failed_logins_lock_out_one_client_of_one_account(tmp_path: Path) -> None:
    here = guard(tmp_path, accounts="ada:right,bob:right")
    for _ in range(MOST_OF_ACCOUNT):
        with pytest.raises(Unauthenticated):
            await here.login("ada", "wrong", "10.0.0.1")
    with pytest.raises(TooManyRequests):
        await here.login("ada", "right", "10.0.0.1")
    assert await here.login("ada", "right", "10.0.0.2")
    assert await here.login("bob", "right", "10.0.0.1")


def test_many_names_and_many_addresses_of_one_customer_are_one_client() -> None:
    lockout = Lockout()
    with pytest.raises(TooManyRequests):
        for at in range(MOST_OF_CLIENT + 1):
            lockout.begin("10.0.0.1", str(at).encode())
    assert at == MOST_OF_CLIENT
    assert network("2001:db8::1") == network("2001:db8::ffff:1") != network("2001:db8:0:1::1")


def test_the_memory_of_failures_is_bounded() -> None:
    lockout, limit = Lockout(), RateLimit(5)
    for at in range(REMEMBERED + 5000):
        lockout.begin(f"client-{at}", b"ada")
        limit.take(f"client-{at}")
    assert len(lockout._pairs) == len(lockout._clients) == len(limit._buckets) == REMEMBERED  # pyright: ignore[reportPrivateUsage]


def test_a_bucket_runs_dry_and_fills_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("neolight.auth.attempts.time.monotonic", lambda: now)
    limit = RateLimit(3)
    for _ in range(3):
        limit.take("ada")
    with pytest.raises(TooManyRequests) as caught:
        limit.take("ada")
    limit.take("bob")
    now += caught.value.retry_after
    limit.take("ada")
    with pytest.raises(TooManyRequests):
        limit.take("ada")


# --- The list of permissions is whole


def whole(tmp_path: Path) -> FastAPI:
    """The application with what it adds when it starts."""
    app = create_app(Settings(_env_file=None, data_dir=tmp_path))
    deps: Any = SimpleNamespace(graph=None)
    app.include_router(graphql_router(deps, default_workspace="default"), prefix="/graphql")
    return app


def operations(app: FastAPI) -> set[str]:
    """Every operation of REST: method and path."""
    found: set[str] = set()
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIWebSocketRoute):
            found.add(f"WS {route.path}")
        else:
            assert route.path, route
            found |= {f"{method} {route.path}" for method in (route.methods or {"GET"}) - {"HEAD"}}
    return found


def test_every_route_has_a_declared_permission(tmp_path: Path) -> None:
    undeclared = operations(whole(tmp_path)) - set(permissions.ROUTES)
    assert not undeclared, f"Add to ROUTES in auth/permissions.py: {sorted(undeclared)}"


def test_a_route_without_a_permission_is_noticed(tmp_path: Path) -> None:
    app = whole(tmp_path)
    app.add_api_route("/new", lambda: None, methods=["POST"])
    assert operations(app) - set(permissions.ROUTES) == {"POST /new"}
    assert permissions.of_route("POST", "/new") is None


@pytest.mark.parametrize(("route", "role"), permissions.ROUTES.items())
def test_a_route_gets_its_own_permission_and_no_weaker_one(route: str, role: Role) -> None:
    method, _, template = route.partition(" ")
    path = template.replace("{", "").replace("}", "")
    assert permissions.of_route(method, path) == role
    assert permissions.of_route(method, f"{path.rstrip('/')}/") == role
    assert permissions.of_route("PATCH", path) is None
    assert permissions.of_route(method, f"{path.rstrip('/')}/../x") is None
    if path != "/":
        assert permissions.of_route(method, path.upper()) is None
        assert permissions.of_route(method, f"/{path}") is None


def fields() -> set[str]:
    """Every field of GraphQL's root types."""
    schema = build()._schema  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
    roots = [root for root in (schema.query_type, schema.mutation_type, schema.subscription_type) if root]
    assert len(roots) == 3
    return {f"{root.name}.{name}" for root in roots for name in root.fields}


def test_every_field_has_a_declared_permission() -> None:
    undeclared = fields() - set(permissions.FIELDS)
    assert not undeclared, f"Add to FIELDS in auth/permissions.py: {sorted(undeclared)}"


def test_what_changes_something_needs_more_than_a_reader() -> None:
    harmless = {"Mutation.__typename", "Mutation.ask", "Mutation.rateQuery"}
    weak = {name for name, role in permissions.FIELDS.items() if name.startswith("Mutation.") and role < Role.EDITOR}
    assert weak == harmless
    reading = {"POST /login", "POST /graphql", "POST /documents/paginated", "POST /mcp", "DELETE /mcp"}
    asking = {"POST /query", "POST /query/stream", "POST /query/data", "POST /api/generate", "POST /api/chat"}
    unsafe = {
        name for name, role in permissions.ROUTES.items() if name[:3] not in ("GET", "WS ") and role < Role.EDITOR
    }
    assert unsafe == reading | asking
    assert permissions.of_field("Mutation", "somethingNew") is Role.ADMIN
    assert permissions.of_tool("something_new") is Role.ADMIN
