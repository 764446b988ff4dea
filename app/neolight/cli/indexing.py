"""Indexing."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from neolight import api
from neolight.api import Fate, Indexed, counted
from neolight.cli.terminal import Workspace, err, guarded, out, progress, run
from neolight.cli.times import moment
from neolight.errors import NeolightError
from neolight.files import Look, batches, find
from neolight.graph.documents import Enqueued, Original
from neolight.intake import Terms
from neolight.llm.usage import Prices
from neolight.models import ChunkingChoice, ChunkStrategy, Document, DocumentStatus, Spent
from neolight.settings import Settings
from neolight.start import estimate_of
from neolight.urls import UrlRules, fetch, is_url

NAMED = 5
"""Documents of a kind that the summary names."""

ALWAYS: tuple[Fate, ...] = ("new", "replaced", "unchanged")
SELDOM: tuple[Fate, ...] = ("indexed again", "queued before", "failed", "deleted meanwhile")

INTERRUPTED = (
    "were queued. What is not done yet is indexed by the next `neolight index`, `watch` or `serve`; "
    "`neolight status` counts it."
)


def index(  # noqa: PLR0913, PLR0917 - the options of a command
    paths: Annotated[list[str], typer.Argument(help="Files, folders, and URLs of hosts in NEOLIGHT_URL_ALLOW.")],
    workspace: Workspace = None,
    name: Annotated[
        str | None,
        typer.Option(help="Name them NAME/<path in the folder> instead: two checkouts side by side need two names."),
    ] = None,
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
    """Index files, folders and URLs; exits with 1 and a list if any failed.

    A document is named by the path of its file from the working folder, or by its whole path where it lies elsewhere.
    What is indexed under a name that is there already replaces that document. Links and hidden files in folders are
    left alone.
    """
    choice = ChunkingChoice(strategy, tokens, overlap, separator)
    if estimate:
        guarded(lambda: _estimate(paths, name, choice))
        return
    terms = Terms(None if choice == ChunkingChoice() else choice, guarded(lambda: moment(expires)) if expires else None)
    this = Call(name, workspace, terms)
    try:
        run(this.index(paths))
    except KeyboardInterrupt:
        if this.queued:
            err.print(f"\nInterrupted: {this.queued} {INTERRUPTED}")
        raise


@dataclass(slots=True)
class Call:
    """One call of the command: what it was told, and what has been left out."""

    name: str | None
    workspace: str | None
    terms: Terms
    refused: list[NeolightError] = field(default_factory=list[NeolightError])
    queued: int = 0

    async def index(self, paths: Sequence[str]) -> None:
        """Indexes, and tells what became of it; ends the command with 1 where not all could be indexed."""
        settings = Settings()
        look = find([Path(path) for path in paths if not is_url(path)], name=self.name)
        self.refused += look.refused
        fetched = [one async for one in self._fetched(paths, settings)]
        portions = batches(look.files, settings.max_upload_mb, self.refused.append)
        if not (look.files or fetched):
            self._tell([], look)
            return
        async with api.open(settings, workspace=self.workspace, progress=progress) as handle:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
            with Progress(*columns, console=err) as bar:
                task = bar.add_task("Reading", total=len(look.files) + len(fetched))
                rows = await self._queued(handle, fetched, portions)

                def on_progress(found: Sequence[Document]) -> None:
                    busy = next((one for one in found if one.status is DocumentStatus.PROCESSING), None)
                    done = sum(one.status in (DocumentStatus.PROCESSED, DocumentStatus.FAILED) for one in found)
                    said = f"Indexing ({busy.step})" if busy else "Indexing"
                    bar.update(task, total=len(rows), completed=done, description=said)

                indexed = await handle.indexed(rows, on_progress)
        self._tell(indexed, look)

    async def _fetched(self, paths: Sequence[str], settings: Settings) -> AsyncIterator[Original]:
        rules = UrlRules(settings.url_allow, settings.max_upload_mb)
        for path in filter(is_url, paths):
            try:
                yield await fetch(path, rules)
            except NeolightError as error:
                self.refused.append(error)

    async def _queued(
        self, handle: api.Neolight, fetched: list[Original], portions: Iterator[tuple[list[Original], object]]
    ) -> list[Enqueued]:
        """Queues what was fetched and what is read, portion by portion, as one call."""
        track_id = f"index-{secrets.token_hex(8)}"
        rows: list[Enqueued] = []
        originals: list[Original] | None = fetched
        while originals is not None:
            if originals:
                rows += await handle.queue(originals, track_id=track_id, terms=self.terms)
                self.queued = len(rows)
            portion = await asyncio.to_thread(next, portions, None)
            originals = portion[0] if portion else None
        return rows

    def _tell(self, indexed: Sequence[Indexed], look: Look) -> None:
        for line in summary(indexed, len(self.refused)):
            out.print(escape(line))
        for line in left_alone(look):
            out.print(f"[dim]{escape(line)}[/dim]")
        for error in self.refused:
            err.print(f"[red]left out[/red] {escape(str(error))}")
        failed = [one for one in indexed if one.fate == "failed"]
        for one in failed:
            err.print(f"[red]failed[/red] {escape(one.why)}")
        if failed or self.refused:
            raise typer.Exit(1)


def summary(indexed: Sequence[Indexed], left_out: int = 0) -> list[str]:
    """What became of documents, in lines: how many of each kind, and the names of a few."""
    counts = Counter(one.fate for one in indexed)
    parts = [f"{counts[fate]} {fate}" for fate in ALWAYS]
    parts += [f"{counts[fate]} {fate}" for fate in SELDOM if counts[fate]]
    parts += [f"{left_out} left out"] if left_out else []
    chunks = sum(one.document.chunk_count for one in indexed if one.document and one.fate != "failed")
    lines = [f"{counted(len(indexed), 'document')}: {', '.join(parts)} ({counted(chunks, 'chunk')})."]
    for fate in ("new", "replaced", "indexed again", "deleted meanwhile"):
        names = [one.source for one in indexed if one.fate == fate]
        if names:
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            lines.append(f"  {fate}: {', '.join(names[:NAMED])}{more}")
    times = sorted(one.document.expires_at.astimezone() for one in indexed if one.document and one.document.expires_at)
    if times:
        first = "" if times[-1] - times[0] < timedelta(minutes=1) else ", the first"
        lines.append(f"  {counted(len(times), 'document')} will be deleted{first} on {times[0]:%Y-%m-%d %H:%M}")
    return lines


def left_alone(look: Look) -> list[str]:
    """What of folders was not looked at, in a line or none."""
    kinds = [f"{count} {kind or 'without an extension'}" for kind, count in look.other.most_common(NAMED)]
    rest = len(look.other) - NAMED
    kinds += [f"{rest} more types"] if rest > 0 else []
    parts = [f"files of types that are not read ({', '.join(kinds)})"] if kinds else []
    parts += [counted(look.links, "link")] if look.links else []
    return [f"Left alone: {', '.join(parts)}."] if parts else []


def _estimate(paths: Sequence[str], name: str | None, choice: ChunkingChoice) -> None:
    settings = Settings()
    refused: list[NeolightError] = []
    look = find([Path(path) for path in paths if not is_url(path)], name=name)
    refused += look.refused
    portions = batches(look.files, settings.max_upload_mb, refused.append)
    found = estimate_of(settings, (one for originals, _ in portions for one in originals), choice, refused.append)
    model = settings.extraction_model or settings.llm_model
    embedder = settings.embedding_model or settings.embedding_provider
    prices = Prices(settings.prices)
    said = f"{counted(found.documents, 'document')}, {counted(found.chunks, 'chunk')}"
    out.print(f"{said}; {len(refused)} would be left out.")
    for title, spent in (
        ("Extraction", Spent(model, "extract", found.calls, found.tokens_in, found.tokens_out)),
        ("Embeddings", Spent(embedder, "embedding", 0, found.embedded)),
    ):
        here = embedder == "wordllama" if spent.kind == "embedding" else not spent.calls
        known = here or prices.known(spent.model)
        cost = f"${prices.of(spent):.4f}" if known else "price unknown (set NEOLIGHT_PRICES)"
        calls = f"{spent.calls:.0f} calls, " if spent.calls else ""
        tokens = f"{spent.tokens_in:.0f} tokens in, {spent.tokens_out:.0f} out"
        out.print(f"{title} ({escape(spent.model if not here else 'no model is called')}): {calls}{tokens}: {cost}")
    out.print("Tokens out are estimated. What is indexed already is counted too, and would cost nothing.")
    if any(map(is_url, paths)):
        out.print("URLs are not fetched for an estimate.")
    for error in refused:
        err.print(f"[red]would be left out[/red] {escape(str(error))}")
