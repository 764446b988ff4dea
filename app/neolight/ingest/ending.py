"""The end of tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

PATIENCE = 2.0
"""Seconds that tasks are given to end before they are cancelled once more."""


async def stop(tasks: Iterable[asyncio.Task[None]], patience: float = PATIENCE) -> None:
    """Cancels tasks until each has ended.

    Once is not enough: a cancellation is lost where it meets code that takes it for the end of something else.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        ended, left = await asyncio.wait(left, timeout=patience)
        await asyncio.gather(*ended, return_exceptions=True)  # so that no error counts as never looked at
