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
from neolight.cli.terminal import Workspace, guarded, out, progress, run
from neolight.files import folder_name, real


def watch(
    folder: Annotated[Path, typer.Argument(help="The folder.")],
    name: Annotated[str | None, typer.Option(help="Name its documents NAME/<path in the folder> instead.")] = None,
    may_empty: Annotated[bool, typer.Option("--may-empty", help="Delete its documents though all are gone.")] = False,
    workspace: Workspace = None,
) -> None:
    """Follow a folder until Ctrl-C: index what is added or changed in it, delete what is removed from it.

    Documents are named as `neolight index` names them. A folder that is gone, cannot be read, or has lost all of
    several documents at once, deletes nothing: a drive that is not mounted looks like that.
    """
    path = guarded(lambda: real(folder))
    run(_watch(path, guarded(lambda: folder_name(path, name)), workspace, may_empty=may_empty))


async def _watch(folder: Path, name: str, workspace: str | None, *, may_empty: bool) -> None:
    from neolight.watch import Follower  # noqa: PLC0415  only this command needs what it loads

    stop = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # on Windows Ctrl-C interrupts
            asyncio.get_running_loop().add_signal_handler(one, stop.set)
    async with api.open(workspace=workspace, progress=progress) as handle:
        follower = Follower(handle, folder, name, lambda said: out.print(escape(said)), may_empty=may_empty)
        await follower.begin()
        called = f"as {name}/ " if name else ""
        out.print(escape(f"Following {folder} {called}in workspace {handle.workspace}; Ctrl-C ends it."))
        if not name:
            out.print(
                "What was removed while nothing ran stays: its documents have no folder of their own. --name NAME"
            )
            out.print("gives them one, as does following the folder from the one above.")
        await follower.follow(stop)
