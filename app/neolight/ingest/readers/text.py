"""Reads plain text, and decodes the bytes of every format that is text."""

from __future__ import annotations

import codecs
import re
from itertools import pairwise

from charset_normalizer import from_bytes

from neolight.errors import UnreadableDocument
from neolight.ingest.readers import numbering, sniff
from neolight.ingest.readers.outline import Outline
from neolight.models import Heading, ParsedDocument

_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# fmt: off
_LEGACY = [
    "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254",
    "cp1255", "cp1256",
]
# fmt: on
_WESTERN = frozenset("ÄÖÜäöüßÀÂÆÇÉÈÊËÎÏÔŒÙÛàâæçéèêëîïôœùûÿñÑáíóúÁÍÓÚãõåÅøØ€£«»“”„‘’‚–—…°§µ×±²®©™·¡¿\u00a0")
# Characters of two bytes in GB 18030, those among them that texts are made of (the first level of GB 2312, and marks),
# and the latter half of these, which the syllables of Korean are not in.
_PAIRS = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_USUAL = re.compile(rb"[\xa1\xa3\xb0-\xd7][\xa1-\xfe]")
_LATTER = re.compile(rb"[\xc9-\xd7][\xa1-\xfe]")
_THREE_HIGH = re.compile(rb"[\x80-\xff]{3}")
# What pages call their encoding, and the larger one that their authors' programs used.
_LARGER = {
    **dict.fromkeys(("ascii", "iso8859-1"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk"), "gb18030"),
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_BLOCK = re.compile(r"(?:^|(?<=\n\n))[^\s].*(?:\n.*\S.*)*")
_MOST_HEADING = 80
_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_REMOVED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\ufeff\ufffe\uffff\ud800-\udfff]")


def read(data: bytes) -> ParsedDocument:
    """Read plain text in any common encoding."""
    text = clean(decode(data))
    return ParsedDocument(text, "text/plain", headings=_headings(text))


def _headings(text: str) -> tuple[Heading, ...]:
    """The numbered lines that stand alone between blank lines and have text below them."""
    blocks = [(found.start(), found.group()) for found in _BLOCK.finditer(text)]
    levels = [_level(block) for _, block in blocks]
    outline = Outline()
    for (start, block), (level, below) in zip(blocks, pairwise([*levels, 0]), strict=True):
        if level and (below is None or below > level):
            outline.add(start, level, block)
    return tuple(outline.headings)


def _level(block: str) -> int | None:
    """The level of a block that may be a heading by its number, or None."""
    if len(block) > _MOST_HEADING or "\n" in block or numbering.ends_open(block):
        return None
    return numbering.depth(block)


def clean(text: str) -> str:
    """Make every line end a newline and drop control characters, soft hyphens and lone surrogates."""
    return _REMOVED.sub("", _NEWLINES.sub("\n", text))


def decode(data: bytes, declared: str | None = None) -> str:
    """Decode by byte order mark, declared encoding, UTF-8, or the legacy encoding that fits the letters best.

    Raises UnreadableDocument if the bytes are no text. What is wrong in a text that is clearly UTF-8 becomes U+FFFD.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace").removeprefix("\ufeff")
    wide = sniff.wide_encoding(data)
    if wide:
        return data.decode(wide, "replace")
    for encoding in (_named(declared), "utf-8"):
        text = _try(data, encoding)
        if text is not None:
            return text
    return _damaged(data) or _legacy(data)


def _named(declared: str | None) -> str | None:
    """The codec of a declared encoding, or None for one that cannot be: the declaration itself was read as ASCII."""
    try:
        name = codecs.lookup(declared or "").name
        return _LARGER.get(name, name) if "<meta".encode(name) == b"<meta" else None
    except (LookupError, UnicodeError):
        return None


def _try(data: bytes, encoding: str | None) -> str | None:
    """Decode strictly, or None if the encoding is unknown or does not fit."""
    try:
        return data.decode(encoding) if encoding else None
    except (LookupError, UnicodeError):
        return None


def _damaged(data: bytes) -> str | None:
    """Decode UTF-8 that has a few wrong bytes: far more of its letters are right than wrong."""
    text = data.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    right = sum(1 for character in text if character > "\x7f") - wrong
    return text if right >= 4 * wrong else None


def _legacy(data: bytes) -> str:
    """Decode by the encoding whose letters make the most likely text."""
    chinese = _try(data, "gb18030")
    if chinese is not None and _is_chinese(data):
        return chinese
    best = from_bytes(data, cp_isolation=_LEGACY).best()
    western = _try(data, "cp1252")
    if best is None:
        if western is not None:
            return western
        raise UnreadableDocument("is in an unknown text encoding.", hint="Save it as UTF-8 and upload it again.")
    plain = western is not None and all(character < "\x80" or character in _WESTERN for character in western)
    if western is not None and plain and (best.encoding.startswith("cp125") or not _THREE_HIGH.search(data)):
        return western
    return str(best)


def _is_chinese(data: bytes) -> bool:
    """Whether bytes that could be GB 18030 are Chinese by how often its usual characters are among them."""
    pairs = _PAIRS.findall(data)
    usual = sum(1 for pair in pairs if _USUAL.match(pair))
    latter = sum(1 for pair in pairs if _LATTER.match(pair))
    return len(pairs) > 1 and usual >= 0.9 * len(pairs) and latter >= 0.15 * len(pairs)
