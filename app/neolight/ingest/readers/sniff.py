"""Names what bytes are by their first ones, to catch a file whose extension is wrong."""

from __future__ import annotations

import re

PDF = "a PDF"
DOCX = "a Word document (.docx)"
TEXT = "text"
CUT_ZIP = "a zip archive that is damaged or cut short"
BINARY = "binary data"

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or password-protected Office file"),
    (b"{\\rtf", "a rich text file (.rtf)"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\x00", "a program"),
    (b"%!PS", "a PostScript file"),
    (b"SQLite format 3\x00", "an SQLite database"),
)
_ZIPS: tuple[tuple[bytes, str], ...] = (
    (b"word/", DOCX),
    (b"xl/", "an Excel workbook (.xlsx)"),
    (b"ppt/", "a PowerPoint presentation (.pptx)"),
    (b"application/epub+zip", "an EPUB book"),
    (b"application/vnd.oasis.opendocument", "an OpenDocument file"),
)
_UNICODE_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_ODD = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f]")


def kind(data: bytes) -> str:
    """Name what the bytes are, as a phrase for a sentence such as "it looks like a PDF"."""
    if data.lstrip().startswith(b"%PDF-") or (b"%PDF-" in data[:1024] and b" obj" in data and b"endobj" in data):
        return PDF
    if data.startswith(b"PK\x03\x04"):
        if b"PK\x05\x06" not in data[-66_000:]:  # its table of contents is at its end
            return CUT_ZIP
        return next((name for part, name in _ZIPS if part in data), "a zip archive")
    for signature, name in _SIGNATURES:
        if data.startswith(signature):
            return name
    if data.startswith(_UNICODE_MARKS) or wide_encoding(data):
        return TEXT
    head = data[:65536]
    odd = len(_ODD.findall(head))
    return BINARY if b"\x00" in data or odd * 50 > len(head) else TEXT


def wide_encoding(data: bytes) -> str | None:
    """Recognise UTF-16 without a byte order mark by where its zero bytes are; None if it is not."""
    head = data[:4096]
    if len(data) % 2 or len(head) < 4:
        return None
    zeros_even, zeros_odd, pairs = head[::2].count(0), head[1::2].count(0), len(head) // 2
    if zeros_odd > pairs // 3 and zeros_even < pairs // 20 + 1:
        return "utf-16-le"
    if zeros_even > pairs // 3 and zeros_odd < pairs // 20 + 1:
        return "utf-16-be"
    return None
