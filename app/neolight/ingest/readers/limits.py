"""How much a file may cost to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """What reading one file may take: seconds, and megabytes of memory beside the program itself."""

    seconds: float = 300.0
    memory_mb: int = 1024
    parser: str = "builtin"
    """`docling` for its analysis of layout and its text recognition, where it is installed."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    """All that the reading processes see of the environment: no keys and passwords."""
