"""Liveness and readiness."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request

from neolight.auth.asgi import guard_of, principal_of
from neolight.auth.principal import Role
from neolight.errors import GraphUnavailable
from neolight.graph import documents
from neolight.rest.customization import DESCRIPTION, TITLE
from neolight.rest.folder import folders_of
from neolight.rest.workspace import Dependencies, Workspace
from neolight.version import __version__

PATIENCE_SECONDS = 1.0
"""How long a liveness check waits for Neo4j to say whether there is work."""

API_VERSION = "0344"
"""The version of LightRAG's API that these routes follow."""


router = APIRouter(tags=["health"])


@router.get("/health")
async def health(request: Request, workspace: Workspace, deps: Dependencies) -> dict[str, Any]:
    """The process lives, whether Neo4j answers or not: a restart of this process would not mend Neo4j.

    Those who may read are also told the configuration, and admins where files are.
    """
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            state = await documents.pipeline(deps.graph, workspace)
    except (GraphUnavailable, TimeoutError):
        state = None
    busy = state is not None and state.busy
    told: dict[str, Any] = {
        "status": "healthy",
        "auth_mode": "enabled" if guard_of(request).has_accounts else "disabled",
        "core_version": __version__,
        "api_version": API_VERSION,
        "webui_available": False,
        "workspace_available": False,
        "api_docs_available": True,
        "webui_title": TITLE,
        "webui_description": DESCRIPTION,
        "ai_content_notice_enabled": False,
        "pipeline_busy": busy,
        "pipeline_active": busy,
        "neo4j_available": state is not None,
    }
    role = principal_of(request).role
    if role >= Role.READER:
        named = {"workspace": workspace, "embedding_model": deps.embeddings.name}
        configuration = {**request.app.state.configuration, **named}
        told |= {"pipeline_pending_enqueues": state.pending if state else 0, "configuration": configuration}
    if role >= Role.ADMIN:
        folder = next((path for path, _ in folders_of(deps.files, workspace)), None)
        told |= {"input_directory": str(folder) if folder else None}
        told |= {"working_directory": str(guard_of(request).options.data_dir)}
    return told


@router.get("/ready")
async def ready(deps: Dependencies) -> dict[str, str]:
    """Neo4j answers; 503 where it does not."""
    await deps.graph.ping()
    return {"status": "ready"}
