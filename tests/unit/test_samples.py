from __future__ import annotations

import importlib.util
import json
import sys
from functools import cache
from io import BytesIO
from pathlib import Path
from types import ModuleType

import pypdfium2
import pytest
from bs4 import BeautifulSoup
from docx import Document

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
DOCUMENTS = SAMPLES / "documents"
NAMES = sorted(path.name for path in DOCUMENTS.iterdir())
GENERATED = [name for name in NAMES if name.endswith((".pdf", ".docx"))]
QUESTIONS = [json.loads(line) for line in (SAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()]


@cache
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("samples_make", SAMPLES / "make.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def pdf_text(data: bytes) -> str:
    pdf = pypdfium2.PdfDocument(data)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in pdf)
    finally:
        pdf.close()


def docx_text(data: bytes) -> str:
    document = Document(BytesIO(data))
    lines = [paragraph.text for paragraph in document.paragraphs]
    lines += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join(lines)


@cache
def text_of(name: str) -> str:
    data = (DOCUMENTS / name).read_bytes()
    match Path(name).suffix:
        case ".pdf":
            return pdf_text(data)
        case ".docx":
            return docx_text(data)
        case ".html":
            return BeautifulSoup(data, "lxml").get_text(" ")
        case _:
            return data.decode()


def holding(*needles: str) -> set[str]:
    return {name for name in NAMES if all(needle in text_of(name) for needle in needles)}


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_the_formats_and_nothing_else_lie_in_documents() -> None:
    assert {Path(name).suffix for name in NAMES} == {".pdf", ".docx", ".html", ".md", ".txt"}
    assert sum(name.endswith(("-zh.md", "-zh.txt", "-zh.pdf")) for name in NAMES) >= 2
    assert all(path.stat().st_size < 100_000 for path in DOCUMENTS.iterdir())


def test_regenerating_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in (tmp_path / "once", tmp_path / "twice"):
        made = maker().build(folder)
        assert sorted(path.name for path in made) == GENERATED
        for path in made:
            assert path.read_bytes() == (DOCUMENTS / path.name).read_bytes(), f"{path.name}: run samples/make.py"


@pytest.mark.parametrize("path", sorted((SAMPLES / "sources").glob("*.md")), ids=lambda path: path.stem)
def test_every_passage_of_a_source_can_be_read_from_its_document(path: Path) -> None:
    source = maker().read_source(path)
    text = squeezed(text_of(source.meta["file"]))
    for block in source.blocks:
        for runs in (block.runs, *(cell for row in block.rows for cell in row)):
            passage = squeezed("".join(run.text for run in runs))
            # A passage that goes on to the next page is interrupted by the footer, so its halves are looked for.
            half = len(passage) // 2
            assert passage in text or (passage[: half // 2] in text and passage[-half // 2 :] in text), passage


def test_the_questions_are_well_formed() -> None:
    assert all(set(question) == {"id", "question", "answer", "gold"} for question in QUESTIONS)
    assert len({question["id"] for question in QUESTIONS}) == len(QUESTIONS) >= 24
    assert sum(len(question["gold"]) >= 2 for question in QUESTIONS) >= 10
    assert any("\u4e00" <= char <= "\u9fff" for question in QUESTIONS for char in question["question"])


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["id"])
def test_the_gold_files_exist_and_each_of_them_is_asked_for_once(question: dict[str, list[str]]) -> None:
    assert question["gold"]
    assert set(question["gold"]) <= set(NAMES)
    assert len(set(question["gold"])) == len(question["gold"])


def test_every_document_is_needed_by_a_question() -> None:
    assert {name for question in QUESTIONS for name in question["gold"]} == set(NAMES)


def test_the_first_question_needs_exactly_two_documents() -> None:
    first = QUESTIONS[0]
    manual, report = first["gold"]
    assert "E-45" in first["question"]
    assert "P-987" in first["answer"]
    assert "Norvik Sensorik" in first["answer"]
    assert holding("P-987") == {manual, report}
    assert holding("E-45", "P-987") == {manual}
    assert holding("Norvik Sensorik", "P-987") == {report}
    assert not holding("E-45", "Norvik Sensorik")


def test_the_first_question_shares_words_with_both_documents() -> None:
    manual, report = ({word.strip(".,;:") for word in text_of(name).split()} for name in QUESTIONS[0]["gold"])
    asked = {word.strip(",?") for word in QUESTIONS[0]["question"].split()}
    assert {"part", "error", "E-45", "A-102"} <= asked & manual
    assert {"supplier", "delivers", "A-102"} <= asked & report
