"""Calls that are generated from the descriptions of the APIs: none may end in an error of the server.

`NEOLIGHT_TEST_CALLS=10000` makes so many of them; without it there are a few hundred.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.graphql import nodes

from neolight.settings import Settings
from servers import Server, serving_neolight, settled
from standin import StandIn

ROOT = Path(__file__).parents[2]
CALLS = int(os.environ.get("NEOLIGHT_TEST_CALLS", "300"))
WELL = 0.6
"""The share of the calls that must be answered well."""

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]

KEEP = {
    "DELETE /documents",
    "POST /documents/cancel_pipeline",
    "POST /documents/scan",
    "GET /documents/scan/status/{track_id}",
}
"""Called, but rarely: they end what the other calls are about, or take no arguments."""

SCALARS = {
    "DateTime": st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
    "Date": st.dates().map(date.isoformat),
    "Upload": st.text(),
}

OURS = {"x-workspace", "lightrag-workspace", "x-api-key", "authorization"}
"""Headers that the tests set."""

NAMES = ["Norvik Sensorik", "Sensor Kappa", "Kiel"]
QUESTIONS = ["Who delivers Sensor Kappa?", "What fixes Fault Omega?", "Wer liefert?", "谁交付传感器"]


@dataclass
class Tally:
    """What came back."""

    statuses: Counter[str] = field(default_factory=Counter[str])
    errors: list[str] = field(default_factory=list[str])
    whole: int = 0
    """Calls of GraphQL without any error in their answer."""
    by_operation: dict[str, Counter[int]] = field(default_factory=dict[str, Counter[int]])

    def note(self, operation: str, status: int, sent: str, text: str, *, well: bool) -> None:
        """Notes a response."""
        self.by_operation.setdefault(operation, Counter())[status] += 1
        self.statuses["well" if well else f"{status // 100}xx"] += 1
        if status >= 500 or "INTERNAL" in text:
            self.errors.append(f"{operation} {status}: {sent[:1500]} -> {text[:300]}")

    @property
    def share(self) -> float:
        """The share that was answered well."""
        return self.statuses["well"] / self.statuses.total()


@pytest.fixture(scope="module")
def server(settings: Settings, model: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    told = settings.model_copy(update={"input_dir": tmp_path_factory.mktemp("inputs")})
    more = Settings(
        _env_file=None, data_dir=told.data_dir, cache_dir=told.cache_dir, input_dir=told.input_dir,
        openai_api_key="sk-test", openai_base_url=model.url, llm_model="stand-in",
    )  # type: ignore[arg-type]  # fmt: skip
    with serving_neolight(more) as running:
        yield running


@pytest.fixture
def client(server: Server, workspace: str) -> Iterator[httpx.Client]:
    """Calls a workspace with something in it."""
    with httpx.Client(base_url=server.url, headers={"X-Workspace": workspace}, timeout=120) as opened:
        text = "Norvik Sensorik delivers Sensor Kappa to Kiel. Sensor Kappa fixes Fault Omega."
        opened.post("/documents/text", json={"text": text, "file_source": "sensors.txt"})
        settled(opened)
        yield opened
        opened.delete("/documents")


Choose: TypeAlias = Callable[[list[str], str], str]


def known(value: Any, key: str, choose: Choose) -> Any:
    """The value; names, ids and questions become, sometimes, those of something that there is."""
    if isinstance(value, dict):
        return {name: known(one, str(name), choose) for name, one in value.items()}
    if isinstance(value, list):
        return [known(one, key, choose) for one in value]
    pools = {
        "query": QUESTIONS, "prompt": QUESTIONS, "q": NAMES, "label": NAMES, "name": NAMES, "entity_name": NAMES,
        "source_entity": NAMES[:1], "target_entity": NAMES[1:2], "source_id": NAMES[:1], "target_id": NAMES[1:2],
        "entities_to_change": NAMES[2:], "entity_to_change_into": NAMES[1:2], "entity": NAMES, "start": NAMES,
        "from": NAMES[:1], "to": NAMES[1:2],
    }  # fmt: skip
    return choose(pools[key], value) if key in pools and isinstance(value, str) else value


def each(count: int) -> Any:
    """Settings for so many examples, without what a person at a desk would want."""
    return settings(
        max_examples=count, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=SLOW_IS_FINE, verbosity=Verbosity.quiet,
    )  # fmt: skip


def chooser(data: Any) -> Choose:
    """Mostly something that there is, sometimes what was generated."""

    def choose(pool: list[str], value: str) -> str:
        return data.draw(st.sampled_from([*pool, *pool, *pool, value]))

    return choose


def test_no_call_of_openapi_ends_in_an_error_of_the_server(client: httpx.Client) -> None:
    description = client.get("/openapi.json").json()
    schema = schemathesis.openapi.from_dict(description)
    operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # pyright: ignore[reportAttributeAccessIssue]
    tally = Tally()
    for operation in operations:
        name = f"{operation.method.upper()} {operation.path}"
        if name != "POST /login":
            count = 2 if name in KEEP else max(3, CALLS // len(operations))
            generated(client, operation, name, count, tally)
    report("OpenAPI", tally)


def generated(client: httpx.Client, operation: Any, name: str, count: int, tally: Tally) -> None:
    """Makes calls of one operation."""

    @each(count)
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE), data=st.data())
    def call(case: Any, data: Any) -> None:
        choose = chooser(data)
        arguments = case.as_transport_kwargs(base_url=str(client.base_url).rstrip("/"))
        for part in ("json", "params"):
            if arguments.get(part):
                arguments[part] = known(arguments[part], "", choose)
        headers = {key: value for key, value in (arguments.get("headers") or {}).items() if key.lower() not in OURS}
        if arguments.get("files"):
            arguments["files"] = [(name, _file(value)) for name, value in pairs(arguments["files"])]
        sent = {key: arguments[key] for key in ("json", "params", "data", "files") if arguments.get(key)}
        reply = client.request(arguments["method"], arguments["url"], headers=headers, **sent)
        tally.note(name, reply.status_code, str(sent), reply.text, well=reply.status_code < 400)

    call()


def test_no_call_of_graphql_ends_in_an_error_of_the_server(client: httpx.Client) -> None:
    for name, values in SCALARS.items():
        schemathesis.graphql.scalar(name, values.map(nodes.String))
    schema = schemathesis.graphql.from_path(ROOT / "schema" / "schema.graphql")
    operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # pyright: ignore[reportAttributeAccessIssue]
    tally = Tally()
    for operation in operations:
        if not operation.label.startswith("Subscription."):
            asked(client, operation, max(2, CALLS // len(operations)), tally)
    report("GraphQL", tally)


def asked(client: httpx.Client, operation: Any, count: int, tally: Tally) -> None:
    """Asks for one field of Query or Mutation."""

    @each(count)
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def call(case: Any) -> None:
        reply = client.post("/graphql", json={"query": case.body})
        tally.note(operation.label, reply.status_code, case.body, reply.text, well=reply.status_code < 400)
        if reply.status_code < 400 and "errors" not in reply.json():
            tally.whole += 1

    call()


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
    if tally.whole:
        print(f"  {tally.whole} without any error in the answer")
    for operation, statuses in tally.by_operation.items():
        if max(statuses) >= 400:
            print(f"  {operation}: {dict(statuses)}")
    assert tally.errors == [], "\n".join(tally.errors[:5])
    assert tally.share >= WELL
