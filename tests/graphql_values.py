"""The arguments of a GraphQL document as plain values, and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

from graphql import (
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    parse,
    parse_value,
    print_ast,
    value_from_ast_untyped,
    visit,
)
from graphql.language import (
    ArgumentNode,
    EnumValueNode,
    FieldNode,
    ListValueNode,
    NameNode,
    ObjectValueNode,
    ValueNode,
)


class Word(str):
    """A value of an enumeration."""

    __slots__ = ()


class File(str):
    """The contents of a file."""

    __slots__ = ()


Change: TypeAlias = Callable[[str, dict[str, Any]], dict[str, Any]]
"""Takes a field (Query.document, or Document.chunks) and its arguments, and gives others."""


def changed(document: str, schema: GraphQLSchema, change: Change) -> tuple[str, list[str]]:
    """The document with changed arguments, and the contents of its files, which are the variables $file0 and so on."""
    files: list[str] = []
    info = TypeInfo(schema)

    class Arguments(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> FieldNode:
            parent = info.get_parent_type()
            given = {argument.name.value: of_node(argument.value) for argument in node.arguments or ()}
            definition = info.get_field_def()
            if definition is not None and "first" in definition.args:
                given.setdefault("first", 20)
            told = change(f"{parent and parent.name}.{node.name.value}", given)
            arguments = [
                ArgumentNode(name=NameNode(value=key), value=parse_value(written(value, files)))
                for key, value in told.items()
            ]
            return FieldNode(
                name=node.name, alias=node.alias, arguments=tuple(arguments), directives=node.directives,
                selection_set=node.selection_set,
            )  # fmt: skip

    tree = visit(parse(document), TypeInfoVisitor(info, Arguments()))
    text = print_ast(tree)
    if files:
        declared = ", ".join(f"$file{at}: Upload!" for at in range(len(files)))
        text = text.replace("mutation", f"mutation ({declared})", 1)
    return text, files


def of_node(node: ValueNode) -> Any:
    """A value that was written down."""
    match node:
        case EnumValueNode():
            return Word(node.value)
        case ListValueNode():
            return [of_node(one) for one in node.values]
        case ObjectValueNode():
            return {one.name.value: of_node(one.value) for one in node.fields}
        case _:
            return value_from_ast_untyped(node)


def written(value: Any, files: list[str]) -> str:
    """A value as a document has it; files become variables."""
    match value:
        case Word():
            return str(value)
        case File():
            files.append(value)
            return f"$file{len(files) - 1}"
        case list():
            return f"[{', '.join(written(one, files) for one in value)}]"
        case dict():
            return f"{{{', '.join(f'{key}: {written(one, files)}' for key, one in value.items())}}}"
        case _:
            return json.dumps(value)
