"""The search string: whatever is asked, it stays between quotes and within its workspace."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from neolight.graph import lucene
from neolight.graph.keys import scope
from neolight.graph.lucene import MOST_CHARACTERS, MOST_TERMS, NOTHING, search_string

SHAPE = re.compile(r'\+scope:(w[a-z]{32}x) \+\(scope:none ("[^"\\]*"(?: "[^"\\]*")*)\)')


def phrases(found: str) -> list[str]:
    match = SHAPE.fullmatch(found)
    assert match, found
    return match[2][1:-1].split('" "')


def test_words_and_phrases() -> None:
    found = search_string("w", ["graph", "vector  index\n", "graph"])
    assert found == f'+scope:{scope("w")} +(scope:none "graph" "vector index")'


@pytest.mark.parametrize("terms", [[], [""], [" "], ["\t\n"], ['"'], ["\\"], ["+-&&||!(){}[]^~*?:/"], ['"\\"', "—"]])
def test_nothing_is_asked(terms: list[str]) -> None:
    assert search_string("w", terms) == NOTHING


@pytest.mark.parametrize(
    "term",
    [
        'a" OR scope:*',
        'a") OR (scope:x',
        'a\\" OR b',
        "a\\",
        'a\\\\"',
        "scope:abc",
        "text:secret",
        "a AND NOT b",
        "+a -b !c",
        "a~2 b^9",
        "a*",
        "/[a-z]+/",
        "[a TO z] {a TO z}",
        "a && b || c",
        "(a",
        "a:b:c",
        "C++",
        "E-4.5",
    ],
)
def test_operators_are_plain_text(term: str) -> None:
    found = phrases(search_string("w", [term, "plain"]))
    assert found == [" ".join(term.replace('"', " ").replace("\\", " ").split()), "plain"]


def test_the_scope_is_that_of_the_workspace() -> None:
    for workspace in ("a", "b", 'x" OR scope:*'):
        match = SHAPE.fullmatch(search_string(workspace, [scope("other")]))
        assert match
        assert match[1] == scope(workspace)


def test_many_terms() -> None:
    found = phrases(search_string("w", (f"term{number}" for number in range(10_000))))
    assert found == [f"term{number}" for number in range(MOST_TERMS)]


def test_repeated_and_empty_terms_do_not_count() -> None:
    terms = ["", "a", "-"] * 10_000 + ["b"]
    assert phrases(search_string("w", terms)) == ["a", "b"]


def test_long_terms() -> None:
    found = phrases(search_string("w", ["x" * 10_000, "y " * 10_000]))
    assert [len(phrase) for phrase in found] == [MOST_CHARACTERS, MOST_CHARACTERS]


def test_other_scripts() -> None:
    assert phrases(search_string("w", ["图数据库 索引", "データ", "граф", "e\u0301"])) == [
        "图数据库 索引",
        "データ",
        "граф",
        "e\u0301",
    ]


def test_the_search_for_nothing_names_no_workspace() -> None:
    assert not re.fullmatch(r"w[a-z]{32}x", NOTHING.removeprefix("scope:"))


@given(st.text(max_size=20), st.lists(st.text(max_size=300), max_size=100))
@example("w", ["a" * 199 + '"b'])
@example("w", ["." * 250 + "a"])
def test_every_search_string_has_the_one_shape(workspace: str, terms: list[str]) -> None:
    found = search_string(workspace, terms)
    assert found == NOTHING or SHAPE.fullmatch(found)
    assert len(found) < (lucene.MOST_CHARACTERS + 3) * lucene.MOST_TERMS + 100
