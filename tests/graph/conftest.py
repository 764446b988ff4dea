"""Each test of the graph leaves the database as it found it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from graphwork import rows, wiped

from neolight.graph.gateway import Graph, connect
from neolight.settings import Settings
from neolight.start import locate


@pytest.fixture
async def workspace(graph: Graph) -> AsyncIterator[str]:
    """A workspace that no other test uses, and that is gone after the test."""
    name = f"test-{secrets.token_hex(6)}"
    yield name
    await wiped(graph, name)


@pytest.fixture
async def other(graph: Graph) -> AsyncIterator[str]:
    """Another workspace."""
    name = f"test-{secrets.token_hex(6)}"
    yield name
    await wiped(graph, name)


@pytest.fixture
async def graphs(settings: Settings) -> AsyncIterator[list[Graph]]:
    """Eight drivers, each with connections of its own, as several processes have them."""
    at = await locate(settings)
    async with AsyncExitStack() as stack:
        opened = [stack.enter_async_context(connect(at.uri, at.username, at.password)) for _ in range(8)]
        yield list(await asyncio.gather(*opened))


@pytest.fixture
async def claimable(graph: Graph, workspace: str) -> AsyncIterator[str]:
    """A workspace whose documents are the only ones that wait: what other tests have left waits no longer."""
    await rows(
        graph,
        """MATCH (d:Document) WHERE d.status IN ['pending', 'processing'] AND d.workspace IS NOT NULL
        SET d.status = 'failed' REMOVE d.lease_owner, d.lease_token, d.lease_until""",
    )
    yield workspace
