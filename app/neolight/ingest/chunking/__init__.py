"""Cuts a document's text into passages, by the strategy that its workspace or its upload names."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from neolight.ingest.chunking.pack import Packer
from neolight.ingest.chunking.strategies import STRATEGIES, Run, Source, joined_by_meaning, merged
from neolight.ingest.chunking.units import PIECE, Cutter, Unit
from neolight.models import Chunking, ChunkStrategy, ParsedDocument, TextChunk, Vectors

Count = Callable[[str], int]
Value = TypeVar("Value")

_CHARACTERS_PER_TOKEN = 16  # no text worth the name has more, so a longer one is not counted as a whole


@dataclass(frozen=True, slots=True)
class Plan:
    """A document that is ready to be cut; `texts` are what the strategy must have vectors of, none for most."""

    document: ParsedDocument
    chunking: Chunking
    count: Count
    runs: list[Run]
    texts: list[str]

    @classmethod
    def of(cls, document: ParsedDocument, chunking: Chunking, count: Count) -> Plan:
        """How a document is to be cut. Raises InvalidInput for an unusable chunking."""
        strategy = STRATEGIES[ChunkStrategy(chunking.checked().strategy)]
        cutter = Cutter(document.text, chunking.tokens, count, grain=strategy.grain)
        page = _finder((page.start, page.number) for page in document.pages)
        if not document.text.strip() or (strategy.whole and _fits(document.text, chunking.tokens, count)):
            runs = [[Unit(0, len(document.text), chunking.tokens, PIECE)]] if document.text.strip() else []
            return cls(document, chunking, count, runs, [])
        runs = [run for run in strategy.runs(Source(document, chunking, cutter, page)) if run]
        if not strategy.by_meaning:
            return cls(document, chunking, count, merged(runs, chunking.tokens, strategy.least), [])
        pairs = [runs[at : at + 2] for at in range(len(runs))]
        texts = [document.text[two[0][0].start : two[-1][-1].end].strip() or "." for two in pairs]
        return cls(document, chunking, count, runs, texts)

    def chunks(self, vectors: Vectors | None = None) -> list[TextChunk]:
        """The chunks, in order; `vectors` has a row of unit length for each of the `texts`, if there are any.

        A chunk's text is `document.text[start:end]` without white space around it. Together the chunks hold all that is
        neither white space nor a separator. Chunks of one run repeat up to the overlap of the one before, from the
        start of a sentence where there is one.
        """
        runs = self.runs
        if vectors is not None and runs:
            least = STRATEGIES[ChunkStrategy(self.chunking.strategy)].least
            runs = merged(joined_by_meaning(runs, vectors), self.chunking.tokens, least)
        text, chunking = self.document.text, self.chunking
        packer = Packer(text, chunking.tokens, chunking.overlap, self.count)
        page = _finder((page.start, page.number) for page in self.document.pages)
        section = _finder((heading.start, " > ".join(heading.path)) for heading in self.document.headings)
        starts = sorted(page.start for page in self.document.pages)

        def further(start: int, end: int) -> tuple[int, ...]:
            return tuple(starts[bisect_right(starts, start) : bisect_left(starts, end)])

        spans = [span for run in runs for span in packer.pack(run)]
        return [
            TextChunk(
                position, text[start:end], size, start, end, page(start), section(start) or None, further(start, end)
            )
            for position, (start, end, size) in enumerate(spans)
        ]


def _fits(text: str, tokens: int, count: Count) -> bool:
    stripped = text.strip()
    return len(stripped) <= tokens * _CHARACTERS_PER_TOKEN and count(stripped) <= tokens


def _finder(places: Iterable[tuple[int, Value]]) -> Callable[[int], Value | None]:
    """Return a look-up of the value that holds at a character: that of the last place at or before it."""
    ordered = sorted(places, key=lambda place: place[0])

    def find(at: int) -> Value | None:
        index = bisect_right(ordered, at, key=lambda place: place[0])
        return ordered[index - 1][1] if index else None

    return find
