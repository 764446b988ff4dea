"""The `neolight` command."""

from __future__ import annotations

import logging
import os
import sys
from typing import Annotated

import typer

from neolight.cli.agents import mcp
from neolight.cli.documents import documents_app, status
from neolight.cli.evaluate import eval_command
from neolight.cli.indexing import index
from neolight.cli.moving import import_lightrag
from neolight.cli.neo4j import neo4j_app
from neolight.cli.questions import ask
from neolight.cli.security import hash_password
from neolight.cli.server import examine, serve
from neolight.cli.terminal import out, told
from neolight.cli.types import types_app
from neolight.cli.watching import watch
from neolight.version import __version__

app = typer.Typer(
    help="Answers with citations from your documents, by a knowledge graph in Neo4j.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for command in (serve, index, watch, ask, status, mcp):
    app.command()(command)
app.command(name="doctor")(examine)
app.command(name="eval")(eval_command)
app.command()(hash_password)
app.command()(import_lightrag)
app.add_typer(documents_app, name="documents")
app.add_typer(types_app, name="types")
app.add_typer(neo4j_app, name="neo4j")


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


def main() -> None:
    """The entry point of the command: whatever goes wrong is one line, unless --debug is given."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader of a pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception as error:
        if logging.getLogger().level == logging.DEBUG:
            raise
        sys.exit(told(error))
