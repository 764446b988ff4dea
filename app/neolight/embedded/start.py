"""Brings a server up: its settings, its first password, its supervisor, and the wait for its first answer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import neo4j
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from neolight.embedded import ports
from neolight.embedded.admin import set_initial_password
from neolight.embedded.archive import archive_for
from neolight.embedded.config import conf_text, java_arguments
from neolight.embedded.jars import ClassPath
from neolight.embedded.layout import HOST, USERNAME, Home, Progress, ServerOptions
from neolight.embedded.processes import SUPERVISOR, ProcessId
from neolight.embedded.state import State, make_password, mark_stopped, read_password, read_state, replace_file
from neolight.embedded.versions import last_version, note_version, older
from neolight.errors import EmbeddedServerError

_POLL_SECONDS = 0.1
_LOG_LINES = 12


@dataclass(frozen=True)
class _Launch:
    """One attempt to start: what is started, and how far the logs went before."""

    home: Home
    state: State
    logs: dict[Path, int]
    deadline: float


class _StartFailedError(EmbeddedServerError):
    """Neo4j ended, or gave no answer, while it was being started."""


def start(home: Home, class_path: ClassPath, options: ServerOptions, progress: Progress) -> State:
    """Starts a server and waits until it answers. The caller holds the lock and has made sure that none runs."""
    if home.confirmed.exists() and read_password(home) is None:
        raise lost_password(home)
    last = last_version(home)
    if last and older(class_path.version, last):
        raise EmbeddedServerError(
            f"The database in {home.data} is of Neo4j {last}, and Neo4j {class_path.version} cannot read it.",
            hint="Use that version or a newer one: update neolight, or the server that NEOLIGHT_NEO4J_HOME names.",
        )
    password = make_password(home)
    for last_try in (False, True):
        state = _choose_ports(read_state(home), class_path.version, options)
        replace_file(home.config, conf_text(home, state.version, (state.bolt_port, state.http_port), options))
        archive = archive_for(home, class_path)
        replace_file(home.arguments, java_arguments(class_path, options, archive.flags))
        if not home.confirmed.exists():
            progress("Setting up Neo4j", None)
            _clear_unfinished(home)
            set_initial_password(home, class_path, password)
        upgrading = last and last != class_path.version
        progress(f"Starting Neo4j{f', which upgrades the database of {last}' if upgrading else ''}", None)
        try:
            state = _launch(home, state, password, options, archive.file)
        except _StartFailedError:
            # Another program may have taken a port in the moment between the choice and the start.
            if last_try or (ports.is_free(state.bolt_port) and ports.is_free(state.http_port)):
                raise
        else:
            break
    home.confirmed.touch()
    note_version(home, class_path.version)
    progress("Neo4j is ready", 1.0)
    return state


def spawn_supervisor(
    home: Home, state: State, options: ServerOptions, *, adopt: bool = False, archive: Path | None = None
) -> ProcessId | None:
    """Starts the supervisor as a process of its own, which outlives this one; it starts the server, or adopts one."""
    command = [sys.executable, "-P", "-m", SUPERVISOR, str(home.root), f"--version={state.version}"]
    command += [f"--bolt-port={state.bolt_port}", f"--http-port={state.http_port}"]
    command += [f"--idle-minutes={options.idle_minutes}", *(["--adopt"] if adopt else [])]
    command += [f"--archive={archive}"] if archive else []
    flags = 0x00000208 if sys.platform == "win32" else 0  # detached, a process group of its own
    with home.supervisor_log.open("ab") as log:
        child = subprocess.Popen(
            command,
            cwd=home.root,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            creationflags=flags,
        )
    process = ProcessId.of(child.pid)
    threading.Thread(target=child.wait, name="neo4j-supervisor", daemon=True).start()  # leaves no zombie behind
    return process


def _clear_unfinished(home: Home) -> None:
    """Removes what a first start that was cut off has left half made: Neo4j can fail on it, or wait for ever.

    Before the first login nothing can have been written but by `load`, and what that wrote stays.
    """
    for name in ("system",) if home.loaded.exists() else ("system", "neo4j"):
        for kind in ("databases", "transactions"):
            shutil.rmtree(home.data / kind / name, ignore_errors=True)


def wait_for_bolt(java: ProcessId, port: int, timeout: float) -> bool:
    """Waits until the server answers; False when it ended or the time is over."""
    deadline = time.monotonic() + timeout
    while java.alive:
        if ports.answers_bolt(port) and java.listens(port):  # and not another server that was quicker
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return False


def lost_password(home: Home) -> EmbeddedServerError:
    """The error for a database whose password file is gone."""
    return EmbeddedServerError(
        f"The password of the database in {home.data} is lost: {home.password} is missing.",
        hint="Put the file back, or move that data folder away to begin with an empty database.",
    )


def _environment() -> dict[str, str]:
    """This process's environment, with what depends on its working directory made absolute."""
    path = os.environ.get("PYTHONPATH")
    if not path:
        return dict(os.environ)
    return {**os.environ, "PYTHONPATH": os.pathsep.join(str(Path(part).absolute()) for part in path.split(os.pathsep))}


