"""Keeps processes from doing the same work at the same time."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from pathlib import Path

from filelock import FileLock, Timeout

from neolight.embedded.layout import Progress, silent
from neolight.errors import EmbeddedServerError


@contextlib.contextmanager
def exclusive(path: Path, doing: str, timeout: float, progress: Progress = silent) -> Generator[None]:
    """Holds a lock file, which the system frees when its holder dies; `doing` is what the other one is doing."""
    lock = FileLock(path)
    try:
        try:
            lock.acquire(timeout=min(0.5, timeout))
        except Timeout:
            progress(f"Waiting for another process that is {doing}", None)
            lock.acquire(timeout=timeout)
    except Timeout as error:
        raise EmbeddedServerError(
            f"Another process has been {doing} for {timeout:.0f} seconds.",
            hint=f"Wait for it or end it, then try again. It holds {path}.",
        ) from error
    try:
        yield
    finally:
        lock.release()
