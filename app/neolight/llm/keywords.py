"""Search words of a question, by a language model."""

from __future__ import annotations

from pydantic import BaseModel

from neolight.llm import templates
from neolight.llm.chat import ChatModel
from neolight.llm.language import language_of
from neolight.models import Keywords

MOST = 8


class SearchWords(BaseModel):
    """What the model answers."""

    high_level_keywords: list[str] = []
    low_level_keywords: list[str] = []


async def keywords(chat: ChatModel, question: str) -> Keywords:
    """The themes and names to search for. Raises ModelUnavailable, or ModelError where the reply cannot be used."""
    system = templates.prompt("keywords", language=language_of(question))
    words, _ = await chat.parse(system, f"Question: {question}", SearchWords, kind="keywords")
    return Keywords(_tidy(words.high_level_keywords), _tidy(words.low_level_keywords))


def _tidy(words: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for raw in words if (word := " ".join(raw.split()))))[:MOST]
