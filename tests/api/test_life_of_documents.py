"""The whole life of documents through the Python API, with a worker and with a model over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from neolight import api
from neolight.api import Neolight
from neolight.graph import documents, jobs, workspaces
from neolight.graph.gateway import Graph
from neolight.ingest import worker
from neolight.ingest.worker import Capacity, Worker
from neolight.models import ChunkingChoice, Document, DocumentStatus
from neolight.settings import Settings
from neolight.sources import text_original
from standin import StandIn, serving


@pytest.fixture
async def local(settings: Settings, workspace: str) -> AsyncIterator[Neolight]:
    """A workspace with a worker and without a model; it goes with the test."""
    async with api.open(settings, workspace=workspace) as n:
        yield n
        await workspaces.delete(n.deps.graph, workspace)


@pytest.fixture
def model() -> Iterator[StandIn]:
    with serving() as running:
        yield running


def with_model(settings: Settings, model: StandIn, concurrency: int) -> Settings:
    where = {"data_dir": settings.data_dir, "cache_dir": settings.cache_dir}
    llm = {"openai_api_key": "sk-test", "openai_base_url": model.url, "llm_model": "stand-in"}
    return Settings(_env_file=None, **where, **llm, llm_concurrency=concurrency)  # type: ignore[arg-type]


async def finished(n: Neolight, id_: str) -> Document:
    while True:
        document = (await documents.get_many(n.deps.graph, n.workspace, [id_]))[id_]
        if document.status not in api.UNFINISHED:
            return document
        await asyncio.sleep(0.05)


async def test_a_thousand_tiny_files_at_once(local: Neolight, tmp_path: Path) -> None:
    for number in range(1000):
        folder = tmp_path / f"folder-{number % 10}"
        folder.mkdir(exist_ok=True)
        (folder / f"{number // 10}.txt").write_text(f"Ada Holm checks Pump {number}.", encoding="utf-8")
    found = await local.insert_files(tmp_path)
    assert len({document.source for document in found}) == 1000, "the same names in ten folders"
    assert {document.status for document in found} == {DocumentStatus.PROCESSED}
    assert {document.chunk_count for document in found} == {1}
    counts = await documents.counts(local.deps.graph, local.workspace)
    assert counts == {"pending": 0, "processing": 0, "processed": 1000, "failed": 0}


async def test_the_same_file_twice_at_once_is_one_document(local: Neolight) -> None:
    original = text_original("Ada Holm approves Pump Sigma.", "a/report.txt", max_mb=1)
    other = text_original("Ada Holm approves Pump Sigma.", "b/report.txt", max_mb=1)
    found = await asyncio.gather(*(local.index([one]) for one in (original, original, other, original, other)))
    assert {document.status for (document,) in found} == {DocumentStatus.PROCESSED}
    assert sorted({document.source for (document,) in found}) == ["a/report.txt", "b/report.txt"]
    stored = await local.documents()
    assert sorted((one.source, one.revision, one.attempts) for one in stored) == [
        ("a/report.txt", 1, 1), ("b/report.txt", 1, 1)
    ]  # fmt: skip


async def test_a_replaced_document_calls_the_model_for_what_changed_only(
    settings: Settings, model: StandIn, workspace: str
) -> None:
    sections = [f"# Part {n}\n\n" + f"Plant Norvik {n} builds Sensor Kappa {n} in Kiel. " * 30 for n in range(20)]
    async with api.open(with_model(settings, model, 8), workspace=workspace) as n:
        await n.insert(["\n\n".join(sections)], ["report.md"])
        whole = model.count("extract")
        assert whole >= 20
        changed = [*sections]
        changed[7] = changed[7].replace("Kiel", "Riga", 1)
        (document,) = await n.insert(["\n\n".join(changed)], ["report.md"])
        assert document.revision == 2
        once = model.count("extract") - whole
        assert once == 1, "one passage has changed"
        await n.insert(["\n\n".join([changed[0], "# New\n\nPlant Norvik 99 is new.", *changed[1:]])], ["report.md"])
        grown = model.count("extract") - whole - once
        assert grown <= 2, "what moved is not extracted again"
        await n.insert(["\n\n".join([*changed[1:], changed[0]])], ["report.md"])
        turned = model.count("extract") - whole - once - grown
        assert turned <= 1
        print(
            f"\nmodel calls: {whole} for all, {once} for a changed word, {grown} for a new part, {turned} when turned"
        )
        await workspaces.delete(n.deps.graph, workspace)


async def test_a_cancelled_document_frees_its_calls_of_the_model(
    settings: Settings, model: StandIn, workspace: str
) -> None:
    async with api.open(with_model(settings, model, 1), workspace=workspace) as n:
        model.latency = 60
        slow = text_original("Ada Holm approves Pump Sigma.", "slow.txt", max_mb=1)
        (row,) = await documents.enqueue(n.deps.graph, workspace, [slow], track_id="slow")
        n.deps.waiting.set()
        while not model.count("extract"):
            await asyncio.sleep(0.05)
        model.latency = 0
        assert await jobs.cancel(n.deps.graph, workspace) == [row.id]
        (quick,) = await n.insert(["Norvik Sensorik delivers Sensor Kappa."], ["quick.txt"])
        assert quick.status == DocumentStatus.PROCESSED
        assert model.at_once == 1, "the only call that may be under way at once is over for us; its server still works"
        assert (await finished(n, row.id)).status == DocumentStatus.FAILED
        (again,) = await n.retry([row.id])
        assert again.status == DocumentStatus.PROCESSED
        await workspaces.delete(n.deps.graph, workspace)


async def test_a_document_goes_when_it_is_due(local: Neolight, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "TIDY_SECONDS", 0.1)
    due = datetime.now(UTC) + timedelta(seconds=2)
    stays = text_original("Ada Holm approves Pump Sigma.", "stays.txt", max_mb=1)
    goes = replace(text_original("Norvik delivers Sensor Kappa.", "goes.txt", max_mb=1), expires_at=due)
    await local.index([stays, goes])
    while len(await local.documents()) == 2:
        await asyncio.sleep(0.05)
    assert datetime.now(UTC) >= due
    assert [one.source for one in await local.documents()] == ["stays.txt"]


async def test_a_workspace_and_an_upload_say_how_documents_are_cut(local: Neolight) -> None:
    text = "\n\n".join(f"Pump {n} of Ada Holm was checked in the plant of Kiel.***" for n in range(6))
    graph, workspace = local.deps.graph, local.workspace
    (usual,) = await local.insert([text], ["usual.txt"])
    assert usual.chunk_count == 1
    await workspaces.update(graph, workspace, ChunkingChoice("separator", 60, 0, "***"))
    (by_tenant,) = await local.insert([text], ["tenant.txt"])
    assert by_tenant.chunk_count == 6
    own = replace(text_original(text, "own.txt", max_mb=1), chunking=ChunkingChoice("sentences", 45, 0))
    (by_upload,) = await local.index([own])
    assert by_upload.chunk_count == 3
    meaning = replace(own, source="semantic.txt", chunking=ChunkingChoice("semantic"))
    (by_meaning,) = await local.index([meaning])
    assert by_meaning.status == DocumentStatus.PROCESSED


async def test_originals_in_work_are_bounded_by_bytes(
    settings: Settings, workspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty documents of 50 kB are worked on within 200 kB; one that is larger than that is worked on alone."""
    most = 200_000
    body = "Ada Holm approves Pump Sigma. " * 1_700
    bodies = [f"Number {number}. {body * (5 if number == 20 else 1)}" for number in range(40)]
    originals = [text_original(text, f"{number}.txt", max_mb=1) for number, text in enumerate(bodies)]
    seen: list[tuple[int, int]] = []
    real = documents.originals
    async with api.open(settings, workspace=workspace, worker=False) as n:
        small = Worker(n.deps, Capacity(bytes=most))

        async def spied(graph: Graph, ids: Sequence[str]) -> dict[str, bytes]:
            seen.append((sum(one.claim.bytes for one in small._held.values()), len(small._held)))
            return await real(graph, ids)

        monkeypatch.setattr(documents, "originals", spied)
        async with small.running():
            found = await n.index(originals)
        assert {document.status for document in found} == {DocumentStatus.PROCESSED}
        assert all(weight <= most or together == 1 for weight, together in seen), seen
        assert max(weight for weight, _ in seen) > most
        assert max(together for _, together in seen) == 3
        await workspaces.delete(n.deps.graph, workspace)
