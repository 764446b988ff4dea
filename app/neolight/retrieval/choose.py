"""Which mode fits a question, seen from the question alone: no call, and the same choice every time."""

from __future__ import annotations

import re

from neolight.nlp.extract import named_spans
from neolight.nlp.keywords import search_terms

_BROAD = re.compile(
    r"\b(?:overview|summar(?:y|ies|i[sz]e)|overall|in general|themes?|topics?|trends?|big picture)\b"
    r"|总结|概述|概括|总体|主题|趋势",
    re.IGNORECASE,
)
"""Words of a question about everything rather than about something."""
_QUOTED = re.compile(r"[\"“”「『](.+)[\"“”」』]")


def chosen(question: str) -> str:
    """The mode for a question.

    What is quoted, or is one word, is looked for as it is written: `naive`. A question about everything, which names
    nothing, has no place in the graph to start from: `hybrid` shows what relates. All others: `mix`.
    """
    bare = question.strip()
    if _QUOTED.fullmatch(bare) or len(search_terms(bare)) <= 1:
        return "naive"
    if _BROAD.search(bare) and not named_spans(bare):
        return "hybrid"
    return "mix"
