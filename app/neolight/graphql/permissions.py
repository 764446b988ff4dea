"""Refuses fields of Query, Mutation and Subscription that the caller's role does not reach, before any is resolved."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from graphql import FieldNode, GraphQLError, ValidationRule
from strawberry.extensions import SchemaExtension

from neolight.auth.permissions import of_field
from neolight.auth.principal import Principal
from neolight.errors import Forbidden, Unauthenticated
from neolight.graphql.context import Context


class RoleLimiter(SchemaExtension):
    """Adds a validation rule that knows who asks."""

    def on_operation(self) -> Iterator[None]:
        """Validation sees every field of a document once, in fragments and in operations that are not run as well."""
        context: Context = self.execution_context.context
        principal = context.principal

        class RoleRule(ValidationRule):
            """Checks the fields of the root types against the list of permissions."""

            def enter_field(self, node: FieldNode, *_: Any) -> None:
                parent = self.context.get_parent_type()
                schema = self.context.schema
                if parent is None or parent not in (schema.query_type, schema.mutation_type, schema.subscription_type):
                    return
                error = refusal(principal, parent.name, node.name.value)
                if error is not None:
                    extensions = {"code": error.code, "hint": error.hint}
                    self.report_error(GraphQLError(error.message, node, extensions=extensions))

        self.execution_context.validation_rules = (*self.execution_context.validation_rules, RoleRule)
        yield


def refusal(principal: Principal, type_name: str, field: str) -> Unauthenticated | Forbidden | None:
    """Why a principal may not use a field of a root type; None where it may."""
    if principal.expires_at is not None and principal.expires_at <= time.time():
        return Unauthenticated("The token has expired.", hint="Connect again with a new one.")
    needed = of_field(type_name, field)
    if principal.role >= needed:
        return None
    return Forbidden(
        f"{principal.name} may not use `{field}`: it needs the role {needed.name.lower()}.",
        hint="Log in, or ask the operator for the role.",
    )
