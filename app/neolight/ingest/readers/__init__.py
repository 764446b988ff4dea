"""Readers turn a file into one text with its headings and pages; a format is a module here and a line in the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import NamedTuple

from neolight.errors import UnreadableDocument, UnsupportedFormat
from neolight.ingest.readers import docx, html, markdown, pdf, sniff, text
from neolight.models import ParsedDocument


class Format(NamedTuple):
    """A file format: its media type, what its bytes are (a kind of `sniff`), and its reader."""

    media_type: str
    kind: str
    read: Callable[[bytes], ParsedDocument]


_TEXT = Format("text/plain", sniff.TEXT, text.read)
_MARKDOWN = Format("text/markdown", sniff.TEXT, markdown.read)
_HTML = Format("text/html", sniff.TEXT, html.read)
_PDF = Format("application/pdf", sniff.PDF, pdf.read)
_DOCX = Format("application/vnd.openxmlformats-officedocument.wordprocessingml.document", sniff.DOCX, docx.read)

FORMATS: Mapping[str, Format] = {
    ".txt": _TEXT,
    ".md": _MARKDOWN,
    ".markdown": _MARKDOWN,
    ".html": _HTML,
    ".htm": _HTML,
    ".pdf": _PDF,
    ".docx": _DOCX,
}
"""The reader of each file extension."""

SUPPORTED: tuple[str, ...] = tuple(FORMATS)
"""The file extensions that can be read, with their dot."""


def media_type(name: str) -> str:
    """Return the media type of a file by its extension; raise UnsupportedFormat for an unknown one."""
    return _format(name).media_type


def read(name: str, data: bytes) -> ParsedDocument:
    """Read a file's bytes by the extension of its name.

    Offsets of headings and pages count characters of the returned text, which holds no control characters but newline
    and tab. Raises UnsupportedFormat for an unknown extension, and UnreadableDocument for a file that is empty,
    damaged, encrypted, without text, or not what its extension says.
    """
    reader = _format(name)
    if not data:
        raise UnreadableDocument(f"{name} is empty: it has 0 bytes.", hint="Check the file and upload it again.")
    found = sniff.kind(data)
    if found != reader.kind and (found, reader.kind) != (sniff.CUT_ZIP, sniff.DOCX):
        is_not = reader.kind if reader.kind != sniff.TEXT else "a text file"
        raise UnreadableDocument(
            f"{name} is not {is_not}: it looks like {found}.",
            hint=f"Give it the extension of its real format, or save it as one of {', '.join(SUPPORTED)}.",
        )
    try:
        document = reader.read(data)
    except UnreadableDocument as error:
        raise type(error)(f"{name} {error.message}", hint=error.hint) from error
    if not document.text.strip():
        raise UnreadableDocument(
            f"{name} holds no text.", hint="Upload a document that has text; pictures of text need OCR first."
        )
    return document


def _format(name: str) -> Format:
    """Find the format of a file by its extension."""
    extension = PurePath(name).suffix.lower()
    if extension not in FORMATS:
        what = f"Files of type {extension} are" if extension else "Files without an extension are"
        raise UnsupportedFormat(
            f"{name}: {what[0].lower()}{what[1:]} not supported.", hint=f"Upload one of {', '.join(SUPPORTED)}."
        )
    return FORMATS[extension]
