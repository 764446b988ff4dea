"""Asking."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import orjson
import typer
from rich.markup import escape

from neolight import api
from neolight.cli.terminal import Workspace, out, progress, run
from neolight.graph import documents
from neolight.ingest import readers
from neolight.models import Answer, Citation
from neolight.retrieval.answer import DoneEvent, TokenEvent
from neolight.retrieval.modes import DEFAULT

LINE = "\n"


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
            if isinstance(event, DoneEvent) and as_json:
                options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
                sys.stdout.buffer.write(orjson.dumps(event.answer, option=options))
            elif isinstance(event, DoneEvent):
                places = await _places(handle, event.answer.citations)
                _print_end(event.answer, places, handle.deps.chat.name if handle.deps.chat else None)


async def _places(handle: api.Neolight, citations: Sequence[Citation]) -> list[str]:
    """Where the quotes of citations stand, as people find them: page, line or record, and section."""
    ids = {one.passage.document_id for one in citations if readers.counted_in(one.passage.source)}
    texts = await documents.texts(handle.deps.graph, handle.workspace, sorted(ids)) if ids else {}
    places: list[str] = []
    for citation in citations:
        passage = citation.passage
        unit, text = readers.counted_in(passage.source), texts.get(passage.document_id)
        page = f"page {citation.page}" if citation.page else ""
        counted = f"{unit} {text.count(LINE, 0, citation.start) + 1}" if unit and text else ""
        places.append(", ".join(part for part in (page, counted, passage.section) if part))
    return places


def _print_end(answer: Answer, places: Sequence[str], model: str | None) -> None:
    out.print()
    if answer.citations:
        out.print("\n[bold]Sources[/bold]")
    for citation, place in zip(answer.citations, places, strict=True):
        out.print(f"\\[{citation.number}] {escape(citation.passage.source + (f' ({place})' if place else ''))}")
    written = f"Answer written by {model}. " if answer.generated else f"{NO_MODEL} " if answer.citations else ""
    out.print(f"\n[dim]{written}Mode {answer.mode}, {answer.milliseconds:.0f} ms.[/dim]")


NO_MODEL = (
    "No language model is configured: these are the best sentences of the documents. "
    "Set OPENAI_API_KEY (and OPENAI_BASE_URL for another server) for written answers."
)
