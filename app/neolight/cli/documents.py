"""The documents of a workspace."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from neolight import api
from neolight.cli.terminal import Workspace, err, out, progress, run
from neolight.graph import documents
from neolight.models import Document, DocumentStatus

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
        for document in await documents.listed(handle.deps.graph, handle.workspace, limit=50, statuses=["failed"]):
            out.print(f"[red]failed[/red] {escape(f'{document.source}: {document.error}')}")


@documents_app.command("list")
def documents_list(
    workspace: Workspace = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")] = 50,
) -> None:
    """List documents, newest first."""

    async def listed() -> list[Document]:
        async with api.open(workspace=workspace, worker=False, progress=progress) as handle:
            return await handle.documents(limit)

    table = Table("id", "source", "status", "chunks", "updated", "error", box=None)
    for row in run(listed()):
        updated = f"{row.updated_at:%Y-%m-%d %H:%M}"
        cells = (row.id, row.source, row.status, str(row.chunk_count), updated, row.error or "")
        table.add_row(*(escape(cell) for cell in cells))
    out.print(table)


@documents_app.command("delete")
def documents_delete(
    ids: Annotated[list[str], typer.Argument(help="Ids of documents.")], workspace: Workspace = None
) -> None:
    """Delete documents, and exactly what rests on nothing else."""

    async def delete() -> list[str]:
        async with api.open(workspace=workspace, worker=False, progress=progress) as handle:
            return await handle.delete(*ids)

    gone = run(delete())
    out.print(f"{len(gone)} documents deleted.")
    unknown = sorted(set(ids) - set(gone))
    if unknown:
        err.print(f"Not found: {', '.join(unknown)}. `neolight documents list` shows the ids.")
        raise typer.Exit(1)


@documents_app.command("retry")
def documents_retry(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of documents; all failed ones otherwise.")] = None,
    workspace: Workspace = None,
) -> None:
    """Index failed documents again."""

    async def retry() -> list[Document]:
        async with api.open(workspace=workspace, progress=progress) as handle:
            return await handle.retry(ids or None)

    found = run(retry())
    failed = [document for document in found if document.status is DocumentStatus.FAILED]
    out.print(f"{len(found) - len(failed)} documents indexed, {len(failed)} failed.")
    for document in failed:
        err.print(f"[red]failed[/red] {escape(f'{document.source}: {document.error}')}")
    unknown = sorted(set(ids or ()) - {document.id for document in found})
    if unknown:
        err.print(f"Not found, or not failed: {', '.join(map(escape, unknown))}. `neolight status` shows what failed.")
    raise typer.Exit(1 if failed or unknown else 0)
