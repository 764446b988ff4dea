"""Makes ready what the first question would have to wait for: plans, compiled code and vectors.

Not the dictionary for Chinese: it takes seconds of a processor and 150 MB, which only those shall pay who need it.
"""

from __future__ import annotations

import asyncio
import logging

from neolight.deps import Deps
from neolight.errors import NeolightError
from neolight.nlp.keywords import keywords
from neolight.retrieval.answer import extractive
from neolight.retrieval.retrieve import Wanted, retrieve

log = logging.getLogger(__name__)

QUESTION = "Which part does the supplier deliver?"


async def warm_up(deps: Deps, workspace: str) -> None:
    """Searches as a question would, without asking a language model and without keeping anything; never fails."""
    try:
        words = await asyncio.to_thread(keywords, QUESTION)
        found = await retrieve(deps, workspace, Wanted(QUESTION, keywords=words))
        await asyncio.to_thread(extractive, QUESTION, found.passages)
    except NeolightError as error:
        log.info("The first question will take longer: %s", error)
