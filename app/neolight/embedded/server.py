"""Starts, joins and stops the embedded server."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from pathlib import Path

from neolight.embedded import ports
from neolight.embedded.disk import check_room
from neolight.embedded.download import cached_class_path
from neolight.embedded.jars import ClassPath, unpacked_class_path
from neolight.embedded.layout import HOST, USERNAME, EmbeddedServer, Home, Progress, ServerOptions, silent
from neolight.embedded.locks import exclusive
from neolight.embedded.processes import ProcessId
from neolight.embedded.start import lost_password, spawn_supervisor, start, wait_for_bolt
from neolight.embedded.state import (
    State,
    live_state,
    mark_stopped,
    read_password,
    read_state,
    register_client,
    write_state,
)
from neolight.errors import EmbeddedServerError

LOCK_SECONDS = 240.0
_DEFAULTS = ServerOptions()


def ensure(
    data_dir: Path,
    cache_dir: Path,
    *,
    neo4j_home: Path | None = None,
    progress: Progress = silent,
    keep_running: bool = False,
    options: ServerOptions = _DEFAULTS,
) -> EmbeddedServer:
    """Joins the server of a data directory, or starts it; it runs at least as long as this process.

    Raises EmbeddedServerError, whose message names the cause and the next step.
    """
    home = make_home(data_dir)
    try:
        with locked(home, progress):
            server = _join(home, options, keep_running)
        if server:
            return server
        check_room(data_dir)
        class_path = class_path_of(neo4j_home, cache_dir, progress)
        with locked(home, progress):  # another process may have started it meanwhile
            return _join(home, options, keep_running) or _start(home, class_path, options, progress, keep_running)
    except OSError as error:
        raise _unusable(data_dir, error) from error


def status(data_dir: Path) -> EmbeddedServer | None:
    """The server of a data directory if it runs and answers."""
    home = Home.of(data_dir)
    state = live_state(home)
    return _described(home, state) if state and ports.answers_bolt(state.bolt_port) else None


def stop(data_dir: Path, timeout: float = 60) -> bool:
    """Stops the server of a data directory in order, whoever uses it; False when none ran."""
    home = Home.of(data_dir)
    if not home.run.is_dir():
        return False
    with locked(home, silent, timeout):
        state = live_state(home)
        if state is None or state.java is None:
            mark_stopped(home)
            home.keep.unlink(missing_ok=True)
            return False
        _stop(state, state.java, timeout)
        mark_stopped(home)
        home.keep.unlink(missing_ok=True)
        return True


def _stop(state: State, java: ProcessId, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    if state.supervisor:
        state.supervisor.terminate()
        while java.alive and state.supervised and time.monotonic() < deadline:
            time.sleep(0.05)
    java.stop(max(1.0, deadline - time.monotonic()))
    if state.supervisor and not state.supervisor.wait(10):
        state.supervisor.kill()
    if java.alive:
        raise EmbeddedServerError(
            f"Neo4j (process {java.pid}) cannot be stopped.", hint="Stop it as the user who started it."
        )


def locked(home: Home, progress: Progress, timeout: float = LOCK_SECONDS) -> AbstractContextManager[None]:
    """Holds the lock under which the server is started, joined and stopped."""
    return exclusive(home.lock, "starting or stopping Neo4j", timeout, progress)


def make_home(data_dir: Path) -> Home:
    """The server's folder in a data directory, made if need be."""
    home = Home.of(data_dir)
    try:
        home.make()
    except OSError as error:
        raise _unusable(data_dir, error) from error
    return home


def class_path_of(neo4j_home: Path | None, cache_dir: Path, progress: Progress) -> ClassPath:
    """The jars of the unpacked server if one is named, else those of the cache, fetched if need be."""
    if neo4j_home:
        return unpacked_class_path(neo4j_home, cache_dir)
    return cached_class_path(cache_dir, progress)


def _unusable(data_dir: Path, error: OSError) -> EmbeddedServerError:
    return EmbeddedServerError(
        f"Neo4j cannot use the data directory {data_dir}: {error}.",
        hint="Make room there, or set NEOLIGHT_DATA_DIR to another folder that you can write to.",
    )


def _described(home: Home, state: State) -> EmbeddedServer:
    password = read_password(home)
    if password is None:
        raise lost_password(home)
    return EmbeddedServer(
        uri=f"bolt://{HOST}:{state.bolt_port}",
        browser_url=f"http://{HOST}:{state.http_port}/browser/",
        username=USERNAME,
        password=password,
        version=state.version,
        pid=state.java.pid if state.java else 0,
        home=home.root,
        log=home.log,
    )


def _join(home: Home, options: ServerOptions, keep_running: bool) -> EmbeddedServer | None:
    state = live_state(home)
    if state is None or state.java is None:
        return None
    if not wait_for_bolt(state.java, state.bolt_port, options.start_timeout):
        if not state.java.alive:
            return None
        raise EmbeddedServerError(
            f"Neo4j runs (process {state.java.pid}) but does not answer on port {state.bolt_port}.",
            hint=f"Run `neolight neo4j stop`, then try again. Its log is {home.log}.",
        )
    server = _described(home, state)
    if read_state(home) != state:
        write_state(home, state)
    register_client(home, ProcessId.current())
    if keep_running:
        home.keep.touch()
    if not state.supervised:
        spawn_supervisor(home, state, options, adopt=True)
    return server


def _start(
    home: Home, class_path: ClassPath, options: ServerOptions, progress: Progress, keep_running: bool
) -> EmbeddedServer:
    register_client(home, ProcessId.current())
    home.keep.unlink(missing_ok=True)
    if keep_running:
        home.keep.touch()
    return _described(home, start(home, class_path, options, progress))
