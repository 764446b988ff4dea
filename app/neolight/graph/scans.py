"""Scans of the input folder, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from neolight.graph import keys
from neolight.graph.gateway import Graph
from neolight.graph.query import query

SILENCE_SECONDS = 60
"""A running scan that has not been heard of for so long was abandoned."""

KEPT = 50
"""Scans of a workspace that are remembered."""


@dataclass(frozen=True, slots=True)
class ScanId:
    """The id of a scan."""

    id: str


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan: how many files it found, queued, left alone and refused, with some of their names."""

    id: str
    status: Literal["running", "completed", "failed", "abandoned"]
    message: str
    created_at: datetime
    updated_at: datetime
    version: int
    found: int
    queued: int
    unchanged: int
    refused: int
    queued_files: tuple[str, ...]
    refused_files: tuple[str, ...]


START = query("scans/start", ScanId)
UPDATE = query("scans/update", ScanId)
GET = query("scans/get", Scan)


async def start(graph: Graph, workspace: str, id_: str) -> bool:
    """Begins a scan; false where one is running."""
    params = {"workspace": workspace, "scope": keys.scope(workspace), "id": id_}
    return await graph.fetch_one(START, **params, seconds=SILENCE_SECONDS, kept=KEPT) is not None


async def update(graph: Graph, workspace: str, id_: str, row: Mapping[str, object]) -> None:
    """Records how far a scan is."""
    await graph.fetch(UPDATE, workspace=workspace, id=id_, row=dict(row))


async def get(graph: Graph, workspace: str, id_: str) -> Scan | None:
    """A scan."""
    return await graph.fetch_one(GET, workspace=workspace, id=id_, seconds=SILENCE_SECONDS)
