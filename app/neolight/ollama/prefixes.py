"""How a message names its mode: `/local question`, `/mix[as a list] question`, `/context question`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from neolight.retrieval.modes import DEFAULT

BYPASS = "bypass"
NAMES = ("local", "global", "naive", "hybrid", "mix", "auto", BYPASS)
_PREFIX = re.compile(
    rf"/(?P<mode>{'|'.join(NAMES)})?(?P<context>context)?(?:\[(?P<wish>[^\]\n]*)\])?(?P<gap>\s|$)", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message without its prefix: the question, the mode, whether only the context is wanted, and other wishes."""

    question: str
    mode: str = DEFAULT
    only_context: bool = False
    wish: str | None = None


def read(message: str) -> Spoken:
    """Reads the prefix of a message; a slash that begins no known prefix is part of the question."""
    match = _PREFIX.match(message)
    if match is None or not (match["mode"] or match["context"] or match["wish"] is not None):
        return Spoken(message.strip())
    rest = message[match.end() :].strip()
    context = match["context"] is not None and match["mode"] != BYPASS
    return Spoken(rest, match["mode"] or DEFAULT, context, match["wish"] or None)
