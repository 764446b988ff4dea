"""Reads EPUB books: the chapters in their order."""

from __future__ import annotations

import posixpath
import zipfile
from typing import Any
from urllib.parse import unquote

from neolight.ingest.readers import html, package
from neolight.ingest.readers.blocks import Blocks
from neolight.models import ParsedDocument

_PAGES = frozenset({"application/xhtml+xml", "text/html"})


def read(data: bytes) -> ParsedDocument:
    """Read a book; raises UnreadableDocument if it is damaged, protected, or would unpack to too much."""
    blocks = Blocks()
    try:
        with package.opened(data) as archive:
            book = _Book(archive)
            metadata = dict(package.properties(archive, book.path, date="date"))
            chapters = book.chapters()
            if not book.encrypted().isdisjoint(chapters):
                raise package.encrypted()
            titles = book.titles()
            for path in chapters:
                blocks.include(html.read(archive.read(path)), name=titles.get(path, ""))
    except package.ERRORS as error:
        raise package.damaged("EPUB", "an e-book program") from error
    return blocks.build("application/epub+zip", title=metadata.pop("title", None), metadata=metadata)


class _Book:
    """The parts of a book that tell of the others."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        container = package.xml(archive.read("META-INF/container.xml"))
        self.path: str = container.find(".//{*}rootfile").get("full-path")
        self.root = package.xml(archive.read(self.path))
        self.items: dict[str, Any] = {one.get("id"): one for one in self.root.iter("{*}item")}

    def chapters(self) -> list[str]:
        """The names of the pages in the order of reading; the page with the contents is none."""
        found = (self.items[one.get("idref")] for one in self.root.iter("{*}itemref"))
        pages = [
            one for one in found if one.get("media-type") in _PAGES and "nav" not in one.get("properties", "").split()
        ]
        return list(dict.fromkeys(self.resolved(self.path, one.get("href")) for one in pages))

    def encrypted(self) -> set[str]:
        """The names of the parts that are encrypted."""
        if "META-INF/encryption.xml" not in self.archive.namelist():
            return set()
        root = package.xml(self.archive.read("META-INF/encryption.xml"))
        return {unquote(one.get("URI", "")) for one in root.iter("{*}CipherReference")}

    def titles(self) -> dict[str, str]:
        """What the table of contents calls each page: the first entry that leads to it."""
        found: dict[str, str] = {}
        for item in self.items.values():
            if "nav" in item.get("properties", "").split() or item.get("media-type") == "application/x-dtbncx+xml":
                path = self.resolved(self.path, item.get("href"))
                for target, title in _entries(package.xml(self.archive.read(path))):
                    found.setdefault(self.resolved(path, target), title)
        return found

    def resolved(self, base: str, target: str) -> str:
        """The name of the part that a part refers to."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(target.partition("#")[0])))


def _entries(root: Any) -> list[tuple[str, str]]:
    """The targets and titles of a table of contents, in either form."""
    links = [(one.get("href"), "".join(one.itertext())) for one in root.iter("{*}a") if one.get("href")]
    for point in root.iter("{*}navPoint"):
        links.append((point.find("{*}content").get("src"), "".join(point.find("{*}navLabel").itertext())))
    return [(target, " ".join(title.split())) for target, title in links]
