"""Files that are broken, wrong or made to do harm: each is refused with its cause and the next step, or read without.

Each kind of harm has a control: the same file without the harm is read, so that a refusal is one of the harm.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest

from bad_files import REAL, bomb, pdf, repacked
from neolight.errors import InvalidInput, UnreadableDocument
from neolight.ingest.readers import SUPPORTED, blocks, read
from neolight.ingest.readers.limits import ReadLimits
from neolight.ingest.sandbox import Sandbox
from neolight.sources import original_of

ZIPS = [kind for kind, data in REAL.items() if data.startswith(b"PK")]
PARTS = {
    ".docx": "word/document.xml",
    ".xlsx": "xl/worksheets/sheet1.xml",
    ".pptx": "ppt/slides/slide1.xml",
    ".odt": "content.xml",
    ".ods": "content.xml",
    ".odp": "content.xml",
    ".epub": "OEBPS/content.opf",
}


def refused(name: str, data: bytes) -> UnreadableDocument:
    """The error of a file that cannot be read: it names the file, the cause and the next step."""
    with pytest.raises(UnreadableDocument) as caught:
        read(name, data)
    assert caught.value.message.startswith(name)
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    assert "Traceback" not in caught.value.message
    return caught.value


def with_entity(data: bytes, entity: str, encoding: str = "utf-8") -> bytes:
    """XML with a document type that defines an entity, which its first text then uses."""
    text = data.decode()
    head, _, rest = text.partition("?>") if text.startswith("<?xml") else ("", "", text)
    declared = f'<?xml version="1.0" encoding="{encoding}"?>' if head else ""
    return f"{declared}<!DOCTYPE x [{entity}]>{rest.lstrip()}".encode(encoding)


XXE = '<!ENTITY x SYSTEM "file:///etc/passwd">'
LAUGHS = '<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY x "&b;&b;&b;&b;&b;&b;&b;&b;">'
PARAMETER = '<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;'


@pytest.mark.parametrize("kind", REAL)
def test_control_every_real_file_is_read(kind: str) -> None:
    assert read(f"a{kind}", REAL[kind]).text


@pytest.mark.parametrize("kind", SUPPORTED)
@pytest.mark.parametrize("data", [b"", b" \r\n\t "], ids=["empty", "blank"])
def test_nothing_in_a_file(kind: str, data: bytes) -> None:
    error = refused(f"a{kind}", data)
    if not data:
        assert error.message == f"a{kind} is empty: it has 0 bytes."


@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.97])
@pytest.mark.parametrize("kind", [*ZIPS, ".rtf"])
def test_cut_short(kind: str, part: float) -> None:
    error = refused(f"a{kind}", REAL[kind][: int(len(REAL[kind]) * part)])
    assert "damaged or cut short" in error.message


@pytest.mark.parametrize("part", [0.02, 0.3])
@pytest.mark.parametrize("kind", [".pdf", ".xls"])
def test_cut_short_where_only_a_part_may_be_left(kind: str, part: float) -> None:
    refused(f"a{kind}", REAL[kind][: int(len(REAL[kind]) * part)])


@pytest.mark.parametrize("kind", ZIPS)
def test_a_part_that_is_damaged_or_missing(kind: str) -> None:
    name = PARTS[kind]
    broken = repacked(REAL[kind], lambda part, data: data[: len(data) // 2] if part == name else data)
    without = BytesIO()
    with zipfile.ZipFile(BytesIO(REAL[kind])) as source, zipfile.ZipFile(without, "w") as target:
        for entry in source.infolist():
            if entry.filename != name:
                target.writestr(entry, source.read(entry))
    for data in (broken, without.getvalue()):
        refused(f"a{kind}", data)


@pytest.mark.parametrize("kind", REAL)
@pytest.mark.parametrize("wrong", REAL)
def test_a_wrong_extension(kind: str, wrong: str) -> None:
    if kind == wrong:
        assert read(f"a{wrong}", REAL[kind]).text  # the control
        return
    error = refused(f"a{wrong}", REAL[kind])
    assert "it looks like " in error.message
    assert error.message.endswith(" text.") == (kind == ".html")


@pytest.mark.parametrize("kind", [".txt", ".md", ".csv", ".json", ".py", ".eml", ".xml", ".html"])
@pytest.mark.parametrize(
    "data",
    [bytes(range(256)) * 40, b"\x7fELF\x02\x01" + b"\0" * 99, b"GIF89a\x01\x00"],
    ids=["any", "program", "image"],
)
def test_binary_data_under_the_name_of_a_text(kind: str, data: bytes) -> None:
    assert f"a{kind} is not a text file: it looks like" in refused(f"a{kind}", data).message


def test_encrypted_files() -> None:
    assert refused("a.pdf", pdf("hidden", "secret")).message == "a.pdf is encrypted."
    assert read("a.pdf", pdf("hidden")).text == "hidden"
    office = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000
    assert "password-protected Office file" in refused("a.docx", office).message
    manifest = repacked(
        REAL[".odt"],
        lambda part, data: data.replace(b"</", b"<x:encryption-data/></", 1) if "manifest" in part else data,
    )
    assert refused("a.odt", manifest).message == "a.odt is encrypted."


@pytest.mark.parametrize("kind", ZIPS)
def test_what_unpacks_to_far_more_than_it_is(kind: str) -> None:
    assert len(bomb(kind)) < 1_000_000
    assert "which is not safe to open" in refused(f"a{kind}", bomb(kind)).message
    harmless = repacked(REAL[kind], lambda _, data: data, {"media/large.bin": b"\0" * 2_000_000})
    assert read(f"a{kind}", harmless).text


@pytest.mark.parametrize("kind", ZIPS)
def test_an_archive_of_very_many_parts(kind: str) -> None:
    many = repacked(REAL[kind], lambda _, data: data, {f"x/{at}": b"" for at in range(20_001)})
    assert "at most 20,000 are opened" in refused(f"a{kind}", many).message


@pytest.mark.parametrize("entity", [XXE, LAUGHS, PARAMETER], ids=["file", "laughs", "parameter"])
@pytest.mark.parametrize("kind", ZIPS)
def test_entities_in_the_xml_of_a_package(kind: str, entity: str) -> None:
    def change(part: str, data: bytes) -> bytes:
        return with_entity(data, entity) if part == PARTS[kind] else data

    assert "defines XML entities of its own" in refused(f"a{kind}", repacked(REAL[kind], change)).message
    assert read(f"a{kind}", repacked(REAL[kind], lambda _, data: data)).text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("entity", [XXE, LAUGHS, PARAMETER], ids=["file", "laughs", "parameter"])
def test_entities_in_xml(entity: str, encoding: str) -> None:
    plain = '<?xml version="1.0"?><a><b>text</b></a>'
    error = refused("a.xml", with_entity(plain.replace("text", "&x;").encode(), entity, encoding))
    assert "defines XML entities of its own" in error.message
    assert (
        read("a.xml", f"<?xml version='1.0' encoding='{encoding}'?><a><b>text</b></a>".encode(encoding)).text
        == "b: text"
    )


def test_a_document_type_elsewhere_is_not_fetched() -> None:
    data = b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a><b>text</b></a>'
    assert read("a.xml", data).text == "b: text"


NESTED: dict[str, Callable[[int], bytes]] = {
    ".json": lambda n: b'{"a":' * n + b'"x"' + b"}" * n,
    ".xml": lambda n: b"<a>" * n + b"x" + b"</a>" * n,
    ".html": lambda n: b"<div>" * n + b"x",
    ".ipynb": lambda n: b'{"cells":' + b"[" * n + b"]" * n + b"}",
    ".odt": lambda n: repacked(
        REAL[".odt"],
        lambda part, data: (
            data.replace(
                b"<text:h", b"<text:section>" * n + b"<text:p>x</text:p>" + b"</text:section>" * n + b"<text:h", 1
            )
            if part == "content.xml"
            else data
        ),
    ),
}


@pytest.mark.parametrize("kind", NESTED)
def test_what_nests_without_end(kind: str) -> None:
    refused(f"a{kind}", NESTED[kind](20_000))
    if kind != ".ipynb":
        assert "x" in read(f"a{kind}", NESTED[kind](20)).text


def test_rich_text_that_nests_without_end_is_read() -> None:
    assert read("a.rtf", b"{\\rtf1 " + b"{" * 50_000 + b"x" + b"}" * 50_000 + b"}").text == "x"


@pytest.mark.parametrize("kind", [".txt", ".md", ".csv", ".html", ".py", ".eml", ".rtf"])
def test_control_characters_and_wrong_bytes_do_no_harm(kind: str) -> None:
    words = "größer ".encode() * 20
    heads = {".eml": b"Subject: x\n\n", ".rtf": b"{\\rtf1 "}
    data = heads.get(kind, b"") + words + b"\x01\x07\x1b \xff\xfe " + words + (b"}" if kind == ".rtf" else b"")
    text = read(f"a{kind}", data).text
    assert not any(mark in text for mark in "\x00\x01\x07\x1b")
    assert text.count("gr") >= 40
    assert text.encode()


@pytest.mark.parametrize("name", ["../a.txt", "a/../../b.txt", "..\\..\\a.txt", "..", "a/..", "\x00", " ", "\u202e"])
def test_names_that_climb_or_are_nothing(name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be the name of a document") as caught:
        original_of(name, b"x", max_mb=1)
    assert caught.value.hint
    assert original_of("a/b..c.txt", b"x", max_mb=1).source == "a/b..c.txt"


def test_a_file_that_is_too_large_is_refused_at_the_door() -> None:
    with pytest.raises(InvalidInput, match=r"a\.txt has 200 MB; at most 100 are allowed") as caught:
        original_of("a.txt", bytes(200 << 20), max_mb=100)
    assert caught.value.hint == "Split it, or raise NEOLIGHT_MAX_UPLOAD_MB."


@pytest.mark.parametrize("kind", [".txt", ".csv", ".jsonl", ".html"])
def test_a_text_that_is_too_long(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = b'{"a": "x"}\n\n' * 2000 if kind == ".jsonl" else b"a,b\n\n" * 2000
    assert read(f"a{kind}", lines).text
    monkeypatch.setattr(blocks, "MOST_CHARACTERS", 1000)
    error = refused(f"a{kind}", lines)
    assert error.message == f"a{kind} holds more than 1,000 characters of text."


def test_the_names_of_columns_cannot_make_a_text_grow_without_end() -> None:
    data = ("a" * 79 + ("," + "b" * 100_000) + "\n" + "1,2\n" * 100).encode()
    assert len(read("a.csv", data).text) < 2 * len(data)
    wide = ("x" * 100_000 + ",y\n" + "1,2\n" * 1000).encode()
    assert len(read("a.csv", wide).text) < 2 * len(wide)


def test_a_quote_that_never_ends_keeps_the_text() -> None:
    assert "the end" in read("a.csv", b'a,b\n1,"open\n' + b"2,x\n" * 50_000 + b"the end").text


SPARSE = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'


async def test_cells_that_span_a_whole_sheet_end_their_process_only() -> None:
    wide = repacked(
        REAL[".xlsx"], lambda part, data: data.replace(b"</sheetData>", SPARSE) if "sheet1.xml" in part else data
    )
    box = Sandbox(ReadLimits(memory_mb=512, seconds=60))
    try:
        with pytest.raises(UnreadableDocument) as caught:
            await box("a.xlsx", wide)
        assert caught.value.message.startswith("a.xlsx ")
        assert caught.value.hint
        assert (await box("a.xlsx", REAL[".xlsx"])).text
    finally:
        await box.close()


@pytest.mark.parametrize("attribute", ["number-columns-repeated", "number-rows-repeated"])
def test_cells_that_are_repeated_a_thousand_million_times(attribute: str) -> None:
    where = b"<table:table-cell" if "columns" in attribute else b"<table:table-row"
    more = where + f' table:{attribute}="1000000000"'.encode()
    for kind in (".odt",):
        data = repacked(REAL[kind], lambda part, data: data.replace(where, more, 1) if part == "content.xml" else data)
        assert len(read(f"a{kind}", data).text) < 10_000


def test_a_message_within_messages_without_end() -> None:
    data = b"Subject: deep\n\nx"
    for _ in range(60):
        data = b"Subject: deep\nContent-Type: message/rfc822\n\n" + data
    try:
        assert len(read("a.eml", data).text) < 10_000
    except UnreadableDocument as error:
        assert error.hint


def test_json_lines_say_which_line_is_wrong() -> None:
    lines = [json.dumps({"at": at}) for at in range(1000)]
    lines[700] = lines[700][:-1]
    assert "line 701 is not JSON" in refused("a.jsonl", "\n".join(lines).encode()).message
