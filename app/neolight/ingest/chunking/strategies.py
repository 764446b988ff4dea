"""The strategies: each makes of a document the runs of units that are packed into chunks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from neolight.ingest.chunking import structure
from neolight.ingest.chunking.pack import SMALL
from neolight.ingest.chunking.units import PIECE, SENTENCE, Cutter, Spans, Unit
from neolight.models import Chunking, ChunkStrategy, ParsedDocument, Vectors

Run: TypeAlias = list[Unit]
"""Units that are packed together; no chunk holds units of two runs."""

FINE = 16
"""Units to a chunk, where chunks are to be of even length."""

BREAKS = 0.9
"""Of the distances between neighbouring sentences, those above this quantile are changes of the subject."""

NEAR = 1e-3
"""A cosine distance below it is no change of the subject, however even the rest is."""


@dataclass(frozen=True, slots=True)
class Source:
    """A document to be cut, how, and on which page a character is."""

    document: ParsedDocument
    chunking: Chunking
    cutter: Cutter
    page: Callable[[int], int | None]


@dataclass(frozen=True, slots=True)
class Strategy:
    """Where to cut: what makes the runs, and what is made of them.

    `grain` is how many units fill a chunk at least; `whole` leaves a document alone that fits in one chunk; `least` is
    the part of the budget below which a run is joined with its neighbour; where `by_meaning`, each run is a sentence,
    and runs are joined where their vectors are near.
    """

    runs: Callable[[Source], Iterable[Run]]
    grain: int = 4
    whole: bool = True
    least: float = 0.0
    by_meaning: bool = False


def by_structure(source: Source) -> Iterable[Run]:
    """Sections, small ones under one parent together."""
    return structure.regions(source.cutter, source.document, source.page)


def by_sentences(source: Source) -> Iterable[Run]:
    """All sentences, as one run: paragraphs and headings do not matter."""
    units = source.cutter.units(0, len(source.document.text))
    return [[unit._replace(level=min(unit.level, SENTENCE)) for unit in units]]


def by_tokens(source: Source) -> Iterable[Run]:
    """Words, as one run: nothing matters but how many there are; rows of tables are whole."""
    cutter, text = source.cutter, source.document.text
    end = len(text.rstrip())
    run: Run = []
    begin = 0
    for stop, start in [*cutter.rows(0, end).items(), (end, end)]:
        if start > begin:
            run += cutter.pieces(begin, start, PIECE)
        if stop > start:
            run += _row(cutter, start, stop)
        begin = stop
    return [run]


def _row(cutter: Cutter, start: int, end: int) -> Iterable[Unit]:
    tokens = cutter.size(start, end)
    return [Unit(start, end, tokens, PIECE)] if tokens <= cutter.tokens else cutter.pieces(start, end, PIECE)


def by_separator(source: Source) -> Iterable[Run]:
    """What stands between separators. One within a word, a character or a row of a table does not count."""
    text, cutter = source.document.text, source.cutter
    separator = source.chunking.separator
    rows = Spans({} if "\n" in separator else cutter.rows(0, len(text)))
    begin = 0
    for match in re.finditer(re.escape(separator), text):
        start, end = match.span()
        if all(_apart(cutter, at) for at in (start, end)) and start not in rows and end not in rows:
            yield list(cutter.units(begin, start))
            begin = end
    yield list(cutter.units(begin, len(text)))


def _apart(cutter: Cutter, at: int) -> bool:
    around = cutter.text[max(0, at - 1) : at + 1]
    return cutter.is_character(at) and not (len(around) == 2 and around.isalnum() and around.isascii())


def by_meaning(source: Source) -> Iterable[Run]:
    """Sentence by sentence; a heading goes with the sentence after it."""
    heads = {heading.start for heading in source.document.headings}
    run: Run = []
    for unit in source.cutter.units(0, len(source.document.text)):
        start = (
            unit.start
            + len(source.document.text[unit.start : unit.end])
            - len(source.document.text[unit.start : unit.end].lstrip())
        )
        heading = start in heads
        run.append(unit)
        if unit.level >= SENTENCE and not heading:
            yield run
            run = []
    if run:
        yield run


STRATEGIES: Mapping[ChunkStrategy, Strategy] = {
    ChunkStrategy.STRUCTURE: Strategy(by_structure),
    ChunkStrategy.TOKENS: Strategy(by_tokens, grain=FINE),
    ChunkStrategy.SENTENCES: Strategy(by_sentences),
    ChunkStrategy.SEMANTIC: Strategy(by_meaning, whole=False, least=SMALL, by_meaning=True),
    ChunkStrategy.SEPARATOR: Strategy(by_separator, whole=False, least=structure.CRUMB),
}


def joined_by_meaning(sentences: Sequence[Run], vectors: Vectors) -> list[Run]:
    """Sentences in runs of one subject: cut where what stands before and what stands after are farthest apart.

    `vectors` has a row of unit length for each sentence, of it and the next one. The distance at a gap is the cosine
    distance of the two sentences before it and the two after; it is cut at local maxima above a high quantile. After
    Hearst, "TextTiling" (1997), with embeddings for the counts of words.
    """
    before, after = vectors[[max(0, at - 1) for at in range(len(vectors) - 1)]], vectors[1:]
    distances = 1.0 - np.einsum("ij,ij->i", before, after)
    runs = [list(sentences[0])]
    if not len(distances):
        return runs
    limit = max(float(np.quantile(distances, BREAKS)), NEAR)
    around = np.pad(distances, 1, constant_values=-1.0)
    peaks = (distances >= limit) & (distances >= around[:-2]) & (distances > around[2:])
    for sentence, peak in zip(sentences[1:], peaks, strict=True):
        if peak:
            runs.append([])
        runs[-1] += sentence
    return runs


def merged(runs: Iterable[Run], tokens: int, least: float) -> list[Run]:
    """Runs of which none is below `least` of the budget, as far as it fits in one chunk with a neighbour."""
    found: list[Run] = []
    sizes: list[int] = []
    for run in runs:
        size = sum(unit.tokens for unit in run)
        small = bool(found) and min(sizes[-1], size) < least * tokens
        if small and sizes[-1] + size <= tokens:
            found[-1] = found[-1] + run
            sizes[-1] += size
        elif run:
            found.append(run)
            sizes.append(size)
    return found
