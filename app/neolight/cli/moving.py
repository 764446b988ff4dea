"""Moving in from another system."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from neolight import api
from neolight.cli.terminal import Workspace, err, guarded, out, progress, run
from neolight.errors import ConfigurationError
from neolight.graph.foreign import Foreign
from neolight.settings import Settings

if TYPE_CHECKING:
    from neolight.ingest.lightrag import Taken


def import_lightrag(  # noqa: PLR0913, PLR0917 - the options of a command
    folder: Annotated[Path, typer.Argument(help="The working directory, with its kv_store_*.json files.")],
    workspace: Workspace = None,
    embedding_model: Annotated[
        str | None,
        typer.Option(help="The embedding model that LightRAG used; a few passages are embedded to find out otherwise."),
    ] = None,
    neo4j_uri: Annotated[
        str | None,
        typer.Option(help="Where LightRAG kept its graph, if in Neo4j; NEOLIGHT_LIGHTRAG_PASSWORD is its password."),
    ] = None,
    neo4j_user: Annotated[str, typer.Option(help="The user there.")] = "neo4j",
    neo4j_database: Annotated[str | None, typer.Option(help="The database there; else the usual one.")] = None,
    neo4j_label: Annotated[
        str | None, typer.Option(help="LightRAG's workspace, the label of its nodes; else the folder's name, or base.")
    ] = None,
) -> None:
    """Take over a LightRAG working directory: documents, chunks, vectors, entities and relations."""
    source = Foreign(neo4j_uri, neo4j_user, guarded(_password), neo4j_database) if neo4j_uri else None
    taken = run(_import(folder.resolve(), workspace, embedding_model, source, neo4j_label))
    there = f", {taken.there} were here already" if taken.there else ""
    out.print(f"{taken.documents} documents taken over{there}: {taken.chunks} chunks, ", end="")
    out.print(f"{taken.entities} entities, {taken.relations} relations.")
    out.print("Vectors were taken over." if taken.vectors else "Vectors are of another model: all were made anew.")
    if taken.left:
        err.print(f"LightRAG had not finished: {', '.join(taken.left[:20])}. Index them with `neolight index`.")
    if taken.unfounded:
        err.print(f"Left out, because they rest on no chunk: {', '.join(taken.unfounded[:20])}.")


def _password() -> str:
    """The password of LightRAG's Neo4j: never an argument, which other users of the machine could see."""
    given = Settings().lightrag_password
    if given is None and not sys.stdin.isatty():
        raise ConfigurationError(
            "The password of LightRAG's Neo4j is not known.", hint="Set NEOLIGHT_LIGHTRAG_PASSWORD."
        )
    return given.get_secret_value() if given else typer.prompt("Password of LightRAG's Neo4j", hide_input=True)


async def _import(
    folder: Path, workspace: str | None, model: str | None, source: Foreign | None, label: str | None
) -> Taken:
    # Reading XML and vectors takes a while to load.
    from neolight.ingest.lightrag import USUAL_LABEL, read_graph, take_over  # noqa: PLC0415

    labels = (label,) if label else (folder.name, USUAL_LABEL)
    async with api.open(workspace=workspace, worker=False, progress=progress) as handle:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=err) as bar:
            task = bar.add_task("Taking over", total=None)
            return await take_over(
                handle.deps,
                handle.workspace,
                folder,
                model=model,
                graph=partial(read_graph, source, labels) if source else None,
                progress=lambda done, all_: bar.update(task, completed=done, total=all_),
            )
