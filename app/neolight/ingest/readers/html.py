"""Reads HTML: what a person sees of a page, with headings, lists and tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO

from lxml import html

from neolight.errors import UnreadableDocument
from neolight.ingest.readers.blocks import Blocks
from neolight.ingest.readers.text import clean, decode
from neolight.models import ParsedDocument

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML = re.compile(rb"\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
# fmt: off
_DROPPED = frozenset({
    "audio", "button", "canvas", "datalist", "dialog", "head", "iframe", "input", "map", "nav", "noscript",
    "object", "script", "select", "style", "svg", "template", "textarea", "video",
})
_LISTS = frozenset({"ul", "ol"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "html", "legend", "li", "main",
    "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", *_HEADINGS,
})
# fmt: on
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_MOST_INDENT = 8
_SPACES = re.compile(r"\s+")
_META = {
    "author": "author",
    "article:author": "author",
    "dc.creator": "author",
    "date": "date",
    "dc.date": "date",
    "article:published_time": "date",
    "article:modified_time": "modified",
    "description": "description",
    "og:description": "description",
    "keywords": "keywords",
}


def read(data: bytes) -> ParsedDocument:
    """Read an HTML page; scripts, navigation and what is hidden are left out."""
    head = data[:4096]
    declared = _CHARSET.search(head) or _XML.search(head)
    text = clean(decode(data, declared.group(1).decode("ascii") if declared else None))
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    page = _Page()
    root = html.parse(BytesIO(text.encode("utf-8")), parser).getroot()
    if root is None:
        return page.blocks.build("text/html")
    if any("depth" in entry.message.lower() for entry in parser.error_log):  # what lies deeper is lost
        raise UnreadableDocument("nests its elements too deeply.", hint="Save the page as text or PDF and upload that.")
    body = root.find("body")
    _walk(root if body is None else body, page.enter, page.leave, page.line.append)
    page.flush()
    first = next((heading.path[-1] for heading in page.blocks.outline.headings), None)
    return page.blocks.build("text/html", title=root.findtext(".//title") or first, metadata=_metadata(root))


def _metadata(root: html.HtmlElement) -> dict[str, str]:
    """Author, dates, description and keywords of the page's meta elements, and its language."""
    found: dict[str, str] = {}
    for meta in root.iter("meta"):
        key = _META.get((meta.get("name") or meta.get("property") or "").lower())
        if key and meta.get("content"):
            found.setdefault(key, meta.get("content", ""))
    return found | {"language": root.get("lang", "")}


def _walk(
    root: html.HtmlElement,
    enter: Callable[[html.HtmlElement], bool],
    leave: Callable[[html.HtmlElement], None],
    text: Callable[[str], None],
) -> None:
    """Go through the elements below one in document order; no recursion, for pages may nest thousands deep."""
    stack: list[tuple[html.HtmlElement, Iterator[html.HtmlElement]]] = [(root, iter(root))]
    text(root.text or "")
    while stack:
        parent, children = stack[-1]
        node = next(children, None)
        if node is not None and isinstance(node.tag, str) and enter(node):
            text(node.text or "")
            stack.append((node, iter(node)))
        elif node is not None:
            text(node.tail or "")
        else:
            stack.pop()
            if stack:
                leave(parent)
                text(parent.tail or "")


class _Page:
    """A page being turned into blocks."""

    def __init__(self) -> None:
        self.blocks = Blocks()
        self.line: list[str] = []
        self.marker = ""  # what the next block of a list item begins with
        self.indent = ""
        self.group = 0
        self.groups = 0
        self.lists: list[int] = []  # the next number of each list that is open; 0 for one with bullets

    def enter(self, node: html.HtmlElement) -> bool:
        """Begin an element; False if its content is done with."""
        if _hidden(node):
            return False
        if node.tag == "br":
            self.line.append("\0")
            return False
        if node.tag in _BLOCKS:
            self.flush()
        if node.tag == "pre":
            self.blocks.add(_content(node), group=self.group)
            return False
        if node.tag == "table" and _is_data(node):
            self.table(node)
            return False
        if node.tag in _LISTS:
            self.group = self.group or self.new_group()
            self.lists.append(_first_number(node) if node.tag == "ol" else 0)
        elif node.tag == "li" and self.lists:
            self.indent = "  " * min(_MOST_INDENT, len(self.lists) - 1)
            self.marker = f"{self.lists[-1]}. " if self.lists[-1] else "- "
            self.lists[-1] += bool(self.lists[-1])
        return True

    def leave(self, node: html.HtmlElement) -> None:
        """End an element."""
        if node.tag in _BLOCKS:
            self.flush(_HEADINGS.get(node.tag))
        if node.tag in _LISTS:
            self.lists.pop()
            self.indent = "  " * min(_MOST_INDENT, max(0, len(self.lists) - 1))
            self.group = self.group if self.lists else 0
        elif node.tag == "li":
            self.marker = ""

    def flush(self, level: int | None = None) -> None:
        """End the current block."""
        lines = "".join(self.line).split("\0")
        text = "\n".join(_SPACES.sub(" ", line).strip(" ") for line in lines).strip()
        self.line.clear()
        if text and level is not None:
            self.blocks.add(text, level=level)
        elif text:
            lead = self.indent + (self.marker or "  ") if self.lists else ""
            self.blocks.add(lead + text, group=self.group)
            self.marker = ""

    def table(self, table: html.HtmlElement) -> None:
        """Add a table: a line for each row, its cells between bars."""
        rows: list[list[str]] = []
        header: bool | None = None
        for row in table.iter("caption", "tr"):
            if row.tag == "caption":
                self.blocks.add("" if _hidden(row) else " ".join(_content(row).split()))
            elif not _hidden(row):
                cells = [cell for cell in row if cell.tag in {"td", "th"} and not _hidden(cell)]
                header = header or (not rows and len(cells) > 1 and all(cell.tag == "th" for cell in cells)) or None
                rows.append([_content(cell) for cell in cells])
        self.blocks.table(rows, header=header)

    def new_group(self) -> int:
        """A number for lines that belong together."""
        self.groups += 1
        return self.groups


def _hidden(node: html.HtmlElement) -> bool:
    """Whether an element is not for reading: a script, navigation, or hidden."""
    if node.tag in _DROPPED:
        return True
    attributes = node.attrib
    if not attributes:
        return False
    if "hidden" in attributes or attributes.get("aria-hidden") == "true" or attributes.get("role") == "navigation":
        return True
    return bool(_HIDDEN.search(attributes.get("style", "")))


def _first_number(numbered: html.HtmlElement) -> int:
    """The number that an ordered list begins with."""
    first = numbered.get("start", "1")
    return int(first) if first.isdecimal() and len(first) < 10 and int(first) else 1


def _is_data(table: html.HtmlElement) -> bool:
    """Whether a table holds data and is no means of layout."""
    nested = (node for node in table.iter("table", *_HEADINGS) if node is not table)
    return table.get("role") != "presentation" and next(nested, None) is None


def _content(root: html.HtmlElement) -> str:
    """All text of an element as it is, with a line end for each block and break in it."""
    parts: list[str] = []

    def enter(node: html.HtmlElement) -> bool:
        if node.tag == "br" or node.tag in _BLOCKS:
            parts.append("\n")
        return not _hidden(node)

    def leave(node: html.HtmlElement) -> None:
        if node.tag in _BLOCKS:
            parts.append("\n")

    _walk(root, enter, leave, parts.append)
    return "".join(parts)
