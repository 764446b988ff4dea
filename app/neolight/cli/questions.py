"""Asking."""

from __future__ import annotations

import sys
from typing import Annotated

import orjson
import typer
from rich.markup import escape

from neolight import api
from neolight.cli.terminal import Workspace, out, progress, run
from neolight.retrieval.answer import DoneEvent, TokenEvent
from neolight.retrieval.modes import DEFAULT


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
            part for part in (f"page {citation.page}" if citation.page else "", passage.section or "") if part
        )
        out.print(f"\\[{citation.number}] {escape(passage.source + (f' ({place})' if place else ''))}")
    written = f"Answer written by {model}." if answer.generated else NO_MODEL
    out.print(f"\n[dim]{written} Mode {answer.mode}, {answer.milliseconds:.0f} ms.[/dim]")


NO_MODEL = (
    "No language model is configured: these are the best sentences of the documents. "
    "Set OPENAI_API_KEY (and OPENAI_BASE_URL for another server) for written answers."
)
