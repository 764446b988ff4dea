"""Calls that are generated from the descriptions of the APIs: none may end in an error of the server.

Three of four speak of what there is, as a client does (tests/meant.py), with texts, filters and options as generated;
one of four mixes what there is with what is generated. `NEOLIGHT_TEST_CALLS=5600` makes more than 10,000 calls,
other ones each time; without it there are a few hundred, always the same.
"""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.graphql import nodes

from graphql_values import changed
from meant import meant
from neolight.deps import Deps
from neolight.settings import Settings
from neolight.urls import UrlRules
from servers import Server, serving_neolight
from standin import StandIn
from things import Things

ROOT = Path(__file__).parents[2]
CALLS = int(os.environ.get("NEOLIGHT_TEST_CALLS", "220"))
ANEW = "NEOLIGHT_TEST_CALLS" in os.environ
WELL = 0.6
"""The share of the calls that must be answered well: 2xx, and without an error in the answer."""

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]

KEEP = {"DELETE /documents", "POST /documents/cancel_pipeline", "POST /documents/scan"}
"""Called, but rarely: they end what the other calls are about, or take no arguments."""

SCALARS = {
    "DateTime": st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
    "Date": st.dates().map(date.isoformat),
    "Upload": st.text(),
}

OURS = {"x-workspace", "lightrag-workspace", "x-api-key", "authorization"}
"""Headers that the tests set."""

MASKED = ("INTERNAL", "Internal Server Error", "Unexpected error")


@dataclass
class Tally:
    """What came back."""

    statuses: Counter[str] = field(default_factory=Counter[str])
    errors: list[str] = field(default_factory=list[str])
    by_operation: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])

    def note(self, operation: str, reply: httpx.Response, sent: str) -> None:
        """Notes a response."""
        kind = f"{reply.status_code // 100}xx"
        if kind == "2xx" and failed(reply):
            kind = "2xx with an error"
        self.by_operation.setdefault(operation, Counter())[kind] += 1
        self.statuses[kind] += 1
        if reply.status_code >= 500 or any(word in reply.text and word not in sent for word in MASKED):
            self.errors.append(f"{operation} {reply.status_code}: {sent[:1500]} -> {reply.text[:300]}")

    @property
    def share(self) -> float:
        """The share that was answered well."""
        return self.statuses["2xx"] / self.statuses.total()


def failed(reply: httpx.Response) -> bool:
    """Whether an answer says that something went wrong: GraphQL's `errors`, or an error in a stream."""
    kind = reply.headers.get("content-type", "")
    if "ndjson" in kind:
        return any("error" in json.loads(line) for line in reply.text.splitlines())
    if reply.url.path == "/graphql":
        return "json" in kind and "errors" in reply.json()
    return False


class Page(BaseHTTPRequestHandler):
    """A page of the web."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<p>Norvik Sensorik delivers Sensor Kappa.")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture(scope="module")
def pages() -> Iterator[str]:
    """The address of a server of pages."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def server(
    settings: Settings, model: StandIn, pages: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    more = Settings(
        _env_file=None, data_dir=settings.data_dir, cache_dir=settings.cache_dir,
        input_dir=tmp_path_factory.mktemp("inputs"),
        openai_api_key="sk-test", openai_base_url=model.url, llm_model="stand-in",
    )  # type: ignore[arg-type]  # fmt: skip
    rules = UrlRules((pages.removeprefix("http://"),), permitted=lambda address: address.is_loopback)
    with pytest.MonkeyPatch.context() as patch, serving_neolight(more) as running:
        patch.setattr(Deps, "urls", rules)
        yield running


@pytest.fixture
def things(server: Server, pages: str, workspace: str) -> Iterator[Things]:
    """A workspace with something in it."""
    with httpx.Client(base_url=server.url, headers={"X-Workspace": workspace}, timeout=300) as opened:
        there = Things(opened, pages)
        there.look()
        yield there
        there.leave()


def each(count: int) -> Any:
    """Settings for so many examples, without what a person at a desk would want."""
    return settings(
        max_examples=count, deadline=None, database=None, derandomize=not ANEW, phases=[Phase.generate],
        suppress_health_check=SLOW_IS_FINE, verbosity=Verbosity.quiet,
    )  # fmt: skip


@dataclass
class Intent:
    """How much of a call is put right: all of it, or each value as it comes."""

    data: Any
    whole: bool

    @classmethod
    def drawn(cls, operation: str, data: Any, things: Things) -> Intent:
        """An intent; what there is is looked up before, where the calls change it."""
        if not operation.startswith(("GET ", "Query.")):
            things.look()
        things.choose = lambda values: data.draw(st.sampled_from(values))
        return cls(data, data.draw(st.integers(0, 3)) < 3)

    def use(self) -> bool:
        """Whether the next value is put right."""
        return self.whole or self.data.draw(st.booleans())


