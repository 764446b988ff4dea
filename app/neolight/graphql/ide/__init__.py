"""GraphiQL for a browser, from this package's own files: it needs no network, and no other site's scripts run in it.

The files are those of graphiql 3.8.3, @graphiql/plugin-explorer 1.0.2, react and react-dom 18.2.0 as their npm packages
have them, compressed with `gzip -9n`.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
FILES = {
    file.name.removesuffix(".gz"): TYPES[Path(file.name.removesuffix(".gz")).suffix] for file in FOLDER.glob("*.gz")
}
_CACHED = {"Cache-Control": "public, max-age=86400", "Vary": "Accept-Encoding"}


@cache
def page(files: str) -> str:
    """The page, which finds its files under an address."""
    return (FOLDER / "page.html").read_text("utf-8").replace("{{files}}", files)


def files_router() -> APIRouter:
    """The routes of the page's files."""
    router = APIRouter()

    @router.get("/ide/{name}", include_in_schema=False)
    async def file(name: str, request: Request) -> Response:
        if name not in FILES:
            raise HTTPException(404)
        packed = _packed(name)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(packed, media_type=FILES[name], headers={**_CACHED, "Content-Encoding": "gzip"})
        return Response(gzip.decompress(packed), media_type=FILES[name], headers=_CACHED)

    return router


@cache
def _packed(name: str) -> bytes:
    return (FOLDER / f"{name}.gz").read_bytes()
