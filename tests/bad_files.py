"""Files that are broken, wrong or made to do harm, made from real ones."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

FILES = Path(__file__).parent / "unit" / "files"
REAL = {path.suffix: path.read_bytes() for path in sorted(FILES.iterdir()) if path.suffix not in (".csv", ".sh")}
"""Files as the programs that people use write them, by extension."""


def repacked(data: bytes, change: Callable[[str, bytes], bytes], extra: dict[str, bytes] | None = None) -> bytes:
    """An archive with its parts changed, and others added."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            target.writestr(entry.filename, change(entry.filename, source.read(entry)))
        for name, content in (extra or {}).items():
            target.writestr(name, content)
    return stream.getvalue()


def bomb(kind: str) -> bytes:
    """A file of this kind that unpacks to a hundred times what it is."""
    return repacked(REAL[kind], lambda _, data: data, {"media/bomb.bin": b"\0" * 80_000_000})


def pdf(text: str, password: str | None = None) -> bytes:
    """A PDF of one line, encrypted if there is a password."""
    stream = BytesIO()
    canvas = Canvas(stream, encrypt=StandardEncryption(password) if password else None)
    canvas.drawString(72, 700, text)
    canvas.save()
    return stream.getvalue()
