"""Passages in the order of a reranking model, where one is configured."""

from __future__ import annotations

import logging
from dataclasses import replace

from neolight.deps import Deps
from neolight.errors import ModelError
from neolight.graph import calls
from neolight.llm.rerank import Reranker
from neolight.llm.usage import Ledger, paid_by
from neolight.models import Retrieval
from neolight.retrieval.retrieve import Wanted, retrieve

JUDGED = 100
"""Passages that are judged at most; the others stay behind them."""

log = logging.getLogger(__name__)


async def search(deps: Deps, workspace: str, wanted: Wanted, *, rerank: bool = True) -> Retrieval:
    """What speaks to a question, for somebody who wants no answer; what its model calls took is noted.

    Raises as `retrieve` does.
    """
    ledger = Ledger(deps.prices)
    with paid_by(ledger):
        found = await ranked(deps, workspace, wanted, rerank=rerank)
    await calls.spend(deps.graph, workspace, ledger.taken())
    return found


async def ranked(deps: Deps, workspace: str, wanted: Wanted, *, rerank: bool = True) -> Retrieval:
    """What speaks to a question, in the reranker's order where there is one and it is wanted. Raises as `retrieve`."""
    found = await retrieve(deps, workspace, wanted)
    if deps.reranker is None or not rerank or not found.passages:
        return found
    return await reranked(deps.reranker, wanted.question, found)


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
