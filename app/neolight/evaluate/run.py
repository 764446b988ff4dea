"""Asks every question in every mode and scores what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from neolight.deps import Deps
from neolight.errors import InvalidInput
from neolight.evaluate import judge
from neolight.evaluate.datasets import Question
from neolight.evaluate.metrics import answer_scores, ranked_documents, retrieval_scores
from neolight.evaluate.report import Outcome, Report
from neolight.llm.chat import ChatModel
from neolight.models import Keywords
from neolight.retrieval.answer import Asked, ask
from neolight.retrieval.modes import mode_named
from neolight.retrieval.rank import RANKING, Ranking
from neolight.retrieval.retrieve import Wanted, retrieve

SHORT = "Only the answer itself, in as few words as possible."
"""The form of answers that are compared with short right answers."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure: modes (the first is what the others are compared with), depth, whether answers too, ranking."""

    modes: tuple[str, ...] = ("mix",)
    top_k: int = 40
    chunk_top_k: int = 20
    answers: bool = False
    at_once: int = 4
    ranking: Ranking = RANKING


async def evaluate(
    deps: Deps,
    workspace: str,
    questions: Sequence[Question],
    plan: Plan,
    on_progress: Callable[[int, int], None] = lambda done, of: None,
) -> Report:
    """Asks all questions in all modes, a few at once.

    Raises:
        InvalidInput: a mode is unknown, or answers are wanted where there is no language model.
        ModelError, ModelUnavailable, GraphUnavailable: as they say.
    """
    for mode in plan.modes:
        mode_named(mode)
    if plan.answers and deps.chat is None:
        raise InvalidInput(
            "Answers are judged by a language model, and none is configured.", hint="Set OPENAI_API_KEY."
        )
    gate, done, total = asyncio.Semaphore(plan.at_once), 0, len(questions) * len(plan.modes)

    async def one(question: Question, mode: str) -> Outcome:
        nonlocal done
        async with gate:
            outcome = await _outcome(deps, workspace, question, mode, plan)
        done += 1
        on_progress(done, total)
        return outcome

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(question, mode)) for mode in plan.modes for question in questions]
    outcomes = [task.result() for task in tasks]
    preferred = await _preferences(deps.chat, questions, outcomes, plan) if plan.answers and deps.chat else {}
    return Report(workspace, plan.modes, tuple(outcomes), preferred)


async def _outcome(deps: Deps, workspace: str, question: Question, mode: str, plan: Plan) -> Outcome:
    given = question.keywords
    keywords = Keywords(given.high, given.low) if given else None
    wanted = Wanted(question.question, mode, plan.top_k, plan.chunk_top_k, keywords, ranking=plan.ranking)
    if deps.chat is None or not plan.answers:
        found = await retrieve(deps, workspace, wanted)
        scores = retrieval_scores(question.gold, ranked_documents(found.passages))
        return Outcome(question.id, mode, scores, found.timings["total"])
    answer = await ask(deps, workspace, Asked(wanted, form=SHORT))
    scores = retrieval_scores(question.gold, ranked_documents(answer.retrieval.passages))
    if question.answers:
        scores |= answer_scores(answer.text, question.answers)
    faithful = await judge.faithfulness(deps.chat, answer)
    if faithful is not None:
        scores["faithfulness"] = faithful
    return Outcome(question.id, mode, scores, answer.retrieval.timings["total"], answer.text)


async def _preferences(
    chat: ChatModel, questions: Sequence[Question], outcomes: Sequence[Outcome], plan: Plan
) -> dict[str, dict[str, float]]:
    """How often each further mode's answer is preferred to the first mode's: by mode and question id."""
    texts = {(outcome.mode, outcome.question_id): outcome.answer or "" for outcome in outcomes}
    gate = asyncio.Semaphore(plan.at_once)

    async def one(question: Question, mode: str) -> float:
        async with gate:
            compare = partial(judge.preference, chat, question)
            return await compare(texts[mode, question.id], texts[plan.modes[0], question.id])

    found: dict[str, dict[str, float]] = {}
    for mode in plan.modes[1:]:
        values = await asyncio.gather(*(one(question, mode) for question in questions))
        found[mode] = {question.id: value for question, value in zip(questions, values, strict=True)}
    return found
