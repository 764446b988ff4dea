"""The last test: every bound Cypher file has run on the real server, in some test of this session."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest

from neolight import graph
from neolight.graph.query import BOUND

TESTS = Path(__file__).parent
NARROWING = ("keyword", "lf", "deselect", "ignore", "ignore_glob", "stepwise", "last_failed_no_failures")
WHOLE = (None, "", False, "all", [])


def left_out(session: pytest.Session) -> list[str]:
    """What of the tests that run queries was not selected."""
    selected = {item.path for item in session.items}
    files = [path for folder in ("graph", "api") for path in sorted((TESTS / folder).glob("test_*.py"))]
    missing = [path.relative_to(TESTS).as_posix() for path in files if path not in selected]
    options = {name: session.config.getoption(name, None) for name in NARROWING}
    narrowed = [f"--{name}" for name, value in options.items() if value not in WHOLE]
    return missing + narrowed + [argument for argument in session.config.args if "::" in argument]


def test_every_bound_query_ran(request: pytest.FixtureRequest, recorded_queries: set[str]) -> None:
    for found in pkgutil.iter_modules(graph.__path__, f"{graph.__name__}."):
        importlib.import_module(found.name)
    missing = sorted(BOUND.keys() - recorded_queries)
    partial = left_out(request.session)
    if missing and partial:
        pytest.skip(
            f"NOT CHECKED that every query ran, because only some tests were selected (not {', '.join(partial)})"
        )
    assert not missing, "each of these needs a test that runs it and asserts its rows"
