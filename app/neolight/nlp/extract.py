"""Entities and relations of a passage without a language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from neolight.models import Extraction, Mention, Statement
from neolight.nlp.acronyms import Acronym, acronyms, typed, with_acronyms
from neolight.nlp.chinese import is_chinese
from neolight.nlp.chinese_names import chinese_names
from neolight.nlp.focus import VALUES, Discourse, subject_of
from neolight.nlp.names import names
from neolight.nlp.patterns import Span, shaped
from neolight.nlp.relate import relations, shortened
from neolight.nlp.resolve import resolved
from neolight.nlp.sentences import sentences
from neolight.nlp.terms import terms
from neolight.nlp.tokens import tokens
from neolight.nlp.topic import Topic, topic_of, with_topic


def extract(text: str, title: str | None = None, section: str | None = None) -> Extraction:
    """Entities of a passage and the relations between those that share a sentence.

    Title and section are those of the passage's document: the title's entity is the topic, to which sentences
    belong that open with a pronoun; orders at the beginning belong to what the section's heading names.
    Descriptions are the sentences themselves, at most 300 characters long. Words of the same name in different
    cases are one entity. Raises nothing.
    """
    topic = topic_of(title, text)
    bounds = sentences(text)
    spans = _spans(text, bounds, topic, f"{title or ''} {section or ''}")
    found = acronyms(text, spans)
    spans = resolved(with_topic(typed(with_acronyms(spans, found), found), topic), topic)
    notes = _Notes(text, Discourse(topic, last=_heading_of(section or "")))
    notes.read(bounds, spans)
    notes.add_acronyms(bounds, found)
    return Extraction(tuple(notes.mentions.values()), tuple(notes.statements.values()))


def named_spans(text: str) -> list[Span]:
    """Names, codes, values and terms of a text by itself, in order and apart from each other."""
    return _spans(text, sentences(text), None, "")


def _spans(text: str, bounds: list[tuple[int, int]], topic: Topic | None, context: str) -> list[Span]:
    spans = shaped(text)
    words = tokens(text, bounds, spans)
    spans += names(words, topic.name.split() if topic and topic.type == "Person" else ())
    spans += terms(words, context)
    spans += chinese_names(text, bounds, spans) if is_chinese(text) else []
    return _apart(spans)


def _apart(spans: list[Span]) -> list[Span]:
    """The spans without those that lie inside another one."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


@lru_cache(maxsize=4096)
def _heading_of(section: str) -> Span | None:
    """What a section's heading names, a code before anything else."""
    spans = [span for span in named_spans(section) if span.type not in VALUES]
    best = next((span for span in spans if span.type == "Code"), spans[-1] if spans else None)
    return replace(best, start=-1, end=-1) if best else None


@dataclass(slots=True)
class _Notes:
    """What is taken down while the sentences of a passage are read in order."""

    text: str
    said: Discourse
    mentions: dict[str, Mention] = field(default_factory=dict[str, Mention])
    statements: dict[frozenset[str], Statement] = field(default_factory=dict[frozenset[str], Statement])

    def read(self, bounds: Sequence[tuple[int, int]], spans: Sequence[Span]) -> None:
        position = 0
        for start, end in bounds:
            first = position
            while position < len(spans) and spans[position].start < end:
                position += 1
            self.said.past = spans[:first]
            self.read_sentence((start, end), spans[first:position])

    def read_sentence(self, bounds: tuple[int, int], here: Sequence[Span]) -> None:
        sentence = shortened(self.text[slice(*bounds)])
        for span in here:
            self.mention(span, sentence)
        subject = subject_of(self.text, bounds, here, self.said)
        if subject is None:
            return
        stated = relations(self.text, bounds, here, subject)
        if any(statement.source == subject.name for statement in stated):
            self.mention(subject, sentence)
        for statement in stated:
            self.state(statement)
        self.said.last = subject

    def mention(self, span: Span, sentence: str) -> None:
        """Notes an entity at its first mention; a later one only tells its type, where the first did not."""
        key = span.name.casefold()
        known = self.mentions.get(key)
        if known is None:
            self.mentions[key] = Mention(span.name, span.type, sentence)
        elif known.type == "Concept" and span.type != "Concept":
            self.mentions[key] = replace(known, type=span.type)

    def state(self, statement: Statement) -> None:
        """Notes a relation, once for each pair, by the names that its ends have as entities."""
        source, target = statement.source.casefold(), statement.target.casefold()
        named = replace(statement, source=self.mentions[source].name, target=self.mentions[target].name)
        self.statements.setdefault(frozenset((source, target)), named)

    def add_acronyms(self, bounds: Sequence[tuple[int, int]], found: Sequence[Acronym]) -> None:
        for one in found:
            short, long = one.short.name, one.long.name
            if short.casefold() in self.mentions and long.casefold() in self.mentions:
                start, end = next(place for place in bounds if one.short.start < place[1])
                described = shortened(self.text[start:end])
                key = frozenset((short.casefold(), long.casefold()))
                self.statements[key] = Statement(long, short, ("abbreviation",), described)
