"""Which mode a question is searched in."""

from __future__ import annotations

import pytest

from neolight.errors import InvalidInput
from neolight.retrieval.modes import DEFAULT, MODES, mode_for, mode_named


@pytest.mark.parametrize(
    ("question", "mode"),
    [
        ("Who designed the A-102 turbine?", "mix"),
        ("What is the native language of the person who broke the salt law?", "mix"),
        ("图数据库存储什么？", "mix"),
        ("E-45", "naive"),
        ("turbine", "naive"),
        ('"rotor blades turn"', "naive"),
        ("Give me an overview of the main themes.", "hybrid"),
        ("总结主要主题", "hybrid"),
        ("Give me an overview of Apollo 11.", "mix"),
    ],
)
def test_the_question_decides(question: str, mode: str) -> None:
    assert mode_for("auto", question).name == mode


@pytest.mark.parametrize("name", [name for name in MODES if name != "auto"])
def test_a_mode_that_is_named_is_kept(name: str) -> None:
    assert mode_for(name, "turbine").name == name


def test_an_unknown_mode_names_those_there_are() -> None:
    with pytest.raises(InvalidInput) as raised:
        mode_named("best")
    assert "auto" in str(raised.value.hint)
    assert DEFAULT in MODES
