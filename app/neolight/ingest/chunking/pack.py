"""Fills chunks with units, up to the budget, ending at the best place."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from neolight.ingest.chunking.units import HEADING, SENTENCE, Unit

SMALL = 0.25
"""Of the budget: a section below it is joined with its neighbour, a last chunk is kept above it."""


class Packer:
    """One text being packed: the budget and the overlap in tokens, and the counter."""

    def __init__(self, text: str, tokens: int, overlap: int, count: Callable[[str], int]) -> None:
        self.text, self.count = text, count
        self.tokens, self.overlap = tokens, overlap

    def pack(self, units: Sequence[Unit]) -> Iterator[tuple[int, int, int]]:
        """Yield start, end and tokens of the chunks of a run of units; each begins with the overlap before it."""
        sums = [0, *accumulate(unit.tokens for unit in units)]
        first = fresh = reached = 0
        while fresh < len(units):
            last = self.choose(units, sums, first, fresh)
            first, last, chunk = self.fit(units, first, fresh, last)
            if chunk[1] > reached and chunk[2]:  # else there is only white space in it that is new
                yield chunk
            reached = chunk[1]
            first, fresh = self.overlap_from(units, sums, first, last), last

    def choose(self, units: Sequence[Unit], sums: Sequence[int], first: int, fresh: int) -> int:
        """The unit after a chunk's last: all that is left if it fits, else the best end in the upper half."""
        remaining = sums[-1] - sums[first]
        if remaining <= self.tokens:
            return len(units)
        limit = min(self.tokens, max(remaining - int(SMALL * self.tokens), self.tokens // 2))
        top = max(fresh + 1, bisect_right(sums, sums[first] + limit) - 1)
        low = max(fresh + 1, min(top, bisect_left(sums, sums[first] + limit // 2)))
        return max(range(low, top + 1), key=lambda at: (units[at - 1].level, at))

    def fit(self, units: Sequence[Unit], first: int, fresh: int, last: int) -> tuple[int, int, tuple[int, int, int]]:
        """Hold the budget by the exact count: give up units at the end, then the overlap."""
        while True:
            start, end = units[first].start, units[last - 1].end
            text = self.text[start:end].lstrip()
            start, text = end - len(text), text.rstrip()
            tokens = self.count(text) if text else 0
            if tokens <= self.tokens or last - first <= 1:
                return first, last, (start, start + len(text), tokens)
            if last > fresh + 1:
                last -= 1
            else:
                first += 1

    def overlap_from(self, units: Sequence[Unit], sums: Sequence[int], first: int, last: int) -> int:
        """The unit that the next chunk begins with: whole sentences of the overlap if there are any, else less."""
        if last >= len(units) or units[last - 1].level == HEADING:
            return last
        room = min(self.overlap, self.tokens - units[last].tokens)
        at = max(first + 1, bisect_left(sums, sums[last] - max(0, room)))
        return next((start for start in range(at, last) if units[start - 1].level >= SENTENCE), at)
