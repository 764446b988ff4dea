"""Moving in from another system."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from neolight import api
from neolight.cli.terminal import Workspace, err, out, progress, run

if TYPE_CHECKING:
    from neolight.ingest.lightrag import Taken


def import_lightrag(
    folder: Annotated[Path, typer.Argument(help="The working directory, with its kv_store_*.json files.")],
    workspace: Workspace = None,
    embedding_model: Annotated[
        str | None,
        typer.Option(help="The embedding model that LightRAG used; a few passages are embedded to find out otherwise."),
    ] = None,
) -> None:
    """Take over a LightRAG working directory: documents, chunks, vectors, entities and relations."""
    taken = run(_import(folder, workspace, embedding_model))
    there = f", {taken.there} were here already" if taken.there else ""
    out.print(f"{taken.documents} documents taken over{there}: {taken.chunks} chunks, ", end="")
    out.print(f"{taken.entities} entities, {taken.relations} relations.")
    out.print("Vectors were taken over." if taken.vectors else "Vectors are of another model: all were made anew.")
    if taken.left:
        err.print(f"LightRAG had not finished: {', '.join(taken.left[:20])}. Index them with `neolight index`.")
    if taken.unfounded:
        err.print(f"Left out, because they rest on no chunk: {', '.join(taken.unfounded[:20])}.")


async def _import(folder: Path, workspace: str | None, model: str | None) -> Taken:
    from neolight.ingest.lightrag import take_over  # noqa: PLC0415  (reading XML and vectors takes a while to load)

    async with api.open(workspace=workspace, worker=False, progress=progress) as handle:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=err) as bar:
            task = bar.add_task("Taking over", total=None)
            return await take_over(
                handle.deps,
                handle.workspace,
                folder,
                model=model,
                progress=lambda done, all_: bar.update(task, completed=done, total=all_),
            )
