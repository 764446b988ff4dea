"""What the styles and numberings of a Word document make of a paragraph: a heading, a list item, and its number."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from docx.document import Document
from docx.oxml.ns import qn

_HEADING = re.compile(r"heading ([1-9])$", re.IGNORECASE)
_VAL, _ILVL, _NUM_ID = qn("w:val"), qn("w:ilvl"), qn("w:numId")
_NUMBERING = f"{qn('w:pPr')}/{qn('w:numPr')}"
_OUTLINE = f"{qn('w:pPr')}/{qn('w:outlineLvl')}"
_STYLE = f"{qn('w:pPr')}/{qn('w:pStyle')}"
_MOST_PARENTS = 12
_PLACEHOLDER = re.compile(r"%([1-9])")
_CHINESE = "〇一二三四五六七八九"


class Label(NamedTuple):
    """The number or bullet of a paragraph, and how deep its list is, from 0."""

    text: str
    depth: int
    bullet: bool


class Styles:
    """The paragraph styles of a document, each with those it is based on."""

    def __init__(self, document: Document) -> None:
        self._elements: dict[str, Any] = {
            style.get(qn("w:styleId"), ""): style for style in document.styles.element.iter(qn("w:style"))
        }

    def chain(self, paragraph: Any) -> list[Any]:
        """The paragraph itself, its style, and the styles that one is based on, nearest first."""
        found = [paragraph]
        name = _value(paragraph, _STYLE)
        while name in self._elements and len(found) < _MOST_PARENTS:
            found.append(self._elements[name])
            name = _value(found[-1], qn("w:basedOn"))
        return found

    def level(self, paragraph: Any) -> int | None:
        """The heading level of a paragraph by outline level or style name; 0 is the title, None no heading."""
        for element in self.chain(paragraph):
            outline, name = _value(element, _OUTLINE), _value(element, qn("w:name"))
            if outline is not None:
                return int(outline) + 1 if int(outline) < 9 else None
            if name == "Title":
                return 0
            if name and (found := _HEADING.match(name)):
                return int(found.group(1))
        return None

    def in_list(self, paragraph: Any) -> bool:
        """Whether a paragraph's style is one of the list styles."""
        return any((_value(style, qn("w:name")) or "").startswith("List") for style in self.chain(paragraph)[1:])


class _Level(NamedTuple):
    """A level of a numbering: what its first number is, how numbers look, and what is around them."""

    start: int
    form: str
    pattern: str


class Numbering:
    """Counts the numbered paragraphs of a document in their order."""

    def __init__(self, document: Document) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._abstract: dict[str, str] = {}
        self._starts: dict[tuple[str, int], int] = {}
        self._counts: dict[str, dict[int, int]] = {}
        parts = (r.target_part for r in document.part.rels.values() if r.reltype.endswith("/numbering"))
        root: Any = getattr(next(parts, None), "element", None)
        if root is None:
            return
        for abstract in root.iter(qn("w:abstractNum")):
            levels = {int(level.get(_ILVL, "0")): _level(level) for level in abstract.iter(qn("w:lvl"))}
            self._levels[abstract.get(qn("w:abstractNumId"), "")] = levels
        for number in root.iter(qn("w:num")):
            key = number.get(_NUM_ID, "")
            self._abstract[key] = _value(number, qn("w:abstractNumId")) or ""
            for override in number.iter(qn("w:lvlOverride")):
                start = _value(override, qn("w:startOverride"))
                if start is not None:
                    self._starts[key, int(override.get(_ILVL, "0"))] = int(start)

    def label(self, paragraph: Any, styles: Styles) -> Label | None:
        """Count a paragraph and return its label; None if it has no number and no bullet."""
        key, depth = _place(styles.chain(paragraph))
        abstract = self._abstract.get(key or "", "")
        levels = self._levels.get(abstract, {})
        if depth not in levels:
            return None
        counts = self._counts.setdefault(abstract, {})
        start = self._starts.pop((key or "", depth), None)  # an override counts from it once
        counts[depth] = counts.get(depth, levels[depth].start - 1) + 1 if start is None else start
        for deeper in [level for level in counts if level > depth]:
            del counts[deeper]
        if levels[depth].form == "bullet":
            return Label("-", depth, bullet=True)
        text = _PLACEHOLDER.sub(lambda found: _number(levels, counts, int(found.group(1)) - 1), levels[depth].pattern)
        return Label(text.strip(), depth, bullet=False) if text.strip() else None


def _number(levels: dict[int, _Level], counts: dict[int, int], depth: int) -> str:
    """The current number of a level as it is written; a level without paragraphs so far has its first."""
    level = levels.get(depth, _Level(1, "decimal", ""))
    return _written(counts.get(depth, level.start), level.form)


def _level(element: Any) -> _Level:
    """Read one level of a numbering."""
    start = _value(element, qn("w:start")) or "1"
    pattern = _value(element, qn("w:lvlText")) or ""
    return _Level(int(start), _value(element, qn("w:numFmt")) or "decimal", pattern)


def _place(chain: list[Any]) -> tuple[str | None, int]:
    """The numbering of a paragraph and its level in it, each from the nearest that names it."""
    key: str | None = None
    depth: int | None = None
    for element in chain:
        numbering = element.find(_NUMBERING)
        if numbering is not None:
            level = _value(numbering, _ILVL)
            depth = int(level) if depth is None and level is not None else depth
            key = key or _value(numbering, _NUM_ID)
    return key, depth or 0


def _value(element: Any, path: str) -> str | None:
    """The value of the element at a path, or None."""
    found = element.find(path)
    return found.get(_VAL) if found is not None else None


def _written(number: int, form: str) -> str:
    """A number in the form that Word names."""
    if form in {"lowerLetter", "upperLetter"} and number > 0:
        text = chr(97 + (number - 1) % 26) * ((number - 1) // 26 + 1)
    elif form in {"lowerRoman", "upperRoman"} and 0 < number < 4000:
        text = _roman(number)
    elif form.startswith("chinese") and 0 < number < 100:
        tens, ones = divmod(number, 10)
        text = ("" if tens < 2 else _CHINESE[tens]) + ("十" if tens else "") + (_CHINESE[ones] if ones else "")
    else:
        text = f"{number:02}" if form == "decimalZero" else str(number)
    return text.upper() if form.startswith("upper") else text


def _roman(number: int) -> str:
    """A number in small Roman numerals."""
    text = ""
    for value, sign in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"),
        strict=True,
    ):
        text += sign * (number // value)
        number %= value
    return text
