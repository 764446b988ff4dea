"""Reads files in processes of their own, so that a parser that hangs, crashes or fills the memory ends alone."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from neolight.errors import UnreadableDocument, UnsupportedFormat
from neolight.ingest import readers
from neolight.ingest.child import LENGTH
from neolight.ingest.readers.limits import ReadLimits
from neolight.models import Heading, PageSpan, ParsedDocument

log = logging.getLogger(__name__)

MOST_PROCESSES = 4
MOST_FILES = 200
"""Files that one process reads before a new one takes its place: what libraries leak ends with it."""

IDLE_SECONDS = 60.0

_START = "import sys; sys.path[:] = sys.argv[1:]; from neolight.ingest.child import main; main()"
_LOST = (asyncio.IncompleteReadError, ConnectionError, BrokenPipeError)
_DYING_SECONDS = 2.0
"""How long a process that has closed its pipe may take to end: killing it sooner would hide what it died of."""
_ERRORS = {error.code: error for error in (UnreadableDocument, UnsupportedFormat)}


class ReaderFailed(Exception):
    """A reader raised what it should not have."""


@dataclass(slots=True)
class _Child:
    """A process that reads, and how many files it has read."""

    process: asyncio.subprocess.Process
    files: int = 0
    idle: asyncio.TimerHandle | None = None

    async def ask(self, request: Mapping[str, Any], data: bytes) -> dict[str, Any]:
        """Send a file and return the reply. Raises one of _LOST if the process ends instead."""
        writer, reader = self.process.stdin, self.process.stdout
        assert writer
        assert reader
        head = orjson.dumps(request)
        writer.write(len(head).to_bytes(LENGTH, "big") + head + len(data).to_bytes(LENGTH, "big"))
        writer.write(data)
        await writer.drain()
        length = int.from_bytes(await reader.readexactly(LENGTH), "big")
        self.files += 1
        return orjson.loads(await reader.readexactly(length))

    async def end(self, patience: float = 0.0) -> None:
        """Kill the process if it is alive after some seconds, and wait for its end."""
        if self.idle:
            self.idle.cancel()
        if patience:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), patience)
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()


@dataclass(slots=True)
class Sandbox:
    """A few processes that read files, started when they are needed, ended when they are idle."""

    limits: ReadLimits = field(default_factory=ReadLimits)
    _free: list[_Child] = field(default_factory=list[_Child])
    _ending: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _slots: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(min(MOST_PROCESSES, os.cpu_count() or 1))
    )

    async def __call__(self, name: str, data: bytes) -> ParsedDocument:
        """Read a file as `readers.read` does, within the limits; short plain text in this process.

        Raises UnreadableDocument, UnsupportedFormat; ReaderFailed for a defect of a reader.
        """
        if readers.is_light(name, data):
            return await asyncio.to_thread(readers.read, name, data)
        async with self._slots:
            child = await self._taken()
            used = child.files > 0
            try:
                return _document(await self._asked(child, name, data))
            except _LOST as error:
                if not used:
                    raise _crashed(name, child, self.limits) from error
            child = await self._started()  # it may have been an earlier file that made the other one end
            try:
                return _document(await self._asked(child, name, data))
            except _LOST as error:
                raise _crashed(name, child, self.limits) from error

    async def close(self) -> None:
        """End all processes."""
        free, self._free = self._free, []
        await asyncio.gather(*(child.end() for child in free), *self._ending)

    async def _asked(self, child: _Child, name: str, data: bytes) -> dict[str, Any]:
        """Have a process read a file; it is free again, or ended."""
        limits = self.limits
        request = {"name": name, "parser": limits.parser, "seconds": limits.seconds, "memory_mb": limits.memory_mb}
        try:
            reply = await asyncio.wait_for(child.ask(request, data), limits.seconds)
        except TimeoutError as error:
            await child.end()
            raise UnreadableDocument(
                f"{name} takes longer than {limits.seconds:.0f} s to be read.",
                hint="Split it, or raise NEOLIGHT_READER_SECONDS.",
            ) from error
        except _LOST:
            await asyncio.shield(child.end(_DYING_SECONDS))
            raise
        except BaseException:
            await asyncio.shield(child.end())
            raise
        self._release(child)
        return reply

    async def _taken(self) -> _Child:
        """A process that is free, or a new one."""
        while self._free:
            child = self._free.pop()
            if child.idle:
                child.idle.cancel()
            if child.process.returncode is None:
                return child
            await child.end()
        return await self._started()

    async def _started(self) -> _Child:
        pipe = asyncio.subprocess.PIPE
        return _Child(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-c", _START, *sys.path),
                stdin=pipe,
                stdout=pipe,
                stderr=asyncio.subprocess.DEVNULL,
                env={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"} | dict(self.limits.environment),
                start_new_session=True,  # Ctrl-C is for the program, which ends its readers itself
            )
        )

    def _release(self, child: _Child) -> None:
        """Keep a process for the next file for a while."""
        if child.files >= MOST_FILES:
            self._end(child)
            return
        child.idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._end, child)
        self._free.append(child)

    def _end(self, child: _Child) -> None:
        """End a process that is not needed."""
        if child in self._free:
            self._free.remove(child)
        task = asyncio.ensure_future(child.end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


def _document(reply: dict[str, Any]) -> ParsedDocument:
    """The document of a reply; raises the error that it holds instead."""
    if "bug" in reply:
        log.error("A reader failed:\n%s", reply["traceback"])
        raise ReaderFailed(reply["bug"])
    if "error" in reply:
        error = reply["error"]
        raise _ERRORS[error["code"]](error["message"], hint=error["hint"])
    found = reply["document"]
    pages = tuple(PageSpan(**page) for page in found.pop("pages"))
    headings = tuple(Heading(one["start"], tuple(one["path"])) for one in found.pop("headings"))
    return ParsedDocument(**found, pages=pages, headings=headings)


def _crashed(name: str, child: _Child, limits: ReadLimits) -> UnreadableDocument:
    """The error for a file that has made a new process end."""
    code = child.process.returncode or 0
    how = signal.Signals(-code).name if -code in set(signal.Signals) else f"code {code}"
    return UnreadableDocument(
        f"{name} made the process that reads it end ({how}).",
        hint="Open it in its program, save it again, and upload that; "
        f"or raise NEOLIGHT_READER_MEMORY_MB, which is {limits.memory_mb}.",
    )
