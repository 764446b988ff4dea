"""Recognises numbered headings such as "5.3 Sensor calibration", "Annex A" or "第二章 校准"."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"(\d{1,3}(?:\.\d{1,3}){0,4})\.?\s+(?=[^\W\d_])")
_CHAPTER = re.compile(
    r"第[一二三四五六七八九十百零〇\d]{1,5}(?P<unit>[章篇部节条])|[一二三四五六七八九十]{1,3}、|"
    r"(?P<part>[（(][一二三四五六七八九十]{1,3}[）)])|(?:chapter|appendix|annex|part|kapitel|anhang)\s+[\dA-Z]\b",
    re.IGNORECASE,
)
_OPEN_END = re.compile(r"[.,;:!?。，；：！？、]$")


def unnumbered(text: str) -> str:
    """Return a heading without its number in digits."""
    number = _NUMBER.match(text)
    return text[number.end() :] if number else text


def depth(text: str) -> int | None:
    """Return how deep the number of a heading is, 2 for 5.3; None without a number or before a small letter."""
    if chapter := _CHAPTER.match(text):
        return 2 if chapter.group("part") or chapter.group("unit") in {"节", "条"} else 1
    number = _NUMBER.match(text)
    if not number or text[number.end()].islower():
        return None
    return number.group(1).count(".") + 1


def telling(text: str) -> bool:
    """Tell whether the number alone makes a heading of a line: it has several parts, or names a chapter."""
    return bool(_CHAPTER.match(text)) or "." in text.split(maxsplit=1)[0].rstrip(".")


def ends_open(text: str) -> bool:
    """Tell whether a line ends with a mark that headings do not end with."""
    return bool(_OPEN_END.search(text))
