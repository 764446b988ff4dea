"""Types of entities and relations, proposed by a language model from a sample of documents."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from neolight.llm import templates
from neolight.llm.chat import ChatModel
from neolight.llm.tokens import count, truncate

SAMPLE_TOKENS = 8_000
"""Of more text only this beginning is sent."""


class ProposedEntityType(BaseModel):
    """A type of things."""

    name: str = ""
    description: str = ""


class ProposedRelationType(BaseModel):
    """A type of relations, and what it connects."""

    name: str = ""
    description: str = ""
    source: str = ""
    target: str = ""


class Proposal(BaseModel):
    """What the model answers."""

    entity_types: list[ProposedEntityType] = []
    relation_types: list[ProposedRelationType] = []


async def proposal(chat: ChatModel, texts: Sequence[str]) -> Proposal:
    """What to look for in documents like these. Raises ModelUnavailable, or ModelError where no reply is of use."""
    sample = templates.data("\n\n".join(_sampled(texts)), "sample")
    found, _ = await chat.parse(templates.prompt("types"), sample, Proposal, kind="types")
    return found


def _sampled(texts: Sequence[str]) -> list[str]:
    """As much of the texts as fits; where not all fits, each gets an even share."""
    share = max(200, SAMPLE_TOKENS // max(1, len(texts)))
    left, taken = SAMPLE_TOKENS, list[str]()
    for text in texts:
        if left <= 0:
            break
        taken.append(truncate(text, min(share, left)))
        left -= count(taken[-1])
    return taken
