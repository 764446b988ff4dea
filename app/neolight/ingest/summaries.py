"""One pass over what has grown longer than is shown: one text in place of many descriptions."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from neolight.deps import Deps
from neolight.errors import ModelError, ModelUnavailable, first_of
from neolight.graph import calls, summaries
from neolight.graph.descriptions import fit
from neolight.graph.summaries import Kind, Summary, Wordy
from neolight.ingest.resolve import embed_entities, embed_relations
from neolight.ingest.tasks import stop
from neolight.llm.summary import Summarizer
from neolight.llm.usage import Ledger, paid_by
from neolight.models import ModelCall

READ = 256
"""What is read at once: so many calls of the model may be under way."""

WRITTEN = 64
"""Summaries that are written at once, while the model is busy with the next."""

LEASE_SECONDS = 600
RENEWAL_SECONDS = 60.0
KINDS: tuple[Kind, ...] = ("entities", "relations")

log = logging.getLogger(__name__)


async def summarize(deps: Deps) -> int:
    """Summarises whatever is marked, until nothing is; how many summaries were written.

    One process at a time does that; another one leaves it at once. What the model gives no usable summary of keeps its
    descriptions. Raises ModelUnavailable, GraphUnavailable: what is left keeps its mark.
    """
    if deps.summarize is None:
        return 0
    owner = secrets.token_hex(8)
    if not await summaries.claim(deps.graph, owner, seconds=LEASE_SECONDS):
        return 0
    try:
        passes = [Pass(deps, deps.summarize, kind, owner) for kind in KINDS]
        async with asyncio.TaskGroup() as group:
            for one in passes:
                group.create_task(one.run())
    except BaseExceptionGroup as errors:
        raise first_of(errors) from None
    finally:
        await summaries.release(deps.graph, owner)
    return sum(one.done for one in passes)


@dataclass(slots=True)
class Pass:
    """The summaries of one kind: calls of the model go on while what they have told is written."""

    deps: Deps
    summarizer: Summarizer
    kind: Kind
    owner: str
    done: int = 0
    _renewed: float = field(default_factory=time.monotonic)

    async def run(self) -> None:
        """Summarises until nothing is marked but what is marked again and again: that is for the next pass."""
        seen: set[tuple[str, int]] = set()
        while batch := await summaries.wordy(self.deps.graph, self.kind, READ):
            fresh = {(row.id, len(row.said)) for row in batch} - seen
            if not fresh:
                return
            seen |= fresh
            due = [row for row in batch if self.summarizer.due(row.descriptions, shown=fit(row.descriptions))]
            await summaries.passed(self.deps.graph, self.kind, [row.id for row in batch if row not in due])
            await self._summarise(due)

    async def _summarise(self, due: list[Wordy]) -> None:
        """Summarises these; where a call fails, what the others have told is written before that is raised."""
        ledgers = {row.workspace: Ledger(self.deps.prices) for row in due}
        known = {workspace: await self._known(workspace, due) for workspace in sorted(ledgers)}
        tasks: set[asyncio.Task[Summary | Wordy]] = set()
        for row in due:
            with paid_by(ledgers[row.workspace]):
                tasks.add(asyncio.create_task(self._summary(row, known[row.workspace])))
        told: list[Summary | Wordy] = []
        errors: list[BaseException] = []
        try:
            while tasks:
                finished, tasks = await asyncio.wait(
                    tasks, timeout=RENEWAL_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                errors += [error for task in finished if (error := task.exception())]
                told += [task.result() for task in finished if not task.exception()]
                if len(told) >= WRITTEN or not tasks:
                    await self._write(told, ledgers)
                    told = []
                await self._renew()
        finally:
            await stop(tasks)
        if errors:
            raise errors[0]

    async def _renew(self) -> None:
        if time.monotonic() - self._renewed > RENEWAL_SECONDS:
            self._renewed = time.monotonic()
            await summaries.claim(self.deps.graph, self.owner, seconds=LEASE_SECONDS)

    async def _known(self, workspace: str, due: list[Wordy]) -> dict[str, ModelCall | None]:
        """The kept replies that summaries begin with, or None, by their keys."""
        mine = [one for one in due if one.workspace == workspace]
        keys = [self.summarizer.first(one.about, one.summary, one.descriptions) for one in mine]
        return dict.fromkeys(keys) | await calls.lookup(self.deps.graph, workspace, keys)

    async def _summary(self, row: Wordy, known: Mapping[str, ModelCall | None]) -> Summary | Wordy:
        """A summary, or what keeps its descriptions because the model gives none. Raises ModelUnavailable."""

        async def kept(key: str) -> ModelCall | None:
            if key in known:
                return known[key]
            return (await calls.lookup(self.deps.graph, row.workspace, [key])).get(key)

        told: list[ModelCall] = []
        try:
            await self.summarizer(row.about, row.summary, row.descriptions, told, kept)
        except ModelError as error:
            await summaries.keep(self.deps.graph, row.workspace, [Summary(row, "", "", tuple(told))])
            if isinstance(error, ModelUnavailable):
                raise
            log.warning("%s keeps its descriptions: %s", row.about, error)
            return row
        return Summary(row, row.summary_id or secrets.token_hex(8), told[-1].response, tuple(told))

    async def _write(self, told: Sequence[Summary | Wordy], ledgers: dict[str, Ledger]) -> None:
        """Writes summaries, notes what they took, and takes the mark off what keeps its descriptions."""
        written: dict[str, list[Summary]] = {}
        for one in told:
            if isinstance(one, Summary):
                written.setdefault(one.of.workspace, []).append(one)
        for workspace in sorted(ledgers):
            await calls.spend(self.deps.graph, workspace, ledgers[workspace].taken())
            await self._cover(workspace, written.get(workspace, []))
        await summaries.passed(self.deps.graph, self.kind, [one.id for one in told if isinstance(one, Wordy)])

    async def _cover(self, workspace: str, written: list[Summary]) -> None:
        if not written:
            return
        async with self.deps.writing:
            await summaries.keep(self.deps.graph, workspace, written)
            stale = await summaries.cover(self.deps.graph, workspace, self.kind, written)
        self.done += len(written)
        await embed_entities(self.deps, stale[0])
        await embed_relations(self.deps, stale[1])
