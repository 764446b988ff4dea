"""`neolight eval`: from two files to a table, without a model and with one."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from neolight import api
from neolight.evaluate import Plan, Question, evaluate
from neolight.evaluate.judge import preference
from neolight.retrieval.rank import RANKING
from neolight.settings import Settings
from standin import StandIn, serving

Run = Callable[..., subprocess.CompletedProcess[str]]

CORPUS = {
    "pump": "The pump A-102 shows error E-45 when its pressure sensor drifts.",
    "supplier": "Norvik Sensorik in Kiel delivers the pressure sensor.",
    "canteen": "The canteen opens at noon and serves soup.",
    "holiday": "Each employee has thirty days of holiday.",
}
QUESTIONS = [
    {"id": "q1", "question": "When does the canteen open?", "gold": ["canteen"], "answer": "at noon"},
    {"id": "q2", "question": "How many days of holiday are there?", "gold": ["holiday"], "answer": "thirty days"},
    {"id": "q3", "question": "What does the canteen say of error E-45?", "gold": ["nowhere"]},
]


def written(path: Path, rows: list[dict[str, object]]) -> str:
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return str(path)


def test_the_command_indexes_once_and_prints_what_it_measured(neolight: Run, tmp_path: Path) -> None:
    corpus = written(tmp_path / "corpus.jsonl", [{"id": id_, "text": text} for id_, text in CORPUS.items()])
    dataset = written(tmp_path / "questions.jsonl", QUESTIONS)
    target = tmp_path / "figures.json"

    done = neolight("eval", dataset, "--corpus", corpus, "--mode", "mix,naive", "--json", str(target))

    assert done.returncode == 0, done.stderr
    assert "3 questions" in done.stdout
    figures = json.loads(target.read_text())
    assert figures["modes"]["naive"]["recall@2"]["mean"] == pytest.approx(2 / 3)
    assert figures["modes"]["mix"]["mrr"]["high"] == 1.0
    assert {row["question_id"]: row["scores"]["recall@10"] for row in figures["questions"] if row["mode"] == "mix"} == {
        "q1": 1.0,
        "q2": 1.0,
        "q3": 0.0,
    }
    again = neolight("eval", dataset, "-w", figures["workspace"], "--json", str(target))
    assert again.returncode == 0, again.stderr
    assert json.loads(target.read_text())["modes"]["mix"] == figures["modes"]["mix"]


def test_what_cannot_be_measured_is_said(neolight: Run, tmp_path: Path) -> None:
    dataset = written(tmp_path / "questions.jsonl", QUESTIONS)
    unknown = neolight("eval", dataset, "--mode", "best")
    assert (unknown.returncode, "best" in unknown.stderr) == (1, True)
    no_model = neolight("eval", dataset, "--answers")
    assert (no_model.returncode, "none is configured" in no_model.stderr) == (1, True)


@pytest.fixture
def model() -> Iterator[StandIn]:
    with serving() as running:
        yield running


async def test_with_a_model_answers_are_scored_and_judged(model: StandIn, settings: Settings, workspace: str) -> None:
    where = {"data_dir": settings.data_dir, "cache_dir": settings.cache_dir}
    known = Settings(_env_file=None, **where, openai_api_key="sk-test", openai_base_url=model.url, llm_model="stand-in")
    async with api.open(known, workspace=workspace) as n:
        await n.insert(list(CORPUS.values()), [f"{id_}.txt" for id_ in CORPUS])
        questions = [Question.model_validate(row) for row in QUESTIONS]

        report = await evaluate(n.deps, workspace, questions, Plan(("mix", "naive"), answers=True))

        assert report.scores("mix", "contains") == {"q1": 1.0, "q2": 1.0}
        assert 0 < report.scores("mix", "f1")["q1"] < 1
        assert report.scores("mix", "faithfulness")["q1"] == 1.0
        assert report.preferred["naive"].keys() == {"q1", "q2", "q3"}
        assert "preferred" in report.markdown()
        everything = [Question(id="all", question="What is there?", gold=tuple(CORPUS))]
        wide = await evaluate(n.deps, workspace, everything, Plan(("naive",)))
        narrow = await evaluate(n.deps, workspace, everything, Plan(("naive",), ranking=replace(RANKING, depth=1)))
        assert wide.scores("naive", "recall@5") == {"all": 1.0}
        assert narrow.scores("naive", "recall@5")["all"] <= 0.5
        assert n.deps.chat
        first = questions[0]
        assert await preference(n.deps.chat, first, "It opens at noon.", "It opens at nine.") == 1.0
        assert await preference(n.deps.chat, first, "It opens at nine.", "It opens at noon.") == 0.0
        model.replies = ['{"better": "first"}', '{"better": "first"}']
        assert await preference(n.deps.chat, first, "It opens at nine.", "It opens at noon.") == 0.5
