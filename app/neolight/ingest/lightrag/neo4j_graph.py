"""Reads a graph that LightRAG keeps in Neo4j: nodes with the workspace as their label, and relations DIRECTED.

That server is somebody else's and may be of any version, so these statements are plain Cypher and no bound queries.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString

from neolight.errors import NotFound
from neolight.graph.foreign import Foreign, reading
from neolight.ingest.lightrag.files import Chunks, Link, Thing, link, thing

USUAL_LABEL = "base"
"""The label where LightRAG was given no workspace."""

LABELS: LiteralString = """
    MATCH (node) WHERE node.entity_id IS NOT NULL
    UNWIND labels(node) AS label
    RETURN label, count(*) AS entities ORDER BY entities DESC"""
ENTITIES: LiteralString = """
    MATCH (node) WHERE $label IN labels(node) AND node.entity_id IS NOT NULL
    RETURN node.entity_id AS name, node.entity_type AS entity_type, node.description AS description,
      node.source_id AS source_id"""
RELATIONS: LiteralString = """
    MATCH (first)-[edge:DIRECTED]->(second) WHERE $label IN labels(first) AND $label IN labels(second)
    RETURN first.entity_id AS source, second.entity_id AS target, edge.keywords AS keywords,
      edge.description AS description, edge.weight AS weight, edge.source_id AS source_id"""


def read_graph(
    source: Foreign, labels: tuple[str, ...], entity_chunks: Chunks, relation_chunks: Chunks
) -> tuple[tuple[Thing, ...], tuple[Link, ...]]:
    """The entities and relations of the first of these labels that an entity there has.

    Raises:
        NotFound: no entity has one.
        ConfigurationError, NotFound, SourceUnavailable: as `reading` says.
    """
    with reading(source) as rows:
        label = _label(source, labels, [str(row["label"]) for row in rows(LABELS)])
        things = [thing(str(row["name"]), _texts(row), entity_chunks) for row in rows(ENTITIES, label=label)]
        links = [
            link((str(row["source"]), str(row["target"])), _texts(row), relation_chunks)
            for row in rows(RELATIONS, label=label)
        ]
    return tuple(things), tuple(links)


def _label(source: Foreign, wanted: tuple[str, ...], found: list[str]) -> str:
    label = next((one for one in wanted if one in found), None)
    if label is None:
        there = ", ".join(found[:20])
        hint = f"Labels of entities there: {there}." if there else "Name the database that LightRAG wrote to."
        raise NotFound(f"No entity of LightRAG's at {source.uri} has the label {' or '.join(wanted)}.", hint=hint)
    return label


def _texts(row: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in row.items() if value is not None}
