from __future__ import annotations

import pytest

from neolight.nlp.words import search_terms, singular, stemmed


def test_search_terms_are_content_words_in_order() -> None:
    assert search_terms("Which part fixes the error, and who approved it?") == ["part", "fixes", "error", "approved"]
    assert search_terms("The pump and the pump's seal") == ["pump", "pump", "seal"]


def test_codes_numbers_and_hyphens() -> None:
    assert search_terms("E-45 on the A-102 at 5.3") == ["e-45", "a-102", "5.3"]
    assert search_terms("client-centered") == ["client", "centered"]
    assert search_terms("E-45 E45", stem=True) == ["e45", "e45"]


def test_chinese_is_cut_into_words_without_function_words() -> None:
    assert search_terms("员工的差旅费由财务部审批") == ["员工", "差旅费", "财务部", "审批"]
    assert search_terms("A-102的冷却泵 pump")[:1] == ["a-102"]


@pytest.mark.parametrize(
    ("words"),
    [
        ("approve", "approves", "approved", "approving", "approval"),
        ("replace", "replaces", "replaced", "replacing", "replacement"),
        ("policy", "policies"),
        ("pump", "pumps", "pumping", "pumped"),
        ("calibrate", "calibrated", "calibration"),
        ("fix", "fixes", "fixed"),
        ("deliver", "delivers", "delivered", "delivery"),
        ("supplier", "supplies", "supplied", "supply"),
    ],
)
def test_forms_of_a_word_share_a_stem(words: tuple[str, ...]) -> None:
    assert len({stemmed(word) for word in words}) == 1


@pytest.mark.parametrize("word", ["series", "bus", "this", "e-45", "was", "status", "analysis", "glass"])
def test_singular_leaves_what_is_no_plural(word: str) -> None:
    assert singular(word) == word


def test_nothing_comes_of_nothing() -> None:
    assert search_terms("") == search_terms("the of and, 的 了") == []
