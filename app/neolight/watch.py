"""Follows a folder: what is added, changed and removed there is added, changed and removed in the workspace.

The folder and the graph are compared as a whole; that something happened only says when. So nothing is lost by an event
that was, and nothing need be remembered between two runs: what changed meanwhile is found at the start.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

from watchfiles import awatch

from neolight.api import Neolight, counted
from neolight.errors import DiskFull, GraphUnavailable, InvalidInput, NeolightError, NotFound
from neolight.files import File, Look, batches
from neolight.graph import document_lists
from neolight.graph.documents import Original
from neolight.ingest.tasks import pause

Say = Callable[[str], None]

MAY_EMPTY = "If they are really to be deleted, start it with --may-empty."


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


@dataclass(slots=True)
class Follower:
    """A folder, the workspace that follows it, and what was seen and done so far.

    A document whose file was removed is deleted, but never for want of the folder: while it is gone, cannot be read, or
    has lost all of several documents at once, as where a drive is not mounted, nothing is deleted unless `may_empty`.
    """

    handle: Neolight
    folder: Path
    name: str
    """What the sources of its documents begin with, without the last slash; nothing where there is no such thing."""
    say: Say
    pace: Pace = field(default_factory=Pace)
    may_empty: bool = False
    done: dict[str, File] = field(default_factory=dict[str, File])
    """By source: files that the workspace has, or that were refused, as they were then."""
    missing: dict[str, float] = field(default_factory=dict[str, float])
    """By source: documents whose file is gone, and since when."""
    told: set[str] = field(default_factory=set[str])
    lost: bool = False
    """Whether its documents are gone in a way that deletes nothing."""
    trouble: str | None = None
    """Why nothing is deleted, or done at all, at the moment."""
    place: tuple[int, int] | None = None
    """Device and inode of the folder when its documents were last found in it: other ones if a drive is not mounted."""

    async def begin(self) -> None:
        """Finds which documents lost their file since the last time.

        A file that is there, though none of those that are followed, may have been indexed by itself and stays. Where
        the name is empty, nothing tells the folder's documents from others of the workspace, and none are deleted.

        Raises:
            NotFound: there is no such folder.
            InvalidInput: it is a file, cannot be read, or has none of the documents that came from there before.
        """
        if self.folder.is_file():
            raise InvalidInput(f"{self.folder} is a file.", hint="Follow the folder that it is in, or index it.")
        if not self.folder.is_dir():
            raise NotFound(f"There is no folder {self.folder}.", hint="Check the path.")
        look = await self._look()
        if self._is_unread(look):
            raise look.refused[0]
        there = await self._documents()
        lost = {source for source in there - look.files.keys() if not _is_under(source, look.unread)}
        lost -= await asyncio.to_thread(self._lying_there, lost)
        if len(lost) > bool(look.files) and len(lost) == len(there) and not self.may_empty:
            what = "has other documents than before" if look.files else "has no documents"
            raise InvalidInput(
                f"{self.folder} {what}: {len(there)} of the workspace came from there, and all their files are gone.",
                hint=f"Check that the drive is mounted. {MAY_EMPTY}",
            )
        self.missing = dict.fromkeys(lost, 0.0)

    async def follow(self, stop: asyncio.Event) -> None:
        """Keeps the workspace equal to the folder until told to stop."""
        compared = 0.0
        async with aclosing(self._events(stop)) as events:
            async for happened in events:
                due = time.monotonic() - compared > self.pace.everything
                if not (happened or due or self.missing or compared == 0.0):
                    continue
                compared = time.monotonic()
                try:
                    if not await self.compare():
                        compared = 0.0
                except (GraphUnavailable, DiskFull) as error:
                    self._trouble(str(error), str(error))
                    compared = 0.0
                    await pause(stop, self.pace.pause)

    async def compare(self) -> bool:
        """One comparison of folder and workspace; tells whether everything had settled and is done."""
        if not self.folder.is_dir():
            self._trouble("gone", f"{self.folder} is gone; nothing is deleted for that.")
            self._wait_anew()
            return False
        look = await self._look()
        if self._is_unread(look):
            self._trouble("unread", f"{look.refused[0]} Nothing is deleted for that.")
            self._wait_anew()
            return False
        for error in look.refused:
            self._once(f"skipped {error}")
        fresh = {source: file for source, file in look.files.items() if self.done.get(source) != file}
        limit = time.time_ns() - int(self.pace.settle * 1e9)
        settled = {source: file for source, file in fresh.items() if file.changed <= limit or file.changed > _later()}
        all_removed = await self._remove(look)
        portions = batches(settled, self.handle.deps.limits.max_upload_mb, self._skipped)
        while portion := await asyncio.to_thread(next, portions, None):
            await self._index(portion[0])
            self.done.update(portion[1])
        if all_removed:
            self._trouble(None)
        return len(settled) == len(fresh) and all_removed

    async def _remove(self, look: Look) -> bool:
        """Deletes the documents whose files have been gone for a while; tells whether no more are missing."""
        now = time.monotonic()
        for source in self.done.keys() - look.files.keys():
            self.missing.setdefault(source, now)
        back = bool(self.missing.keys() & look.files.keys())
        self.missing = {
            source: since
            for source, since in self.missing.items()
            if source not in look.files and not _is_under(source, look.unread)
        }
        self.lost = bool(self.missing) and not self.may_empty and self._has_lost_all(look, back=back)
        if self.lost:
            lost = f"{self.folder} has lost all its {len(self.missing)} documents at once; nothing is deleted for that."
            self._trouble("empty", f"{lost} {MAY_EMPTY}")
            self._wait_anew()
            return False
        self.place = _place(self.folder) if look.files else self.place
        gone = sorted(source for source, since in self.missing.items() if now - since >= self.pace.settle)
        if gone:
            deps, workspace = self.handle.deps, self.handle.workspace
            there = await document_lists.by_source(deps.graph, workspace, gone)
            await self.handle.delete(*(one.id for one in there.values()))
            for source in gone:
                self.done.pop(source, None)
                del self.missing[source]
                if source in there:
                    self.say(f"deleted {source}")
        return not self.missing

    def _has_lost_all(self, look: Look, *, back: bool) -> bool:
        """Whether it looks as if the folder were not what it was, rather than its files removed one by one."""
        place = _place(self.folder)
        if not look.files:
            return len(self.missing) > 1 or place != self.place
        if place == self.place or self.place is None:
            return False
        return not back if self.lost else not look.files.keys() & self.done.keys()

    async def _index(self, originals: Sequence[Original]) -> None:
        rows = await self.handle.queue(originals) if originals else []
        for one in await self.handle.indexed(rows) if rows else []:
            if one.fate == "failed":
                self.say(f"failed {one.why}")
            elif one.fate != "unchanged" and one.document:
                self.say(f"{one.fate} {one.source} ({counted(one.document.chunk_count, 'chunk')})")

    async def _look(self) -> Look:
        look = Look()
        await asyncio.to_thread(look.add_folder, self.folder, self.name)
        return look

    def _lying_there(self, sources: Iterable[str]) -> set[str]:
        """Those of some sources that have a file in the folder, of whatever kind."""
        return {source for source in sources if os.path.lexists(self.folder / source[len(self.name) + 1 :])}

    def _is_unread(self, look: Look) -> bool:
        return _is_under(f"{self.name}/" if self.name else "", look.unread)

    async def _documents(self) -> set[str]:
        """The sources of the documents that the workspace has from the folder."""
        if not self.name:
            return set()
        rows = await document_lists.under(self.handle.deps.graph, self.handle.workspace, f"{self.name}/")
        return {row.source for row in rows}

    def _wait_anew(self) -> None:
        """What is missing now may come back with the folder, bit by bit."""
        self.missing = dict.fromkeys(self.missing, time.monotonic())

    def _trouble(self, kind: str | None, said: str = "") -> None:
        """Says once what the trouble is, and once that it is over."""
        if kind and kind != self.trouble:
            self.say(said)
        elif self.trouble and not kind:
            self.say(f"{self.folder} is followed again.")
        self.trouble = kind

    def _skipped(self, error: NeolightError) -> None:
        self.say(f"skipped {error}")

    def _once(self, said: str) -> None:
        """Says what every look at the folder would say, the first time."""
        if said not in self.told:
            self.told.add(said)
            self.say(said)

    async def _events(self, stop: asyncio.Event) -> AsyncGenerator[bool]:
        """Whether something happened in the folder: once at the start, then every so often.

        A folder that has gone and come back is another one for the operating system, so it is watched anew.
        """
        wait = int(self.pace.events * 1000)
        while not stop.is_set():
            yield True
            watched = _place(self.folder)
            if watched is None:
                await pause(stop, self.pace.events)
                continue
            changes = awatch(
                self.folder,
                watch_filter=None,
                stop_event=stop,
                debounce=wait,
                rust_timeout=wait,
                yield_on_timeout=True,
                ignore_permission_denied=True,
            )
            async with aclosing(changes):
                async for some in changes:
                    yield bool(some)
                    if _place(self.folder) != watched:
                        break


def _place(folder: Path) -> tuple[int, int] | None:
    """The device and inode of a folder; None where there is none."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_under(source: str, folders: Sequence[str]) -> bool:
    return source.startswith(tuple(folders))


def _later() -> int:
    """A moment that no file was changed at: one that claims to be from the future never settles otherwise."""
    return time.time_ns() + 60_000_000_000
