"""The REST API, compatible with LightRAG's."""

from __future__ import annotations

from fastapi import APIRouter

from neolight.rest import auth, conflicts, customization, documents, edits, graph, health, pipeline, query, scan
from neolight.rest.schemas import Problem
from neolight.rest.workspace import CREDENTIALS


def rest_router() -> APIRouter:
    """All REST routes; they find their dependencies in the application's state."""
    router = APIRouter(dependencies=CREDENTIALS, responses={"default": {"model": Problem, "description": "An error."}})
    for module in (auth, health, documents, pipeline, scan, conflicts, query, graph, edits, customization):
        router.include_router(module.router)
    return router
