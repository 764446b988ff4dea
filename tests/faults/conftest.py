"""A Neo4j that these tests may kill, and what an undisturbed run makes of their corpus."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from faults.chaos import Server, completion, enqueue, workers
from faults.dump import Dump, dump
from neolight import embedded
from neolight.settings import Settings

CACHE = Settings().cache_dir


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, no_outside_settings: None) -> Iterator[Server]:
    """The server that is killed: not the one of the other tests."""
    one = Server(tmp_path_factory.mktemp("faults"), CACHE)
    one.start()
    yield one
    embedded.stop(one.data_dir)


@pytest.fixture(scope="session")
def worker_environment(server: Server) -> dict[str, str]:
    """The environment of a worker of that server; short chunks, so that documents have several."""
    return {
        **os.environ,
        "NEOLIGHT_DATA_DIR": str(server.data_dir),
        "NEOLIGHT_CACHE_DIR": str(CACHE),
        "NEOLIGHT_CHUNK_TOKENS": "60",
        "NEOLIGHT_CHUNK_OVERLAP": "10",
    }


@pytest.fixture(scope="session")
async def undisturbed(
    server: Server, worker_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Dump:
    """What one worker makes of the corpus when nothing happens to it."""
    server.start()
    await enqueue(server, "undisturbed")
    with workers(1, worker_environment, tmp_path_factory.mktemp("undisturbed")) as started:
        state = await completion(server, "undisturbed", started)
    assert state.failed == 0
    async with server.graph() as graph:
        return await dump(graph, "undisturbed")
