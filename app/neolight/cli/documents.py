"""Indexing, and the documents of a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from neolight import api
from neolight.cli.terminal import Workspace, err, guarded, out, progress, run
from neolight.cli.times import moment
from neolight.errors import NeolightError
from neolight.graph import documents
from neolight.intake import Terms
from neolight.llm.usage import Prices
from neolight.models import ChunkingChoice, ChunkStrategy, Document, DocumentStatus, Spent
from neolight.settings import Settings
from neolight.start import estimate_of
from neolight.urls import UrlRules, fetch, is_url

documents_app = typer.Typer(help="The documents of a workspace.", no_args_is_help=True)


def index(  # noqa: PLR0913, PLR0917 - the options of a command
    paths: Annotated[list[str], typer.Argument(help="Files, folders, and URLs of hosts in NEOLIGHT_URL_ALLOW.")],
    workspace: Workspace = None,
    estimate: Annotated[bool, typer.Option("--estimate", help="Only tell what it would take, and cost.")] = False,
    strategy: Annotated[
        ChunkStrategy | None, typer.Option(help="Where they are cut; as the workspace says otherwise.")
    ] = None,
    tokens: Annotated[int | None, typer.Option("--chunk-tokens", help="Tokens of the largest chunk.")] = None,
    overlap: Annotated[int | None, typer.Option("--chunk-overlap", help="Tokens that two chunks share.")] = None,
    separator: Annotated[str | None, typer.Option(help="What --strategy separator cuts at.")] = None,
    expires: Annotated[
        str | None, typer.Option(help="When they are deleted: 12h, 30d or 4w from now, or a date.")
    ] = None,
) -> None:
    """Index files, folders and URLs; exits with 1 and a list if any failed."""
    choice = ChunkingChoice(strategy, tokens, overlap, separator)
    if estimate:
        run(_estimate([Path(path) for path in paths if not is_url(path)], choice))
        return
    terms = Terms(None if choice == ChunkingChoice() else choice, guarded(lambda: moment(expires)) if expires else None)
    failed, refused = run(_index(paths, workspace, terms))
    for error in refused:
        err.print(f"[red]left out[/red] {escape(str(error))}")
    for document in failed:
        err.print(f"[red]failed[/red] {escape(f'{document.source}: {document.error}')}")
    raise typer.Exit(1 if failed or refused else 0)


async def _estimate(paths: list[Path], choice: ChunkingChoice) -> None:
    said = {name: value for name, value in choice.properties().items() if value is not None}
    settings = Settings().model_copy(update=said)
    found = estimate_of(settings, api.originals_of(paths, max_mb=settings.max_upload_mb))
    name = settings.extraction_model or settings.llm_model
    embedder = settings.embedding_model or settings.embedding_provider
    prices = Prices(settings.prices)
    out.print(f"{found.documents} documents, {found.chunks} chunks; {found.unreadable} cannot be read.")
    for title, spent in (
        ("Extraction", Spent(name, "extract", found.calls, found.tokens_in, found.tokens_out)),
        ("Embeddings", Spent(embedder, "embedding", 0, found.embedded)),
    ):
        here = embedder == "wordllama" if spent.kind == "embedding" else not spent.calls
        known = here or prices.known(spent.model)
        cost = f"${prices.of(spent):.4f}" if known else "price unknown (set NEOLIGHT_PRICES)"
        calls = f"{spent.calls:.0f} calls, " if spent.calls else ""
        tokens = f"{spent.tokens_in:.0f} tokens in, {spent.tokens_out:.0f} out"
        out.print(f"{title} ({escape(spent.model if not here else 'no model is called')}): {calls}{tokens}: {cost}")
    out.print("Tokens out are estimated. What is indexed already is counted too, and would cost nothing.")


async def _index(paths: list[str], workspace: str | None, terms: Terms) -> tuple[list[Document], list[NeolightError]]:
    settings = Settings()
    rules = UrlRules(settings.url_allow, settings.max_upload_mb)
    refused: list[NeolightError] = []
    files = [Path(path) for path in paths if not is_url(path)]
    originals = api.originals_of(files, max_mb=settings.max_upload_mb, refused=refused.append)
    originals += [await fetch(path, rules) for path in paths if is_url(path)]
    async with api.open(settings, workspace=workspace, progress=progress) as handle:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=err) as bar:
            task = bar.add_task("Indexing", total=len(originals))

            def on_progress(rows: Sequence[Document]) -> None:
                busy = next((row for row in rows if row.status is DocumentStatus.PROCESSING), None)
                done = sum(row.status in (DocumentStatus.PROCESSED, DocumentStatus.FAILED) for row in rows)
                bar.update(task, completed=done, description=f"Indexing ({busy.step})" if busy else "Indexing")

            found = await handle.index(originals, on_progress, terms=terms)
    failed = [document for document in found if document.status is DocumentStatus.FAILED]
    chunks = sum(document.chunk_count for document in found)
    out.print(f"{len(found) - len(failed)} documents indexed ({chunks} chunks), {len(failed)} failed.")
    return failed, refused


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
