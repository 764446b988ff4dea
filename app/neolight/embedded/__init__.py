"""A real Neo4j, started on this machine when no other is named."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from neolight.embedded.layout import EmbeddedServer, Progress, ServerOptions, silent

if TYPE_CHECKING:
    from neolight.embedded.backup import check_dump, dump, holds_data, load
    from neolight.embedded.console import console
    from neolight.embedded.disk import check_room
    from neolight.embedded.server import ensure, status, stop

__all__ = [
    "EmbeddedServer",
    "Progress",
    "ServerOptions",
    "check_dump",
    "check_room",
    "console",
    "dump",
    "ensure",
    "holds_data",
    "load",
    "silent",
    "status",
    "stop",
]
_PLACES = {
    "console": "console",
    "dump": "backup",
    "ensure": "server",
    "check_dump": "backup",
    "check_room": "disk",
    "holds_data": "backup",
    "load": "backup",
    "status": "server",
    "stop": "server",
}


def __getattr__(name: str) -> Any:
    """Loads a function when it is first used: the supervisor needs none of them, and is to stay small."""
    if name in _PLACES:
        return getattr(importlib.import_module(f"neolight.embedded.{_PLACES[name]}"), name)
    raise AttributeError(f"module 'neolight.embedded' has no attribute {name!r}")
