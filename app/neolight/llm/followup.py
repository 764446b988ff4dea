"""A follow-up question, as one that is understood without the conversation."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from neolight.llm import templates
from neolight.llm.chat import ChatModel, Message
from neolight.llm.language import UNKNOWN, language_of
from neolight.llm.tokens import truncate

TURNS = 6
"""So many of the last messages are looked at."""

TURN_TOKENS = 400
LONGEST = 2_000
"""Characters of a rewritten question."""


class Rewritten(BaseModel):
    """What the model answers."""

    question: str = ""


async def rewritten(chat: ChatModel, question: str, history: Sequence[Message]) -> str:
    """The question with what it refers to. Raises ModelUnavailable, or ModelError where the reply cannot be used."""
    said = "\n".join(f"{turn['role']}: {truncate(turn['content'], TURN_TOKENS)}" for turn in history[-TURNS:])
    user = f"{templates.data(said, 'conversation')}\n\nFollow-up: {question}"
    language = language_of(question)
    system = templates.prompt("followup", language="the language of the follow-up" if language == UNKNOWN else language)
    reply, _ = await chat.parse(system, user, Rewritten, kind="followup")
    return " ".join(reply.question.split())[:LONGEST] or question
