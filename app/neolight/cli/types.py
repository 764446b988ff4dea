"""What extraction looks for in a workspace."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from neolight import api
from neolight.cli.terminal import Workspace, out, progress, run
from neolight.errors import InvalidInput, NotFound
from neolight.files import originals_of
from neolight.graph import guides
from neolight.graph.guides import Guide
from neolight.guide import read, written
from neolight.ingest import readers
from neolight.propose import DOCUMENTS, propose

types_app = typer.Typer(help="The types of entities and relations to look for.", no_args_is_help=True)


@types_app.command("show")
def types_show(workspace: Workspace = None) -> None:
    """Print the types of a workspace as YAML."""
    run(_show(workspace))


@types_app.command("set")
def types_set(
    file: Annotated[str, typer.Argument(help="JSON or YAML in the form of neo4j-graphrag's GraphSchema; - is stdin.")],
    workspace: Workspace = None,
) -> None:
    """Set the types of a workspace: what is extracted from now on follows them."""
    run(_set(file, workspace))


@types_app.command("propose")
def types_propose(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files and folders to read; else the first indexed documents.")
    ] = None,
    workspace: Workspace = None,
    save: Annotated[bool, typer.Option("--save", help="Set them too.")] = False,
) -> None:
    """Propose types from documents, and print them as YAML."""
    run(_propose(paths or [], workspace, save=save))


async def _show(workspace: str | None) -> None:
    async with api.open(workspace=workspace, worker=False, progress=progress) as handle:
        _print(await guides.get(handle.deps.graph, handle.workspace))


async def _set(file: str, workspace: str | None) -> None:
    guide = read(sys.stdin.read() if file == "-" else _text(Path(file)))
    async with api.open(workspace=workspace, worker=False, progress=progress) as handle:
        await guides.set_(handle.deps.graph, handle.workspace, guide)
        entities, relations = len(guide.entity_types), len(guide.relation_types)
        out.print(f"Workspace {handle.workspace}: {entities} types of entities, {relations} of relations.")


async def _propose(paths: list[Path], workspace: str | None, *, save: bool) -> None:
    async with api.open(workspace=workspace, worker=False, progress=progress) as handle:
        originals = originals_of(paths, max_mb=handle.deps.limits.max_upload_mb)[:DOCUMENTS]
        texts = [readers.read(original.source, original.data).text for original in originals]
        guide = await propose(handle.deps, handle.workspace, texts)
        if save:
            await guides.set_(handle.deps.graph, handle.workspace, guide)
        _print(guide)


def _print(guide: Guide) -> None:
    out.print(written(guide), end="", markup=False)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8.", hint="Save it as UTF-8.") from error
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}.", hint="Check the path.") from error
