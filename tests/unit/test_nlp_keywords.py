from __future__ import annotations

import pytest

from neolight.nlp.keywords import keywords


@pytest.mark.parametrize(
    ("question", "low", "high"),
    [
        ("Which part fixes error E-45 on the A-102?", {"E-45", "A-102"}, {"fixes"}),
        ("How do I reset the coolant pump?", {"coolant pump"}, {"reset"}),
        (
            "When did Ingrid Solberg join the University of Bergen?",
            {"Ingrid Solberg", "University of Bergen"},
            {"join"},
        ),
        ("What was the revenue of Nordwind GmbH in Q3 2025?", {"Nordwind GmbH", "Q3 2025"}, {"revenue"}),
        ("who is ingrid solberg", {"ingrid solberg"}, set()),
        ("采购金额超过50万元由谁批准？", {"采购金额", "50万元"}, {"批准"}),
        ("设备A-102出现故障E-45怎么办？", {"A-102", "E-45"}, {"设备", "故障"}),
    ],
)
def test_names_are_low_and_themes_are_high(question: str, low: set[str], high: set[str]) -> None:
    found = keywords(question)
    assert low <= set(found.low)
    assert high <= set(found.high)
    assert not {"which", "what", "when", "who"} & {word.lower() for word in (*found.low, *found.high)}


def test_words_that_only_ask_are_left_out() -> None:
    found = keywords("Please explain and summarize the main differences between annual leave and sick leave.")
    assert not {"explain", "summarize", "main", "please", "Please"} & set(found.high) | set(found.low) & {"Please"}
    assert "differences" in found.high


def test_a_question_without_names_searches_for_its_nouns() -> None:
    assert "thermostat" in keywords("How does the thermostat work?").low


def test_nothing_comes_of_nothing() -> None:
    assert keywords("").low == keywords("").high == ()
    assert keywords("what is it?").low == ()
