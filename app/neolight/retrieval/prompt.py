"""The prompt of an answer without the answer: what a model would be sent, and the context in it."""

from __future__ import annotations

from neolight.deps import Deps
from neolight.graph import calls
from neolight.llm.answering import AnswerPrompt
from neolight.llm.usage import Ledger, paid_by
from neolight.models import Retrieval
from neolight.retrieval.answer import Asked, prompted, sought


async def prepared(deps: Deps, workspace: str, asked: Asked) -> tuple[Retrieval, AnswerPrompt]:
    """Searches as for an answer, and builds the prompt from what is found. Raises as `retrieve` does."""
    ledger = Ledger(deps.prices)
    with paid_by(ledger):
        found = await sought(deps, workspace, asked)
    await calls.spend(deps.graph, workspace, ledger.taken())
    return found, prompted(asked.wanted.question.strip(), found, asked, deps.language)


def as_text(prompt: AnswerPrompt) -> str:
    """The messages of a prompt as one text."""
    return "\n\n".join(f"---{message['role'].capitalize()}---\n\n{message['content']}" for message in prompt.messages)
