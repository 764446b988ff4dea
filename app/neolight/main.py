"""The server: one application with GraphQL, REST and a worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse

from neolight.errors import NeolightError, public
from neolight.graphql import graphql_router
from neolight.ingest.worker import Worker
from neolight.rest import rest_router
from neolight.retrieval.warm import warm_up
from neolight.settings import Settings
from neolight.start import opened
from neolight.version import __version__


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application; Neo4j is reached, and the worker started, when it starts up."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            deps = await stack.enter_async_context(opened(settings))
            await stack.enter_async_context(Worker(deps).running())
            app.state.deps = deps
            app.include_router(
                graphql_router(deps, default_workspace=settings.workspace, allowed_origins=settings.cors_origins),
                prefix="/graphql",
            )
            warming = asyncio.create_task(warm_up(deps, settings.workspace), name="warm-up")
            stack.push_async_callback(_ended, warming)
            yield

    app = FastAPI(title="Neolight", version=__version__, lifespan=lifespan, root_path=settings.root_path)
    app.state.default_workspace = settings.workspace
    app.state.scans = set()
    app.include_router(rest_router())
    app.add_exception_handler(NeolightError, _error)
    app.add_exception_handler(Exception, _error)
    app.add_api_route("/", _home, include_in_schema=False)
    return app


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


async def _home() -> RedirectResponse:
    return RedirectResponse("/graphql")


async def _error(_: Request, error: Exception) -> JSONResponse:
    """An error as JSON: `detail` says what and what to do, `code` is for programs."""
    shown = public(error)
    detail = f"{shown.message} {shown.hint}" if shown.hint else shown.message
    return JSONResponse({"detail": detail, "code": shown.code}, status_code=shown.status)
