"""Files that are made to do harm, fifty or more of a kind: none is opened, and none of what they hide is read."""

from __future__ import annotations

import itertools
from html import escape

import pytest
from test_readers_hostile import LAUGHS, PARAMETER, PARTS, XXE, ZIPS, refused, with_entity

from bad_files import REAL, repacked
from hostile import control, tried
from neolight.ingest.readers import read

OFFICE = [kind for kind in ZIPS if kind in (".docx", ".xlsx")]
PLACES = (
    "media/a.bin",
    "../../a.bin",
    "/etc/a.bin",
    "a" * 200,
    "docProps/image1.png",
    "customXml/item.bin",
    "b/c/d",
)
MEGABYTE = 1 << 20


def padded(kind: str, place: str, megabytes: int, parts: int) -> bytes:
    """A real file, and beside its parts others that unpack to so many megabytes together."""
    share = b"\0" * (megabytes * MEGABYTE // parts)
    return repacked(REAL[kind], lambda _, data: data, {f"{place}{at}": share for at in range(parts)})


@pytest.mark.parametrize("kind", ZIPS)
def test_archives_that_unpack_to_far_more_than_they_are(kind: str) -> None:
    name = "zip bomb"
    for place, parts in itertools.product(PLACES, (1, 4)):
        assert (
            "which is not safe to open"
            in refused(f"a{kind}", padded(kind, place, 12 + len(REAL[kind]) // 4000, parts)).message
        )
        tried(name)
    assert read(f"a{kind}", padded(kind, "media/a.bin", 1, 4)).text
    control(name)


@pytest.mark.parametrize("kind", OFFICE)
def test_parts_of_office_files_that_decompress_to_far_more_than_they_are(kind: str) -> None:
    name = "decompression bomb in DOCX and XLSX"
    parts = [entry for entry in names_in(REAL[kind]) if entry.endswith((".xml", ".rels"))]
    for part, filler in itertools.product(parts[:7], (b" ", b"<!-- -->", b"\n\t", b"&#32;")):
        blown = filler * (12 * MEGABYTE // len(filler))
        data = repacked(REAL[kind], lambda at, was, part=part, blown=blown: was + blown if at == part else was)
        assert "which is not safe to open" in refused(f"a{kind}", data).message
        tried(name)
    assert read(
        f"a{kind}", repacked(REAL[kind], lambda at, was: was + b" " * 1000 if at.endswith(".xml") else was)
    ).text
    control(name)


def names_in(data: bytes) -> list[str]:
    """The parts of an archive."""
    found: list[str] = []
    repacked(data, lambda part, was: (found.append(part), was)[1])
    return found


TARGETS = ("/etc/passwd", "/proc/self/environ", "C:/Windows/win.ini", "/dev/random")
SCHEMES = ("file://", "http://127.0.0.1:9", "https://169.254.169.254", "ftp://127.0.0.1:9", "php://filter/resource=")
ENTITIES = [
    XXE, LAUGHS, PARAMETER,
    *(f'<!ENTITY x SYSTEM "{scheme}{target}">' for scheme in SCHEMES for target in TARGETS[:2]),
    f'<!ENTITY x PUBLIC "-//X//Y" "file://{TARGETS[0]}">',
    '<!ENTITY x "' + "a" * 50_000 + '">',
    '<!ENTITY % a "<!ENTITY x SYSTEM \'file:///etc/passwd\'>"> %a;',
]  # fmt: skip


@pytest.mark.parametrize("kind", [*ZIPS, ".xml"])
def test_entities_of_xml(kind: str) -> None:
    name = "XXE"
    for entity in ENTITIES:
        if kind == ".xml":
            data = with_entity(b'<?xml version="1.0"?><a><b>&x;</b></a>', entity)
        else:
            data = repacked(REAL[kind], lambda at, was, e=entity: with_entity(was, e) if at == PARTS[kind] else was)
        assert "defines XML entities of its own" in refused(f"a{kind}", data).message
        tried(name)
    assert read(f"a{kind}", REAL[kind] if kind != ".xml" else b'<?xml version="1.0"?><a><b>text</b></a>').text
    control(name)


MARK = "PWNED"
SCRIPT = f"alert('{MARK}')"
HANDLERS = [
    *("onclick", "onload", "onerror", "onmouseover", "onfocus", "onblur", "onsubmit", "onkeydown", "ontoggle"),
    *("onanimationend", "onpointerdown", "onwheel", "oncopy", "onpaste", "onbegin"),
]
PAGES = [
    f"<script>{SCRIPT}</script>",
    f"<SCRIPT type=module>{SCRIPT}</SCRIPT>",
    f"<script\n>{SCRIPT}</script\n>",
    f"<scr\0ipt>{SCRIPT}</scr\0ipt><script>{SCRIPT}</script>".replace("\0", ""),
    f"<svg><script>{SCRIPT}</script></svg>",
    f"<math><script>{SCRIPT}</script></math>",
    f"<style>body {{ background: url(javascript:{SCRIPT}) }}</style>",
    f"<noscript><style>{SCRIPT}</style></noscript>",
    f"<template><script>{SCRIPT}</script></template>",
    f'<iframe srcdoc="{escape(f"<script>{SCRIPT}</script>")}"></iframe>',
    f'<object data="javascript:{SCRIPT}"></object>',
    f'<embed src="javascript:{SCRIPT}">',
    f'<meta http-equiv=refresh content="0;url=javascript:{SCRIPT}">',
    f'<link rel=stylesheet href="javascript:{SCRIPT}">',
    f'<base href="javascript:{SCRIPT}//">',
    f'<form action="javascript:{SCRIPT}"><input type=submit></form>',
    f"<!-- <script>{SCRIPT}</script> -->",
    f"<head><script>{SCRIPT}</script></head>",
    *(f'<img src=x {handler}="{SCRIPT}">' for handler in HANDLERS),
    *(f'<div {handler}="{SCRIPT}"></div>' for handler in HANDLERS),
    *(f'<{tag} href="javascript:{SCRIPT}"></{tag}>' for tag in ("a", "area", "use", "animate")),
    *(f'<{tag} src="data:text/html,{SCRIPT}"></{tag}>' for tag in ("img", "video", "audio", "source", "track")),
]


def test_html_with_scripts() -> None:
    name = "HTML with scripts"
    for page in PAGES:
        document = read("a.html", f"<html><body><p>Before.</p>{page}<p>After the harm.</p></body></html>".encode())
        assert MARK not in document.text, page
        assert MARK not in str(document.metadata), page
        assert "After the harm." in document.text, page
        tried(name)
    assert MARK in read("a.html", f"<p>{escape(SCRIPT)}</p>".encode()).text, "what is said of a script is a text"
    control(name)
