from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neolight.models import Passage
from neolight.nlp.answer import best_sentences

MANUAL = (
    "The A-102 has a coolant pump. Error E-45 on the A-102 means that the coolant pump has lost pressure. "
    "To fix error E-45, replace the seal kit P-987. Error E-46 is a sensor fault."
)
LOG = (
    "The purchase of 20 filters was approved by John Doe. The purchase of seal kit P-987 was approved by Maria "
    "Gonzalez on 12 March 2024. The warehouse was cleaned."
)
TRAVEL = "Travel expenses are reimbursed within 30 days. Claims are approved by the head of department."
CHINESE = "采购金额超过五万元的，由财务总监李娜审批。备件采购由设备部提出申请。"


def passage(number: int, title: str, text: str, section: str | None = None) -> Passage:
    return Passage(f"c{number}", f"d{number}", "x", title, text, None, section, 0, len(text), 10, 1.0)


PASSAGES = [
    passage(0, "Maintenance manual", MANUAL),
    passage(1, "Purchase log", LOG),
    passage(2, "Travel policy", TRAVEL),
    passage(3, "采购制度", CHINESE),
]


def test_a_question_over_two_documents_gets_a_sentence_of_each() -> None:
    quotes = best_sentences("Which part fixes error E-45 on the A-102 and who approved its purchase?", PASSAGES)
    texts = [quote.text for quote in quotes]
    assert "To fix error E-45, replace the seal kit P-987." in texts
    assert "The purchase of seal kit P-987 was approved by Maria Gonzalez on 12 March 2024." in texts
    assert {quote.passage_index for quote in quotes} == {0, 1}
    assert not any("John Doe" in text or "E-46" in text for text in texts)


def test_quotes_are_cut_from_the_passage() -> None:
    for quote in best_sentences("Who approved the purchase of P-987?", PASSAGES):
        assert PASSAGES[quote.passage_index].text[quote.start : quote.end] == quote.text


def test_the_sentence_with_the_rare_name_comes_first() -> None:
    assert best_sentences("Who approved the purchase of P-987?", PASSAGES)[0].text.startswith(
        "The purchase of seal kit"
    )


def test_when_prefers_a_date() -> None:
    text = "The seal kit purchase was approved. The seal kit purchase was approved on 3 May 2024."
    quotes = best_sentences("When was the seal kit purchase approved?", [passage(0, "Log", text)], limit=1)
    assert quotes[0].text.endswith("3 May 2024.")


def test_a_pronoun_is_understood_by_the_title() -> None:
    about = [passage(0, "Grand Hotel Aurora", "It opened in 1923."), passage(1, "Hotel Meridian", "It opened in 1950.")]
    assert best_sentences("When did the Hotel Meridian open?", about, limit=1)[0].passage_index == 1


def test_chinese_question() -> None:
    assert (
        best_sentences("超过五万元的采购由谁审批？", PASSAGES, limit=1)[0].text
        == "采购金额超过五万元的，由财务总监李娜审批。"
    )


def test_no_overlap_no_answer() -> None:
    assert best_sentences("Who won the football championship in Brazil?", PASSAGES) == []
    assert best_sentences("", PASSAGES) == []
    assert best_sentences("Which part fixes error E-45?", []) == []


def test_the_limit_holds_and_repetitions_are_left_out() -> None:
    same = [passage(n, "Manual", "Replace the seal kit when error E-45 appears.") for n in range(5)]
    other = passage(9, "Manual", "Error E-45 is shown on the display of the seal monitor.")
    quotes = best_sentences("What does error E-45 mean for the seal?", [*same, other], limit=2)
    assert len(quotes) == 2
    assert len({quote.text for quote in quotes}) == 2


def test_what_copies_of_a_document_say_is_said_once() -> None:
    text = "Maria Gonzalez approved the purchase of P-987 for Norvik GmbH."
    copies = [passage(0, "Log", text), passage(1, "Log (copy)", text.replace(" of ", "\n of "))]
    (quote,) = best_sentences("Who approved the purchase of P-987?", copies)
    assert (quote.text, quote.passage_index) == (text, 0)
    more = [*copies, passage(2, "Firms", "Norvik GmbH was asked to approve the purchase of P-988 by Maria Gonzalez.")]
    assert (
        len({quote.passage_index for quote in best_sentences("Who approved the purchase of P-987?", more)} & {0, 1})
        == 1
    )


def test_embeddings_decide_between_equal_words() -> None:
    passages = [passage(0, "A", "The pump was blue."), passage(1, "B", "The pump was broken.")]

    def embed(texts: list[str]) -> NDArray[np.float32]:
        return np.array(
            [[0.0, 1.0] if "broken" in text or "defect" in text else [1.0, 0.0] for text in texts], np.float32
        )

    asked = "Which pump has a defect?"
    assert best_sentences(asked, passages, limit=1)[0].passage_index == 0
    assert best_sentences(asked, passages, limit=1, embed=embed)[0].passage_index == 1
    vector = np.array([0.0, 1.0], np.float32)
    assert best_sentences(asked, passages, limit=1, query_vector=vector, embed=embed)[0].passage_index == 1
