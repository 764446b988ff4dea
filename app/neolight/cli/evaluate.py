"""Measuring."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.progress import Progress

from neolight import api
from neolight.cli.terminal import Workspace, err, out, progress, run
from neolight.errors import InvalidInput
from neolight.evaluate import Plan, Report, evaluate, read_corpus, read_questions, workspace_of
from neolight.models import DocumentStatus
from neolight.retrieval.modes import DEFAULT


def eval_command(  # noqa: PLR0913, PLR0917 - the options of a command
    dataset: Annotated[Path, typer.Argument(help="Questions in JSONL: id, question, gold, answer.")],
    corpus: Annotated[Path | None, typer.Option(help="Documents in JSONL (id, title, text), indexed once.")] = None,
    modes: Annotated[str, typer.Option("--mode", help="Modes, separated by commas.")] = DEFAULT,
    top_k: Annotated[int, typer.Option(min=1, max=200, help="Entities and relations.")] = 40,
    chunk_top_k: Annotated[int, typer.Option(min=10, max=200, help="Chunks.")] = 20,
    answers: Annotated[bool, typer.Option("--answers", help="Ask a model too: F1 and judged faithfulness.")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Where the figures go; by default DATASET.eval.json in this folder.")
    ] = None,
    workspace: Workspace = None,
) -> None:
    """Measure retrieval, and with --answers answers, on questions whose right documents are known."""
    plan = Plan(tuple(dict.fromkeys(mode.strip() for mode in modes.split(","))), top_k, chunk_top_k, answers)
    report = run(_evaluate(dataset, corpus, plan, workspace))
    target = json_file or Path(f"{dataset.stem}.eval.json")
    target.write_bytes(orjson.dumps(report.as_dict(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    out.print(report.markdown(), markup=False)
    err.print(f"Every question's scores are in {target}.")


async def _evaluate(dataset: Path, corpus: Path | None, plan: Plan, workspace: str | None) -> Report:
    questions = read_questions(dataset)
    if corpus is not None:
        workspace = workspace or workspace_of(corpus)
        await _index(corpus, workspace)
    async with api.open(workspace=workspace, worker=False, progress=progress) as handle:
        with Progress(console=err, transient=True) as bar:
            task = bar.add_task("Asking", total=len(questions) * len(plan.modes))
            return await evaluate(
                handle.deps,
                handle.workspace,
                questions,
                plan,
                lambda done, of: bar.update(task, completed=done, total=of),
            )


async def _index(corpus: Path, workspace: str) -> None:
    originals = read_corpus(corpus)
    async with api.open(workspace=workspace, progress=progress) as handle:
        with Progress(console=err, transient=True) as bar:
            task = bar.add_task("Indexing", total=len(originals))
            documents = await handle.index(
                originals,
                lambda found: bar.update(task, completed=sum(one.status == DocumentStatus.PROCESSED for one in found)),
            )
    failed = [document for document in documents if document.status == DocumentStatus.FAILED]
    if failed:
        raise InvalidInput(
            f"{len(failed)} of {len(documents)} documents could not be indexed: {failed[0].error}",
            hint=f"neolight documents retry --workspace {workspace}",
        )
