"""Following a folder."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from neolight import api
from neolight.cli.terminal import Workspace, out, progress, run
from neolight.sources import source_name


def watch(
    folder: Annotated[Path, typer.Argument(help="The folder.")],
    name: Annotated[str | None, typer.Option(help="What its documents' names begin with; its own name else.")] = None,
    may_empty: Annotated[bool, typer.Option("--may-empty", help="Delete its documents though it is empty.")] = False,
    workspace: Workspace = None,
) -> None:
    """Follow a folder until Ctrl-C: index what is added or changed in it, delete what is removed from it."""
    run(_watch(folder.expanduser().resolve(), name, workspace, may_empty=may_empty))


async def _watch(folder: Path, name: str | None, workspace: str | None, *, may_empty: bool) -> None:
    from neolight.watch import Follower  # noqa: PLC0415  only this command needs what it loads

    stop = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # on Windows Ctrl-C interrupts
            asyncio.get_running_loop().add_signal_handler(one, stop.set)
    async with api.open(workspace=workspace, progress=progress) as handle:
        follower = Follower(handle, folder, source_name(name or folder.name), lambda said: out.print(escape(said)))
        await follower.begin(may_empty=may_empty)
        out.print(escape(f"Following {folder} as {follower.name}/ in workspace {handle.workspace}; Ctrl-C ends it."))
        await follower.follow(stop)
