"""A real server on a free port, and real clients for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from graphql_caller import Caller, serving_graphql
from neolight.deps import Deps
from neolight.graph import documents, writer
from neolight.graph.gateway import Graph
from neolight.settings import Settings
from servers import Server, serving_neolight
from small_graph import Small, write
from standin import StandIn, serving


@pytest.fixture(scope="session")
async def graphql_url(deps: Deps) -> AsyncIterator[str]:
    """The address of GraphQL on a running server, which has no worker."""
    async with serving_graphql(deps) as url:
        yield url


@pytest.fixture(scope="module")
def model() -> Iterator[StandIn]:
    """A stand-in for a language model, over HTTP."""
    with serving() as running:
        yield running


@pytest.fixture
async def call(graphql_url: str, deps: Deps, workspace: str) -> AsyncIterator[Caller]:
    """Calls GraphQL for a workspace that no other test uses, and leaves nothing there for a later worker to do."""
    yield Caller(graphql_url, workspace)
    left = await documents.listed(deps.graph, workspace, limit=1000)
    await writer.delete(deps.graph, workspace, [document.id for document in left])


@pytest.fixture
async def small(deps: Deps, workspace: str) -> Small:
    """The small graph, in the workspace that `call` calls for."""
    return await write(deps, workspace)


@pytest.fixture(scope="module")
def server(settings: Settings) -> Iterator[Server]:
    """A whole server; a module that needs other settings has a `server` of its own."""
    with serving_neolight(settings) as running:
        yield running


@pytest.fixture
def client(server: Server, workspace: str) -> Iterator[httpx.Client]:
    """Calls REST for a workspace that no other test uses."""
    with httpx.Client(base_url=server.url, headers={"X-Workspace": workspace}, timeout=60) as opened:
        yield opened


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the bound queries that were sent to Neo4j during the test, in order."""
    names: list[str] = []
    real = Graph.fetch

    async def fetch(self: Graph, query: Any, **params: Any) -> list[Any]:
        names.append(query.name)
        return await real(self, query, **params)

    monkeypatch.setattr(Graph, "fetch", fetch)
    return names
