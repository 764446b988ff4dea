"""Cuts a document's text into passages that keep to headings, then paragraphs, then sentences."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple, TypeVar

from neolight.errors import InvalidInput
from neolight.models import Heading, ParsedDocument, TextChunk

_LEAST_TOKENS = 8  # one character can cost four

# How good a place is to end a chunk: a window takes the best kind it holds, and of that kind the last.
_PIECE, _CLAUSE, _LINE, _SENTENCE, _PARAGRAPH, _HEADING = range(6)

_SMALL = 0.25  # of the budget: a section below it is joined with its neighbour, a last chunk is kept above it
_CRUMB = 0.1  # of the budget: a section below it also joins the one before it, or one above the budget
_CHARACTERS_PER_TOKEN = 16  # no text worth the name has more, so a longer one is not counted as a whole
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


class _Unit(NamedTuple):
    """A run of text that is not cut again: where it lies, its tokens, and how good its end is as an end."""

    start: int
    end: int
    tokens: int
    level: int


class _Section(NamedTuple):
    """The text under one heading, up to the next."""

    path: tuple[str, ...]
    units: list[_Unit]
    tokens: int
    page: int | None
    bare: bool = False  # nothing but the heading

    def joined(self, other: _Section) -> _Section:
        """This section and the next as one; bare if both are."""
        units, tokens = self.units + other.units, self.tokens + other.tokens
        return _Section(self.path or other.path, units, tokens, self.page, self.bare and other.bare)


class _Splitter:
    """One document being cut: its text, the budget in tokens, and the counter."""

    def __init__(self, text: str, tokens: int, overlap: int, count: Callable[[str], int]) -> None:
        self.text, self.count = text, count
        self.tokens, self.overlap = tokens, overlap

    def sections(self, headings: Sequence[Heading], page: Callable[[int], int | None]) -> Iterator[_Section]:
        """Yield the text before the first heading and under each, without the empty ones."""
        starts = [0, *(heading.start for heading in headings), len(self.text)]
        paths = [(), *(heading.path for heading in headings)]
        for path, (start, end) in zip(paths, pairwise(starts), strict=True):
            if units := list(self.units(start, end)):
                bare = bool(path) and "\n" not in self.text[start:end].strip()
                units[-1] = units[-1]._replace(level=_HEADING)
                units[0] = units[0]._replace(level=_PIECE) if path else units[0]  # nothing ends with a heading
                yield _Section(path, units, sum(unit.tokens for unit in units), page(start), bare)

    def units(self, start: int, end: int) -> Iterator[_Unit]:
        """Cut a range into sentences and lines, and a long one into clauses and words."""
        end = start + len(self.text[start:end].rstrip())
        begin = start
        for stop, level in [*self.breaks(start, end), (end, _PARAGRAPH)]:
            if stop > begin:
                tokens = self.count(self.text[begin:stop]) if stop - begin <= _LONG_RUN else self.tokens
                if tokens * 4 <= self.tokens:
                    yield _Unit(begin, stop, tokens, level)
                else:
                    yield from self.clauses(begin, stop, level)
                begin = stop

    def breaks(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield where sentences, lines and paragraphs end; the white space between belongs to what follows."""
        for match in _BREAKS.finditer(self.text, start, end):
            kind = match.lastgroup
            if kind == "paragraph":
                yield match.start(), _PARAGRAPH
            elif kind == "line":
                ended = _SENTENCE_END.search(self.text, max(start, match.start() - 8), match.start())
                yield match.start(), _SENTENCE if ended else _LINE
            elif kind == "wide" or self.ends_sentence(match, start, end):
                yield match.end(), _SENTENCE

    def ends_sentence(self, match: re.Match[str], start: int, end: int) -> bool:
        """Tell a full stop from the point of an abbreviation, an initial or a numbered item."""
        if self.text[match.end() : min(end, match.end() + 8)].lstrip()[:1].islower():
            return False
        before = self.text[max(start, match.start() - 12) : match.start()]
        return match.group()[0] != "." or not _NOT_AN_END.search(before)

    def clauses(self, start: int, end: int, level: int) -> Iterator[_Unit]:
        """Cut a long sentence after its commas, and what is still long between words."""
        ends = [match.end() for match in _CLAUSES.finditer(self.text, start, end)]
        begin = start
        for stop in [*ends, end]:
            if stop > begin:
                yield from self.pieces(begin, stop, level if stop == end else _CLAUSE)
                begin = stop

    def pieces(self, start: int, end: int, level: int) -> Iterator[_Unit]:
        """Cut a range between words into parts of a quarter of the budget; a word only if it is above the budget."""
        run, long = self.text[start:end], end - start > _LONG_RUN
        tokens = max(self.tokens + 1, end - start) if long else max(self.count(run), self.count(run.strip()))
        cuts = self.cuts(start, end, tokens) if tokens * 4 > self.tokens else []
        if not cuts:
            yield _Unit(start, end, tokens, level)
            return
        for begin, stop in zip([start, *cuts], [*cuts, end], strict=True):
            yield from self.pieces(begin, stop, level if stop == end else _PIECE)

    def cuts(self, start: int, end: int, tokens: int) -> list[int]:
        """Where to cut a range that is too long: near even steps, at gaps between words; none if it is one word."""
        step = max(1, (end - start) * self.tokens // (5 * tokens))
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
        """Whether what begins here is no accent, joiner or skin tone of the character before it."""
        left, right = self.text[position - 1], self.text[position]
        joins = unicodedata.category(right) in {"Mn", "Mc", "Me", "Cf"} or "\U0001f3fb" <= right <= "\U0001f3ff"
        return not joins and left != "\u200d"

    def pack(self, units: Sequence[_Unit]) -> Iterator[tuple[int, int, int]]:
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

    def choose(self, units: Sequence[_Unit], sums: Sequence[int], first: int, fresh: int) -> int:
        """The unit after a chunk's last: all that is left if it fits, else the best end in the upper half."""
        remaining = sums[-1] - sums[first]
        if remaining <= self.tokens:
            return len(units)
        limit = min(self.tokens, max(remaining - int(_SMALL * self.tokens), self.tokens // 2))
        top = max(fresh + 1, bisect_right(sums, sums[first] + limit) - 1)
        low = max(fresh + 1, min(top, bisect_left(sums, sums[first] + limit // 2)))
        return max(range(low, top + 1), key=lambda at: (units[at - 1].level, at))

    def fit(self, units: Sequence[_Unit], first: int, fresh: int, last: int) -> tuple[int, int, tuple[int, int, int]]:
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

    def overlap_from(self, units: Sequence[_Unit], sums: Sequence[int], first: int, last: int) -> int:
        """The unit that the next chunk begins with: whole sentences of the overlap if there are any, else less."""
        if last >= len(units) or units[last - 1].level == _HEADING:
            return last
        room = min(self.overlap, self.tokens - units[last].tokens)
        at = max(first + 1, bisect_left(sums, sums[last] - max(0, room)))
        return next((start for start in range(at, last) if units[start - 1].level >= _SENTENCE), at)


def split(document: ParsedDocument, *, tokens: int, overlap: int, count: Callable[[str], int]) -> list[TextChunk]:
    """Cut a document into chunks of at most `tokens` tokens as `count` counts them, in order.

    A chunk's text is `document.text[start:end]` without white space around it; together the chunks hold all that is
    not white space. Small sections under one parent share a chunk. Chunks of one section repeat up to `overlap` tokens
    of the one before, from the start of a sentence where there is one. Raises InvalidInput for an unusable budget.
    """
    if tokens < _LEAST_TOKENS or not 0 <= overlap < tokens:
        raise InvalidInput(
            f"Chunks of {tokens} tokens with an overlap of {overlap} are not possible.",
            hint=f"Use at least {_LEAST_TOKENS} tokens, and an overlap from 0 to one less than the chunk size.",
        )
    page = _finder((page.start, page.number) for page in document.pages)
    section = _finder((heading.start, " > ".join(heading.path)) for heading in document.headings)
    spans = _whole(document.text, tokens, count)
    if spans is None:
        splitter = _Splitter(document.text, tokens, overlap, count)
        headings = sorted(document.headings, key=lambda heading: heading.start)
        regions = _regions(_headed(splitter.sections(headings, page)), tokens)
        spans = [span for units in regions for span in splitter.pack(units)]
    return [
        TextChunk(position, document.text[start:end], size, start, end, page(start), section(start) or None)
        for position, (start, end, size) in enumerate(spans)
    ]


def _whole(text: str, tokens: int, count: Callable[[str], int]) -> list[tuple[int, int, int]] | None:
    """The one chunk of a short document, none of an empty one, or None if it has to be cut."""
    stripped = text.strip()
    size = count(stripped) if len(stripped) <= tokens * _CHARACTERS_PER_TOKEN else tokens + 1
    start = len(text) - len(text.lstrip())
    return None if size > tokens else [(start, start + len(stripped), size)] if stripped else []


def _headed(sections: Iterable[_Section]) -> Iterator[_Section]:
    """Join each heading that has no text of its own with the section below it."""
    held: _Section | None = None
    for section in sections:
        below = held is not None and section.path[: len(held.path)] == held.path
        if held and not below:
            yield held
        whole = held.joined(section) if held and below else section
        held = whole if section.bare else None
        if not section.bare:
            yield whole
    if held:
        yield held


def _regions(sections: Iterable[_Section], tokens: int) -> Iterator[list[_Unit]]:
    """Join small sections with the one after them under the same parent; what is joined is packed together."""
    joined: _Section | None = None
    for section in sections:
        together = joined is not None and _belongs(joined, section, tokens)
        if joined and not together:
            yield joined.units
        joined = joined.joined(section) if joined and together else section
    if joined:
        yield joined.units


def _belongs(joined: _Section, section: _Section, tokens: int) -> bool:
    """Whether a section goes on with what is joined so far: related, small, and in one chunk or too long for any.

    Sections that begin on different pages stay apart, so that the page of a chunk is that of the sections in it.
    """
    related = section.path[: len(joined.path)] == joined.path or section.path[:-1] == joined.path[:-1]
    if not related or section.page != joined.page:
        return False
    size = joined.tokens + section.tokens
    if joined.tokens < _SMALL * tokens:
        return size <= tokens or (section.tokens > tokens and joined.tokens < _CRUMB * tokens)
    return section.tokens < _CRUMB * tokens and 2 * size <= tokens


_Value = TypeVar("_Value")


def _finder(places: Iterable[tuple[int, _Value]]) -> Callable[[int], _Value | None]:
    """Return a look-up of the value that holds at a character: that of the last place at or before it."""
    ordered = sorted(places, key=lambda place: place[0])

    def find(at: int) -> _Value | None:
        index = bisect_right(ordered, at, key=lambda place: place[0])
        return ordered[index - 1][1] if index else None

    return find
