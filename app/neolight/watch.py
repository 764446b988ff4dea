"""Follows a folder: what is added, changed and removed there is added, changed and removed in the workspace.

The folder and the graph are compared as a whole; that something happened only says when. So nothing is lost by an event
that was, and nothing need be remembered between two runs: what changed meanwhile is found at the start.
"""

from __future__ import annotations

import asyncio
import logging
import os
import stat
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from watchfiles import awatch

from neolight.api import Neolight
from neolight.errors import GraphUnavailable, InvalidInput, NotFound
from neolight.graph import document_lists, documents, keys
from neolight.graph.documents import Original
from neolight.ingest import readers
from neolight.models import DocumentStatus
from neolight.sources import original_of, source_name

log = logging.getLogger(__name__)

TEMPORARY_ENDINGS = (".tmp", ".temp", ".part", ".partial", ".crdownload", ".download", ".swp", ".swx", ".bak", "~")
TEMPORARY_BEGINNINGS = (".", "~$", "~", "#")
AT_ONCE_BYTES = 64 << 20
"""Of originals in memory at once."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a folder is looked at, in seconds."""

    settle: float = 1.0
    """A file that changed less than this ago may still be written; one that vanished may be about to be replaced."""
    events: float = 0.5
    """How long to wait for an event before looking at what has not settled."""
    everything: float = 60.0
    """After so long the folder is compared though no event came: network drives send none."""
    pause: float = 5.0
    """After Neo4j did not answer."""


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was seen: enough to tell that it is another one now."""

    path: Path
    size: int
    changed: int
    """Nanoseconds since 1970."""
    inode: int


@dataclass(slots=True)
class Follower:
    """A folder, the workspace that follows it, and what was seen and done so far."""

    handle: Neolight
    folder: Path
    name: str
    say: Say
    pace: Pace = field(default_factory=Pace)
    done: dict[str, File] = field(default_factory=dict[str, File])
    """By source: files that the workspace has, or that were refused, as they were then."""
    missing: dict[str, float] = field(default_factory=dict[str, float])
    """By source: documents whose file is gone, and since when."""
    told: set[str] = field(default_factory=set[str])

    async def begin(self, *, may_empty: bool = False) -> None:
        """Finds which documents lost their file since the last time.

        Raises:
            NotFound: there is no such folder.
            InvalidInput: the folder is empty and the workspace is not: a drive that is not mounted looks like that.
        """
        if not self.folder.is_dir():
            raise NotFound(f"There is no folder {self.folder}.", hint="Check the path.")
        there = await self._documents()
        found = await asyncio.to_thread(scan, self.folder, self.name, self._once)
        if there and not found and not may_empty:
            raise InvalidInput(
                f"{self.folder} has no documents, and {len(there)} of the workspace came from there.",
                hint="Check that the drive is mounted. If they are really to be deleted, add --may-empty.",
            )
        self.missing = dict.fromkeys(there.keys() - found.keys(), 0.0)

    async def follow(self, stop: asyncio.Event) -> None:
        """Keeps the workspace equal to the folder until told to stop."""
        compared = 0.0
        async for happened in self._events(stop):
            due = time.monotonic() - compared > self.pace.everything
            if not (happened or due or self.missing or compared == 0.0):
                continue
            compared = time.monotonic()
            try:
                if not await self.compare():
                    compared = 0.0
            except GraphUnavailable as error:
                log.warning("%s", error)
                compared = 0.0
                await asyncio.sleep(self.pace.pause)

    async def compare(self) -> bool:
        """One comparison of folder and workspace; tells whether everything had settled and is done."""
        if not self.folder.is_dir():
            self.say(f"{self.folder} is gone; nothing is deleted for that.")
            return False
        found = await asyncio.to_thread(scan, self.folder, self.name, self._once)
        fresh = {source: file for source, file in found.items() if self.done.get(source) != file}
        limit = time.time_ns() - int(self.pace.settle * 1e9)
        settled = {source: file for source, file in fresh.items() if file.changed <= limit or file.changed > _later()}
        await self._remove(found)
        for originals, files in batches(settled, self.handle.deps.limits.max_upload_mb, self.say):
            await self._index(originals)
            self.done.update(files)
        return len(settled) == len(fresh) and not self.missing

    async def _remove(self, found: Mapping[str, File]) -> None:
        now = time.monotonic()
        for source in self.done.keys() - found.keys():
            self.missing.setdefault(source, now)
        self.missing = {source: since for source, since in self.missing.items() if source not in found}
        gone = {source for source, since in self.missing.items() if now - since >= self.pace.settle}
        if not gone:
            return
        ids = {source: id_ for source, id_ in (await self._documents()).items() if source in gone}
        if ids:
            await self.handle.delete(*ids.values())
        for source in sorted(gone):
            self.done.pop(source, None)
            del self.missing[source]
            if source in ids:
                self.say(f"deleted {source}")

    async def _index(self, originals: Sequence[Original]) -> None:
        graph, workspace = self.handle.deps.graph, self.handle.workspace
        ids = [keys.document_id(workspace, original.source) for original in originals]
        before = {id_: one.updated_at for id_, one in (await documents.get_many(graph, workspace, ids)).items()}
        for document in await self.handle.index(originals) if originals else ():
            if before.get(document.id) == document.updated_at:
                continue
            if document.status is DocumentStatus.FAILED:
                self.say(f"failed {document.source}: {document.error}")
            else:
                self.say(f"indexed {document.source} ({document.chunk_count} chunks)")

    async def _documents(self) -> dict[str, str]:
        rows = await document_lists.under(self.handle.deps.graph, self.handle.workspace, f"{self.name}/")
        return {row.source: row.id for row in rows}

    def _once(self, said: str) -> None:
        """Says what every look at the folder would say, the first time."""
        if said not in self.told:
            self.told.add(said)
            self.say(said)

    async def _events(self, stop: asyncio.Event) -> AsyncIterator[bool]:
        """Whether something happened in the folder: once at the start, then every so often."""
        yield True
        wait = int(self.pace.events * 1000)
        async for changes in awatch(
            self.folder,
            watch_filter=None,
            stop_event=stop,
            debounce=wait,
            rust_timeout=wait,
            yield_on_timeout=True,
            ignore_permission_denied=True,
        ):
            yield bool(changes)


def scan(folder: Path, name: str, say: Say) -> dict[str, File]:
    """The files of a folder that documents are made of, by source: no temporary and hidden ones, none from elsewhere.

    Where two names come to one source, without what cannot be shown, the first one counts.
    """
    found: dict[str, File] = {}
    for path, seen in _walk(folder):
        try:
            source = source_name(f"{name}/{path.relative_to(folder).as_posix()}")
        except InvalidInput as error:
            say(f"skipped {str(path)!r}: {error}")
            continue
        if found.setdefault(source, File(path, seen.st_size, seen.st_mtime_ns, seen.st_ino)).path != path:
            say(f"skipped {str(path)!r}: another file is {source} already.")
    return found


def wanted(name: str) -> bool:
    """Whether a file of this name may be a document: readable by its ending, and nobody's passing state."""
    low = name.lower()
    passing = low.startswith(TEMPORARY_BEGINNINGS) or low.endswith(TEMPORARY_ENDINGS)
    return not passing and Path(low).suffix in readers.SUPPORTED


