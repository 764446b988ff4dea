"""How large a request may be and how slowly it may arrive, counted as it streams in."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass

from starlette._utils import get_route_path  # the router's own, so that both see the same path
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from neolight.auth.responses import error_response
from neolight.errors import NeolightError, TooLarge, TooSlow

MIB = 1 << 20
UPLOADS = 10
"""Files of the largest size that one GraphQL request may bring."""
FORM = MIB
"""What a form needs around its files."""


TEXTS = frozenset({"/documents/text", "/documents/texts", "/graphql", "/mcp"})
"""Paths that take documents as JSON."""


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """Sizes in bytes, times in seconds."""

    upload: int = 100 * MIB
    """One file."""
    texts: int = 50 * MIB
    """Documents that are sent as JSON."""
    login: int = 16 << 10
    other: int = MIB
    frame: int = MIB
    """One message over a WebSocket."""
    linger: float = 2.0
    """For the rest of a body that was refused."""
    idle: float = 30.0
    """Between two pieces of a body, and before a slow one is judged."""
    slowest: float = 2048.0
    """Bytes a second, on the average since a body began, once `idle` is over."""

    def of(self, path: str, headers: Mapping[str, str]) -> int:
        """The most bytes that a request for a path may have."""
        path = path.rstrip("/")
        form = headers.get("content-type", "").lower().startswith("multipart/")
        if path == "/documents/upload" and form:
            return self.upload + FORM
        if path == "/graphql" and form:
            return UPLOADS * self.upload + FORM
        if path == "/login":
            return self.login
        return self.texts if path in TEXTS else self.other


class Bodies:
    """An application whose requests are neither larger nor slower than allowed."""

    def __init__(self, app: ASGIApp, limits: BodyLimits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on as long as it keeps to the limits."""
        if scope["type"] == "websocket":
            await self._app(scope, _frames(self._limits.frame, receive, send), send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        body = _Body(scope, receive, send, self._limits, self._limits.of(get_route_path(scope), headers))
        announced = headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > body.most:
            await body.refuse(body.too_large())
            return
        try:
            await self._app(scope, body.receive, body.send)
        except Exception:
            if not body.refused:  # Else the application has only noticed that its request has ended.
                raise


class _Body:
    """One request: what has arrived of it, and whether it was refused."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, limits: BodyLimits, most: int) -> None:
        self.most = most
        self.refused = False
        self._scope, self._receive, self._send, self._limits = scope, receive, send, limits
        self._began = time.monotonic()
        self._size = 0
        self._complete = False
        self._answered = False

    async def receive(self) -> Message:
        """The next piece; a body that is too large or too slow ends as if the client had gone."""
        if self._complete:
            return await self._receive()
        if self.refused:
            return {"type": "http.disconnect"}
        try:
            async with asyncio.timeout(self._patience()):
                message = await self._receive()
        except TimeoutError:
            hint = f"Bodies arrive with {self._limits.slowest:.0f} bytes a second or more."
            return await self.refuse(TooSlow(f"After {self._size} bytes there was no more.", hint=hint))
        if message["type"] == "http.request":
            self._size += len(message.get("body", b""))
            self._complete = not message.get("more_body", False)
            if self._size > self.most:
                return await self.refuse(self.too_large())
        return message

    def _patience(self) -> float:
        """Seconds to wait for the next piece."""
        allowed = self._limits.idle + self._size / self._limits.slowest
        return max(0.0, min(self._limits.idle, self._began + allowed - time.monotonic()))

    async def send(self, message: Message) -> None:
        """Passes on what the application says, unless the client was told something else already."""
        if not self.refused:
            self._answered = True
            await self._send(message)

    def too_large(self) -> TooLarge:
        """Says how large it may be."""
        most = f"{self.most / MIB:.0f} MiB" if self.most >= MIB else f"{self.most >> 10} KiB"
        return TooLarge(f"The request is too large: {most} are allowed here.", hint="Send less at once.")

    async def refuse(self, error: NeolightError) -> Message:
        """Answers in the application's place and closes the connection, since the rest of the body is not read."""
        self.refused = True
        if not self._answered:
            response = error_response(error)
            response.headers["Connection"] = "close"
            await response(self._scope, self._receive, self._lingering)
        return {"type": "http.disconnect"}

    async def _lingering(self, message: Message) -> None:
        """Closes late: were the connection closed over unread data, the client might never read why."""
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        await self._send({**message, "more_body": True})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.linger):
                while not self._complete:
                    rest = await self._receive()
                    self._complete = rest["type"] == "http.disconnect" or not rest.get("more_body", False)
        await self._send({"type": "http.response.body", "body": b""})


def _frames(most: int, receive: Receive, send: Send) -> Receive:
    """Closes a WebSocket that sends a larger message."""

    async def limited() -> Message:
        message = await receive()
        if message["type"] == "websocket.receive":
            text, data = message.get("text") or "", message.get("bytes") or b""
            if max(len(text), len(data)) > most:
                await send({"type": "websocket.close", "code": 1009, "reason": f"A message has at most {most} bytes."})
                return {"type": "websocket.disconnect", "code": 1009}
        return message

    return limited
