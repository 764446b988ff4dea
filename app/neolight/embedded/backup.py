"""Writes the embedded database to a file, and reads it back."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Generator
from pathlib import Path

from neolight.embedded.admin import run_admin
from neolight.embedded.config import conf_text
from neolight.embedded.disk import LEAST_MB, check_room
from neolight.embedded.jars import ClassPath
from neolight.embedded.layout import Home, Progress, ServerOptions, silent
from neolight.embedded.ports import BOLT_PORT, HTTP_PORT
from neolight.embedded.server import class_path_of, locked, make_home
from neolight.embedded.state import live_state, read_state, replace_file
from neolight.errors import EmbeddedServerError, NotFound

_TIMEOUT = 6 * 3600.0

_BEGINNINGS = (b"DZV1", b"DGV1", b"\x28\xb5\x2f\xfd", b"\x1f\x8b")
"""Of a dump, compressed by zstd or gzip; those of older servers have no mark of their own before that."""


def dump(
    data_dir: Path, cache_dir: Path, target: Path, *, neo4j_home: Path | None = None, progress: Progress = silent
) -> None:
    """Writes the database to a file, which replaces what was there once it is whole; the server must be stopped."""
    home, class_path = make_home(data_dir), class_path_of(neo4j_home, cache_dir, progress)
    draft = target.with_name(f".{target.name}.{os.getpid()}.draft")
    with locked(home, progress):
        _prepare(home, class_path)
        if not (home.data / "databases" / "neo4j").is_dir():
            raise EmbeddedServerError(f"There is no database in {home.data} yet.", hint="Index a document first.")
        progress("Dumping the database", None)
        try:
            with draft.open("wb") as file:
                run_admin(
                    home, class_path, "database", "dump", "neo4j", "--to-stdout", stdout=file.fileno(), timeout=_TIMEOUT
                )
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)


def load(
    data_dir: Path, cache_dir: Path, source: Path, *, neo4j_home: Path | None = None, progress: Progress = silent
) -> None:
    """Replaces the database by one from a file that `dump` wrote; the server must be stopped.

    If that fails, the database is as it was. Raises EmbeddedServerError, NotFound.
    """
    check_dump(source)
    home, class_path = make_home(data_dir), class_path_of(neo4j_home, cache_dir, progress)
    check_room(data_dir, LEAST_MB + 2 * (source.stat().st_size >> 20))
    with locked(home, progress), source.open("rb") as file:
        _prepare(home, class_path)
        progress("Loading the database", None)
        with _kept_if_it_fails(home):
            arguments = ("database", "load", "neo4j", "--from-stdin", "--overwrite-destination=true")
            run_admin(home, class_path, *arguments, stdin=file.fileno(), timeout=_TIMEOUT)
            home.loaded.touch()


def check_dump(source: Path) -> None:
    """Raises NotFound where there is no file, EmbeddedServerError where it is no dump or cannot be read."""
    hint = "Name one that `neolight neo4j dump` wrote."
    if not source.is_file():
        raise NotFound(f"There is no file {source}.", hint=hint)
    try:
        with source.open("rb") as file:
            beginning = file.read(4)
    except OSError as error:
        raise EmbeddedServerError(
            f"{source} cannot be read: {error.strerror}.", hint="Check its permissions."
        ) from error
    if not beginning.startswith(_BEGINNINGS):
        raise EmbeddedServerError(f"{source} is no dump of a database.", hint=hint)


def holds_data(data_dir: Path) -> bool:
    """Whether there is a database that `load` would replace."""
    return (Home.of(data_dir).data / "databases" / "neo4j").is_dir()


@contextlib.contextmanager
def _kept_if_it_fails(home: Home) -> Generator[None]:
    """Sets the database aside for the block, and puts it back if the block fails."""
    places = [home.data / kind / "neo4j" for kind in ("databases", "transactions")]
    aside = [place.with_name("neo4j.before-load") for place in places]
    for place, kept in zip(places, aside, strict=True):
        shutil.rmtree(kept, ignore_errors=True)
        if place.exists():
            place.rename(kept)
    try:
        yield
    except BaseException:
        for place, kept in zip(places, aside, strict=True):
            shutil.rmtree(place, ignore_errors=True)
            if kept.exists():
                kept.rename(place)
        raise
    for kept in aside:
        shutil.rmtree(kept, ignore_errors=True)


def _prepare(home: Home, class_path: ClassPath) -> None:
    if live_state(home):
        raise EmbeddedServerError(
            "The database is in use: its server runs.", hint="Run `neolight neo4j stop`, then try again."
        )
    known = read_state(home)
    ports = (known.bolt_port, known.http_port) if known else (BOLT_PORT, HTTP_PORT)
    replace_file(home.config, conf_text(home, class_path.version, ports, ServerOptions()))
