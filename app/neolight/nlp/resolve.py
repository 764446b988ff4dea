"""One name for one thing within a passage."""

from __future__ import annotations

from dataclasses import replace

from neolight.nlp.patterns import Span
from neolight.nlp.topic import Topic


def resolved(spans: list[Span], topic: Topic | None = None) -> list[Span]:
    """The spans in order, a person's short name (Rogers) replaced by the full name that came before it (Carl Rogers).

    A short name is the first word or the last words of the full one; two people who share it leave it as it is.
    """
    owners = _short_names(topic.name) if topic is not None and topic.type == "Person" else {}
    shared: set[str] = set()
    result: list[Span] = []
    for span in spans:
        if (full := owners.get(span.name)) and span.name not in shared and full != span.name:
            result.append(replace(span, name=full, type="Person"))
            continue
        result.append(span)
        if span.type == "Person":
            for short, name in _short_names(span.name).items():
                if owners.setdefault(short, name) != name:
                    shared.add(short)
    return result


def _short_names(full: str) -> dict[str, str]:
    words = full.split()
    shorts = [words[0], *(" ".join(words[at:]) for at in range(1, len(words)))]
    return dict.fromkeys(shorts, full) if len(words) > 1 else {}
