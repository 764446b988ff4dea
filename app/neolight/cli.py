"""The `neolight` command."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from neolight import api, doctor, embedded
from neolight.errors import NeolightError, NotFound
from neolight.graph import documents
from neolight.models import Document, DocumentStatus
from neolight.retrieval.answer import DoneEvent, TokenEvent
from neolight.retrieval.modes import DEFAULT
from neolight.settings import Settings
from neolight.version import __version__

T = TypeVar("T")

app = typer.Typer(
    help="Answers with citations from your documents, by a knowledge graph in Neo4j.", no_args_is_help=True
)
documents_app = typer.Typer(help="The documents of a workspace.", no_args_is_help=True)
neo4j_app = typer.Typer(help="The embedded Neo4j server.", no_args_is_help=True)
app.add_typer(documents_app, name="documents")
app.add_typer(neo4j_app, name="neo4j")

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Workspace = Annotated[
    str | None, typer.Option("--workspace", "-w", help="The workspace; NEOLIGHT_WORKSPACE otherwise.")
]


@app.callback(invoke_without_command=True)
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and the debug log.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Options before the command."""
    if version:
        out.print(f"neolight {__version__}")
        raise typer.Exit
    level = "DEBUG" if debug else "WARNING"
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes; more than one needs gunicorn.")] = None,
) -> None:
    """Serve GraphQL and REST; starts the embedded Neo4j unless NEO4J_URI is set."""
    from neolight.serve import serve as run_server  # noqa: PLC0415  (what only the server needs takes a second to load)

    settings = Settings()
    given = {"host": host, "port": port, "workers": workers}
    chosen = settings.model_copy(update={key: value for key, value in given.items() if value is not None})
    guarded(lambda: run_server(chosen, progress))


@app.command()
def index(paths: Annotated[list[Path], typer.Argument(help="Files and folders.")], workspace: Workspace = None) -> None:
    """Index files and folders; exits with 1 and a list if any failed."""
    failed = run(_index(paths, workspace))
    for document in failed:
        err.print(f"[red]failed[/red] {document.source}: {document.error}")
    raise typer.Exit(1 if failed else 0)


async def _index(paths: list[Path], workspace: str | None) -> list[Document]:
    settings = Settings()
    originals = api.originals_of(paths, max_mb=settings.max_upload_mb)
    async with api.open(settings, workspace=workspace, progress=progress) as handle:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=err) as bar:
            task = bar.add_task("Indexing", total=len(originals))

            def on_progress(found: object) -> None:
                rows: list[Document] = list(found)  # pyright: ignore[reportArgumentType]
                busy = next((row for row in rows if row.status is DocumentStatus.PROCESSING), None)
                done = sum(row.status in (DocumentStatus.PROCESSED, DocumentStatus.FAILED) for row in rows)
                bar.update(task, completed=done, description=f"Indexing ({busy.step})" if busy else "Indexing")

            found = await handle.index(originals, on_progress)
    failed = [document for document in found if document.status is DocumentStatus.FAILED]
    chunks = sum(document.chunk_count for document in found)
    out.print(f"{len(found) - len(failed)} documents indexed ({chunks} chunks), {len(failed)} failed.")
    return failed


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question.")],
    mode: Annotated[str, typer.Option(help="How to search.")] = DEFAULT,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    workspace: Workspace = None,
) -> None:
    """Answer a question, with numbered sources."""
    run(_ask(question, mode, workspace, as_json=as_json))


async def _ask(question: str, mode: str, workspace: str | None, *, as_json: bool) -> None:
    async with api.open(workspace=workspace, worker=False, progress=progress) as handle:
        async for event in handle.stream(question, mode):
            if isinstance(event, TokenEvent) and not as_json:
                sys.stdout.write(event.text)
                sys.stdout.flush()
            if isinstance(event, DoneEvent):
                _print_answer(event, as_json=as_json, model=handle.deps.chat.name if handle.deps.chat else None)


