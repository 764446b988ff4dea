"""Chunks: budget, spans, where they end, what they repeat, and where they say they are."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import tiktoken
from hypothesis import example, given, settings
from hypothesis import strategies as st

from neolight.errors import InvalidInput
from neolight.ingest.chunking import Plan
from neolight.ingest.readers import read
from neolight.models import Chunking, Heading, PageSpan, ParsedDocument, TextChunk

SENTENCE = "The sensor must deliver four milliamperes at zero bar. "
VOCABULARY = Path(__file__).parents[2] / "app/neolight/llm/vocabulary"


@pytest.fixture(scope="module", autouse=True)
def vocabulary() -> None:
    """Take the vocabulary that the package has, not one from the network."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", str(VOCABULARY))
        tiktoken.get_encoding("o200k_base")


def count(text: str) -> int:
    return len(tiktoken.get_encoding("o200k_base").encode_ordinary(text))


def split(document: ParsedDocument, *, tokens: int, overlap: int, count: Callable[[str], int]) -> list[TextChunk]:
    return Plan.of(document, Chunking("structure", tokens, overlap), count).chunks()


def cut(text: str, tokens: int, overlap: int = 0, *headings: Heading) -> list[TextChunk]:
    return split(ParsedDocument(text, "text/plain", headings=headings), tokens=tokens, overlap=overlap, count=count)


def check(document: ParsedDocument, chunks: list[TextChunk], tokens: int) -> None:
    """What holds for every list of chunks."""
    text = document.text
    reached = start = 0
    for position, chunk in enumerate(chunks):
        assert chunk.position == position
        assert chunk.text == text[chunk.start : chunk.end] == chunk.text.strip() != ""
        assert chunk.tokens == count(chunk.text) <= tokens
        assert not text[reached : chunk.start].strip()
        assert chunk.start >= start
        assert chunk.end > reached
        start, reached = chunk.start, chunk.end
    assert not text[reached:].strip()


def test_a_short_document_is_one_chunk_whatever_its_headings() -> None:
    text = "\n\n# One\n\ntext\n\n# Two\n\ntext \n"
    chunks = cut(text, 100, 10, Heading(2, ("One",)), Heading(15, ("Two",)))
    assert chunks == [TextChunk(0, text.strip(), count(text.strip()), 2, len(text) - 2, None, "One")]


@pytest.mark.parametrize("text", ["", " \n\t\u3000"])
def test_nothing_is_no_chunk(text: str) -> None:
    assert cut(text, 100) == []


