"""What any worker does now and then for all: frees what dead workers held, deletes what is due, ends idle runs."""

from __future__ import annotations

import logging
import os
import socket

import psutil

from neolight.deps import Deps
from neolight.graph import document_life, documents, jobs, writer

log = logging.getLogger(__name__)

TOGETHER = 100
"""Documents whose retention date has passed that are deleted at once."""


def owner_of(pid: int) -> str:
    """How a worker signs its leases: host, process id and the process's start time."""
    return f"{socket.gethostname()}:{pid}:{psutil.Process(pid).create_time():.2f}"


def own_name() -> str:
    """How a worker of this process signs its leases."""
    return owner_of(os.getpid())


def is_gone(owner: str) -> bool:
    """Whether the worker of a lease ran on this host and is no longer alive."""
    host, _, rest = owner.rpartition(":")[0].rpartition(":")
    if host != socket.gethostname() or not rest.isdigit():
        return False
    try:
        return owner_of(int(rest)) != owner
    except psutil.NoSuchProcess:
        return True


async def release_dead(deps: Deps) -> None:
    """Queues again what workers of this host had claimed that were killed. Raises GraphUnavailable."""
    here = [owner for owner in await documents.owners(deps.graph) if is_gone(owner)]
    if here:
        count = await documents.release(deps.graph, here)
        log.warning("%d documents of a worker that was killed are queued again.", count)


async def delete_expired(deps: Deps) -> list[str]:
    """Deletes documents whose retention date has passed; returns their ids. Raises GraphUnavailable."""
    gone: list[str] = []
    for workspace, ids in (await document_life.expired(deps.graph, limit=TOGETHER)).items():
        async with deps.writing:
            gone += await writer.expire(deps.graph, workspace, ids)
    if gone:
        log.info("Deleted %d documents whose retention date has passed.", len(gone))
    return gone


async def tidy(deps: Deps) -> None:
    """Deletes what is due, and ends runs of the pipeline of which nothing is left. Raises GraphUnavailable."""
    await delete_expired(deps)
    await jobs.end_idle(deps.graph)
