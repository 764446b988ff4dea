"""Cuts a text into units that are not cut again: sentences, lines, table rows, and of long ones clauses or words."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import regex

# How good a place is to end a chunk: a window takes the best kind it holds, and of that kind the last.
PIECE, CLAUSE, LINE, SENTENCE, PARAGRAPH, HEADING = range(6)

_LONG_RUN = 8192  # characters: a longer run is cut before it is counted, for tokenizers fail on very long ones

_STOPS = "。！？｡؟।॥۔"
_CLOSERS = "\"'”’»」』】）〉》)\\]"
_BREAKS = re.compile(
    rf"(?P<paragraph>\n[^\S\n]*\n)|(?P<line>\n)|(?P<wide>(?:[{_STOPS}]|……)+[{_CLOSERS}]*)"
    rf"|(?P<stop>(?<![.!?…])[.!?…]++[{_CLOSERS}]*+(?=[^\S\n]))"
)
_SENTENCE_END = re.compile(rf"[.!?…{_STOPS}][{_CLOSERS}*_]*\s*$")
_CLAUSES = re.compile(rf"[，；：、][{_CLOSERS}]*|[,;:][{_CLOSERS}]*+(?=\s)|\s[–—](?=\s)")
_NOT_AN_END = re.compile(
    r"(?:^|\n)\s*\d{1,3}$|(?:^|[\s(\[\"'“‘])(?:[^\W\d_]|[A-Za-z](?:\.[A-Za-z])+|Mr|Mrs|Ms|Dr|Prof|Sr|Jr|St|Figs?|Eqs?|"
    r"Sec|Ch|Tab|Refs?|Nos?|Nr|Vols?|Art|pp?|vs|cf|al|approx|ca|etc|incl|resp|bzw|Abs|Abb|Inc|Ltd|Corp|Co)$",
    re.IGNORECASE,
)
_WIDE = re.compile("[\u2e80-\u30ff\u31c0-\u9fff\uf900-\ufaff\uff01-\uff65\U00020000-\U0003ffff]")
_NOT_FIRST = frozenset("。、，．：；？！）］｝」』】〉》〕’”ー々…‥・％,.:;?!)]}%")
_NOT_LAST = frozenset("（［｛「『【〈《〔‘“([{")
_KATAKANA = re.compile("[\u30a1-\u30fa\u30fc]")
_GRAPHEME = regex.compile(r"\X")
_PLAIN = "\u0300"  # no character below it joins the one before it
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")
_BACK = 64  # characters: what stands further back does not decide whether a character begins


class Unit(NamedTuple):
    """A run of text that is not cut again: where it lies, its tokens, and how good its end is as an end."""

    start: int
    end: int
    tokens: int
    level: int


class Cutter:
    """One text being cut: the budget in tokens, the counter, and how many units fill a chunk at least."""

    def __init__(self, text: str, tokens: int, count: Callable[[str], int], *, grain: int = 4) -> None:
        self.text, self.tokens, self.count, self.grain = text, tokens, count, grain

    def units(self, start: int, end: int) -> Iterator[Unit]:
        """Cut a range into sentences and lines, and a long one into clauses and words."""
        end = start + len(self.text[start:end].rstrip())
        rows = self.rows(start, end)
        begin = start
        for stop, level in [*self.breaks(start, end, rows), (end, PARAGRAPH)]:
            if stop > begin:
                tokens = self.size(begin, stop)
                if tokens * (1 if stop in rows else self.grain) <= self.tokens:
                    yield Unit(begin, stop, tokens, level)
                else:
                    yield from self.clauses(begin, stop, level)
                begin = stop

    def size(self, start: int, end: int) -> int:
        """The tokens of a range, with or without the white space around it; above the budget if it is very long."""
        run = self.text[start:end]
        return max(self.count(run), self.count(run.strip())) if end - start <= _LONG_RUN else self.tokens + 1

    def rows(self, start: int, end: int) -> dict[int, int]:
        """The rows of tables, which stay whole: where each line ends that has cells, and where it begins."""
        found: dict[int, int] = {}
        while start < end:
            stop = self.text.find("\n", start, end)
            stop = end if stop < 0 else stop
            line = self.text[start:stop].strip()
            if line.startswith("|") or " |" in line or "\t" in line:
                found[stop] = start
            start = stop + 1
        return found

    def breaks(self, start: int, end: int, rows: Mapping[int, int]) -> Iterator[tuple[int, int]]:
        """Yield where sentences, lines and paragraphs end; the white space between belongs to what follows."""
        spans = Spans(rows)
        for match in _BREAKS.finditer(self.text, start, end):
            kind = match.lastgroup
            if kind == "paragraph":
                yield match.start(), PARAGRAPH
            elif kind == "line":
                ended = _SENTENCE_END.search(self.text, max(start, match.start() - 8), match.start())
                yield match.start(), SENTENCE if ended else LINE
            elif match.end() in spans or not self.is_character(match.end()):
                continue
            elif kind == "wide" or self.ends_sentence(match, start, end):
                yield match.end(), SENTENCE

    def ends_sentence(self, match: re.Match[str], start: int, end: int) -> bool:
        """Tell a full stop from the point of an abbreviation, an initial or a numbered item."""
        if self.text[match.end() : min(end, match.end() + 8)].lstrip()[:1].islower():
            return False
        before = self.text[max(start, match.start() - 12) : match.start()]
        return match.group()[0] != "." or not _NOT_AN_END.search(before)

    def clauses(self, start: int, end: int, level: int) -> Iterator[Unit]:
        """Cut a long sentence after its commas, and what is still long between words."""
        ends = [match.end() for match in _CLAUSES.finditer(self.text, start, end) if self.is_character(match.end())]
        begin = start
        for stop in [*ends, end]:
            if stop > begin:
                yield from self.pieces(begin, stop, level if stop == end else CLAUSE)
                begin = stop

    def pieces(self, start: int, end: int, level: int) -> Iterator[Unit]:
        """Cut a range between words into a fraction of the budget, a `grain`; a word only if it is above the budget."""
        tokens = self.size(start, end)
        tokens = max(tokens, end - start) if end - start > _LONG_RUN else tokens
        cuts = self.cuts(start, end, tokens) if tokens * self.grain > self.tokens else []
        if not cuts:
            yield Unit(start, end, tokens, level)
            return
        for begin, stop in zip([start, *cuts], [*cuts, end], strict=True):
            yield from self.pieces(begin, stop, level if stop == end else PIECE)

    def cuts(self, start: int, end: int, tokens: int) -> list[int]:
        """Where to cut a range that is too long: near even steps, at gaps between words; none if it is one word."""
        step = max(1, (end - start) * self.tokens // ((self.grain + 1) * tokens))
        targets = range(start + step, end, step)
        gaps = {self.last(self.is_gap, at, at - step) for at in targets}
        gaps = gaps - {None} or {self.last(self.is_gap, end - 1, end - 1 - step)} - {None}
        if not gaps and tokens > self.tokens:
            gaps = {self.last(self.is_character, at, at - step) or at for at in targets}
        return sorted(cut for cut in gaps if cut and start < cut < end)

    def last(self, fits: Callable[[int], bool], position: int, floor: int) -> int | None:
        """The last place in (floor, position] that fits."""
        return next((at for at in range(position, max(floor, 0), -1) if fits(at)), None)

    def is_gap(self, position: int) -> bool:
        """Whether a chunk may end here: before white space, or beside a Chinese or Japanese character."""
        left, right = self.text[position - 1], self.text[position]
        if left.isspace() or right.isspace():
            return right.isspace()
        if not (_WIDE.match(left) or _WIDE.match(right)):
            return False
        if left in _NOT_LAST or right in _NOT_FIRST or not self.is_character(position):
            return False
        return not (_KATAKANA.match(left) and _KATAKANA.match(right))

    def is_character(self, position: int) -> bool:
        """Whether a character, as a reader sees it, begins here: no accent, joiner, skin tone or half of a flag."""
        if not 0 < position < len(self.text):
            return True
        left, right = self.text[position - 1], self.text[position]
        if left < _PLAIN and right < _PLAIN:
            return (left, right) != ("\r", "\n")
        begin = position
        while (
            begin and self.text[begin - 1] >= _PLAIN and (position - begin < _BACK or _FLAG.match(self.text, begin - 1))
        ):
            begin -= 1
        ends = (match.end() for match in _GRAPHEME.finditer(self.text, max(0, begin - 1), position + 1))
        return position in ends


class Spans:
    """Ranges of a text that do not overlap; `position in spans` asks for places within one, its two ends left out."""

    def __init__(self, ends: Mapping[int, int]) -> None:
        self._ends = sorted(ends)
        self._starts = [ends[end] for end in self._ends]

    def __contains__(self, position: int) -> bool:
        index = bisect_right(self._ends, position)
        return index < len(self._ends) and self._starts[index] < position
