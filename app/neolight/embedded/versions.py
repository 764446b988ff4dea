"""Which Neo4j a database was last used by: a newer one upgrades it, an older one cannot read it."""

from __future__ import annotations

import re
from pathlib import Path

from neolight.embedded.layout import Home
from neolight.embedded.state import replace_file


def last_version(home: Home) -> str | None:
    """The version that last ran on this data, if that is known."""
    try:
        return _note(home).read_text("utf-8").strip() or None
    except OSError:
        return None


def note_version(home: Home, version: str) -> None:
    """Notes the version that runs on this data."""
    if last_version(home) != version:
        replace_file(_note(home), version + "\n")


def older(version: str, other: str) -> bool:
    """Whether a version such as 2026.09.0 comes before another."""
    return _numbers(version) < _numbers(other)


def _note(home: Home) -> Path:
    return home.data / "version"


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
