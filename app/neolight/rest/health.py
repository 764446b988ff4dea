"""Liveness and readiness."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter

from neolight.errors import GraphUnavailable
from neolight.graph import documents
from neolight.rest.workspace import Dependencies, Workspace
from neolight.version import __version__

PATIENCE_SECONDS = 1.0
"""How long a liveness check waits for Neo4j to say whether there is work."""

API_VERSION = "0344"
"""The version of LightRAG's API that these routes follow."""


router = APIRouter(tags=["health"])


@router.get("/health")
async def health(workspace: Workspace, deps: Dependencies) -> dict[str, Any]:
    """The process lives, whether Neo4j answers or not: a restart of this process would not mend Neo4j."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            busy: bool | None = (await documents.pipeline(deps.graph, workspace)).busy
    except (GraphUnavailable, TimeoutError):
        busy = None
    return {
        "status": "healthy",
        "auth_mode": "disabled",
        "core_version": __version__,
        "api_version": API_VERSION,
        "pipeline_busy": bool(busy),
        "pipeline_active": bool(busy),
        "neo4j_available": busy is not None,
    }


@router.get("/ready")
async def ready(deps: Dependencies) -> dict[str, str]:
    """Neo4j answers; 503 where it does not."""
    await deps.graph.ping()
    return {"status": "ready"}
