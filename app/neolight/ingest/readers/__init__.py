"""Readers turn a file into one text with its headings and pages; a format is a module here and a line in the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import PurePath
from typing import NamedTuple, cast

from neolight.errors import UnreadableDocument, UnsupportedFormat
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


_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
_TEXT = Format("text/plain", sniff.TEXT, "text.read")
_MARKDOWN = Format("text/markdown", sniff.TEXT, "markdown.read")
_HTML = Format("text/html", sniff.TEXT, "html.read")
_XLSX = Format(f"{_OFFICE}.spreadsheetml.sheet", sniff.XLSX, "sheet.read_xlsx")
_CODE = Format("text/x-source", sniff.TEXT, "source_code.read")
_LINES = Format("application/x-ndjson", sniff.TEXT, "records.read_lines")
# fmt: off
_PLAIN = (
    ".txt", ".text", ".log", ".rst", ".adoc", ".tex", ".srt", ".vtt", ".ini", ".cfg", ".conf", ".properties",
    ".toml", ".yaml", ".yml",
)
_PROGRAMS = (
    ".bash", ".bat", ".c", ".cc", ".clj", ".cpp", ".cs", ".css", ".cxx", ".cypher", ".dart", ".ex", ".exs",
    ".go", ".graphql", ".groovy", ".h", ".hpp", ".hs", ".java", ".jl", ".js", ".jsx", ".kt", ".kts", ".lua",
    ".m", ".mjs", ".php", ".pl", ".proto", ".ps1", ".py", ".pyi", ".r", ".rb", ".rs", ".scala", ".scss",
    ".sh", ".sql", ".swift", ".tf", ".ts", ".tsx", ".vb", ".vue", ".zig", ".zsh",
)
# fmt: on

FORMATS: Mapping[str, Format] = {
    **dict.fromkeys(_PLAIN, _TEXT),
    ".md": _MARKDOWN,
    ".markdown": _MARKDOWN,
    ".html": _HTML,
    ".htm": _HTML,
    ".xhtml": _HTML,
    ".pdf": Format("application/pdf", sniff.PDF, "pdf.read"),
    ".docx": Format(f"{_OFFICE}.wordprocessingml.document", sniff.DOCX, "docx.read"),
    ".xlsx": _XLSX,
    ".xlsm": _XLSX,
    ".xls": Format("application/vnd.ms-excel", sniff.OLD_OFFICE, "sheet.read_xls"),
    ".ods": Format(f"{_OPEN}.spreadsheet", sniff.ODS, "sheet.read_ods"),
    ".pptx": Format(f"{_OFFICE}.presentationml.presentation", sniff.PPTX, "slides.read"),
    ".odt": Format(f"{_OPEN}.text", sniff.ODT, "opendocument.read_text"),
    ".odp": Format(f"{_OPEN}.presentation", sniff.ODP, "opendocument.read_slides"),
    ".rtf": Format("application/rtf", sniff.RTF, "rtf.read"),
    ".epub": Format("application/epub+zip", sniff.EPUB, "epub.read"),
    ".eml": Format("message/rfc822", sniff.TEXT, "mail.read"),
    ".ipynb": Format("application/x-ipynb+json", sniff.TEXT, "notebook.read"),
    **dict.fromkeys((".xml", ".rss", ".atom"), Format("application/xml", sniff.TEXT, "markup.read")),
    ".csv": Format("text/csv", sniff.TEXT, "delimited.read_csv"),
    ".tsv": Format("text/tab-separated-values", sniff.TEXT, "delimited.read_tsv"),
    ".json": Format("application/json", sniff.TEXT, "records.read_json"),
    ".jsonl": _LINES,
    ".ndjson": _LINES,
    **dict.fromkeys(_PROGRAMS, _CODE),
}
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


def media_type(name: str) -> str:
    """Return the media type of a file by its extension; raise UnsupportedFormat for an unknown one."""
    return _format(name).media_type


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
            hint=f"Give it the extension of its real format, or save it as one of {_NAMED}.",
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
        raise UnsupportedFormat(f"{name}: {what} not supported{looks}.", hint=SUPPORTED_HINT)
    return FORMATS[extension]
