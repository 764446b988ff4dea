"""The one list of who may do what. What is not on it, only an admin may do; a test fails until it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from starlette.routing import compile_path

from neolight.auth.principal import Role

Permission = Role
"""The least role that an operation needs."""

NOBODY, READER, EDITOR, ADMIN = Role.NOBODY, Role.READER, Role.EDITOR, Role.ADMIN

ROUTES: Mapping[str, Permission] = {
    # Pages that hold no data, and what is needed to log in.
    "GET /": NOBODY,
    "GET /docs": NOBODY,
    "GET /docs/oauth2-redirect": NOBODY,
    "GET /redoc": NOBODY,
    "GET /openapi.json": NOBODY,
    "GET /graphql": NOBODY,  # GraphiQL. Each field asks for a role of its own; see FIELDS.
    "GET /graphql/ide/{name}": NOBODY,
    "WS /graphql": NOBODY,  # Browsers cannot send headers here: connection_init has the credentials.
    "GET /auth-status": NOBODY,
    "POST /login": NOBODY,
    # Liveness and readiness.
    "GET /health": NOBODY,
    "GET /ready": NOBODY,
    "GET /auth/verify": READER,
    "POST /graphql": READER,
    # Documents.
    "POST /documents/scan": EDITOR,
    "GET /documents/scan/status/{track_id}": READER,
    "GET /documents/source_conflicts": READER,
    "POST /documents/source_conflicts/repair": EDITOR,
    "POST /documents/upload": EDITOR,
    "POST /documents/text": EDITOR,
    "POST /documents/texts": EDITOR,
    "POST /documents/urls": EDITOR,
    "DELETE /documents": ADMIN,
    "GET /documents/pipeline_status": READER,
    "DELETE /documents/delete_document": EDITOR,
    "POST /documents/clear_cache": EDITOR,
    "GET /documents/track_status/{track_id}": READER,
    "POST /documents/paginated": READER,
    "GET /documents/status_counts": READER,
    "GET /documents/supported_file_types": READER,
    "POST /documents/reprocess_failed": EDITOR,
    "POST /documents/recovery/force_reset": ADMIN,
    "POST /documents/cancel_pipeline": EDITOR,
    # Questions.
    "POST /query": READER,
    "POST /query/stream": READER,
    "POST /query/data": READER,
    # The graph.
    "GET /graph/label/list": READER,
    "GET /graph/label/popular": READER,
    "GET /graph/label/search": READER,
    "GET /graphs": READER,
    "GET /graph/entity/exists": READER,
    "POST /graph/entity/edit": EDITOR,
    "POST /graph/relation/edit": EDITOR,
    "POST /graph/entity/create": EDITOR,
    "POST /graph/relation/create": EDITOR,
    "POST /graph/entities/merge": EDITOR,
    "DELETE /graph/entity/delete": EDITOR,
    "DELETE /graph/relation/delete": EDITOR,
    # What a login page may show.
    "GET /ui/customization": NOBODY,
    "GET /ui/customization/assets/{asset_hash}/{asset_id}": NOBODY,
    # Ollama's.
    "GET /api/version": READER,
    "GET /api/tags": READER,
    "GET /api/ps": READER,
    "POST /api/generate": READER,
    "POST /api/chat": READER,
    # MCP, whose tools ask for roles of their own; see TOOLS.
    "GET /mcp": READER,
    "POST /mcp": READER,
    "DELETE /mcp": READER,
    "GET /metrics": READER,
}

FIELDS: Mapping[str, Permission] = {
    # Reading.
    "Query.__schema": READER,
    "Query.__type": READER,
    "Query.__typename": NOBODY,
    "Query.node": READER,
    "Query.document": READER,
    "Query.documents": READER,
    "Query.entity": READER,
    "Query.entities": READER,
    "Query.relation": READER,
    "Query.suggestions": READER,
    "Query.relations": READER,
    "Query.path": READER,
    "Query.subgraph": READER,
    "Query.retrieve": READER,
    "Query.whyNot": READER,
    "Query.query": READER,
    "Query.queries": READER,
    "Query.labels": READER,
    "Query.stats": READER,
    "Query.usage": READER,
    "Query.graphSchema": READER,
    "Query.pipeline": READER,
    "Query.server": READER,
    "Query.workspace": READER,
    "Query.workspaces": READER,  # Those that the caller is bound to, or all.
    # Following.
    "Subscription.__typename": NOBODY,
    "Subscription.ask": READER,
    "Subscription.documentProgress": READER,
    "Subscription.pipeline": READER,
    # Changing. A question and its rating change no document.
    "Mutation.__typename": NOBODY,
    "Mutation.ask": READER,
    "Mutation.rateQuery": READER,
    "Mutation.uploadDocuments": EDITOR,
    "Mutation.insertUrls": EDITOR,
    "Mutation.insertTexts": EDITOR,
    "Mutation.deleteDocuments": EDITOR,
    "Mutation.retryDocuments": EDITOR,
    "Mutation.createEntity": EDITOR,
    "Mutation.updateEntity": EDITOR,
    "Mutation.mergeEntities": EDITOR,
    "Mutation.splitEntity": EDITOR,
    "Mutation.deleteEntity": EDITOR,
    "Mutation.createRelation": EDITOR,
    "Mutation.updateRelation": EDITOR,
    "Mutation.deleteRelation": EDITOR,
    "Mutation.findSimilar": EDITOR,
    "Mutation.acceptSuggestion": EDITOR,
    "Mutation.rejectSuggestion": EDITOR,
    "Mutation.replaceDocument": EDITOR,
    "Mutation.updateDocument": EDITOR,
    "Mutation.cancelDocuments": EDITOR,
    "Mutation.cancelPipeline": EDITOR,
    "Mutation.proposeGraphSchema": EDITOR,
    "Mutation.setGraphSchema": ADMIN,
    "Mutation.createWorkspace": ADMIN,
    "Mutation.updateWorkspace": ADMIN,
    "Mutation.deleteWorkspace": ADMIN,
}

TOOLS: Mapping[str, Permission] = {
    "search": READER,
    "ask": READER,
    "get_document": READER,
    "get_entity": READER,
    "neighbours": READER,
    "insert_text": EDITOR,
}


def of_field(type_name: str, field: str) -> Permission:
    """What a field of a root type of GraphQL needs."""
    return FIELDS.get(f"{type_name}.{field}", ADMIN)


def of_tool(name: str) -> Permission:
    """What a tool of MCP needs."""
    return TOOLS.get(name, ADMIN)


def of_route(method: str, path: str) -> Permission | None:
    """What a request needs, the most where several routes match; None where no route is declared."""
    wanted = "GET" if method == "HEAD" else method
    for candidate in dict.fromkeys((path, path.rstrip("/") or "/")):  # The router redirects from a trailing slash.
        found = [role for regex, role in _compiled().get(wanted, ()) if regex.match(candidate)]
        if found:
            return max(found)
    return None


@cache
def _compiled() -> dict[str, list[tuple[re.Pattern[str], Permission]]]:
    """The declared routes by method, as the router's own patterns."""
    patterns: dict[str, list[tuple[re.Pattern[str], Permission]]] = {}
    for route, role in ROUTES.items():
        method, _, template = route.partition(" ")
        patterns.setdefault(method, []).append((compile_path(template)[0], role))
    return patterns
