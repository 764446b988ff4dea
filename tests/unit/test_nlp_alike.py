"""Which names are the same: measured on pairs that were labelled by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neolight.nlp.alike import form, initials, judge
from neolight.nlp.alike_rules import Verdict

PAIRS = Path(__file__).parents[1] / "data" / "name_pairs.tsv"


def labelled() -> list[tuple[bool, str, str]]:
    lines = [line.split("\t") for line in PAIRS.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [(label == "same", first, second) for label, first, second in lines]


def test_the_list_is_large_and_in_two_languages() -> None:
    pairs = labelled()
    assert len({frozenset(pair[1:]) for pair in pairs}) == len(pairs) >= 200
    for chinese in (True, False):
        for same in (True, False):
            of = [pair for pair in pairs if pair[0] is same and (max(pair[1]) >= "\u3400") is chinese]
            assert len(of) >= 40, (same, chinese)


def test_what_is_merged_by_rule_and_what_is_suggested(record_property: pytest.RecordProperty) -> None:
    pairs = labelled()
    verdicts = [(same, judge(first, second).verdict, first, second) for same, first, second in pairs]
    merged = [row for row in verdicts if row[1] is Verdict.SAME]
    right = [row for row in merged if row[0]]
    found = [row for row in verdicts if row[0] and row[1] is not Verdict.DIFFERENT]
    all_same = [row for row in verdicts if row[0]]
    wrong = [row for row in verdicts if not row[0] and row[1] is not Verdict.DIFFERENT]
    figures = {
        "pairs": len(pairs),
        "merged": len(merged),
        "precision of merges": len(right) / len(merged),
        "recall of suggestions": len(found) / len(all_same),
        "suggested wrongly": len(wrong) / (len(pairs) - len(all_same)),
    }
    for name, value in figures.items():
        record_property(name, value)
    print(figures)
    assert len(merged) >= 40, "precision of next to nothing says nothing"
    assert figures["precision of merges"] >= 0.99, [row for row in merged if not row[0]]
    assert figures["recall of suggestions"] >= 0.85, [row for row in all_same if row[1] is Verdict.DIFFERENT]
    assert figures["suggested wrongly"] <= 0.1, wrong


@pytest.mark.parametrize(("same", "first", "second"), labelled())
def test_the_order_of_two_names_does_not_matter(same: bool, first: str, second: str) -> None:
    assert judge(first, second) == judge(second, first)


CODE = st.from_regex(r"[A-Z]{1,3}[-. ]?[0-9]{1,4}([.][0-9]{1,2})?", fullmatch=True)


@given(CODE, CODE)
def test_codes_versions_and_numbers_are_never_merged(first: str, second: str) -> None:
    assert form(first) == ""
    assert judge(first, second).verdict is not Verdict.SAME
    digits = ["".join(filter(str.isdigit, part)) for part in (first, second)]
    if digits[0] != digits[1]:
        assert judge(first, second).verdict is Verdict.DIFFERENT
        assert judge(first, second, near=1.0).verdict is Verdict.DIFFERENT


@given(st.text(), st.text())
def test_any_text_is_judged(first: str, second: str) -> None:
    judgement = judge(first, second)
    assert judgement == judge(second, first)
    assert 0 <= judgement.score <= 1
    assert judge(first, first).verdict is not Verdict.SAME or form(first)
    assert isinstance(initials(first), str)


def test_what_is_known_of_two_names_helps_only_where_they_look_alike() -> None:
    assert judge("heart attack", "heart attacking", near=0.97).verdict is Verdict.LIKELY
    assert judge("North Gate", "South Gate", near=1.0).verdict is Verdict.DIFFERENT
    assert judge("turbine", "苏州", near=1.0).verdict is Verdict.DIFFERENT


@pytest.mark.parametrize(
    ("first", "second"),
    [("pump P-301A", "pump P-301B"), ("Valve 12b", "Valve 12c"), ("Rev 3a", "Rev 3"), ("v2-rc1", "v2-b1")],
)
def test_codes_that_differ_in_a_letter_are_not_even_suggested(first: str, second: str) -> None:
    assert judge(first, second, near=1.0).verdict is Verdict.DIFFERENT


def test_one_code_may_be_spelt_in_two_ways() -> None:
    assert judge("A-102 turbine", "A102 turbine").verdict is Verdict.LIKELY


@pytest.mark.parametrize(
    ("first", "second"),
    [("hypertension", "hypotension"), ("nitrate", "nitrite"), ("trainer", "trainee"), ("中国银行", "中国农业银行")],
)
def test_opposites_and_kinds_of_one_thing_are_not_suggested(first: str, second: str) -> None:
    assert judge(first, second).verdict is Verdict.DIFFERENT
