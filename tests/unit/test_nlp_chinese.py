from __future__ import annotations

import logging
import tempfile
import warnings
from pathlib import Path

import pytest

from neolight.nlp import chinese
from neolight.nlp.extract import extract

TEXT = (
    "2025年第三季度，北方机械股份有限公司的营业收入达到2,300万元，同比增长5%。公司总部位于深圳市。"
    "张伟于2025年3月14日批准了《差旅费报销管理办法》。报销标准由财务部负责制定。"
    "冷却泵A-102出现故障码E-45时，应更换密封件P-987。李娜是清华大学的教授，她负责传感器校准工作。"
    "操作人员必须佩戴个人防护装备（PPE）。请联系维修中心。"
)


def entities(text: str, title: str | None = None) -> dict[str, str]:
    return {mention.name: mention.type for mention in extract(text, title).mentions}


def pairs(text: str, title: str | None = None) -> set[frozenset[str]]:
    return {frozenset((statement.source, statement.target)) for statement in extract(text, title).statements}


def test_names_of_people_places_and_organizations() -> None:
    found = entities(TEXT)
    for name, kind in {
        "张伟": "Person",
        "李娜": "Person",
        "深圳市": "Location",
        "清华大学": "Organization",
        "财务部": "Organization",
        "北方机械股份有限公司": "Organization",
    }.items():
        assert found.get(name) == kind


def test_codes_dates_amounts_and_titles() -> None:
    found = entities(TEXT)
    for name, kind in {
        "A-102": "Code",
        "E-45": "Code",
        "P-987": "Code",
        "2025年第三季度": "Date",
        "2025年3月14日": "Date",
        "2,300万元": "Quantity",
        "差旅费报销管理办法": "Document",
    }.items():
        assert found.get(name) == kind


def test_compounds_are_terms_and_words_that_say_little_are_not() -> None:
    found = entities(TEXT)
    assert {"冷却泵", "密封件", "报销标准", "传感器校准", "维修中心", "故障码"} <= set(found)
    assert not {"工作", "公司", "公司总部", "操作人员", "她", "应", "必须", "教授", "联系维修中心"} & set(found)


def test_relations_join_what_a_sentence_joins() -> None:
    found = pairs(TEXT)
    for one, other in [
        ("张伟", "差旅费报销管理办法"),
        ("冷却泵", "A-102"),
        ("A-102", "E-45"),
        ("E-45", "P-987"),
        ("李娜", "清华大学"),
        ("李娜", "传感器校准"),
        ("报销标准", "财务部"),
        ("北方机械股份有限公司", "深圳市"),
    ]:
        assert frozenset((one, other)) in found, (one, other)
    assert frozenset(("张伟", "李娜")) not in found


def test_the_sentence_is_the_description() -> None:
    described = {mention.name: mention.description for mention in extract(TEXT).mentions}
    assert described["财务部"] == "报销标准由财务部负责制定。"


def test_this_policy_is_the_one_of_the_title() -> None:
    text = "第二条 本制度适用于北方机械股份有限公司。第三条 采购金额超过50万元的，须由王建国批准。"
    assert frozenset(("采购管理制度", "北方机械股份有限公司")) in pairs(text, "采购管理制度.docx")


def test_a_company_with_a_place_in_brackets_and_a_name_with_a_dot() -> None:
    found = entities("腾飞科技（深圳）有限公司聘请了卡尔·罗杰斯。")
    assert found.get("卡尔·罗杰斯") == "Person"
    assert any(name.endswith("（深圳）有限公司") and kind == "Organization" for name, kind in found.items())


def test_jieba_loads_in_silence_and_writes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    segmenter = chinese._segmenter()
    chinese._segmenter.cache_clear()
    monkeypatch.setattr(segmenter, "initialized", False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "".join(chinese.segment("中国人民在北京")) == "中国人民在北京"
    assert logging.getLogger("jieba").level >= logging.WARNING
    assert list(tmp_path.iterdir()) == []


def test_characters_without_sense_take_no_long_time() -> None:
    noise = "".join(chr(0x4E00 + at * 7919 % 20000) for at in range(3000))
    assert "".join(word for word, _ in chinese.tag(noise)) == noise
