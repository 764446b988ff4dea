"""Who may do what: accounts, tokens, API keys, and the guard before every interface."""

from __future__ import annotations

from neolight.auth.asgi import Guarded, principal_of
from neolight.auth.guard import Guard, Options, build
from neolight.auth.permissions import Permission
from neolight.auth.principal import Principal, Role

__all__ = ["Guard", "Guarded", "Options", "Permission", "Principal", "Role", "build", "principal_of"]
