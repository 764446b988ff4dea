"""Measures of retrieval and answers, and the files they are computed from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from neolight.errors import InvalidInput, NotFound
from neolight.evaluate import read_corpus, read_questions, workspace_of
from neolight.evaluate.metrics import answer_scores, interval, paired, ranked_documents, retrieval_scores
from neolight.evaluate.report import Outcome, Report
from neolight.models import Passage


def passage(id_: str, document: str, source: str) -> Passage:
    return Passage(id_, document, source, source, "text", None, None, 0, 4, 0, 1.0)


def test_documents_rank_by_their_first_passage_and_go_by_several_names() -> None:
    found = [passage("1", "d1", "docs/b.pdf"), passage("2", "d2", "a.txt"), passage("3", "d1", "docs/b.pdf")]
    ranked = ranked_documents(found)
    assert ranked == [frozenset({"d1", "docs/b.pdf", "b.pdf", "b"}), frozenset({"d2", "a.txt", "a"})]


def test_recall_counts_gold_documents_among_the_first() -> None:
    ranked = [frozenset({name}) for name in "abcdefghijk"]
    assert retrieval_scores(["b", "c", "k", "z"], ranked) == {
        "recall@2": 0.25, "recall@5": 0.5, "recall@10": 0.5, "all@5": 0.0, "mrr": 0.5,
    }  # fmt: skip
    assert retrieval_scores(["e", "a", "a"], ranked)["all@5"] == 1.0
    assert retrieval_scores(["z"], ranked)["mrr"] == 0.0
    assert retrieval_scores(["z"], [])["recall@10"] == 0.0


@pytest.mark.parametrize(
    ("text", "answers", "f1", "contains"),
    [
        ("The Los Angeles Dodgers.", ["Los Angeles Dodgers"], 1.0, 1.0),
        ("It was the Dodgers of Brooklyn", ["LAD", "Brooklyn Dodgers"], 2 * 2 / (5 + 2), 0.0),
        ("New York", ["York New Haven"], 2 * 2 / 5, 0.0),
        ("由诺维克公司供货", ["诺维克"], 2 * 3 / (8 + 3), 1.0),
        ("", ["anything"], 0.0, 0.0),
        ("anything", ["..."], 0.0, 0.0),
    ],
)
def test_answers_are_compared_word_by_word(text: str, answers: list[str], f1: float, contains: float) -> None:
    assert answer_scores(text, answers) == {"f1": pytest.approx(f1), "contains": contains}


def test_an_interval_holds_its_mean_and_narrows_with_more_questions() -> None:
    few, many = interval([0.0, 1.0] * 10), interval([0.0, 1.0] * 1000)
    assert few.mean == many.mean == 0.5
    assert few.low < many.low < 0.5 < many.high < few.high
    assert interval([1.0] * 5) == interval([1.0] * 5)
    assert (interval([1.0]).low, interval([1.0]).high) == (1.0, 1.0)
    # the normal approximation of the same interval
    assert few.low == pytest.approx(0.5 - 1.96 * 0.5 / 20**0.5, abs=0.03)


def test_a_paired_comparison_sees_what_two_intervals_would_hide() -> None:
    base = {str(number): float(number % 2) for number in range(40)}
    better = {id_: value + 0.1 for id_, value in base.items()}
    difference = paired(better, base)
    assert difference.low == pytest.approx(0.1)
    assert difference.high == pytest.approx(0.1)
    with pytest.raises(ValueError, match="same questions"):
        paired(better, {"0": 1.0})


def test_a_report_has_a_row_a_mode_and_only_measures_that_exist() -> None:
    outcomes = [
        Outcome(id_, mode, {"recall@2": value, "mrr": value}, 12.0)
        for mode, values in {"mix": (1.0, 1.0), "naive": (1.0, 0.0)}.items()
        for id_, value in zip(("q1", "q2"), values, strict=True)
    ]
    report = Report("w", ("mix", "naive"), tuple(outcomes), {})
    lines = report.markdown().splitlines()
    assert lines[2].split("|")[1:5] == [" mode  ", " recall@2               ", " mrr                    ", " p50 ms "]
    assert "| naive | 0.500 (0.000 to 1.000) |" in lines[5]
    assert "Difference to mix" in report.markdown()
    assert report.as_dict()["modes"]["mix"].keys() == {"recall@2", "mrr"}
    difference = report.difference("naive", "mrr")
    assert difference
    assert difference.mean == -0.5
    assert report.difference("naive", "f1") is None


def test_questions_and_corpus_are_read(tmp_path: Path) -> None:
    questions = tmp_path / "q.jsonl"
    questions.write_text(
        json.dumps({"id": "1", "question": "Who?", "gold": ["p1"], "answer": "Ada", "aliases": ["Ada Holm"], "more": 1})
        + "\n\n"
        + json.dumps({"id": "2", "question": "Where?", "gold": ["p2"]})
    )
    first, second = read_questions(questions)
    assert (first.answers, second.answers) == (("Ada", "Ada Holm"), ())
    corpus = tmp_path / "c.jsonl"
    corpus.write_text(json.dumps({"id": "p1", "title": "T", "text": "Body"}))
    (original,) = read_corpus(corpus)
    assert (original.source, original.title, original.data) == ("p1.txt", "T", b"T\n\nBody")
    before = workspace_of(corpus)
    corpus.write_text(json.dumps({"id": "p1", "text": "Other"}))
    assert workspace_of(corpus) != before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "has no questions"),
        ("{", "line 1: not JSON"),
        ("\n[]", "line 2: the object"),
        ('{"id": "1", "question": "Who?", "gold": []}', "line 1: gold"),
        ('{"id": "1", "question": "", "gold": ["a"]}', "line 1: question"),
        ('{"id": "1", "question": "W", "gold": ["a"]}\n{"id": "1", "question": "W", "gold": ["a"]}', "occurs twice"),
    ],
)
def test_a_bad_dataset_is_named_with_its_line(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(content)
    with pytest.raises(InvalidInput, match=said):
        read_questions(path)


def test_a_missing_dataset_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="cannot be read"):
        read_questions(tmp_path / "none.jsonl")
