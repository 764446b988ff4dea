"""What a query may ask for at most: words, depth, aliases, and the objects that its nested pages multiply to.

Strawberry's own limiters of depth and aliases expand each fragment wherever it is spread: 744 characters took one of
them eight seconds. Here a fragment is measured once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
    get_named_type,
    value_from_ast_untyped,
)
from strawberry.extensions import MaxTokensLimiter, SchemaExtension

from neolight.errors import InvalidInput

MOST_TOKENS = 1000
MOST_DEPTH = 16
MOST_ALIASES = 30
MOST_OBJECTS = 20_000

MOST_ITEMS = 1000
"""Files, texts or ids of one call."""

WIDTHS = ("first", "maxNodes", "topK", "chunkTopK")
"""Arguments, and fields of an input, that say how many items come back."""


class TokensLimiter(MaxTokensLimiter):
    """Refuses a query of too many words before it is read further."""

    def __init__(self) -> None:
        super().__init__(MOST_TOKENS)


@dataclass(frozen=True, slots=True)
class Size:
    """How large a selection is: nested levels, aliases, and the objects that it can bring back."""

    depth: int = 0
    aliases: int = 0
    objects: int = 0


class SizeLimiter(SchemaExtension):
    """Refuses a query that is too deep, has too many aliases, or can bring back too many objects."""

    def on_operation(self) -> Iterator[None]:
        """Adds a validation rule that knows the variables of this operation."""
        variables = self.execution_context.variables or {}

        class SizeRule(ValidationRule):
            """Measures every operation of a document."""

            def enter_document(self, node: DocumentNode, *_: Any) -> None:
                for error in oversized(self.context, node, variables):
                    self.report_error(error)

        self.execution_context.validation_rules = (*self.execution_context.validation_rules, SizeRule)
        yield


def oversized(
    context: ValidationContext, document: DocumentNode, variables: Mapping[str, Any]
) -> Iterator[GraphQLError]:
    """What is too large in a document."""
    measure = Measure(context.schema, document, variables)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            size = measure.operation(node)
            for name, found, most in (
                ("nested levels", size.depth, MOST_DEPTH),
                ("aliases", size.aliases, MOST_ALIASES),
                ("objects by the product of its `first` arguments", size.objects, MOST_OBJECTS),
            ):
                if found > most:
                    extensions = {"code": InvalidInput.code, "hint": "Ask for less at once, or by several queries."}
                    message = f"The query asks for {found} {name}; the limit is {most}."
                    yield GraphQLError(message, node, extensions=extensions)


class Measure:
    """Measures operations; a fragment, however often it is spread, is measured once."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._schema = schema
        self._variables = dict(variables)
        fragments = (node for node in document.definitions if isinstance(node, FragmentDefinitionNode))
        self._fragments = {node.name.value: node for node in fragments}
        self._known: dict[str, Size] = {}

    def operation(self, node: OperationDefinitionNode) -> Size:
        """The size of an operation."""
        defaults = {one.variable.name.value: one.default_value for one in node.variable_definitions or ()}
        given = {name: value_from_ast_untyped(value) for name, value in defaults.items() if value is not None}
        self._variables = {**given, **self._variables}
        return self._selections(node.selection_set, self._schema.get_root_type(node.operation))

    def _selections(self, node: SelectionSetNode, parent: GraphQLNamedType | None) -> Size:
        spread = {one.name.value: one for one in node.selections if isinstance(one, FragmentSpreadNode)}
        others = (one for one in node.selections if not isinstance(one, FragmentSpreadNode))
        sizes = [self._selection(selection, parent) for selection in (*spread.values(), *others)]
        depth = max((size.depth for size in sizes), default=0)
        return Size(depth, sum(size.aliases for size in sizes), sum(size.objects for size in sizes))

    def _selection(self, node: SelectionNode, parent: GraphQLNamedType | None) -> Size:
        if isinstance(node, FieldNode):
            return self._field(node, parent)
        if isinstance(node, FragmentSpreadNode):
            return self._fragment(node.name.value)
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition
            kind = self._schema.get_type(condition.name.value) if condition else parent
            return self._selections(node.selection_set, kind)
        return Size()

    def _fragment(self, name: str) -> Size:
        if name not in self._known:
            self._known[name] = Size()  # A fragment within itself counts nothing: another rule refuses it.
            node = self._fragments.get(name)
            if node is not None:
                kind = self._schema.get_type(node.type_condition.name.value)
                self._known[name] = self._selections(node.selection_set, kind)
        return self._known[name]

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Size:
        alias = int(node.alias is not None)
        fields: Mapping[str, GraphQLField] = getattr(parent, "fields", {})
        definition = fields.get(node.name.value)
        if definition is None or node.selection_set is None:
            return Size(aliases=alias)
        inner = self._selections(node.selection_set, get_named_type(definition.type))
        objects = self._width(node, definition) * (1 + inner.objects)
        return Size(inner.depth + 1, inner.aliases + alias, objects)

    def _width(self, node: FieldNode, definition: GraphQLField) -> int:
        """How many items a field brings back at most, as its arguments say."""
        values = {name: one.default_value for name, one in definition.args.items()}
        values |= {one.name.value: value_from_ast_untyped(one.value, self._variables) for one in node.arguments or ()}
        nested = values.get("input")
        if isinstance(nested, dict):
            values |= nested
        wide = [value for name, value in values.items() if name in WIDTHS and isinstance(value, int)]
        listed = [len(value) for value in values.values() if isinstance(value, list)]
        tracked = [MOST_ITEMS] if values.get("trackId") else []
        return max([1, *wide, *listed, *tracked])
