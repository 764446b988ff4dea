"""Serves the whole application on a free loopback port, in a thread of the test process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import uvicorn
from starlette.types import ASGIApp

from neolight.main import create_app
from neolight.settings import Settings


@dataclass(frozen=True)
class Server:
    """A running server: its HTTP address."""

    url: str

    @property
    def websocket(self) -> str:
        """The address of its subscriptions."""
        return f"{self.url.replace('http', 'ws', 1)}/graphql"


@contextmanager
def serving_neolight(settings: Settings, around: Callable[[ASGIApp], ASGIApp] = lambda app: app) -> Generator[Server]:
    """Runs the application with these settings, and with something around it if wanted, for the block."""
    config = uvicorn.Config(
        around(create_app(settings)), host="127.0.0.1", port=0, log_level="warning", ws="websockets-sansio"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 120
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < deadline, "the server did not start in time"
        time.sleep(0.05)
    try:
        yield Server(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}")
    finally:
        server.should_exit = True
        thread.join(30)


def settled(client: httpx.Client) -> dict[str, int]:
    """Waits until nothing is to be done, and returns the documents by status."""
    deadline = time.monotonic() + 60
    while client.get("/documents/pipeline_status").json()["busy"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    counts: dict[str, int] = client.get("/documents/status_counts").json()["status_counts"]
    return counts