def _print_answer(event: DoneEvent, *, as_json: bool, model: str | None) -> None:
    answer = event.answer
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(answer, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        return
    out.print("\n\n[bold]Sources[/bold]")
    for citation in answer.citations:
        passage = citation.passage
        place = ", ".join(
            part for part in (f"page {passage.page}" if passage.page else "", passage.section or "") if part
        )
        out.print(f"\\[{citation.number}] {passage.source}" + (f" ({place})" if place else ""), markup=True)
    written = f"Answer written by {model}." if answer.generated else NO_MODEL
    out.print(f"\n[dim]{written} Mode {answer.mode}, {answer.milliseconds:.0f} ms.[/dim]")


NO_MODEL = (
    "No language model is configured: these are the best sentences of the documents. "
    "Set OPENAI_API_KEY (and OPENAI_BASE_URL for another server) for written answers."
)


@app.command()
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
            out.print(f"[red]failed[/red] {document.source}: {document.error}")


@documents_app.command("list")
def documents_list(
    workspace: Workspace = None, limit: Annotated[int, typer.Option(help="How many, newest first.")] = 50
) -> None:
    """List documents, newest first."""

    async def listed() -> list[Document]:
        async with api.open(workspace=workspace, worker=False, progress=progress) as handle:
            return await handle.documents(limit)

    table = Table("id", "source", "status", "chunks", "updated", "error", box=None)
    for row in run(listed()):
        updated = f"{row.updated_at:%Y-%m-%d %H:%M}"
        table.add_row(row.id, row.source, row.status, str(row.chunk_count), updated, row.error or "")
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
    raise typer.Exit(1 if failed else 0)


@neo4j_app.command("start")
def neo4j_start() -> None:
    """Start the embedded server and leave it running until it is stopped."""
    settings = Settings()
    server = guarded(
        lambda: embedded.ensure(
            settings.data_dir, settings.cache_dir, neo4j_home=settings.neo4j_home, progress=progress, keep_running=True
        )
    )
    _print_server(server)


@neo4j_app.command("stop")
def neo4j_stop() -> None:
    """Stop the embedded server."""
    stopped = guarded(lambda: embedded.stop(Settings().data_dir))
    out.print("Stopped." if stopped else "It was not running.")


@neo4j_app.command("status")
def neo4j_status() -> None:
    """Print the addresses of the embedded server; exits with 1 if it does not run."""
    server = guarded(lambda: embedded.status(Settings().data_dir))
    if server is None:
        out.print("The embedded Neo4j does not run. Start it with `neolight neo4j start`.")
        raise typer.Exit(1)
    _print_server(server)


@neo4j_app.command("console")
def neo4j_console() -> None:
    """Run the embedded server in the foreground, with its log on the terminal, until Ctrl-C."""
    settings = Settings()
    guarded(
        lambda: embedded.console(
            settings.data_dir, settings.cache_dir, neo4j_home=settings.neo4j_home, progress=progress
        )
    )


def _print_server(server: embedded.EmbeddedServer) -> None:
    rows = {
        "Bolt": server.uri,
        "Browser": server.browser_url,
        "User": server.username,
        "Password": server.password,
        "Data": server.home,
        "Log": server.log,
    }
    out.print(f"Neo4j {server.version} runs (process {server.pid}).")
    for name, value in rows.items():
        out.print(f"{name:<9} {value}")


@app.command(name="doctor")
def doctor_command() -> None:
    """Check Neo4j, its version and indexes, and the model endpoints; say what to do about each problem."""
    checks = run(doctor.examine(Settings(), progress))
    for check in checks:
        mark = "[green]ok[/green]  " if check.ok else "[red]FAIL[/red]"
        out.print(f"{mark} {check.name}: {check.said}")
    raise typer.Exit(0 if all(check.ok for check in checks) else 1)


def progress(message: str, fraction: float | None) -> None:
    """Says on the terminal how far the start of the embedded server is."""
    percent = "" if fraction is None else f" {100 * fraction:3.0f} %"
    end = "\n" if fraction in (None, 1.0) or not err.is_terminal else "\r"
    if err.is_terminal or fraction in (None, 1.0):
        err.print(f"{message}{percent}", end=end)


def guarded(action: Any) -> Any:
    """Runs an action; an expected error becomes one line and exit code 1, unless --debug is given."""
    try:
        return action()
    except NeolightError as error:
        if logging.getLogger().level == logging.DEBUG:
            raise
        err.print(f"[red]Error:[/red] {error}")
        raise typer.Exit(2 if isinstance(error, NotFound) else 1) from None


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs asynchronous work as `guarded` does."""
    return guarded(lambda: asyncio.run(work))


def main() -> None:
    """The entry point of the command."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
