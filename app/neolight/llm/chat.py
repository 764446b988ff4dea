"""Chat models over the OpenAI protocol: plain, structured and streamed replies."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar

from pydantic import BaseModel, ValidationError

from neolight.errors import ModelError, UnusableReply
from neolight.llm.endpoint import Endpoint
from neolight.llm.failures import Garbled, cause
from neolight.llm.structured import Form, read
from neolight.llm.tokens import count, sendable
from neolight.llm.usage import Ledger, note
from neolight.models import Spent

if TYPE_CHECKING:
    import openai
    from openai import AsyncStream
    from openai.types.chat import ChatCompletionChunk
else:
    from neolight.llm import late as openai

T = TypeVar("T", bound=BaseModel)

# An unreadable structured reply is asked for again this often, a little warmer each time, so that other words come.
REPEATS = 2
WARMER = 0.3

_FORMAT_REFUSED = re.compile(r"response_?format|schema|json_?object|json mode|structured|grammar", re.IGNORECASE)
_TEMPERATURE_REFUSED = re.compile(r"temperature", re.IGNORECASE)
_USAGE_REFUSED = re.compile(r"stream_options|include_usage", re.IGNORECASE)
_LIMIT_REFUSED = re.compile(r"max_(completion_)?tokens", re.IGNORECASE)

_log = logging.getLogger(__name__)


class Message(TypedDict):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class ChatReply:
    """What a model replied, and the tokens that it took (those of repeated calls included)."""

    text: str
    tokens_in: int
    tokens_out: int
    finish_reason: str


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a model was found to understand: the form of structured output, a temperature, the name of the limit."""

    form: Form = Form.JSON_SCHEMA
    temperature: bool = True
    limit: str | None = "max_tokens"
    usage: bool = True
    """Whether it tells the tokens of a streamed reply when it is asked to."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a model, and what kind of call it is."""

    messages: Sequence[Message]
    answer: type[BaseModel] | None = None
    max_tokens: int | None = None
    temperature: float = 0.0
    kind: str = "other"


