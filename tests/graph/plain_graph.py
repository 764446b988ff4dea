"""The graph in plain Python: documents, edits, and what follows from them; nothing of it is stored as an aggregate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphwork import Part

from neolight.graph import keys

MOST = 8


@dataclass
class Said:
    """What a chunk says of a name."""

    chunk: str
    key: str
    name: str
    type: str
    description: str


@dataclass
class Stated:
    """What a chunk states between two names."""

    chunk: str
    source: str
    target: str
    keywords: list[str]
    description: str
    weight: float


@dataclass
class Person:
    """What a person has set of an entity."""

    name: str | None = None
    type: str | None = None
    description: str | None = None
    made: str | None = None


@dataclass
class Line:
    """What a person has set of a relation."""

    made: bool = False
    description: str | None = None
    keywords: str | None = None
    weight: float | None = None

    @property
    def edited(self) -> bool:
        return self.made or any(value is not None for value in (self.description, self.keywords, self.weight))


@dataclass
class Other:
    """Another name of an entity: of which key, shown how, and what it is when it is an entity again."""

    of: str
    name: str
    renamed: bool
    person: Person


@dataclass
class Plain:
    """A workspace."""

    workspace: str
    chunks: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    said: list[Said] = field(default_factory=list[Said])
    stated: list[Stated] = field(default_factory=list[Stated])
    persons: dict[str, Person] = field(default_factory=dict[str, Person])
    others: dict[str, Other] = field(default_factory=dict[str, Other])
    lines: dict[frozenset[str], Line] = field(default_factory=dict[frozenset[str], Line])
    shown: dict[str, str] = field(default_factory=dict[str, str])
    """What each entity is called: it stays so when nothing else names the entity any more."""

    # what follows

    def root(self, key: str) -> str:
        while key in self.others:
            key = self.others[key].of
        return key

    def below(self, key: str) -> list[str]:
        found = [key]
        for one in found:
            found += [other for other, value in self.others.items() if value.of == one]
        return found

    def keys(self) -> list[str]:
        made = {self.root(key) for key, person in self.persons.items() if person.made is not None}
        made |= {self.root(key) for key, other in self.others.items() if other.person.made is not None}
        return sorted({self.root(one.key) for one in self.said} | made)

    def pairs(self) -> list[frozenset[str]]:
        found = {self.pair(one) for one in self.stated} | {pair for pair, line in self.lines.items() if line.made}
        return sorted((pair for pair in found if len(pair) == 2), key=sorted)

    def pair(self, one: Stated) -> frozenset[str]:
        return frozenset({self.root(one.source), self.root(one.target)})

    def entity(self, key: str) -> dict[str, Any]:
        said = [one for one in self.said if self.root(one.key) == key]
        person = self.persons.get(key, Person())
        names = voted(one.name for one in said)
        types = voted(one.type for one in said)
        name = person.name if person.name is not None else [*names, person.made or self.shown.get(key, "")][0]
        more = sorted({self.others[other].name for other in self.below(key)[1:]} - {name, *names})
        description = shown(one.description for one in said)
        return {
            "id": keys.entity_id(self.workspace, key),
            "key": key,
            "name": name,
            "type": person.type if person.type is not None else [*types, "Other"][0],
            "description": description if person.description is None else person.description,
            "aliases": ([other for other in names if other != name] + more)[: MOST - 1],
            "mention_count": len({one.chunk for one in said}),
        }

    def relation(self, pair: frozenset[str]) -> dict[str, Any]:
        stated = [one for one in self.stated if self.pair(one) == pair]
        line = self.lines.get(pair, Line())
        words = (
            stated[0].keywords[:MOST] if len(stated) == 1 else voted(word for one in stated for word in one.keywords)
        )
        weight = sum(one.weight for one in stated) + line.made
        return {
            "id": self.relation_id(pair),
            "ends": sorted(pair),
            "keywords": ", ".join(words) if line.keywords is None else line.keywords,
            "description": shown(one.description for one in stated) if line.description is None else line.description,
            "weight": weight if line.weight is None else line.weight,
            "evidence_count": len(stated),
        }

    def relation_id(self, pair: frozenset[str]) -> str:
        return keys.relation_id(self.workspace, *sorted(pair))

    def view(self) -> dict[str, list[Any]]:
        return {
            "entities": [self.entity(key) for key in self.keys()],
            "relations": sorted((self.relation(pair) for pair in self.pairs()), key=lambda row: row["id"]),
            "mentions": sorted(
                [one.chunk, self.root(one.key), one.key, one.name, one.type, one.description] for one in self.said
            ),
            "statements": sorted(
                [one.chunk, self.root(one.source), one.source, one.target, one.description, one.weight]
                for one in self.stated
            ),
            "aliases": sorted([key, self.root(key), other.name] for key, other in self.others.items()),
        }

    # documents

    def put(self, document: str, parts: Sequence[Part]) -> None:
        before = set(self.chunks.get(document, []))
        self.chunks[document] = []
        seen: Counter[str] = Counter()
        for text, extraction in parts:
            chunk = keys.chunk_id(document, text, seen[text])
            seen[text] += 1
            self.chunks[document].append(chunk)
            if chunk not in before and extraction is not None:
                self._hear(chunk, extraction)
        self._forget(before - set(self.chunks[document]))

    def drop(self, document: str) -> None:
        self._forget(set(self.chunks.pop(document)))

    def _hear(self, chunk: str, extraction: Any) -> None:
        said: dict[str, Said] = {}
        stated: dict[tuple[str, str], Stated] = {}
        for one in extraction.mentions:
            key = keys.entity_key(one.name)
            row = said.setdefault(key, Said(chunk, key, one.name, keys.type_label(one.type), one.description))
            row.description = max(row.description, one.description, key=len)
        for one in extraction.statements:
            source, target = keys.entity_key(one.source), keys.entity_key(one.target)
            if source == target:
                continue
            for key, name in ((source, one.source), (target, one.target)):
                said.setdefault(key, Said(chunk, key, name, "Other", one.description))
            row = stated.setdefault((source, target), Stated(chunk, source, target, [], "", 0.0))
            row.keywords = list(dict.fromkeys([*row.keywords, *one.keywords]))
            if one.description not in row.description.splitlines():
                row.description = f"{row.description}\n{one.description}".strip()
            row.weight += one.weight
        self.said += said.values()
        self.stated += stated.values()

    def _forget(self, chunks: set[str]) -> None:
        self.said = [one for one in self.said if one.chunk not in chunks]
        self.stated = [one for one in self.stated if one.chunk not in chunks]
        self.tidy()

    def tidy(self) -> None:
        """What nothing supports goes, with what was set of it."""
        there = set(self.keys())
        self.others = {key: other for key, other in self.others.items() if self.root(key) in there}
        self.persons = {key: person for key, person in self.persons.items() if key in there}
        self.lines = {pair: line for pair, line in self.lines.items() if pair <= there}
        pairs = set(self.pairs())
        self.lines = {pair: line for pair, line in self.lines.items() if pair in pairs}
        self.shown = {key: self.entity(key)["name"] for key in self.keys()}

    # edits

    def create(self, name: str, type_: str, description: str) -> bool:
        key = keys.entity_key(name)
        if key in self.others or key in self.keys():
            return False
        self.persons[key] = Person(name, type_, description, made=name)
        return True

    def update(self, key: str, values: dict[str, str | None]) -> bool:
        person = self.persons.get(key, Person())
        if "name" in values:
            name = values["name"]
            if name is not None:
                new = keys.entity_key(name)
                if self.root(new) != key and (new in self.others or new in self.keys()):
                    return False
                if new != key and new not in self.others:
                    self.others[new] = Other(key, name, True, Person())
            elif person.name is not None:
                new = keys.entity_key(person.name)
                if new in self.others and self.others[new].renamed and self.root(new) == key:
                    self._apart(new)
        person = self.persons.setdefault(key, person)
        for name, value in values.items():
            setattr(person, name, value)
        self.tidy()
        return True

    def merge(self, sources: Sequence[str], target: str, *, keep: bool) -> None:
        into, whole = self.entity(target), [self.persons.get(key, Person()) for key in [target, *sources]]
        names = {key: self.entity(key)["name"] for key in sources}
        ordered = sorted((line for line in self.lines if line & set(sources)), key=self.relation_id)
        old = [(pair, self.lines.pop(pair)) for pair in ordered]
        for key in sources:
            self.others[key] = Other(target, names[key], False, self.persons.pop(key, Person()))
        carried: dict[frozenset[str], list[Line]] = {}
        for pair, line in old:
            new = frozenset(self.root(key) for key in pair)
            if len(new) == 2 and line.edited:
                carried.setdefault(new, [self.lines.get(new, Line())]).append(line)
        for new, lines in carried.items():
            weights = [line.weight for line in lines if line.weight is not None]
            self.lines[new] = Line(
                any(line.made for line in lines),
                union([line.description for line in lines], "\n"),
                union([line.keywords for line in lines], ", "),
                max(weights) if weights else None,
            )
        person = self.persons.setdefault(target, Person())
        person.name = into["name"]
        if keep:
            person.type, person.description = into["type"], into["description"]
        else:
            person.type = next((one.type for one in whole if one.type is not None), None)
            person.description = union([one.description for one in whole], "\n")
        self.tidy()

    def split(self, key: str) -> None:
        self._apart(key)
        self.tidy()

    def _apart(self, key: str) -> None:
        self.persons[key] = self.others.pop(key).person

    def delete(self, key: str) -> None:
        gone = set(self.below(key))
        self.said = [one for one in self.said if one.key not in gone]
        self.stated = [one for one in self.stated if not {one.source, one.target} & gone]
        self.persons.pop(key, None)
        for other in gone - {key}:
            del self.others[other]
        self.lines = {pair: line for pair, line in self.lines.items() if key not in pair}
        self.tidy()

    def relate(self, pair: frozenset[str], values: dict[str, Any]) -> bool:
        if pair in self.pairs():
            return False
        self.lines[pair] = Line(True)
        return self.change(pair, values)

    def change(self, pair: frozenset[str], values: dict[str, Any]) -> bool:
        line = self.lines.setdefault(pair, Line())
        for name, value in values.items():
            setattr(line, name, ", ".join(value) if name == "keywords" and value is not None else value)
        return True

    def part(self, pair: frozenset[str]) -> None:
        self.stated = [one for one in self.stated if self.pair(one) != pair]
        self.lines.pop(pair, None)


def voted(values: Iterable[str]) -> list[str]:
    votes = Counter(values)
    return sorted(votes, key=lambda value: (-votes[value], value))[:MOST]


def shown(values: Iterable[str]) -> str:
    """The longest that fit in 2,400 characters together, each on a line."""
    kept: list[str] = []
    for value in sorted({value for value in values if value}, key=lambda value: (-len(value), value))[:64]:
        if not kept or len("\n".join([*kept, value])) <= 2400:
            kept.append(value)
    return "\n".join(kept)


def union(texts: Sequence[str | None], mark: str) -> str | None:
    written = [text for text in texts if text is not None]
    return mark.join(dict.fromkeys(part for text in written for part in text.split(mark) if part)) if written else None
