"""With a language model: extraction, keywords and answers go through it, over real HTTP."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

import pytest

from graphql_caller import Caller, serving_graphql
from neolight import api, roles
from neolight.deps import Deps
from neolight.errors import InvalidInput, ModelUnavailable
from neolight.graph import calls, entities, guides
from neolight.graph.guides import Guide
from neolight.guide import read
from neolight.ingest import worker
from neolight.ingest.summaries import summarize
from neolight.llm.chat import Message
from neolight.llm.connection import Connection
from neolight.llm.endpoint import Patience
from neolight.llm.summary import Summarizer
from neolight.models import DocumentStatus
from neolight.propose import propose
from neolight.retrieval.answer import Asked, ask
from neolight.retrieval.retrieve import Wanted
from neolight.settings import Settings
from recorder import recording
from standin import StandIn

TEXTS = ["Norvik Sensorik delivers Sensor Kappa. Sensor Kappa fixes Fault Omega.", "Ada Holm approves Sensor Kappa."]


@pytest.fixture
def with_model(settings: Settings, model: StandIn) -> Settings:
    model.reset()
    where = {"data_dir": settings.data_dir, "cache_dir": settings.cache_dir}
    more = {"openai_api_key": "sk-test", "openai_base_url": model.url, "llm_model": "stand-in"}
    return Settings(_env_file=None, **where, **more)


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


async def test_equal_passages_and_deletions_cost_no_call(with_model: Settings, model: StandIn, workspace: str) -> None:
    async with api.open(with_model, workspace=workspace) as n:
        first, second = await n.insert([TEXTS[0], TEXTS[0] + " "], ["one.txt", "two.txt"])
        assert model.count("extract") == 1, "equal passages share one call"
        before = model.count()
        await n.delete(first.id)
        assert model.count() == before
        (third,) = await n.insert([TEXTS[0] + "  "], ["three.txt"])
        assert model.count("extract") == 1, "the reply is kept while a passage rests on it"
        assert third.status is DocumentStatus.PROCESSED
        await n.delete(second.id, third.id)
        await n.insert([TEXTS[0]], ["four.txt"])
        assert model.count("extract") == 1, "this process still remembers"
    async with api.open(with_model, workspace=workspace) as n:
        await n.insert([TEXTS[0]], ["five.txt"])
        assert model.count("extract") == 1, "another one finds it in the graph"
        found = await n.documents()
        await n.delete(*(document.id for document in found))
        kept = await calls.lookup(n.deps.graph, workspace, ["x"])
        assert kept == {}
    async with api.open(with_model, workspace=workspace) as n:
        await n.insert([TEXTS[0]], ["six.txt"])
        assert model.count("extract") == 2, "the reply went with the last passage that rested on it"
        await calls.clear(n.deps.graph, workspace)
    async with api.open(with_model, workspace=workspace) as n:
        await n.insert([TEXTS[0]], ["seven.txt"])
        assert model.count("extract") == 3


async def test_a_passage_without_a_usable_reply_is_marked_and_can_be_retried(
    with_model: Settings, model: StandIn, workspace: str
) -> None:
    good, bad = (
        "Alpha Works begins. " + "Norvik Sensorik delivers Sensor Kappa. " * 40,
        "Ada Holm approves Pump Sigma. " * 40,
    )
    async with api.open(with_model, workspace=workspace) as n:
        model.garble(times=3, kind="extract", text="Alpha Works")
        (document,) = await n.insert([f"{good}\n\n{bad}"], ["report.txt"])
        assert document.status is DocumentStatus.PROCESSED
        assert document.error
        assert "1 of 2 passages could not be extracted" in document.error
        usage = (await calls.of_documents(n.deps.graph, workspace, [document.id]))[document.id]
        assert [problem.position for problem in usage.problems] == [0]
        assert "no reply of the form Graph" in usage.problems[0].problem
        assert usage.calls == model.count("extract") == 4

        (document,) = await n.retry()

        assert (document.status, document.error) == (DocumentStatus.PROCESSED, None)
        assert model.count("extract") == 5, "only the marked passage is asked for again"
        usage = (await calls.of_documents(n.deps.graph, workspace, [document.id]))[document.id]
        assert usage.problems == ()
        assert usage.calls == 5
        names = {row.name for row in (await n.retrieve("Who approves and who delivers?")).entities}
        assert {"Sensor Kappa", "Pump Sigma"} <= names


async def test_what_was_paid_for_is_kept_while_the_model_is_down(
    with_model: Settings, model: StandIn, workspace: str
) -> None:
    paragraphs = [f"Company {number} Works delivers Sensor Kappa. " * 40 for number in range(4)]
    settings = with_model.model_copy(update={"llm_concurrency": 1})
    async with api.open(settings, workspace=workspace) as n:
        model.fail_after(2, 503, times=6, kind="extract")
        (document,) = await n.insert(["\n\n".join(paragraphs)], ["long.txt"])
        assert document.status is DocumentStatus.PROCESSED
        assert document.chunk_count == 4
        usage = (await calls.of_documents(n.deps.graph, workspace, [document.id]))[document.id]
        assert usage.calls == 4, "every passage was paid for once"
        assert model.count("extract") == 4 + 6


async def test_an_outage_is_told_once_and_one_document_at_a_time_finds_out_whether_it_is_over(
    with_model: Settings,
    model: StandIn,
    workspace: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    patience = Patience(attempts=1, first_pause=0.2, longest_pause=0.3)
    monkeypatch.setattr(roles, "Connection", partial(Connection, patience=patience))
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0.1)
    names = [f"{number}.txt" for number in range(30)]
    async with api.open(with_model, workspace=workspace) as n:
        model.fail(503, times=1_000_000, kind="extract")
        work = asyncio.create_task(n.insert([f"Norvik Works delivers Part {name}." for name in names], names))
        while model.count("extract") < 16 + 5:  # what was under way together, and five tries
            await asyncio.sleep(0.05)
        waiting = [one for one in await n.documents() if one.status is DocumentStatus.PENDING]
        assert len(waiting) >= 29, "no more than one is tried"
        assert all("down" in (one.error or "") or "503" in (one.error or "") for one in waiting)
        assert all(one.attempts == 0 for one in waiting)
        model.reset()
        found = await work
    assert {one.status for one in found} == {DocumentStatus.PROCESSED}
    assert model.count("extract") == 30
    told = [line.getMessage() for line in caplog.records if line.name.startswith("neolight.ingest")]
    assert [line for line in told if "waits" in line] == [line for line in told if line.startswith("Indexing waits: ")]
    assert sum(line.startswith("Indexing waits: ") for line in told) == 1
    assert sum(line.startswith("Indexing goes on after ") for line in told) == 1


async def test_who_waits_for_vectors_waits_for_the_model(
    with_model: Settings, workspace: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    errors = [ModelUnavailable("It is away."), ModelUnavailable("It is away.")]

    async def sweep(deps: Deps) -> None:
        if errors:
            raise errors.pop()

    monkeypatch.setattr(api, "sweep", sweep)
    monkeypatch.setattr(api, "AGAIN_SECONDS", 0.01)
    async with api.open(with_model, workspace=workspace) as n:
        (document,) = await n.insert(TEXTS[:1])
    assert document.status is DocumentStatus.PROCESSED
    assert errors == []
    assert [line.getMessage() for line in caplog.records].count("Indexing waits: It is away.") == 1


TOLD = """{
  usage { model kind calls tokensIn tokensOut cost }
  documents { edges { node { usage { calls tokensIn tokensOut cost } } } }
  queries { edges { node { usage { calls tokensIn tokensOut cost } } } }
}"""


async def test_usage_is_told_by_model_and_kind(with_model: Settings, model: StandIn, workspace: str) -> None:
    settings = with_model.model_copy(update={"prices": {"stand-in": (1000.0, 2000.0)}})
    async with api.open(settings, workspace=workspace) as n:
        await n.insert(TEXTS, ["contract.txt", "approval.txt"])
        answer = await n.query("Who delivers Sensor Kappa?")
        rows = {row.kind: row for row in await calls.usage(n.deps.graph, workspace)}
        asked = (await calls.of_queries(n.deps.graph, workspace, [answer.id]))[answer.id]
        async with serving_graphql(n.deps) as url:
            told = await Caller(url, workspace)(TOLD)
    spent = ("calls", "tokensIn", "tokensOut", "cost")
    by_kind = {row["kind"]: row for row in told["usage"]}
    assert by_kind.keys() == rows.keys()
    assert {row["model"] for row in told["usage"]} == {"stand-in"}
    for kind, row in rows.items():
        assert [by_kind[kind][name] for name in spent] == [row.calls, row.tokens_in, row.tokens_out, row.cost]
    documents = [edge["node"]["usage"] for edge in told["documents"]["edges"]]
    assert len(documents) == 2
    for name in spent:
        assert sum(one[name] for one in documents) == pytest.approx(by_kind["extract"][name])
        (question,) = [edge["node"]["usage"] for edge in told["queries"]["edges"]]
        assert question[name] == pytest.approx(by_kind["keywords"][name] + by_kind["answer"][name])
    assert rows.keys() == {"extract", "keywords", "answer"}
    assert rows["extract"].calls == 2
    assert rows["extract"].cost == pytest.approx((rows["extract"].tokens_in + 2 * rows["extract"].tokens_out) / 1000)
    assert asked.calls == 2
    assert asked.tokens_in == rows["keywords"].tokens_in + rows["answer"].tokens_in
    assert asked.cost == pytest.approx(rows["keywords"].cost + rows["answer"].cost)


async def test_a_workspace_has_types_of_its_own(with_model: Settings, model: StandIn, workspace: str) -> None:
    async with api.open(with_model, workspace=workspace) as n:
        assert await guides.get(n.deps.graph, workspace) == Guide()
        wanted = read("node_types: [{label: Device, description: a machine or a sensor}, Company]\n"
                      "relationship_types: [delivers]\npatterns: [[Company, delivers, Device]]")  # fmt: skip
        assert wanted.entity_types == ("Device: a machine or a sensor", "Company")
        await guides.set_(n.deps.graph, workspace, wanted)
        assert await guides.get(n.deps.graph, workspace) == wanted
        await n.insert(TEXTS[:1], ["contract.txt"])
    system = model.calls[0].body["messages"][0]["content"]
    assert "one of Device (a machine or a sensor), Company;" in system
    assert "Relations of interest: delivers." in system
    assert "They connect: (Company)-[delivers]->(Device)." in system
    async with api.open(with_model, workspace=workspace) as n:
        labels = await entities.labels(n.deps.graph, workspace)
        assert [row.name for row in labels] == ["Other"], (
            "the model said Concept and Organization, which are not listed"
        )


async def test_types_are_proposed_from_documents(with_model: Settings, model: StandIn, workspace: str) -> None:
    async with api.open(with_model, workspace=workspace) as n:
        with pytest.raises(InvalidInput, match="nothing to propose"):
            await propose(n.deps, workspace)
        await n.insert(["Norvik Works delivers Sensor Kappa.", "Ada Holm approves Pump Sigma."])
        found = await propose(n.deps, workspace)
        assert found == Guide(
            ("Concept: a kind of concept", "Organization: a kind of organization"),
            ("RELATES_TO",),
            ("(Concept)-[RELATES_TO]->(Organization)",),
        )
        sample = next(call for call in model.calls if call.kind == "types").body["messages"][1]["content"]
        assert "Norvik Works" in sample
        assert "Ada Holm" in sample
        assert await guides.get(n.deps.graph, workspace) == Guide(), "nothing is set"
        assert {row.kind: row.calls for row in await calls.usage(n.deps.graph, workspace)}["types"] == 1
    plain = Settings(_env_file=None, data_dir=with_model.data_dir, cache_dir=with_model.cache_dir)
    async with api.open(plain, workspace=workspace) as n:
        assert "Organization" in (await propose(n.deps, workspace)).entity_types, "what the graph has"
        found = await propose(n.deps, workspace, ["Anna Berg works for Norvik GmbH in Kiel."])
        assert {"Person", "Organization"} <= set(found.entity_types)


async def test_long_descriptions_are_summarised_when_the_pipeline_rests(
    with_model: Settings, model: StandIn, workspace: str
) -> None:
    more = "that was made last winter, with the screws and the oil that it takes, and more than that besides"
    texts = [f"Sensor Kappa holds Part {number:02} {more}." for number in range(18)]

    def asked() -> int:
        """Calls about what is described here."""
        return sum(call.kind == "summary" and "Sensor Kappa holds" in str(call.body) for call in model.calls)

    async with api.open(with_model.model_copy(update={"summary_tokens": 400}), workspace=workspace) as n:
        documents = await n.insert(texts, [f"{number}.txt" for number in range(18)])
        assert asked() == 1, "once for all documents"
        (kappa,) = (row for row in (await n.retrieve("Sensor Kappa")).entities if row.name == "Sensor Kappa")
        assert kappa.description.startswith("In short: Sensor Kappa holds Part 00 that was made")
        assert all(f"Part {number:02}" in kappa.description for number in range(18)), "nothing is dropped"
        usage = {row.kind: row.calls for row in await calls.usage(n.deps.graph, workspace)}
        assert usage["summary"] >= 1

        await n.insert(["Sensor Kappa is blue."])
        assert asked() == 1, "what is new stands beside the summary until it is much"
        await n.delete(next(document.id for document in documents if document.source == "0.txt"))
        assert asked() == 1
        (kappa,) = (row for row in (await n.retrieve("Sensor Kappa")).entities if row.name == "Sensor Kappa")
        assert "Part 00" not in kappa.description

        model.fail(400, times=99, kind="summary")
        await n.insert([text.replace("Part", "Rod") for text in texts])
        assert asked() == 2
        (kappa,) = (row for row in (await n.retrieve("Sensor Kappa")).entities if row.name == "Sensor Kappa")
        assert "In short" not in kappa.description, "it told of what was deleted"
        assert len(kappa.description.splitlines()) > 8, "where the model refuses, the descriptions stay"
    async with api.open(with_model, workspace=workspace) as n:
        await n.insert([text.replace("Part", "Nut") for text in texts])
        assert asked() == 2


UNTOLD = """CYPHER 25
MATCH (:Chunk {workspace: $w})-[mention:MENTIONS]->(kappa:Entity {key: 'sensor kappa'})
REMOVE mention.summary, kappa.summary, kappa.summary_id, kappa.summary_call, kappa.summary_covers
SET kappa.wordy = true, kappa.description = 'Nothing.'"""


async def test_what_was_summarised_once_costs_nothing_again(
    with_model: Settings, model: StandIn, workspace: str
) -> None:
    more = "that was made last winter, with the screws and the oil that it takes, and more than that besides"
    texts = [f"Sensor Kappa holds Part {number:02} {more}." for number in range(18)]
    settings = with_model.model_copy(update={"summary_tokens": 400})
    async with api.open(settings, workspace=workspace, worker=False) as n:
        graph = n.deps.graph
        async with worker.Worker(n.deps).running():
            found = await n.insert(texts, [f"{number}.txt" for number in range(18)])
        (kappa,) = (row for row in (await n.retrieve("Sensor Kappa")).entities if row.name == "Sensor Kappa")
        assert kappa.description.startswith("In short: ")
        before = model.count("summary")

        await graph.execute(UNTOLD, w=workspace)
        assert await summarize(n.deps) >= 1
        (again,) = (row for row in (await n.retrieve("Sensor Kappa")).entities if row.name == "Sensor Kappa")
        assert again.description == kappa.description
        assert model.count("summary") == before, "the same descriptions cost nothing"

        await graph.execute(UNTOLD, w=workspace)
        changed = replace(n.deps, summarize=Summarizer(n.deps.chat, tokens=500) if n.deps.chat else None)
        assert await summarize(changed) >= 1
        assert model.count("summary") == before + 1, "another prompt does"

        kept = "MATCH (call:ModelCall {workspace: $w}) WHERE call.kind = 'summary' RETURN call.response AS text"
        assert len(await graph.execute(kept, w=workspace)) >= 2
        await n.delete(found[0].id)
        assert await graph.execute(kept, w=workspace) == [], "what told of a deleted document is gone"


async def test_a_follow_up_is_searched_for_with_what_it_refers_to(
    with_model: Settings, model: StandIn, workspace: str
) -> None:
    async with api.open(with_model, workspace=workspace) as n:
        await n.insert(TEXTS, ["contract.txt", "approval.txt"])
        talk = (
            Message(role="user", content="Tell me about Sensor Kappa."),
            Message(role="assistant", content="It is new."),
        )
        model.replies = ['{"question": "Who delivers Sensor Kappa?"}']
        asked = Asked(Wanted("And who delivers it?"), history=talk)
        answer = await ask(n.deps, workspace, asked)
        assert answer.question == "And who delivers it?"
        prompts = [call.body["messages"] for call in model.calls if call.kind != "extract"]
        assert "assistant: It is new." in prompts[0][1]["content"]
        assert "Question: Who delivers Sensor Kappa?" in prompts[1][1]["content"], "keywords are of the rewritten one"
        assert "Question: And who delivers it?" in prompts[2][-1]["content"]

        model.garble(times=3, kind="other")
        before = model.count("answer")
        assert (await ask(n.deps, workspace, asked)).generated
        assert model.count("answer") == before + 1, "a follow-up that cannot be rewritten is searched for as it is"

        before = model.count("answer")
        context = await ask(n.deps, workspace, replace(asked, only="context", history=()))
        prompt = await ask(n.deps, workspace, replace(asked, only="prompt", history=()))
        assert context.text in prompt.text
        assert "[1] " in context.text
        assert not context.generated
        assert model.count("answer") == before


async def test_an_answer_is_in_the_language_of_its_question(
    with_model: Settings, model: StandIn, workspace: str
) -> None:
    chinese = "Sensor Kappa 由诺维克公司交付。"
    async with api.open(with_model, workspace=workspace) as n:
        await n.insert([*TEXTS, chinese], ["contract.txt", "approval.txt", "zh.txt"])
        answer = await n.query("Sensor Kappa 是由谁交付的？")
        assert answer.text.startswith("根据文档：")
        asked = model.calls[-1].body["messages"]
        assert "Norvik Sensorik delivers" in asked[-1]["content"], "though most passages are English"
        answer = await n.query("Who delivers Sensor Kappa in 德国?")
        assert not answer.text.startswith("根据文档：")
        asked = model.calls[-1].body["messages"]
        assert chinese in asked[-1]["content"]
        assert "Answer in the language of the question, whatever" in asked[0]["content"]
        empty = replace(n, workspace=f"{workspace}-empty")
        assert (await empty.query("谁交付？")).text == "文档中没有与这个问题相关的内容。"
        assert (await empty.query("Who delivers?")).text == "No passage of the documents speaks to this question."
    async with api.open(with_model.model_copy(update={"language": "German"}), workspace=workspace) as n:
        await n.query("Sensor Kappa 是由谁交付的？")
        assert "Answer in German, whatever" in model.calls[-1].body["messages"][0]["content"]


async def test_passages_are_put_in_the_order_of_the_reranker(
    with_model: Settings, model: StandIn, workspace: str
) -> None:
    texts = [*TEXTS, "Sensor Kappa is blue."]
    worst_first = {"results": [{"index": at, "relevance_score": at / 10} for at in range(3)]}
    with recording((200, worst_first)) as server:
        more = {"rerank_provider": "vllm", "rerank_url": server.url, "rerank_model": "r"}
        async with api.open(with_model.model_copy(update=more), workspace=workspace) as n:
            await n.insert(texts)
            plain = (await n.retrieve("Who delivers Sensor Kappa?")).passages
            answer = await n.query("Who delivers Sensor Kappa?")
            assert [passage.id for passage in answer.retrieval.passages] == [passage.id for passage in plain[::-1]]
            assert "rerank" in answer.retrieval.passages[0].why
            assert server.asked[-1].body["documents"] == [passage.text for passage in plain]
            server.replies = [(400, {"error": {"message": "no"}})]
            again = await n.query("Who delivers Sensor Kappa?")
            assert [passage.id for passage in again.retrieval.passages] == [passage.id for passage in plain]
            usage = {row.kind for row in await calls.usage(n.deps.graph, workspace)}
    assert "rerank" in usage