class ChatModel:
    """One chat model of one endpoint. It learns which parameters the model refuses, and does not send them again."""

    def __init__(self, endpoint: Endpoint, name: str, *, dialect: Dialect | None = None) -> None:
        self.name = name
        self.dialect = dialect or Dialect()
        self._endpoint = endpoint

    @property
    def resting(self) -> float:
        """Seconds for which the endpoint is left alone because it is down: calls fail until then. Else 0."""
        return self._endpoint.resting

    @property
    def down(self) -> bool:
        """Whether the endpoint was down at the last try."""
        return self._endpoint.down

    async def complete(
        self, system: str, user: str, *, answer: type[BaseModel] | None = None, max_tokens: int | None = None
    ) -> ChatReply:
        """Asks once; with `answer` the reply's text is meant to be JSON of that model.

        Raises ModelUnavailable where the endpoint does not answer, ModelError where it refuses.
        """
        return await self._ask(Request(_pair(system, user), answer, max_tokens))

    async def reply(
        self, messages: Sequence[Message], *, max_tokens: int | None = None, kind: str = "other"
    ) -> ChatReply:
        """Continues a conversation. Raises as `complete` does."""
        return await self._ask(Request(messages, None, max_tokens, kind=kind))

    async def parse(self, system: str, user: str, answer: type[T], *, kind: str = "other") -> tuple[T, ChatReply]:
        """Asks for structured output and reads it, as `parse_next` does."""
        return await self.parse_next(_pair(system, user), answer, kind=kind)

    async def parse_next(
        self, messages: Sequence[Message], answer: type[T], *, kind: str = "other"
    ) -> tuple[T, ChatReply]:
        """Continues a conversation by structured output and reads it.

        A reply that cannot be read, is cut off or refuses is asked for again. Raises UnusableReply if none was of use,
        and as `complete` does.
        """
        tokens_in = tokens_out = 0
        problem = ""
        for attempt in range(1 + REPEATS):
            reply = await self._ask(Request(messages, answer, temperature=attempt * WARMER, kind=kind))
            tokens_in, tokens_out = tokens_in + reply.tokens_in, tokens_out + reply.tokens_out
            try:
                parsed = read(reply.text, answer)
            except ValidationError as error:
                problem = _why(error, reply)
                _log.info("Reply %d of %s cannot be used: %s", attempt + 1, self.name, problem)
            else:
                return parsed, replace(reply, tokens_in=tokens_in, tokens_out=tokens_out)
        raise UnusableReply(
            f"The model {self.name} gave no reply of the form {answer.__name__}: {problem}.",
            hint="Retry it, or use a model that supports structured output.",
        )

    async def stream(self, messages: Sequence[Message], ledger: Ledger | None = None) -> AsyncIterator[str]:
        """The reply to a conversation, piece by piece as it is written; what it took goes into the ledger, if any.

        Raises as `complete` does, midway too.
        """
        async with self._endpoint.slot():
            events = await self._open(Request(messages))
            pieces: list[str] = []
            told: tuple[int, int] | None = None
            try:
                async for event in events:
                    if event.usage:
                        told = event.usage.prompt_tokens, event.usage.completion_tokens
                    if event.choices and (piece := event.choices[0].delta.content):
                        pieces.append(piece)
                        yield piece
            except openai.APIError as error:
                raise self._endpoint.explained(error) from error
            finally:
                await events.close()
                tokens = told or (sum(count(one["content"]) for one in messages), count("".join(pieces)))
                (ledger.add if ledger else note)(Spent(self.name, "answer", 1, *tokens))

    async def close(self) -> None:
        """Closes the connections of the endpoint."""
        await self._endpoint.close()

    async def _ask(self, request: Request) -> ChatReply:
        while True:
            dialect = self.dialect
            try:
                reply = await self._endpoint.post("/chat/completions", self._body(request, dialect), _reply)
                return self._noted(reply, request)
            except ModelError as error:
                if not self._learn(error.__cause__, dialect):
                    raise

    def _noted(self, reply: ChatReply, request: Request) -> ChatReply:
        note(Spent(self.name, request.kind, 1, reply.tokens_in, reply.tokens_out))
        return reply

    async def _open(self, request: Request) -> AsyncStream[ChatCompletionChunk]:
        create: Any = self._endpoint.client.chat.completions.create
        while True:
            dialect = self.dialect
            body = self._body(request, dialect)
            if dialect.usage:
                body["stream_options"] = {"include_usage": True}
            await self._endpoint.admit(body)
            try:
                return await self._endpoint.attempt(lambda body=body: create(**body, stream=True))
            except ModelError as error:
                if not self._learn(error.__cause__, dialect):
                    raise

    def _body(self, request: Request, dialect: Dialect) -> dict[str, Any]:
        messages = [Message(role=one["role"], content=sendable(one["content"])) for one in request.messages]
        body: dict[str, Any] = {"model": self.name, "messages": messages}
        if dialect.temperature:
            body["temperature"] = request.temperature
        if request.max_tokens and dialect.limit:
            body[dialect.limit] = request.max_tokens
        if request.answer:
            messages[0]["content"] += dialect.form.instruction(request.answer)
            if wanted := dialect.form.response_format(request.answer):
                body["response_format"] = wanted
        return body

    def _learn(self, error: BaseException | None, used: Dialect) -> bool:
        """Whether to try again: the error is about a parameter of this dialect, and there is a simpler one."""
        if not isinstance(error, openai.APIStatusError) or error.status_code not in (400, 404, 422):
            return False
        simpler = _simpler(used, f"{error.param} {cause(error)}")
        if simpler is None:
            return False
        if self.dialect == used:  # of calls that were refused together, the first one teaches
            self.dialect = simpler
            _log.info("%s refused a parameter (%s); from now on: %s", self.name, cause(error), simpler)
        return True


def _simpler(used: Dialect, said: str) -> Dialect | None:
    """The next dialect to try after a refusal."""
    if used.form < Form.TEXT and _FORMAT_REFUSED.search(said):
        return replace(used, form=Form(used.form + 1))
    if used.temperature and _TEMPERATURE_REFUSED.search(said):
        return replace(used, temperature=False)
    if used.usage and _USAGE_REFUSED.search(said):
        return replace(used, usage=False)
    if used.limit and _LIMIT_REFUSED.search(said):
        return replace(used, limit="max_completion_tokens" if used.limit == "max_tokens" else None)
    return None


def _pair(system: str, user: str) -> tuple[Message, ...]:
    return Message(role="system", content=system), Message(role="user", content=user)


def _reply(data: dict[str, Any]) -> ChatReply:
    """Reads a chat completion by hand. Raises Garbled."""
    try:
        choice = data["choices"][0]
        message = choice["message"]
        text = message.get("content") or message.get("refusal") or ""
        usage = data.get("usage") or {}
        return ChatReply(
            str(text),
            int(usage.get("prompt_tokens") or 0),
            int(usage.get("completion_tokens") or 0),
            "refusal" if message.get("refusal") else str(choice.get("finish_reason") or "stop"),
        )
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise Garbled(f"no completion in it: {str(data.get('error') or data)[:120]}") from error


def _why(error: ValidationError, reply: ChatReply) -> str:
    if reply.finish_reason == "length":
        return f"it was cut off after {reply.tokens_out} tokens"
    if reply.finish_reason in ("refusal", "content_filter"):
        return f"it refused: {reply.text[:120]!r}"
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{first['msg']} in {reply.text[:120]!r}"
