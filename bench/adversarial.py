"""Graphs that are hard, each beside a plain one: `python bench/adversarial.py --chunks 20000 --hub 100000`.

A hub with very many relations; an entity that every chunk mentions; 10,000 workspaces in one database; a filter that
leaves one document; 40 hubs of 500 relations. The same questions are asked of the hard and of the plain graph, one
after the other, and each answer of the hard one is looked at: a fast answer that is empty or wrong counts as wrong.
`naive` looks at no entity: where it differs between two graphs of the same passages, the machine was busier.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from load import load
from machine import facts
from neolight import embedded
from neolight.deps import Deps
from neolight.embedded import EmbeddedServer
from neolight.graph.gateway import connect
from neolight.ingest.extractor import PlainExtractor
from neolight.models import Filter
from scale import RESULTS, WARM_UP, Answered, Given, run
from shape import Asked, Shape
from synthetic import Synthetic

MODES = ("naive", "local", "global", "hybrid", "mix")
PASSAGES = 20
"""How many a question is answered with, where there are as many."""
NAMED = 10
"""Hubs that a question names, of those that there are."""

Check = Callable[[Synthetic, str, Answered], bool]


@dataclass(frozen=True)
class Case:
    """A hard graph, what is asked of it, and when an answer is right."""

    name: str
    shape: Shape
    expected: str
    right: Check
    hubs: int = 0
    """How many hubs a question names."""
    one_document: bool = False

    def only(self, question: Asked) -> Filter | None:
        """The filter of a question: its own document, or none."""
        name = f"doc-{question.chunk // self.shape.chunks_a_document}"
        return Filter(document_ids=(name,)) if self.one_document else None


def full(_: Synthetic, mode: str, one: Answered) -> bool:
    """As many passages as were asked for, and in the modes that bring them entities and relations."""
    return len(one.found.passages) == PASSAGES and (mode == "naive" or bool(one.found.entities and one.found.relations))


def hubs_found(graph: Synthetic, mode: str, one: Answered) -> bool:
    """All hubs that the question names are among the entities, in the modes that look names up."""
    found = {entity.name for entity in one.found.entities}
    return full(graph, mode, one) and (mode in {"naive", "global"} or found.issuperset(one.question.names))


def own_workspace(graph: Synthetic, mode: str, one: Answered) -> bool:
    """Nothing of another workspace, and by vector and word all passages of this one."""
    size, space = graph.shape.chunks_a_document, one.question.workspace
    chunks = range(0, graph.shape.chunks, size)
    mine = {f"chunk-{first + at}" for first in chunks if graph.workspace(first) == space for at in range(size)}
    names = {graph.name(int(chunk.removeprefix("chunk-"))) for chunk in mine}
    found = {passage.id for passage in one.found.passages}
    return (
        found <= mine
        and {entity.name for entity in one.found.entities} <= names
        and (mode not in {"naive", "mix"} or len(found) == min(PASSAGES, len(mine)))
    )


def own_document(graph: Synthetic, mode: str, one: Answered) -> bool:
    """Only passages and evidence of the one document, and by vector and word all of its passages."""
    size, document = graph.shape.chunks_a_document, graph.document(one.question.chunk)
    mine = {f"chunk-{chunk}" for chunk in range(document * size, min((document + 1) * size, graph.shape.chunks))}
    found = {passage.id for passage in one.found.passages}
    evidence = {chunk for hit in (*one.found.entities, *one.found.relations) for chunk in hit.chunk_ids}
    return found <= mine and evidence <= mine and (mode not in {"naive", "mix"} or found == mine)


def cases(chunks: int, hub: int, workspaces: int) -> list[Case]:
    """All cases at this size."""
    return [
        Case("one hub", Shape(chunks, hubs=1, hub_relations=hub), "the hub is found", hubs_found, hubs=1),
        Case("in every chunk", Shape(chunks, hubs=1, everywhere=True), "the entity is found", hubs_found, hubs=1),
        Case("workspaces", Shape(chunks, workspaces=workspaces), "all of one workspace, no other", own_workspace),
        Case("one document", Shape(chunks), "all of one document, no other", own_document, one_document=True),
        Case("40 hubs", Shape(chunks, hubs=40, hub_relations=500), "all named hubs are found", hubs_found, hubs=NAMED),
    ]


async def ask(server: EmbeddedServer, case: Case, questions: Sequence[Asked]) -> dict[str, list[Answered]]:
    """The answers to the case's questions by mode."""
    answers: dict[str, list[Answered]] = {}
    async with connect(server.uri, server.username, server.password) as opened:
        deps = Deps(opened, Given(questions), PlainExtractor(), None)
        for mode in MODES:
            await run(deps, mode, questions[:WARM_UP], only=case.only)
            answers[mode] = await run(deps, mode, questions, only=case.only)
    return answers


