"""What a request is for: the dependencies of the application, and the workspace that its headers name."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Depends, Header, Request, Security
from fastapi.security import APIKeyHeader, OAuth2PasswordBearer

from neolight.auth.asgi import principal_of
from neolight.auth.principal import Principal
from neolight.deps import Deps
from neolight.sources import workspace_name

CREDENTIALS = [
    Security(OAuth2PasswordBearer(tokenUrl="login", auto_error=False)),
    Security(APIKeyHeader(name="X-API-Key", auto_error=False)),
]
"""What /docs offers to log in with. The guard has checked them before a route is reached."""


def deps_of(request: Request) -> Deps:
    """The dependencies that the application was started with."""
    return request.app.state.deps


def workspace_of(
    request: Request,
    x_workspace: Annotated[str | None, Header()] = None,
    lightrag_workspace: Annotated[str | None, Header()] = None,
) -> str:
    """The workspace that X-Workspace or LIGHTRAG-WORKSPACE names, else the principal's or the default one."""
    wanted = x_workspace or lightrag_workspace
    if wanted:
        workspace_name(wanted)
    return workspace_name(principal_of(request).workspace(wanted, request.app.state.default_workspace))


Dependencies: TypeAlias = Annotated[Deps, Depends(deps_of)]
Workspace: TypeAlias = Annotated[str, Depends(workspace_of)]
Caller: TypeAlias = Annotated[Principal, Depends(principal_of)]
