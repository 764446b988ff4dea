"""Room on the disk: a database that runs out of it stops in the middle of a write."""

from __future__ import annotations

import shutil
from pathlib import Path

from neolight.errors import DiskFull

LEAST_MB = 512
"""Free space without which the server is not started and nothing is indexed; its transaction logs alone take half."""


def check_room(folder: Path, needed_mb: int = LEAST_MB) -> None:
    """Raises DiskFull where a folder's disk has less free space than is needed."""
    there = folder.expanduser().resolve()
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free >> 20
    if free < needed_mb:
        raise DiskFull(
            f"The disk of {folder} has {free} MB of free space, and {needed_mb} MB are needed.",
            hint="Make room there, or set NEOLIGHT_DATA_DIR and NEOLIGHT_CACHE_DIR to folders on a larger disk.",
        )
