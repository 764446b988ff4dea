"""Runs the server in the foreground."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from typing import NoReturn, TextIO

from neolight.embedded.layout import EmbeddedServer, Home, Progress, ServerOptions, silent
from neolight.embedded.processes import ProcessId
from neolight.embedded.server import ensure, status, stop
from neolight.errors import EmbeddedServerError

_POLL_SECONDS = 0.2


def console(
    data_dir: Path,
    cache_dir: Path,
    *,
    neo4j_home: Path | None = None,
    progress: Progress = silent,
    options: ServerOptions | None = None,
    out: TextIO | None = None,
) -> None:
    """Starts the server and shows its log until Ctrl-C or the end of the server; then it is stopped."""
    running = status(data_dir)
    if running:
        raise EmbeddedServerError(
            f"Neo4j already runs here, at {running.uri}.", hint="Run `neolight neo4j stop` first."
        )
    home, ended = Home.of(data_dir), threading.Event()
    follower = threading.Thread(target=_follow, args=(home.log, out or sys.stdout, ended), daemon=True)
    on_term = (
        signal.signal(signal.SIGTERM, _interrupt) if threading.current_thread() is threading.main_thread() else None
    )
    try:
        follower.start()
        server = ensure(
            data_dir, cache_dir, neo4j_home=neo4j_home, progress=progress, options=options or ServerOptions()
        )
        _wait(server)
    except KeyboardInterrupt:
        progress("Stopping Neo4j", None)
    finally:
        stop(data_dir)
        ended.set()
        follower.join(5)
        if on_term is not None:
            signal.signal(signal.SIGTERM, on_term)


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _wait(server: EmbeddedServer) -> None:
    java = ProcessId.of(server.pid)
    while java and not java.wait(3600):
        pass


def _follow(log: Path, out: TextIO, ended: threading.Event) -> None:
    """Copies what is appended to a log, also across its rotation, until told to end."""
    position = log.stat().st_size if log.exists() else 0
    last = False
    while not last:
        last = ended.wait(_POLL_SECONDS)
        size = log.stat().st_size if log.exists() else 0
        if size < position:
            position = 0
        if size > position:
            with log.open("rb") as file:
                file.seek(position)
                text = file.read(size - position)
            position += len(text)
            out.write(text.decode("utf-8", "replace"))
            out.flush()
