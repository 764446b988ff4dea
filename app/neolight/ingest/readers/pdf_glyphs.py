"""Asks PDFium where the characters of a page lie and what they look like."""

from __future__ import annotations

import ctypes
from collections import Counter
from math import hypot
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw as pdfium

_BOLD = (b"bold", b"black", b"heavy", b"demi", b"cmbx")
_FIXED = (b"courier", b"mono", b"consol", b"typewriter", b"cmtt")
_SAMPLES = 32


class Box(NamedTuple):
    """Where a character lies, in points from the lower left corner, with the page turned so that most text is level."""

    left: float
    bottom: float
    right: float
    top: float

    def beside(self, other: Box) -> bool:
        """Whether two characters may be in the same line: some of one is level with some of the other."""
        return self.bottom < other.top and other.bottom < self.top


class Look(NamedTuple):
    """What a character looks like: letter size and height in points, and whether it is level, bold, of fixed width."""

    size: float
    baseline: float
    level: bool
    bold: bool
    fixed: bool


class Glyphs:
    """The characters of a page by their place in its text."""

    def __init__(self, textpage: pypdfium2.PdfTextPage, area: tuple[float, float, float, float]) -> None:
        self.text = textpage.get_text_range(errors="surrogatepass")
        self._page = textpage
        self._box, self._matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._name, self._flags = ctypes.create_string_buffer(128), ctypes.c_int()
        self._wide = any(character > "\uffff" for character in self.text)
        self._same = not self._wide and textpage.count_chars() == len(self.text)
        step = max(1, len(self.text) // _SAMPLES)
        turns = Counter(self._turn(self._code(at)) for at in range(0, len(self.text), step) if self.text[at].strip())
        self._quarter = turns.most_common(1)[0][0] if turns else 0
        self.area = self._turned(*area)
        """The page itself."""

    def box(self, position: int) -> Box | None:
        """Return where a character lies, or None if PDFium does not say."""
        code = self._code(position)
        if code < 0 or not pdfium.FPDFText_GetLooseCharBox(self._page, code, self._box):
            return None
        box = self._box
        if not self._quarter:
            return Box(box.left, box.bottom, box.right, box.top)
        return self._turned(box.left, box.bottom, box.right, box.top)

    def look(self, position: int) -> Look:
        """Return what a character looks like; its size is rounded to half points."""
        code = self._code(position)
        level = self._turn(code) == self._quarter
        size = pdfium.FPDFText_GetFontSize(self._page, code) * hypot(self._matrix.c, self._matrix.d)
        baseline = 0.0
        if pdfium.FPDFText_GetCharOrigin(self._page, code, self._x, self._y):
            baseline = self._turned(self._x.value, self._y.value, self._x.value, self._y.value).bottom
        length = pdfium.FPDFText_GetFontInfo(self._page, code, self._name, len(self._name), self._flags)
        name = self._name.value.lower() if 0 < length <= len(self._name) else b""
        bold = name.endswith(b"medi") or any(part in name for part in _BOLD)
        fixed = bool(self._flags.value & 1) or any(part in name for part in _FIXED)
        return Look(round(2 * size) / 2, baseline, level, bold, fixed)

    def _code(self, position: int) -> int:
        """PDFium's number of a character, which counts UTF-16 units and what the text leaves out."""
        if self._same:
            return position
        if self._wide:
            position = len(self.text[:position].encode("utf-16-le", "surrogatepass")) // 2
        return int(pdfium.FPDFText_GetCharIndexFromTextIndex(self._page, position))

    def _turn(self, code: int) -> int:
        """By how many quarters a character is turned to the left; -1 for something between."""
        matrix = self._matrix
        if not pdfium.FPDFText_GetMatrix(self._page, code, matrix):
            matrix.a, matrix.b, matrix.c, matrix.d = 1, 0, 0, 1
        if abs(matrix.b) <= 0.1 * abs(matrix.a):
            return 0 if matrix.a > 0 else 2
        if abs(matrix.a) <= 0.1 * abs(matrix.b):
            return 1 if matrix.b > 0 else 3
        return -1

    def _turned(self, left: float, bottom: float, right: float, top: float) -> Box:
        """A place after the page is turned so that most of its text is level."""
        if self._quarter == 1:
            return Box(bottom, -right, top, -left)
        if self._quarter == 2:
            return Box(-right, -top, -left, -bottom)
        if self._quarter == 3:
            return Box(-top, left, -bottom, right)
        return Box(left, bottom, right, top)
