"""A server that records what it is asked over HTTP, and answers what a test has laid ready."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from standin import listening


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
    with listening(app) as recorder.url:
        yield recorder
