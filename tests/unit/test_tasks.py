"""Tasks end though a cancellation gets lost."""

from __future__ import annotations

import asyncio

from neolight.ingest.tasks import pause, stop


async def test_a_task_that_loses_a_cancellation_ends_nevertheless() -> None:
    cancelled = 0

    async def stubborn() -> None:
        nonlocal cancelled
        while cancelled < 3:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                cancelled += 1
        raise ValueError("an error at the end is nobody's")

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await stop([task], patience=0.01)
    assert task.done()
    assert cancelled == 3


async def test_nothing_to_stop() -> None:
    await stop([])


async def test_waiting_does_not_lose_a_cancellation_that_comes_with_the_event() -> None:
    event = asyncio.Event()

    async def rounds() -> None:
        await pause(event, 60)
        await asyncio.sleep(60)

    for turns in range(4):
        event.clear()
        task = asyncio.create_task(rounds())
        await asyncio.sleep(0.01)
        event.set()
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=5)
        assert done
        assert task.cancelled()
