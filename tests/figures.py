"""Figures that the summary of a test run shows, also where several processes have run the tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

SECTIONS: dict[str, Callable[[], list[str]]] = {}
"""What gives the lines under a heading, once the tests have run; no lines, no heading."""

_ELSEWHERE: dict[str, list[str]] = {}
"""The lines that the processes which run the tests have sent."""


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Sends the lines of a process that runs tests for another."""
    output: dict[str, object] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["figures"] = {heading: lines() for heading, lines in SECTIONS.items()}


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Takes the lines that a process has sent; one that died has sent none."""
    output: dict[str, dict[str, list[str]]] = getattr(node, "workeroutput", {})
    for heading, lines in output.get("figures", {}).items():
        _ELSEWHERE.setdefault(heading, []).extend(lines)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Shows the lines under their headings."""
    here = {heading: lines() for heading, lines in SECTIONS.items()}
    for heading in sorted(here.keys() | _ELSEWHERE.keys()):
        lines = here.get(heading, []) + _ELSEWHERE.get(heading, [])
        if lines:
            terminalreporter.section(heading)
            terminalreporter.write("\n".join(lines) + "\n")
