"""A server that records what it is asked over HTTP, and answers what a test has laid ready."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


@dataclass
class Asked:
    """A request: its path with the query string, headers, and JSON body."""

    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Recorder:
    """What came in, and what goes out: (status, JSON) for each request in turn, the last one for ever."""

    url: str = ""
    replies: list[tuple[int, Any]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    async def respond(self, request: Request) -> Response:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self.asked.append(Asked(path, dict(request.headers), await request.json()))
        status, body = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return JSONResponse(body, status)


@contextmanager
def recording(*replies: tuple[int, Any]) -> Iterator[Recorder]:
    """Serves a recorder on a free loopback port until the block ends."""
    recorder = Recorder(replies=list(replies))
    app = Starlette(routes=[Route("/{path:path}", recorder.respond, methods=["POST"])])
    listener = socket.create_server(("127.0.0.1", 0))
    recorder.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield recorder
    finally:
        server.should_exit = server.force_exit = True
        thread.join(10)
        listener.close()