def batches(files: Mapping[str, File], max_mb: int, say: Say) -> Iterator[tuple[list[Original], dict[str, File]]]:
    """Originals of files, so many that they fit into memory; a file that is refused comes along without an original."""
    originals: list[Original] = []
    taken: dict[str, File] = {}
    weight = 0
    for source, file in files.items():
        taken[source] = file
        try:
            if file.size > max_mb << 20:
                raise InvalidInput(f"it has {file.size >> 20} MB; at most {max_mb} are allowed.")
            originals.append(original_of(source, file.path.read_bytes(), max_mb=max_mb))
            weight += file.size
        except FileNotFoundError:
            del taken[source]
        except (OSError, InvalidInput) as error:
            say(f"skipped {source}: {error}")
        if weight > AT_ONCE_BYTES:
            yield originals, taken
            originals, taken, weight = [], {}, 0
    if taken:
        yield originals, taken


def _walk(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """The plain files in a folder and below, in order of their names; links are not followed."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        for name in sorted(names):
            path = Path(root) / name
            try:
                seen = path.lstat()
            except OSError:
                continue
            if wanted(name) and stat.S_ISREG(seen.st_mode):
                yield path, seen


def _later() -> int:
    """A moment that no file was changed at: one that claims to be from the future never settles otherwise."""
    return time.time_ns() + 60_000_000_000
