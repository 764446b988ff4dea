"""With a language model: extraction, keywords and answers go through it, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from neolight import api
from neolight.models import DocumentStatus
from neolight.settings import Settings
from standin import StandIn, serving

TEXTS = ["Norvik Sensorik delivers Sensor Kappa. Sensor Kappa fixes Fault Omega.", "Ada Holm approves Sensor Kappa."]


@pytest.fixture(scope="module")
def model() -> Iterator[StandIn]:
    with serving() as running:
        yield running


@pytest.fixture
def with_model(settings: Settings, model: StandIn) -> Settings:
    model.reset()
    where = {"data_dir": settings.data_dir, "cache_dir": settings.cache_dir}
    return Settings(_env_file=None, **where, openai_api_key="sk-test", openai_base_url=model.url, llm_model="stand-in")


async def test_documents_and_questions_go_through_the_model(
    with_model: Settings, model: StandIn, workspace: str
) -> None:
    async with api.open(with_model, workspace=workspace) as n:
        found = await n.insert(TEXTS, ["contract.txt", "approval.txt"])
        assert [document.status for document in found] == [DocumentStatus.PROCESSED] * 2
        assert model.count("extract") == 2

        answer = await n.query("Who delivers Sensor Kappa?")

        assert answer.generated
        assert model.count("keywords") == 1
        assert model.count("answer") == 1
        assert answer.citations
        for citation in answer.citations:
            assert f"[{citation.number}]" in answer.text
            assert citation.quote in citation.passage.text
        relations = {(row.source, row.target): row.description for row in answer.retrieval.relations}
        assert "Norvik Sensorik delivers Sensor Kappa" in relations["Norvik Sensorik", "Sensor Kappa"]

        await n.query("Who delivers Sensor Kappa?")
        assert model.count("keywords") == 1, "the keywords of a question are remembered"


async def test_a_changed_document_pays_only_for_what_changed(
    with_model: Settings, model: StandIn, workspace: str
) -> None:
    paragraph = "Norvik Sensorik delivers Sensor Kappa to the plant in Lübeck. " * 25
    second = "Ada Holm approves Pump Sigma for the brewery in Kiel. " * 25
    async with api.open(with_model, workspace=workspace) as n:
        await n.insert([f"{paragraph}\n\n{second}"], ["report.txt"])
        before = model.count("extract")
        assert before > 1

        changed = second.replace("Kiel", "Riga")
        (document,) = await n.insert([f"{paragraph}\n\n{changed}"], ["report.txt"])

        assert document.revision == 2
        assert model.count("extract") == before + 1
        names = {row.name for row in (await n.retrieve("Riga")).entities}
        assert "Kiel" not in names


async def test_a_model_that_fails_for_a_while_costs_nothing(
    with_model: Settings, model: StandIn, workspace: str
) -> None:
    model.fail(429, times=2, kind="extract", retry_after=0.1)
    model.fail(500, times=1, kind="extract")
    async with api.open(with_model, workspace=workspace) as n:
        found = await n.insert(TEXTS)
    assert [document.status for document in found] == [DocumentStatus.PROCESSED] * 2
