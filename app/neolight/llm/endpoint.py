"""One model server: how many calls it gets at once, how failed calls are repeated, and when it is left alone."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
import tenacity
from aiolimiter import AsyncLimiter

from neolight.errors import ModelError, ModelUnavailable
from neolight.llm.failures import Adapted, Foreign, Garbled, explain, means_down, wait_asked_for, worth_repeating
from neolight.llm.tokens import count

if TYPE_CHECKING:
    import openai
else:
    from neolight.llm import late as openai

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long failing calls are repeated, in seconds, and how long a server that is down is left alone."""

    attempts: int = 6
    first_wait: float = 0.5
    longest_wait: float = 20.0
    longest_wait_asked_for: float = 60.0
    first_pause: float = 2.0
    longest_pause: float = 30.0


@dataclass(slots=True)
class Circuit:
    """Opens when a server is down: until the pause is over, calls fail at once; then one attempt tells."""

    patience: Patience
    pause: float = 0.0
    until: float = field(default=0.0, init=False)

    @property
    def open(self) -> bool:
        """Whether the server was down at the last try."""
        return self.pause > 0

    def remaining(self) -> float:
        """Seconds until the next call is let through."""
        return max(0.0, self.until - time.monotonic())

    def failed(self) -> None:
        """Opens the circuit, each time in a row for twice as long."""
        if not self.remaining():  # calls that were under way together count once
            self.pause = min(max(2 * self.pause, self.patience.first_pause), self.patience.longest_pause)
            self.until = time.monotonic() + self.pause

    def worked(self) -> None:
        """Closes the circuit."""
        self.pause = self.until = 0.0


@dataclass(frozen=True, slots=True)
class Pace:
    """The most requests and tokens a minute that an account allows; 0 for no limit."""

    requests: int = 0
    tokens: int = 0


class Line:
    """What all roles share that call one server with one key: whether it is down, and the account's limits."""

    def __init__(self, patience: Patience | None = None, pace: Pace | None = None) -> None:
        pace = pace or Pace()
        self.circuit = Circuit(patience or Patience())
        self._requests = AsyncLimiter(pace.requests, 60) if pace.requests else None
        self._tokens = AsyncLimiter(pace.tokens, 60) if pace.tokens else None

    async def admit(self, body: object) -> None:
        """Waits until the account's limits admit a request; its tokens are counted when there is a limit of them."""
        if self._requests:
            await self._requests.acquire()
        if self._tokens:
            needed = max(1, count(orjson.dumps(body).decode()))
            await self._tokens.acquire(min(needed, self._tokens.max_rate))


class Endpoint:
    """A model server as one role (extraction, questions, embeddings, reranking) calls it.

    Each role has places of its own, so that a question does not wait behind a thousand passages; the circuit and the
    limits of a `line` are shared by the roles that call the same server.
    """

    def __init__(
        self,
        client: openai.AsyncOpenAI | None,
        *,
        concurrency: int,
        timeout: float = 120.0,
        patience: Patience | None = None,
        line: Line | None = None,
    ) -> None:
        self._client = client
        self.url = re.sub("//[^/@]*@", "//", str(client.base_url)).rstrip("/") if client else "of another library"
        self._timeout = timeout
        self._patience = patience or Patience()
        self._slots = asyncio.Semaphore(concurrency)
        self._line = line or Line(self._patience)
        self._circuit = self._line.circuit

    @property
    def client(self) -> openai.AsyncOpenAI:
        """The client of the OpenAI protocol, where the endpoint speaks it."""
        if self._client is None:
            raise TypeError("This endpoint is called through another library.")
        return self._client

    @property
    def resting(self) -> float:
        """Seconds for which the server is left alone because it is down, else 0."""
        return self._circuit.remaining()

    @property
    def down(self) -> bool:
        """Whether the server was down at the last try, and no call has shown since that it is not."""
        return self._circuit.open

    async def admit(self, body: object) -> None:
        """Waits until the account's limits admit a request."""
        await self._line.admit(body)

    async def post(self, path: str, body: Mapping[str, object], read: Callable[[dict[str, Any]], T]) -> T:
        """Sends one request and reads its reply; a reply that `read` rejects with Garbled is asked for again.

        The reply goes from bytes to `read` without the client's response models: measured, they cost as much as the
        rest of the call.
        Raises ModelUnavailable where the server does not answer, ModelError where it refuses.
        """

        async def once() -> T:
            options: Any = {"timeout": self._timeout}
            await self._line.admit(body)
            return read(_object(await self.client.post(path, body=body, cast_to=bytes, options=options)))

        async with self.slot():
            return await self.attempt(once)

    @asynccontextmanager
    async def slot(self) -> AsyncGenerator[None]:
        """One of the calls that may be under way at once. Raises ModelUnavailable while the server is left alone."""
        async with self._slots:
            if wait := self.resting:
                raise ModelUnavailable(f"The model endpoint {self.url} is down.", hint=f"Next try in {wait:.0f} s.")
            yield

    async def attempt(self, call: Callable[[], Awaitable[T]]) -> T:
        """Makes a call and repeats it while that may help: waits grow exponentially, or are as the server asks."""

        async def once() -> T:  # tenacity awaits what is declared with `async def`, and nothing else
            return await call()

        retrying = tenacity.AsyncRetrying(
            stop=self._enough,
            wait=self._wait,
            retry=worth_repeating,
            reraise=True,
        )
        try:
            result = await retrying(once)
        except (openai.OpenAIError, Adapted, Garbled) as error:
            if means_down(error):
                self._circuit.failed()
            elif isinstance(error, openai.APIStatusError):
                self._circuit.worked()
            raise explain(error, self.url) from error
        self._circuit.worked()
        return result

    def explained(self, error: openai.OpenAIError) -> ModelError:
        """The error to raise for one of the client's."""
        return explain(error, self.url)

    async def close(self) -> None:
        """Closes the connections."""
        if self._client:
            await self._client.close()

    def _enough(self, state: tenacity.RetryCallState) -> bool:
        """Whether to give up: after the last attempt, or where a server that was down still is."""
        error = state.outcome.exception() if state.outcome else None
        still_down = self._circuit.open and isinstance(error, Exception) and means_down(error)
        return still_down or state.attempt_number >= self._patience.attempts

    def _wait(self, state: tenacity.RetryCallState) -> float:
        patience = self._patience
        error = state.outcome.exception() if state.outcome else None
        asked = wait_asked_for(error)
        if asked is not None:
            return min(asked, patience.longest_wait_asked_for) + patience.first_wait * _jitter(state)
        return _jitter(state) * min(patience.first_wait * 2**state.attempt_number, patience.longest_wait)


def _jitter(state: tenacity.RetryCallState) -> float:
    """Between 0.5 and 1, so that calls that failed together do not come back together."""
    return tenacity.wait_random(0.5, 1.0)(state)


def _object(content: bytes) -> dict[str, Any]:
    try:
        reply = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        kind = Foreign if content.lstrip().startswith(b"<") else Garbled
        raise kind(f"not JSON: {content[:80]!r}") from error
    if isinstance(reply, list):  # what rerankers of one kind send
        return {"results": reply}
    if not isinstance(reply, dict):
        raise Garbled("not a JSON object")
    return reply
