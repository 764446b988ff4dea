"""Queries that have been read and found valid before: clients send the same few texts again and again."""

from __future__ import annotations

from collections.abc import Iterator

from cachetools import LRUCache
from graphql import DocumentNode, specified_rules
from strawberry.extensions import SchemaExtension

MOST_KNOWN = 256
LONGEST_KNOWN = 16_384
"""Characters of a text that is kept; comments and strings count as no words, and so have no other limit."""

Known = LRUCache[str, DocumentNode]


class KnownQueries(SchemaExtension):
    """Reads a text once, and validates it once by the rules of the language.

    The rules that other extensions have added are about who asks and with which variables: they are applied every time.
    """

    def __init__(self, known: Known) -> None:
        self._known = known

    def on_parse(self) -> Iterator[None]:
        """Takes the document of a known text."""
        context = self.execution_context
        if context.query:
            context.graphql_document = self._known.get(context.query)
        yield

    def on_validate(self) -> Iterator[None]:
        """Leaves out the rules that a known text has passed, and keeps a text that has passed all."""
        context = self.execution_context
        if context.query in self._known:
            context.validation_rules = tuple(rule for rule in context.validation_rules if rule not in specified_rules)
        yield
        text, document = context.query or "", context.graphql_document
        if document and len(text) <= LONGEST_KNOWN and not context.pre_execution_errors:
            self._known[text] = document
