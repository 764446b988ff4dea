"""Reads the files of a LightRAG working directory: JSON stores, NanoVectorDB's vectors, and a graph as GraphML."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
import orjson
from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]  (it has no stubs)

from neolight.errors import InvalidInput, NotFound
from neolight.models import Vector, Vectors

DOCUMENTS = "kv_store_full_docs.json"
SEPARATOR = "<SEP>"
"""What joins several values in one field of LightRAG's."""

GRAPH = "graph_chunk_entity_relation.graphml"
GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"


@dataclass(frozen=True, slots=True)
class Text:
    """A document: its content and where it came from."""

    id: str
    content: str
    source: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk of a document."""

    id: str
    document_id: str
    content: str
    tokens: int
    order: int


@dataclass(frozen=True, slots=True)
class Thing:
    """An entity of the graph, and the chunks that it was found in."""

    name: str
    type: str
    descriptions: tuple[str, ...]
    chunks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A relation of the graph, and the chunks that it was found in."""

    source: str
    target: str
    keywords: tuple[str, ...]
    descriptions: tuple[str, ...]
    weight: float
    chunks: tuple[str, ...]


Chunks: TypeAlias = Mapping[str, tuple[str, ...]]
"""The chunks of each entity by its name, or of each relation by the names of its ends."""

ReadGraph: TypeAlias = Callable[[Chunks, Chunks], tuple[tuple[Thing, ...], tuple[Link, ...]]]
"""Gives entities and relations; takes the chunks of each where they are known."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """Vectors by the id of a chunk, the name of an entity, and the names of a relation's ends in order."""

    dimensions: int | None = None
    chunks: Mapping[str, Vector] = field(default_factory=dict[str, Vector])
    entities: Mapping[str, Vector] = field(default_factory=dict[str, Vector])
    relations: Mapping[tuple[str, str], Vector] = field(default_factory=dict[tuple[str, str], Vector])


@dataclass(frozen=True, slots=True)
class WorkingDirectory:
    """All that is taken over."""

    documents: Mapping[str, Text]
    pieces: tuple[Piece, ...]
    entities: tuple[Thing, ...]
    relations: tuple[Link, ...]
    vectors: Embedded


def read(folder: Path, graph: ReadGraph | None = None) -> WorkingDirectory:
    """Reads a working directory, with the graph from its file unless it is read otherwise.

    Raises:
        NotFound: the folder holds no LightRAG data.
        InvalidInput: a file is damaged.
    """
    if not (folder / DOCUMENTS).is_file():
        below = sorted(path.parent.name for path in folder.glob(f"*/{DOCUMENTS}")) if folder.is_dir() else []
        hint = f"Name the folder of a LightRAG workspace: {', '.join(below)}." if below else "Name its WORKING_DIR."
        raise NotFound(f"{folder} has no {DOCUMENTS}, so it is no working directory of LightRAG.", hint=hint)
    entity_chunks = _chunk_lists(folder / "kv_store_entity_chunks.json")
    relation_chunks = _chunk_lists(folder / "kv_store_relation_chunks.json")
    things, links = (graph or partial(_graph, folder / GRAPH))(entity_chunks, relation_chunks)
    return WorkingDirectory(_documents(folder), tuple(_pieces(folder)), things, links, _vectors(folder))


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        found = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"{path.name} is damaged: {error}.", hint="Copy the working directory anew.") from error
    if not isinstance(found, dict):
        raise InvalidInput(f"{path.name} is damaged: it is no object.", hint="Copy the working directory anew.")
    return cast("dict[str, Any]", found)


def _documents(folder: Path) -> dict[str, Text]:
    states = _json(folder / "kv_store_doc_status.json")
    return {
        id_: Text(
            id_, str(row.get("content") or ""), str(row.get("file_path") or states.get(id_, {}).get("file_path") or "")
        )
        for id_, row in _json(folder / DOCUMENTS).items()
    }


def _pieces(folder: Path) -> Iterator[Piece]:
    for id_, row in _json(folder / "kv_store_text_chunks.json").items():
        document = str(row.get("full_doc_id") or "")
        yield Piece(
            id_,
            document,
            str(row.get("content") or ""),
            int(row.get("tokens") or 0),
            int(row.get("chunk_order_index") or 0),
        )


def _chunk_lists(path: Path) -> Chunks:
    """The chunks of each entity or relation: all of them, where the graph itself keeps at most some hundred."""
    return {key: tuple(row.get("chunk_ids") or ()) for key, row in _json(path).items()}


