"""How many hostile inputs of each class the tests have tried; the summary of a test run shows it.

An input that gets through fails its test, so the figures of a run that passes are those of inputs that were stopped.
"""

from __future__ import annotations

from collections import Counter

import figures

TRIED: Counter[str] = Counter()
CONTROLS: Counter[str] = Counter()

ENOUGH = 50
"""Hostile inputs that a class is to have at least."""


def tried(kind: str, count: int = 1) -> None:
    """Notes that so many inputs of a class were stopped."""
    TRIED[kind] += count


def control(kind: str) -> None:
    """Notes that a control of a class passed: the same without the harm is let in, or the check sees the harm."""
    CONTROLS[kind] += 1


def table() -> list[str]:
    """The figures, a line for each class."""
    return [f"{TRIED[kind]:>6} tried, 0 through, {CONTROLS[kind]} controls: {kind}" for kind in sorted(TRIED)]


figures.SECTIONS["hostile inputs"] = table
