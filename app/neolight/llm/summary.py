"""Many descriptions of one thing, as one text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from neolight.errors import UnusableReply
from neolight.llm import templates
from neolight.llm.chat import ChatModel
from neolight.llm.tokens import count, truncate

TOGETHER = 6_000
"""Tokens of descriptions in one call; what is more is worked in by further calls, so that nothing is left out."""

LONGEST = 4
"""A summary that is longer than so many times what was wanted is none."""


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

    async def __call__(self, about: str, before: str | None, descriptions: Sequence[str]) -> str:
        """One text in place of the summary before, if any, and of all descriptions.

        Raises ModelUnavailable, or ModelError where the model refuses or gives no usable reply.
        """
        summary = before or ""
        for batch in batches(descriptions):
            lines = "\n".join(f"- {' '.join(one.split())}" for one in ([summary] if summary else []) + batch)
            user = f"{templates.data(about, 'thing')}\n{templates.data(lines, 'descriptions')}"
            summary = await self._asked(user)
        return summary

    async def _asked(self, user: str) -> str:
        # as JSON, so that a reply that breaks off is seen to
        written, _ = await self._chat.parse(self._system, user, Written, kind="summary")
        text = written.summary.strip()
        if not text or count(text) > LONGEST * self.tokens:
            raise UnusableReply(
                f"The model {self._chat.name} gave no summary of a fitting length: {text[:80]!r}.",
                hint="The descriptions stay as they are.",
            )
        return text


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
