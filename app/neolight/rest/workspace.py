"""What a request is for: the dependencies of the application, and the workspace that its headers name."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Depends, Header, Request

from neolight.deps import Deps
from neolight.sources import workspace_name


def deps_of(request: Request) -> Deps:
    """The dependencies that the application was started with."""
    return request.app.state.deps


def workspace_of(
    request: Request,
    x_workspace: Annotated[str | None, Header()] = None,
    lightrag_workspace: Annotated[str | None, Header()] = None,
) -> str:
    """The workspace that the headers X-Workspace or LIGHTRAG-WORKSPACE name, else the default one."""
    return workspace_name(x_workspace or lightrag_workspace or request.app.state.default_workspace)


Dependencies: TypeAlias = Annotated[Deps, Depends(deps_of)]
Workspace: TypeAlias = Annotated[str, Depends(workspace_of)]
