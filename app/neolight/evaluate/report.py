"""What was measured, as Markdown and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from neolight.evaluate.metrics import DEPTHS, Interval, interval, paired

MEASURES = (*(f"recall@{depth}" for depth in DEPTHS), "all@5", "mrr", "f1", "contains", "faithfulness")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question in one mode: its scores by measure, the milliseconds of its retrieval, and the answer if asked."""

    question_id: str
    mode: str
    scores: Mapping[str, float]
    milliseconds: float
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The outcomes of all questions in all modes, and how often answers of further modes were preferred."""

    workspace: str
    modes: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    preferred: Mapping[str, Mapping[str, float]]

    def scores(self, mode: str, measure: str) -> dict[str, float]:
        """A measure by question id, of the questions that have it."""
        mine = (outcome for outcome in self.outcomes if outcome.mode == mode)
        return {one.question_id: one.scores[measure] for one in mine if measure in one.scores}

    def measures(self) -> list[str]:
        """The measures that any question has."""
        return [measure for measure in MEASURES if any(measure in one.scores for one in self.outcomes)]

    def milliseconds(self, mode: str) -> float:
        """The median of a mode's retrieval."""
        return median(outcome.milliseconds for outcome in self.outcomes if outcome.mode == mode)

    def difference(self, mode: str, measure: str) -> Interval | None:
        """How much a mode is better than the first one, question by question, if both have the measure."""
        mine, base = self.scores(mode, measure), self.scores(self.modes[0], measure)
        both = mine.keys() & base.keys()
        return paired({id_: mine[id_] for id_ in both}, {id_: base[id_] for id_ in both}) if both else None

    def markdown(self) -> str:
        """A table of means with 95% intervals, and one of differences to the first mode."""
        measures = self.measures()
        rows = [["mode", *measures, "p50 ms"]]
        for mode in self.modes:
            cells = [_mean(self.scores(mode, measure)) for measure in measures]
            rows.append([mode, *cells, f"{self.milliseconds(mode):.0f}"])
        text = (
            f"{len(self.scores(self.modes[0], 'mrr'))} questions, means with 95% bootstrap intervals\n\n{_table(rows)}"
        )
        if len(self.modes) > 1:
            text += f"\nDifference to {self.modes[0]}, paired by question\n\n{_table(self._differences(measures))}"
        return text

    def _differences(self, measures: list[str]) -> list[list[str]]:
        judged = ["preferred"] if self.preferred else []
        rows = [["mode", *measures, *judged]]
        for mode in self.modes[1:]:
            cells = [_signed(self.difference(mode, measure)) for measure in measures]
            rows.append([mode, *cells, *([_mean(self.preferred[mode])] if judged else [])])
        return rows

    def as_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        by_mode = {
            mode: {
                measure: interval(list(found.values()))
                for measure in self.measures()
                if (found := self.scores(mode, measure))
            }
            for mode in self.modes
        }
        differences = {
            mode: {measure: self.difference(mode, measure) for measure in self.measures()} for mode in self.modes[1:]
        }
        return {
            "workspace": self.workspace,
            "modes": by_mode,
            "differences": differences,
            "preferred": self.preferred,
            "questions": self.outcomes,
        }


def _mean(values: Mapping[str, float]) -> str:
    if not values:
        return "-"
    found = interval(list(values.values()))
    return f"{found.mean:.3f} ({found.low:.3f} to {found.high:.3f})"


def _signed(found: Interval | None) -> str:
    return "-" if found is None else f"{found.mean:+.3f} ({found.low:+.3f} to {found.high:+.3f})"


def _table(rows: list[list[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines) + "\n"
