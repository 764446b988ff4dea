"""What kills and what is killed: a Neo4j and workers of the tests' own, and the log of what was in work."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import figures
from faults.corpus import corpus
from faults.dump import Dump, dump, orphans
from faults.worker_main import COMMIT
from neolight import embedded
from neolight.embedded.ports import is_free
from neolight.graph import documents, setup
from neolight.graph.documents import Pipeline
from neolight.graph.gateway import Graph, connect

MAIN = Path(__file__).with_name("worker_main.py")
PATIENCE = 240.0
"""Seconds that anything may take on a busy machine; a lease of 30 s may have to run out."""

QUICK_JAVA = "-XX:TieredStopAtLevel=1"
"""A server that lives for seconds gains nothing from code that takes seconds to optimize: half the processor time."""


@dataclass(frozen=True, slots=True)
class Event:
    """A line that a worker wrote."""

    at: float
    what: str
    transaction: str = ""
    statement: str = ""
    ids: tuple[str, ...] = ()
    pid: int = 0
    error: str = ""


class WorkerProcess:
    """A worker in a process of its own, and all that it has told."""

    def __init__(self, environment: dict[str, str], folder: Path, *more: str, capacity: int = 16) -> None:
        self.events: list[Event] = []
        self.news = threading.Condition()
        self.seen = 0
        self.log = folder / f"worker-{time.monotonic_ns()}.log"
        command = [sys.executable, str(MAIN), f"--documents={capacity}", f"--chunks={capacity}", *more]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log
            )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                raw = json.loads(line)
                event = Event(**{**raw, "ids": tuple(raw.get("ids", ()))})
                with self.news:
                    self.events.append(event)
                    self.news.notify_all()

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def told(self) -> list[Event]:
        """What it has told so far."""
        with self.news:
            return list(self.events)

    def wait_for(self, comes: Callable[[Sequence[Event]], bool], *, times: int = 1) -> Event:
        """Waits until what it tells makes a condition true for the n-th time; gives the event that did.

        What an earlier call has gone through does not count.
        """
        deadline = time.monotonic() + PATIENCE
        with self.news:
            while True:
                while self.seen < len(self.events):
                    self.seen += 1
                    times -= comes(self.events[: self.seen])
                    if not times:
                        return self.events[self.seen - 1]
                assert time.monotonic() < deadline, f"the worker did not come to this:\n{self.tail()}"
                assert self.reader.is_alive(), f"the worker ended before this:\n{self.tail()}"
                self.news.wait(0.5)

    def was_cut_off(self, transaction: str, when: float) -> bool:
        """Whether a transaction that was open at this time came to no end, or failed or was begun anew."""

        def settles(event: Event) -> bool:
            return event.transaction == transaction and event.at > when and event.what in ("end", "error", "attempt")

        deadline = time.monotonic() + PATIENCE
        while self.reader.is_alive() and time.monotonic() < deadline:
            if any(settles(event) for event in self.told()):
                break
            time.sleep(0.02)
        return next((event.what for event in self.told() if settles(event)), "") != "end"

    def kill(self) -> None:
        """Ends it with SIGKILL and reads what it had told."""
        if self.alive:
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        self.reader.join(10)

    def terminate(self) -> int:
        """Ends it with SIGTERM; its exit code."""
        self.process.terminate()
        code = self.process.wait(30)
        self.reader.join(10)
        return code

    def tail(self) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-30:])

    def finished(self) -> list[str]:
        """The documents whose commit it knows of, once for each commit."""
        return [id_ for event in self.told() if event.what == "end" for id_ in event.ids]


@dataclass
class Server:
    """The tests' own Neo4j: other tests' server is left alone."""

    data_dir: Path
    cache_dir: Path
    options: embedded.ServerOptions = field(
        default_factory=lambda: embedded.ServerOptions(heap_mb=512, page_cache_mb=64, bolt_port=_steady_port())
    )
    described: embedded.EmbeddedServer | None = None

    def start(self) -> None:
        """Starts it, unless it runs."""
        self._wait_for_port()
        with patch.dict(os.environ, JDK_JAVA_OPTIONS=QUICK_JAVA):
            self.described = embedded.ensure(self.data_dir, self.cache_dir, options=self.options)

    def kill(self) -> None:
        """Ends the Java process with SIGKILL."""
        assert self.described is not None
        os.kill(self.described.pid, signal.SIGKILL)

    def _wait_for_port(self) -> None:
        """A killed Java counts as dead some 50 ms before the system has closed its port."""
        deadline = time.monotonic() + 10
        assert self.options.bolt_port is not None
        while embedded.status(self.data_dir) is None and not is_free(self.options.bolt_port):
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def stop(self) -> None:
        """Ends it in order."""
        assert embedded.stop(self.data_dir)

    @asynccontextmanager
    async def graph(self) -> AsyncGenerator[Graph]:
        assert self.described is not None
        async with connect(self.described.uri, self.described.username, self.described.password) as graph:
            yield graph


def _steady_port() -> int:
    """A port below those of outgoing connections, so that no other program is given it while Neo4j is down."""
    start = 21_000 + os.getpid() % 5_000
    return next(port for port in range(start, start + 1000) if is_free(port))


@contextmanager
def workers(
    count: int, environment: dict[str, str], folder: Path, *more: str, capacity: int = 16
) -> Iterator[list[WorkerProcess]]:
    """Workers that are killed at the end, if they still run."""
    started = [WorkerProcess(environment, folder, *more, capacity=capacity) for _ in range(count)]
    try:
        for worker in started:
            worker.wait_for(lambda told: told[-1].what == "working")
        yield started
    finally:
        for worker in started:
            worker.kill()


async def enqueue(server: Server, workspace: str, part: slice = slice(None)) -> None:
    """Queues the corpus, or a part of it, in a workspace; what a failed test has left in the queue goes."""
    originals = corpus()[part]
    async with server.graph() as graph:
        await graph.execute(UNFINISHED)
        rows = await documents.enqueue(graph, workspace, originals, track_id="corpus")
    assert [row.outcome for row in rows] == ["created"] * len(originals)


UNFINISHED = """
CYPHER 25
MATCH (document:Document) WHERE document.status IN ['pending', 'processing']
OPTIONAL MATCH (document)-[:HAS_PART]->(part:Part)
DETACH DELETE document, part
"""


async def completion(
    server: Server, workspace: str, started: Sequence[WorkerProcess], patience: float = PATIENCE
) -> Pipeline:
    """Waits until nothing is to be done in a workspace."""
    deadline = time.monotonic() + patience
    async with server.graph() as graph:
        while True:
            state = await documents.pipeline(graph, workspace)
            if not state.busy:
                return state
            in_time = time.monotonic() < deadline and any(worker.alive for worker in started)
            assert in_time, f"not finished: {state}\n" + "\n\n".join(worker.tail() for worker in started)
            await asyncio.sleep(0.1)


async def same(server: Server, workspace: str, undisturbed: Dump) -> None:
    """Asserts that a graph is the one of an undisturbed run, written once, and that nothing lies about."""
    async with server.graph() as graph:
        found = await dump(graph, workspace)
        differences = undisturbed.differences(found)
        assert not differences, "\n".join(line[:400] for line in differences[:10])
        assert found.residue == []
        revisions = await graph.execute(REVISIONS, workspace=workspace)
        assert [(row["document"], row["chunk"]) for row in revisions] == [(1, 1)]
        assert await orphans(graph) == []
        assert {index.state for index in await graph.fetch(setup.INDEXES)} == {"ONLINE"}


REVISIONS = """
CYPHER 25
MATCH (document:Document {workspace: $workspace})-[:HAS_CHUNK]->(chunk:Chunk)
RETURN DISTINCT document.revision AS document, chunk.revision AS chunk
"""


MOST_STATEMENTS = 8
"""Statements of a commit among which a seed chooses; its commit has more, with what it reads."""

MOST_KILLS = 5
"""Kills of a seed, with those that are added because one came between two commits."""


@dataclass(frozen=True, slots=True)
class Kill:
    """Who is killed, and when: so many seconds after a moment has come for the n-th time."""

    victim: str
    moment: str
    times: int
    delay: float

    def comes(self, told: Sequence[Event]) -> bool:
        """Whether the last event is the moment."""
        last = told[-1]
        if self.moment == "claim":
            return last.what == "claimed"
        if self.moment == "vectors":
            return last.what == "attempt" and last.transaction.startswith("vectors")
        if last.what != "run" or not last.transaction.startswith("commit"):
            return False
        if self.moment == COMMIT:
            return last.statement == COMMIT
        return last.statement != COMMIT and ordinal(told) == int(self.moment.rpartition(" ")[2])


def ordinal(told: Sequence[Event]) -> int:
    """Which statement of its transaction's last attempt the last event is, from 1."""
    number, name = 0, told[-1].transaction
    for event in reversed(told):
        if event.transaction == name:
            if event.what == "attempt":
                break
            number += event.what == "run"
    return number


