"""The extractor without a model, measured against labels that a reader made; `python tests/labels.py` shows the rest.

The floors lie a little below what was measured when they were set; the passages are those that the rules were improved
with, so the figures are those of documents of this kind, and no promise for others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from labels import Passage, measured, passages, plain
from neolight.nlp.extract import extract

LABELLED = passages()


@dataclass(frozen=True)
class Floors:
    """The least precision and recall of entities and of relations, and the least share of right types."""

    entities: tuple[float, float]
    relations: tuple[float, float]
    types: float


FLOORS = {
    "en": Floors((0.94, 0.86), (0.65, 0.67), 0.91),
    "zh": Floors((0.90, 0.85), (0.58, 0.66), 0.95),
}


def of(language: str) -> Sequence[Passage]:
    return [passage for passage in LABELLED if passage.language == language]


def test_there_are_labels_enough() -> None:
    assert sum(len(passage.entities) for passage in LABELLED) >= 150
    assert sum(len(passage.relations) for passage in LABELLED) >= 100
    assert min(len(of("en")), len(of("zh"))) >= 8


@pytest.mark.parametrize("language", ["en", "zh"])
def test_precision_and_recall_stay_above_their_floors(language: str) -> None:
    report, floors = measured(of(language)), FLOORS[language]
    print(language, report)
    assert report.entities.precision >= floors.entities[0], report.entities.wrong
    assert report.entities.recall >= floors.entities[1], report.entities.missed
    assert report.relations.precision >= floors.relations[0], report.relations.wrong
    assert report.relations.recall >= floors.relations[1], report.relations.missed
    assert report.types.recall >= floors.types, report.types.wrong


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Petra Hahn", "P-412"),
        ("Samir Haddad", "P-733"),
        ("Ola Nygaard", "P-128"),
        ("A102-23-0188", "E-77"),
        ("Tessin Polymer SA", "TP-2506"),
        ("Tessin Polymer SA", "Lugano"),
        ("Norvik Sensorik GmbH", "Kiel"),
        ("FC-2025-031", "P-987"),
        ("FC-2025-022", "P-733"),
        ("Calder Motors Ltd", "Leeds"),
        ("Humber Paper", "Meridian Dosing"),
        ("Marta Lindqvist", "Head of Purchasing"),
        ("Fjordland Dairy", "Halden Service GmbH"),
        ("江北纸业", "顾伟"),
        ("江北纸业", "A102-24-0512"),
        ("无锡梁溪精密橡塑有限公司", "P-412B"),
        ("常熟恒泰电机有限公司", "P-540"),
        ("澜湖水务集团", "HT-2025-052"),
        ("王雪梅", "遮阳罩"),
    ],
)
def test_these_are_related_where_a_passage_relates_them(one: str, other: str) -> None:
    pair = frozenset((plain(one), plain(other)))
    texts = [passage.text for passage in LABELLED if pair in passage.relations]
    assert texts, "not labelled"
    found = [
        {frozenset((plain(stated.source), plain(stated.target))) for stated in extract(text).statements}
        for text in texts
    ]
    assert any(pair in pairs for pairs in found)


@pytest.mark.parametrize(
    ("text", "name", "type_"),
    [
        ("The order went to Becker & Sohn in May.", "Becker & Sohn", "Organization"),
        ("由苏州工业园区华亭精密机械有限公司负责安装。", "华亭精密机械有限公司", "Organization"),
        ("东湾制药续签了服务合同。", "东湾制药", "Organization"),
        ("她是市场部的周敏。", "周敏", "Person"),
        ("Mara Quist is Managing Director of Velden Optics.", "Velden Optics", None),
    ],
)
def test_names_that_no_sample_has(text: str, name: str, type_: str | None) -> None:
    found = {one.name: one.type for one in extract(text).mentions}
    assert any(known.endswith(name) and type_ in (None, kind) for known, kind in found.items()), found


@pytest.mark.parametrize("text", ["我们加强科技发展。", "公司的客户从去年开始增长。", "该公司成立于上海。"])
def test_what_is_no_name_of_a_company_is_not_taken_for_one(text: str) -> None:
    assert [one.name for one in extract(text).mentions if one.type == "Organization"] == []
