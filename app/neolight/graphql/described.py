"""Strawberry's decorators, with the docstring as the description that a client reads: a sentence is written once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, dataclass_transform

import strawberry

T = TypeVar("T")


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def graph_type(cls: type[T]) -> type[T]:
    """An object type."""
    return strawberry.type(cls, description=inspect.getdoc(cls))


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def graph_interface(cls: type[T]) -> type[T]:
    """An interface."""
    return strawberry.interface(cls, description=inspect.getdoc(cls))


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def graph_input(cls: type[T]) -> type[T]:
    """An input type."""
    return strawberry.input(cls, description=inspect.getdoc(cls))


def field(resolver: Callable[..., Any]) -> Any:
    """A field that a function resolves."""
    return strawberry.field(resolver, description=inspect.getdoc(resolver))


def mutation(resolver: Callable[..., Any]) -> Any:
    """A mutation."""
    return strawberry.mutation(resolver, description=inspect.getdoc(resolver))


def subscription(resolver: Callable[..., Any]) -> Any:
    """A subscription."""
    return strawberry.subscription(resolver, description=inspect.getdoc(resolver))


def about(text: str) -> Any:
    """A description of an argument, for `Annotated`."""
    return strawberry.argument(description=text)
