"""A language model's verdict on answers."""

from __future__ import annotations

import asyncio
from typing import Literal

from pydantic import BaseModel

from neolight.evaluate.datasets import Question
from neolight.llm import templates
from neolight.llm.chat import ChatModel
from neolight.models import Answer

CONTEXT_CHARACTERS = 60_000
"""Of the passages that an answer was written from, so much is shown to the judge."""


class Claim(BaseModel):
    """One claim of an answer."""

    claim: str
    supported: bool


class Faithfulness(BaseModel):
    """What the judge replies of one answer."""

    claims: list[Claim] = []


class Preference(BaseModel):
    """What the judge replies of two answers."""

    better: Literal["first", "second", "equal"]


async def faithfulness(chat: ChatModel, answer: Answer) -> float | None:
    """The share of an answer's claims that its passages support, or None where it claims nothing.

    Source: Es et al. 2023 (RAGAS, faithfulness), in one call. Raises ModelUnavailable, ModelError.
    """
    context = "\n\n".join(passage.text for passage in answer.retrieval.passages)[:CONTEXT_CHARACTERS]
    shown = f"{templates.data(context, 'passages')}\n\n{templates.data(answer.text, 'answer')}"
    verdict, _ = await chat.parse(templates.prompt("judge_faithfulness"), shown, Faithfulness)
    if not verdict.claims:
        return None
    return sum(claim.supported for claim in verdict.claims) / len(verdict.claims)


async def preference(chat: ChatModel, question: Question, one: str, other: str) -> float:
    """1 where the judge prefers `one` in both orders, 0 where `other`, and ½ where it has no opinion that lasts.

    Both orders, because judges favour a place (Zheng et al. 2023). Raises ModelUnavailable, ModelError.
    """
    forward, backward = await asyncio.gather(_better(chat, question, one, other), _better(chat, question, other, one))
    if (forward, backward) == ("first", "second"):
        return 1.0
    return 0.0 if (forward, backward) == ("second", "first") else 0.5


async def _better(chat: ChatModel, question: Question, first: str, second: str) -> str:
    parts = [templates.data(question.question, "question")]
    if question.answer is not None:
        parts.append(templates.data(question.answer, "right_answer"))
    parts += [templates.data(first, "first"), templates.data(second, "second")]
    verdict, _ = await chat.parse(templates.prompt("judge_preference"), "\n\n".join(parts), Preference)
    return verdict.better
