"""Tells whether a process that was noted down still lives, and is not another one that got its number."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

MAIN_CLASS = "org.neo4j.server.Neo4jCommunity"
PATIENCE_SECONDS = 45.0
SUPERVISOR = "neolight.embedded.supervisor"


@dataclass(frozen=True, slots=True)
class ProcessId:
    """A process: its number, and the moment it started, so that a recycled number is not mistaken for it."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> ProcessId | None:
        """The process that has this number now, or None if there is none."""
        started = start_mark(pid)
        return cls(pid, started) if started else None

    @classmethod
    def current(cls) -> ProcessId:
        """This process."""
        return cls(os.getpid(), start_mark(os.getpid()) or "")

    @property
    def alive(self) -> bool:
        """Whether this very process still runs (a zombie does not)."""
        return start_mark(self.pid) == self.started

    def listens(self, port: int) -> bool:
        """Whether the process itself listens on this TCP port; True where the system does not tell."""
        try:
            connections = psutil.Process(self.pid).net_connections("tcp")
        except (psutil.Error, OSError):
            return True
        return any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in connections)

    def terminate(self) -> None:
        """Asks the process to end (on Windows: ends it)."""
        self._send("terminate")

    def kill(self) -> None:
        """Ends the process at once."""
        self._send("kill")

    def wait(self, timeout: float) -> bool:
        """Waits for the end of the process; False when the time is over first."""
        deadline = time.monotonic() + timeout
        while self.alive:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.05)
        return True

    def stop(self, patience: float = PATIENCE_SECONDS) -> None:
        """Ends the process in order; kills it when that takes too long."""
        self.terminate()
        if not self.wait(patience):
            self.kill()
            self.wait(10)

    def _send(self, what: str) -> None:
        if self.alive:
            with contextlib.suppress(psutil.Error):
                getattr(psutil.Process(self.pid), what)()


def start_mark(pid: int) -> str | None:
    """The start of a living process in a form that no change of the clock alters; None for a dead one or a zombie."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return _linux_mark(pid) if sys.platform == "linux" else f"{process.create_time():.2f}"
    except (psutil.Error, OSError, ValueError):
        return None


def _linux_mark(pid: int) -> str:
    # psutil derives the start from the clock, which may be set meanwhile; the ticks since boot do not move.
    boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()[:8]
    ticks = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()[19]
    return f"{boot}-{ticks}"


def find(*arguments: str) -> ProcessId | None:
    """A process that has all these command-line arguments: for when the note of it is lost."""
    for process in psutil.process_iter(["pid", "cmdline"]):
        command: list[str] = process.info["cmdline"] or []
        if all(argument in command for argument in arguments):
            return ProcessId.of(process.info["pid"])
    return None