def test_no_call_of_openapi_ends_in_an_error_of_the_server(things: Things) -> None:
    schema = schemathesis.openapi.from_dict(things.client.get("/openapi.json").json())
    operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # pyright: ignore[reportAttributeAccessIssue]
    tally = Tally()
    for operation in operations:
        name = f"{operation.method.upper()} {operation.path}"
        if name != "POST /login":
            generated(things, operation, name, 2 if name in KEEP else max(3, CALLS // len(operations)), tally)
    report("OpenAPI", tally)


def generated(things: Things, operation: Any, name: str, count: int, tally: Tally) -> None:
    """Makes calls of one operation."""
    client = things.client
    things.look()

    @each(count)
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE), data=st.data())
    def call(case: Any, data: Any) -> None:
        intent = Intent.drawn(name, data, things)
        if case.path_parameters:
            case.path_parameters = meant(name, dict(case.path_parameters), things, intent.use, whole=False)
        arguments = case.as_transport_kwargs(base_url=str(client.base_url).rstrip("/"))
        for part in ("json", "params"):
            if isinstance(arguments.get(part), dict):
                arguments[part] = meant(
                    name, arguments[part], things, intent.use, whole=intent.whole and part == "json"
                )
        headers = {key: value for key, value in (arguments.get("headers") or {}).items() if key.lower() not in OURS}
        if name == "POST /documents/upload" and intent.whole:
            arguments["files"] = {
                "file": (things.name() + ".txt", str(arguments.get("files")).encode("utf-8", "replace"))
            }
        elif arguments.get("files"):
            arguments["files"] = [(name, _file(value)) for name, value in pairs(arguments["files"])]
        sent = {key: arguments[key] for key in ("json", "params", "data", "files") if arguments.get(key)}
        reply = client.request(arguments["method"], arguments["url"], headers=headers, **sent)
        tally.note(name, reply, str(sent))

    call()


def test_no_call_of_graphql_ends_in_an_error_of_the_server(things: Things) -> None:
    for name, values in SCALARS.items():
        schemathesis.graphql.scalar(name, values.map(nodes.String))
    schema = schemathesis.graphql.from_path(ROOT / "schema" / "schema.graphql")
    operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # pyright: ignore[reportAttributeAccessIssue]
    tally = Tally()
    for operation in operations:
        if not operation.label.startswith("Subscription."):
            asked(things, schema.client_schema, operation, max(2, CALLS // len(operations)), tally)
    report("GraphQL", tally)


def asked(things: Things, schema: Any, operation: Any, count: int, tally: Tally) -> None:
    """Asks for one field of Query or Mutation."""
    things.look()

    @each(count)
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE), data=st.data())
    def call(case: Any, data: Any) -> None:
        intent = Intent.drawn(operation.label, data, things)

        def change(name: str, given: dict[str, Any]) -> dict[str, Any]:
            return meant(name, given, things, intent.use, whole=intent.whole)

        query, files = changed(case.body, schema, change)
        if files:
            reply = things.client.post("/graphql", **multipart(query, files, things))
        else:
            reply = things.client.post("/graphql", json={"query": query})
        tally.note(operation.label, reply, query)

    call()


def multipart(query: str, files: list[str], things: Things) -> dict[str, Any]:
    """The query with its files, in the form of the GraphQL multipart request specification."""
    names = [f"file{at}" for at in range(len(files))]
    form = {
        "operations": json.dumps({"query": query, "variables": dict.fromkeys(names)}),
        "map": json.dumps({name: [f"variables.{name}"] for name in names}),
    }
    parts = {
        name: (f"{things.name()}.txt", text.encode("utf-8", "replace")) for name, text in zip(names, files, strict=True)
    }
    return {"data": form, "files": parts}


def pairs(value: Any) -> list[tuple[str, Any]]:
    """The fields of a form."""
    return list(value.items() if isinstance(value, dict) else value)


def _file(value: Any) -> tuple[str, bytes]:
    """A file with what was generated in it."""
    inner = value[1] if isinstance(value, tuple) else value
    return "generated.txt", inner if isinstance(inner, bytes) else str(inner).encode("utf-8", "replace") or b"x"


def report(api: str, tally: Tally) -> None:
    """Prints what came back, and fails where it is not good enough."""
    print(f"\n{api}: {tally.statuses.total()} calls, {tally.share:.0%} answered well: {dict(tally.statuses)}")
    for operation, kinds in tally.by_operation.items():
        if kinds["2xx"] < WELL * kinds.total():
            print(f"  {operation}: {dict(kinds)}")
    assert tally.errors == [], "\n".join(tally.errors[:5])
    assert tally.share >= WELL
