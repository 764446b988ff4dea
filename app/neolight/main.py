"""The server: one application with GraphQL, REST and a worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from neolight import auth
from neolight.auth.bodies import Bodies, BodyLimits
from neolight.auth.responses import Headed, error_response
from neolight.errors import NeolightError
from neolight.facts import configuration
from neolight.graphql import graphql_router
from neolight.ingest.worker import Worker
from neolight.mcp import serving
from neolight.ollama import ollama_router
from neolight.rest import rest_router
from neolight.rest.examples import with_examples
from neolight.rest.invalid import invalid_response
from neolight.rest.workspace import CREDENTIALS
from neolight.retrieval.warm import warm_up
from neolight.settings import Settings
from neolight.start import opened
from neolight.version import __version__

METHODS = ("GET", "POST", "DELETE")
ALLOWED = ("Authorization", "Content-Type", "X-API-Key", "X-Workspace", "LIGHTRAG-WORKSPACE", "Mcp-Session-Id")
EXPOSED = ("X-New-Token", "Retry-After", "Mcp-Session-Id")


class Application(FastAPI):
    """FastAPI behind the guard, which also covers what FastAPI answers by itself, such as errors."""

    guard: auth.Guard
    body_limits: BodyLimits

    def openapi(self) -> dict[str, Any]:
        """The description of the API, with examples."""
        if self.openapi_schema is None:
            self.openapi_schema = with_examples(super().openapi())
        return self.openapi_schema

    def build_middleware_stack(self) -> ASGIApp:
        """The application with everything around it: a request passes from the last line to the first."""
        app: ASGIApp = Bodies(super().build_middleware_stack(), self.body_limits)
        app = auth.Guarded(app, self.guard)
        origins = self.guard.options.allowed_origins
        if origins:
            app = CORSMiddleware(app, origins, allow_methods=METHODS, allow_headers=ALLOWED, expose_headers=EXPOSED)
        return Headed(app)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application; Neo4j is reached, and the worker started, when it starts up."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            deps = await stack.enter_async_context(opened(settings))
            await stack.enter_async_context(Worker(deps).running())
            app.state.deps = deps
            app.router.routes.extend(await stack.enter_async_context(serving(deps)))
            app.include_router(
                graphql_router(deps, default_workspace=settings.workspace, allowed_origins=settings.cors_origins),
                prefix="/graphql",
            )
            warming = asyncio.create_task(warm_up(deps, settings.workspace), name="warm-up")
            stack.push_async_callback(_ended, warming)
            yield

    app = Application(
        title="Neolight",
        version=__version__,
        lifespan=lifespan,
        root_path=settings.root_path,
        swagger_ui_parameters={"persistAuthorization": True},
    )
    app.guard = guard_of(settings)
    app.body_limits = BodyLimits(upload=settings.max_upload_mb << 20)
    app.state.default_workspace = settings.workspace
    app.state.configuration = configuration(settings)
    app.state.scans = set()
    app.include_router(rest_router())
    app.include_router(ollama_router, dependencies=CREDENTIALS)
    app.add_exception_handler(NeolightError, _error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _error)
    app.add_api_route("/", _home, include_in_schema=False)
    return app


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


async def _home() -> RedirectResponse:
    return RedirectResponse("/graphql")


async def _error(_: Request, error: Exception) -> JSONResponse:
    return error_response(error)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError), error
    return invalid_response(error)


def guard_of(settings: Settings) -> auth.Guard:
    """The guard that the settings describe. Raises ConfigurationError."""
    secret = settings.token_secret
    return auth.build(
        auth.Options(
            data_dir=settings.data_dir,
            default_workspace=settings.workspace,
            accounts=settings.accounts.get_secret_value(),
            api_keys=settings.api_keys.get_secret_value(),
            token_secret=secret.get_secret_value() if secret else None,
            token_hours=settings.token_hours,
            guest_token_hours=settings.guest_token_hours,
            whitelist=settings.whitelist,
            rate_limit=settings.rate_limit,
            allowed_origins=settings.cors_origins,
            local=settings.host in ("127.0.0.1", "::1", "localhost"),
        )
    )
