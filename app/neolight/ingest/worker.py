"""The worker: claims documents, prepares many at once, and writes them through one writer."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

import psutil

from neolight.deps import Deps
from neolight.errors import GraphUnavailable, ModelUnavailable, NeolightError
from neolight.graph import documents, writer
from neolight.graph.documents import Claim
from neolight.graph.entities import StaleEntity
from neolight.graph.relations import StaleRelation
from neolight.graph.rows import Prepared
from neolight.ingest.pipeline import prepare
from neolight.ingest.resolve import embed_entities, embed_relations, sweep
from neolight.ingest.work import Work
from neolight.models import Vector

log = logging.getLogger(__name__)

LEASE_SECONDS = 30
HEARTBEAT_SECONDS = 1.0
RENEWAL_SECONDS = 10.0
"""After so long a lease is renewed though its document is still at the same step."""

IDLE_SECONDS = 0.5
RELEASE_SECONDS = 5.0
PAUSE_SECONDS = 5.0
"""How long a worker waits before it tries again while Neo4j or a model does not answer."""

SWEEP_SECONDS = 15.0
"""After so long with nothing to embed, a worker looks for what others have left that were killed."""

FETCHED_BYTES = 4 << 20
"""How much of originals is fetched at once."""

MOST_ATTEMPTS = 10
"""Interrupted this often, a document is taken to be what interrupts."""


Transaction: TypeAlias = tuple[str, list[Prepared], Mapping[str, Vector]]
"""What is committed at once: the workspace, its documents, and vectors by text."""


@dataclass(slots=True)
class Held:
    """A document in work: its claim, the step it is at, and what Neo4j was last told of it, and when."""

    claim: Claim
    step: str = "read"
    told: str = "read"
    renewed: float = field(default_factory=time.monotonic)

    def due(self, now: float) -> bool:
        """Whether a heartbeat should tell of it. That it is being written need not be told: it is over soon, and the
        heartbeat would wait for the very transaction that writes it."""
        return self.step not in (self.told, "write") or now - self.renewed > RENEWAL_SECONDS


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much one worker takes on: documents in work, and chunks a transaction.

    Measured: vector indexes take small transactions better (each gets a segment of its own, merged later), everything
    else large ones.
    """

    documents: int = 384
    chunks: int = 128


