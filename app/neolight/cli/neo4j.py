"""The embedded Neo4j server by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from neolight import embedded
from neolight.cli.terminal import guarded, out, progress
from neolight.errors import NotFound
from neolight.settings import Settings

neo4j_app = typer.Typer(help="The embedded Neo4j server.", no_args_is_help=True)


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


@neo4j_app.command("dump")
def neo4j_dump(
    file: Annotated[Path, typer.Argument(help="The file to write; one that is there is replaced once it is whole.")],
) -> None:
    """Write the whole graph to a file. The server must be stopped."""
    settings, target = Settings(), file.expanduser().resolve()
    if not target.parent.is_dir():
        raise NotFound(f"There is no folder {target.parent}.", hint="Make it, or name another.")
    guarded(
        lambda: embedded.dump(
            settings.data_dir, settings.cache_dir, target, neo4j_home=settings.neo4j_home, progress=progress
        )
    )
    out.print(escape(f"{target} ({target.stat().st_size / 1e6:.1f} MB)"))


@neo4j_app.command("load")
def neo4j_load(
    file: Annotated[Path, typer.Argument(help="A file that `neolight neo4j dump` wrote, on any machine.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Replace what is there without asking.")] = False,
) -> None:
    """Replace the whole graph by that of a file. The server must be stopped."""
    settings, source = Settings(), file.expanduser().resolve()
    guarded(lambda: embedded.check_dump(source))
    if embedded.holds_data(settings.data_dir) and not yes:
        typer.confirm(f"This replaces the graph in {settings.data_dir}. Go on?", abort=True)
    guarded(
        lambda: embedded.load(
            settings.data_dir, settings.cache_dir, source, neo4j_home=settings.neo4j_home, progress=progress
        )
    )
    out.print("Loaded.")


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
