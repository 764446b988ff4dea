"""A served Neolight whose Neo4j stops and starts again: callers are told so, and nothing that was taken in is lost."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from faults.chaos import Server
from neolight.graph import gateway
from neolight.settings import Settings
from servers import serving_neolight, settled

pytestmark = pytest.mark.faults

FACT = "Error E-45 on the pump A-102 is fixed by part P-987."
RETRIEVE = '{ retrieve(input: {query: "What fixes E-45?", mode: naive}) { chunks { chunk { document { source } } } } }'


def upload(client: httpx.Client, name: str) -> httpx.Response:
    return client.post("/documents/upload", files={"file": (name, FACT.encode())})


async def test_a_server_outlives_a_restart_of_neo4j(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "RETRY_SECONDS", 1.0)  # reads are tried again for longer
    server.start()
    assert server.described
    login = {"neo4j_uri": server.described.uri, "neo4j_password": server.described.password}
    settings = Settings(_env_file=None, data_dir=server.data_dir, cache_dir=server.cache_dir, **login)  # type: ignore[arg-type]
    await asyncio.to_thread(_restarted, server, settings)


def _restarted(server: Server, settings: Settings) -> None:
    headers = {"X-Workspace": "served"}
    with (
        serving_neolight(settings) as served,
        httpx.Client(base_url=served.url, headers=headers, timeout=120) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        assert upload(client, "before.txt").status_code == 200
        settled(client)
        server.stop()
        began = time.monotonic()
        _told(client)
        assert client.get("/health").json()["neo4j_available"] is False
        waiting = pool.submit(upload, client, "meanwhile.txt")  # what writes waits for Neo4j as long as it is worth it
        server.start()
        first = waiting.result()
        assert first.status_code in (200, 503), first.text
        if first.status_code == 503:
            assert time.monotonic() - began > 20, "it gave up too early"
            assert upload(client, "meanwhile.txt").status_code == 200
        assert client.get("/ready").json() == {"status": "ready"}
        assert upload(client, "after.txt").status_code == 200
        counts = settled(client)
        assert (counts["processed"], counts["all"]) == (3, 3)
        found = _retrieved(client)["data"]["retrieve"]["chunks"]
        assert {one["chunk"]["document"]["source"] for one in found} == {"before.txt", "meanwhile.txt", "after.txt"}


def _told(client: httpx.Client) -> None:
    """Whoever asks now is told what does not answer, and what to do."""
    for reply in (client.post("/query/data", json={"query": "What fixes E-45?"}), client.get("/ready")):
        assert reply.status_code == 503
        assert reply.json()["detail"].startswith(("Neo4j does not answer", "Neo4j cannot be reached"))
        assert "Check that Neo4j runs" in reply.text
    (error,) = _retrieved(client)["errors"]
    assert error["extensions"]["code"] == "GRAPH_UNAVAILABLE"
    assert error["extensions"]["hint"].startswith("Check that Neo4j runs")


def _retrieved(client: httpx.Client) -> dict[str, Any]:
    return client.post("/graphql", json={"query": RETRIEVE}).json()
