"""Tools for agents."""

from __future__ import annotations

from neolight import api
from neolight.cli.terminal import Workspace, progress, run


def mcp(workspace: Workspace = None) -> None:
    """Serve the tools for agents (MCP) on standard input and output."""
    run(_mcp(workspace))


async def _mcp(workspace: str | None) -> None:
    from neolight.mcp import speaking  # noqa: PLC0415  (the protocol takes a while to load)

    async with api.open(workspace=workspace, progress=progress) as handle:
        await speaking(handle.deps, handle.workspace)
