"""One pass over what has grown longer than is shown: one text in place of many descriptions."""

from __future__ import annotations

import asyncio
import logging
import secrets
from itertools import groupby

from neolight.deps import Deps
from neolight.errors import ModelError, ModelUnavailable
from neolight.graph import calls, summaries
from neolight.graph.entities import MOST_DESCRIPTIONS
from neolight.graph.summaries import Kind, Summary, Wordy
from neolight.ingest.resolve import embed_entities, embed_relations
from neolight.llm.summary import Summarizer
from neolight.llm.usage import Ledger, paid_by

BATCH = 64
"""What is read, summarised and written at once."""

LEASE_SECONDS = 600
KINDS: tuple[Kind, ...] = ("entities", "relations")

log = logging.getLogger(__name__)


async def summarize(deps: Deps) -> int:
    """Summarises whatever is marked, until nothing is; how many summaries were written.

    One process at a time does that; another one leaves it at once. What the model gives no usable summary of keeps its
    descriptions. Raises ModelUnavailable, GraphUnavailable: what is left keeps its mark.
    """
    if deps.summarize is None:
        return 0
    owner, done = secrets.token_hex(8), 0
    if not await summaries.claim(deps.graph, owner, seconds=LEASE_SECONDS):
        return 0
    try:
        for kind in KINDS:
            seen: set[tuple[str, int]] = set()
            while batch := await summaries.wordy(deps.graph, kind, BATCH):
                fresh = {(row.id, len(row.said)) for row in batch} - seen
                if not fresh:  # what is marked again and again is for the next pass
                    break
                seen |= fresh
                done += await _batch(deps, deps.summarize, kind, batch)
                await summaries.claim(deps.graph, owner, seconds=LEASE_SECONDS)
    finally:
        await summaries.release(deps.graph, owner)
    return done


async def _batch(deps: Deps, summarizer: Summarizer, kind: Kind, batch: list[Wordy]) -> int:
    """Summarises what is worth it, and takes the mark off the rest."""
    due = [row for row in batch if summarizer.due(row.descriptions, MOST_DESCRIPTIONS)]
    done: list[Summary] = []
    refused: list[Wordy] = [row for row in batch if row not in due]
    for workspace, rows in groupby(sorted(due, key=lambda row: row.workspace), key=lambda row: row.workspace):
        mine = list(rows)
        with paid_by(Ledger(deps.prices)) as ledger:
            found = await asyncio.gather(*(_summary(summarizer, row) for row in mine), return_exceptions=True)
        await calls.spend(deps.graph, workspace, ledger.taken())
        written = [one for one in found if isinstance(one, Summary)]
        await _write(deps, workspace, kind, written)
        done += written
        refused += [row for row, one in zip(mine, found, strict=True) if one is None]
        for error in found:
            if isinstance(error, BaseException):
                raise error
    await summaries.passed(deps.graph, kind, [row.id for row in refused])
    return len(done)


async def _summary(summarizer: Summarizer, row: Wordy) -> Summary | None:
    try:
        text = await summarizer(row.about, row.summary, row.descriptions)
    except ModelUnavailable:
        raise
    except ModelError as error:
        log.warning("%s keeps its descriptions: %s", row.about, error)
        return None
    return Summary(row, row.summary_id or secrets.token_hex(8), text)


async def _write(deps: Deps, workspace: str, kind: Kind, written: list[Summary]) -> None:
    if not written:
        return
    async with deps.writing:
        stale_entities, stale_relations = await summaries.cover(deps.graph, workspace, kind, written)
    await embed_entities(deps, stale_entities)
    await embed_relations(deps, stale_relations)
