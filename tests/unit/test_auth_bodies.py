"""Bodies that are too large or too slow, sockets that say too much, and the headers of every response."""

# pyright: reportDeprecated=false
from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse
from starlette.types import ASGIApp

from graphql_caller import Server
from hostile import control, tried
from neolight.auth.bodies import MIB, UPLOADS, Bodies, BodyLimits
from neolight.auth.responses import Headed, page_policy

LIMITS = BodyLimits(upload=MIB, texts=5000, login=100, other=1000, idle=0.3, linger=0.2, slowest=2000)


def echo() -> FastAPI:
    app = FastAPI()

    @app.post("/{path:path}")
    async def read(request: Request) -> dict[str, int]:
        return {"size": len(await request.body())}

    return app


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[int]:
    """Serves an application on a free port, which is given."""
    server = Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def exchange(port: int, head: str, pieces: list[bytes], pause: float = 0.0) -> bytes:
    """Sends a request in pieces, and gives the whole response."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"POST {head}\r\nHost: x\r\n".encode())

    async def send() -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    sending = asyncio.create_task(send())
    try:
        got = b""
        async with asyncio.timeout(20):
            with contextlib.suppress(ConnectionResetError):  # a server closes on a client that does not stop
                while piece := await reader.read(65536):
                    got += piece
        return got
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        writer.close()


def chunked(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


CHUNKED = "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
FORM = "Content-Type: multipart/form-data; boundary=b\r\n"

PATHS = ["/query", "/login", "/graphql", "/documents/text", "/documents/texts/", "/nothing", "/documents/upload"]


def most(path: str) -> int:
    return {"/login": LIMITS.login, "/query": 1000, "/nothing": 1000, "/documents/upload": 1000}.get(path, 5000)


@pytest.mark.parametrize("path", PATHS)
async def test_a_body_within_its_limit_arrives_and_one_byte_more_does_not(path: str) -> None:
    async with serving(Bodies(echo(), LIMITS)) as port:
        for size, status in ((most(path), b"200"), (most(path) + 1, b"413")):
            body = b"x" * size
            announced = f"{path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {size}\r\n"
            streamed = [chunked(body[at : at + 900]) for at in range(0, size, 900)] + [chunked(b"")]
            for head, pieces in (
                (announced, [b"\r\n", body]),
                (f"{path} HTTP/1.1\r\n{CHUNKED[:-2]}", [b"\r\n", *streamed]),
            ):
                reply = await exchange(port, head.rstrip("\r\n"), pieces)
                assert reply.split()[1] == status, (path, size, reply)


async def test_an_announced_body_is_refused_before_it_comes() -> None:
    async with serving(Bodies(echo(), LIMITS)) as port:
        for size in (10**4, 10**9, 10**18):
            reply = await exchange(port, f"/query HTTP/1.1\r\nContent-Length: {size}", [b"\r\n"])
            assert reply.startswith(b"HTTP/1.1 413"), reply
            assert b"TOO_LARGE" in reply
            assert b"connection: close" in reply.lower()


async def test_forms_may_bring_files() -> None:
    async with serving(Bodies(echo(), LIMITS)) as port:
        for path, size, status in (
            ("/documents/upload", 2 * MIB, b"200"), ("/documents/upload", 2 * MIB + 1, b"413"),
            ("/graphql", UPLOADS * MIB + MIB, b"200"), ("/graphql", UPLOADS * MIB + MIB + 1, b"413"),
            ("/query", 1001, b"413"),
        ):  # fmt: skip
            head = f"{path} HTTP/1.1\r\nConnection: close\r\n{FORM}Content-Length: {size}"
            reply = await exchange(port, head, [b"\r\n", b"x" * size])
            assert reply.split()[1] == status, (path, size)


SLOW = [(size, pause) for size in (0, 1, 2, 5, 10) for pause in (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.31, 0.4, 0.6, 5.0)]


@pytest.mark.parametrize("announced", [True, False])
async def test_slow_bodies_are_given_up(announced: bool) -> None:
    """Fifty ways to keep a connection busy: one piece and silence, and pieces that trickle below the least speed."""
    assert len(SLOW) >= 50

    async def one(port: int, size: int, pause: float) -> bytes:
        piece = b"x" * size if announced else (chunked(b"x" * size) if size else b"")
        framing = "Content-Length: 900\r\n" if announced else "Transfer-Encoding: chunked\r\n"
        return await exchange(port, f"/query HTTP/1.1\r\n{framing}".rstrip("\r\n"), [b"\r\n"] + [piece] * 500, pause)

    async with serving(Bodies(echo(), LIMITS)) as port:
        replies = await asyncio.gather(*(one(port, *slow) for slow in SLOW))
        assert all(reply.startswith(b"HTTP/1.1 408") and b"TOO_SLOW" in reply for reply in replies)
        tried("slow uploads", len(SLOW))
        steady = [b"\r\n"] + [chunked(b"x" * 80)] * 10 + [chunked(b"")]
        reply = await exchange(port, f"/query HTTP/1.1\r\n{CHUNKED}".rstrip("\r\n"), steady, 0.02)
        assert reply.split()[1] == b"200", "a body that is fast enough arrives"
        control("slow uploads")


async def test_without_the_limits_a_large_body_and_a_slow_one_arrive() -> None:
    async with serving(echo()) as port:
        head = "/query HTTP/1.1\r\nConnection: close\r\nContent-Length: 5000"
        assert (await exchange(port, head, [b"\r\n", b"x" * 5000])).split()[1] == b"200"
        head = "/query HTTP/1.1\r\nConnection: close\r\nContent-Length: 3"
        assert (await exchange(port, head, [b"\r\n", b"x", b"x", b"x"], 0.4)).split()[1] == b"200"


async def test_a_long_answer_is_not_a_slow_request() -> None:
    app = FastAPI()

    @app.post("/query")
    async def slow() -> PlainTextResponse:
        await asyncio.sleep(1)
        return PlainTextResponse("done")

    async with serving(Bodies(app, LIMITS)) as port:
        head = "/query HTTP/1.1\r\nConnection: close\r\nContent-Length: 0"
        assert (await exchange(port, head, [b"\r\n"])).endswith(b"done")


async def headers_of(app: ASGIApp, path: str) -> dict[str, str]:
    async with serving(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        head = (await reader.read()).partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        writer.close()
        return {name.lower(): value for name, _, value in (line.partition(": ") for line in head)}


async def test_every_response_has_the_headers() -> None:
    app = FastAPI()
    app.add_api_route("/page", lambda: HTMLResponse("<p>"), response_model=None)
    app.add_api_route("/fails", lambda: 1 // 0)
    for path, policy in (("/page", "script-src 'self';"), ("/docs", "cdn.jsdelivr.net"), ("/none", "sandbox"),
                         ("/openapi.json", "default-src 'none'"), ("/fails", "sandbox")):  # fmt: skip
        found = await headers_of(Headed(app), path)
        assert found["x-content-type-options"] == "nosniff", path
        assert found["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in found["content-security-policy"]
        assert policy in found["content-security-policy"], path
        assert "strict-transport-security" not in found
    assert (await headers_of(Headed(app), "/none"))["cache-control"] == "no-store"
    assert "x-frame-options" not in await headers_of(app, "/page")


def test_a_script_in_a_page_is_known_by_its_hash() -> None:
    digest = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
    assert f"script-src 'self' {digest};" in page_policy("<script src='x'></script><script>alert(1)</script>")
