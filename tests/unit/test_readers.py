"""What every reader shares: the table of formats, the refusals, and the formats that are plain text."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from neolight.errors import UnreadableDocument, UnsupportedFormat
from neolight.formats import COMMON, media_type
from neolight.ingest.readers import FORMATS, SUPPORTED, SUPPORTED_HINT, counted_in, read
from neolight.models import ParsedDocument

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


def sections(document: ParsedDocument) -> list[tuple[str, ...]]:
    return [heading.path for heading in document.headings]


def heads(document: ParsedDocument) -> list[str]:
    """The line of the text that each heading says it starts at."""
    return [document.text[heading.start :].split("\n", 1)[0] for heading in document.headings]


def test_the_table_of_formats() -> None:
    assert {".txt", ".md", ".html", ".pdf", ".docx", ".xlsx", ".csv", ".json", ".py"} < set(SUPPORTED)
    assert media_type("A Report.PDF") == "application/pdf"
    assert media_type("notes.txt") == media_type("log/a.yaml") == "text/plain"
    assert media_type("x/y.markdown") == "text/markdown"
    assert media_type("a.docx").endswith("wordprocessingml.document")
    assert media_type("README") == media_type("a.dwg") == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.dwg", "a.dwg: files of type .dwg are not supported: it looks like a PNG image."),
        ("README", "README: files without an extension are not supported: it looks like a PNG image."),
        (".txt", ".txt: files without an extension are not supported: it looks like a PNG image."),
    ],
)
def test_an_unknown_extension_is_refused_with_some_that_work(name: str, message: str) -> None:
    with pytest.raises(UnsupportedFormat) as caught:
        read(name, PNG)
    assert caught.value.message == message
    assert caught.value.hint == "Save it as .pdf, .docx, .xlsx, .html, .md or .txt, for example."


@pytest.mark.parametrize("name", ["README", "notes.2024", "LICENSE.third-party", ".gitignore"])
def test_a_text_under_any_name_is_read(name: str) -> None:
    assert read(name, b"text of no format").text == "text of no format"


@pytest.mark.parametrize("name", [f"a{extension}" for extension in SUPPORTED])
def test_a_file_of_no_bytes_is_refused(name: str) -> None:
    with pytest.raises(UnreadableDocument) as caught:
        read(name, b"")
    assert caught.value.message == f"{name} is empty: it has 0 bytes."
    assert caught.value.hint == "Check the file and upload it again."


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", b" \n\t\r\n "),
        ("a.txt", b"\xef\xbb\xbf"),
        ("a.md", b"---\ntitle: x\n---\n"),
        ("a.html", b"<!-- x -->"),
    ],
)
def test_a_file_without_text_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(UnreadableDocument) as caught:
        read(name, data)
    assert caught.value.message == f"{name} holds no text."
    assert caught.value.hint == "Upload a document that has text; pictures of text need OCR first."


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.txt", b"%PDF-1.7\n1 0 obj", "a.txt is not a text file: it looks like a PDF."),
        ("a.pdf", b"<html><p>x</p></html>", "a.pdf is not a PDF: it looks like text."),
        ("a.docx", b"{\\rtf1 x}", "a.docx is not a Word document (.docx): it looks like a rich text file (.rtf)."),
        ("a.md", PNG, "a.md is not a text file: it looks like a PNG image."),
        ("a.html", b"abc\x00def", "a.html is not a text file: it looks like binary data."),
        ("a.txt", bytes(range(1, 32)) * 4, "a.txt is not a text file: it looks like binary data."),
        (
            "a.docx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "a.docx is not a Word document (.docx): it looks like an old or password-protected Office file.",
        ),
    ],
)
def test_a_wrong_extension_is_named(name: str, data: bytes, message: str) -> None:
    with pytest.raises(UnreadableDocument) as caught:
        read(name, data)
    assert caught.value.message == message
    assert caught.value.hint == f"Give it the extension of its real format, or save it as {COMMON}."


TRADITIONAL = "感測器校準程序 A-102 要求溫度穩定。\n記錄所有數值。"
JAPANESE = "センサーの校正手順では、温度が安定していること。"
KOREAN = "한국어 교정 절차는 안정적인 온도를 요구합니다."


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        *((name, TRADITIONAL) for name in ("utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030", "big5")),
        *((name, JAPANESE) for name in ("utf-8", "shift_jis", "euc_jp")),
        ("euc_kr", KOREAN),
        ("gb18030", "校准程序要求温度稳定。"),
        ("utf-16-le", "Plain text, größer"),
        ("utf-16-be", "Plain text, größer"),
    ],
)
def test_the_encodings_of_asia_and_of_unicode(encoding: str, text: str) -> None:
    assert read("a.txt", text.encode(encoding)).text == text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Die Prüfung der Geräte – „größte“ Sorgfalt. Café à la carte: 5 €."),
        ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy."),
        ("cp1251", "Процедура калибровки датчика требует стабильной температуры."),
    ],
)
def test_legacy_encodings_of_europe_are_told_apart(encoding: str, text: str) -> None:
    assert read("a.txt", text.encode(encoding)).text == text


def test_a_wrong_byte_in_utf8_costs_one_character() -> None:
    text = "温度稳定的传感器校准"
    assert read("a.txt", text.encode() + b"\xff").text == f"{text}\ufffd"


def test_newlines_become_one_kind_and_control_characters_go() -> None:
    data = "a\r\nb\rc\x0bd\x0ce\u2028f\tg\x07\x1bh\u00adi\ufeffj".encode()
    assert read("a.txt", data).text == "a\nb\nc\nd\ne\nf\tghij"


def test_text_is_otherwise_as_it_was() -> None:
    document = read("a.txt", b"  two  spaces\n\n\n\nand lines \n")
    assert document == ParsedDocument("  two  spaces\n\n\n\nand lines \n", "text/plain")


def test_numbered_lines_that_stand_alone_are_headings_of_a_text() -> None:
    text = (
        "Minutes\n\n1. Boards\n\nThe boards came late.\n\n1.1 Second supplier\n\nNone so far.\n\n2. Fans\n\n"
        "1. First step.\n\n2. Second step.\n\n3 of 4 fans run.\n\n一、总结\n\n完成。\n\n4. End"
    )
    document = read("a.txt", text.encode())
    assert heads(document) == ["1. Boards", "1.1 Second supplier", "2. Fans", "一、总结"]
    assert sections(document)[1] == ("1. Boards", "1.1 Second supplier")


def test_markdown_keeps_its_source_and_finds_headings() -> None:
    text = (
        "# One *two* `three`\n\nText\n\n```\n# no heading\n```\n\nUnder\n-----\n\n> # quoted\n\n### Deep\n\n## Next\n\n"
        "| a | b |\n| --- | --- |\n| 1 | 2 |\n"
    )
    document = read("a.md", text.replace("\n", "\r\n").encode())
    assert document.text == text
    assert document.title == "One two three"
    assert sections(document) == [
        ("One two three",),
        ("One two three", "Under"),
        ("One two three", "Under", "Deep"),
        ("One two three", "Next"),
    ]
    assert heads(document) == ["# One *two* `three`", "Under", "### Deep", "## Next"]


def test_front_matter_of_markdown_is_metadata() -> None:
    yaml = b'title: "A: b"\nauthor: Me # who\ntags:\n  - x\n  - y\nkeywords: [p, q]\nempty:\nnested:\n  a: 1\n'
    document = read("a.md", b"---\n" + yaml + b"---\n\n# H\n")
    assert (document.text, document.title) == ("# H\n", "A: b")
    assert document.metadata == {"author": "Me", "tags": "x, y", "keywords": "p, q"}
    document = read("a.md", b'+++\ntitle = "T"\ndate = 2025-01-31\n[extra]\nx = 1\n+++\nText')
    assert (document.text, document.title, document.metadata) == ("Text", "T", {"date": "2025-01-31"})


@pytest.mark.parametrize(
    "text", ["---\nA rule, then text\n\n---\nmore\n", "+++\nno = toml = here\n+++\nx", "---\nopen: 1\n"]
)
def test_what_only_looks_like_front_matter_stays(text: str) -> None:
    assert read("a.md", text.encode()).text == text


HTML = """<!DOCTYPE html><html lang="en"><head><title>A &amp; B</title><meta name="author" content="Me">
<meta property="article:published_time" content="2025-01-31"><style>p {}</style></head>
<body><nav>Menu</nav><h1>Pump <br>A-102</h1><p>One<!-- no --> <b>two</b>,
three.<br>Four&nbsp;five</p>loose <span>text</span><script>no()</script><p hidden>no</p>
<div style="display: none">no</div><p aria-hidden="true">no</p><template>no</template>
<h2>Lists</h2><ul><li>a<li><p>b</p><ol start="3"><li>x<li>y</ol></ul>
<h3>Tables</h3><table><caption>Sizes</caption><tr><th>A<br>B<th>C</tr><tr><td><p>1</p><p>2</p><td>3<i hidden>no</i></tr>
<tr><td><td></tr></table><pre>def f():
    return 1</pre></body></html>"""


def test_html_is_what_a_person_sees() -> None:
    document = read("a.html", HTML.encode())
    assert document.text == (
        "Pump A-102\n\nOne two, three.\nFour five\n\nloose text\n\nLists\n\n- a\n- b\n  3. x\n  4. y\n\n"
        "Tables\n\nSizes\n\nA B | C\n1 2 | 3\n\ndef f():\n    return 1"
    )
    assert document.title == "A & B"
    assert document.metadata == {"author": "Me", "date": "2025-01-31", "language": "en"}
    assert heads(document) == ["Pump A-102", "Lists", "Tables"]
    assert sections(document)[-1] == ("Pump A-102", "Lists", "Tables")


def test_a_table_for_layout_is_read_as_text() -> None:
    html = "<table><tr><td><h2>Left</h2>text</td><td><table><tr><td>a</td><td>b</td></tr></table></td></tr></table>"
    document = read("a.htm", html.encode())
    assert document.text == "Left\n\ntext\n\na | b"
    assert sections(document) == [("Left",)]
    assert document.title == "Left"


@pytest.mark.parametrize(
    ("declaration", "encoding"),
    [
        ('<meta charset="gb2312">', "gb2312"),
        ("<meta http-equiv=x content='text/html; charset=windows-1251'>", "cp1251"),
    ],
)
def test_html_in_its_declared_encoding(declaration: str, encoding: str) -> None:
    text = "校准" if encoding == "gb2312" else "датчик"
    assert read("a.html", f"{declaration}<p>{text}".encode(encoding)).text == text


@pytest.mark.parametrize("declared", ["utf-16", "no-such", "iso-8859-1", "base64"])
def test_html_whose_declared_encoding_cannot_be(declared: str) -> None:
    assert read("a.html", f'<meta charset="{declared}"><p>5 € für Café'.encode("cp1252")).text == "5 € für Café"


def test_html_without_lone_surrogates_or_control_characters() -> None:
    text = read("a.html", b"<p>a&#xD800;b&#7;c&#0;d</p>").text
    assert text.encode()
    assert "\x07" not in text
    assert "\x00" not in text


def test_html_that_nests_too_deeply_is_refused_rather_than_cut() -> None:
    assert read("a.html", b"<div>" * 500 + b"deep").text == "deep"
    with pytest.raises(UnreadableDocument) as caught:
        read("a.html", b"<div>" * 5000 + b"deep")
    assert caught.value.message == "a.html nests its elements too deeply."
    assert caught.value.hint == "Save the page as text or PDF and upload that."


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
@example("# a\ud800".encode("utf-8", "surrogatepass"))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for extension in SUPPORTED:
        for start in (b"", b"%PDF-1.4\n", b"PK\x03\x04word/"):
            try:
                document = read(f"a{extension}", start + data)
            except UnreadableDocument as error:
                assert error.message.startswith(f"a{extension} ")
                assert error.hint
            else:
                assert document.text.strip()
                assert document.text.encode()
                assert not [mark for mark in document.text if unicodedata.category(mark) == "Cc" and mark not in "\n\t"]
                assert all(0 <= heading.start < len(document.text) for heading in document.headings)


def test_places_are_counted_where_the_text_has_the_lines_of_the_file() -> None:
    counted = {name: counted_in(name) for name in ("a.txt", "a.PY", "a", "a.csv", "a.tsv", "a.md", "a.json", "a.pdf")}
    assert counted == {
        "a.txt": "line", "a.PY": "line", "a": "line", "a.csv": "record", "a.tsv": "record",
        "a.md": None, "a.json": None, "a.pdf": None,
    }  # fmt: skip


def test_the_hint_names_a_type_of_every_format() -> None:
    named = {FORMATS[one] for one in re.findall(r"\.[a-z]+", SUPPORTED_HINT)}
    assert named == set(FORMATS.values())
