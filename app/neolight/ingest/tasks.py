"""Tasks: their end, and waiting in them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

PATIENCE = 2.0
"""Seconds that tasks are given to end before they are cancelled once more."""


async def stop(tasks: Iterable[asyncio.Task[Any]], patience: float = PATIENCE) -> None:
    """Cancels tasks until each has ended.

    Once is not enough: a cancellation is lost where it meets code that takes it for the end of something else.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        ended, left = await asyncio.wait(left, timeout=patience)
        await asyncio.gather(*ended, return_exceptions=True)  # so that no error counts as never looked at


async def pause(event: asyncio.Event, seconds: float) -> None:
    """Waits for an event, but not longer than this.

    asyncio.wait_for would lose a cancellation that comes with the event, before Python 3.12.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
