"""Makes of LightRAG's graph what each chunk says, so that it is kept like everything that documents say here.

LightRAG keeps of an entity one description, joined from all its chunks. Each of its chunks is taken to say all of that:
the entity then shows the same description, and rests on the same chunks. Names that differ only in capital letters and
white space are one entity here; what was known of each is joined.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from neolight.graph import keys
from neolight.graph.entities import MOST_SHOWN, StaleEntity
from neolight.graph.relations import StaleRelation
from neolight.ingest.lightrag.files import Embedded, Link, Piece, Text, Thing, WorkingDirectory, ends
from neolight.models import Extraction, Mention, Statement, TextChunk, Vector


@dataclass(frozen=True, slots=True)
class Converted:
    """What each chunk says, by its id there; vectors by the text that they are of; and what rests on no chunk."""

    extractions: Mapping[str, Extraction]
    vectors: Mapping[str, Vector]
    entities: int
    relations: int
    unfounded: tuple[str, ...]


@dataclass(slots=True)
class _Entity:
    names: list[str] = field(default_factory=list[str])
    types: list[str] = field(default_factory=list[str])
    descriptions: list[str] = field(default_factory=list[str])
    chunks: dict[str, None] = field(default_factory=dict[str, None])

    @property
    def mention(self) -> Mention:
        type_ = next((one for one in self.types if one), "Other")
        return Mention(self.names[0], type_, "\n".join(dict.fromkeys(self.descriptions)))


@dataclass(slots=True)
class _Relation:
    source: str
    target: str
    weight: float = 0.0
    keywords: list[str] = field(default_factory=list[str])
    descriptions: list[str] = field(default_factory=list[str])
    chunks: dict[str, None] = field(default_factory=dict[str, None])

    def statement(self, source: str, target: str) -> Statement:
        """What one of its chunks states: a part of its weight."""
        words = tuple(dict.fromkeys(self.keywords))
        said = "\n".join(dict.fromkeys(self.descriptions))
        return Statement(source, target, words, said, self.weight / max(len(self.chunks), 1))


def convert(found: WorkingDirectory) -> Converted:
    """What each chunk says."""
    known = {piece.id for piece in found.pieces}
    entities = _entities(found.entities, known)
    relations = _relations(found.relations, known)
    for relation in relations.values():
        for key in (relation.source, relation.target):
            entities.setdefault(key, _Entity(names=[key])).chunks.update(relation.chunks)
    unfounded = tuple(entity.names[0] for entity in entities.values() if not entity.chunks)
    mentions: dict[str, list[Mention]] = {}
    statements: dict[str, list[Statement]] = {}
    for entity in entities.values():
        for chunk in entity.chunks:
            mentions.setdefault(chunk, []).append(entity.mention)
    for relation in relations.values():
        stated = relation.statement(entities[relation.source].names[0], entities[relation.target].names[0])
        for chunk in relation.chunks:
            statements.setdefault(chunk, []).append(stated)
    return Converted(
        {id_: Extraction(tuple(mentions.get(id_, ())), tuple(statements.get(id_, ()))) for id_ in known},
        _vectors(found.vectors, entities, relations),
        sum(bool(entity.chunks) for entity in entities.values()),
        sum(bool(relation.chunks) for relation in relations.values()),
        unfounded,
    )


def _entities(things: Iterable[Thing], known: set[str]) -> dict[str, _Entity]:
    """Entities by key: the spelling with most chunks first."""
    merged: dict[str, _Entity] = {}
    for thing in sorted(things, key=lambda one: -len(one.chunks)):
        entity = merged.setdefault(keys.entity_key(thing.name), _Entity())
        entity.names.append(thing.name)
        entity.types.append(thing.type)
        entity.descriptions += thing.descriptions
        entity.chunks.update(dict.fromkeys(chunk for chunk in thing.chunks if chunk in known))
    return merged


def _relations(links: Iterable[Link], known: set[str]) -> dict[tuple[str, str], _Relation]:
    """Relations by the keys of their ends; one of an entity with itself is left out."""
    merged: dict[tuple[str, str], _Relation] = {}
    for link in links:
        source, target = keys.entity_key(link.source), keys.entity_key(link.target)
        if source == target:
            continue
        relation = merged.setdefault(ends(source, target), _Relation(source, target))
        relation.weight += link.weight
        relation.keywords += link.keywords
        relation.descriptions += link.descriptions
        relation.chunks.update(dict.fromkeys(chunk for chunk in link.chunks if chunk in known))
    return merged


def _vectors(
    embedded: Embedded, entities: Mapping[str, _Entity], relations: Mapping[tuple[str, str], _Relation]
) -> dict[str, Vector]:
    """Vectors of entities and relations by the text that the graph will find them to be of."""
    found: dict[str, Vector] = {}
    for entity in entities.values():
        vector = next((embedded.entities[name] for name in entity.names if name in embedded.entities), None)
        if vector is not None:
            mention = entity.mention
            found[StaleEntity("", mention.name, mention.description).text] = vector
    by_key = {ends(*(keys.entity_key(name) for name in pair)): vector for pair, vector in embedded.relations.items()}
    for pair, relation in relations.items():
        if pair in by_key:
            names = (entities[relation.source].names[0], entities[relation.target].names[0])
            stated = relation.statement(*names)
            words = ", ".join(sorted(stated.keywords)[:MOST_SHOWN])
            found[StaleRelation("", *names, words, stated.description).text] = by_key[pair]
    return found


def placed(document: Text, pieces: Sequence[Piece]) -> tuple[str, list[TextChunk]]:
    """A document's text and its chunks with their places in it.

    Where a chunk is not a part of the content, as of a file that LightRAG keeps in another form, the text is the
    chunks themselves, one after the other.
    """
    ordered = sorted(pieces, key=lambda piece: piece.order)
    chunks: list[TextChunk] = []
    last = 0
    for position, piece in enumerate(ordered):
        start = document.content.find(piece.content, last)
        if start < 0 or not piece.content:
            return _joined(ordered)
        end = start + len(piece.content)
        chunks.append(TextChunk(position, piece.content, piece.tokens, start, end))
        last = start
    return document.content, chunks


def _joined(pieces: Sequence[Piece]) -> tuple[str, list[TextChunk]]:
    chunks: list[TextChunk] = []
    at = 0
    for position, piece in enumerate(pieces):
        chunks.append(TextChunk(position, piece.content, piece.tokens, at, at + len(piece.content)))
        at += len(piece.content) + 2
    return "\n\n".join(piece.content for piece in pieces), chunks
