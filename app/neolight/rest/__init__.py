"""The REST API, compatible with LightRAG's."""

from __future__ import annotations

from fastapi import APIRouter

from neolight.rest import documents, health, query


def rest_router() -> APIRouter:
    """All REST routes; they find their dependencies in the application's state."""
    router = APIRouter()
    for module in (health, documents, query):
        router.include_router(module.router)
    return router
