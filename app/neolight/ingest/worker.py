"""The worker: claims documents, prepares many at once, and writes them through one writer."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from neolight.deps import Deps
from neolight.errors import GraphUnavailable, ModelUnavailable, NeolightError
from neolight.graph import calls, document_life, documents, writer
from neolight.graph.documents import Claim
from neolight.graph.rows import Prepared
from neolight.ingest import upkeep
from neolight.ingest.every import Every
from neolight.ingest.held import Capacity, Held, by_size
from neolight.ingest.journal import Journal
from neolight.ingest.outage import Outage
from neolight.ingest.pipeline import prepare
from neolight.ingest.resolve import Renewal
from neolight.ingest.summaries import summarize
from neolight.ingest.tasks import pause, stop
from neolight.ingest.work import Work
from neolight.llm.gather import unhurried
from neolight.llm.usage import Ledger, paid_by
from neolight.models import Chunking, Spent, Vector

log = logging.getLogger(__name__)

LEASE_SECONDS = 30
HEARTBEAT_SECONDS = 1.0
IDLE_SECONDS = 0.5
RELEASE_SECONDS = 5.0
PAUSE_SECONDS = 5.0
"""How long a worker waits before it tries again while Neo4j or a model does not answer."""

REST_SECONDS = 5.0
"""When there has been nothing to do for so long, descriptions that have grown long are summarised."""

COMPANY = 0.01
MOST_COMPANY = 1.0
"""Seconds that passages wait to be embedded with others, for each document in work, and at most."""

SUMMARY_SECONDS = 600.0
"""And after so long where there always is something to do."""

TIDY_SECONDS = 5.0
"""After so long a worker looks for documents whose retention date has passed."""

CHECK_SECONDS = 3.0
"""How often a worker looks whether documents in work were cancelled or replaced."""

TELL_SECONDS = 5.0
"""How often it writes to the history of the workspaces while it works; beginning and end are told within a second."""

MOST_ATTEMPTS = 10
"""Interrupted this often, a document is taken to be what interrupts."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """What is committed at once: documents of a workspace, vectors by text, and what those took."""

    workspace: str
    documents: list[Prepared]
    vectors: Mapping[str, Vector]
    spent: tuple[Spent, ...] = ()


@dataclass(slots=True)
class Worker:
    """Indexes documents of all workspaces until it is stopped."""

    deps: Deps
    capacity: Capacity = field(default_factory=Capacity)
    owner: str = field(default_factory=upkeep.own_name)
    journal: Journal = field(init=False)
    renewal: Renewal = field(init=False)
    _outage: Outage = field(default_factory=Outage)
    _held: dict[str, Held] = field(default_factory=dict[str, Held])
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _ready: asyncio.Queue[Prepared] = field(default_factory=asyncio.Queue[Prepared])
    _gathered: asyncio.Queue[Transaction] = field(default_factory=lambda: asyncio.Queue[Transaction](maxsize=1))
    _release: Every = field(default_factory=lambda: Every(RELEASE_SECONDS))
    _tidy: Every = field(default_factory=lambda: Every(TIDY_SECONDS))
    _check: Every = field(default_factory=lambda: Every(CHECK_SECONDS))
    _tell: Every = field(default_factory=lambda: Every(TELL_SECONDS))
    _resume_at: float = 0.0
    _rested: float = field(default_factory=time.monotonic)
    _summarized: float = field(default_factory=time.monotonic)
    _grown: bool = True
    """Whether there may be something to summarise."""

    def __post_init__(self) -> None:
        self.journal = Journal(self.deps.graph)
        self.renewal = Renewal(self.deps)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Worker]:
        """Works in the background of the block; at its end what is unfinished goes back to the queue.

        Where the block ends by itself, what its documents have changed is embedded before, if that takes seconds only.
        """
        rounds = (self._claim, self._beat, self._gather, self._write, self._embed, self._summarize)
        loops = [asyncio.create_task(self._forever(one), name=one.__name__) for one in rounds]
        try:
            yield self
            await self._finish()
        finally:
            await stop([*loops, *self._tasks])
            claims = [held.claim for held in self._held.values()]
            error = await _outcome(asyncio.wait_for(self._hand_back(claims), LEASE_SECONDS))
            if error:
                log.warning("%d documents wait for their lease to run out: %s", len(claims), error)

    async def _finish(self) -> None:
        """Embeds what is left to embed; what is not done in time is left for another worker."""
        try:
            async with asyncio.timeout(PAUSE_SECONDS):
                error = await _outcome(self.renewal.finish())
        except TimeoutError as late:
            error = late
        if error:
            log.info("Vectors of what has changed last are left for the next start: %s", error)

    async def _hand_back(self, claims: list[Claim]) -> None:
        """Gives back what is in work, and what a claim has taken that was cancelled before it could tell."""
        try:
            await documents.give_back(self.deps.graph, claims)
            await documents.release(self.deps.graph, [self.owner])
        finally:
            await _outcome(self.journal.write())

    async def _forever(self, one_round: Callable[[], Awaitable[None]]) -> None:
        while True:
            error = await _outcome(one_round())
            if isinstance(error, ModelUnavailable):
                self._outage.met(error)
                await asyncio.sleep(max(PAUSE_SECONDS, self.deps.resting() or 0.0))
            elif error:
                known = isinstance(error, NeolightError)
                log.error("%s Trying again in %.0f s.", error, PAUSE_SECONDS, exc_info=None if known else error)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _claim(self) -> None:
        """One round: takes on as many documents as there is room for; one, to see whether a model answers again."""
        await asyncio.sleep(max(0.0, self._resume_at - time.monotonic(), self.deps.resting() or 0.0))
        self.deps.room()
        if self._release.due():
            await upkeep.release_dead(self.deps)
        claims = await self._claimed()
        for claim in claims:
            self._let_go(claim.id)  # it was replaced while it was in work
            self._held[claim.id] = Held(claim, ledger=Ledger(self.deps.prices))
        for workspace in sorted({claim.workspace for claim in claims}):
            self.journal.begun(workspace, sum(claim.workspace == workspace for claim in claims))
        for together in by_size(claims):
            self._start(self._fetch(together))
        if not claims:
            self.deps.waiting.clear()
            await pause(self.deps.waiting, IDLE_SECONDS)

    async def _claimed(self) -> list[Claim]:
        """What there is room for, by count and by bytes: hundreds of large originals are never in memory at once.

        Much at once, because every claim costs; but any where models would soon have nothing to do.
        """
        most = self.capacity
        together = most.documents if self.deps.resting() is None else 1
        free = together - len(self._held)
        room = most.bytes - sum(held.claim.bytes for held in self._held.values())
        unwritten = sum(held.step != "write" for held in self._held.values())
        part = 2 if unwritten > together // 8 else together
        if free < max(1, together // part) or room < most.bytes // (2 * part):
            return []
        alone = not self._held
        return await documents.claim(
            self.deps.graph, self.owner, limit=free, seconds=LEASE_SECONDS, most_bytes=room, alone=alone
        )

    def _let_go(self, id_: str) -> None:
        """Ends the work on a document, and with it its calls of models."""
        held = self._held.pop(id_, None)
        if held and held.task:
            held.task.cancel()

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _fetch(self, claims: list[Claim]) -> None:
        """Fetches the originals of several documents at once, and starts each on its way."""
        ids = [claim.id for claim in claims]
        try:
            found = await documents.originals(self.deps.graph, ids)
            cuts = await document_life.chunking(self.deps.graph, ids)
        except NeolightError as error:
            for claim in claims:
                await self._end(claim, error)
            return
        for claim in claims:
            held = self._held.get(claim.id)
            if held and held.claim is claim:
                chunking = self.deps.limits.chunking
                if cut := cuts.get(claim.id):
                    chunking = cut.own.over(cut.tenant.over(chunking))
                held.task = self._start(self._process(claim, found, chunking))

    async def _process(self, claim: Claim, found: dict[str, bytes], chunking: Chunking) -> None:
        error = await _outcome(self._advance(claim, found, chunking))
        if error:
            await self._end(claim, error)

    async def _end(self, claim: Claim, error: Exception) -> None:
        """Ends the work on a document that cannot be finished: for now, or for good."""
        held = self._held.get(claim.id)
        spent = held.ledger.taken() if held and held.claim.token == claim.token else ()
        self._drop(claim)
        await _outcome(calls.spend(self.deps.graph, claim.workspace, spent, document=claim.id))
        if isinstance(error, (ModelUnavailable, GraphUnavailable)):
            self._resume_at = time.monotonic() + PAUSE_SECONDS
            self._outage.met(error, documents=1)
            await _outcome(documents.postpone(self.deps.graph, [claim], str(error)))
            return
        known = isinstance(error, NeolightError)
        level = logging.INFO if known else logging.ERROR  # the document itself tells why
        log.log(level, "%s failed: %s", claim.source, error, exc_info=None if known else error)
        reason = str(error) if known else f"An unexpected error ({type(error).__name__}); the log has the details."
        self.journal.failed(claim.workspace, claim.source, reason)
        await _outcome(documents.fail(self.deps.graph, [claim], reason))

    def _drop(self, claim: Claim) -> None:
        """Forgets a document whose work has ended, unless it has been claimed anew."""
        held = self._held.get(claim.id)
        if held and held.claim is claim:
            del self._held[claim.id]

    async def _advance(self, claim: Claim, found: dict[str, bytes], chunking: Chunking) -> None:
        if claim.attempts > MOST_ATTEMPTS:
            raise NeolightError(f"Indexing was interrupted {MOST_ATTEMPTS} times.", hint="Retry it by itself.")

        def on_step(step: str) -> None:
            held = self._held.get(claim.id)
            if held and held.claim is claim:
                held.reach(step)

        held = self._held.get(claim.id) or Held(claim)
        with paid_by(held.ledger), unhurried(min(MOST_COMPANY, COMPANY * (len(self._held) - 1))):
            # taken out, so that nothing holds the original once it is read
            prepared = await prepare(self.deps, Work(claim, found.pop(claim.id, b""), chunking), on_step=on_step)
        on_step("write")
        self._answered()
        self._ready.put_nowait(replace(prepared, spent=held.ledger.taken()))

    def _answered(self) -> None:
        """Something was done that needs what indexing needs: an outage is over, unless another model is still down."""
        if self.deps.resting() is None:
            self._outage.over()

    async def _beat(self) -> None:
        """One round: keeps the leases, lets go of documents that are no longer this worker's, and tells of the work."""
        await asyncio.sleep(HEARTBEAT_SECONDS)
        now = time.monotonic()
        held = [one for one in self._held.values() if one.step != "write"]
        due = [one for one in self._held.values() if one.due(now)]
        if due:
            await self._renew(due, now)
        if held and self._check.due():
            lost = await document_life.lost(self.deps.graph, [one.claim for one in held])
            self._lose([one for one in held if one.claim.id in lost])
        if self._tell.due(anyway=not self._held or self.journal.has_news):
            await self.journal.write()
        if self._tidy.due():
            await upkeep.tidy(self.deps)

    async def _renew(self, due: list[Held], now: float) -> None:
        told = [(held.claim, held.step) for held in due]
        renewed = await documents.heartbeat(self.deps.graph, told, seconds=LEASE_SECONDS)
        for held, (_, step) in zip(due, told, strict=True):
            held.told, held.renewed = step, now
        self._lose([held for held in due if held.claim.id not in renewed])

    def _lose(self, lost: list[Held]) -> None:
        for held in lost:
            if self._held.get(held.claim.id) is held:
                self._let_go(held.claim.id)

    async def _gather(self) -> None:
        """One round: gathers what is ready into transactions, with the vectors of what they will make of the graph.

        As late as possible, when the writer has begun with what was gathered before: a few large transactions cost
        much less than many small ones.
        """
        await self._gathered.join()
        batch = [await self._ready.get()]
        chunks = len(batch[0].chunks)
        while not self._ready.empty() and chunks < self.capacity.chunks:
            batch.append(self._ready.get_nowait())
            chunks += len(batch[-1].chunks)
        for workspace in sorted({prepared.claim.workspace for prepared in batch}):
            mine = [one for one in batch if one.claim.workspace == workspace]
            vectors: dict[str, Vector] = {}
            with paid_by(Ledger(self.deps.prices)) as ledger:
                error = await _outcome(self._foresee(workspace, mine, vectors))
            if error:  # what has no vector is embedded later
                log.warning("Entities are written without vectors for now: %s", error)
            await self._gathered.put(Transaction(workspace, mine, vectors, ledger.taken()))

    async def _foresee(self, workspace: str, batch: list[Prepared], vectors: dict[str, Vector]) -> None:
        """Adds the vectors, by text, of what a transaction will make of entities and relations."""
        texts = await asyncio.to_thread(writer.texts, workspace, batch)
        if texts:
            vectors |= zip(texts, await self.deps.embeddings.embed(texts), strict=True)

    async def _write(self) -> None:
        """One round: commits a transaction."""
        gathered = await self._gathered.get()
        self._gathered.task_done()
        await self._commit(gathered)

    async def _commit(self, gathered: Transaction) -> None:
        """Commits documents of one workspace; if they are refused, one by one, to find whose fault it is."""
        batch = gathered.documents
        error = await _outcome(self._committed(gathered))
        if error and len(batch) > 1:
            for at, one in enumerate(batch):
                await self._commit(replace(gathered, documents=[one], spent=() if at else gathered.spent))
            return
        for one in batch:
            self._drop(one.claim)
        if error:
            await self._end(batch[0].claim, error)

    async def _committed(self, gathered: Transaction) -> None:
        """Commits as soon as Neo4j answers, and notes what is to be embedded anew."""
        workspace, batch, vectors = gathered.workspace, gathered.documents, gathered.vectors
        while True:
            try:
                async with self.deps.writing:
                    committed = await writer.commit(self.deps.graph, workspace, batch, vectors, spent=gathered.spent)
                break
            except GraphUnavailable as error:
                log.warning("The writer waits: %s", error)
                self.renewal.missed = True  # it may be that only the acknowledgement was lost
                await asyncio.sleep(PAUSE_SECONDS)
        log.info("Wrote %d documents of workspace %s.", len(committed.ids), workspace)
        self.journal.indexed(workspace, [one for one in batch if one.claim.id in committed.ids])
        self.renewal.note(committed.entities, committed.relations)
        self._grown = True

    async def _embed(self) -> None:
        """One round: embeds what has changed; at the start, after an error and after a pause, whatever is stale."""
        await self.renewal.due(lambda: bool(self._held))
        with unhurried(min(MOST_COMPANY, COMPANY * len(self._held))):
            await self.renewal.embed()
        self._answered()

    async def _summarize(self) -> None:
        """One round: when nothing has been in work for a while, or not for too long, shortens what has grown long."""
        await asyncio.sleep(REST_SECONDS)
        if self._held:
            self._rested = time.monotonic()
        now = time.monotonic()
        due = now - self._rested > REST_SECONDS or now - self._summarized > SUMMARY_SECONDS
        summarizer = self.deps.summarize
        if summarizer is not None and self._grown and due and not summarizer.resting:
            self._grown, self._summarized = False, now
            try:
                await summarize(self.deps)
            except NeolightError:
                self._grown = True
                raise


async def _outcome(work: Awaitable[object]) -> Exception | None:
    """Awaits work and returns the error it raised: the worker's one boundary, so that no error ends a loop."""
    try:
        await work
    except Exception as error:  # noqa: BLE001
        return error
    return None
