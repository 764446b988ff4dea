"""Questions: answers, streamed answers, and what was retrieved for them."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal, Self

import orjson
from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, field_validator, model_validator

from neolight.deps import Deps
from neolight.errors import ModelUnavailable, NeolightError, public
from neolight.llm.answering import Budget
from neolight.llm.chat import Message
from neolight.models import Keywords, Passage, Retrieval
from neolight.rest.answers import QueryAnswer, QueryData, data_of, full_answer, references, sources_of
from neolight.rest.lines import LINES, line
from neolight.rest.workspace import Dependencies, Workspace
from neolight.retrieval.answer import Asked, DoneEvent, ReferencesEvent, TokenEvent, ask, nothing_found, stream
from neolight.retrieval.modes import DEFAULT, MODES
from neolight.retrieval.prompt import as_text, prepared
from neolight.retrieval.rerank import search
from neolight.retrieval.retrieve import Wanted

BYPASS = "bypass"
ACCEPTED = tuple(dict.fromkeys([*MODES, "local", "global", "hybrid", BYPASS]))
"""LightRAG's modes and this server's; where it has not one of LightRAG's, `mix` stands in for it."""

LIGHTEST = 3
MOST_CHARACTERS = 131_072
CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")

Keyword = Annotated[str, Field(max_length=512)]


class Turn(BaseModel):
    """One message of the conversation so far."""

    role: Literal["system", "user", "assistant"]
    content: str = Field(max_length=32_768)


class QueryRequest(BaseModel):
    """A question and how it is to be answered.

    There is no prefix of wishes here that `disable_user_prompt_prefix` could leave out.
    """

    query: str = Field(max_length=65_536, examples=["Which part fixes error E-45?"])
    mode: str = Field(DEFAULT, json_schema_extra={"enum": [*ACCEPTED]})
    only_need_context: bool | None = None
    only_need_prompt: bool | None = None
    disable_user_prompt_prefix: bool | None = None
    enable_rerank: bool | None = None
    include_progress: bool | None = False
    response_type: str | None = Field(None, min_length=1, max_length=256)
    top_k: int | None = Field(None, ge=1, le=1000)
    chunk_top_k: int | None = Field(None, ge=1, le=1000)
    max_entity_tokens: int | None = Field(None, ge=1, le=1_000_000)
    max_relation_tokens: int | None = Field(None, ge=1, le=1_000_000)
    max_total_tokens: int | None = Field(None, ge=1, le=1_000_000)
    hl_keywords: list[Keyword] = Field([], max_length=64)
    ll_keywords: list[Keyword] = Field([], max_length=64)
    conversation_history: list[Turn] | None = Field(None, max_length=128)
    user_prompt: str | None = Field(None, max_length=65_536)
    include_references: bool | None = True
    include_chunk_content: bool | None = False
    stream: bool | None = None

    @field_validator("mode")
    @classmethod
    def known(cls, mode: str) -> str:
        """A mode that there is."""
        if mode not in ACCEPTED:
            raise ValueError(f"there is no mode {mode[:40]!r}. Use one of {', '.join(ACCEPTED)}.")
        return mode

    @model_validator(mode="after")
    def measured(self) -> Self:
        """A question has something to search for, and the conversation is not longer than a model can take."""
        weight = sum(2 if CJK.match(char) else 1 for char in self.query.strip())
        if weight < (1 if self.mode == BYPASS else LIGHTEST):
            raise ValueError("query is too short: it needs at least 3 characters, of which an ideograph counts as 2")
        turns = self.conversation_history or ()
        if len(self.query) + sum(len(turn.content) for turn in turns) > MOST_CHARACTERS:
            raise ValueError(f"query and conversation_history have more than {MOST_CHARACTERS} characters together")
        return self

    def wanted(self) -> Wanted:
        """The search that is asked for."""
        given = bool(self.hl_keywords or self.ll_keywords)
        keywords = Keywords(tuple(self.hl_keywords), tuple(self.ll_keywords)) if given else None
        mode = self.mode if self.mode in MODES else DEFAULT
        return Wanted(self.query, mode, self.top_k or 40, self.chunk_top_k or 20, keywords)

    def asked(self) -> Asked:
        """The answer that is asked for."""
        usual = Budget()
        budget = Budget(
            self.max_total_tokens or usual.total,
            self.max_entity_tokens or usual.entities,
            self.max_relation_tokens or usual.relations,
        )
        form = ". ".join(part for part in (self.response_type, self.user_prompt) if part)
        history = [Message(role=turn.role, content=turn.content) for turn in self.conversation_history or ()]
        return Asked(self.wanted(), budget, form or None, tuple(history), rerank=self.enable_rerank is not False)


RETRIEVING = ("extracting_keywords", "retrieving_entities", "retrieving_relations", "retrieving_chunks")
"""What is begun, all in one round trip to the graph, before an answer is written."""

router = APIRouter(prefix="/query", tags=["query"])


