"""A Cypher file's header is a contract: with its statement, with its row type, and with the program."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import neolight
from neolight.graph import query as module
from neolight.graph.query import BOUND, CYPHER, HeaderError, parse_header, query

APP = Path(neolight.__file__).parent
TYPED = "a STRING, b INTEGER, c FLOAT, d BOOLEAN, e DATETIME?, f MAP, g BYTES, h VECTOR, i LIST<STRING>?, j LIST<MAP>"


@dataclass(frozen=True)
class Item:
    """What the files of these tests return."""

    id: str
    size: int


def cypher(statement: str, *, mode: str = "read", params: str = "none", returns: str = "nothing") -> str:
    header = f"// A title.\n// mode: {mode}\n// params: {params}\n// returns: {returns}\nCYPHER 25\n"
    return header + dedent(statement).strip() + "\n"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str, str], str]:
    """Writes a Cypher file into a folder that stands for cypher/, and gives its name."""
    monkeypatch.setattr(module, "CYPHER", tmp_path)
    monkeypatch.setattr(module, "BOUND", {})

    def write(name: str, text: str) -> str:
        unique = f"{tmp_path.name}/{name}"
        path = tmp_path / f"{unique}.cypher"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return unique

    return write


def test_a_header_is_read() -> None:
    text = cypher(
        "UNWIND $ids AS id MATCH (n {id: id}) RETURN n.id AS id, n.size AS size LIMIT $limit",
        mode="write",
        params="ids LIST<STRING>, limit INTEGER?",
        returns="id, size",
    )
    header = parse_header("x", text)
    assert header.title == "A title."
    assert header.mode == "write"
    assert header.params == {"ids": "LIST<STRING>", "limit": "INTEGER?"}
    assert header.returns == ("id", "size")


def test_a_title_may_have_several_lines() -> None:
    text = cypher("RETURN 1 AS one", returns="one").replace("// A title.", "// A title\n// that goes on.")
    assert parse_header("x", text).returns == ("one",)


def test_every_type_is_known() -> None:
    names = [part.split(" ")[0] for part in TYPED.split(", ")]
    header = parse_header(
        "x", cypher(f"RETURN [{', '.join(f'${name}' for name in names)}] AS all", params=TYPED, returns="all")
    )
    assert list(header.params) == names


@pytest.mark.parametrize("field", ["mode", "params", "returns"])
def test_each_field_is_needed(field: str) -> None:
    text = re.sub(rf"// {field}:[^\n]*\n", "", cypher("MATCH (n) RETURN n.id AS id", returns="id"))
    with pytest.raises(HeaderError, match=rf"x\.cypher: the header lacks {field}"):
        parse_header("x", text)


@pytest.mark.parametrize("text", ["", "\n", "CYPHER 25 RETURN 1 AS one", "\n// mode: read\nCYPHER 25 RETURN 1 AS one"])
def test_a_header_is_needed(text: str) -> None:
    with pytest.raises(HeaderError, match="lacks mode, params, returns"):
        parse_header("x", text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (cypher("RETURN 1 AS one", mode="readonly", returns="one"), "mode is 'readonly'"),
        (cypher("RETURN 1 AS one", mode="", returns="one"), "mode is ''"),
        (cypher("RETURN $a AS a", params="a TEXT", returns="a"), "known type: a TEXT"),
        (cypher("RETURN $a AS a", params="a", returns="a"), "known type: a"),
        (cypher("RETURN $a AS a", params="a LIST<ANY>", returns="a"), "known type: a LIST<ANY>"),
        (cypher("RETURN $a AS a", params="a STRING??", returns="a"), "known type: a STRING"),
        (cypher("RETURN $a AS a", params="", returns="a"), "known type"),
        (cypher("RETURN 1 AS one", params="a STRING", returns="one"), "parameters differ: a"),
        (cypher("RETURN $a AS a", returns="a"), "parameters differ: a"),
        (cypher("RETURN $a + $b AS a", params="a STRING, c STRING", returns="a"), "parameters differ: b, c"),
        (cypher("RETURN 1 AS one, 2 AS two", returns="one"), "returns"),
        (cypher("RETURN 1 AS one", returns="one, two"), "returns"),
        (cypher("RETURN 1 AS one, 2 AS two", returns="two, one"), "returns"),
        (cypher("RETURN 1 AS one"), "returns"),
        (cypher("MATCH (n) DELETE n", mode="write", returns="id"), "returns"),
        (cypher("MATCH (n) RETURN n.id", returns="id"), "returns"),
        (cypher("RETURN 1 AS one", returns="one").replace("CYPHER 25\n", ""), "CYPHER 25"),
        (cypher("RETURN 'CYPHER 25' AS one", returns="one").replace("CYPHER 25\n", ""), "CYPHER 25"),
    ],
)
def test_a_wrong_header_is_refused(text: str, message: str) -> None:
    with pytest.raises(HeaderError, match=f"x.cypher: .*{re.escape(message)}"):
        parse_header("x", text)


@pytest.mark.parametrize(
    "statement",
    [
        "RETURN 1 AS id, 2 AS size",
        "RETURN DISTINCT 1 AS id, 2 AS size",
        "WITH 1 AS id, 2 AS size RETURN id, size ORDER BY id SKIP 1 LIMIT 2",
        "CALL () { MATCH (n) RETURN n.a AS a, n.b AS b } RETURN a AS id, b AS size",
        "CALL () { WHEN true THEN { RETURN 1 AS a } ELSE { RETURN 2 AS a } } RETURN a AS id, 1 AS size",
        "RETURN COLLECT { MATCH (n) RETURN n ORDER BY n.x LIMIT 3 } AS id, COUNT { (n) } AS size",
        "RETURN [x IN [1, 2] | {a: x, b: (x)}] AS id, coalesce(1, 2, 3) AS size",
        "RETURN n {.a, .b, c: [1, 2]} AS id, reduce(t = 0, x IN [1, 2] | t + x) AS size",
        "RETURN 'RETURN 5 AS nothing, $x' AS id, \"it's $y } ) ]\" AS size",
        "RETURN 'it\\'s $x, RETURN' AS id, `a $y, RETURN`.b AS size",
        "RETURN 'http://$x' AS id, 2 AS size",
        "// RETURN $x AS x, and don't ( care\nRETURN 1 AS id, // $y\n 2 AS size // RETURN 3 AS z",
        "/* RETURN $x AS x,\n don't ( care */ RETURN 1 AS id, 2 /* $y */ AS size /* RETURN 3 AS z */",
        "MATCH (n) SET n.returned = 1 RETURN 1 AS id, 2 AS size",
        "RETURN 0 AS id, 1 AS size UNION RETURN 1 AS id, 2 AS size",
        "RETURN\n  1\n  AS\n  id ,\n  2 AS size\nORDER  BY id",
    ],
)
def test_columns_are_those_of_the_outer_return(statement: str) -> None:
    assert parse_header("x", cypher(statement, returns="id, size")).returns == ("id", "size")


def test_a_return_inside_braces_is_none() -> None:
    text = cypher("MATCH (n) CALL (n) { RETURN n.id AS id } SET n.x = id", mode="write")
    assert parse_header("x", text).returns == ()


def test_a_file_is_bound(written: Callable[[str, str], str]) -> None:
    name = written("item", cypher("RETURN '1' AS id, $size AS size", params="size INTEGER", returns="id, size"))
    bound = query(name, Item)
    assert module.BOUND[name] is bound
    assert bound.rows([{"id": "a", "size": 2}]) == [Item("a", 2)]
    assert bound.header.params == {"size": "INTEGER"}


def test_a_file_that_returns_nothing_is_bound(written: Callable[[str, str], str]) -> None:
    bound: Any = query(written("nothing", cypher("MATCH (n:X) DELETE n", mode="write")))
    assert bound.rows([]) == []


def test_rows_are_checked(written: Callable[[str, str], str]) -> None:
    bound = query(written("checked", cypher("RETURN 1 AS id, 2 AS size", returns="id, size")), Item)
    with pytest.raises(ValueError, match="size"):
        bound.rows([{"id": "a", "size": "many"}])


@pytest.mark.parametrize(
    ("statement", "returns"),
    [
        ("RETURN 1 AS id", "id"),
        ("RETURN 1 AS id, 2 AS size, 3 AS more", "id, size, more"),
        ("MATCH (n) DELETE n", "nothing"),
    ],
)
def test_the_row_type_has_the_columns(written: Callable[[str, str], str], statement: str, returns: str) -> None:
    name = written("odd", cypher(statement, mode="write", returns=returns))
    with pytest.raises(HeaderError, match="but its row type has"):
        query(name, Item)
    assert module.BOUND == {}


def test_columns_need_a_row_type(written: Callable[[str, str], str]) -> None:
    with pytest.raises(HeaderError, match=re.escape("but its row type has ()")):
        query(written("bare", cypher("RETURN 1 AS id", returns="id")))


def test_a_missing_file_is_named(written: Callable[[str, str], str]) -> None:
    with pytest.raises(HeaderError, match=re.escape("no Cypher file documents/none.cypher")):
        query("documents/none", Item)


def constants(path: Path) -> list[tuple[int, str]]:
    tree = ast.parse(path.read_text("utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return [(node.lineno, node.value) for node in found if isinstance(node.value, str)]


CLAUSE = re.compile(
    r"\b(?:MATCH|MERGE|CREATE)\s*\(|\bUNWIND\s+[$\[\w]|\bDELETE \w+\s*$|\bCALL\s*\(\w*\)\s*\{|\bSET \w+\.\w+ ="
    r"|\b(?:CREATE|DROP) (?:VECTOR |FULLTEXT |TEXT |RANGE )?(?:INDEX|CONSTRAINT)\b|\bSHOW INDEXES\b"
    r"|\bRETURN [\w$]+(?:\.\w+)?(?:,| AS )|\bCYPHER \d+ [A-Z]"
)


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (n) RETURN n", "OPTIONAL MATCH (n)", "MERGE (n:X {id: $id})", "UNWIND $rows AS row", "CREATE (n)",
        "MATCH (n) DETACH DELETE n", "RETURN n.id AS id", "CREATE VECTOR INDEX x", "SHOW INDEXES", "SET n.a = 1",
    ],
)  # fmt: skip
def test_cypher_is_recognized(text: str) -> None:
    assert CLAUSE.search(text)


def test_there_is_no_cypher_in_the_program() -> None:
    foreign = APP / "ingest" / "lightrag" / "neo4j_graph.py"  # for a server of any version, without CYPHER 25
    found = [
        f"{path.relative_to(APP)}:{line}: {text[:60]!r}"
        for path in sorted(APP.rglob("*.py"))
        for line, text in constants(path)
        if path != foreign and CLAUSE.search(text)
    ]
    assert not found, "Cypher belongs into cypher/, one query a file"


def everything() -> None:
    for found in pkgutil.walk_packages([str(APP)], "neolight."):
        if not found.name.endswith(".__main__"):
            importlib.import_module(found.name)


def test_every_cypher_file_is_bound() -> None:
    everything()
    files = {path.relative_to(CYPHER).with_suffix("").as_posix() for path in CYPHER.rglob("*.cypher")}
    free = {name for name in files if name.startswith(("setup/0", "explore/"))}
    assert files - free == BOUND.keys()


def test_every_bound_file_has_a_title_that_is_a_sentence() -> None:
    everything()
    for path in CYPHER.rglob("*.cypher"):
        lines = [line for line in path.read_text("utf-8").splitlines() if line.startswith("// ")]
        title = " ".join(line[3:] for line in lines).split(" mode: ")[0]
        assert title[0].isupper(), path
        assert title.endswith((".", "?")), path


def test_cypher_files_have_no_other_names() -> None:
    assert not [path for path in CYPHER.rglob("*") if path.is_file() and path.suffix != ".cypher"]
