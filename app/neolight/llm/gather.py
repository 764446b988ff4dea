"""Gathers the texts of many callers into few requests."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

import numpy as np

from neolight.errors import ModelError, ModelUnavailable
from neolight.models import Vectors

# How long texts wait for company at most, in seconds.
PATIENCE = 0.02
# The size of one request is bounded in characters as well: providers bound it in tokens (300,000 at OpenAI).
CHARACTERS = 500_000


_TIME: ContextVar[float] = ContextVar("time", default=0.0)


@contextmanager
def unhurried(seconds: float) -> Generator[None]:
    """Within the block, and in tasks begun there, texts may wait so long for company, whether or not a request is under
    way."""
    token = _TIME.set(seconds)
    try:
        yield
    finally:
        _TIME.reset(token)


@dataclass(slots=True, eq=False)
class _Call:
    """One caller: its texts, and the rows that have come so far."""

    texts: list[str]
    done: asyncio.Future[Vectors]
    rows: Vectors | None = None
    arrived: int = 0
    requests: float = 0.0
    tokens: float = 0.0

    def pay(self, share: float, tokens: float) -> None:
        self.requests += share
        self.tokens += share * tokens

    def deliver(self, start: int, rows: Vectors) -> None:
        if self.done.done():
            return
        if self.rows is None:
            self.rows = np.empty((len(self.texts), rows.shape[1]), dtype=np.float32)
        self.rows[start : start + len(rows)] = rows
        self.arrived += len(rows)
        if self.arrived == len(self.texts):
            self.done.set_result(self.rows)

    def fail(self, error: BaseException) -> None:
        if not self.done.done():
            self.done.set_exception(error)


@dataclass(frozen=True, slots=True)
class _Part:
    """A run of a caller's texts that travels in one request."""

    call: _Call
    start: int
    texts: list[str]
    time: float = 0.0
    """How long it may wait, in seconds; 0 where it is not to wait for nothing."""


class Gatherer:
    """Sends texts in requests of up to `batch`, of which `concurrency` are under way at once.

    While no request is under way, texts leave with what else came in the same turn of the event loop, so that a single
    question does not wait. Otherwise they wait for a full batch, for the end of the request before, or 20 ms.
    """

    def __init__(
        self, request: Callable[[Sequence[str]], Awaitable[tuple[Vectors, int]]], *, batch: int, concurrency: int
    ) -> None:
        """`request` gives the rows for some texts, and the tokens that it took."""
        self._request = request
        self._batch = batch
        self._concurrency = concurrency
        self._waiting: deque[_Part] = deque()
        self._texts_waiting = 0
        self._under_way: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._overdue = False

    async def embed(self, texts: list[str]) -> tuple[Vectors, float, float]:
        """The rows for one caller's texts, in their order, and its shares of requests and of their tokens.

        Raises what the request raised.
        """
        loop = asyncio.get_running_loop()
        call = _Call(texts, loop.create_future())
        self._waiting.append(_Part(call, 0, texts, _TIME.get()))
        self._texts_waiting += len(texts)
        loop.call_soon(self._pump)
        rows = await call.done
        return rows, call.requests, call.tokens

    def _pump(self) -> None:
        """Sends what is due."""
        while self._waiting and len(self._under_way) < self._concurrency:
            full = self._texts_waiting >= self._batch
            idle = not self._under_way and not all(part.time for part in self._waiting)
            if not (full or self._overdue or idle):
                break
            self._send(self._take())
        if not self._waiting:
            self._overdue = False
        else:
            self._wait(max(PATIENCE, min(part.time for part in self._waiting)))

    def _wait(self, seconds: float) -> None:
        """Sees to it that what waits is sent after so long, if not before."""
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            if self._timer.when() <= loop.time() + seconds:
                return
            self._timer.cancel()
        self._timer = loop.call_later(seconds, self._late)

    def _late(self) -> None:
        self._timer = None
        self._overdue = bool(self._waiting)
        self._pump()

    def _take(self) -> list[_Part]:
        """The parts of the next request; a part that is too long is cut."""
        taken: list[_Part] = []
        room, characters = self._batch, CHARACTERS
        while self._waiting and room > 0:
            part = self._waiting.popleft()
            fitting = _fitting(part.texts, room, characters, first=not taken)
            if fitting < len(part.texts):
                rest = replace(part, start=part.start + fitting, texts=part.texts[fitting:])
                self._waiting.appendleft(rest)
                part = replace(part, texts=part.texts[:fitting])
            if not part.texts:
                break
            taken.append(part)
            room -= fitting
            characters -= sum(map(len, part.texts))
        self._texts_waiting -= self._batch - room
        return taken

    def _send(self, parts: list[_Part]) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(parts))
        self._under_way.add(task)
        task.add_done_callback(lambda done: self._sent(done, parts))

    def _sent(self, task: asyncio.Task[None], parts: list[_Part]) -> None:
        self._under_way.discard(task)
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is not None:  # not a refusal of the model, which was dealt with: nobody may wait for ever
            for part in parts:
                part.call.done.cancel() if task.cancelled() else part.call.fail(error)
        self._pump()

    async def _deliver(self, parts: list[_Part]) -> None:
        """Makes one request; where it is refused, each caller's part goes alone, so that only the guilty one fails."""
        parts = [part for part in parts if not part.call.done.done()]
        if not parts:
            return
        try:
            rows, tokens = await self._request([text for part in parts for text in part.texts])
        except ModelError as error:
            if len(parts) > 1 and not isinstance(error, ModelUnavailable):
                for part in parts:
                    await self._deliver([part])
            else:
                for part in parts:
                    part.call.fail(error)
            return
        start = 0
        characters = sum(len(text) for part in parts for text in part.texts)
        for part in parts:
            part.call.pay(sum(map(len, part.texts)) / characters, tokens)
            part.call.deliver(part.start, rows[start : start + len(part.texts)])
            start += len(part.texts)


def _fitting(texts: list[str], room: int, characters: int, *, first: bool) -> int:
    """How many of the texts fit; at least one in an empty request."""
    fitting = 0
    for text in texts[:room]:
        characters -= len(text)
        if characters < 0 and not (first and fitting == 0):
            break
        fitting += 1
    return fitting
