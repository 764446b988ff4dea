"""Reads OpenDocument texts and presentations (.odt, .odp): headings, lists, tables, notes and slides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from neolight.ingest.readers import package
from neolight.ingest.readers.blocks import Blocks
from neolight.ingest.readers.package import local
from neolight.models import PageSpan, ParsedDocument

_OPEN = "application/vnd.oasis.opendocument"
_NS = "urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _TABLE, _STYLE, _SHOW = (
    f"{{{_NS}text:1.0}}",
    f"{{{_NS}table:1.0}}",
    f"{{{_NS}style:1.0}}",
    f"{{{_NS}presentation:1.0}}",
)
_OFFICE, _DRAW = f"{{{_NS}office:1.0}}", f"{{{_NS}drawing:1.0}}"
_SKIPPED = frozenset({
    f"{_TEXT}tracked-changes", f"{_TEXT}table-of-content", f"{_TEXT}sequence-decls", f"{_OFFICE}annotation",
    f"{_OFFICE}forms", f"{_OFFICE}scripts", f"{_SHOW}notes", f"{_TEXT}variable-decls", f"{_TEXT}user-field-decls",
})  # fmt: skip
_BLOCKS = frozenset({f"{_TEXT}p", f"{_TEXT}h", f"{_TEXT}list", f"{_TABLE}table"})
_REPEATED = f"{_TABLE}number-columns-repeated"
_MOST_REPEATED = 64
_DEEPEST = 200


def read_text(data: bytes) -> ParsedDocument:
    """Read an OpenDocument text; raises UnreadableDocument if it is damaged, encrypted or would unpack to too much."""
    return _read(data, f"{_OPEN}.text")


def read_slides(data: bytes) -> ParsedDocument:
    """Read an OpenDocument presentation; raises as `read_text` does."""
    return _read(data, f"{_OPEN}.presentation")


def _read(data: bytes, media_type: str) -> ParsedDocument:
    try:
        with package.opened(data) as archive:
            metadata = dict(package.properties(archive, "meta.xml", date="modified"))
            if b"encryption-data" in archive.read("META-INF/manifest.xml"):
                raise package.encrypted()
            root = package.xml(archive.read("content.xml"), huge=True)
        reader = _Reader(root)
        for element in root.iter(f"{_OFFICE}text", f"{_OFFICE}presentation"):
            reader.walk(element)
        reader.end()
    except package.ERRORS as error:
        raise package.damaged("OpenDocument", "LibreOffice") from error
    title = metadata.pop("title", None) or next((one.path[-1] for one in reader.blocks.outline.headings), None)
    return reader.blocks.build(media_type, title=title, metadata=metadata, pages=tuple(reader.pages))


class _Reader:
    """A document being turned into blocks."""

    def __init__(self, root: Any) -> None:
        self.blocks = Blocks()
        self.pages: list[PageSpan] = []
        self.notes: list[str] = []
        self.parents = {
            one.get(f"{_STYLE}name"): one.get(f"{_STYLE}parent-style-name") for one in root.iter(f"{_STYLE}style")
        }
        numbered = f"{_TEXT}list-level-style-number"
        self.numbered = {
            one.get(f"{_STYLE}name") for one in root.iter(f"{_TEXT}list-style") if one.find(numbered) is not None
        }
        self.groups = 1

    def walk(self, parent: Any, depth: int = 0) -> None:
        """Write what is in an element, in its order."""
        if depth > _DEEPEST:
            raise RecursionError
        for element in (child for child in parent if child.tag not in _SKIPPED):
            self.groups += element.tag != f"{_TEXT}list"  # lists that follow one another are one
            if element.tag == f"{_TEXT}h":
                self.blocks.add(self.text(element), level=int(element.get(f"{_TEXT}outline-level", "1")))
            elif element.tag == f"{_TEXT}p":
                self.paragraph(element)
            elif element.tag == f"{_TEXT}list":
                self.list(element, 0, element.get(f"{_TEXT}style-name") in self.numbered)
            elif element.tag == f"{_TABLE}table":
                self.table(element)
            else:
                enter = self.slide if element.tag == f"{_DRAW}page" else self.walk
                enter(element, depth + 1)

    def paragraph(self, element: Any) -> None:
        """Write a paragraph, which may be the document's title, and what is framed within it."""
        style = element.get(f"{_TEXT}style-name")
        names = {style, self.parents.get(style)}
        self.blocks.add(self.text(element), level=0 if "Title" in names else None)
        for frame in element.iter(f"{_DRAW}text-box"):
            if next(frame.iterancestors(f"{_TEXT}p")) is element:
                self.walk(frame, 1)

    def list(self, element: Any, depth: int, numbered: bool) -> None:
        """Write the items of a list, and the lists within them."""
        if depth > _DEEPEST:
            raise RecursionError
        number = 0
        for item in element:
            number += local(item) == "list-item"
            mark = f"{number}." if numbered else "-"
            for child in item:
                if child.tag == f"{_TEXT}list":
                    name = child.get(f"{_TEXT}style-name")
                    self.list(child, depth + 1, name in self.numbered if name else numbered)
                elif child.tag == f"{_TEXT}h":
                    self.blocks.add(self.text(child), level=int(child.get(f"{_TEXT}outline-level", "1")))
                elif text := self.text(child).strip():
                    self.blocks.add(f"{'  ' * depth}{mark} {text}", group=self.groups)
                    mark = " " * len(mark)

    def table(self, table: Any) -> None:
        """Write a table; a table within a cell is part of the cell."""
        rows: list[list[str]] = []
        named = False
        for row in table.iter(f"{_TABLE}table-row"):
            if next(row.iterancestors(f"{_TABLE}table")) is not table:
                continue
            named = named or local(row.getparent()) == "table-header-rows"
            cells: list[str] = []
            for cell in row:
                if local(cell) in {"table-cell", "covered-table-cell"}:
                    times = min(int(cell.get(_REPEATED, "1")), _MOST_REPEATED)
                    cells += [self.text(cell)] * times
            rows.append(cells)
        self.blocks.table(rows, header=True if named else None)

    def slide(self, page: Any, depth: int) -> None:
        """Write a slide: its title, what is on it, its notes."""
        number = len(self.pages) + 1
        frames = [one for one in page.iter(f"{_DRAW}frame") if one.get(f"{_SHOW}class") == "title"]
        title = next((text for one in frames if (text := " ".join(self.boxed(one).split()))), "")
        start = self.blocks.add(title or f"Slide {number}", level=1)
        for child in page:
            if child not in frames[:1] and child.tag not in _SKIPPED:
                self.walk([child], depth + 1)
        for notes in page.findall(f"{_SHOW}notes"):
            frame = next((one for one in notes.iter(f"{_DRAW}frame") if one.get(f"{_SHOW}class") == "notes"), None)
            if frame is not None and (text := self.boxed(frame).strip()):
                self.blocks.add(f"Notes: {text}")
        self.end()
        self.pages.append(PageSpan(number, self.blocks.length if start is None else start, self.blocks.length))

    def end(self) -> None:
        """Write the notes that were met."""
        for note in self.notes:
            self.blocks.add(note)
        self.notes.clear()

    def text(self, element: Any) -> str:
        """All text of an element, with a line end between the paragraphs in it; its notes are kept for the end."""
        return "".join(self.parts(element, 0)).strip("\n")

    def boxed(self, frame: Any) -> str:
        """The text in the boxes of a frame."""
        return "\n".join(map(self.text, frame.iter(f"{_DRAW}text-box")))

    def parts(self, element: Any, depth: int) -> Iterator[str]:
        """Yield the pieces of an element's text."""
        if depth > _DEEPEST:
            raise RecursionError
        yield element.text or ""
        for child in element:
            name = local(child)
            if child.tag == f"{_TEXT}note":
                mark = "".join(child.find(f"{_TEXT}note-citation").itertext())
                body = " ".join("".join(self.parts(child.find(f"{_TEXT}note-body"), depth + 1)).split())
                self.notes.append(f"[{mark}] {body}")
                yield f"[{mark}]"
            elif child.tag in _BLOCKS:
                yield "\n"
                yield from self.parts(child, depth + 1)
                yield "\n"
            elif name in {"s", "tab", "line-break"}:
                yield {"s": " ", "tab": "\t", "line-break": "\n"}[name]
            elif name and child.tag not in _SKIPPED and child.tag != f"{_DRAW}text-box":
                yield from self.parts(child, depth + 1)
            yield child.tail or ""
