"""One real Neo4j for the whole session; each test has a workspace of its own."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from neolight import embedded
from neolight.deps import Deps
from neolight.graph import query as cypher
from neolight.graph.gateway import Graph
from neolight.settings import Settings
from neolight.start import opened

pytest_plugins = ["figures"]

ROOT = Path(__file__).parents[1]
CACHE = Settings().cache_dir

# A server that lives for minutes does not earn back what the optimizing compiler costs.
OPTIONS = embedded.ServerOptions(
    heap_mb=768, page_cache_mb=256, start_timeout=300, jvm_flags=("-XX:TieredStopAtLevel=1",)
)


@pytest.fixture(scope="session", autouse=True)
def no_outside_settings() -> Iterator[None]:
    """The developer's own settings do not reach the tests, and no test can call a live model.

    Long descriptions stay: other tests have left some in the same database, and calls are counted.
    """
    kept = {name: value for name, value in os.environ.items() if name.startswith(("NEOLIGHT_", "NEO4J_", "OPENAI_"))}
    for name in kept:
        del os.environ[name]
    os.environ["NEOLIGHT_SUMMARY_TOKENS"] = "0"
    yield
    del os.environ["NEOLIGHT_SUMMARY_TOKENS"]
    os.environ.update(kept)


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Processes that tests start can be interrupted, also where these run in the background and so ignore SIGINT."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data directory with a running server in it."""
    path = tmp_path_factory.mktemp("data")
    embedded.ensure(path, CACHE, options=OPTIONS)
    yield path
    embedded.stop(path)


@pytest.fixture(scope="session")
def settings(data_dir: Path, no_outside_settings: None) -> Settings:
    """Settings that name the session's server, and no model."""
    return Settings(_env_file=None, data_dir=data_dir, cache_dir=CACHE)


@pytest.fixture(scope="session")
def environment(data_dir: Path) -> dict[str, str]:
    """The environment of a `neolight` process that is to use the session's server."""
    return {**os.environ, "NEOLIGHT_DATA_DIR": str(data_dir), "NEOLIGHT_CACHE_DIR": str(CACHE)}


@pytest.fixture(scope="session")
async def deps(settings: Settings) -> AsyncIterator[Deps]:
    """Everything, over the session's server, without a model and without a worker."""
    async with opened(settings) as built:
        yield built


@pytest.fixture(scope="session")
def graph(deps: Deps) -> Graph:
    """The session's graph."""
    return deps.graph


@pytest.fixture
def workspace() -> str:
    """A workspace that no other test uses."""
    return f"test-{secrets.token_hex(6)}"


@pytest.fixture(scope="session")
def neolight(environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command as a process and returns what it printed."""

    def run(*arguments: str, cwd: Path = ROOT, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "neolight", *arguments]
        return subprocess.run(
            command, env={**environment, **more}, check=False, capture_output=True, text=True, timeout=300, cwd=cwd
        )

    return run


RAN: set[str] = set()
"""The bound queries that some test of this session has run."""


@pytest.fixture(scope="session", autouse=True)
def recorded_queries() -> Iterator[set[str]]:
    """Remembers which bound queries run."""
    real = cypher.Query.rows

    def rows(self: cypher.Query[object], records: list[dict[str, object]]) -> list[object]:
        RAN.add(self.name)
        return real(self, records)

    cypher.Query.rows = rows  # type: ignore[method-assign]
    yield RAN
    cypher.Query.rows = real  # type: ignore[method-assign]


logging.getLogger("neo4j").setLevel(logging.ERROR)


SHARING = ("tests/api/", "tests/graph/", "tests/test_")
"""Tests that share the session's server; the others need none, or have their own."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Where two processes share the tests, those that share a server are all run by one of them."""

    class ByServer(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "one server" if nodeid.startswith(SHARING) else "other servers"

    return ByServer(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The test that asks which queries ran comes last."""
    items.sort(key=lambda item: item.path.name.startswith("test_zz_"))