def figures(answers: Sequence[Answered]) -> dict[str, Any]:
    """Milliseconds: p50 and p95 of the whole, and the median of each part in Neo4j."""
    p50, p95 = np.percentile([one.milliseconds for one in answers], (50, 95))
    parts = [name for name in answers[0].found.timings if name.startswith("graph.")]
    medians = {name[6:]: round(float(np.median([one.found.timings[name] for one in answers])), 1) for name in parts}
    return {"p50": round(float(p50), 1), "p95": round(float(p95), 1), "parts": medians}


def row(graph: Synthetic, case: Case, mode: str, hard: Sequence[Answered], plain: Sequence[Answered]) -> dict[str, Any]:
    """A case in one mode, beside the plain graph."""
    right = sum(case.right(graph, mode, one) for one in hard)
    return {"mode": mode, "right": right, "questions": len(hard), "hard": figures(hard), "plain": figures(plain)}


async def measure(wanted: Sequence[Case], chunks: int, requests: int, folder: Path) -> list[dict[str, Any]]:
    """Each case with its rows by mode. The plain graph is loaded once, and asked the questions of all cases."""
    graphs = {case.name: Synthetic(case.shape) for case in wanted}
    questions = {case.name: list(graphs[case.name].questions(requests, case.hubs)) for case in wanted}
    loaded = await load(Synthetic(Shape(chunks)), folder)
    plain: dict[str, dict[str, list[Answered]]] = {}
    hard: dict[str, dict[str, list[Answered]]] = {}
    counts = {case.name: loaded.counts for case in wanted}
    for case in wanted:
        open_case = Case(case.name, Shape(chunks), case.expected, case.right)
        everywhere = [Asked(one.chunk, "w0", one.vector, one.words, one.names) for one in questions[case.name]]
        plain[case.name] = await ask(loaded.server, open_case, everywhere)
        if case.one_document:
            hard[case.name] = await ask(loaded.server, case, questions[case.name])
    for case in wanted:
        if not case.one_document:
            loaded = await load(graphs[case.name], folder)
            counts[case.name] = loaded.counts
            hard[case.name] = await ask(loaded.server, case, questions[case.name])
    embedded.stop(folder)
    return [
        {
            "case": case.name,
            "expected": case.expected,
            "shape": asdict(case.shape),
            "counts": counts[case.name],
            "rows": [
                row(graphs[case.name], case, mode, hard[case.name][mode], plain[case.name][mode]) for mode in MODES
            ],
        }
        for case in wanted
    ]


def table(found: Sequence[dict[str, Any]]) -> str:
    """The cases as Markdown, a row for each mode."""
    lines = ["| case | mode | p50 ms | p95 ms | plain p50 ms | plain p95 ms | as expected |", "|" + " --- |" * 7]
    for case in found:
        for one in case["rows"]:
            hard, plain = one["hard"], one["plain"]
            cells = [case["case"], one["mode"], hard["p50"], hard["p95"], plain["p50"], plain["p95"]]
            right = f"{one['right']} of {one['questions']}: {case['expected']}"
            lines.append(f"| {' | '.join(map(str, [*cells, right]))} |")
    return "\n".join(lines)


async def main() -> None:
    """Measures and writes results/adversarial.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--hub", type=int, default=100_000, help="Relations of the one hub.")
    parser.add_argument("--workspaces", type=int, default=10_000, help="At most as many as chunks.")
    parser.add_argument("--cases", nargs="+", help="Only these, by name.")
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/neolight-adversarial"))
    parser.add_argument("--out", type=Path, default=RESULTS / "adversarial.json")
    known = parser.parse_args()
    every = cases(known.chunks, known.hub, known.workspaces)
    wanted = [case for case in every if known.cases is None or case.name in known.cases]
    if not wanted:
        parser.error(f"The cases are: {', '.join(case.name for case in every)}.")
    found = await measure(wanted, known.chunks, known.requests, known.folder)
    known.out.parent.mkdir(exist_ok=True)
    known.out.write_text(json.dumps({"machine": facts(), "chunks": known.chunks, "cases": found}, indent=2) + "\n")
    print(table(found))


if __name__ == "__main__":
    asyncio.run(main())
