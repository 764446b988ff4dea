"""Every chunking strategy: exact spans, whole words, characters and rows, and what each is for."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import regex
import tiktoken
from hypothesis import example, given, settings
from hypothesis import strategies as st

from neolight.errors import InvalidInput
from neolight.graphql.chunking import DESCRIPTIONS
from neolight.ingest.chunking import Plan
from neolight.ingest.chunking.strategies import STRATEGIES, joined_by_meaning, merged
from neolight.ingest.chunking.units import Cutter, Unit
from neolight.models import (
    Chunking,
    ChunkingChoice,
    ChunkStrategy,
    Heading,
    PageSpan,
    ParsedDocument,
    TextChunk,
    Vectors,
    page_at,
)

VOCABULARY = Path(__file__).parents[2] / "app/neolight/llm/vocabulary"
NAMES = [strategy.value for strategy in ChunkStrategy]


@pytest.fixture(scope="module", autouse=True)
def vocabulary() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", str(VOCABULARY))
        tiktoken.get_encoding("o200k_base")


def count(text: str) -> int:
    """Tokens, also of halves of characters, which no tokenizer takes."""
    return len(tiktoken.get_encoding("o200k_base").encode_ordinary(text.encode("utf-8", "replace").decode()))


def words(texts: list[str]) -> Vectors:
    """Texts that share words are near each other."""
    rows = np.full((len(texts), 64), 1e-6, np.float32)
    for at, text in enumerate(texts):
        for word in re.findall(r"\w+", text.lower()):
            rows[at] += np.random.default_rng(sum(map(ord, word)) * 7919 + len(word)).standard_normal(64, np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def cut(document: ParsedDocument | str, chunking: Chunking) -> list[TextChunk]:
    whole = ParsedDocument(document, "text/plain") if isinstance(document, str) else document
    plan = Plan.of(whole, chunking, count)
    return plan.chunks(words(plan.texts) if plan.texts else None)


# fmt: off
WORDS = st.sampled_from([
    "pump", "Sensor", "E-1042", "3.5", "Dr.", "end.", "why?", "校准", "温度。", "！", "カタカナ", "한국어", "x" * 30,
    "", "•", "é", "a\u0301", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪", "🇩🇪🇫🇷🇨🇳", "e\u0301\u0323", "각", "क्षि", "1️⃣",
    "，\ufe01", "。\u0301", "---", "-", "\ud83d", "\udc4d", "\r",
])
ROWS = st.sampled_from([
    "| a | b. C |", "| Sensor Kappa. Works | E-1, 4 mA | 温度。高 |", "Name | Value. Next", "a\tb. C\td",
])
# fmt: on
GAPS = st.sampled_from([" ", " ", " ", "\n", "\n\n", "", "\u3000", "---"])
LINES = st.lists(st.tuples(WORDS, GAPS), max_size=25).map(lambda parts: "".join(word + gap for word, gap in parts))
TEXTS = st.lists(LINES | ROWS, max_size=14).map("\n".join)


def is_row(line: str) -> bool:
    return line.strip().startswith("|") or " |" in line.strip() or "\t" in line.strip()


def faults(text: str, at: int, tokens: int) -> list[str]:
    """What is wrong with a chunk that begins or ends at a place."""
    left, right = text[at - 1 : at], text[at : at + 1]
    if not left or not right or left.isspace() or right.isspace():
        return []
    found: list[str] = []
    graphemes = [match.span() for match in regex.finditer(r"\X", text)]
    found += [f"character {a, b}" for a, b in graphemes if a < at < b and count(text[a:b]) <= tokens // 8]
    for match in re.finditer(r"[A-Za-z0-9]+", text):
        if match.start() < at < match.end() and count(match[0]) <= tokens // 2:
            found.append(f"word {match[0]}")
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    line = text[start : end if end >= 0 else len(text)]
    if is_row(line) and count(line) <= tokens // 2:
        found.append(f"row {line}")
    return found


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=120, deadline=None)
@given(st.data(), TEXTS | st.text(max_size=300), st.integers(40, 160))
@example(None, "| a. B | c. D |\n" * 60, 40)
@example(None, "🇩🇪" * 300, 40)
@example(None, "a\u0301" * 200, 40)
def test_spans_are_exact_and_nothing_is_cut_in_the_middle(
    name: str, data: st.DataObject | None, text: str, tokens: int
) -> None:
    overlap = data.draw(st.integers(0, tokens // 2)) if data else 0
    starts = sorted(data.draw(st.sets(st.integers(0, max(0, len(text) - 1)), max_size=4))) if data else []
    headings = tuple(
        Heading(start, (f"H{at}",)) for at, start in enumerate(starts) if not start or text[start - 1] == "\n"
    )
    document = ParsedDocument(text, "text/plain", headings=headings)
    separator = "---"
    chunks = cut(document, Chunking(name, tokens, overlap, separator))
    reached = start = 0
    for position, chunk in enumerate(chunks):
        assert chunk.position == position
        assert chunk.text == text[chunk.start : chunk.end] == chunk.text.strip() != ""
        assert chunk.tokens == count(chunk.text) <= tokens
        between = text[reached : chunk.start]
        assert not (between.replace(separator, "") if name == "separator" else between).strip()
        assert chunk.start >= start
        assert chunk.end > reached
        start, reached = chunk.start, chunk.end
        assert faults(text, chunk.start, tokens) == []
        assert faults(text, chunk.end, tokens) == []
    rest = text[reached:]
    assert not (rest.replace(separator, "") if name == "separator" else rest).strip()
    assert chunks == cut(document, Chunking(name, tokens, overlap, separator))


@pytest.mark.parametrize(
    "text", ["🇩🇪🇫🇷", "a\u0301\u0323b", "👨‍👩‍👧‍👦!", "각각", "क्षि", "1️⃣2️⃣", "\r\n", "，\ufe01x", "🇩" * 201]
)
def test_where_a_character_begins(text: str) -> None:
    cutter = Cutter(text, 100, count)
    boundaries = {0, *(match.end() for match in regex.finditer(r"\X", text))}
    assert {at for at in range(len(text) + 1) if cutter.is_character(at)} == boundaries


def test_tokens_makes_even_chunks_with_the_overlap_that_is_wanted() -> None:
    text = "# Head\n\nThe sensor must deliver four milliamperes at zero bar. " * 60
    chunks = cut(text, Chunking("tokens", 100, 20))
    assert all(90 <= chunk.tokens <= 100 for chunk in chunks[:-2])
    for before, chunk in pairwise(chunks):
        assert 10 <= count(text[chunk.start : before.end]) <= 20


def test_sentences_ignores_headings_and_keeps_sentences_whole() -> None:
    text = "\n\n".join(f"# Part {n}\n\nThe pump {n} is red. The valve {n} is open." for n in range(40))
    headings = tuple(Heading(m.start(), (m[0],)) for m in re.finditer(r"# Part \d+", text))
    document = ParsedDocument(text, "text/markdown", headings=headings)
    chunks = cut(document, Chunking("sentences", 100, 0))
    assert all(chunk.text.endswith(".") for chunk in chunks)
    assert all(chunk.tokens > 75 for chunk in chunks[:-1])
    assert max(chunk.text.count("# Part") for chunk in chunks) > 3


def test_separator_cuts_there_and_joins_what_is_tiny() -> None:
    entry = "Question: what does code E-{0} mean? Answer: the motor {0} is too hot, and the fan must be cleaned first."
    entries = [entry.format(number) for number in range(9)]
    assert [c.text for c in cut("###".join(entries), Chunking("separator", 100, 10, "###"))] == entries
    text = "one---two---three---" + "long words " * 30 + "---tail"
    chunks = cut(text, Chunking("separator", 60, 0, "---"))
    assert chunks[0].text == "one---two---three"
    assert chunks[-1].text == "tail" or chunks[-1].text.endswith("---tail")
    assert all(chunk.tokens <= 60 for chunk in chunks)


@pytest.mark.parametrize(("separator", "expected"), [("p", 1), (" ", 40), ("e\u0301", 1)])
def test_a_separator_within_a_word_does_not_count(separator: str, expected: int) -> None:
    text = "pumpe\u0301 pumpe\u0301ne. " * 20
    pieces = Plan.of(ParsedDocument(text, "t"), Chunking("separator", 8000, 0, separator), count).runs
    assert len(pieces) == 1, "tiny pieces are joined"
    raw = list(STRATEGIES[ChunkStrategy.SEPARATOR].runs(source(text, separator)))
    assert len([run for run in raw if run]) == expected


def source(text: str, separator: str):
    from neolight.ingest.chunking.strategies import Source  # noqa: PLC0415

    chunking = Chunking("separator", 8000, 0, separator)
    return Source(ParsedDocument(text, "t"), chunking, Cutter(text, 8000, count), lambda _: None)


def test_semantic_cuts_where_the_subject_changes() -> None:
    pumps = (
        "The pump moves water through the pipe. The pipe brings water to the pump. Water fills the pump and the pipe. "
    )
    music = "The singer wrote an opera about love. The opera made the singer famous. Love is what the singer sings of. "
    law = "The court heard the contract dispute. A contract binds in court. The dispute over the contract ended. "
    text = (pumps * 3 + music * 3 + law * 3).strip()
    chunks = cut(text, Chunking("semantic", 110, 0))
    firsts = [text.index(part) for part in (music, law)]
    starts = {chunk.start for chunk in chunks}
    assert set(firsts) <= starts, [chunk.text[:40] for chunk in chunks]
    assert len(chunks) <= 5


def test_semantic_breaks_are_the_largest_distances() -> None:
    sentences = [[Unit(n, n + 1, 1, 3)] for n in range(21)]
    subjects = np.zeros((21, 2), np.float32)
    subjects[:7, 0] = subjects[7:15, 1] = subjects[15:, 0] = 1.0
    vectors = subjects + np.vstack([subjects[1:], np.zeros((1, 2), np.float32)])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert [len(run) for run in joined_by_meaning(sentences, vectors)] == [7, 8, 6]
    assert [len(run) for run in joined_by_meaning(sentences, vectors[:1].repeat(21, 0))] == [21]
    assert [len(run) for run in joined_by_meaning(sentences[:1], vectors[:1])] == [1]


def test_small_neighbours_are_merged_within_the_budget() -> None:
    def runs(*sizes: int) -> list[list[Unit]]:
        return [[Unit(0, 1, size, 0)] for size in sizes]

    def sizes(*given: int, least: float = 0.25) -> list[int]:
        return [sum(unit.tokens for unit in run) for run in merged(runs(*given), 100, least)]

    assert sizes(10, 10, 10, 50, 60, 5) == [30, 50, 65]
    assert sizes(95, 10, 95) == [95, 10, 95], "nothing has room for it"
    assert sizes(10, 10, least=0.0) == [10, 10]


def test_rows_are_whole_and_sections_and_pages_are_those_of_the_first_character() -> None:
    rows = [f"| E-{n} | Motor {n} is hot. Stop it, then wait | 温度。高 |" for n in range(60)]
    text = "Intro.\n\n" + "\n".join(rows)
    document = ParsedDocument(text, "t", pages=(PageSpan(1, 0, 500), PageSpan(2, 500, len(text))))
    over = 0
    for name in NAMES:
        chunks = cut(document, Chunking(name, 120, 20, "\n\n"))
        over += sum(bool(chunk.page_starts) for chunk in chunks)
        for chunk in chunks:
            assert chunk.page == (1 if chunk.start < 500 else 2)
            assert chunk.page_starts == ((500,) if chunk.start < 500 < chunk.end else ())
            assert page_at(chunk.page, chunk.page_starts, chunk.end - 1) == (1 if chunk.end <= 500 else 2)
            lines = [line for line in chunk.text.split("\n") if line.strip()]
            assert set(lines) <= {*rows, "Intro."}, name
    assert over


def test_a_choice_says_only_what_it_says() -> None:
    base = Chunking("structure", 400, 40, "x")
    assert ChunkingChoice().over(base) == base
    assert ChunkingChoice("tokens").over(base) == Chunking("tokens", 400, 40, "x")
    assert ChunkingChoice(tokens=30).over(base) == Chunking("structure", 30, 3, "x"), "the old overlap would not fit"
    assert ChunkingChoice(overlap=0).over(base) == Chunking("structure", 400, 0, "x")
    tenant = ChunkingChoice("separator", separator="---")
    assert ChunkingChoice(tokens=100).over(tenant.over(base)) == Chunking("separator", 100, 10, "---")


@pytest.mark.parametrize(
    "wrong",
    [Chunking("words"), Chunking(tokens=7), Chunking(tokens=8001), Chunking(tokens=10, overlap=10),
     Chunking(overlap=-1), Chunking(separator=""), Chunking(separator="x" * 101)],
)  # fmt: skip
def test_what_cannot_be_is_refused(wrong: Chunking) -> None:
    with pytest.raises(InvalidInput):
        wrong.checked()
    with pytest.raises(InvalidInput):
        Plan.of(ParsedDocument("text", "t"), wrong, count)


def test_every_strategy_is_there_and_described() -> None:
    assert set(STRATEGIES) == set(DESCRIPTIONS) == set(ChunkStrategy)
