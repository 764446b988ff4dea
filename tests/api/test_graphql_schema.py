"""The schema: what is committed is what is served, and everything in it is described."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType, build_schema

from neolight import models
from neolight.graphql.enums import DocumentStatus
from neolight.graphql.export import sdl
from neolight.retrieval.modes import MODES

SCHEMA = build_schema(sdl())


def test_the_committed_schema_is_the_one_that_is_served() -> None:
    committed = Path(__file__).parents[2] / "schema" / "schema.graphql"
    assert committed.read_text("utf-8") == sdl(), "Run `make schema`."


def parts() -> Iterator[tuple[str, str | None]]:
    """Whatever can have a description, with it: types, fields, arguments, values."""
    for name, kind in SCHEMA.type_map.items():
        yield name, kind.description
        if isinstance(kind, GraphQLEnumType):
            yield from ((f"{name}.{value}", one.description) for value, one in kind.values.items())
        if isinstance(kind, (GraphQLInputObjectType, GraphQLObjectType, GraphQLInterfaceType)):
            for field, one in kind.fields.items():
                yield f"{name}.{field}", one.description
                arguments = getattr(one, "args", {})
                yield from ((f"{name}.{field}({arg})", its.description) for arg, its in arguments.items())


def test_everything_is_described() -> None:
    assert [name for name, description in parts() if not name.startswith("__") and not description] == []


def test_modes_and_statuses_are_those_of_the_program() -> None:
    modes = SCHEMA.type_map["Mode"]
    assert isinstance(modes, GraphQLEnumType)
    assert list(modes.values) == list(MODES)
    assert [status.name for status in DocumentStatus] == [status.value for status in models.DocumentStatus]


def test_what_has_an_id_is_a_node() -> None:
    nodes = {kind.name for kind in SCHEMA.get_implementations(SCHEMA.type_map["Node"]).objects}  # type: ignore[arg-type]
    assert nodes == {"Document", "Chunk", "Entity", "Relation", "Question"}
