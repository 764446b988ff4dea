"""How much each constant of the ranking matters: every one varied alone, over one or more sets of questions.

    python bench/sensitivity.py QUESTIONS.jsonl [MORE.jsonl ...] --corpus CORPUS.jsonl

The files are those of `neolight eval`, and so are the settings: graph, embeddings and language model are those of the
environment. The corpus is indexed once, into a workspace of its own; after that questions are only asked. A constant
that `mix` does not read is varied in the mode that does. `widening` and `few` take effect only with a filter, for which
`bench/filters.py` measures recall, and `evidence` orders nothing; these three are left out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from machine import facts
from neolight import api
from neolight.deps import Deps
from neolight.errors import InvalidInput
from neolight.evaluate import Plan, Question, Report, evaluate, read_corpus, read_questions, workspace_of
from neolight.evaluate.metrics import Interval, interval, paired
from neolight.models import DocumentStatus
from neolight.retrieval.rank import RANKING, Ranking
from scale import RESULTS

VALUES: Mapping[str, Sequence[float]] = {
    "depth": (20, 80),
    "facts": (5, 10, 40),
    "temperature": (0.05, 0.075, 0.3, 1.0),
    "name_weight": (0.0, 0.5, 2.0),
    "seeds": (8, 32),
    "damping": (0.425, 0.7, 0.95),
    "fan": (25, 100),
    "frontier": (50, 200),
    "passage_weight": (0.0, 0.0125, 0.05, 0.1),
    "fusion": (30.0, 120.0),
    "hub": (5, 20),
}
"""Half and double of each constant, and what else is sensible: none at all, or a share that cannot pass 1."""
LEFT_OUT = frozenset({"widening", "few", "evidence"})
ELSEWHERE = {"fusion": "naive", "hub": "local"}
"""The modes of constants that `mix` does not read."""
MEASURES = ("recall@5", "recall@10")
Scores = dict[str, dict[str, float]]
"""By measure and question."""


async def scores(
    deps: Deps, workspace: str, questions: Sequence[Question], mode: str, ranking: Ranking = RANKING
) -> Scores:
    """What each question reaches with these constants."""
    found: Report = await evaluate(deps, workspace, questions, Plan((mode,), ranking=ranking))
    return {measure: found.scores(mode, measure) for measure in MEASURES}


async def vary(deps: Deps, workspace: str, questions: Sequence[Question]) -> list[dict[str, Any]]:
    """A row for the constants as they are in each mode, and one for each other value, with the paired difference."""
    modes = ("mix", *dict.fromkeys(ELSEWHERE.values()))
    base = {mode: await scores(deps, workspace, questions, mode) for mode in modes}
    rows = [row("-", None, None, mode, base[mode]) for mode in modes]
    for constant, values in VALUES.items():
        mode = ELSEWHERE.get(constant, "mix")
        used = getattr(RANKING, constant)
        for value in values:
            kind = type(used)
            other = await scores(deps, workspace, questions, mode, replace(RANKING, **{constant: kind(value)}))
            rows.append(row(constant, used, kind(value), mode, other, base[mode]))
            print(rows[-1], flush=True)
    return rows


def row(
    constant: str, used: float | None, value: float | None, mode: str, found: Scores, base: Scores | None = None
) -> dict[str, Any]:
    """Means with 95% intervals; with a base also the difference to it, paired by question."""
    result: dict[str, Any] = {"constant": constant, "used": used, "value": value, "mode": mode}
    for measure in MEASURES:
        result[measure] = rounded(interval(list(found[measure].values())))
        if base:
            result[f"{measure} difference"] = rounded(paired(found[measure], base[measure]))
    return result


def rounded(found: Interval) -> list[float]:
    """Mean, low, high."""
    return [round(value, 4) for value in (found.mean, found.low, found.high)]


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Markdown; a difference whose interval leaves 0 out is bold."""
    lines = ["| constant | value | mode | recall@5 | difference | recall@10 | difference |", "|" + " --- |" * 7]
    for one in rows:
        value = "as it is" if one["value"] is None else f"{one['used']} → {one['value']}"
        cells = [one["constant"], value, one["mode"]]
        for measure in MEASURES:
            mean, low, high = one[measure]
            cells.append(f"{mean:.3f} ({low:.3f} to {high:.3f})")
            cells.append(signed(one.get(f"{measure} difference")))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def signed(found: Sequence[float] | None) -> str:
    """A difference with its interval."""
    if found is None:
        return "-"
    mean, low, high = found
    text = f"{mean:+.3f} ({low:+.3f} to {high:+.3f})"
    return f"**{text}**" if low > 0 or high < 0 else text


async def indexed(corpus: Path) -> str:
    """The workspace of a corpus, which is indexed if it is not yet. Raises InvalidInput where a document fails."""
    workspace = workspace_of(corpus)
    async with api.open(workspace=workspace) as handle:
        documents = await handle.index(read_corpus(corpus))
    failed = [document for document in documents if document.status == DocumentStatus.FAILED]
    if failed:
        raise InvalidInput(f"{len(failed)} documents could not be indexed: {failed[0].error}")
    return workspace


async def main() -> None:
    """Measures; writes results/sensitivity.json and, beside it, the tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path, nargs="+", help="No constant can be justified by one set alone.")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--corpus", type=Path, help="Documents in JSONL, indexed once.")
    where.add_argument("--workspace", help="One that is indexed already.")
    parser.add_argument("--out", type=Path, default=RESULTS / "sensitivity.json")
    known = parser.parse_args()
    assert VALUES.keys() | LEFT_OUT == asdict(RANKING).keys(), "each constant of the ranking is varied or left out"
    workspace = known.workspace or await indexed(known.corpus)
    sets: list[dict[str, Any]] = []
    async with api.open(workspace=workspace, worker=False) as handle:
        for path in known.questions:
            asked = read_questions(path)
            sets.append(
                {"name": path.stem, "questions": len(asked), "rows": await vary(handle.deps, handle.workspace, asked)}
            )
    known.out.parent.mkdir(exist_ok=True)
    result = {"machine": facts(), "constants": asdict(RANKING), "sets": sets}
    known.out.write_text(json.dumps(result, indent=2) + "\n")
    text = "\n\n".join(f"{one['name']}, {one['questions']} questions\n\n{table(one['rows'])}" for one in sets)
    known.out.with_suffix(".md").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    asyncio.run(main())