@dataclass(slots=True)
class Worker:
    """Indexes documents of all workspaces until it is stopped."""

    deps: Deps
    capacity: Capacity = field(default_factory=Capacity)
    owner: str = field(default_factory=lambda: owner_of(os.getpid()))
    _held: dict[str, Held] = field(default_factory=dict[str, Held])
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _ready: asyncio.Queue[Prepared] = field(default_factory=asyncio.Queue[Prepared])
    _gathered: asyncio.Queue[Transaction] = field(default_factory=lambda: asyncio.Queue[Transaction](maxsize=1))
    _entities: dict[str, StaleEntity] = field(default_factory=dict[str, StaleEntity])
    _relations: dict[str, StaleRelation] = field(default_factory=dict[str, StaleRelation])
    _stale: asyncio.Event = field(default_factory=asyncio.Event)
    _missed: bool = True
    """Whether there may be stale vectors that this worker was not told of."""
    _looked: float = -RELEASE_SECONDS
    _resume_at: float = 0.0

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Worker]:
        """Works in the background of the block; at its end what is unfinished goes back to the queue."""
        rounds = (self._claim, self._beat, self._gather, self._write, self._embed)
        loops = [asyncio.create_task(self._forever(one), name=one.__name__) for one in rounds]
        try:
            yield self
        finally:
            for task in [*loops, *self._tasks]:
                task.cancel()
            await asyncio.gather(*loops, *self._tasks, return_exceptions=True)
            claims = [held.claim for held in self._held.values()]
            error = await _outcome(documents.give_back(self.deps.graph, claims))
            # and what a claim has taken that was cancelled before it could tell
            error = error or await _outcome(documents.release(self.deps.graph, [self.owner]))
            if error:
                log.warning("%d documents wait for their lease to run out: %s", len(claims), error)

    async def _forever(self, one_round: Callable[[], Awaitable[None]]) -> None:
        while True:
            error = await _outcome(one_round())
            if error:
                known = isinstance(error, NeolightError)
                log.error("%s Trying again in %.0f s.", error, PAUSE_SECONDS, exc_info=None if known else error)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _claim(self) -> None:
        """One round: takes on as many documents as there is room for."""
        await asyncio.sleep(max(0.0, self._resume_at - time.monotonic()))
        if time.monotonic() - self._looked > RELEASE_SECONDS:
            self._looked = time.monotonic()
            await self._release_dead()
        free = self.capacity.documents - len(self._held)
        claims: list[Claim] = []
        if free >= self.capacity.documents // 4:
            claims = await documents.claim(self.deps.graph, self.owner, limit=free, seconds=LEASE_SECONDS)
        self._held |= {claim.id: Held(claim) for claim in claims}
        for together in _by_size(claims):
            self._start(self._fetch(together))
        if not claims:
            self.deps.waiting.clear()
            await _wait(self.deps.waiting, IDLE_SECONDS)

    async def _release_dead(self) -> None:
        here = [owner for owner in await documents.owners(self.deps.graph) if is_gone(owner)]
        if here:
            count = await documents.release(self.deps.graph, here)
            log.warning("%d documents of a worker that was killed are queued again.", count)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _fetch(self, claims: list[Claim]) -> None:
        """Fetches the originals of several documents at once, and starts each on its way."""
        try:
            found = await documents.originals(self.deps.graph, [claim.id for claim in claims])
        except NeolightError as error:
            for claim in claims:
                await self._end(claim, error)
            return
        for claim in claims:
            self._start(self._process(claim, found.get(claim.id, b"")))

    async def _process(self, claim: Claim, data: bytes) -> None:
        error = await _outcome(self._advance(claim, data))
        if error:
            await self._end(claim, error)

    async def _end(self, claim: Claim, error: Exception) -> None:
        """Ends the work on a document that cannot be finished: for now, or for good."""
        self._held.pop(claim.id, None)
        if isinstance(error, (ModelUnavailable, GraphUnavailable)):
            self._resume_at = time.monotonic() + PAUSE_SECONDS
            log.warning("%s waits: %s", claim.source, error)
            await _outcome(documents.postpone(self.deps.graph, [claim], str(error)))
            return
        known = isinstance(error, NeolightError)
        log.error("%s failed: %s", claim.source, error, exc_info=None if known else error)
        reason = str(error) if known else f"An unexpected error ({type(error).__name__}); the log has the details."
        await _outcome(documents.fail(self.deps.graph, [claim], reason))

    async def _advance(self, claim: Claim, data: bytes) -> None:
        if claim.attempts > MOST_ATTEMPTS:
            raise NeolightError(f"Indexing was interrupted {MOST_ATTEMPTS} times.", hint="Retry it by itself.")

        def on_step(step: str) -> None:
            if held := self._held.get(claim.id):
                held.step = step

        prepared = await prepare(self.deps, Work(claim, data), on_step=on_step)
        on_step("write")
        self._ready.put_nowait(prepared)

    async def _beat(self) -> None:
        """One round: keeps the leases, and lets go of documents whose lease is lost."""
        await asyncio.sleep(HEARTBEAT_SECONDS)
        now = time.monotonic()
        due = [held for held in self._held.values() if held.due(now)]
        if not due:
            return
        told = [(held.claim, held.step) for held in due]
        renewed = await documents.heartbeat(self.deps.graph, told, seconds=LEASE_SECONDS)
        for held, (claim, step) in zip(due, told, strict=True):
            held.told, held.renewed = step, now
            if claim.id not in renewed and self._held.get(claim.id) is held:
                self._held.pop(claim.id)

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
            error = await _outcome(self._foresee(workspace, mine, vectors))
            if error:  # what has no vector is embedded later
                log.warning("Entities are written without vectors for now: %s", error)
            await self._gathered.put((workspace, mine, vectors))

    async def _foresee(self, workspace: str, batch: list[Prepared], vectors: dict[str, Vector]) -> None:
        """Adds the vectors, by text, of what a transaction will make of entities and relations."""
        texts = await asyncio.to_thread(writer.texts, workspace, batch)
        if texts:
            vectors |= zip(texts, await self.deps.embeddings.embed(texts), strict=True)

    async def _write(self) -> None:
        """One round: commits a transaction."""
        workspace, batch, vectors = await self._gathered.get()
        self._gathered.task_done()
        await self._commit(workspace, batch, vectors)

    async def _commit(self, workspace: str, batch: list[Prepared], vectors: Mapping[str, Vector]) -> None:
        """Commits documents of one workspace; if they are refused, one by one, to find whose fault it is."""
        error = await _outcome(self._committed(workspace, batch, vectors))
        if error and len(batch) > 1:
            for one in batch:
                await self._commit(workspace, [one], vectors)
            return
        for one in batch:
            self._held.pop(one.claim.id, None)
        if error:
            await self._end(batch[0].claim, error)

    async def _committed(self, workspace: str, batch: list[Prepared], vectors: Mapping[str, Vector]) -> None:
        """Commits as soon as Neo4j answers, and notes what is to be embedded anew."""
        while True:
            try:
                async with self.deps.writing:
                    committed = await writer.commit(self.deps.graph, workspace, batch, vectors)
                break
            except GraphUnavailable as error:
                log.warning("The writer waits: %s", error)
                self._missed = True  # it may be that only the acknowledgement was lost
                await asyncio.sleep(PAUSE_SECONDS)
        log.info("Wrote %d documents of workspace %s.", len(committed.ids), workspace)
        self._entities |= {row.id: row for row in committed.entities}
        self._relations |= {row.id: row for row in committed.relations}
        self._stale.set()

    async def _embed(self) -> None:
        """One round: embeds what has changed; at the start, after an error and after a pause, whatever is stale."""
        if not self._missed:
            await _wait(self._stale, SWEEP_SECONDS)
        whole = self._missed or not self._stale.is_set()
        found, stated = list(self._entities.values()), list(self._relations.values())
        self._entities.clear()
        self._relations.clear()
        self._stale.clear()
        self._missed = False
        changes = () if whole else (embed_entities(self.deps, found), embed_relations(self.deps, stated))
        error = await _outcome(asyncio.gather(*changes) if changes else sweep(self.deps))
        if error:
            self._missed = True
            raise error


def _by_size(claims: list[Claim]) -> list[list[Claim]]:
    """Documents in groups of at most FETCHED_BYTES, a larger one by itself."""
    groups: list[list[Claim]] = []
    room = 0
    for claim in claims:
        if claim.bytes > room:
            groups.append([])
            room = FETCHED_BYTES
        groups[-1].append(claim)
        room -= claim.bytes
    return groups


def owner_of(pid: int) -> str:
    """How a worker signs its leases: host, process id and the process's start time."""
    return f"{socket.gethostname()}:{pid}:{psutil.Process(pid).create_time():.2f}"


def is_gone(owner: str) -> bool:
    """Whether the worker of a lease ran on this host and is no longer alive."""
    host, _, rest = owner.rpartition(":")[0].rpartition(":")
    if host != socket.gethostname() or not rest.isdigit():
        return False
    try:
        return owner_of(int(rest)) != owner
    except psutil.NoSuchProcess:
        return True


async def _outcome(work: Awaitable[object]) -> Exception | None:
    """Awaits work and returns the error it raised: the worker's one boundary, so that no error ends a loop."""
    try:
        await work
    except Exception as error:  # noqa: BLE001
        return error
    return None


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Waits for an event, but not longer than this."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
