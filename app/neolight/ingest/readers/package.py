"""Opens formats that are zip archives of XML, and XML itself, so that no file can unpack or expand to too much."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from neolight.errors import UnreadableDocument

MOST_BYTES = 400_000_000
MOST_RATIO = 200
MOST_ENTRIES = 20_000
SMALL = 10_000_000  # bytes: what unpacks to less is harmless at any ratio

ERRORS = (
    *(zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, SyntaxError, LookupError, ValueError, OSError, EOFError),
    *(RuntimeError, AttributeError, TypeError, NotImplementedError),  # libraries do not check for what is missing
)
"""What a damaged package makes its libraries raise."""

_ENTITY = tuple("<!ENTITY".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
_XML = (".xml", ".rels", ".xhtml", ".html", ".htm", ".opf", ".ncx")
_CORE = {
    "title": "title",
    "creator": "author",
    "initial-creator": "author",
    "created": "date",
    "creation-date": "date",
    "modified": "modified",
    "description": "description",
    "subject": "subject",
    "keywords": "keywords",
    "keyword": "keywords",
    "language": "language",
}


def damaged(what: str, program: str) -> UnreadableDocument:
    """The error for a package that cannot be opened, with the program that could repair it."""
    return UnreadableDocument(
        f"is damaged or cut short: its {what} content cannot be opened.",
        hint=f"Open it in {program}, save it again, and upload that.",
    )


def opened(data: bytes) -> zipfile.ZipFile:
    """Open an archive whose size when unpacked, number of entries and XML are harmless.

    Raises UnreadableDocument for one that is not, and one of ERRORS for one that is damaged. `zipfile` unpacks no more
    of an entry than the size that is checked here, whatever its compressed bytes would give.
    """
    archive = zipfile.ZipFile(BytesIO(data))
    entries = archive.infolist()
    size = sum(entry.file_size for entry in entries)
    if size > MOST_BYTES or (size > SMALL and size > MOST_RATIO * len(data)):
        raise UnreadableDocument(
            f"unpacks from {len(data):,} to {size:,} bytes, which is not safe to open.",
            hint="Remove large embedded content, or save it as PDF, and upload it again.",
        )
    if len(entries) > MOST_ENTRIES:
        raise UnreadableDocument(
            f"is an archive of {len(entries):,} parts; at most {MOST_ENTRIES:,} are opened.",
            hint="Split it, or save it as PDF, and upload that.",
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise encrypted()
    for entry in entries:
        if entry.filename.lower().endswith(_XML) and any(mark in archive.read(entry) for mark in _ENTITY):
            raise entities()
    return archive


def encrypted() -> UnreadableDocument:
    """The error for a package that is encrypted."""
    return UnreadableDocument("is encrypted.", hint="Remove the password and upload it again.")


def entities() -> UnreadableDocument:
    """The error for XML that defines entities: they can quote other files and multiply without end."""
    return UnreadableDocument(
        "defines XML entities of its own, which are not expanded: they can reach other files and grow without end.",
        hint="Remove its DOCTYPE, or save it again with its program, and upload that.",
    )


def xml(data: bytes, *, huge: bool = False) -> Any:
    """Parse XML without entities, external files or the network; return its root element.

    Raises UnreadableDocument if it defines entities, etree.XMLSyntaxError if it is damaged.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=huge, remove_pis=True)
    root = etree.fromstring(data, parser)
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and next(iter(dtd.iterentities()), None) is not None:
        raise entities()
    return root


def properties(archive: zipfile.ZipFile, name: str, *, date: str = "") -> Mapping[str, str]:
    """Title, author, dates and so on by a part of a package (OPC, OpenDocument or EPUB); empty without the part.

    `date` says what the package's element of that name tells of.
    """
    try:
        root = xml(archive.read(name))
    except KeyError:
        return {}
    found: dict[str, str] = {}
    for element in root.iter(etree.Element):
        name = local(element)
        key = date if name == "date" else _CORE.get(name)
        if key and element.text and element.text.strip():
            found.setdefault(key, element.text)
    return found


def local(element: Any) -> str:
    """The name of an element without its namespace; empty for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