def _graph(path: Path, entity_chunks: Chunks, relation_chunks: Chunks) -> tuple[tuple[Thing, ...], tuple[Link, ...]]:
    if not path.is_file():
        raise NotFound(
            f"{path.parent} has no {path.name}.", hint="If LightRAG kept its graph in Neo4j, name that by --neo4j-uri."
        )
    names: dict[str, str] = {}
    things: list[Thing] = []
    links: list[Link] = []
    try:
        for _, element in etree.iterparse(
            str(path),
            tag=[f"{GRAPHML}{tag}" for tag in ("key", "node", "edge")],
            resolve_entities=False,
            no_network=True,
        ):
            match element.tag.removeprefix(GRAPHML):
                case "key":
                    names[element.get("id", "")] = element.get("attr.name", "")
                case "node":
                    things.append(thing(element.get("id", ""), _data(element, names), entity_chunks))
                case _:
                    ends = element.get("source", ""), element.get("target", "")
                    links.append(link(ends, _data(element, names), relation_chunks))
            if not element.tag.endswith("key"):
                element.clear()
    except etree.XMLSyntaxError as error:
        raise InvalidInput(f"{path.name} is damaged: {error}.", hint="Copy the working directory anew.") from error
    return tuple(things), tuple(links)


def _data(element: Any, names: Mapping[str, str]) -> dict[str, str]:
    return {names.get(one.get("key"), ""): one.text or "" for one in element.iterchildren(f"{GRAPHML}data")}


def thing(name: str, data: Mapping[str, str], chunks: Chunks) -> Thing:
    """An entity from its fields there."""
    type_ = data.get("entity_type", "")
    known = chunks.get(name) or split(data.get("source_id"))
    return Thing(name, "" if type_ == "UNKNOWN" else type_, split(data.get("description")), known)


def link(ends: tuple[str, str], data: Mapping[str, str], chunks: Chunks) -> Link:
    """A relation from its fields there."""
    known = (
        chunks.get(SEPARATOR.join(ends)) or chunks.get(SEPARATOR.join(reversed(ends))) or split(data.get("source_id"))
    )
    keywords = dict.fromkeys(word.strip() for word in data.get("keywords", "").replace(SEPARATOR, ",").split(","))
    return Link(
        *ends,
        tuple(word for word in keywords if word),
        split(data.get("description")),
        _number(data.get("weight")),
        known,
    )


def _number(text: str | None) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 1.0


def split(text: str | None) -> tuple[str, ...]:
    """The values of a field that may hold several."""
    parts = (part.strip() for part in (text or "").split(SEPARATOR))
    return tuple(dict.fromkeys(part for part in parts if part))


def _vectors(folder: Path) -> Embedded:
    tables = [_table(folder / f"vdb_{name}.json") for name in ("chunks", "entities", "relationships")]
    sizes = {matrix.shape[1] for _, matrix in tables if len(matrix)}
    if len(sizes) > 1:
        raise InvalidInput("The vectors of chunks, entities and relations have different lengths.")
    (chunks, of_chunks), (entities, of_entities), (relations, of_relations) = tables
    return Embedded(
        sizes.pop() if sizes else None,
        {str(row["__id__"]): vector for row, vector in zip(chunks, of_chunks, strict=True)},
        {str(row.get("entity_name")): vector for row, vector in zip(entities, of_entities, strict=True)},
        {
            ends(str(row.get("src_id")), str(row.get("tgt_id"))): vector
            for row, vector in zip(relations, of_relations, strict=True)
        },
    )


def ends(first: str, second: str) -> tuple[str, str]:
    """The ends of a relation, whichever way it points."""
    return (first, second) if first <= second else (second, first)


def _table(path: Path) -> tuple[list[dict[str, Any]], Vectors]:
    """The rows of a table of NanoVectorDB and their vectors, shape (rows, dimensions), of unit length."""
    table = _json(path)
    rows = cast("list[dict[str, Any]]", list(cast("Iterable[Any]", table.get("data") or ())))
    size = int(table.get("embedding_dim") or 0)
    try:
        raw = np.frombuffer(base64.b64decode(table.get("matrix") or ""), dtype=np.float32)
        matrix = raw.reshape(len(rows), size) if rows else np.zeros((0, size), np.float32)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(f"{path.name} is damaged: {error}.", hint="Copy the working directory anew.") from error
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return rows, np.divide(matrix, lengths, out=np.zeros_like(matrix), where=lengths > 0)
