"""GraphQL over HTTP and WebSocket, with GraphiQL for a browser."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import orjson
from fastapi import APIRouter, Depends, HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse
from strawberry import UNSET
from strawberry.exceptions import ConnectionRejectionError
from strawberry.fastapi import GraphQLRouter
from strawberry.http.types import QueryParams
from strawberry.http.websocket_origin import is_same_origin, normalize_origin
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from neolight.auth.asgi import check
from neolight.auth.principal import Role
from neolight.auth.responses import page_policy
from neolight.deps import Deps
from neolight.errors import NeolightError
from neolight.graphql import ide
from neolight.graphql.context import Context, Shared
from neolight.graphql.poller import Poller
from neolight.graphql.schema import build

INIT_TIMEOUT = timedelta(seconds=10)
"""How long a WebSocket may say nothing about who it is."""


class Router(GraphQLRouter[Context, None]):
    """Strawberry's router, which refuses a WebSocket of a stranger, and one for a workspace that cannot be."""

    async def on_ws_connect(self, context: Context) -> Any:
        """Checks the credentials and the workspace that `connection_init` names."""
        try:
            check(context.principal, Role.READER)
            _ = context.workspace
        except NeolightError as error:
            raise ConnectionRejectionError({"message": str(error), "code": error.code}) from error
        return await super().on_ws_connect(context)

    async def render_graphql_ide(self, request: Request) -> HTMLResponse:
        """GraphiQL, with addresses relative to its own, so that it also works behind a proxy that adds a path."""
        path = request.url.path
        page = ide.page("ide" if path.endswith("/") else f"{path.rpartition('/')[2]}/ide")
        return HTMLResponse(page, headers={"Content-Security-Policy": page_policy(page)})

    def encode_json(self, data: object) -> str:
        """As the rest of the server writes JSON; a WebSocket sends bytes as binary, which no client expects."""
        return orjson.dumps(data).decode()

    def decode_json(self, data: str | bytes) -> object:
        """As strict as JSON is: no half characters, nothing nested without end. Raises JSONDecodeError."""
        return orjson.loads(data)

    def parse_json(self, data: str | bytes) -> Any:
        """The JSON of a request, which is an object, or a list of objects."""
        try:
            parsed = self.decode_json(data)
        except orjson.JSONDecodeError as error:
            raise HTTPException(400, f"The request is no JSON: {error}.") from None
        if not all(isinstance(one, dict) for one in (parsed if isinstance(parsed, list) else [parsed])):
            raise HTTPException(400, "The request is no JSON object.")
        return parsed

    def parse_query_params(self, params: QueryParams) -> dict[str, Any]:
        """The parameters of a GET; those that are null are not given."""
        return super().parse_query_params({name: value for name, value in params.items() if value != "null"})

    async def run(self, request: Any, context: Any = UNSET, root_value: Any = UNSET) -> Any:
        """Answers a request, and lets go of the files that came with it."""
        try:
            return await super().run(request, context, root_value)
        finally:
            if isinstance(request, Request):
                await request.close()


def graphql_router(deps: Deps, *, default_workspace: str, allowed_origins: Sequence[str] = ()) -> APIRouter:
    """The routes of GraphQL; pages of other sites may use them only if they are in `allowed_origins`."""
    shared = Shared(deps, default_workspace, Poller(deps.graph))
    allowed = frozenset(normalize_origin(origin) for origin in allowed_origins)

    async def context() -> Context:
        return Context(shared)

    async def refuse_foreign_forms(connection: HTTPConnection) -> None:
        """A form, unlike JSON, can be sent by a page of any site without being asked whether it may."""
        headers = connection.headers
        origin = headers.get("origin")
        if origin is None or not headers.get("content-type", "").startswith("multipart/"):
            return
        if not is_same_origin(origin, headers.get("host")) and normalize_origin(origin) not in allowed:
            raise HTTPException(403, f"Pages of {origin} may not send files here; see NEOLIGHT_CORS_ORIGINS.")

    router = Router(
        build(),
        context_getter=context,
        subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
        multipart_uploads_enabled=True,
        dependencies=[Depends(refuse_foreign_forms)],
        allowed_origins=allowed_origins,
        connection_init_wait_timeout=INIT_TIMEOUT,
    )
    router.include_router(ide.files_router())
    return router
