"""Reads a long PDF and a large sheet in a reader's own process: seconds, and the most memory that the process had.

`python bench/readers.py` makes the files; `python bench/readers.py FILE...` reads yours.
"""

from __future__ import annotations

import argparse
import sys
from io import BytesIO
from pathlib import Path
from subprocess import PIPE, run
from tempfile import gettempdir

PAGES = 300
ROWS = 50_000
LINE = "The pressure sensor of pump A-{} was calibrated against the gauge, and part P-{} was replaced before the test. "

MEASURED = """
import resource, sys, time
from pathlib import Path
from neolight.ingest import readers
path = Path(sys.argv[1])
data = path.read_bytes()
readers.read("warm.md", b"# x")
before = resource.getrusage(resource.RUSAGE_SELF)
began = time.perf_counter()
document = readers.read(path.name, data)
took = time.perf_counter() - began
after = resource.getrusage(resource.RUSAGE_SELF)
cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
print(took, cpu, before.ru_maxrss >> 10, after.ru_maxrss >> 10, len(document.text), len(document.pages))
"""


def main() -> None:
    """Prints a row for each file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument(
        "--folder", type=Path, default=Path(gettempdir()) / "neolight-bench-files", help="where made files go"
    )
    given = parser.parse_args()
    files: list[Path] = given.files or made(given.folder)
    print("| file | size | seconds | CPU seconds | memory before | memory at most | characters | pages |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for file in files:
        done = run([sys.executable, "-c", MEASURED, str(file)], stdout=PIPE, text=True, check=True)
        took, cpu, before, after, characters, pages = done.stdout.split()
        size = file.stat().st_size / (1 << 20)
        print(
            f"| {file.name} | {size:.1f} MB | {float(took):.2f} | {float(cpu):.2f} | {before} MB | {after} MB "
            f"| {int(characters):,} | {pages} |"
        )


def made(folder: Path) -> list[Path]:
    """A PDF of 300 pages, one of them with a table each, and a sheet of 50,000 rows, as a workbook and as text."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / "manual.pdf", folder / "parts.xlsx", folder / "parts.csv"]
    for file, make in zip(files, (_pdf, _sheet, _text), strict=True):
        if not file.exists():
            file.write_bytes(make())
    return files


def _pdf() -> bytes:
    from reportlab.lib.styles import getSampleStyleSheet  # noqa: PLC0415  (of the development tools)
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table  # noqa: PLC0415

    styles = getSampleStyleSheet()
    story: list[object] = []
    for page in range(PAGES):
        story.append(Paragraph(f"{page + 1} Maintenance of line {page + 1}", styles["Heading1"]))
        story += [Paragraph(LINE.format(page, at) * 6, styles["BodyText"]) for at in range(4)]
        story.append(Table([["Part", "Name", "Price"], *([f"P-{at}", "Seal kit", f"{at}.50"] for at in range(8))]))
        story.append(PageBreak())
    stream = BytesIO()
    SimpleDocTemplate(stream).build(story)  # pyright: ignore[reportArgumentType]
    return stream.getvalue()


def _rows() -> list[list[object]]:
    head: list[object] = ["Part", "Name", "Quantity", "Price", "Supplier", "Checked"]
    rows: list[list[object]] = [
        [f"P-{at}", f"Seal kit {at}", at % 97, at / 8, f"Supplier {at % 40}", "2026-01-31"] for at in range(ROWS)
    ]
    return [head, *rows]


def _sheet() -> bytes:
    from xlsxwriter import Workbook  # noqa: PLC0415  (of the development tools)

    stream = BytesIO()
    with Workbook(stream, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Parts")
        for number, row in enumerate(_rows()):
            sheet.write_row(number, 0, row)
    return stream.getvalue()


def _text() -> bytes:
    return "\n".join(",".join(str(cell) for cell in row) for row in _rows()).encode()


if __name__ == "__main__":
    main()
