"""What LightRAG's web UI asks about its looks: nothing is customized."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from neolight.errors import NotFound

TITLE = "Neolight"
DESCRIPTION = "Answers with citations from your documents, by a knowledge graph in Neo4j"

router = APIRouter(prefix="/ui/customization", tags=["ui"])


@router.get("")
async def customization(locale: str = "") -> dict[str, Any]:
    """The title and the description, and that nothing else is customized."""
    return {"customized": False, "brand": {"title": TITLE, "description": DESCRIPTION}}


@router.get("/assets/{asset_hash}/{asset_id}")
async def asset(asset_hash: str, asset_id: str) -> dict[str, Any]:
    """No asset: nothing is customized. Always 404."""
    raise NotFound("There are no assets, because nothing is customized.")
