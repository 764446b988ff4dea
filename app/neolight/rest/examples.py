"""Examples of requests and responses for the description of the API; a test makes them all, in their order."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from neolight.rest.lines import LINES

FILE = Path(__file__).with_name("examples.json")


@cache
def examples() -> dict[str, dict[str, Any]]:
    """By operation: the JSON body or the form of a request, and the body of a response or its lines."""
    return json.loads(FILE.read_bytes())


def with_examples(description: dict[str, Any]) -> dict[str, Any]:
    """Adds the examples to an OpenAPI description."""
    for name, example in examples().items():
        method, path = name.lower().split(" ")
        operation = description["paths"][path][method]
        given = operation.get("requestBody", {}).get("content", {})
        for media, part in (("application/json", "request"), ("application/x-www-form-urlencoded", "form")):
            if part in example:
                given[media]["example"] = example[part]
        told = operation["responses"]["200"]["content"]
        if "lines" in example:
            told[LINES]["example"] = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in example["lines"])
        else:
            told["application/json"]["example"] = example["response"]
    return description
