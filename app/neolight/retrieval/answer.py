"""Answers with checked citations: by the language model where there is one, else the sentences that answer best."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from neolight.deps import Deps
from neolight.errors import InvalidInput, UnusableReply
from neolight.graph import calls, queries
from neolight.llm.answering import AnswerPrompt, Budget, Material, answer_prompt, verify_citations, without_false_marks
from neolight.llm.chat import Message
from neolight.llm.followup import rewritten
from neolight.llm.language import CHINESE, language_of
from neolight.llm.tokens import count
from neolight.llm.usage import Ledger, paid_by
from neolight.models import Answer, Citation, Keywords, Passage, Retrieval
from neolight.nlp.answer import best_sentences
from neolight.retrieval.modes import BYPASS
from neolight.retrieval.rerank import ranked
from neolight.retrieval.retrieve import Stopwatch, Wanted, checked

log = logging.getLogger(__name__)

NOTHING_FOUND = "No passage of the documents speaks to this question."
NOTHING_FOUND_ZH = "文档中没有与这个问题相关的内容。"
MOST_QUOTES = 4
"""Sentences of an answer that no model writes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, how to search for it, and how the answer is wanted."""

    wanted: Wanted
    budget: Budget = field(default_factory=Budget)
    form: str | None = None
    history: tuple[Message, ...] = ()
    rerank: bool = True
    """Whether the passages are put in order by the reranker, where one is configured."""
    only: Literal["context", "prompt"] | None = None
    """Give the context of the answer, or its whole prompt, instead of the answer."""


@dataclass(frozen=True, slots=True)
class KeywordsEvent:
    """The keywords that are searched for."""

    keywords: Keywords


@dataclass(frozen=True, slots=True)
class ReferencesEvent:
    """The passages that the answer may cite, number n at index n - 1."""

    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class TokenEvent:
    """The next piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class DoneEvent:
    """The whole answer, its citations checked."""

    answer: Answer


Event: TypeAlias = KeywordsEvent | ReferencesEvent | TokenEvent | DoneEvent


async def ask(deps: Deps, workspace: str, asked: Asked) -> Answer:
    """Answers a question and keeps it among the past ones. Raises as `stream` does."""
    async for event in stream(deps, workspace, asked):
        if isinstance(event, DoneEvent):
            return event.answer
    raise AssertionError("unreachable: a stream ends with its answer")


async def stream(deps: Deps, workspace: str, asked: Asked) -> AsyncIterator[Event]:
    """Answers a question piece by piece: keywords, references, the text as it is written, then the whole.

    Raises:
        InvalidInput: the question or the mode is not valid.
        ModelError, ModelUnavailable, GraphUnavailable: as they say.
    """
    watch = Stopwatch()
    question = checked(asked.wanted.question)
    if asked.wanted.mode == BYPASS and deps.chat is None:
        raise InvalidInput("The mode `bypass` needs a language model.", hint="Set one up, or use another mode.")
    ledger = Ledger(deps.prices)
    with paid_by(ledger):  # not around a `yield`: who consumes the events has a context of its own
        found = await sought(deps, workspace, asked)
    yield KeywordsEvent(found.keywords)
    prompt = prompted(question, found, asked, deps.language)
    yield ReferencesEvent(prompt.passages)
    pieces: list[str] = []
    to_write = asked.only is None and (bool(prompt.passages) or found.mode == BYPASS)
    if deps.chat is not None and to_write:
        async for piece in deps.chat.stream(prompt.messages, ledger):
            pieces.append(piece)
            yield TokenEvent(piece)
        text, citations = cited("".join(pieces), question, prompt.passages)
    else:
        text, citations = await _unwritten(question, prompt, asked.only)
        yield TokenEvent(text)
    id_ = f"query-{secrets.token_hex(8)}"
    answer = Answer(id_, question, text, found.mode, bool(pieces), citations, found, watch.total())
    if asked.only is None:
        await queries.record(deps.graph, workspace, answer)
        await calls.asked(deps.graph, workspace, answer.id, ledger.taken())
    else:
        await calls.spend(deps.graph, workspace, ledger.taken())
    yield DoneEvent(answer)


def prompted(question: str, found: Retrieval, asked: Asked, language: str | None) -> AnswerPrompt:
    """What the model is asked: with what was found, or, where nothing was searched for, the question alone."""
    if found.mode != BYPASS:
        material = Material(
            question, found.passages, found.entities, found.relations, asked.history, asked.form, language
        )
        return answer_prompt(material, asked.budget)
    text = f"{question}\n\n{asked.form}" if asked.form else question
    return AnswerPrompt((*asked.history, Message(role="user", content=text)), "", (), count(text))


async def sought(deps: Deps, workspace: str, asked: Asked) -> Retrieval:
    """What speaks to the question, read with the conversation before it. Raises as `retrieve` does."""
    wanted = asked.wanted
    reader = deps.reader or deps.chat
    if asked.history and reader is not None and wanted.mode != BYPASS:
        try:
            wanted = replace(wanted, question=await rewritten(reader, checked(wanted.question), asked.history))
        except UnusableReply as error:
            log.warning("A follow-up question is searched for as it is: %s", error)
    return await ranked(deps, workspace, wanted, rerank=asked.rerank)


async def _unwritten(
    question: str, prompt: AnswerPrompt, only: Literal["context", "prompt"] | None
) -> tuple[str, tuple[Citation, ...]]:
    """What stands for an answer that no model writes: the context, the prompt, or the best sentences."""
    if only == "context":
        return prompt.context, ()
    if only == "prompt":
        return "\n\n".join(f"{message['role']}:\n{message['content']}" for message in prompt.messages), ()
    return await asyncio.to_thread(extractive, question, prompt.passages)


def extractive(question: str, passages: Sequence[Passage]) -> tuple[str, tuple[Citation, ...]]:
    """An answer that no model writes: the best sentences, each with the number of the passage it stands in."""
    numbers: dict[int, int] = {}
    lines: list[str] = []
    citations: list[Citation] = []
    for quote in best_sentences(question, passages, limit=MOST_QUOTES):
        passage = passages[quote.passage_index]
        number = numbers.get(quote.passage_index)
        if number is None:
            number = numbers[quote.passage_index] = len(numbers) + 1
            place = passage.start + quote.start, passage.start + quote.end
            citations.append(Citation(number, passage, quote.text, *place))
        lines.append(f"{' '.join(quote.text.split())} [{number}]")
    return ("\n".join(lines) if lines else nothing_found(question)), tuple(citations)


def nothing_found(question: str) -> str:
    """What is said where nothing speaks to a question, in its language as far as that is known."""
    return NOTHING_FOUND_ZH if language_of(question) == CHINESE else NOTHING_FOUND


def cited(text: str, question: str, passages: Sequence[Passage]) -> tuple[str, tuple[Citation, ...]]:
    """A model's answer without marks that point at nothing, and for each mark the sentence it rests on."""
    honest = without_false_marks(text, [passage.text for passage in passages])
    verified, numbers = verify_citations(honest, len(passages))
    return verified, tuple(_citation(number, f"{question} {verified}", passages[number - 1]) for number in numbers)


def _citation(number: int, about: str, passage: Passage) -> Citation:
    quotes = best_sentences(about, [passage], limit=1)
    start, end = (quotes[0].start, quotes[0].end) if quotes else (0, len(passage.text))
    return Citation(number, passage, passage.text[start:end], passage.start + start, passage.start + end)
