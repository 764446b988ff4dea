"""A call of every operation of every API, each naming, wherever it can, what belongs to one tenant.

`<name>` stands for something that the tenant owns; `test_tenants.py` says what. The calls are in an order in which the
tenant can make them all: what is deleted is not needed afterwards.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

DOCUMENT = "{ id source title error chunks(first: 9) { edges { node { text } } } }"
ENTITY = "{ id name description aliases relations(first: 9) { description } mentions(first: 9) { chunk { text } } }"
RELATION = "{ id description source { name } target { name } }"
QUESTION = "{ id text answer rating }"
FOUND = "{ chunks { chunk { text } } entities { entity { description } } relations { relation { description } } }"
MODES = ("naive", "mix", "local", "global", "hybrid", "auto")


def _nodes(call: str, fields: str) -> str:
    return f"{call} {{ edges {{ node {fields} }} }}"


QUERIES: dict[str, list[str]] = {
    "node": [
        f'node(id: "<{kind}>") {{ id ... on Document {{ title }} ... on Entity {{ description }} '
        f"... on Relation {{ about: description }} ... on Chunk {{ text }} ... on Question {{ answer }} }}"
        for kind in ("document", "chunk", "entity", "relation", "question")
    ],
    "document": [f'document(id: "<document>") {DOCUMENT}'],
    "documents": [
        _nodes("documents", DOCUMENT),
        _nodes('documents(search: "turbines")', DOCUMENT),
        _nodes('documents(after: "<documents cursor>")', DOCUMENT),
        _nodes('documents(filter: {search: "t"}, status: [processed])', DOCUMENT),
        _nodes("documents(orderBy: {field: title})", DOCUMENT),
    ],
    "entity": [f'entity(id: "<entity>") {ENTITY}', f'entity(name: "A-102") {ENTITY}'],
    "entities": [
        _nodes("entities", ENTITY),
        _nodes('entities(search: "Grace")', ENTITY),
        _nodes('entities(type: "Person")', ENTITY),
        _nodes('entities(filter: {types: ["Place"]}, orderBy: alphabetical)', ENTITY),
        _nodes('entities(after: "<entities cursor>")', ENTITY),
    ],
    "suggestions": [_nodes("suggestions", "{ id first { name description } second { name } }")],
    "relation": [f'relation(id: "<relation>") {RELATION}'],
    "relations": [
        _nodes("relations", RELATION),
        _nodes('relations(entity: "<entity>")', RELATION),
        _nodes('relations(after: "<relations cursor>")', RELATION),
    ],
    "path": [
        'path(from: "Ada Lovelace", to: "Grace Hopper") { nodes { description } }',
        'path(from: "<entity>", to: "<other entity>") { nodes { description } }',
        'path(from: "<mine>", to: "<entity>") { nodes { description } }',
    ],
    "subgraph": [
        'subgraph(start: "A-102", depth: 3) { nodes { description } edges { description } }',
        'subgraph(start: "<entity>") { nodes { description } }',
    ],
    "retrieve": [
        *(f'retrieve(input: {{query: "Who designed the A-102 turbine?", mode: {mode}}}) {FOUND}' for mode in MODES),
        f'retrieve(input: {{query: "Who leads?", filter: {{documentIds: ["<document>"]}}}}) {FOUND}',
        f'retrieve(input: {{query: "Who?", keywords: {{high: ["designed"], low: ["A-102"]}}}}) {FOUND}',
    ],
    "whyNot": [
        'whyNot(input: {query: "Who designed it?"}, chunk: "<chunk>") { found steps { __typename } }',
        'whyNot(input: {query: "Who designed A-102?"}, entity: "<entity>") { found steps { __typename } }',
    ],
    "query": [f'query(id: "<question>") {QUESTION}'],
    "queries": [_nodes("queries", QUESTION), _nodes('queries(after: "<queries cursor>")', QUESTION)],
    "pipeline": ["pipeline { pending processing processed failed latest jobs { edges { node { id } } } }"],
    "workspace": ['workspace(name: "<workspace>") { createdAt documentCount }', "workspace { name }"],
    "workspaces": ["workspaces(first: 100) { edges { node { name } } }"],
    "graphSchema": ["graphSchema { yaml }"],
    "usage": ["usage { model calls tokensIn }"],
    "server": ["server { version }"],
    "labels": ["labels { name count }"],
    "stats": ["stats { chunks entities relations }"],
}

MUTATIONS: dict[str, list[str]] = {
    "proposeGraphSchema": ["proposeGraphSchema { yaml }"],
    "setGraphSchema": ['setGraphSchema(schema: "node_types: [Person]") { additionalNodeTypes }'],
    "ask": [f'ask(input: {{query: "Who designed the A-102 turbine?", mode: {mode}}}) {{ text }}' for mode in MODES],
    "rateQuery": ['rateQuery(id: "<question>", rating: 1) { answer }'],
    "insertTexts": ['insertTexts(texts: [{text: "Over it.", source: "<source>"}]) { documents { outcome } }'],
    "insertUrls": ['insertUrls(urls: ["https://<workspace>.example/"]) { trackId }'],
    "updateDocument": ['updateDocument(id: "<document>", changes: {title: "Mine"}) { source }'],
    "replaceDocument": ['replaceDocument(id: "<spare>", text: "Mine.") { documents { source } }'],
    "cancelDocuments": ['cancelDocuments(ids: ["<working>"])'],
    "cancelPipeline": ["cancelPipeline"],
    "retryDocuments": ['retryDocuments(ids: ["<failed>"])', "retryDocuments"],
    "updateWorkspace": ['updateWorkspace(name: "<workspace>", chunking: {strategy: tokens}) { createdAt }'],
    "createWorkspace": ['createWorkspace(name: "<workspace>", chunking: {strategy: tokens}) { documentCount }'],
    "createEntity": ['createEntity(name: "Oslo") { id }'],
    "updateEntity": ['updateEntity(id: "<entity>", input: {description: "Mine.", name: "Mine"}) { aliases }'],
    "findSimilar": ["findSimilar { compared }"],
    "acceptSuggestion": ['acceptSuggestion(id: "<suggestion>") { name }'],
    "rejectSuggestion": ['rejectSuggestion(id: "<other suggestion>")'],
    "createRelation": [
        'createRelation(source: "<mine>", target: "<third entity>", input: {description: "x"}) { id }',
        'createRelation(source: "<other entity>", target: "<third entity>", input: {description: "x"}) { id }',
    ],
    "mergeEntities": [
        'mergeEntities(sources: ["<mine>"], target: "<entity>") { name }',
        'mergeEntities(sources: ["<entity>"], target: "<mine>") { name }',
        'mergeEntities(sources: ["<other entity>"], target: "<third entity>") { name }',
    ],
    "splitEntity": ['splitEntity(id: "<third entity>", aliases: ["Grace Hopper"]) { name }'],
    "updateRelation": ['updateRelation(id: "<relation>", input: {description: "Mine."}) { id }'],
    "deleteRelation": ['deleteRelation(id: "<relation>")'],
    "deleteEntity": ['deleteEntity(id: "<mine>")', 'deleteEntity(id: "<third entity>")'],
    "deleteDocuments": ['deleteDocuments(ids: ["<spare>"])'],
    "uploadDocuments": [],
    "deleteWorkspace": ['deleteWorkspace(name: "<workspace>", confirm: "<workspace>")'],
}
"""uploadDocuments is no JSON; UPLOAD is its call. The owner makes the last of them after all others."""

SUBSCRIPTIONS: dict[str, list[str]] = {
    "ask": [
        'ask(input: {query: "Who designed the A-102 turbine?"}) { ... on TokenEvent { text } '
        "... on ReferencesEvent { chunks { chunk { text } } } ... on ErrorEvent { message } }"
    ],
    "documentProgress": [
        'documentProgress(trackId: "<track>") { source title }',
        'documentProgress(ids: ["<document>", "<spare>"]) { source title }',
    ],
    "pipeline": ["pipeline { processed failed latest }"],
}

UPLOAD = "mutation ($files: [Upload!]!) { uploadDocuments(files: $files) { documents { outcome } } }"

EDIT = {"entity_type": "concept", "description": "Mine."}
ASKED = {"query": "Who designed the A-102 turbine?"}
MESSAGES = [{"role": "user", "content": ASKED["query"]}]
REST: dict[str, list[dict[str, Any]]] = {
    "GET /": [{}],
    "GET /docs": [{}],
    "GET /docs/oauth2-redirect": [{}],
    "GET /redoc": [{}],
    "GET /openapi.json": [{}],
    "GET /graphql": [{"headers": {"Accept": "text/html"}}, {"params": {"query": "{ labels { name } }"}}],
    "GET /graphql/ide/{name}": [{"path": "/graphql/ide/..%2f<source>"}],
    "GET /auth-status": [{}],
    "GET /health": [{}],
    "GET /ready": [{}],
    "GET /auth/verify": [{}],
    "GET /metrics": [{}],
    "GET /ui/customization": [{}],
    "GET /ui/customization/assets/{asset_hash}/{asset_id}": [{"path": "/ui/customization/assets/0/<document>"}],
    "GET /documents/scan/status/{track_id}": [{"path": "/documents/scan/status/<scan>"}],
    "GET /documents/source_conflicts": [{"params": {"limit": 5}}],
    "GET /documents/pipeline_status": [{}],
    "GET /documents/track_status/{track_id}": [{"path": "/documents/track_status/<track>"}],
    "POST /documents/paginated": [
        {"json": {}},
        {"json": {"status_filters": ["processed"], "sort_field": "id", "page_size": 10}},
    ],
    "GET /documents/status_counts": [{}],
    "GET /documents/supported_file_types": [{}],
    "POST /query": [
        *({"json": ASKED | {"mode": mode}} for mode in MODES),
        {"json": ASKED | {"only_need_context": True}},
        {"json": ASKED | {"only_need_prompt": True}},
    ],
    "POST /query/stream": [{"json": ASKED}],
    "POST /query/data": [{"json": ASKED | {"hl_keywords": ["designed"], "ll_keywords": ["A-102"]}}],
    "GET /graph/label/list": [{}],
    "GET /graph/label/popular": [{}],
    "GET /graph/label/search": [{"params": {"q": "hop"}}],
    "GET /graphs": [{"params": {"label": "A-102"}}, {"params": {"label": "*"}}],
    "GET /graph/entity/exists": [{"params": {"name": "A-102"}}],
    "GET /api/version": [{}],
    "GET /api/tags": [{}],
    "GET /api/ps": [{}],
    "POST /api/generate": [{"json": {"model": "neolight", "prompt": "What do you know of A-102?", "stream": False}}],
    "POST /api/chat": [
        {"json": {"model": "neolight", "messages": MESSAGES, "stream": False}},
        {"json": {"model": "neolight", "messages": [{"role": "user", "content": "/context A-102"}]}},
    ],
    "POST /documents/scan": [{}],
    "POST /documents/source_conflicts/repair": [
        {"json": {"canonical_source_key": "<source>", "primary_doc_id": "<spare>"}}
    ],
    "POST /documents/upload": [{"files": {"file": ("<source>", b"# Mine instead")}}],
    "POST /documents/text": [{"json": {"text": "Mine instead.", "file_source": "<source>"}}],
    "POST /documents/texts": [{"json": {"texts": ["Mine instead!"], "file_sources": ["<source>"]}}],
    "POST /documents/urls": [{"json": {"urls": ["https://<workspace>.example/"]}}],
    "POST /documents/cancel_pipeline": [{}],
    "POST /documents/reprocess_failed": [{}],
    "POST /documents/recovery/force_reset": [{"json": {"confirm": True}}],
    "POST /documents/clear_cache": [{"json": {}}],
    "POST /graph/entity/create": [{"json": {"entity_name": "Bergen", "entity_data": EDIT}}],
    "POST /graph/relation/create": [
        {"json": {"source_entity": "Bergen", "target_entity": "Suzhou", "relation_data": {"description": "x"}}}
    ],
    "POST /graph/relation/edit": [
        {"json": {"source_id": "Ada Lovelace", "target_id": "A-102", "updated_data": {"description": "Mine."}}}
    ],
    "POST /graph/entity/edit": [
        {"json": {"entity_name": "Suzhou", "updated_data": EDIT}},
        {
            "json": {
                "entity_name": "Suzhou",
                "updated_data": {"entity_name": "Kunshan"},
                "allow_rename": True,
                "allow_merge": True,
            }
        },
    ],
    "DELETE /graph/relation/delete": [{"json": {"source_entity": "Ada Lovelace", "target_entity": "A-102"}}],
    "POST /graph/entities/merge": [
        {"json": {"entities_to_change": ["Ada Lovelace"], "entity_to_change_into": "Grace Hopper"}}
    ],
    "DELETE /graph/entity/delete": [{"json": {"entity_name": "A-102"}}],
    "DELETE /documents/delete_document": [{"json": {"doc_ids": ["<document>", "<spare>"], "delete_file": True}}],
    "DELETE /documents": [{}],
}

TOOLS: dict[str, list[dict[str, Any]]] = {
    "search": [{"query": ASKED["query"]}],
    "ask": [{"question": ASKED["query"]}],
    "get_document": [{"document": "<document>"}, {"document": "<source>"}],
    "get_entity": [{"name": "A-102"}],
    "neighbours": [{"name": "A-102"}],
    "insert_text": [{"text": "Mine by a tool.", "source": "<source>"}],
}

ELSEWHERE = {"POST /login", "POST /graphql", "WS /graphql", "POST /mcp", "GET /mcp", "DELETE /mcp"}
"""Routes that hold the operations of other APIs, or that ask who calls."""


@dataclass(frozen=True)
class Call:
    """A call: which API, which operation of it, and what is sent."""

    api: str
    operation: str
    text: str = ""
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def name(self) -> str:
        """Names the operation as the list of permissions does."""
        kinds = {"query": "Query.", "mutation": "Mutation.", "subscription": "Subscription.", "mcp": "mcp "}
        return kinds.get(self.api, "") + self.operation

    def of(self, owned: Mapping[str, str]) -> Call:
        """The call with what is owned in its places."""
        return replace(self, text=_filled(self.text, owned), arguments=_filled(self.arguments, owned))


def every_call() -> Iterator[Call]:
    """All calls, those that only read first."""
    for field_, texts in QUERIES.items():
        yield from (Call("query", field_, text) for text in texts)
    for field_, texts in SUBSCRIPTIONS.items():
        yield from (Call("subscription", field_, text) for text in texts)
    for tool, given in TOOLS.items():
        yield from (Call("mcp", tool, arguments=arguments) for arguments in given)
    for field_, texts in MUTATIONS.items():
        if field_ == "uploadDocuments":
            yield Call("mutation", field_, UPLOAD, {"file": "<source>"})
        elif field_ != "deleteWorkspace":
            yield from (Call("mutation", field_, text) for text in texts)
    for route, given in REST.items():
        yield from (Call("rest", route, arguments=arguments) for arguments in given)
    yield from (Call("mutation", "deleteWorkspace", text) for text in MUTATIONS["deleteWorkspace"])


def _filled(value: Any, owned: Mapping[str, str]) -> Any:
    match value:
        case str():
            for name, given in owned.items():
                value = value.replace(f"<{name}>", given)
            return value
        case dict():
            return {key: _filled(one, owned) for key, one in value.items()}
        case list() | tuple():
            return type(value)(_filled(one, owned) for one in value)
        case _:
            return value


FIXED = {"mode", "sort_field", "status_filters", "role", "model"}
"""Fields that take one of a few values, and no text."""

LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')


def saying(call: Call, text: str) -> Call:
    """The call with this text in the place of every text that it sends."""
    said = LITERAL.sub(lambda _: json.dumps(text), call.text)
    return replace(call, text=said, arguments={key: _saying(key, one, text) for key, one in call.arguments.items()})


def _saying(key: str, value: Any, text: str) -> Any:
    match value:
        case str() if key == "path":
            return re.sub("<[^>]*>", quote(text, safe=""), value)
        case str() if key not in FIXED:
            return text
        case dict() if key != "headers":
            return {name: _saying(str(name), one, text) for name, one in value.items()}
        case list() if key not in FIXED:
            return [_saying(key, one, text) for one in value]
        case tuple():
            return (re.sub(r"[\r\n]", " ", text)[:200], *value[1:])
        case _:
            return value
