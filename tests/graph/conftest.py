"""Each test of the graph leaves the database as it found it."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator

import pytest
from graphwork import wiped

from neolight.graph.gateway import Graph


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
