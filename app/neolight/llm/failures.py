"""What went wrong with a model call: whether to repeat it, and how to say it."""

from __future__ import annotations

import re
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, cast

import tenacity

from neolight.errors import ModelError, ModelUnavailable, UnusableReply

if TYPE_CHECKING:
    import openai
else:
    from neolight.llm import late as openai

_HINTS = {
    400: "Check that the model supports this request and that the text fits its context.",
    401: "Check the API key.",
    402: "Check the plan and the billing of the account.",
    403: "Check the API key and that it may use this model.",
    404: "Check the model's name and the base URL.",
    413: "Check that the text fits the model's context.",
    422: "Check that the server supports this request, and the model's name.",
    429: "Lower the concurrency, or raise the account's rate limit.",
}
_MESSAGES = ("message", "Message", "error", "detail", "msg", "title")
"""Where servers put what went wrong: OpenAI, AWS, TEI, FastAPI and its validation, problem details."""

_BUSY = frozenset({408, 429, 502, 503, 504, 529})


class Garbled(Exception):
    """The reply is not what the protocol says."""


class Adapted(Exception):
    """A failure that another library's client reports, with its HTTP status where it names one."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Foreign(Garbled):
    """The reply is no JSON but a web page: the server speaks another protocol."""


def worth_repeating(state: tenacity.RetryCallState) -> bool:
    """Whether the call of this state failed in a way that may pass."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, openai.APIStatusError):
        return (error.status_code in (408, 409, 429) or error.status_code >= 500) and not _out_of_credit(error)
    if isinstance(error, Adapted):
        return error.status is None or error.status in (408, 409, 429) or error.status >= 500
    return isinstance(error, (openai.APIConnectionError, Garbled)) and not isinstance(error, Foreign)


def means_down(error: Exception) -> bool:
    """Whether the server as a whole does not answer, rather than refusing this one call."""
    if isinstance(error, openai.APIConnectionError):
        return True
    if isinstance(error, Adapted):
        return error.status in _BUSY
    return isinstance(error, openai.APIStatusError) and error.status_code in _BUSY and not _out_of_credit(error)


def wait_asked_for(error: BaseException | None) -> float | None:
    """The seconds that the server asks to wait in `retry-after-ms` or `Retry-After` (seconds or a date), if it does."""
    if not isinstance(error, openai.APIStatusError):
        return None
    headers = error.response.headers
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name, "").strip()
        if re.fullmatch(r"\d+(\.\d+)?", value):
            return float(value) * unit
        if value:
            return _until(value)
    return None


def explain(error: Exception, url: str) -> ModelError:
    """The error to raise: it names the endpoint, its status, the cause and what to do."""
    if isinstance(error, Adapted):
        kind = ModelUnavailable if means_down(error) else ModelError
        return kind(f"The model endpoint {url} failed: {error}", hint=_HINTS.get(error.status or 0))
    if isinstance(error, openai.APIStatusError):
        kind = ModelUnavailable if means_down(error) else UnusableReply if _is_about_the_text(error) else ModelError
        hint = _HINTS[402] if _out_of_credit(error) else _HINTS.get(error.status_code)
        return kind(f"The model endpoint {url} answered {error.status_code}: {cause(error)}", hint=hint)
    if isinstance(error, openai.APITimeoutError):
        return ModelUnavailable(
            f"The model endpoint {url} did not answer in time.", hint="Raise the timeout, or try later."
        )
    if isinstance(error, openai.APIConnectionError):
        why = error.__cause__ or error
        return ModelUnavailable(
            f"The model endpoint {url} does not answer: {why}.", hint="Check its URL and that it runs."
        )
    if isinstance(error, Garbled):
        hint = "Check that the base URL leads to an OpenAI-compatible API."
        kind = ModelError if isinstance(error, Foreign) else UnusableReply
        return kind(f"The model endpoint {url} sent a reply that cannot be used: {error}.", hint=hint)
    return ModelError(f"The model endpoint {url} failed: {error}")


def cause(error: openai.APIError) -> str:
    """What the server says went wrong, in one line."""
    text = " ".join((_said(error.body) or error.message).split())
    text = text if len(text) <= 300 else text[:299] + "…"
    return text if text.endswith((".", "…")) else text + "."


def _said(body: object) -> str:
    """The message in the body of an error, wherever the server has put it; empty where there is none."""
    if isinstance(body, str):
        return body
    parts: list[Any] = []
    if isinstance(body, list):
        parts = cast("list[Any]", body)[:1]
    elif isinstance(body, dict):
        fields = cast("dict[str, Any]", body)
        parts = [fields[name] for name in _MESSAGES if fields.get(name)]
    return next((said for part in parts if (said := _said(part))), "")


def _is_about_the_text(error: openai.APIStatusError) -> bool:
    """Whether the server refuses what was said, rather than the caller or the model: other texts may pass."""
    return error.status_code in (400, 413, 422) or error.status_code >= 500


def _out_of_credit(error: openai.APIStatusError) -> bool:
    return error.status_code == 429 and "insufficient_quota" in (error.code, error.type)


def _until(date: str) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - time.time())
    except ValueError:
        return None
