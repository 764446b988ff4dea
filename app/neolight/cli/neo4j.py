"""The embedded Neo4j server by itself."""

from __future__ import annotations

import typer

from neolight import embedded
from neolight.cli.terminal import guarded, out, progress
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
