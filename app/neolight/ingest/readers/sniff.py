"""Names what bytes are by their first ones, to catch a file whose extension is wrong."""

from __future__ import annotations

import re
import zipfile
import zlib
from io import BytesIO

PDF = "a PDF"
DOCX = "a Word document (.docx)"
XLSX = "an Excel workbook (.xlsx)"
PPTX = "a PowerPoint presentation (.pptx)"
EPUB = "an EPUB book"
ODT = "an OpenDocument text (.odt)"
ODS = "an OpenDocument spreadsheet (.ods)"
ODP = "an OpenDocument presentation (.odp)"
RTF = "a rich text file (.rtf)"
TEXT = "text"
CUT_ZIP = "a zip archive that is damaged or cut short"
OLD_OFFICE = "an old or password-protected Office file"
BINARY = "binary data"

ZIPPED = frozenset({DOCX, XLSX, PPTX, EPUB, ODT, ODS, ODP})
"""The kinds that are zip archives: one that is cut short may have been any of them."""

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLD_OFFICE),
    (b"{\\rtf", RTF),
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
_FOLDERS: tuple[tuple[str, str], ...] = (("word/", DOCX), ("xl/", XLSX), ("ppt/", PPTX))
_MEDIA_TYPES: tuple[tuple[bytes, str], ...] = (
    (b"application/epub+zip", EPUB),
    (b"application/vnd.oasis.opendocument.text", ODT),
    (b"application/vnd.oasis.opendocument.spreadsheet", ODS),
    (b"application/vnd.oasis.opendocument.presentation", ODP),
)
_UNICODE_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_ODD = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f]")


def kind(data: bytes) -> str:
    """Name what the bytes are, as a phrase for a sentence such as "it looks like a PDF"."""
    if data.lstrip().startswith(b"%PDF-") or (b"%PDF-" in data[:1024] and b" obj" in data and b"endobj" in data):
        return PDF
    if data.startswith(b"PK\x03\x04"):
        return _package(data)
    for signature, name in _SIGNATURES:
        if data.startswith(signature):
            return name
    if data.startswith(_UNICODE_MARKS) or wide_encoding(data):
        return TEXT
    head = data[:65536]
    odd = len(_ODD.findall(head))
    return BINARY if b"\x00" in data or odd * 50 > len(head) else TEXT


def _package(data: bytes) -> str:
    """Name a zip archive by the part that says what it is, or by its folders."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
            declared = b""
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                declared = archive.read("mimetype").strip()
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, NotImplementedError, EOFError):
        return CUT_ZIP
    for media_type, name in _MEDIA_TYPES:
        if declared.startswith(media_type):
            return name
    found = (name for folder, name in _FOLDERS if any(part.startswith(folder) for part in names))
    return next(found, "a zip archive")


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
