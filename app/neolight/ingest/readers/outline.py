"""Keeps where the headings of a text are and what they are under."""

from __future__ import annotations

from neolight.models import Heading


class Outline:
    """The headings above the current place, by level: an outer heading has the smaller number."""

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []
        self.headings: list[Heading] = []

    def add(self, start: int, level: int, title: str) -> None:
        """Enter a heading that starts at a character of the text; headings of its level and below end here."""
        title = " ".join(title.split())
        if not title:
            return
        self._open = [*(entry for entry in self._open if entry[0] < level), (level, title)]
        self.headings.append(Heading(start, tuple(name for _, name in self._open)))
