"""The language of a question, as far as its script tells: it is named to a model, which then keeps to it."""

from __future__ import annotations

import re

SCRIPTS = (
    ("Japanese", re.compile(r"[\u3040-\u30ff]")),
    ("Korean", re.compile(r"[\uac00-\ud7af]")),
    ("Chinese", re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")),
)
"""Languages that have a script of their own, those first that use another's as well."""

_OTHER_WORDS = re.compile(r"[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,}")

CHINESE = "Chinese"
UNKNOWN = "the language of the question"


def language_of(question: str) -> str:
    """The language's name in English, or what stands for it. Names in another script do not change it: there are fewer.

    Two characters of Chinese count as a word.
    """
    others = len(_OTHER_WORDS.findall(question))
    for name, script in SCRIPTS:
        characters = script.findall(question)
        whole = len(characters) if name != "Japanese" else len(characters) + len(SCRIPTS[2][1].findall(question))
        if characters and whole > 2 * others:
            return name
    return UNKNOWN
