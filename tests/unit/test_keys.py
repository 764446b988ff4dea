"""Identity: what is one entity, one relation, one chunk, and what may become a label."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from neolight.graph import keys

LABEL = re.compile(r"[^\W_]{1,44}")
HOSTILE = [
    "Person`) DETACH DELETE n //",
    "$(Document)",
    "A:B&!C|D",
    "x}) RETURN 1 //",
    "'; DROP DATABASE neo4j; --",
    '"\\u0060',
    "a\0b",
    "Ａ（Ｂ）",
    "𝕻erson",
]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Neo4j", "NEO4J"),
        ("Straße", "STRASSE"),
        ("Ｎｅｏ４ｊ", "neo4j"),
        ("ﬁre", "fire"),
        ("e\u0301clair", "éclair"),
        ("  Acme \t Corp\n", "acme corp"),
        ("Acme\u00a0Corp", "Acme Corp"),
        ("Acme\u3000Corp", "Acme Corp"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("ﾃﾞｰﾀ", "データ"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert keys.entity_key(one) == keys.entity_key(other)
    assert keys.entity_id("w", keys.entity_key(one)) == keys.entity_id("w", keys.entity_key(other))


@pytest.mark.parametrize(
    "names",
    [
        ("C", "C++", "C#", "C--", ".C"),
        ("E-45", "E-4.5", "E45", "E 45", "E-4,5"),
        ("AT&T", "ATT", "AT T"),
        ("Müller", "Muller", "Mueller"),
        ("R2-D2", "R2D2"),
        ("資料庫", "数据库"),
        ("node", "nodes"),
    ],
)
def test_different_names_stay_apart(names: tuple[str, ...]) -> None:
    assert len({keys.entity_key(name) for name in names}) == len(names)


@given(st.text())
@example("ẞ")
@example("İ")
@example("ͅ")
def test_a_key_has_no_capitals_and_no_odd_spaces(name: str) -> None:
    key = keys.entity_key(name)
    assert key == key.casefold()
    assert key == " ".join(key.split())
    assert keys.entity_key(f" {name}\n") == key


def test_endless_names_have_keys_that_an_index_takes() -> None:
    names = [f"{start}{'長' * 20_000}{end}" for start in "ab" for end in "ab"]
    found = {keys.entity_key(name) for name in names}
    assert len(found) == 4
    assert all(len(key.encode()) < 4096 for key in found)
    assert keys.entity_key("x" * keys.MAX_KEY) == "x" * keys.MAX_KEY


def test_ids_say_what_they_are_of() -> None:
    assert keys.document_id("w", "a").startswith("doc-")
    assert keys.chunk_id("d", "a", 0).startswith("chunk-")
    assert keys.entity_id("w", "a").startswith("ent-")
    assert keys.relation_id("w", "a", "b").startswith("rel-")


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
@example(["ab", "c"], ["a", "bc"])
@example(["", "a"], ["a", ""])
@example(["\ud800"], ["?"])
def test_digests_differ_where_texts_do(one: list[str], other: list[str]) -> None:
    assert re.fullmatch(r"[0-9a-f]{32}", keys.digest(*one))
    assert (keys.digest(*one) == keys.digest(*other)) == (one == other)


def test_ids_depend_on_all_that_they_are_made_of() -> None:
    assert len({keys.document_id(w, s) for w in "ab" for s in "ab"}) == 4
    assert len({keys.entity_id(w, k) for w in "ab" for k in "ab"}) == 4
    assert len({keys.chunk_id(d, t, n) for d in "ab" for t in "ab" for n in (0, 1)}) == 8


def test_a_relation_is_one_whichever_way_it_is_stated() -> None:
    assert keys.relation_id("w", "a", "b") == keys.relation_id("w", "b", "a")
    assert len({keys.relation_id(w, *ends) for w in "ab" for ends in (("a", "b"), ("a", "c"), ("b", "c"))}) == 6


@given(st.text(max_size=64))
def test_a_scope_has_only_letters(workspace: str) -> None:
    assert re.fullmatch(r"w[a-z]{32}x", keys.scope(workspace))
    assert keys.scope(workspace) != keys.scope(workspace + "x")


def test_a_scope_loses_nothing_of_the_hash() -> None:
    found = {keys.scope(str(number)) for number in range(2000)}
    assert len(found) == 2000
    assert len(set("".join(found))) == 18  # sixteen for the digits, and the two ends
    assert not set("".join(found)) & set("aeiou")  # nothing that a stemmer knows as a word


@pytest.mark.parametrize(
    ("type_", "label"),
    [
        ("person", "Person"),
        ("Person", "Person"),
        ("PERSON", "PERSON"),
        ("natural person", "NaturalPerson"),
        ("natural_person", "NaturalPerson"),
        ("natural-person / being", "NaturalPersonBeing"),
        ("iPhone model", "IPhoneModel"),
        ("  event\t", "Event"),
        ("ISO 9001", "ISO9001"),
        ("人物", "人物"),
        ("организация", "Организация"),
        ("Ｐｅｒｓｏｎ", "Person"),
        ("straße", "Straße"),
        ("", "Other"),
        (" \n", "Other"),
        ("!?`", "Other"),
        ("___", "Other"),
        ("3D model", "Other"),
        ("²", "Other"),
        ("a" * 41, "A" + "a" * 39),
        ("word " * 20, "WordWordWordWordWordWordWordWordWordWord"),
    ],
)
def test_types_become_labels(type_: str, label: str) -> None:
    assert keys.type_label(type_) == label


@pytest.mark.parametrize("label", sorted(keys.SYSTEM_LABELS))
def test_a_type_is_never_a_label_of_the_system(label: str) -> None:
    assert keys.type_label(label) == f"{label}Type"
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label)
    assert keys.type_label(f"`{spaced.lower()}`") == f"{label}Type"
    assert keys.type_label(f"{label}\u200b") == f"{label}Type"
    assert keys.type_label(f"{label}Type") == f"{label}Type"


def test_system_labels_are_those_of_the_cypher_files() -> None:
    from neolight.graph.query import CYPHER  # noqa: PLC0415

    texts = [path.read_text("utf-8") for path in CYPHER.rglob("*.cypher")]
    used = {label for text in texts for label in re.findall(r"\(\w*:([A-Z]\w*)", text)}
    assert used <= keys.SYSTEM_LABELS


@given(st.one_of(st.text(), st.sampled_from(HOSTILE), st.text(string.punctuation + string.ascii_letters)))
@example("ŉ" * 40)
@example("ß" * 40)
@example("ﬃ" * 40)
@example("1" * 50)
def test_a_label_is_letters_and_digits(type_: str) -> None:
    label = keys.type_label(type_)
    assert LABEL.fullmatch(label)
    assert len(label) <= keys.MAX_TYPE or label.removesuffix("Type") in keys.SYSTEM_LABELS
    assert label not in keys.SYSTEM_LABELS
    assert label[0].isalpha()
    assert keys.type_label(label) == label
