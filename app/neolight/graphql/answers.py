"""Answers with citations, whole or event by event."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any, Literal, TypeAlias, cast

import strawberry

from neolight import models
from neolight.errors import InvalidInput, NeolightError, public
from neolight.graphql.context import Info
from neolight.graphql.described import about, graph_input, graph_type, mutation, subscription
from neolight.graphql.enums import Mode, Role
from neolight.graphql.pagination import count
from neolight.graphql.queries import Citation
from neolight.graphql.retrieval import MOST_RESULTS, Keywords, KeywordsInput, Retrieval, RetrievedChunk, wanted
from neolight.llm.answering import Budget
from neolight.llm.chat import Message
from neolight.retrieval import answer as answering
from neolight.retrieval.answer import Asked
from neolight.retrieval.modes import DEFAULT

MOST_TOKENS = 1_000_000
MOST_TURNS = 128
LONGEST_TURN = 32_768
LONGEST_FORM = 256
LONGEST_PROMPT = 65_536
"""Characters."""


@graph_input
class TurnInput:
    """One message of the conversation so far."""

    role: Role = strawberry.field(description="Who said it.")
    content: str = strawberry.field(description="What was said.")


@graph_input
class AskInput:
    """A question, how to search for it, and how the answer is wanted."""

    question: str | None = strawberry.field(default=None, description="The question; `query` is another name for it.")
    query: str | None = strawberry.field(default=None, description="The question, by the name that RetrieveInput uses.")
    mode: Mode = strawberry.field(default=Mode(DEFAULT), description="The way of searching.")
    top_k: int = strawberry.field(default=40, description=f"How many entities and relations, from 1 to {MOST_RESULTS}.")
    chunk_top_k: int = strawberry.field(default=20, description=f"How many passages, from 1 to {MOST_RESULTS}.")
    keywords: KeywordsInput | None = strawberry.field(default=None, description="Keywords, instead of made ones.")
    response_type: str | None = strawberry.field(
        default=None, description="The form of the answer, such as Bullet Points; for a language model."
    )
    user_prompt: str | None = strawberry.field(default=None, description="Other wishes, for a language model.")
    conversation: list[TurnInput] = strawberry.field(
        default_factory=list, description="The conversation so far, oldest message first; for a language model."
    )
    rerank: bool = strawberry.field(default=True, description="Whether the reranker, if there is one, orders passages.")
    only_context: bool = strawberry.field(default=False, description="Give the context of the answer instead of it.")
    only_prompt: bool = strawberry.field(default=False, description="Give the prompt of the answer instead of it.")
    max_entity_tokens: int = strawberry.field(default=6_000, description="Tokens of the prompt for entities at most.")
    max_relation_tokens: int = strawberry.field(
        default=8_000, description="Tokens of the prompt for relations at most."
    )
    max_total_tokens: int = strawberry.field(default=30_000, description="Tokens of the whole prompt at most.")

    def asked(self) -> Asked:
        """What is asked for. Raises InvalidInput."""
        if (self.question is None) == (self.query is None):
            raise InvalidInput("`ask` needs a question.", hint="Give either `question` or `query`.")
        question = cast("str", self.question if self.query is None else self.query)
        search = wanted(question, self.mode, self.top_k, self.chunk_top_k, self.keywords)
        budget = Budget(
            count(self.max_total_tokens, MOST_TOKENS, "maxTotalTokens"),
            count(self.max_entity_tokens, MOST_TOKENS, "maxEntityTokens"),
            count(self.max_relation_tokens, MOST_TOKENS, "maxRelationTokens"),
        )
        only = "prompt" if self.only_prompt else "context" if self.only_context else None
        return Asked(search, budget, self._form(), self._history(), self.rerank, only)

    def _form(self) -> str | None:
        for name, text, most in (
            ("responseType", self.response_type, LONGEST_FORM),
            ("userPrompt", self.user_prompt, LONGEST_PROMPT),
        ):
            if text and len(text) > most:
                raise InvalidInput(f"`{name}` has {len(text)} characters; at most {most} are allowed.")
        return ". ".join(part for part in (self.response_type, self.user_prompt) if part) or None

    def _history(self) -> tuple[Message, ...]:
        if len(self.conversation) > MOST_TURNS or any(len(turn.content) > LONGEST_TURN for turn in self.conversation):
            limit = f"{MOST_TURNS} messages of {LONGEST_TURN} characters"
            raise InvalidInput(f"`conversation` goes past the limit of {limit}.", hint="Send its latest part.")
        return tuple(
            Message(role=cast("Literal['user', 'assistant']", turn.role.value), content=turn.content)
            for turn in self.conversation
        )


@graph_type
class Answer:
    """An answer with its sources."""

    id: strawberry.ID = strawberry.field(description="The id under which `query` finds it again.")
    question: str = strawberry.field(description="The question.")
    text: str = strawberry.field(description="The answer, with the numbers of its citations in brackets.")
    generated: bool = strawberry.field(description="Whether a language model wrote it; else it quotes the documents.")
    mode: str = strawberry.field(description="The mode in which was searched.")
    citations: list[Citation] = strawberry.field(description="The passages that it cites, by their numbers.")
    milliseconds: float = strawberry.field(description="How long it took.")
    retrieval: Retrieval = strawberry.field(description="What was found for the question.")

    @classmethod
    def of(cls, answer: models.Answer) -> Answer:
        """From an answer that was just given."""
        return cls(
            id=strawberry.ID(answer.id), question=answer.question, text=answer.text, generated=answer.generated,
            mode=answer.mode, citations=[Citation.of(citation) for citation in answer.citations],
            milliseconds=answer.milliseconds, retrieval=Retrieval.of(answer.retrieval),
        )  # fmt: skip


@graph_type
class KeywordsEvent:
    """First: the keywords that are searched for."""

    keywords: Keywords = strawberry.field(description="The keywords.")


@graph_type
class ReferencesEvent:
    """Second: the passages that the answer may cite; number 1 is the first of them."""

    chunks: list[RetrievedChunk] = strawberry.field(description="The passages, by their numbers.")


@graph_type
class TokenEvent:
    """Then, many times: the next piece of the answer's text."""

    text: str = strawberry.field(description="The piece; together they are a draft of the answer.")