def plan(seed: int) -> list[Kill]:
    """One to three kills, the first inside a commit; two seeds of five kill Neo4j once."""
    rng = random.Random(seed)
    victims = ["worker"] * rng.randint(1, 3)
    if seed % 5 in (2, 4):
        victims[rng.randrange(len(victims))] = rng.choice(("neo4j", "both"))
    inside = [COMMIT, *(f"statement {number}" for number in range(1, MOST_STATEMENTS + 1))]
    kills = [_kill(victim, rng.choice([*inside, "claim"] if at else inside), rng) for at, victim in enumerate(victims)]
    if len(kills) > 1 and rng.random() < 0.5:  # vectors are stored when the documents are: nothing can come after this
        kills[-1] = _kill(victims[-1], "vectors", rng)
    return kills


def _kill(victim: str, moment: str, rng: random.Random) -> Kill:
    delay = {"claim": 0.3, COMMIT: 0.001}.get(moment, 0.004)
    return Kill(victim, moment, 1 if moment == "vectors" else rng.randint(1, 4), rng.uniform(0, delay))


@dataclass(slots=True)
class Landed:
    """What a kill has hit."""

    seed: int
    kill: Kill
    processed: int
    in_flight: int
    cut: str = ""
    """The transaction that was cut off and the last it has told, if the kill came inside one."""
    hit: tuple[str, ...] = ()
    """The documents of the commit that was cut off."""
    outcome: str = "-"

    def row(self) -> str:
        kill = self.kill
        moment = f"{kill.moment}, time {kill.times}, +{1000 * kill.delay:.1f} ms"
        cells = (
            self.seed,
            kill.victim,
            moment,
            self.cut or "-",
            self.processed,
            self.in_flight,
            len(self.hit),
            self.outcome,
        )
        return " | ".join(str(cell).ljust(width) for cell, width in zip(cells, WIDTHS, strict=True))


