"""What there is in a workspace, for generated calls to speak of: ids, names and cursors, and new ones to spend."""

from __future__ import annotations

import hashlib
import itertools
import json
import operator
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import httpx

from servers import settled

TEXT = (
    "Norvik Sensorik delivers Sensor Kappa to Kiel. Sensor Kappa fixes Fault Omega. Berta Kron leads Norvik Sensorik."
)
NAMES = ["Norvik Sensorik", "Sensor Kappa", "Kiel", "Fault Omega"]
QUESTIONS = ["Who delivers Sensor Kappa?", "What fixes Fault Omega?", "Wer liefert?", "谁交付传感器"]
SCHEMAS = ["", "node_types: [Person, Part]", '{"node_types": ["Part"], "relationship_types": ["FIXES"]}']

IDS = """{
  documents(first: 9) { edges { cursor node { id source chunks(first: 2) { edges { node { id } } } } } }
  entities(first: 9) { edges { cursor node { id } } } relations(first: 9) { edges { cursor node { id } } }
  queries(first: 9) { edges { cursor node { id } } } pipeline { jobs(first: 1) { edges { node { id } } } }
}"""

Choose: TypeAlias = Callable[[list[Any]], Any]


@dataclass
class Things:
    """What a workspace holds; `choose` takes one of several values."""

    client: httpx.Client
    pages: str = ""
    """The address of a page that may be fetched."""
    ids: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    cursors: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    workspaces: list[str] = field(default_factory=list[str])
    choose: Choose = operator.itemgetter(0)
    _count: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def look(self) -> None:
        """Looks what there is; where that is too little, writes something."""
        found = self.data(IDS)
        if not found["relations"]["edges"]:
            self.client.post("/documents/text", json={"text": TEXT, "file_source": self.name() + ".txt"})
            settled(self.client)
            self.data('mutation { ask(input: {query: "Who delivers Sensor Kappa?"}) { text } }')
            found = self.data(IDS)
        edges = {kind: found[kind]["edges"] for kind in ("documents", "entities", "relations", "queries")}
        self.ids = {kind: [edge["node"]["id"] for edge in given] for kind, given in edges.items()}
        self.cursors = {kind: [edge["cursor"] for edge in given] for kind, given in edges.items()}
        self.ids["sources"] = [edge["node"]["source"] for edge in edges["documents"]]
        inner = [edge["node"]["chunks"]["edges"] for edge in edges["documents"]]
        self.ids["chunks"] = [edge["node"]["id"] for chunks in inner for edge in chunks]
        self.ids["tracks"] = [edge["node"]["id"] for edge in found["pipeline"]["jobs"]["edges"]]

    def one(self, kind: str) -> str:
        """The id of something that there is."""
        return self.choose(self.ids[kind])

    def any(self) -> str:
        """The id of whatever there is."""
        return self.one(self.choose(["documents", "chunks", "entities", "relations", "queries"]))

    def name(self) -> str:
        """A name that nothing has yet."""
        return _letters(next(self._count))

    def entity(self, name: str = "") -> dict[str, str]:
        """A new entity."""
        return self.data(f"mutation {{ createEntity(name: {json.dumps(name or self.name())}) {{ id name }} }}")[
            "createEntity"
        ]

    def relation(self) -> tuple[str, dict[str, str], dict[str, str]]:
        """The id of a new relation, and its two entities."""
        first, second = self.entity(), self.entity()
        ends = f'source: "{first["id"]}", target: "{second["id"]}"'
        made = self.data(f'mutation {{ createRelation({ends}, input: {{description: "x"}}) {{ id }} }}')
        return made["createRelation"]["id"], first, second

    def document(self) -> str:
        """The id of a document that has just come."""
        text = f'{{text: "{self.name()} is in Kiel.", source: "{self.name()}.txt"}}'
        made = self.data(f"mutation {{ insertTexts(texts: [{text}]) {{ documents {{ document {{ id }} }} }} }}")
        return made["insertTexts"]["documents"][0]["document"]["id"]

    def scan(self) -> str:
        """The track id of a new scan, which waits for the one before."""
        while (started := self.client.post("/documents/scan").json())["status"] != "scanning_started":
            time.sleep(0.05)
        return started["track_id"]

    def merged(self) -> tuple[str, str]:
        """The id of an entity that another was merged into, and the name of that other."""
        gone, left = self.entity(), self.entity()
        self.data(f'mutation {{ mergeEntities(sources: ["{gone["id"]}"], target: "{left["id"]}") {{ id }} }}')
        return left["id"], gone["name"]

    def suggestion(self) -> str:
        """The id of a new suggestion that two entities are one."""
        name = self.name()
        self.entity(name + " Werke")
        self.entity(name + " Werkee")
        self.data("mutation { findSimilar { compared } }")
        return self.data("{ suggestions(first: 1) { edges { node { id } } } }")["suggestions"]["edges"][0]["node"]["id"]

    def workspace(self, *, make: bool) -> str:
        """The name of a workspace: made now, or to be made by a call."""
        name = f"{self.client.headers['X-Workspace']}-{next(self._count)}"
        self.workspaces.append(name)
        if make:
            self.data(f'mutation {{ createWorkspace(name: "{name}") {{ name }} }}')
        return name

    def leave(self) -> None:
        """Deletes all that was made."""
        for name in (*self.workspaces, self.client.headers["X-Workspace"]):
            self.data(f'mutation {{ deleteWorkspace(name: "{name}", confirm: "{name}") }}')

    def data(self, query: str) -> dict[str, Any]:
        """Asks GraphQL something that must succeed."""
        reply = self.client.post("/graphql", json={"query": query}).json()
        assert "errors" not in reply, (query, reply)
        return reply["data"]


def _letters(number: int) -> str:
    """A name that looks like no other, of letters only: names with digits are not compared."""
    said = hashlib.sha256(str(number).encode()).digest()[:8]
    return "".join("bcdfghjklmnprstv"[byte >> 4] + "aeiou"[byte % 5] for byte in said).title()
