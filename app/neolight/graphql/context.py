"""What a request brings along: the dependencies, the workspace it is for, and its data loaders."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias, cast

import strawberry
from starlette.websockets import WebSocket
from strawberry.fastapi import BaseContext

from neolight.deps import Deps
from neolight.graphql.loaders import Loaders
from neolight.graphql.poller import Poller
from neolight.sources import workspace_name

HEADER = "X-Workspace"


@dataclass(frozen=True, slots=True)
class Shared:
    """What all requests of a process share."""

    deps: Deps
    default_workspace: str
    poller: Poller


class Context(BaseContext):
    """One HTTP request, or one WebSocket connection with all its operations."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self.shared = shared

    @property
    def deps(self) -> Deps:
        """The dependencies of the application."""
        return self.shared.deps

    @cached_property
    def workspace(self) -> str:
        """The workspace: of `connection_init`, else of the header, else the default one. Raises InvalidInput."""
        wanted = self._of_connection() or (self.request.headers.get(HEADER) if self.request else None)
        return workspace_name(wanted or self.shared.default_workspace)

    def _of_connection(self) -> str | None:
        params = cast("Any", self.connection_params)
        value = params.get("workspace") if isinstance(params, dict) else None
        return None if value is None else str(value)

    @cached_property
    def loaders(self) -> Loaders:
        """The data loaders. A connection lives long, so its loaders batch but remember nothing."""
        remember = not isinstance(self.request, WebSocket)
        return Loaders(self.deps, self.workspace, remember=remember)


Info: TypeAlias = strawberry.Info[Context, None]
