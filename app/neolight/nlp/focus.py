"""What a sentence speaks of, also when a pronoun, "the <noun>" or an order such as "Replace ..." opens it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from neolight.nlp.lexicon import group, words
from neolight.nlp.patterns import Span
from neolight.nlp.topic import Topic

VALUES = frozenset({"Date", "Quantity"})
"""Types of what is said about something, and is never the subject itself."""
_OPENING = re.compile(
    r"[\"“(\s\-*•\d.]*(?:(?:In|On|At|During|Since|After|Before|By|From|As of|Until)\b[^,.;]{2,40},\s*)?"
    r"(?:(?P<person>(?:[Hh]e|[Ss]he|[Hh]is|[Hh]er)\b)|(?P<thing>(?:[Ii]t|[Ii]ts|[Tt]hey|[Tt]heir)\b)"
    r"|(?:[Tt]he|[Tt]his|[Tt]hese|[Tt]hose)\s+(?P<noun>[A-Za-z][\w-]+))"
)
_OPENING_CHINESE = re.compile(
    r"(?:第[一二三四五六七八九十百\d]+[条章节款])?[\s\d.、（(]*"
    r"(?:(?P<person>[他她]们?)|(?P<thing>[它其]们?)|(?P<noun>[该本]?公司|[该本][\u4e00-\u9fff]{2}))"
)
_ORDER = re.compile(
    r"[\"“(\s\-*•\d.)]*(?:(?:Then|Please|Always|Next|Finally|First),?\s)?(?P<verb>[A-Za-z][a-z]+)\s(?P<object>[a-z]+)"
)
_ORDER_CHINESE = re.compile(
    r"[\s\d.、（(]*(?:请|应|须|必须|然后|并|再|先|立即)?(?:更换|检查|拆下|安装|打开|关闭|清洗|联系|调整|确认|拧紧|测量|重启|重新|断开|连接|启动|停止)"
)
_ADVERBIAL = re.compile(
    r"\b(?:[Ii]n|[Aa]t|[Oo]n|[Ff]rom|[Dd]uring|[Aa]fter|[Bb]efore|[Nn]ear|[Uu]nder|[Ss]ince)(?:\sthe|\san?)?\s\Z"
)
_HANDLED = frozenset({"Code", "Product", "Concept", "Event"})
"""Types of what an order may be about."""
_HANGS_ON = frozenset({"", "of", "for", "of the", "for the"})


@dataclass(slots=True)
class Discourse:
    """What has been said up to a sentence: the topic, the earlier spans in order, and what was spoken of last."""

    topic: Topic | None
    past: Sequence[Span] = ()
    last: Span | None = None


def subject_of(text: str, bounds: tuple[int, int], spans: Sequence[Span], said: Discourse) -> Span | None:
    """The span that the sentence at `bounds` is about: one of its own `spans`, one said before it, or the topic.

    A rule of thumb after the centering of Grosz, Joshi and Weinstein (1995): what a text is about goes on until
    something else is named as its subject.
    """
    start, end = bounds
    first = next((span for span in spans if span.type not in VALUES), None)
    if said.last is not None and said.last.type in _HANDLED and _is_order(text, bounds, first):
        return said.last
    match = _OPENING.match(text, start, end) or _OPENING_CHINESE.match(text, start, end)
    if match and not (first and _is_opening_itself(match, first)):
        return _meant(match, said) or (first if len(spans) > 1 else _centre(said))
    if first is None:
        return _centre(said) or (spans[0] if spans else None)
    if said.topic is not None and not said.past and _is_alias(first, said.topic):
        return said.topic.span
    return _not_after_preposition(text, start, spans) or (
        said.topic.span if said.topic and said.topic.places else first
    )


def _is_order(text: str, bounds: tuple[int, int], first: Span | None) -> bool:
    """Whether the sentence tells the reader to do something, so that it belongs to what came before."""
    if _ORDER_CHINESE.match(text, *bounds):
        return True
    match = _ORDER.match(text, *bounds)
    if match is None or (first is not None and first.start <= match.start("verb")):
        return False
    verb = match["verb"].lower()
    if verb not in words("verbs"):
        return False
    return match["object"] in group("determiners") or match["object"] in words("stop_en") or verb not in words("nouns")


def _is_alias(span: Span, topic: Topic) -> bool:
    """Whether the first name of a passage is another form of its topic: they have a word in common."""
    shared = {word for word in topic.name.lower().split() if len(word) > 3}
    return not shared.isdisjoint(span.name.lower().split())


def _not_after_preposition(text: str, start: int, spans: Sequence[Span]) -> Span | None:
    """The first name that is no part of an adverbial such as "Born in Paris" or "During the war"."""
    for span in spans:
        if span.type not in VALUES and not _ADVERBIAL.search(text, max(start, span.start - 20), span.start):
            return span
    return None


def _is_opening_itself(match: re.Match[str], first: Span) -> bool:
    """Whether the first name is the noun after "the", or hangs on it as in "the purchase of P-987"."""
    if match["noun"] is None:
        return first.start < match.end()
    return first.start <= match.start("noun") or match.string[match.end() : first.start].strip() in _HANGS_ON


def _meant(match: re.Match[str], said: Discourse) -> Span | None:
    if match["person"]:
        return _person(said)
    if match["noun"]:
        return _by_noun(match["noun"].lower(), said)
    return _centre(said)


def _person(said: Discourse) -> Span | None:
    latest = _latest(said, "Person")
    topic = said.topic
    if topic is not None and (topic.type == "Person" or latest is None or (topic.type == "Concept" and topic.places)):
        return topic.span
    return latest


def _by_noun(noun: str, said: Discourse) -> Span | None:
    """The topic if its name has the noun, else the latest name that ends with it or is of its kind, else the centre."""
    topic = said.topic
    unlike = noun in group("companies") or noun in group("people")
    if topic is not None and (noun.lstrip("该本") in topic.name.lower() or (topic.places and not unlike)):
        return topic.span
    for span in reversed(said.past):
        if span.name.lower().endswith(noun.lstrip("该本")):
            return span
    if noun in group("companies"):
        return _latest(said, "Organization") or _centre(said)
    return _person(said) if noun in group("people") else None


def _centre(said: Discourse) -> Span | None:
    """The topic where the text itself names it; else what was spoken of last, else the topic."""
    topic = said.topic
    if topic is not None and (topic.places or topic.type != "Document"):
        return topic.span
    return said.last or (topic.span if topic else None)


def _latest(said: Discourse, kind: str) -> Span | None:
    return next((span for span in reversed(said.past) if span.type == kind), None)
