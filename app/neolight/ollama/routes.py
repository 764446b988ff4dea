"""Ollama's routes: what there is, chat over the documents, and the language model itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, TypeVar

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError

from neolight.deps import Deps
from neolight.errors import InvalidInput, ModelUnavailable
from neolight.llm.chat import Message
from neolight.ollama import chores, prefixes
from neolight.ollama.prefixes import BYPASS, Spoken
from neolight.ollama.replies import Reply
from neolight.ollama.schemas import Chat, Generate, described
from neolight.rest.workspace import Dependencies, Workspace
from neolight.retrieval.answer import Asked, TokenEvent, stream
from neolight.retrieval.modes import DEFAULT, MODES
from neolight.retrieval.prompt import prepared
from neolight.retrieval.retrieve import Wanted

VERSION = "0.9.3"
"""The version of Ollama that these routes follow."""

NAME = "neolight:latest"
CREATED = "2026-01-01T00:00:00Z"
DIGEST = "6e656f6c69676874000000000000000000000000000000000000000000000000"
DETAILS = {
    "parent_model": "", "format": "gguf", "family": "neolight", "families": ["neolight"], "parameter_size": "13B",
    "quantization_level": "Q4_0",
}  # fmt: skip
MODEL = {"name": NAME, "model": NAME, "size": 7_365_960_935, "digest": DIGEST, "details": DETAILS}

T = TypeVar("T", bound=BaseModel)
router = APIRouter(prefix="/api", tags=["ollama"])


@router.get("/version")
async def version(workspace: Workspace) -> dict[str, str]:
    """The version of Ollama that is spoken."""
    return {"version": VERSION}


@router.get("/tags")
async def tags(workspace: Workspace) -> dict[str, Any]:
    """The one model there is: the documents of the workspace."""
    return {"models": [{**MODEL, "modified_at": CREATED}]}


@router.get("/ps")
async def running(workspace: Workspace) -> dict[str, Any]:
    """The one model there is runs always."""
    return {"models": [{**MODEL, "expires_at": "2050-12-31T14:38:31Z", "size_vram": MODEL["size"]}]}


@router.post(
    "/generate",
    openapi_extra={"requestBody": {"content": {"application/json": {"schema": described(Generate)}}}},
)
async def generate(request: Request, workspace: Workspace, deps: Dependencies) -> Response:
    """Completes a prompt by the language model alone."""
    body = await _body(request, Generate)
    if not body.prompt.strip():
        raise InvalidInput("The prompt is empty.")
    system = [Message(role="system", content=body.system)] if body.system else []
    messages = [*system, Message(role="user", content=body.prompt)]
    reply = Reply(body.model, "generate", body.prompt)
    return await reply.send(_plainly(deps, messages), stream=body.stream)


@router.post("/chat", openapi_extra={"requestBody": {"content": {"application/json": {"schema": described(Chat)}}}})
async def chat(request: Request, workspace: Workspace, deps: Dependencies) -> Response:
    """Answers the last message of a conversation from the documents, in the mode that its prefix names."""
    body = await _body(request, Chat)
    if not body.messages or body.messages[-1].role != "user":
        raise InvalidInput("The last message must be the user's.")
    last = body.messages[-1].content
    if not last.strip():
        raise InvalidInput("The message is empty.")
    spoken = prefixes.read(last)
    reply = Reply(body.model, "chat", spoken.question)
    return await reply.send(_pieces(deps, workspace, body, spoken), stream=body.stream)


async def _body(request: Request, model: type[T]) -> T:
    """The body, whatever content type it says it has: some programs send JSON as plain bytes. Raises InvalidInput."""
    try:
        return model.model_validate(orjson.loads(await request.body()))
    except orjson.JSONDecodeError:
        raise InvalidInput("The request is not JSON.") from None
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:5])
        raise InvalidInput(f"The request is not as it should be: {said}.") from None


def _pieces(deps: Deps, workspace: str, body: Chat, spoken: Spoken) -> AsyncIterator[str]:
    """The reply to the last message, piece by piece."""
    system = [Message(role="system", content=body.system)] if body.system else []
    before = [said.message() for said in body.messages[:-1]]
    if chores.is_chore(spoken.question):
        return _chore(deps, [*system, *before], spoken.question)
    if spoken.mode == BYPASS:
        return _plainly(deps, [*system, *before, Message(role="user", content=spoken.question)])
    wishes = [message["content"] for message in (*system, *before) if message["role"] == "system"]
    form = "\n".join(part for part in (*wishes, spoken.wish) if part)
    history = tuple(message for message in before if message["role"] != "system")
    asked = Asked(
        Wanted(spoken.question, spoken.mode if spoken.mode in MODES else DEFAULT), form=form or None, history=history
    )
    return _context(deps, workspace, asked) if spoken.only_context else _answer(deps, workspace, asked)


async def _answer(deps: Deps, workspace: str, asked: Asked) -> AsyncIterator[str]:
    async for event in stream(deps, workspace, asked):
        if isinstance(event, TokenEvent):
            yield event.text


async def _context(deps: Deps, workspace: str, asked: Asked) -> AsyncIterator[str]:
    _, prompt = await prepared(deps, workspace, asked)
    yield prompt.context or "Nothing was found."


async def _plainly(deps: Deps, messages: Sequence[Message]) -> AsyncIterator[str]:
    """The language model's own reply. Raises ModelUnavailable where there is none."""
    if deps.chat is None:
        raise ModelUnavailable("No language model is configured.", hint="Set OPENAI_API_KEY or NEOLIGHT_LLM_PROVIDER.")
    async for piece in deps.chat.stream(messages):
        yield piece


async def _chore(deps: Deps, before: Sequence[Message], question: str) -> AsyncIterator[str]:
    if deps.chat is None:
        yield chores.done_plainly(question)
        return
    async for piece in _plainly(deps, [*before, Message(role="user", content=question)]):
        yield piece