def _choose_ports(known: State | None, version: str, options: ServerOptions) -> State:
    bolt = ports.choose(options.bolt_port or (known.bolt_port if known else ports.BOLT_PORT))
    http = ports.choose(options.http_port or (known.http_port if known else ports.HTTP_PORT), avoid=(bolt,))
    return State(bolt, http, version)


def _launch(home: Home, state: State, password: str, options: ServerOptions, archive: Path | None) -> State:
    mark_stopped(home)
    attempt = _Launch(home, state, _sizes(home), time.monotonic() + options.start_timeout)
    supervisor = spawn_supervisor(home, state, options, archive=archive)
    try:
        running = _wait_for_state(attempt, supervisor)
        assert running.java is not None
        if not wait_for_bolt(running.java, running.bolt_port, attempt.deadline - time.monotonic()):
            raise _failed(attempt)
        _log_in(attempt, password)
    except BaseException:
        _abandon(home, supervisor)
        raise
    return running


def _wait_for_state(attempt: _Launch, supervisor: ProcessId | None) -> State:
    while time.monotonic() < attempt.deadline:
        gone = supervisor is None or not supervisor.alive
        state = read_state(attempt.home)
        if state and state.alive:
            return state
        if gone:
            break
        time.sleep(_POLL_SECONDS)
    raise _failed(attempt)


def _log_in(attempt: _Launch, password: str) -> None:
    while True:
        try:
            uri = f"bolt://{HOST}:{attempt.state.bolt_port}"
            with neo4j.GraphDatabase.driver(uri, auth=(USERNAME, password), telemetry_disabled=True) as driver:
                driver.execute_query("RETURN 1")
            return
        except AuthError as error:
            raise EmbeddedServerError(
                f"The database in {attempt.home.data} does not accept the password in {attempt.home.password}.",
                hint="Put the right password into that file, or move the data folder away to begin with an empty one.",
            ) from error
        except (DriverError, Neo4jError) as error:
            if time.monotonic() >= attempt.deadline:
                raise _failed(attempt) from error
            time.sleep(_POLL_SECONDS)


def _abandon(home: Home, supervisor: ProcessId | None) -> None:
    if supervisor:
        supervisor.terminate()
        supervisor.wait(15)
        supervisor.kill()
    state = read_state(home)
    if state and state.java:
        state.java.stop(15)
    mark_stopped(home)


def _failed(attempt: _Launch) -> _StartFailedError:
    lines = [line for log, size in attempt.logs.items() for line in _tail(log, size)]
    late = time.monotonic() >= attempt.deadline
    return _StartFailedError(
        "Neo4j did not answer in time after its start." if late else "Neo4j ended while it was starting.",
        hint="\n".join(
            (
                f"Its logs in {attempt.home.logs} end with:",
                *(f"  {line}" for line in lines),
                "Remove the cause that they name and try again, or set NEO4J_URI to a Neo4j that runs.",
            )
        ),
    )


def _sizes(home: Home) -> dict[Path, int]:
    logs = (home.supervisor_log, home.console_log, home.log)
    return {log: log.stat().st_size if log.exists() else 0 for log in logs}


def _tail(log: Path, offset: int) -> list[str]:
    try:
        with log.open("rb") as file:
            file.seek(max(offset, log.stat().st_size - 16_384))
            return file.read().decode("utf-8", "replace").strip().splitlines()[-_LOG_LINES:]
    except OSError:
        return []