@graph_type
class DoneEvent:
    """Last: the whole answer, its citations checked."""

    answer: Answer = strawberry.field(description="The answer.")


@graph_type
class ErrorEvent:
    """Last, instead of the answer: what went wrong."""

    message: str = strawberry.field(description="What went wrong.")
    code: str = strawberry.field(description="The kind of error, for programs.")
    hint: str | None = strawberry.field(description="What to do about it.")


AskEvent: TypeAlias = Annotated[
    KeywordsEvent | ReferencesEvent | TokenEvent | DoneEvent | ErrorEvent,
    strawberry.union("AskEvent", description="What happens while a question is answered."),
]
Asking: TypeAlias = Annotated[AskInput, about("The question, and how it is to be answered.")]


@graph_type
class AnswerMutation:
    """Answers."""

    @mutation
    async def ask(self, info: Info, input: Asking) -> Answer:  # noqa: A002
        """Answers a question, and keeps it among the past ones."""
        return Answer.of(await answering.ask(info.context.deps, info.context.workspace, input.asked()))


@graph_type
class AnswerSubscription:
    """Answers as they are written."""

    @subscription
    async def ask(self, info: Info, input: Asking) -> AsyncIterator[AskEvent]:  # noqa: A002
        """Answers a question event by event: keywords, references, tokens, then done, or an error at any point."""
        try:
            stream = answering.stream(info.context.deps, info.context.workspace, input.asked())
            async with aclosing(cast("AsyncGenerator[answering.Event]", stream)) as events:
                async for event in events:
                    yield _public(event)
        except NeolightError as error:
            shown = public(error)
            yield ErrorEvent(message=shown.message, code=shown.code, hint=shown.hint)


def _public(event: answering.Event) -> Any:
    match event:
        case answering.KeywordsEvent(keywords):
            return KeywordsEvent(keywords=Keywords.of(keywords))
        case answering.ReferencesEvent(passages):
            return ReferencesEvent(chunks=[RetrievedChunk.of(passage) for passage in passages])
        case answering.TokenEvent(text):
            return TokenEvent(text=text)
        case answering.DoneEvent(answer):
            return DoneEvent(answer=Answer.of(answer))
