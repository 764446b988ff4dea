"""What may come through the door: names of documents and workspaces, sizes, kinds."""

from __future__ import annotations

import hashlib
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from neolight.errors import InvalidInput
from neolight.sources import LONGEST, original_of, source_name, text_original, workspace_name


@pytest.mark.parametrize("name", ["a", "default", "A-1_b.c", "0", "x" * 64, "a..b", "test-0f"])
def test_workspaces(name: str) -> None:
    assert workspace_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "x" * 65,
        "-a",
        ".a",
        "..",
        "_a",
        "a b",
        "a/b",
        "a\\b",
        "a\n",
        "\na",
        "a\0",
        "ä",
        "工作",
        "a`b",
        "a'b",
        "$a",
        "٣",
    ],
)
def test_names_that_no_workspace_has(name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be a workspace") as caught:
        workspace_name(name)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("report.pdf", "report.pdf"),
        ("folder/report.pdf", "folder/report.pdf"),
        ("./folder/./report.pdf", "folder/report.pdf"),
        ("/etc/passwd", "etc/passwd"),
        ("//server//share", "server/share"),
        ("folder\\report.pdf", "folder/report.pdf"),
        ("C:\\Users\\me\\a.txt", "C:/Users/me/a.txt"),
        (" spaced name .md ", "spaced name .md"),
        ("a / b", "a/b"),
        ("...", "..."),
        ("..a/b..", "..a/b.."),
        ("line\nbreak\ttab\x00nul\x1b[31m.txt", "linebreaktabnul[31m.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("\u2066a\u2069\u200b\ufeff.txt", "a.txt"),
        ("soft\u00adhyphen", "softhyphen"),
        ("u\u0308ber.txt", "über.txt"),
        ("报告（最终）.docx", "报告（最终）.docx"),
        ('it\'s `quoted` "well" $x {y}.txt', 'it\'s `quoted` "well" $x {y}.txt'),
        ("\ud800a", "a"),
        ("\ue000a", "a"),
        ("x" * LONGEST, "x" * LONGEST),
    ],
)
def test_sources(raw: str, name: str) -> None:
    assert source_name(raw) == name


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        ".",
        "./.",
        "/",
        "\\",
        "\0",
        "\u202e\u200b",
        "..",
        "../a",
        "a/../b",
        "a/..",
        "a\\..\\..\\b",
        "..\\a",
        ". ./a/.. ",
        "a/.\u200b./b",
        "a/.\0./b",
        "a/ .. /b",
    ],
)
def test_names_that_no_document_has(raw: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be the name of a document"):
        source_name(raw)


@pytest.mark.parametrize("raw", ["x" * (LONGEST + 1), "a/" * LONGEST, "é" * 10_000])
def test_a_source_can_be_too_long(raw: str) -> None:
    with pytest.raises(InvalidInput, match=f"at most {LONGEST}"):
        source_name(raw)


@given(st.text())
@example("a/.\\../b")
@example("\u0344")
def test_a_source_is_a_visible_relative_path(raw: str) -> None:
    try:
        name = source_name(raw)
    except InvalidInput:
        return
    assert 0 < len(name) <= LONGEST
    assert not name.startswith("/")
    assert not {"", ".", ".."} & set(name.split("/"))
    assert "\\" not in name
    assert not any(unicodedata.category(char)[0] == "C" for char in name)
    assert source_name(name) == name


def test_a_file_is_named_and_weighed() -> None:
    made = original_of("folder\\Report.PDF", b"%PDF", max_mb=1)
    assert (made.source, made.title, made.media_type, made.data) == (
        "folder/Report.PDF",
        "Report.PDF",
        "application/pdf",
        b"%PDF",
    )
    assert original_of("thing", b"x", max_mb=1).media_type == "application/octet-stream"


def test_files_that_are_refused() -> None:
    with pytest.raises(InvalidInput, match="is empty"):
        original_of("a.txt", b"", max_mb=1)
    with pytest.raises(InvalidInput, match="at most 1 are allowed"):
        original_of("a.txt", b"x" * ((1 << 20) + 1), max_mb=1)
    assert original_of("a.txt", b"x" * (1 << 20), max_mb=1)
    with pytest.raises(InvalidInput, match="cannot be the name"):
        original_of("../a.txt", b"x", max_mb=1)


def test_a_text_without_a_source_is_named_by_its_content() -> None:
    made = text_original("Hello.", None, max_mb=1)
    assert made.source == f"text-{hashlib.sha256(b'Hello.').hexdigest()}"
    assert made == text_original("Hello.", " ", max_mb=1)
    assert made.source != text_original("Hello!", None, max_mb=1).source
    assert (made.media_type, made.data) == ("text/plain", b"Hello.")


def test_a_text_with_a_source_and_a_title() -> None:
    made = text_original("Hello.", "notes/a.md", title="Notes", max_mb=1)
    assert (made.source, made.title) == ("notes/a.md", "Notes")


def test_texts_that_are_refused() -> None:
    for text in ("", " \n\t "):
        with pytest.raises(InvalidInput, match="empty"):
            text_original(text, None, max_mb=1)
    with pytest.raises(InvalidInput, match="at most 1 are allowed"):
        text_original("é" * (1 << 20), None, max_mb=1)
    with pytest.raises(InvalidInput, match="cannot be the name"):
        text_original("Hello.", "../a", max_mb=1)


def test_half_a_character_does_not_stop_a_text() -> None:
    assert text_original("a\ud800b", None, max_mb=1).data == b"a?b"
