"""What the log says of an outage."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from neolight.errors import ModelUnavailable
from neolight.ingest import outage
from neolight.ingest.outage import Outage

DOWN = ModelUnavailable("The model does not answer.")


def test_an_outage_is_told_at_its_start_once_a_minute_and_at_its_end(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(outage, "time", SimpleNamespace(monotonic=lambda: now))
    seen = Outage()
    seen.over()
    for _ in range(384):
        seen.met(DOWN, documents=1)
    now += 59
    seen.met(DOWN)
    assert [line.getMessage() for line in caplog.records] == ["Indexing waits: The model does not answer."]
    now += 1
    for _ in range(384):
        seen.met(DOWN)
    now += 30
    seen.over()
    seen.over()
    assert [line.getMessage() for line in caplog.records][1:] == [
        "Indexing has waited for 60 s, 384 documents so far: The model does not answer.",
        "Indexing goes on after 90 s.",
    ]
    seen.met(DOWN)
    assert len(caplog.records) == 4, "the next outage is told as well"
