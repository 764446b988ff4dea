"""What a request brings along: the dependencies, the workspace it is for, and its data loaders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias, cast

import strawberry
from starlette.websockets import WebSocket
from strawberry.fastapi import BaseContext

from neolight.auth.asgi import guard_of, principal_of, wanted_workspace
from neolight.auth.guard import Credentials
from neolight.auth.principal import Principal
from neolight.deps import Deps
from neolight.errors import Forbidden
from neolight.graphql.loaders import Loaders
from neolight.graphql.poller import Poller
from neolight.sources import workspace_name


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
    def principal(self) -> Principal:
        """Who asks: as `connection_init` says, else as the headers do. Raises Unauthenticated, Forbidden."""
        if self.request is None:
            raise Forbidden("GraphQL is reached by a request only.")
        shown = Credentials.of_connection(self._connection)
        if shown and isinstance(self.request, WebSocket):
            return guard_of(self.request).identify(shown).principal
        return principal_of(self.request)

    @cached_property
    def workspace(self) -> str:
        """The workspace: of `connection_init`, else of the header, else the default one.

        Raises InvalidInput, Forbidden.
        """
        wanted = self._connection.get("workspace")
        if wanted is None and self.request:
            wanted = wanted_workspace(self.request.headers)
        if wanted:
            workspace_name(str(wanted))
        chosen = self.principal.workspace(str(wanted) if wanted else None, self.shared.default_workspace)
        return workspace_name(chosen)

    @property
    def _connection(self) -> Mapping[str, Any]:
        params = cast("Any", self.connection_params)
        return params if isinstance(params, dict) else {}

    @cached_property
    def loaders(self) -> Loaders:
        """The data loaders. A connection lives long, so its loaders batch but remember nothing."""
        remember = not isinstance(self.request, WebSocket)
        return Loaders(self.deps, self.workspace, remember=remember)


Info: TypeAlias = strawberry.Info[Context, None]
