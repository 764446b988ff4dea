"""Seeded kill -9 of the worker and of Neo4j in the middle of indexing, then the same graph as without."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from faults.chaos import MOST_KILLS, Kill, Landed, Server, WorkerProcess, completion, enqueue, plan, same, strike
from faults.corpus import DOCUMENTS
from faults.dump import Dump
from neolight import embedded
from neolight.embedded.admin import run_admin
from neolight.embedded.download import cached_class_path
from neolight.embedded.layout import Home

pytestmark = pytest.mark.faults

SEEDS = int(os.environ.get("CHAOS_SEEDS", "10"))


def test_the_undisturbed_graph_is_worth_comparing(undisturbed: Dump) -> None:
    assert undisturbed.residue == []
    for kind, least in {"Document": DOCUMENTS, "Chunk": 2 * DOCUMENTS, "NEXT": DOCUMENTS, "RELATES": 200}.items():
        assert undisturbed.count(kind) >= least
    assert undisturbed.count("MENTIONS") > 8 * undisturbed.count("Entity")
    owners = undisturbed.count("Chunk") + undisturbed.count("Entity") + undisturbed.count("RELATES")
    assert len(undisturbed.vectors) == owners


@dataclass
class Run:
    """Indexing under one seed's kills."""

    seed: int
    server: Server
    environment: dict[str, str]
    folder: Path
    workers: list[WorkerProcess] = field(default_factory=list[WorkerProcess])
    kills: list[Landed] = field(default_factory=list[Landed])

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        """A worker works, and at the end none does."""
        try:
            await self.hire()
            yield
        finally:
            for worker in self.workers:
                worker.kill()

    async def hire(self) -> None:
        self.workers.append(WorkerProcess(self.environment, self.folder))

    async def strike(self, kill: Kill) -> None:
        """Kills, and starts again what was killed."""
        before = {id_ for worker in self.workers for id_ in worker.finished()}
        self.kills.append(await asyncio.to_thread(strike, self.seed, kill, self.workers[-1], self.server, before))
        if kill.victim != "worker":
            await asyncio.to_thread(self.server.start)
        if kill.victim != "neo4j":
            await self.hire()

    def judge(self) -> Counter[str]:
        """Tells of each commit that was cut off what became of it; gives how often each document was committed."""
        committed = Counter(id_ for worker in self.workers for id_ in worker.finished())
        for landed in reversed(self.kills):
            if landed.hit:
                landed.outcome = "rolled back" if committed.keys() & set(landed.hit) else "committed"
                if landed.outcome == "committed":
                    committed.update(landed.hit)
        return committed


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_what_is_killed_in_the_middle_is_finished_once(
    seed: int, server: Server, worker_environment: dict[str, str], undisturbed: Dump, tmp_path: Path
) -> None:
    workspace = f"seed-{seed}"
    await asyncio.to_thread(server.start)
    await enqueue(server, workspace)
    run = Run(seed, server, worker_environment, tmp_path)
    async with run.working():
        kills = plan(seed)
        for kill in kills:
            await run.strike(kill)
        while not any(landed.hit for landed in run.kills) and len(run.kills) < MOST_KILLS:
            await run.strike(replace(kills[0], times=1, delay=0.0))
        state = await completion(server, workspace, run.workers)
    committed = run.judge()

    assert any(landed.hit for landed in run.kills), "no kill has come inside a commit"
    assert all(landed.cut or landed.in_flight for landed in run.kills), "a kill has not come in the middle of work"
    assert (state.processed, state.failed) == (DOCUMENTS, 0)
    assert set(committed.values()) == {1}
    assert len(committed) == DOCUMENTS
    await same(server, workspace, undisturbed)


def test_the_store_is_consistent_after_all_that(server: Server) -> None:
    server.start()
    server.stop()
    home, class_path = Home.of(server.data_dir), cached_class_path(server.cache_dir, embedded.silent)
    run_admin(home, class_path, "database", "check", "neo4j")
