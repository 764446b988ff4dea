"""What no search can be faster than: one Bolt round trip, and moving the bytes of the answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from neolight.graph.gateway import Graph

BARE = "CYPHER 25 RETURN 1 AS one"
ECHO = "CYPHER 25 RETURN $data AS data"
TIMES = 100


class Counter:
    """Bytes that went through: `sent` to Neo4j, `received` from it."""

    def __init__(self) -> None:
        self.sent = self.received = 0


@asynccontextmanager
async def counted(uri: str) -> AsyncGenerator[tuple[str, Counter]]:
    """An address that leads to a Neo4j at `uri` (bolt://), and the count of what goes through."""
    target, counter = urlsplit(uri), Counter()

    async def through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(target.hostname, target.port)
        try:
            await asyncio.gather(_copy(reader, back, counter, "sent"), _copy(there, writer, counter, "received"))
        except ConnectionError:
            pass  # the driver hangs up as it likes
        finally:
            back.close()
            writer.close()

    async with await asyncio.start_server(through, "127.0.0.1", 0) as server:
        yield f"bolt://127.0.0.1:{server.sockets[0].getsockname()[1]}", counter


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, counter: Counter, name: str) -> None:
    while data := await reader.read(65_536):
        setattr(counter, name, getattr(counter, name) + len(data))
        writer.write(data)
        await writer.drain()
    writer.write_eof()


async def round_trip(graph: Graph) -> float:
    """The median of milliseconds of the smallest query."""
    return await _median(lambda: graph.execute(BARE))


async def transfer(graph: Graph, size: int) -> float:
    """Milliseconds that so many bytes need one way: half of what they add to a round trip that echoes them."""
    data = "x" * size  # no bytes: these are slow to convert, which is not what is asked here
    longer = await _median(lambda: graph.execute(ECHO, data=data))
    return round(max(0.0, longer - await round_trip(graph)) / 2, 3)


async def _median(work: Callable[[], Awaitable[Any]]) -> float:
    times: list[float] = []
    for _ in range(TIMES):
        started = time.perf_counter()
        await work()
        times.append(1000 * (time.perf_counter() - started))
    return round(float(np.median(times)), 3)
