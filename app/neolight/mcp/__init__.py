"""Neolight's tools for agents, by the Model Context Protocol: over HTTP at /mcp, and on standard input and output."""

from __future__ import annotations

from neolight.mcp.server import mcp_server
from neolight.mcp.transport import serving, speaking

__all__ = ["mcp_server", "serving", "speaking"]
