"""What every command shares: the terminal, the workspace option, and errors as one line."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape

from neolight.errors import NeolightError, NotFound

T = TypeVar("T")

# A table that goes to a file or a pipe keeps its lines whole.
out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 1000)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Workspace = Annotated[
    str | None, typer.Option("--workspace", "-w", help="The workspace; NEOLIGHT_WORKSPACE otherwise.")
]


def progress(message: str, fraction: float | None) -> None:
    """Says on the terminal how far the start of the embedded server is."""
    percent = "" if fraction is None else f" {100 * fraction:3.0f} %"
    end = "\n" if fraction in (None, 1.0) or not err.is_terminal else "\r"
    if err.is_terminal or fraction in (None, 1.0):
        err.print(f"{message}{percent}", end=end)


def guarded(action: Callable[[], T]) -> T:
    """Runs an action; an expected error becomes one line and exit code 1, unless --debug is given."""
    try:
        return action()
    except NeolightError as error:
        if logging.getLogger().level == logging.DEBUG:
            raise
        raise typer.Exit(told(error)) from None


def told(error: Exception) -> int:
    """Prints an error as one line, and gives the exit code for it; an unexpected one is called so."""
    if isinstance(error, NeolightError):
        err.print(f"[red]Error:[/red] {escape(str(error))}")
        return 2 if isinstance(error, NotFound) else 1
    if isinstance(error, OSError) and error.filename:
        err.print(
            f"[red]Error:[/red] {escape(f'{error.filename} cannot be used: {error.strerror}.')} "
            "Check the path, its permissions, and the room on its disk."
        )
        return 1
    err.print(
        f"[red]Error:[/red] This should not happen: {escape(f'{type(error).__name__}: {error}'.rstrip('.'))}. "
        "`neolight --debug ...` shows where."
    )
    return 70


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs asynchronous work as `guarded` does."""
    return guarded(lambda: asyncio.run(work))
