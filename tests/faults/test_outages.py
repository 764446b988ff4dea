"""Workers and Neo4j that stop, start and share the work while documents are indexed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from faults.chaos import MOST_STATEMENTS, Event, Kill, Server, completion, enqueue, same, workers
from faults.corpus import DOCUMENTS, corpus
from faults.dump import Dump
from neolight.embedded.ports import choose
from neolight.graph import documents

pytestmark = pytest.mark.faults

IN_A_COMMIT = Kill("", f"statement {MOST_STATEMENTS}", 3, 0.0)
FIRST_HALF, SECOND_HALF = slice(0, DOCUMENTS // 2), slice(DOCUMENTS // 2, None)
SOON = 45.0
"""Seconds; longer than a lease."""


@pytest.fixture(autouse=True)
def running(server: Server) -> None:
    server.start()


async def test_a_worker_outlives_a_restart_of_neo4j(
    server: Server, worker_environment: dict[str, str], undisturbed: Dump, tmp_path: Path
) -> None:
    await enqueue(server, "restart")
    with workers(1, worker_environment, tmp_path) as (worker,):
        await asyncio.to_thread(worker.wait_for, IN_A_COMMIT.comes, times=3)
        before = server.described
        await asyncio.to_thread(server.stop)
        await asyncio.sleep(1)
        await asyncio.to_thread(server.start)
        assert server.described.uri == before.uri
        assert server.described.pid != before.pid
        state = await completion(server, "restart", [worker])
        assert 0 < len(worker.finished()) <= DOCUMENTS
        assert worker.terminate() == 0
    assert (state.processed, state.failed) == (DOCUMENTS, 0)
    await same(server, "restart", undisturbed)


async def test_two_workers_share_the_work(
    server: Server, worker_environment: dict[str, str], undisturbed: Dump, tmp_path: Path
) -> None:
    with workers(2, worker_environment, tmp_path) as (one, two):
        await enqueue(server, "shared")
        state = await completion(server, "shared", [one, two])
        shares = [worker.finished() for worker in (one, two)]
    assert state.failed == 0
    assert all(len(share) >= DOCUMENTS // 10 for share in shares)
    assert len(set(shares[0]) | set(shares[1])) == len(shares[0]) + len(shares[1]) == DOCUMENTS
    await same(server, "shared", undisturbed)


async def test_another_worker_takes_over_from_one_that_was_killed(
    server: Server, worker_environment: dict[str, str], undisturbed: Dump, tmp_path: Path
) -> None:
    with workers(2, worker_environment, tmp_path) as (one, two):
        await enqueue(server, "taken-over")
        await asyncio.to_thread(one.wait_for, IN_A_COMMIT.comes, times=2)
        one.kill()
        state = await completion(server, "taken-over", [two], SOON)
    assert (state.processed, state.failed) == (DOCUMENTS, 0)
    await same(server, "taken-over", undisturbed)


async def test_another_worker_embeds_what_one_that_was_killed_had_only_written(
    server: Server, worker_environment: dict[str, str], undisturbed: Dump, tmp_path: Path
) -> None:
    await enqueue(server, "vectors", FIRST_HALF)
    with workers(1, worker_environment, tmp_path) as first:
        await completion(server, "vectors", first)
    with workers(2, worker_environment, tmp_path, capacity=512) as (one, two):
        os.kill(two.process.pid, signal.SIGSTOP)
        await enqueue(server, "vectors", SECOND_HALF)
        await asyncio.to_thread(one.wait_for, lambda told: _finished(told) == DOCUMENTS // 2)
        one.kill()
        async with server.graph() as graph:
            left = await documents.pipeline(graph, "vectors")
        os.kill(two.process.pid, signal.SIGCONT)
        assert (left.processed, left.stale) == (DOCUMENTS, True)
        await completion(server, "vectors", [two], SOON)
    await same(server, "vectors", undisturbed)


def _finished(told: list[Event]) -> int:
    return sum(len(event.ids) for event in told if event.what == "end")


async def test_a_commit_whose_acknowledgement_is_lost_counts_once(
    server: Server, worker_environment: dict[str, str], undisturbed: Dump, tmp_path: Path
) -> None:
    await enqueue(server, "lost", FIRST_HALF)
    with workers(1, worker_environment, tmp_path) as first:
        await completion(server, "lost", first)
    await enqueue(server, "lost", SECOND_HALF)
    with workers(1, worker_environment, tmp_path, "--lose", capacity=512) as (worker,):
        state = await completion(server, "lost", [worker], SOON)
        lost = [id_ for event in worker.told() if event.what == "lost" for id_ in event.ids]
    assert len(lost) == DOCUMENTS // 2
    assert (state.processed, state.failed) == (DOCUMENTS, 0)
    await same(server, "lost", undisturbed)


async def test_a_document_that_cannot_be_written_does_not_hold_up_the_others(
    server: Server, worker_environment: dict[str, str], tmp_path: Path
) -> None:
    bad = corpus()[5].source
    await enqueue(server, "refused")
    with workers(1, worker_environment, tmp_path, f"--refuse={bad}") as started:
        state = await completion(server, "refused", started, SOON)
    assert (state.processed, state.failed) == (DOCUMENTS - 1, 1)
    async with server.graph() as graph:
        failed = await documents.listed(graph, "refused", limit=2, statuses=["failed"])
    assert [document.source for document in failed] == [bad]
    assert failed[0].error


async def test_a_worker_that_is_told_to_stop_gives_its_documents_back(
    server: Server, worker_environment: dict[str, str], undisturbed: Dump, tmp_path: Path
) -> None:
    await enqueue(server, "stopped")
    with workers(1, worker_environment, tmp_path) as (worker,):
        await asyncio.to_thread(worker.wait_for, IN_A_COMMIT.comes, times=2)
        assert worker.terminate() == 0
    async with server.graph() as graph:
        left = await documents.pipeline(graph, "stopped")
        rows = await graph.execute(ATTEMPTS, workspace="stopped")
    assert left.processing == 0
    assert left.failed == 0
    assert 0 < left.pending < DOCUMENTS
    assert [(row["attempts"], row["owner"]) for row in rows] == [(0, None)]
    with workers(1, worker_environment, tmp_path) as second:
        await completion(server, "stopped", second)
    await same(server, "stopped", undisturbed)


ATTEMPTS = """
CYPHER 25
MATCH (document:Document {workspace: $workspace, status: 'pending'})
RETURN DISTINCT document.attempts AS attempts, document.lease_owner AS owner
"""


@pytest.mark.parametrize(("command", "ends"), [("index", signal.SIGINT), ("serve", signal.SIGTERM)])
async def test_a_command_that_is_stopped_leaves_nothing_in_work(
    command: str, ends: signal.Signals, server: Server, worker_environment: dict[str, str], tmp_path: Path
) -> None:
    workspace = f"command-{command}"
    arguments = [sys.executable, "-m", "neolight", command]
    if command == "index":
        arguments += [str(_folder(tmp_path)), f"--workspace={workspace}"]
    else:
        await enqueue(server, workspace)
        arguments += [f"--port={choose(None)}"]
    with (tmp_path / "command.log").open("wb") as log:
        process = subprocess.Popen(arguments, cwd=tmp_path, env=worker_environment, stdout=log, stderr=log)
    try:
        async with server.graph() as graph:
            await _until_processing(server, workspace, process)
            process.send_signal(ends)
            await asyncio.to_thread(process.wait, 30)
            left = await documents.pipeline(graph, workspace)
    finally:
        process.kill()
        process.wait()
    assert left.processing == 0
    assert left.failed == 0
    assert left.pending > 0


def _folder(tmp_path: Path) -> Path:
    for original in corpus():
        path = tmp_path / original.source
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(original.data)
    return tmp_path / "reports"


async def _until_processing(server: Server, workspace: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SOON
    async with server.graph() as graph:
        while not (await documents.pipeline(graph, workspace)).processing:
            assert process.poll() is None
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
