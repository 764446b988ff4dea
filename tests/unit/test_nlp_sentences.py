from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neolight.nlp.sentences import sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The pump stopped. Nobody noticed!", ["The pump stopped.", "Nobody noticed!"]),
        ("Dr. Novak met Mr. Lund. They agreed.", ["Dr. Novak met Mr. Lund.", "They agreed."]),
        ("Use a solvent, e.g. Isopropanol. Wait.", ["Use a solvent, e.g. Isopropanol.", "Wait."]),
        (
            "See form No. 5 for details. Is it enclosed? No. Ask.",
            ["See form No. 5 for details.", "Is it enclosed?", "No.", "Ask."],
        ),
        ("It rose by 5.3 percent. Then it fell.", ["It rose by 5.3 percent.", "Then it fell."]),
        ("J. K. Adler and M. Braun wrote it. It sold well.", ["J. K. Adler and M. Braun wrote it.", "It sold well."]),
        (
            "He moved to the U.S. The rest stayed in the U.S. Navy.",
            ["He moved to the U.S.", "The rest stayed in the U.S. Navy."],
        ),
        ("Brewer Inc. bought it. Hill Ltd. The end.", ["Brewer Inc. bought it.", "Hill Ltd.", "The end."]),
        ("He waited... and left. (It rained.) She stayed.", ["He waited... and left.", "(It rained.)", "She stayed."]),
        ("It is true.[3] The rest is not.", ["It is true.[3]", "The rest is not."]),
        ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
        ("It ended in World War I. New houses were built.", ["It ended in World War I.", "New houses were built."]),
        ("张伟提交了报告。李娜批准了吗？批准了！", ["张伟提交了报告。", "李娜批准了吗？", "批准了！"]),
        ("他说：“可以。”然后离开了。", ["他说：“可以。”", "然后离开了。"]),
        ("标准为5.3元。See page 2. 结束。", ["标准为5.3元。", "See page 2.", "结束。"]),
        ("", []),
        (" \n\t ", []),
    ],
)
def test_sentences_end_where_they_should(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_headings_lists_and_table_rows_are_sentences_of_their_own() -> None:
    text = (
        "# Pump manual\n\nRead this first\n- open the valve\n- close it. Wait.\n1. Start the motor\n"
        "| Code | Part |\n| E-45 | P-987 |\nDone."
    )
    assert split(text) == [
        "# Pump manual",
        "Read this first",
        "- open the valve",
        "- close it.",
        "Wait.",
        "1. Start the motor",
        "| Code | Part |",
        "| E-45 | P-987 |",
        "Done.",
    ]


def test_a_sentence_goes_on_over_the_end_of_a_full_line() -> None:
    text = (
        "The controller restarts the coolant pump after every power\n"
        "Failure Recovery cycle and writes a line to the system log.\nThen it waits."
    )
    assert split(text) == [text[: text.index("\nThen")], "Then it waits."]
    assert split("公司应当在每个季度结束后的十五个工作日内向财务部\n提交差旅费报销单。") == [
        "公司应当在每个季度结束后的十五个工作日内向财务部\n提交差旅费报销单。"
    ]


def test_a_short_line_is_not_continued() -> None:
    assert split("Attendees: Ana Ruiz, Tom Berg\nDecisions:\nBuy a pump") == [
        "Attendees: Ana Ruiz, Tom Berg",
        "Decisions:",
        "Buy a pump",
    ]
    assert split("第一章 总则\n第一条 本制度适用于全体员工。") == ["第一章 总则", "第一条 本制度适用于全体员工。"]


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet=st.sampled_from("aB1 .!?\n-|#。！中国\"'()[]:,\t"), max_size=120))
def test_spans_are_ordered_and_leave_out_only_space(text: str) -> None:
    spans = sentences(text)
    kept = set[int]()
    last = 0
    for start, end in spans:
        assert last <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        kept.update(range(start, end))
        last = end
    assert all(text[at].isspace() for at in range(len(text)) if at not in kept)
