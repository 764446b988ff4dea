"""What is said of requests that do not fit the description of the API."""

from __future__ import annotations

import math
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse

from neolight.auth.responses import ErrorJSON

LONGEST_INPUT = 200
"""Characters of a wrong value that an error repeats."""

LONGEST_INTEGER = 64
"""Bits of one; Python does not write those of thousands of digits."""


def invalid_response(error: RequestValidationError) -> JSONResponse:
    """What does not fit the description of the API, as `detail`: where it is, what is wrong, and the value.

    A value is left out that is no plain one, or too long to be read; objects of the program are never shown.
    """
    return ErrorJSON({"detail": [_told(one) for one in error.errors()], "code": "INVALID_INPUT"}, status_code=422)


def _told(one: dict[str, Any]) -> dict[str, Any]:
    """An error of a value, in the fields of LightRAG's API."""
    told: dict[str, Any] = {"type": one["type"], "loc": list(one["loc"]), "msg": one["msg"]}
    given = one.get("input")
    if "UploadFile" in told["msg"]:
        told["msg"] = "A file is needed here, and a text was sent."
    elif isinstance(given, UploadFile):
        told["msg"] = "A text is needed here, and a file was sent."
    if _plain(given):
        told["input"] = given
    limits = {name: value for name, value in (one.get("ctx") or {}).items() if _plain(value)}
    return told | ({"ctx": limits} if limits else {})


def _plain(value: object) -> bool:
    """Whether a value can be shown as it is."""
    if isinstance(value, str):
        return len(value) <= LONGEST_INPUT
    if isinstance(value, int):
        return value.bit_length() <= LONGEST_INTEGER
    return value is None or (isinstance(value, float) and math.isfinite(value))
