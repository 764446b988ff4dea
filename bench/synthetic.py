"""A graph of any size that is shaped like a real one: clustered vectors, Zipf degrees, words of a Zipf vocabulary.

It is written as the CSV files that neo4j-admin imports, with the properties that the program itself would write;
originals and extracted texts are left out. Vectors are whole numbers from -127 to 127, which cosine does not mind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neolight.graph import keys
from shape import DIMENSIONS, Asked, Shape

MENTIONS_A_CHUNK = 10
STATEMENTS_A_CHUNK = 2
WORDS_A_CHUNK = 60
VOCABULARY = 50_000
MANDELBROT = 10.0
"""Shift of the Zipf-Mandelbrot law: the largest hub has about one in a hundred of all mentions."""
NOISE = 1.0
"""Length of the noise beside a cluster's centre of length 1: neighbours have a cosine of about .5, as WordLlama's."""
BLOCK = 20_000
CREATED = "2026-01-01T00:00:00Z"

Ints = NDArray[np.int64]


class Synthetic:
    """The graph of a shape: `write` writes it, `probes` asks for what is in it."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self._random = np.random.default_rng(shape.seed)
        self._centres = _unit(self._random.standard_normal((shape.clusters, DIMENSIONS), dtype=np.float32))
        self._words = np.array(list(_pseudo_words(VOCABULARY)))
        self.mentions = self._mentions()
        """The entities of each chunk: shape (chunks, MENTIONS_A_CHUNK)."""
        self.cluster = self._random.integers(0, shape.clusters, shape.chunks)
        """The themes of chunks, and of entities."""
        more = np.random.default_rng(shape.seed + 2)
        self.cluster = np.append(self.cluster, more.integers(0, shape.clusters, shape.entities - shape.chunks))
        self._hubs = self._hub_relations(more)
        if shape.everywhere:
            self.mentions[:, 2 * STATEMENTS_A_CHUNK] = shape.hub(0)

    def _hub_relations(self, random: np.random.Generator) -> Ints:
        """Which chunk states that which hub relates to which other entity: shape (hubs * hub_relations, 3)."""
        shape, count = self.shape, self.shape.hubs * self.shape.hub_relations
        hubs = [shape.hub(number) for number in range(shape.hubs)]
        others = np.setdiff1d(np.arange(shape.entities), hubs)
        chosen = [random.choice(others, shape.hub_relations, replace=False) for _ in hubs]
        ends = np.stack([np.repeat(hubs, shape.hub_relations), np.ravel(chosen)], axis=1).astype(np.int64)
        return np.column_stack([random.integers(0, shape.chunks, count), ends])

    def _told(self) -> Ints:
        """Which chunk mentions which entity, each pair once: shape (mentions, 2)."""
        chunks = np.repeat(np.arange(self.shape.chunks), MENTIONS_A_CHUNK)
        pairs = np.concatenate(
            [np.column_stack([chunks, self.mentions.ravel()]), self._hubs[:, :2], self._hubs[:, ::2]]
        )
        entities = self.shape.entities
        return np.column_stack(np.divmod(np.unique(pairs[:, 0] * entities + pairs[:, 1]), entities))

    def _mentions(self) -> Ints:
        """Half of them hubs by the Zipf-Mandelbrot law, half of them entities of the chunk's own neighbourhood.

        Where there are many workspaces, all of them are entities of the chunk's own document.
        """
        count, half = self.shape.chunks, MENTIONS_A_CHUNK // 2
        if self.shape.workspaces > 1:
            size = self.shape.chunks_a_document
            first = np.arange(count)[:, None] // size * size
            own = first + self._random.integers(0, size, (count, MENTIONS_A_CHUNK))
            return np.minimum(own, count - 1)
        weights = 1 / (np.arange(count) + MANDELBROT)
        drawn = np.searchsorted(np.cumsum(weights) / weights.sum(), self._random.random((count, half)))
        near = (np.arange(count)[:, None] + self._random.integers(0, 20, (count, MENTIONS_A_CHUNK - half))) % count
        return np.concatenate([np.minimum(drawn, count - 1), near], axis=1)

    def workspace(self, chunk: int) -> str:
        """The workspace of a chunk: documents are dealt out in turn."""
        return f"w{self.document(chunk) % self.shape.workspaces}"

    def document(self, chunk: int) -> int:
        """The document of a chunk."""
        return chunk // self.shape.chunks_a_document

    def name(self, entity: int) -> str:
        """The name of an entity: two words and its number."""
        first, second = self._words[entity * 7919 % VOCABULARY], self._words[entity * 104_729 % VOCABULARY]
        return f"{first.title()} {second.title()} {entity}"

    def vectors(self, clusters: Ints) -> NDArray[np.float32]:
        """One vector for each cluster number: shape (n, DIMENSIONS), unit length."""
        noise = _unit(self._random.standard_normal((len(clusters), DIMENSIONS), dtype=np.float32))
        return _unit(self._centres[clusters] + NOISE * noise)

    def write(self, folder: Path) -> dict[str, int]:
        """Writes the files; returns how many nodes and edges there are.

        For exact search, `chunks.npy` and `relations.npy` keep the vectors, and `stated.npy` which chunk states which
        relation: shape (statements, 2).
        """
        folder.mkdir(parents=True, exist_ok=True)
        drawn = self.mentions[:, : 2 * STATEMENTS_A_CHUNK].reshape(-1, 2)
        pairs = np.sort(np.concatenate([drawn, self._hubs[:, 1:]]), axis=1)
        stated = pairs[:, 0] != pairs[:, 1]
        unique, relation_of, evidence = np.unique(pairs[stated], axis=0, return_inverse=True, return_counts=True)
        chunk_of = np.append(np.repeat(np.arange(self.shape.chunks), STATEMENTS_A_CHUNK), self._hubs[:, 0])[stated]
        self._kept = {
            name: np.lib.format.open_memmap(folder / f"{name}.npy", "w+", dtype=np.int8, shape=(count, DIMENSIONS))
            for name, count in (("chunks", self.shape.chunks), ("relations", len(unique)))
        }
        np.save(folder / "stated.npy", np.stack([chunk_of, relation_of.ravel()], axis=1))
        told = self._told()
        mentioned = np.bincount(told[:, 1], minlength=self.shape.entities)
        counts = {
            "Workspace": self._table(folder / "workspaces.csv", WORKSPACES, self._workspaces()),
            "Document": self._table(folder / "documents.csv", DOCUMENTS, self._documents()),
            "Chunk": self._table(folder / "chunks.csv", CHUNKS, self._chunks()),
            "Entity": self._table(folder / "entities.csv", ENTITIES, self._entities(mentioned)),
            "HAS_CHUNK": self._table(folder / "has_chunk.csv", HAS_CHUNK, self._contained()),
            "NEXT": self._table(folder / "next.csv", NEXT, self._chain()),
            "MENTIONS": self._table(folder / "mentions.csv", MENTIONS, self._mentioned(told)),
            "RELATES": self._table(folder / "relates.csv", RELATES, self._related(unique, evidence)),
            "STATES": self._table(folder / "states.csv", STATES, self._stated(chunk_of, relation_of.ravel(), unique)),
        }
        for kept in self._kept.values():
            kept.flush()
        return counts

    def questions(self, count: int, hubs: int = 0) -> Iterator[Asked]:
        """Questions about passages drawn at random: a vector of the passage's theme, its words, and names in it.

        Instead of the latter, names of so many hubs, if they are wanted.
        """
        random = np.random.default_rng(self.shape.seed + 1)
        for chunk in random.integers(0, self.shape.chunks, count):
            theme = self.cluster[chunk]
            words = self._words[(theme * 97 + random.integers(0, 50, 6)) % VOCABULARY]
            named = random.choice(self.shape.hubs, hubs, replace=False) if hubs else ()
            entities = [self.shape.hub(int(hub)) for hub in named] or self.mentions[chunk][-2:]
            names = [self.name(int(entity)) for entity in entities]
            noise = _unit(random.standard_normal((1, DIMENSIONS), dtype=np.float32))
            vector = _unit(self._centres[[theme]] + NOISE * noise)[0]
            yield Asked(int(chunk), self.workspace(int(chunk)), vector, tuple(words), tuple(names))

    @staticmethod
    def _table(path: Path, header: str, rows: Iterator[str]) -> int:
        count = 0
        with path.open("w", encoding="ascii") as file:
            file.write(header + "\n")
            for row in rows:
                file.write(row + "\n")
                count += 1
        return count

    def _workspaces(self) -> Iterator[str]:
        for number in range(self.shape.workspaces):
            yield f"{number},w{number},{keys.scope(f'w{number}')},1,{CREATED}"

    def _documents(self) -> Iterator[str]:
        size = self.shape.chunks_a_document
        for number in range(-(-self.shape.chunks // size)):
            first = number * size
            chunks = min(size, self.shape.chunks - first)
            space = self.workspace(first)
            yield f"{number},doc-{number},{space},report {number},report-{number}.txt,{chunks},{CREATED},{CREATED}"

    def _chunks(self) -> Iterator[str]:
        scopes = [keys.scope(f"w{number}") for number in range(self.shape.workspaces)]
        for block in _blocks(self.shape.chunks):
            zipf = np.minimum(self._random.zipf(1.2, (len(block), WORDS_A_CHUNK - 10)), VOCABULARY) - 1
            themed = (self.cluster[block, None] * 97 + self._random.integers(0, 50, (len(block), 10))) % VOCABULARY
            words = self._words[np.concatenate([zipf, themed], axis=1)]
            scaled = _scaled(self.vectors(self.cluster[block]))
            self._kept["chunks"][block] = scaled
            for chunk, line, vector in zip(block, words, _texts(scaled), strict=True):
                document, position = divmod(int(chunk), self.shape.chunks_a_document)
                space = document % self.shape.workspaces
                yield (
                    f"{chunk},chunk-{chunk},w{space},{scopes[space]},doc-{document},1,{position},"
                    f"{' '.join(line)},80,{position * 400},{position * 400 + 390},{vector}"
                )

    def _entities(self, mentioned: Ints) -> Iterator[str]:
        for block in _blocks(self.shape.entities):
            vectors = _texts(_scaled(self.vectors(self.cluster[block])))
            for entity, times, vector in zip(block, mentioned[block], vectors, strict=True):
                name, space = self.name(int(entity)), self.workspace(int(entity))
                kind = ("Person", "Organization", "Location", "Concept", "Product")[entity % 5]
                yield (
                    f"{entity},ent-{entity},{space},{keys.scope(space)},{name},{name.lower()},{kind},"
                    f"{name} is what {times} passages speak of.,{max(1, times)},{CREATED},{vector},Entity;{kind}"
                )

    def _contained(self) -> Iterator[str]:
        for chunk in range(self.shape.chunks):
            yield f"{self.document(chunk)},{chunk}"

    def _chain(self) -> Iterator[str]:
        for one, other in pairwise(range(self.shape.chunks)):
            if self.document(one) == self.document(other):
                yield f"{one},{other}"

    def _mentioned(self, told: Ints) -> Iterator[str]:
        for block in _blocks(len(told)):
            for chunk, entity in told[block].tolist():
                yield f"{chunk},{entity},{self.name(entity)},Concept,What passage {chunk} says of it."

    def _related(self, unique: Ints, evidence: Ints) -> Iterator[str]:
        for block in _blocks(len(unique)):
            end = np.where(np.isin(unique[block, 0], self._hubs[:, 1]), unique[block, 1], unique[block, 0])
            scaled = _scaled(self.vectors(self.cluster[end]))
            self._kept["relations"][block] = scaled
            vectors = _texts(scaled)
            for number, (one, other), times, vector in zip(block, unique[block], evidence[block], vectors, strict=True):
                yield (
                    f"{one},{other},rel-{number},{self.workspace(int(one))},ent-{one},ent-{other},theme {one % 100},"
                    f"{self.name(int(one))} works with {self.name(int(other))}.,{times}.0,{times},{CREATED},{vector}"
                )

    def _stated(self, chunk_of: Ints, relation_of: Ints, unique: Ints) -> Iterator[str]:
        for chunk, relation in zip(chunk_of, relation_of, strict=True):
            one = unique[relation, 0]
            yield f"{chunk},{one},rel-{relation},theme {one % 100},What passage {chunk} states.,1.0"


WORKSPACES = ":ID(Workspace),name,scope,content_version:long,created_at:datetime"
DOCUMENTS = ":ID(Document),id,workspace,title,source,chunk_count:long,created_at:datetime,updated_at:datetime"
CHUNKS = (
    ":ID(Chunk),id,workspace,scope,document_id,revision:long,position:long,text,tokens:long,start:long,end:long,"
    "embedding:double[]"
)
ENTITIES = (
    ":ID(Entity),id,workspace,scope,name,key,type,description,mention_count:long,created_at:datetime,"
    "embedding:double[],:LABEL"
)
HAS_CHUNK = ":START_ID(Document),:END_ID(Chunk)"
NEXT = ":START_ID(Chunk),:END_ID(Chunk)"
MENTIONS = ":START_ID(Chunk),:END_ID(Entity),name,type,description"
RELATES = (
    ":START_ID(Entity),:END_ID(Entity),id,workspace,source_id,target_id,keywords,description,weight:double,"
    "evidence_count:long,created_at:datetime,embedding:double[]"
)
STATES = ":START_ID(Chunk),:END_ID(Entity),relation_id,keywords:string[],description,weight:double"

NODES = {"Workspace": "workspaces", "Document": "documents", "Chunk": "chunks", "": "entities"}
EDGES = {"HAS_CHUNK": "has_chunk", "NEXT": "next", "MENTIONS": "mentions", "RELATES": "relates", "STATES": "states"}

_NUMBERS = np.array([str(number) for number in range(-127, 128)])


def _scaled(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    return np.rint(vectors * (127 / np.abs(vectors).max(axis=1, keepdims=True))).astype(np.int8)


def _texts(scaled: NDArray[np.int8]) -> Iterator[str]:
    for row in scaled.astype(np.int16) + 127:
        yield ";".join(_NUMBERS[row])


def _unit(rows: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def _blocks(count: int) -> Iterator[Ints]:
    for start in range(0, count, BLOCK):
        yield np.arange(start, min(start + BLOCK, count))


def _pseudo_words(count: int) -> Iterator[str]:
    """Words that can be said, all different: syllables by number."""
    syllables: Sequence[str] = [c + v for c in "bdfgklmnprstvz" for v in ("a", "e", "i", "o", "u", "an", "el", "or")]
    for number in range(count):
        word, rest = "", number + len(syllables)
        while rest:
            rest, digit = divmod(rest, len(syllables))
            word += syllables[digit]
        yield word
