"""Tables of text, JSON and source code."""

from __future__ import annotations

import pytest

from neolight.errors import UnreadableDocument
from neolight.ingest.readers import read


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_each_row_has_the_names_of_its_columns(mark: str) -> None:
    rows = [["Part", "Name", "Price"], ["P-1", "Seal", "3.50"], ["", "", ""], ["P-2", "", "12"]]
    data = "\r\n".join(mark.join(row) for row in rows).encode()
    assert read("a.csv", data).text == "Part: P-1 | Name: Seal | Price: 3.50\nPart: P-2 | Price: 12"


def test_quotes_decimal_commas_and_the_line_that_excel_writes() -> None:
    text = 'sep=;\nTeil;Preis;Text\nP-1;3,50;"mit ""Zitat"", und\nUmbruch"\n'
    document = read("a.csv", text.encode("cp1252"))
    assert document.text == 'Teil: P-1 | Preis: 3,50 | Text: mit "Zitat", und Umbruch'
    assert document.media_type == "text/csv"


def test_a_table_without_names_has_its_values_only() -> None:
    assert read("a.tsv", b"1\tx\n2\ty, z\n").text == "1 | x\n2 | y, z"
    assert read("a.csv", b"only one column\nand a line").text == "only one column\nand a line"
    assert read("a.csv", b"a,b\n1,2,3\n4,5\n").text == "1 | 2 | 3\na: 4 | b: 5"


def test_json_has_sections_and_records() -> None:
    data = b"""{"title": "Parts", "site": {"name": "Berlin", "open": true, "note": null, "lines": [1, 2.50]},
    "parts": [{"price": 3.5, "name": "Seal", "sizes": {"inner": 4}}, {"name": "Bearing", "tags": ["a", "b"]}]}"""
    document = read("a.json", data)
    assert document.text == (
        "title: Parts\n\nsite\n\nname: Berlin\nopen: true\nlines: 1, 2.5\n\n"
        "parts\n\nname: Seal\nprice: 3.5\nsizes > inner: 4\n\nname: Bearing\ntags: a, b"
    )
    assert [(heading.start, heading.path) for heading in document.headings] == [
        (document.text.index("site"), ("site",)),
        (document.text.index("parts\n"), ("parts",)),
    ]


def test_a_json_line_is_a_record() -> None:
    document = read("a.jsonl", b'{"id": 1, "text": "one"}\n\n{"id": 2, "text": "two"}\n"three"\n')
    assert document.text == "id: 1\ntext: one\n\nid: 2\ntext: two\n\nthree"


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.json", b'{"a": 1,}', "a.json is not valid JSON: "),
        ("a.json", b"[" * 100_000, "a.json nests its values too deeply."),
        ("a.json", b'{"a":' * 500 + b"1" + b"}" * 500, "a.json nests its values too deeply."),
        ("a.jsonl", b"{}\n{oops}", "a.jsonl is not valid JSON Lines: line 2 is not JSON: "),
    ],
)
def test_bad_json_is_named(name: str, data: bytes, message: str) -> None:
    with pytest.raises(UnreadableDocument) as caught:
        read(name, data)
    assert caught.value.message.startswith(message)
    assert caught.value.hint


def test_json_of_a_number_with_thousands_of_digits() -> None:
    assert read("a.json", b'{"n": ' + b"9" * 5000 + b"}").text == "n: " + "9" * 5000


def test_source_code_is_as_it_was_with_what_it_defines_as_sections() -> None:
    text = (
        'import os\n\n\nclass Pump:\n    """One."""\n\n    async def start(self) -> None:\n        pass\n\n\n'
        "def main() -> None:\n    pass\n"
    )
    document = read("a.py", text.encode())
    assert document.text == text
    assert [heading.path for heading in document.headings] == [("Pump",), ("Pump", "start"), ("main",)]
    assert all(text[heading.start :].startswith(("class", "async def", "def")) for heading in document.headings)


@pytest.mark.parametrize(
    ("name", "text", "names"),
    [
        ("a.go", "package a\n\nfunc (p *Pump) Start() {}\n\ntype Valve struct {}\n", ["Start", "Valve"]),
        ("a.java", "public final class Pump {\n  private static class Valve {}\n}\n", ["Pump", "Valve"]),
        ("a.sql", "create table if not exists parts (id int);\nCREATE VIEW v AS SELECT 1;\n", ["parts", "v"]),
        ("a.ts", "export default class Pump {}\nexport async function start() {}\n", ["Pump", "start"]),
        ("a.rs", "pub struct Pump;\nimpl Pump {\n    fn start() {}\n}\n", ["Pump", "Pump", "start"]),
    ],
)
def test_definitions_of_many_languages(name: str, text: str, names: list[str]) -> None:
    assert [heading.path[-1] for heading in read(name, text.encode()).headings] == names
