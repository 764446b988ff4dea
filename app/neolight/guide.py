"""What extraction looks for, as a file: the form of neo4j-graphrag's GraphSchema, in JSON or YAML."""

from __future__ import annotations

import re
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from neolight.errors import InvalidInput
from neolight.graph.guides import Guide

MOST_TYPES = 100
"""Types of entities in a guide, and types of relations: each of them is sent with every passage."""

LONGEST_FILE = 100_000
"""Characters."""

HINT = (
    "Write `node_types` (names, or `label` and `description`), and if need be `relationship_types` (likewise), "
    "`patterns` (source, relationship, target) and `additional_node_types` (true or false)."
)

_PATTERN = re.compile(r"\(([^()]+)\)-\[([^\[\]]+)\]->\(([^()]+)\)")


def _row(value: object) -> object:
    return {"label": value} if isinstance(value, str) else value


def _triple(value: object) -> object:
    if isinstance(value, (list, tuple)) and len(value) == 3:
        return dict(zip(("source", "relationship", "target"), value, strict=True))
    return value


def _line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


Name = Annotated[str, BeforeValidator(_line), Field(min_length=1, max_length=40, pattern=r"^[^:()\[\]<>{}]*$")]
Meaning = Annotated[str, BeforeValidator(_line), Field(max_length=300)]


class TypeRow(BaseModel):
    """A type of entities or relations."""

    label: Name
    description: Meaning = ""


class PatternRow(BaseModel):
    """Which types of entities a type of relations connects."""

    source: Name
    relationship: Name
    target: Name


class GraphSchema(BaseModel):
    """What a file says. What else the form has (properties, constraints) is of no use here and passed over."""

    model_config = ConfigDict(extra="ignore")

    node_types: Annotated[list[Annotated[TypeRow, BeforeValidator(_row)]], Field(max_length=MOST_TYPES)] = []
    relationship_types: Annotated[list[Annotated[TypeRow, BeforeValidator(_row)]], Field(max_length=MOST_TYPES)] = []
    patterns: Annotated[list[Annotated[PatternRow, BeforeValidator(_triple)]], Field(max_length=2 * MOST_TYPES)] = []
    additional_node_types: bool = False

    def guide(self) -> Guide:
        """As it is kept. Raises InvalidInput where a pattern names a type that is not listed."""
        nodes, relations = ({row.label for row in rows} for rows in (self.node_types, self.relationship_types))
        for row in self.patterns:
            for name, known in ((row.source, nodes), (row.relationship, relations), (row.target, nodes)):
                if name not in known:
                    raise InvalidInput(f"A pattern names {name!r}, which is not among the types.", hint=HINT)
        return Guide(
            tuple(dict.fromkeys(map(_said, self.node_types))),
            tuple(dict.fromkeys(map(_said, self.relationship_types))),
            tuple(f"({row.source})-[{row.relationship}]->({row.target})" for row in self.patterns),
            self.additional_node_types,
        )


def read(text: str) -> Guide:
    """Reads JSON or YAML; an empty text is an empty guide. Raises InvalidInput, which says what is wrong and where."""
    if len(text) > LONGEST_FILE:
        raise InvalidInput(f"The types have {len(text)} characters; at most {LONGEST_FILE} are read.", hint=HINT)
    try:
        found: Any = yaml.safe_load(text)  # JSON is YAML
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InvalidInput(f"The types are neither JSON nor YAML: {str(error)[:200]}.", hint=HINT) from error
    try:
        return GraphSchema.model_validate({} if found is None else found).guide()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise InvalidInput(f"The types are not valid: {place}: {first['msg']}.", hint=HINT) from error


def schema_of(guide: Guide) -> GraphSchema:
    """A guide in the form of a file."""
    triples = (match.groups() for one in guide.patterns if (match := _PATTERN.fullmatch(one)))
    return GraphSchema(
        node_types=[_type(one) for one in guide.entity_types],
        relationship_types=[_type(one) for one in guide.relation_types],
        patterns=[PatternRow(source=one[0], relationship=one[1], target=one[2]) for one in triples],
        additional_node_types=guide.others,
    )


def written(guide: Guide) -> str:
    """A guide as YAML, which `read` reads."""
    return yaml.safe_dump(schema_of(guide).model_dump(), sort_keys=False, allow_unicode=True, width=120)


def _said(row: TypeRow) -> str:
    return f"{row.label}: {row.description}" if row.description else row.label


def _type(said: str) -> TypeRow:
    name, _, meaning = said.partition(":")
    return TypeRow(label=name, description=meaning)
