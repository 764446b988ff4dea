"""Many descriptions of one thing, as one text."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TypeAlias

from pydantic import BaseModel

from neolight.errors import UnusableReply
from neolight.llm import templates
from neolight.llm.chat import ChatModel
from neolight.llm.tokens import count, truncate
from neolight.models import ModelCall

TOGETHER = 6_000
"""Tokens of descriptions in one call; what is more is worked in by further calls, so that nothing is left out."""

LONGEST = 4
"""A summary that is longer than so many times what was wanted is none."""


Kept: TypeAlias = Callable[[str], Awaitable[ModelCall | None]]
"""Finds a kept reply by its key."""


async def unknown(_: str) -> None:
    """Nothing is kept."""


class Written(BaseModel):
    """What the model answers."""

    summary: str = ""


class Summarizer:
    """Summarises with a chat model; `tokens` is from when on, and how long a summary is meant to be at most."""

    def __init__(self, chat: ChatModel, *, tokens: int, language: str | None = None) -> None:
        self.tokens = tokens
        wording = f"Write in {language}." if language else "Write in the language of the descriptions."
        self._system = templates.prompt("summary", tokens=str(tokens // 2), language=wording)
        self._chat = chat

    @property
    def resting(self) -> float:
        """Seconds for which the model's server is left alone because it is down, else 0."""
        return self._chat.resting

    def due(self, descriptions: Sequence[str], *, shown: bool) -> bool:
        """Whether these descriptions are not all shown, or too long together."""
        return not shown or sum(map(count, descriptions)) > self.tokens

    async def __call__(
        self, about: str, before: str | None, descriptions: Sequence[str], told: list[ModelCall], kept: Kept = unknown
    ) -> None:
        """Adds to `told` the replies that a summary is made of, the last of which is one text in place of the summary
        before, if any, and of all descriptions. Those that are `kept` cost nothing.

        Raises ModelUnavailable, or ModelError where the model refuses or gives no usable reply; what it has told until
        then is in `told`.
        """
        summary = before
        for batch in batches(descriptions):
            user = _message(about, summary, batch)
            key = self.key(user)
            call = await kept(key)
            if call is None:
                call = await self._asked(key, user)
            told.append(call)
            summary = call.response

    def first(self, about: str, before: str | None, descriptions: Sequence[str]) -> str:
        """Names the first of these replies."""
        return self.key(_message(about, before, next(batches(descriptions), [])))

    def key(self, user: str) -> str:
        """Names the reply to a message: equal where the model, the prompt and what it is about are."""
        return hashlib.sha256("\0".join((self._chat.name, self._system, user)).encode("utf-8", "replace")).hexdigest()

    async def _asked(self, key: str, user: str) -> ModelCall:
        # as JSON, so that a reply that breaks off is seen to
        written, reply = await self._chat.parse(self._system, user, Written, kind="summary")
        text = written.summary.strip()
        if not text or count(text) > LONGEST * self.tokens:
            raise UnusableReply(
                f"The model {self._chat.name} gave no summary of a fitting length: {text[:80]!r}.",
                hint="The descriptions stay as they are.",
            )
        return ModelCall(key, self._chat.name, "summary", text, reply.tokens_in, reply.tokens_out)


def _message(about: str, summary: str | None, batch: Sequence[str]) -> str:
    lines = "\n".join(f"- {' '.join(one.split())}" for one in [*([summary] if summary else []), *batch])
    return f"{templates.data(about, 'thing')}\n{templates.data(lines, 'descriptions')}"


def batches(descriptions: Sequence[str]) -> Iterator[list[str]]:
    """The descriptions in their order, in batches of at most TOGETHER tokens; a longer one is cut to that."""
    batch: list[str] = []
    left = TOGETHER
    for one in descriptions:
        text = truncate(one, TOGETHER)
        needed = count(text) + 2
        if batch and needed > left:
            yield batch
            batch, left = [], TOGETHER
        batch.append(text)
        left -= needed
    if batch:
        yield batch
