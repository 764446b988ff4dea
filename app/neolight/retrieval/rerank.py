"""Passages in the order of a reranking model, where one is configured."""

from __future__ import annotations

import logging
from dataclasses import replace

from neolight.errors import ModelError
from neolight.llm.rerank import Reranker
from neolight.models import Retrieval

JUDGED = 100
"""Passages that are judged at most; the others stay behind them."""

log = logging.getLogger(__name__)


async def reranked(reranker: Reranker, question: str, found: Retrieval) -> Retrieval:
    """What was found, with the passages that fit the question best first.

    Where the reranker fails, the order of the search stays: an answer is worth more than its best order.
    """
    judged, rest = found.passages[:JUDGED], found.passages[JUDGED:]
    try:
        scores = await reranker.scores(question, [passage.text for passage in judged])
    except ModelError as error:
        log.warning("The passages stay in the order of the search: %s", error)
        return found
    order = sorted(range(len(judged)), key=lambda at: (-scores[at], at))
    best = (replace(judged[at], score=scores[at], why=(*judged[at].why, "rerank")) for at in order)
    return replace(found, passages=(*best, *rest))