WIDTHS = (4, 6, 30, 42, 9, 9, 3, 11)
HEADINGS = ("seed", "victim", "aimed at", "cut off", "processed", "in flight", "hit", "transaction")
HEADING = " | ".join(name.ljust(width) for name, width in zip(HEADINGS, WIDTHS, strict=True))
REPORT: list[Landed] = []
"""The kills of this session."""
figures.SECTIONS["kills in the middle of indexing"] = lambda: (
    [HEADING, *(one.row() for one in REPORT)] if REPORT else []
)


def strike(seed: int, kill: Kill, worker: WorkerProcess, server: Server, before: set[str]) -> Landed:
    """Waits for the moment and kills; `before` are the documents that earlier workers have finished."""
    worker.wait_for(kill.comes, times=kill.times)
    time.sleep(kill.delay)
    if kill.victim != "worker":
        server.kill()
    now = time.monotonic()
    if kill.victim != "neo4j":
        worker.kill()
    told = [event for event in worker.told() if event.at <= now]
    done = before | {id_ for event in told if event.what == "end" for id_ in event.ids}
    claimed = {id_ for event in told if event.what == "claimed" for id_ in event.ids}
    landed = Landed(seed, kill, len(done), len(claimed - done))
    for name in sorted({event.transaction for event in told if event.what == "begin"}):
        of_it = [event for event in told if event.transaction == name]
        if of_it[-1].what in ("end", "error") or not worker.was_cut_off(name, now):
            continue
        landed.cut = landed.cut or f"{name}: {of_it[-1].statement or of_it[-1].what}"
        if name.startswith("commit"):
            landed.hit = of_it[0].ids
    worker.seen = len(told)
    REPORT.append(landed)
    return landed
