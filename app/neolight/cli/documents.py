"""The documents of a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from neolight import api
from neolight.cli.terminal import Workspace, err, out, progress, run
from neolight.graph import document_lists, documents
from neolight.models import Document, DocumentStatus

LEAST_WIDTH = 110
"""Columns of a list of documents: ids are to be copied, so a narrower terminal wraps the lines."""

documents_app = typer.Typer(help="The documents of a workspace.", no_args_is_help=True)


def status(workspace: Workspace = None) -> None:
    """Show what is indexed, what is in work, and what failed and why."""
    run(_status(workspace))


async def _status(workspace: str | None) -> None:
    async with api.open(workspace=workspace, worker=False, progress=progress) as handle:
        state = await documents.pipeline(handle.deps.graph, handle.workspace)
        out.print(
            f"Workspace {handle.workspace}: {state.processed} processed, {state.pending + state.processing} to do, ",
            end="",
        )
        out.print(f"{state.failed} failed.")
        model = handle.deps.chat.name if handle.deps.chat else "none (extraction and answers without a language model)"
        out.print(f"Chat model: {model}. Embeddings: {handle.deps.embeddings.name}.")
        _print_failed(await documents.listed(handle.deps.graph, handle.workspace, limit=50, statuses=["failed"]))


@documents_app.command("list")
def documents_list(
    workspace: Workspace = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")] = 50,
) -> None:
    """List documents, newest first."""

    async def listed() -> list[Document]:
        async with api.open(workspace=workspace, worker=False, progress=progress) as handle:
            return await handle.documents(limit)

    rows = run(listed())
    expiring = any(row.expires_at for row in rows)
    table = Table(box=None, pad_edge=False)
    for name in ("id", "source", "status", "chunks", "updated", *(["expires"] if expiring else [])):
        table.add_column(name, no_wrap=name != "source", overflow="fold")
    for row in rows:
        times = (f"{time.astimezone():%Y-%m-%d %H:%M}" if time else "" for time in (row.updated_at, row.expires_at))
        cells = (row.id, escape(row.source), row.status, str(row.chunk_count), *times)
        table.add_row(*cells[: len(table.columns)])
    out.width = max(out.width, LEAST_WIDTH)
    out.print(table)
    _print_failed(rows)


def _print_failed(rows: Sequence[Document], console: Console = out) -> int:
    """Says of each document that failed why, in a line of its own; tells how many there are."""
    failed = [row for row in rows if row.status is DocumentStatus.FAILED]
    for row in failed:
        console.print(f"[red]failed[/red] {escape(api.why_failed(row))}")
    return len(failed)


@documents_app.command("delete")
def documents_delete(
    documents_: Annotated[list[str], typer.Argument(metavar="DOCUMENT", help="Ids or names.")],
    workspace: Workspace = None,
) -> None:
    """Delete documents, and exactly what rests on nothing else."""

    async def delete() -> tuple[int, list[str]]:
        async with api.open(workspace=workspace, worker=False, progress=progress) as handle:
            ids = await _ids(handle, documents_)
            gone = await handle.delete(*ids.values())
        return len(gone), [one for one, id_ in ids.items() if id_ not in gone]

    count, unknown = run(delete())
    out.print(f"{api.counted(count, 'document')} deleted.")
    if unknown:
        err.print(f"Not found: {', '.join(map(escape, unknown))}. `neolight documents list` shows ids and names.")
        raise typer.Exit(1)


@documents_app.command("retry")
def documents_retry(
    documents_: Annotated[
        list[str] | None, typer.Argument(metavar="DOCUMENT", help="Ids or names; all failed ones otherwise.")
    ] = None,
    workspace: Workspace = None,
) -> None:
    """Index failed documents again."""

    async def retry() -> tuple[list[Document], list[str]]:
        async with api.open(workspace=workspace, progress=progress) as handle:
            ids = await _ids(handle, documents_ or [])
            found = await handle.retry(list(ids.values()) or None)
        there = {document.id for document in found}
        return found, [one for one, id_ in ids.items() if id_ not in there]

    found, unknown = run(retry())
    indexed = sum(document.status is DocumentStatus.PROCESSED for document in found)
    out.print(f"{api.counted(indexed, 'document')} indexed, {len(found) - indexed} failed.")
    failed = _print_failed(found, err)
    if unknown:
        err.print(f"Not found, or not failed: {', '.join(map(escape, unknown))}. `neolight status` shows what failed.")
    raise typer.Exit(1 if failed or unknown else 0)


async def _ids(handle: api.Neolight, given: Sequence[str]) -> dict[str, str]:
    """The id of each document that is given by its id or its name."""
    named = await document_lists.by_source(handle.deps.graph, handle.workspace, given) if given else {}
    return {one: named[one].id if one in named else one for one in given}