@pytest.mark.parametrize(("tokens", "overlap"), [(7, 0), (100, 100), (100, -1)])
def test_an_unusable_budget_is_refused(tokens: int, overlap: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        cut("text", tokens, overlap)
    assert caught.value.message == f"Chunks of {tokens} tokens with an overlap of {overlap} are not possible."
    assert caught.value.hint == "Use 8 to 8000 tokens, and an overlap from 0 to one less than the tokens."


def test_chunks_end_with_paragraphs_and_then_with_sentences() -> None:
    paragraph = (SENTENCE * 4).strip()
    chunks = cut("\n\n".join([paragraph] * 12), 120)
    assert {chunk.text for chunk in chunks} == {f"{paragraph}\n\n{paragraph}"}
    chunks = cut(SENTENCE * 40, 100)
    assert all(chunk.text.startswith("The sensor") and chunk.text.endswith("zero bar.") for chunk in chunks)


def test_the_last_chunk_is_no_crumb() -> None:
    chunks = cut(SENTENCE * 10, 100)
    assert [chunk.tokens > 25 for chunk in chunks] == [True, True]


def test_overlap_is_of_whole_sentences() -> None:
    numbered = " ".join(f"Step {number} is to close valve number {number} by hand." for number in range(60))
    chunks = cut(numbered, 120, 30)
    for before, chunk in pairwise(chunks):
        shared = numbered[chunk.start : before.end]
        assert shared.startswith("Step ")
        assert shared.endswith("by hand.")
        assert 10 < count(shared) <= 30
    assert all(before.end <= chunk.start for before, chunk in pairwise(cut(numbered, 120)))


@pytest.mark.parametrize(
    "sentence",
    [
        "See Fig. 3 and Dr. Vos, i.e. the head of J. Brekke's team, e.g. in No. 7 at 3.5 bar.",
        "She asked: “Is it 4.00 mA?” and confirmed.",
        "传感器必须稳定，然后操作员记录数值！",
        "他说：“请关闭阀门。”",
    ],
)
def test_sentences_are_whole(sentence: str) -> None:
    space = "" if sentence[0] > "\u2e80" else " "
    text = space.join([sentence] * 30)
    assert all(chunk.text.startswith(sentence[:3]) and chunk.text.endswith(sentence[-3:]) for chunk in cut(text, 90))


def test_lines_that_a_text_wraps_are_no_sentences_but_better_than_words() -> None:
    wrapped = "The value is written\ninto the log by the\ntechnician on duty. " * 30
    assert all(chunk.text.endswith("on duty.") for chunk in cut(wrapped, 60))
    rows = "\n".join(f"E-{number} | Motor too hot | Clean the fan" for number in range(200))
    assert all(chunk.text.startswith("E-") and chunk.text.endswith("fan") for chunk in cut(rows, 60))


def test_chinese_without_any_mark_is_cut_between_characters_and_a_giant_word_anywhere() -> None:
    chinese = "传感器校准程序要求温度稳定操作员必须记录数值" * 200
    document = ParsedDocument(chinese, "text/plain")
    check(document, cut(chinese, 100, 20), 100)
    word = "x1y2" * 5000
    assert "".join(chunk.text for chunk in cut(word, 100)) == word
    family = "👨‍👩‍👧‍👦" * 300
    chunks = cut(family, 100)
    assert all(chunk.text.startswith("👨") and chunk.text.endswith("👦") for chunk in chunks)


MANUAL = """Cover of the manual.

# 4 Operation

## 4.1 Start

Open the valve.

## 4.2 Stop

Close the valve.

# 5 Maintenance

## 5.1 Schedule

{long}

## 5.2 Storage

Keep it dry.
"""


def manual() -> ParsedDocument:
    return read("a.md", MANUAL.format(long=SENTENCE * 30).encode())


def test_chunks_keep_to_sections_and_small_ones_under_one_parent_share_one() -> None:
    document = manual()
    chunks = split(document, tokens=160, overlap=20, count=count)
    check(document, chunks, 160)
    assert [(chunk.section, chunk.text.split("\n")[0]) for chunk in chunks if chunk.text.startswith(("#", "Cov"))] == [
        (None, "Cover of the manual."),
        ("5 Maintenance", "# 5 Maintenance"),
        ("5 Maintenance > 5.2 Storage", "## 5.2 Storage"),
    ]
    assert chunks[0].text.endswith("Close the valve.")
    assert chunks[1].text.startswith("# 5 Maintenance\n\n## 5.1 Schedule\n\nThe sensor")
    assert chunks[2].section == "5 Maintenance > 5.1 Schedule"


def test_no_chunk_ends_with_a_heading() -> None:
    parts = [f"# {n} Chapter\n\n## {n}.1 Part\n\n{SENTENCE * (n % 5 + 1)}\n\n## {n}.2 Part\n\nOne." for n in range(9)]
    document = read("a.md", "\n\n".join(parts).encode())
    for tokens in range(40, 200, 9):
        chunks = split(document, tokens=tokens, overlap=tokens // 8, count=count)
        check(document, chunks, tokens)
        assert not [chunk for chunk in chunks if chunk.text.splitlines()[-1].startswith("#")]


def test_pages_are_those_of_the_first_character_and_sections_of_two_pages_stay_apart() -> None:
    pages = [f"5.{number} Part {number}\n\n{SENTENCE * 2}".strip() for number in range(6)]
    text = "\n\n".join(pages)
    starts = [text.index(page) for page in pages]
    document = ParsedDocument(
        text,
        "application/pdf",
        pages=tuple(PageSpan(n + 1, s, s + len(p)) for n, (s, p) in enumerate(zip(starts, pages, strict=True))),
        headings=tuple(Heading(start, ("5", page.split("\n")[0])) for start, page in zip(starts, pages, strict=True)),
    )
    chunks = split(document, tokens=150, overlap=0, count=count)
    assert [(chunk.page, chunk.section) for chunk in chunks] == [(n + 1, f"5 > 5.{n} Part {n}") for n in range(6)]
    without = ParsedDocument(text, "application/pdf", headings=document.headings)
    assert len(split(without, tokens=150, overlap=0, count=count)) < 6


# fmt: off
WORDS = st.sampled_from([
    "pump", "Sensor", "E-1042", "3.5", "e.g.", "Dr.", "end.", "why?", "„so“", "校准", "温度。", "！", "カタカナ",
    "한국어", "https://example.org/a?b=c", "x" * 50, "", "•", "(a)", "…", "é", "a\u0301", "\u200d", "👍🏽", "|", "#",
    "，", "\t",
])
# fmt: on
GAPS = st.sampled_from([" ", " ", " ", "\n", "\n\n", "\n \n", "  ", "", "\u3000"])
TEXTS = st.lists(st.tuples(WORDS, GAPS), max_size=120).map(lambda parts: "".join(word + gap for word, gap in parts))


@settings(max_examples=150, deadline=None)
@given(st.data(), TEXTS | st.text(max_size=400), st.integers(8, 120))
def test_any_text_is_covered_in_order_within_the_budget(data: st.DataObject, text: str, tokens: int) -> None:
    overlap = data.draw(st.integers(0, tokens - 1))
    starts = sorted(data.draw(st.sets(st.integers(0, max(0, len(text) - 1)), max_size=5)))
    paths = [("A",), ("A", "B"), ("A", "C"), ("D",), ("D", "E", "F")]
    headings = tuple(Heading(start, path) for start, path in zip(starts, paths, strict=False))
    document = ParsedDocument(text, "text/plain", headings=headings)
    check(document, split(document, tokens=tokens, overlap=overlap, count=count), tokens)


@settings(max_examples=100, deadline=None)
@given(TEXTS, st.integers(60, 120), st.integers(0, 40))
@example("word " * 300, 60, 10)
def test_no_word_is_cut(text: str, tokens: int, overlap: int) -> None:
    """No word here costs 60 tokens, so every chunk begins and ends at white space or beside a wide character."""
    for chunk in cut(text, tokens, overlap):
        for at in (chunk.start, chunk.end):
            around = text[max(0, at - 1) : at + 1]
            assert not (len(around) == 2 and around.isascii() and around.isalnum()), around


LONG = {
    "words": SENTENCE * 6_000,
    "one line without marks": "sensor " * 50_000,
    "Chinese": "传感器校准程序要求温度稳定，操作员必须记录数值。" * 5_000,
    "one word": "a" * 300_000,
    "white space": f"a{' ' * 1_000_000}b",  # a tokenizer can fail on as much at once
    "dots": "." * 300_000,
}


@pytest.mark.parametrize("kind", LONG)
def test_the_time_does_not_grow_faster_than_the_text(kind: str) -> None:
    text = LONG[kind]
    started = time.process_time()
    chunks = cut(text, 1200, 100)
    assert time.process_time() - started < 3
    check(ParsedDocument(text, "text/plain"), chunks, 1200)


def test_the_same_text_is_cut_the_same_way() -> None:
    words = random.Random(1).choices(["pump", "valve.", "Sensor", "\n\n"], k=3000)
    assert cut(" ".join(words), 100, 20) == cut(" ".join(words), 100, 20)
