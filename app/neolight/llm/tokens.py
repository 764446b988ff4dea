"""Counts and cuts text by the tokens of o200k_base."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache

import tiktoken

ENCODING = "o200k_base"

# Some releases of tiktoken need quadratic time for long runs without a space, so text goes through in pieces. The cut
# is made before a space, where the encoding itself always separates, so the count stays the one of the whole text.
PIECE = 8_192

# Bytes of UTF-8 to a token, for the case that the vocabulary cannot be loaded.
ROUGHLY = 4

_log = logging.getLogger(__name__)


def count(text: str) -> int:
    """The number of tokens in a text; control tokens that it spells out are counted as plain text."""
    encoding = vocabulary()
    if encoding is None:
        return -(-len(text.encode("utf-8", "replace")) // ROUGHLY)
    if len(text) <= PIECE:
        return len(encoding.encode_ordinary(text))
    return sum(len(encoding.encode_ordinary(piece)) for piece in _pieces(text))


def truncate(text: str, tokens: int) -> str:
    """The longest beginning of a text that `count` finds to be at most so many tokens, cut at a whole token."""
    if tokens <= 0:
        return ""
    encoding = vocabulary()
    if encoding is None:
        return text[: len(sendable(text).encode()[: tokens * ROUGHLY].decode("utf-8", "ignore"))]
    end = _end_of_tokens(encoding, text, tokens)
    while end and count(text[:end]) > tokens:  # a cut inside a character or a word can cost a token more
        end -= 1
    return text[:end]


def sendable(text: str) -> str:
    """A text without halves of surrogate pairs, which UTF-8 cannot carry: each becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _end_of_tokens(encoding: tiktoken.Encoding, text: str, tokens: int) -> int:
    """The number of characters that the first tokens of a text spell."""
    end = 0
    for piece in _pieces(text):
        ids = encoding.encode_ordinary(piece)
        if len(ids) > tokens:
            return end + len(encoding.decode_bytes(ids[:tokens]).decode("utf-8", "ignore"))
        end += len(piece)
        tokens -= len(ids)
    return end


def _pieces(text: str) -> Iterator[str]:
    """Cuts a text into pieces of at most PIECE characters, before a space where there is one."""
    start = 0
    while len(text) - start > PIECE:
        end = text.rfind(" ", start + 1, start + PIECE)
        while end > start and text[end - 1].isspace():
            end -= 1
        if end <= start:
            end = start + PIECE
        yield text[start:end]
        start = end
    yield text[start:]


@cache
def vocabulary() -> tiktoken.Encoding | None:
    """The encoding, or None (with one warning) where its vocabulary is neither on this machine nor to be had."""
    try:
        return tiktoken.get_encoding(ENCODING)
    except (OSError, ValueError) as error:
        _log.warning("The vocabulary of %s could not be loaded (%s): token counts are estimates.", ENCODING, error)
        return None
