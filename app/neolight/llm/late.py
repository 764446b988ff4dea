"""The client of remote models, loaded when it is first used: it takes as long as all else that a command loads."""

from __future__ import annotations

import importlib
from typing import Any


def __getattr__(name: str) -> Any:
    """What the package `openai` has by that name."""
    return getattr(importlib.import_module("openai"), name)
