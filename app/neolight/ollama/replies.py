"""What goes back, in Ollama's words: whole, or one JSON object a line."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from fastapi.responses import Response, StreamingResponse

from neolight.errors import NeolightError, public
from neolight.llm.tokens import count
from neolight.rest.lines import LINES, line


@dataclass(slots=True)
class Reply:
    """A reply under way: `kind` says whether its text goes into a message or a plain field."""

    model: str
    kind: Literal["chat", "generate"]
    prompt: str
    started: int = field(default_factory=time.perf_counter_ns)
    first: int = 0

    async def send(self, pieces: AsyncIterator[str], *, stream: bool) -> Response:
        """The reply that these pieces make. Raises what they raise, unless the reply has begun."""
        if stream:
            return StreamingResponse(self._lines(pieces), media_type=LINES, headers={"X-Accel-Buffering": "no"})
        text = "".join([piece async for piece in self._timed(pieces)])
        return Response(line(await self._last(text, text)), media_type="application/json")

    async def _lines(self, pieces: AsyncIterator[str]) -> AsyncGenerator[bytes]:
        said: list[str] = []
        try:
            async with aclosing(self._timed(pieces)) as timed:
                async for piece in timed:
                    said.append(piece)
                    yield line(self._row(piece, done=False))
        except NeolightError as error:
            shown = public(error)
            yield line(
                {
                    **self._row("", done=True),
                    "error": f"{shown.message} {shown.hint or ''}".strip(),
                    "done_reason": "error",
                }
            )
            return
        yield line(await self._last("", "".join(said)))

    async def _timed(self, pieces: AsyncIterator[str]) -> AsyncGenerator[str]:
        async for piece in pieces:
            self.first = self.first or time.perf_counter_ns()
            yield piece

    def _row(self, text: str, *, done: bool) -> dict[str, Any]:
        content = {"message": {"role": "assistant", "content": text}} if self.kind == "chat" else {"response": text}
        return {"model": self.model, "created_at": datetime.now(UTC).isoformat(), **content, "done": done}

    async def _last(self, shown: str, text: str) -> dict[str, Any]:
        """The last line, with what it took, in nanoseconds and tokens."""
        end = time.perf_counter_ns()
        first = self.first or end
        tokens = await asyncio.to_thread(lambda: (count(self.prompt), count(text)))
        more = {"context": []} if self.kind == "generate" else {}
        return {
            **self._row(shown, done=True), "done_reason": "stop", **more, "total_duration": end - self.started,
            "load_duration": 0, "prompt_eval_count": tokens[0], "prompt_eval_duration": first - self.started,
            "eval_count": tokens[1], "eval_duration": end - first,
        }  # fmt: skip
