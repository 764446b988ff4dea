"""Readers turn a file into one text with its headings and pages; a format is a module here and a line in the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import PurePath
from typing import NamedTuple, cast

from neolight.errors import UnreadableDocument, UnsupportedFormat
from neolight.formats import CODE, COMMON, MEDIA_TYPES, OFFICE, OPEN, TEXT
from neolight.ingest.readers import sniff
from neolight.ingest.readers.blocks import check_length
from neolight.models import ParsedDocument

Read = Callable[[bytes], ParsedDocument]


class Format(NamedTuple):
    """A file format: its media type, what its bytes are (a kind of `sniff`), and its reader as `module.function`.

    A reader's module is imported when the first file of its format is read: each brings libraries of its own.
    """

    media_type: str
    kind: str
    reader: str

    def read(self, data: bytes) -> ParsedDocument:
        """Read bytes of this format."""
        module, _, function = self.reader.partition(".")
        return cast("Read", getattr(import_module(f"{__name__}.{module}"), function))(data)


_TEXT = Format(TEXT, sniff.TEXT, "text.read")
_CODE = Format(CODE, sniff.TEXT, "source_code.read")
_READERS = (
    _TEXT,
    _CODE,
    Format("text/markdown", sniff.TEXT, "markdown.read"),
    Format("text/html", sniff.TEXT, "html.read"),
    Format("application/pdf", sniff.PDF, "pdf.read"),
    Format(f"{OFFICE}.wordprocessingml.document", sniff.DOCX, "docx.read"),
    Format(f"{OFFICE}.spreadsheetml.sheet", sniff.XLSX, "sheet.read_xlsx"),
    Format("application/vnd.ms-excel", sniff.OLD_OFFICE, "sheet.read_xls"),
    Format(f"{OPEN}.spreadsheet", sniff.ODS, "sheet.read_ods"),
    Format(f"{OFFICE}.presentationml.presentation", sniff.PPTX, "slides.read"),
    Format(f"{OPEN}.text", sniff.ODT, "opendocument.read_text"),
    Format(f"{OPEN}.presentation", sniff.ODP, "opendocument.read_slides"),
    Format("application/rtf", sniff.RTF, "rtf.read"),
    Format("application/epub+zip", sniff.EPUB, "epub.read"),
    Format("message/rfc822", sniff.TEXT, "mail.read"),
    Format("application/x-ipynb+json", sniff.TEXT, "notebook.read"),
    Format("application/xml", sniff.TEXT, "markup.read"),
    Format("text/csv", sniff.TEXT, "delimited.read_csv"),
    Format("text/tab-separated-values", sniff.TEXT, "delimited.read_tsv"),
    Format("application/json", sniff.TEXT, "records.read_json"),
    Format("application/x-ndjson", sniff.TEXT, "records.read_lines"),
)
_BY_TYPE = {one.media_type: one for one in _READERS}

FORMATS: Mapping[str, Format] = {extension: _BY_TYPE[kind] for extension, kind in MEDIA_TYPES.items()}
"""The reader of each file extension."""

SUPPORTED: tuple[str, ...] = tuple(FORMATS)
"""The file extensions that can be read, with their dot."""

_NAMED = ", ".join(
    next(extension for extension in FORMATS if FORMATS[extension] == one)
    for one in dict.fromkeys(FORMATS.values())
    if one != _CODE
)
SUPPORTED_HINT = f"Supported are {_NAMED}, and source code such as .py."
"""For people: an extension of each format."""


def counted_in(name: str) -> str | None:
    """What the lines of a file's extracted text are: lines of the file, or records; None where they are neither."""
    found = FORMATS.get(PurePath(name).suffix.lower(), _TEXT)
    if found in (_TEXT, _CODE):
        return "line"
    return "record" if found.reader in ("delimited.read_csv", "delimited.read_tsv") else None


def is_light(name: str, data: bytes) -> bool:
    """Whether a file is plain text so short that it is read at once, by code of our own that takes linear time."""
    return len(data) <= _LIGHT_BYTES and FORMATS.get(PurePath(name).suffix.lower()) is _TEXT


_LIGHT_BYTES = 1 << 20


def read(name: str, data: bytes, *, parser: str = "builtin") -> ParsedDocument:
    """Read a file's bytes by the extension of its name; a text under any other name is plain text.

    With `parser` docling, PDF and office files are read by it.

    Offsets of headings and pages count characters of the returned text, which holds no control characters but newline
    and tab. Raises UnsupportedFormat for an unknown format, and UnreadableDocument for a file that is empty,
    damaged, encrypted, without text, too large, or not what its extension says.
    """
    if not data:
        raise UnreadableDocument(f"{name} is empty: it has 0 bytes.", hint="Check the file and upload it again.")
    found = sniff.kind(data)
    reader = _TEXT if found == sniff.TEXT and PurePath(name).suffix.lower() not in FORMATS else _format(name, found)
    if found != reader.kind and not (found == sniff.CUT_ZIP and reader.kind in sniff.ZIPPED):
        is_not = reader.kind if reader.kind != sniff.TEXT else "a text file"
        raise UnreadableDocument(
            f"{name} is not {is_not}: it looks like {found}.",
            hint=f"Give it the extension of its real format, or save it as {COMMON}.",
        )
    try:
        document = _by_docling(name, data, reader) if parser == "docling" else reader.read(data)
        check_length(len(document.text))
    except UnreadableDocument as error:
        raise type(error)(f"{name} {error.message}", hint=error.hint) from error
    except RecursionError as error:
        message = f"{name} nests its parts too deeply."
        raise UnreadableDocument(message, hint="Save it as text or PDF and upload that.") from error
    if not document.text.strip():
        raise UnreadableDocument(
            f"{name} holds no text.", hint="Upload a document that has text; pictures of text need OCR first."
        )
    return document


def _by_docling(name: str, data: bytes, reader: Format) -> ParsedDocument:
    """Read a PDF, a Word document or slides by docling, any other format by its own reader."""
    if reader.kind not in (sniff.PDF, sniff.DOCX, sniff.PPTX):
        return reader.read(data)
    from neolight.ingest.readers import layout  # noqa: PLC0415  (as the readers' own libraries, when it is needed)

    return layout.read(name, data, reader.media_type)


def _format(name: str, found: str = "") -> Format:
    """Find the format of a file by its extension."""
    extension = PurePath(name).suffix.lower()
    if extension not in FORMATS:
        what = f"files of type {extension} are" if extension else "files without an extension are"
        looks = f": it looks like {found}" if found and found != sniff.TEXT else ""
        raise UnsupportedFormat(f"{name}: {what} not supported{looks}.", hint=f"Save it as {COMMON}, for example.")
    return FORMATS[extension]
