"""Serving, and checking what is needed for it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from neolight import doctor
from neolight.cli.terminal import guarded, out, progress, run
from neolight.settings import Settings


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.", min=1, max=65535)] = None,
    workers: Annotated[int | None, typer.Option(help="Processes; more than one needs gunicorn.")] = None,
) -> None:
    """Serve GraphQL and REST; starts the embedded Neo4j unless NEO4J_URI is set."""
    from neolight.serve import serve as run_server  # noqa: PLC0415  (what only the server needs takes a second to load)

    settings = Settings()
    given = {"host": host, "port": port, "workers": workers}
    chosen = settings.model_copy(update={key: value for key, value in given.items() if value is not None})
    guarded(lambda: run_server(chosen, progress))


def examine() -> None:
    """Check Neo4j, its version and indexes, and the model endpoints; say what to do about each problem."""
    checks = run(doctor.examine(Settings(), progress))
    for check in checks:
        mark = "[green]ok[/green]  " if check.ok else "[red]FAIL[/red]"
        out.print(f"{mark} {check.name}: {escape(check.said)}")
    raise typer.Exit(0 if all(check.ok for check in checks) else 1)
