"""Prefixes of messages, and the chores of chat programs."""

from __future__ import annotations

import json

import pytest

from neolight.ollama.chores import done_plainly, is_chore
from neolight.ollama.prefixes import Spoken, read


@pytest.mark.parametrize(
    ("message", "spoken"),
    [
        ("What fixes E-45?", Spoken("What fixes E-45?")),
        ("/local What?", Spoken("What?", "local")),
        ("/bypass Tell a joke", Spoken("Tell a joke", "bypass")),
        ("/context What?", Spoken("What?", "mix", only_context=True)),
        ("/naivecontext What?", Spoken("What?", "naive", only_context=True)),
        ("/mix[as a list] What?\nAnd why?", Spoken("What?\nAnd why?", "mix", wish="as a list")),
        ("/[as a list] What?", Spoken("What?", "mix", wish="as a list")),
        ("/localhost is down", Spoken("/localhost is down")),
        ("/etc/passwd?", Spoken("/etc/passwd?")),
        ("/ what", Spoken("/ what")),
        ("/local", Spoken("", "local")),
    ],
)
def test_prefixes(message: str, spoken: Spoken) -> None:
    assert read(message) == spoken


TITLE = (
    '### Task:\nGenerate a concise, 3-5 word title.\n### Output:\nJSON format: {"title": "your title"}\n'
    "### Chat History:\n<chat_history>\nUSER: Which part fixes error E-45 on the pump?\n"
    "ASSISTANT: P-987 [1]\n</chat_history>"
)


def test_chores_are_told_from_questions() -> None:
    assert is_chore(TITLE)
    assert not is_chore("What is <chat_history> in the manual?")
    assert not is_chore("### Task: what does this heading mean?")


def test_without_a_model_chores_are_done_from_the_words_of_the_conversation() -> None:
    assert json.loads(done_plainly(TITLE)) == {"title": "Which part fixes error E-45"}
    assert json.loads(done_plainly(TITLE.replace('"title"', '"follow_ups"'))) == {"follow_ups": []}
    assert json.loads(done_plainly(TITLE.replace('"title"', '"queries"')))["queries"][0].startswith("Which part")
    assert "E-45" in json.loads(done_plainly(TITLE.replace('"title"', '"tags"')))["tags"]
