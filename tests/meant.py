"""Makes generated calls speak of what there is: ids, names and numbers are put right, the rest stays as generated.

Only what a well-meaning client would know is changed. Texts keep what was generated and get a word where they need one;
filters, orders, options and what is asked for are never touched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from graphql_values import File
from things import NAMES, QUESTIONS, SCHEMAS, Things

Maker: TypeAlias = Callable[[Things, Any], Any]
"""The value to send in place of a generated one."""


def within(low: int, high: int) -> Maker:
    """A number of a range; null stays null."""
    return lambda things, value: value if value is None else low + abs(int(value)) % (high - low + 1)


def of(kind: str) -> Maker:
    """The id of something that there is."""
    return lambda things, value: things.one(kind)


def some(kind: str) -> Maker:
    """A list of such ids, as long as what was generated, and never empty."""
    return lambda things, value: value if value is None else [things.one(kind) for _ in range(max(1, len(value)))]


def said(things: Things, value: Any) -> Any:
    """What was generated, if it is a text and more than blank."""
    return value if not isinstance(value, str) or len(value.strip()) > 2 else f"{value} Kiel"


def asked(things: Things, value: Any) -> Any:
    """A question about what there is, or what was generated."""
    return things.choose([*QUESTIONS, said(things, value)])


def all_said(things: Things, value: Any) -> Any:
    """Texts, each of them more than blank."""
    return [said(things, one) for one in value] if value else [said(things, "")]


def known_name(things: Things, value: Any) -> str:
    """The name of an entity that there is."""
    return things.choose(NAMES)


def new_name(things: Things, value: Any) -> str:
    """A new name with what can be printed of what was generated."""
    return f"{things.name()} {''.join(one for one in str(value or '') if one.isprintable())[:200]}".strip()


def new_sources(things: Things, value: Any) -> Any:
    """As many new names of files."""
    return value if value is None else [things.name() + ".txt" for _ in value]


def later(things: Things, value: Any) -> Any:
    """A time that has not passed yet; null stays null."""
    return value and f"2{max(str(value)[1:4], '100')}{str(value)[4:]}"


def nothing(things: Things, value: Any) -> None:
    """Nothing."""
    return


KEYS: dict[str, Maker] = {
    "query": asked, "question": asked, "prompt": asked, "q": asked, "text": said,
    "label": known_name, "start": known_name, "from": known_name, "to": known_name, "after": nothing, "cursor": nothing,
    "first": within(1, 4), "maxHops": within(1, 6), "depth": within(1, 3), "maxNodes": within(1, 1000),
    "topK": within(1, 1000), "chunkTopK": within(1, 1000), "most": within(1, 10_000), "rating": within(-1, 1),
    "maxEntityTokens": within(1, 9000), "maxRelationTokens": within(1, 9000), "maxTotalTokens": within(1, 90_000),
    "tokens": within(80, 8000), "overlap": within(0, 40), "documentIds": some("documents"),
    "expiresAt": later, "expires_at": later,
    "source": lambda things, value: value if value is None else things.name() + ".txt",
    "urls": lambda things, value: [f"{things.pages}/{things.name().replace(' ', '-')}" for _ in (value or "x")[:20]],
    "schema": lambda things, value: things.choose(SCHEMAS),
    "file": lambda things, value: value and File(f"x{value}"),
    "files": lambda things, value: [File(f"x{one}") for one in value or "x"],
    "source_entity": known_name, "target_entity": known_name, "entity_name": known_name, "track_id": of("tracks"),
}  # fmt: skip
"""By the name of an argument or field."""

BY_CALL: dict[str, dict[str, Maker]] = {
    "Query.node": {"id": lambda things, value: things.any()},
    "Query.document": {"id": of("documents")},
    "Query.entity": {"id": of("entities")},
    "Query.relation": {"id": of("relations")},
    "Query.relations": {"entity": lambda things, value: value and things.one("entities")},
    "Query.query": {"id": of("queries")},
    "Query.workspace": {"name": lambda things, value: value and things.client.headers["X-Workspace"]},
    "Mutation.replaceDocument": {"id": of("documents")},
    "Mutation.updateDocument": {
        "id": lambda things, value: things.document(),
        "source": lambda things, value: things.name() + ".txt",
    },
    "Mutation.deleteDocuments": {"ids": lambda things, value: [things.document(), *(value or [])][:9]},
    "Mutation.cancelDocuments": {"ids": lambda things, value: [things.document(), *(value or [])][:9]},
    "Mutation.retryDocuments": {"ids": some("documents")},
    "Mutation.updateEntity": {"id": lambda things, value: things.entity()["id"], "name": new_name},
    "Mutation.deleteEntity": {"id": lambda things, value: things.entity()["id"]},
    "Mutation.createEntity": {"name": new_name, "type": new_name},
    "Mutation.createRelation": {
        "source": lambda things, value: things.entity()["id"],
        "target": lambda things, value: things.entity()["id"],
    },
    "Mutation.updateRelation": {"id": lambda things, value: things.relation()[0]},
    "Mutation.deleteRelation": {"id": lambda things, value: things.relation()[0]},
    "Mutation.mergeEntities": {
        "sources": lambda things, value: [things.entity()["id"] for _ in (value or "x")[:5]],
        "target": lambda things, value: things.entity()["id"],
    },
    "Mutation.acceptSuggestion": {"id": lambda things, value: things.suggestion(), "keep": nothing},
    "Mutation.rejectSuggestion": {"id": lambda things, value: things.suggestion()},
    "Mutation.rateQuery": {"id": of("queries")},
    "Mutation.createWorkspace": {"name": lambda things, value: things.workspace(make=False)},
    "Mutation.updateWorkspace": {"name": lambda things, value: things.client.headers["X-Workspace"]},
    "GET /documents/scan/status/{track_id}": {"track_id": lambda things, value: things.scan()},
    "POST /documents/text": {"file_source": lambda things, value: value and things.name() + ".txt"},
    "POST /documents/texts": {"texts": all_said, "file_sources": new_sources},
    "DELETE /documents/delete_document": {"doc_ids": lambda things, value: [things.document(), *(value or [])][:9]},
    "POST /graph/entity/create": {"entity_name": new_name},
    "POST /graph/entities/merge": {
        "entities_to_change": lambda things, value: [things.entity()["name"] for _ in value[:5]],
        "entity_to_change_into": lambda things, value: things.entity()["name"],
    },
    "POST /graph/entity/edit": {"entity_name": lambda things, value: things.entity()["name"]},
    "DELETE /graph/entity/delete": {"entity_name": lambda things, value: things.entity()["name"]},
    "POST /graph/relation/create": {
        "source_entity": lambda things, value: things.entity()["name"],
        "target_entity": lambda things, value: things.entity()["name"],
    },
}
"""By the call as well, where the name alone does not tell."""


def _why_not(things: Things, given: dict[str, Any]) -> dict[str, Any]:
    kind = things.choose(["chunk", "entity"])
    sought = things.one("chunks" if kind == "chunk" else "entities")
    return {"input": given["input"], kind: sought}


def _question(things: Things, given: dict[str, Any]) -> dict[str, Any]:
    asked_for = dict(given["input"])
    asked_for.pop("question", None)
    return {"input": asked_for | {"query": asked_for.get("query") or asked(things, "")}}


def _changed(field: str) -> Callable[[Things, dict[str, Any]], dict[str, Any]]:
    def change(things: Things, given: dict[str, Any]) -> dict[str, Any]:
        told = given.get("input") or {}
        kept = {key: value for key, value in told.items() if key != "reset"}
        if all(value is None for value in kept.values()):
            kept |= {field: f"Thing {told}"}
        return given | {"input": kept}

    return change


def _split(things: Things, given: dict[str, Any]) -> dict[str, Any]:
    entity, name = things.merged()
    return given | {"id": entity, "aliases": [name]}


def _replaced(things: Things, given: dict[str, Any]) -> dict[str, Any]:
    gone = "file" if given.get("text") is not None else "text"
    return {key: value for key, value in given.items() if key != gone} | ({} if gone == "file" else {"file": File("x")})


def _deleted(things: Things, given: dict[str, Any]) -> dict[str, Any]:
    name = things.workspace(make=True)
    return {"name": name, "confirm": name}


def _edited(*fields: str) -> Callable[[Things, dict[str, Any]], dict[str, Any]]:
    """Changes that a client of LightRAG makes have these fields."""

    def edit(things: Things, given: dict[str, Any]) -> dict[str, Any]:
        (key,) = (key for key in given if key.endswith("_data"))
        told = "".join(one for one in str(given[key]) if one.isprintable())
        values = {"description": told, "entity_type": told[:50] or "Part", "keywords": told[:200], "weight": 1.5}
        return given | {key: {field: values[field] for field in fields}}

    return edit


def _between(first: str, second: str) -> Callable[[Things, dict[str, Any]], dict[str, Any]]:
    def ends(things: Things, given: dict[str, Any]) -> dict[str, Any]:
        _, source, target = things.relation()
        return given | {first: source["name"], second: target["name"]}

    return ends


def _conflict(things: Things, given: dict[str, Any]) -> dict[str, Any]:
    source, document = things.choose(list(zip(things.ids["sources"], things.ids["documents"], strict=True)))
    return given | {"canonical_source_key": source, "primary_doc_id": document, "dry_run": True}


def _as_many(things: Things, given: dict[str, Any]) -> dict[str, Any]:
    texts, sources = given["texts"], given.get("file_sources") or []
    return given | {"file_sources": sources[: len(texts)]}


def _chat(things: Things, given: dict[str, Any]) -> dict[str, Any]:
    return given | {"messages": [*given["messages"][:100], {"role": "user", "content": asked(things, "")}]}


def _edited_relation(things: Things, given: dict[str, Any]) -> dict[str, Any]:
    return _edited("description", "keywords", "weight")(things, _between("source_id", "target_id")(things, given))


SHAPES: dict[str, Callable[[Things, dict[str, Any]], dict[str, Any]]] = {
    "Query.whyNot": _why_not,
    "Query.entity": lambda things, given: things.choose([{"id": things.one("entities")}, {"name": NAMES[0]}]),
    "Mutation.ask": _question,
    "Mutation.insertTexts": lambda things, given: given | {"texts": given["texts"] or [{"text": "Kiel is a city."}]},
    "Mutation.updateEntity": _changed("description"),
    "Mutation.updateRelation": _changed("description"),
    "Mutation.splitEntity": _split,
    "Mutation.replaceDocument": _replaced,
    "Mutation.deleteWorkspace": _deleted,
    "POST /graph/entity/create": _edited("description", "entity_type"),
    "POST /graph/entity/edit": _edited("description", "entity_type"),
    "POST /graph/relation/create": _edited("description", "keywords", "weight"),
    "POST /graph/relation/edit": _edited_relation,
    "DELETE /graph/relation/delete": _between("source_entity", "target_entity"),
    "POST /documents/source_conflicts/repair": _conflict,
    "POST /documents/texts": _as_many,
    "POST /api/chat": _chat,
}
"""Where values depend on each other."""


def meant(label: str, given: Any, things: Things, use: Callable[[], bool], *, whole: bool) -> Any:
    """Arguments with known values wherever `use` says so; in a fitting shape where a `whole` call is to succeed."""
    makers: Mapping[str, Maker] = KEYS | BY_CALL.get(label, {})

    def better(key: str, value: Any) -> Any:
        if key in makers and not isinstance(value, dict):
            return makers[key](things, value) if use() else value
        match value:
            case dict():
                return {name: better(str(name), one) for name, one in value.items()}
            case list():
                return [better("", one) for one in value]
            case _:
                return value

    shape = SHAPES.get(label) if whole else None
    done = better("", given)
    return shape(things, done) if shape else done
