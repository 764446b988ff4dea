"""Types to look for as a file: what neo4j-graphrag writes is read, and what is written it reads."""

from __future__ import annotations

import pytest
import yaml
from neo4j_graphrag.components.schema import GraphSchema

from neolight.errors import InvalidInput
from neolight.graph.guides import Guide
from neolight.guide import read, written
from neolight.llm.connection import Connection
from neolight.llm.extraction import Graph, ModelExtractor, Sought
from neolight.llm.providers import chat_model
from neolight.models import Mention

FILE = """
node_types:
  - Person
  - label: Legal Entity
    description: "a firm: with a name"
relationship_types: [{label: WORKS_AT, description: is employed by}]
patterns: [[Person, WORKS_AT, Legal Entity]]
"""
GUIDE = Guide(
    ("Person", "Legal Entity: a firm: with a name"),
    ("WORKS_AT: is employed by",),
    ("(Person)-[WORKS_AT]->(Legal Entity)",),
)


def test_yaml_and_json() -> None:
    assert read(FILE) == GUIDE
    assert read(written(GUIDE)) == GUIDE
    assert read("") == Guide()
    assert read('{"node_types": ["A"], "additional_node_types": true}') == Guide(("A",), others=True)


def test_the_library_and_this_read_each_other() -> None:
    theirs = GraphSchema.model_validate(
        {
            "node_types": ["Person", {"label": "Company", "description": "a firm"}],
            "relationship_types": ["WORKS_AT"],
            "patterns": [("Person", "WORKS_AT", "Company")],
        }
    )
    found = read(theirs.model_dump_json())
    assert found == Guide(("Person", "Company: a firm"), ("WORKS_AT",), ("(Person)-[WORKS_AT]->(Company)",))
    again = GraphSchema.model_validate(yaml.safe_load(written(GUIDE)))
    assert [row.label for row in again.node_types] == ["Person", "Legal Entity"]
    assert [(row.source, row.relationship, row.target) for row in again.patterns] == [
        ("Person", "WORKS_AT", "Legal Entity")
    ]
    assert not again.additional_node_types


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("node_types: [", "neither JSON nor YAML"),
        ("just words", "the whole"),
        ("node_types: [1]", "node_types.0"),
        ("node_types: ['a: b']", "node_types.0.label"),
        ("node_types: [" + "a, " * 101 + "]", "node_types"),
        ("node_types: ['" + "a" * 41 + "']", "at most 40"),
        ("patterns: [[A, B, C]]", "A pattern names 'A'"),
        ("patterns: [[A, B]]", "patterns.0"),
        ("[" * 5000, "neither JSON nor YAML"),
        ("x" * 100_001, "at most 100000"),
        ("!!python/object/apply:os.system ['true']", "neither JSON nor YAML"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        read(text)
    assert caught.value.hint


def test_types_that_are_not_listed_are_other() -> None:
    chat = chat_model(Connection("http://127.0.0.1:9/v1", "m"))
    assert chat
    rows = [{"name": "A", "type": "legalentity"}, {"name": "B", "type": "Robot"}, {"name": "C", "type": "person"}]
    reply = Graph.model_validate({"entities": rows}).model_dump_json()
    sought = Sought(GUIDE.entity_types, GUIDE.relation_types, GUIDE.patterns)
    closed = ModelExtractor(chat, sought)
    types = [mention.type for mention in closed.read(reply).mentions]
    assert types == ["Legal Entity", "Other", "Person"]
    assert 'one of Person, Legal Entity (a firm: with a name); "Other" if none fits.' in closed.system
    assert "Relations of interest: WORKS_AT (is employed by)." in closed.system
    assert "They connect: (Person)-[WORKS_AT]->(Legal Entity)." in closed.system
    free = ModelExtractor(chat, Sought(GUIDE.entity_types, others=True))
    assert free.read(reply).mentions[1] == Mention("B", "Robot", "")
    assert "if none fits, one singular noun" in free.system
