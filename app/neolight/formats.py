"""The media type of each file extension that can be read: the same on every machine and under every Python."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

TEXT = "text/plain"
CODE = "text/x-source"
OFFICE = "application/vnd.openxmlformats-officedocument"
OPEN = "application/vnd.oasis.opendocument"
UNKNOWN = "application/octet-stream"
COMMON = ".pdf, .docx, .xlsx, .html, .md or .txt"
"""Extensions to name to a person whose file cannot be read: short, for many files may fail at once."""
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

MEDIA_TYPES: Mapping[str, str] = {
    **dict.fromkeys(_PLAIN, TEXT),
    **dict.fromkeys((".md", ".markdown"), "text/markdown"),
    **dict.fromkeys((".html", ".htm", ".xhtml"), "text/html"),
    ".pdf": "application/pdf",
    ".docx": f"{OFFICE}.wordprocessingml.document",
    **dict.fromkeys((".xlsx", ".xlsm"), f"{OFFICE}.spreadsheetml.sheet"),
    ".xls": "application/vnd.ms-excel",
    ".ods": f"{OPEN}.spreadsheet",
    ".pptx": f"{OFFICE}.presentationml.presentation",
    ".odt": f"{OPEN}.text",
    ".odp": f"{OPEN}.presentation",
    ".rtf": "application/rtf",
    ".epub": "application/epub+zip",
    ".eml": "message/rfc822",
    ".ipynb": "application/x-ipynb+json",
    **dict.fromkeys((".xml", ".rss", ".atom"), "application/xml"),
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    **dict.fromkeys((".jsonl", ".ndjson"), "application/x-ndjson"),
    **dict.fromkeys(_PROGRAMS, CODE),
}


def media_type(name: str) -> str:
    """The media type of a file by the extension of its name, or `application/octet-stream`."""
    return MEDIA_TYPES.get(PurePath(name).suffix.lower(), UNKNOWN)
