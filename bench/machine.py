"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path

import psutil

from neolight.version import __version__


def facts() -> dict[str, str]:
    """The machine, the versions, the date and the command, for the head of a result."""
    return {
        "command": shlex.join(["python", f"bench/{Path(sys.argv[0]).name}", *sys.argv[1:]]),
        "date": datetime.now(UTC).date().isoformat(),
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "neolight": __version__,
    }


def cpu_seconds(pid: int) -> float:
    """The processor time that a process has used."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def resident_mb(pid: int) -> float:
    """The memory that a process holds."""
    return psutil.Process(pid).memory_info().rss / 1e6


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
