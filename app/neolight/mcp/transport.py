"""How the tools are reached: over HTTP as a route of the application, or on standard input and output."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from mcp.server.transport_security import TransportSecuritySettings
from starlette.requests import Request
from starlette.routing import BaseRoute

from neolight.auth.asgi import check, principal_of
from neolight.auth.permissions import of_tool
from neolight.deps import Deps
from neolight.mcp.server import Call, mcp_server
from neolight.rest.workspace import workspace_of

PATH = "/mcp"
MOST_BYTES = 8 << 20
"""Bytes of one message."""

NO_HOST_LIST = TransportSecuritySettings(enable_dns_rebinding_protection=False)
"""Which hosts and origins may ask is the whole application's matter, not that of this one route."""


@asynccontextmanager
async def serving(deps: Deps) -> AsyncGenerator[list[BaseRoute]]:
    """The routes of the tools, which answer while the block runs. No session is kept: any process may answer."""
    server = mcp_server(deps, _of_request)
    application = server.streamable_http_app(
        streamable_http_path=PATH,
        stateless_http=True,
        json_response=True,
        max_request_body_size=MOST_BYTES,
        transport_security=NO_HOST_LIST,
    )
    async with server.session_manager.run():
        yield list(application.routes)


async def speaking(deps: Deps, workspace: str) -> None:
    """Serves the tools for one workspace on standard input and output, until the input ends."""
    await mcp_server(deps, lambda _call, _tool: workspace).run_stdio_async()


def _of_request(call: Call, tool: str) -> str:
    """The workspace that the headers of a call name, if its caller may use the tool. Raises InvalidInput, Forbidden."""
    request = call.request_context.request
    if not isinstance(request, Request):
        raise TypeError("A call over HTTP comes with its request.")
    check(principal_of(request), of_tool(tool))
    headers = request.headers
    return workspace_of(request, headers.get("x-workspace"), headers.get("lightrag-workspace"))
