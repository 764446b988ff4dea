"""Scans of the input folder: what is new or has changed in it becomes documents."""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import APIRouter, Request

from neolight.deps import Deps
from neolight.errors import NeolightError, NotFound, public
from neolight.graph import documents, scans
from neolight.graph.documents import Original
from neolight.graph.scans import Scan
from neolight.intake import take_in
from neolight.rest.folder import files_of
from neolight.rest.schemas import Sample, ScanStarted, ScanStatus
from neolight.rest.workspace import Dependencies, Workspace
from neolight.sources import original_of

log = logging.getLogger(__name__)

PORTION_BYTES = 16 << 20
PORTION_FILES = 200
"""How much is read, and queued in one transaction, at once."""

SAMPLE = 20
"""Names of files that a scan remembers of each kind."""

router = APIRouter(prefix="/documents", tags=["documents"])


@router.post("/scan")
async def scan(request: Request, workspace: Workspace, deps: Dependencies) -> ScanStarted:
    """Begins to take in new and changed files of the input folder, and queues failed documents again."""
    id_ = f"scan-{secrets.token_hex(8)}"
    if not await scans.start(deps.graph, workspace, id_):
        return ScanStarted(
            status="scanning_skipped_pipeline_busy", message="A scan of this workspace is running.", track_id=id_
        )
    running: set[asyncio.Task[None]] = request.app.state.scans
    task = asyncio.create_task(Scanning(deps, workspace, id_).run())
    running.add(task)
    task.add_done_callback(running.discard)
    return ScanStarted(status="scanning_started", message="The input folder is being scanned.", track_id=id_)


@router.get("/scan/status/{track_id}")
async def scan_status(track_id: str, workspace: Workspace, deps: Dependencies) -> ScanStatus:
    """How far a scan is. 404 where there is none of this id, or it was long ago."""
    found = await scans.get(deps.graph, workspace, track_id)
    if found is None:
        raise NotFound(f"There is no scan {track_id[:80]}.", hint="Old ones are forgotten; start another.")
    return _status(found)


def _status(found: Scan) -> ScanStatus:
    counts = {name: int(getattr(found, name)) for name in ("found", "queued", "unchanged", "refused")}
    return ScanStatus(
        track_id=found.id,
        status=found.status,
        counts=counts,
        samples={
            "processed": _sample(found.queued_files, found.queued),
            "warnings": _sample((), 0),
            "errors": _sample(found.refused_files, found.refused),
        },
        created_at=found.created_at.timestamp(),
        updated_at=found.updated_at.timestamp(),
        version=found.version,
        message=found.message,
    )


def _sample(items: tuple[str, ...], count: int) -> Sample:
    return Sample(items=list(items), truncated=count > len(items), dropped=max(0, count - len(items)))


@dataclass(slots=True)
class Scanning:
    """One scan under way."""

    deps: Deps
    workspace: str
    id: str
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("found", "queued", "unchanged", "refused"), 0)
    )
    queued: list[str] = field(default_factory=list[str])
    refused: list[str] = field(default_factory=list[str])

    async def run(self) -> None:
        """Scans; how it ends is recorded, and nothing is raised but the end of the process."""
        try:
            await self._scan()
            await self._tell("completed", f"{self.counts['queued']} of {self.counts['found']} files were queued.")
        except (NeolightError, OSError) as error:
            shown = public(error)
            await self._tell("failed", f"{shown.message} {shown.hint or ''}".strip())
        except asyncio.CancelledError:
            log.warning("The scan %s ends with this process.", self.id)
            raise

    async def _scan(self) -> None:
        await documents.retry(self.deps.graph, self.workspace)
        files = await asyncio.to_thread(lambda: list(files_of(self.deps.files, self.workspace)))
        self.counts["found"] = len(files)
        portion: list[Original] = []
        for source, path in files:
            original = await asyncio.to_thread(self._read, source, path)
            if original is None:
                continue
            portion.append(original)
            if len(portion) == PORTION_FILES or sum(len(one.data) for one in portion) > PORTION_BYTES:
                await self._queue(portion)
                portion = []
        await self._queue(portion)

    def _read(self, source: str, path: Path) -> Original | None:
        try:
            return original_of(source, path.read_bytes(), max_mb=self.deps.limits.max_upload_mb)
        except (NeolightError, OSError) as error:
            self.counts["refused"] += 1
            self.refused.append(f"{source}: {public(error).message if isinstance(error, NeolightError) else error}")
            return None

    async def _queue(self, portion: list[Original]) -> None:
        if portion:
            rows = await take_in(self.deps, self.workspace, portion, track_id=self.id)
            new = [row.source for row in rows if row.outcome != "unchanged"]
            self.queued += new
            self.counts["queued"] += len(new)
            self.counts["unchanged"] += len(rows) - len(new)
        await self._tell("running", "")

    async def _tell(self, status: str, message: str) -> None:
        row = {
            **self.counts, "status": status, "message": message[:1000],
            "queued_files": self.queued[:SAMPLE], "refused_files": self.refused[:SAMPLE],
        }  # fmt: skip
        await scans.update(self.deps.graph, self.workspace, self.id, row)
