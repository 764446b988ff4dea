"""The extractor without a model, against what a reader finds: tests/data/labels.yaml."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from neolight.nlp.chinese import is_chinese
from neolight.nlp.extract import extract
from neolight.nlp.focus import VALUES
from neolight.nlp.words import singular

FILE = Path(__file__).parent / "data" / "labels.yaml"


@dataclass(frozen=True)
class Passage:
    """A passage, and what a reader finds in it; every spelling leads to the label's name."""

    document: str
    text: str
    entities: dict[str, str | None]
    spellings: dict[str, str]
    also: frozenset[str]
    relations: frozenset[frozenset[str]]

    @property
    def language(self) -> str:
        return "zh" if is_chinese(self.text) else "en"


@dataclass
class Score:
    """Counts of what was found, was to be found, and was found wrongly; with the names, for people."""

    found: int = 0
    labelled: int = 0
    right: int = 0
    judged: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.found / self.labelled

    @property
    def precision(self) -> float:
        return self.right / self.judged


@dataclass
class Report:
    """The scores of a set of passages; of types, only entities that were found and whose label has one."""

    entities: Score = field(default_factory=Score)
    relations: Score = field(default_factory=Score)
    types: Score = field(default_factory=Score)

    def __str__(self) -> str:
        rows = (("entities", self.entities), ("relations", self.relations), ("types", self.types))
        return "; ".join(f"{name} precision {one.precision:.3f} recall {one.recall:.3f}" for name, one in rows)


def plain(name: str) -> str:
    """A name as it is compared: without case, and with its last word in the singular."""
    words = unicodedata.normalize("NFKC", name).casefold().split()
    return " ".join([*words[:-1], singular(words[-1])]) if words else ""


def passages() -> list[Passage]:
    """All labelled passages. Raises ValueError where a relation names no labelled entity."""
    return [_passage(row) for row in yaml.safe_load(FILE.read_text("utf-8"))]


def measured(chosen: Iterable[Passage]) -> Report:
    """Extracts from each passage by itself, and compares."""
    report = Report()
    for passage in chosen:
        _compare(passage, report)
    return report


def _passage(row: dict[str, Any]) -> Passage:
    entities: dict[str, str | None] = {}
    spellings: dict[str, str] = {}
    for names, type_ in row["entities"].items():
        first, *others = [plain(str(one)) for one in str(names).split(" = ")]
        entities[first] = type_
        spellings |= dict.fromkeys([first, *others], first)
    pairs = frozenset(frozenset(spellings[plain(str(end))] for end in pair) for pair in row["relations"])
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"A relation of one entity to itself in {row['text']}")
    also = frozenset(plain(str(one)) for one in row["also"])
    return Passage(str(row["document"]), str(row["text"]), entities, spellings, also - spellings.keys(), pairs)


def _compare(passage: Passage, report: Report) -> None:
    extraction = extract(passage.text)
    values = {plain(one.name) for one in extraction.mentions if one.type in VALUES}
    found = {plain(one.name): one.type for one in extraction.mentions if plain(one.name) not in values}
    known = {passage.spellings[name] for name in found if name in passage.spellings}
    _count(report.entities, known, passage.entities.keys())
    wrong = [name for name in found if name not in passage.spellings and name not in passage.also]
    report.entities.right += len(found) - len(wrong)
    report.entities.judged += len(found)
    report.entities.wrong += wrong

    told = {passage.spellings[name]: type_ for name, type_ in found.items() if name in passage.spellings}
    typed = {name: passage.entities[name] for name in told if passage.entities[name]}
    agreed = {name for name, type_ in typed.items() if told[name] == type_}
    report.types.wrong += [f"{name}: {told[name]}" for name in typed.keys() - agreed]
    _count(report.types, agreed, typed.keys())
    report.types.right, report.types.judged = report.types.found, report.types.labelled

    pairs: set[frozenset[str]] = set()
    for one in extraction.statements:
        ends = {passage.spellings.get(plain(end), plain(end)) for end in (one.source, one.target)}
        if len(ends) == 2 and not ends & (values | passage.also):
            pairs.add(frozenset(ends))
    _count(report.relations, pairs & passage.relations, passage.relations)
    report.relations.right += len(pairs & passage.relations)
    report.relations.judged += len(pairs)
    report.relations.wrong += [" - ".join(sorted(pair)) for pair in pairs - passage.relations]


def _count(score: Score, found: Iterable[object], labelled: Iterable[object]) -> None:
    got, all_ = set(found), set(labelled)
    score.found += len(got)
    score.labelled += len(all_)
    score.missed += [" - ".join(sorted(one)) if isinstance(one, frozenset) else str(one) for one in all_ - got]


if __name__ == "__main__":
    everything = passages()
    for language in ("en", "zh"):
        chosen = [one for one in everything if one.language == language]
        report = measured(chosen)
        counts = f"{report.entities.labelled} entities, {report.relations.labelled} relations"
        print(f"{language}: {len(chosen)} passages, {counts}; {report}")
        for name in ("entities", "relations", "types"):
            score = getattr(report, name)
            print(f"  {name} missed: {'; '.join(score.missed)}\n  {name} wrong: {'; '.join(score.wrong)}")
