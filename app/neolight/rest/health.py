"""Liveness and readiness."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from neolight.graph import documents
from neolight.rest.workspace import Dependencies, Workspace
from neolight.version import __version__

API_VERSION = "0344"
"""The version of LightRAG's API that these routes follow."""


router = APIRouter(tags=["health"])


@router.get("/health")
async def health(workspace: Workspace, deps: Dependencies) -> dict[str, Any]:
    """The process lives; Neo4j is not asked more than whether there is work."""
    pipeline = await documents.pipeline(deps.graph, workspace)
    return {
        "status": "healthy",
        "auth_mode": "disabled",
        "core_version": __version__,
        "api_version": API_VERSION,
        "pipeline_busy": pipeline.busy,
        "pipeline_active": pipeline.busy,
    }


@router.get("/ready")
async def ready(deps: Dependencies) -> dict[str, str]:
    """Neo4j answers; 503 where it does not."""
    await deps.graph.ping()
    return {"status": "ready"}