@router.post("", responses={200: {"model": QueryAnswer}})
async def query(body: QueryRequest, workspace: Workspace, deps: Dependencies) -> Response:
    """An answer with its references. `stream` and `include_progress` change nothing here."""
    return Response(orjson.dumps(await _whole(deps, workspace, body)), media_type="application/json")


@router.post(
    "/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {LINES: {"schema": {"type": "string"}}}}},
)
async def query_stream(body: QueryRequest, workspace: Workspace, deps: Dependencies) -> Response:
    """The references, then the answer in pieces: one JSON object a line.

    `include_progress` adds what is being done before the references, and at the end how many seconds it took. `stream`
    false gives the answer of `/query` as one line.
    """
    if body.stream is False:
        return Response(line(await _whole(deps, workspace, body)), media_type=LINES)
    return StreamingResponse(_lines(deps, workspace, body), media_type=LINES, headers={"X-Accel-Buffering": "no"})


@router.post("/data", responses={200: {"model": QueryData}})
async def query_data(body: QueryRequest, workspace: Workspace, deps: Dependencies) -> Response:
    """What was retrieved, without an answer."""
    if body.mode == BYPASS:
        found = Retrieval(BYPASS, Keywords())
    else:
        found = await search(deps, workspace, body.wanted(), rerank=body.enable_rerank is not False)
    return Response(orjson.dumps(data_of(found)), media_type="application/json")


async def _whole(deps: Deps, workspace: str, body: QueryRequest) -> dict[str, Any]:
    """The answer at once; or what a model would be given, or its own words without the documents."""
    started = time.perf_counter()
    if not (body.mode == BYPASS or body.only_need_context or body.only_need_prompt):
        answer = await ask(deps, workspace, body.asked())
        return full_answer(answer, sources=bool(body.include_references), content=bool(body.include_chunk_content))
    if body.mode == BYPASS:
        text, passages = "".join([piece async for piece in _bypass(deps, body)]), ()
    else:
        text, passages = await _unanswered(deps, workspace, body)
    shown = references(passages, content=bool(body.include_chunk_content)) if body.include_references else None
    took = round(time.perf_counter() - started, 3)
    return {"response": text, "references": shown, "response_time": took, "llm_generated": body.mode == BYPASS}


async def _unanswered(deps: Deps, workspace: str, body: QueryRequest) -> tuple[str, tuple[Passage, ...]]:
    """The context or the whole prompt that an answer would be made from, and the passages in it."""
    _, prompt = await prepared(deps, workspace, body.asked())
    return (prompt.context or nothing_found(body.query) if body.only_need_context else as_text(prompt)), prompt.passages


async def _bypass(deps: Deps, body: QueryRequest) -> AsyncIterator[str]:
    """The language model's own answer. Raises ModelUnavailable where there is none."""
    if deps.chat is None:
        raise ModelUnavailable("No language model is configured.", hint="Set OPENAI_API_KEY or NEOLIGHT_LLM_PROVIDER.")
    asked = body.asked()
    form = [Message(role="system", content=asked.form)] if asked.form else []
    async for piece in deps.chat.stream([*form, *asked.history, Message(role="user", content=body.query)]):
        yield piece


async def _lines(deps: Deps, workspace: str, body: QueryRequest) -> AsyncIterator[bytes]:
    started = time.perf_counter()
    try:
        if body.mode == BYPASS:
            async for piece in _bypass(deps, body):
                yield line({"response": piece})
        elif body.only_need_context or body.only_need_prompt:
            found = await _whole(deps, workspace, body)
            if body.include_references:
                yield line({"references": found["references"]})
            yield line({"response": found["response"]})
        else:
            async for told in _answered(deps, workspace, body):
                yield told
    except NeolightError as error:
        shown = public(error)
        yield line({"error": f"{shown.message} {shown.hint}" if shown.hint else shown.message})
        return
    if body.include_progress:
        yield line({"response_time": round(time.perf_counter() - started, 3)})


async def _answered(deps: Deps, workspace: str, body: QueryRequest) -> AsyncIterator[bytes]:
    """The lines of an answer; what is being done is told before the references, as LightRAG does."""
    for step in _begun(deps, body):
        yield line({"progress": step})
    async for event in stream(deps, workspace, body.asked()):
        if isinstance(event, ReferencesEvent) and body.include_progress:
            yield line({"progress": "generating_response"})
        match event:
            case ReferencesEvent(passages) if body.include_references:
                yield line({"references": references(passages, content=bool(body.include_chunk_content))})
            case TokenEvent(text):
                yield line({"response": text})
            case DoneEvent(answer) if body.include_references and (sources := sources_of(answer)):
                yield line({"response": sources})
            case _:
                pass


def _begun(deps: Deps, body: QueryRequest) -> tuple[str, ...]:
    """What is begun before an answer is written, where that is to be told."""
    if not body.include_progress:
        return ()
    steps = RETRIEVING if body.mode != "naive" else RETRIEVING[-1:]
    return (*steps, "reranking") if deps.reranker and body.enable_rerank is not False else steps
