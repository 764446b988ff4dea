"""Structured output: the request for it in three forms, and the reader of what comes back."""

from __future__ import annotations

import json
import re
from enum import IntEnum
from functools import cache
from typing import Any, TypeVar

import json_repair
import orjson
from pydantic import BaseModel, ValidationError

T = TypeVar("T", bound=BaseModel)

_THINKING = re.compile(r"^\s*<think>.*?</think>", re.DOTALL)
_FENCED = re.compile(r"```(?:json)?\s*\n(.*?)\n\s*```", re.DOTALL)


class Form(IntEnum):
    """How a model is asked for JSON, the strictest first."""

    JSON_SCHEMA = 0
    JSON_OBJECT = 1
    TEXT = 2

    def response_format(self, answer: type[BaseModel]) -> dict[str, Any] | None:
        """The request's `response_format`, if this form has one."""
        if self is Form.JSON_SCHEMA:
            schema = {"name": answer.__name__, "schema": strict_schema(answer), "strict": True}
            return {"type": "json_schema", "json_schema": schema}
        return {"type": "json_object"} if self is Form.JSON_OBJECT else None

    def instruction(self, answer: type[BaseModel]) -> str:
        """What the system message has to say because the request does not carry the schema."""
        if self is Form.JSON_SCHEMA:
            return ""
        schema = orjson.dumps(strict_schema(answer)).decode()
        return f"\n\nReply with one JSON object and nothing else. It follows this JSON schema:\n{schema}"


@cache
def strict_schema(answer: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of a model in the strict dialect: nothing optional, nothing additional, no defaults."""
    return _strict(answer.model_json_schema())


def read(text: str, answer: type[T]) -> T:
    """Reads a model's reply. Broken JSON is repaired if it is complete.

    An incomplete reply is not repaired: what is missing would be lost without a word.
    Raises ValidationError (a ValueError) where the reply cannot be read.
    """
    body = _json_part(text)
    try:
        return answer.model_validate_json(body)
    except ValidationError:
        found = _found(body)
        if found is None:
            raise
        return answer.model_validate(found)


def _json_part(text: str) -> str:
    """A reply from its first object on, without the model's thinking and the fence around code."""
    body = _THINKING.sub("", text).strip()
    if fenced := _FENCED.search(body):
        body = fenced[1].strip()
    start = body.find("{")
    return body[start:] if start > 0 else body


def _found(body: str) -> dict[str, Any] | None:
    """The object that a text begins with, whatever follows; repaired if nothing is lost."""
    try:
        found, _ = json.JSONDecoder().raw_decode(body)
    except ValueError:
        closed = body[: body.rfind("}") + 1]
        balanced = closed.count("{") == closed.count("}") and closed.count("[") == closed.count("]")
        found = json_repair.loads(closed) if balanced else None
    return found if isinstance(found, dict) else None


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    out = {key: _strict(value) for key, value in node.items() if key != "default" and not _is_title(key, value)}
    if "properties" in out:
        out["required"] = list(out["properties"])
        out["additionalProperties"] = False
    return out


def _is_title(key: str, value: object) -> bool:
    """Whether this is pydantic's title of a field, and not a property that is called title."""
    return key == "title" and isinstance(value, str)
