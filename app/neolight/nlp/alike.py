"""Whether two names mean the same: surely, perhaps, or not; by rules that stand in `data/alike.toml`.

Whatever the rules say, names that differ in a digit, a sign such as `+`, a numeral or a word such as `north` are
different, and a name with a digit is never surely the same as another.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import cast

from opencc import OpenCC
from rapidfuzz.distance import OSA

from neolight.nlp.alike_rules import DIFFERENT, Judgement, Verdict, opposite, rules

KEPT = 4096
"""Names of which the form and the words are kept: each is compared with many others."""

HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[^\W_]+(?:[+#]+)?")
_CODE = re.compile(r"[^\W_]*\d[^\W_]*")
# Letters of which Unicode has no simpler form.
_WHOLE = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


@cache
def _simplified() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=KEPT)
def form(name: str) -> str:
    """What two spellings of one name have in common; empty for a name that must not be merged by rule.

    Names of one form are surely the same.
    """
    if any(unicodedata.category(char)[0] == "N" for char in name) or re.search(r"[$€£¥%=<>^*/\\|@]", name):
        return ""
    if HAN.search(name):
        text = _chinese(name)
        return f"zh {text}" if len(text) > 1 else ""
    words = _words(name)
    while len(words) > 2 and words[0] in rules().titles:
        words = words[1:]
    text = " ".join(words)
    return text if len(text) > 2 else ""


def initials(name: str) -> str:
    """The first letters of a name's words, without small words; empty for a name of fewer than three."""
    words = [word for word in _words(name) if word not in rules().small]
    return "".join(word[0] for word in words) if len(words) > 2 and not HAN.search(name) else ""


def judge(first: str, second: str, *, near: float = 0.0) -> Judgement:
    """Whether two names mean the same; `near` is the cosine of what is known of the two, from -1 to 1."""
    one = form(first)
    if one and one == form(second):
        return Judgement(Verdict.SAME, 1.0, "same form")
    if _digits(first) != _digits(second) or _signs(first) != _signs(second) or _coded(first, second):
        return DIFFERENT
    both = bool(HAN.search(first)), bool(HAN.search(second))
    if both[0] != both[1]:
        return DIFFERENT
    found = _likely_chinese(_chinese(first), _chinese(second)) if both[0] else _likely(first, second)
    if found.verdict is Verdict.DIFFERENT and not both[0]:
        found = _transcribed(first, second)
    if found.verdict is Verdict.DIFFERENT and near >= rules().near and not _apart(first, second):
        alike = OSA.normalized_similarity(first.casefold(), second.casefold())
        if alike >= rules().near_text:
            return Judgement(Verdict.LIKELY, 0.6, "same meaning")
    return found


def _words(name: str) -> list[str]:
    """The words of a name: without accents, dots and apostrophes, each in its first spelling."""
    return list(_kept_words(name))


@lru_cache(maxsize=KEPT)
def _kept_words(name: str) -> tuple[str, ...]:
    bare = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
    bare = bare.casefold().translate(_WHOLE)
    bare = re.sub(r"(?<=\w)['’`´](?=\w)|(?<=\b[^\W\d_])\.(?=[^\W\d_]\b|\s|$)", "", bare).replace("&", " and ")
    return tuple(rules().words.get(word, word) for word in cast("list[str]", _WORD.findall(bare)))


@lru_cache(maxsize=KEPT)
def _chinese(name: str) -> str:
    """A Chinese name in simplified characters, without marks and spaces, each word in its first spelling."""
    text = _simplified().convert(unicodedata.normalize("NFKC", name)).casefold()
    text = "".join(char for char in text if char not in rules().marks_zh and (char.isalnum() or char in "+#()（）"))
    for other, word in rules().words_zh:
        text = text.replace(other, word)
    return text


def _digits(name: str) -> list[str]:
    return re.findall(r"\d+", unicodedata.normalize("NFKC", name))


def _coded(first: str, second: str) -> bool:
    """Whether the names have codes that differ in a letter: `P-301A` and `P-301B`, but not `A-102` and `A102`."""
    one, two = (
        [code.casefold() for code in _CODE.findall(unicodedata.normalize("NFKC", name))] for name in (first, second)
    )
    if one == two or HAN.search(first + second):
        return False
    return "".join(_words(first)) != "".join(_words(second))


def _signs(name: str) -> list[str]:
    return re.findall(r"[+#*/%$€£¥=<>@]", name)


def _apart(first: str, second: str) -> bool:
    """Whether the names differ in a word that makes them different."""
    if HAN.search(first):
        return bool((set(_chinese(first)) ^ set(_chinese(second))) & rules().apart_zh)
    return bool((set(_words(first)) ^ set(_words(second))) & rules().apart)


def _likely(first: str, second: str) -> Judgement:
    one, two = _words(first), _words(second)
    if not one or not two or one == two:
        return Judgement(Verdict.LIKELY, 0.97, "same words") if one and one == two else DIFFERENT
    found = _shortened(first, one, second, two) or _shortened(second, two, first, one)
    if found:
        return found
    if "".join(one) == "".join(two):
        return Judgement(Verdict.LIKELY, 0.97, "same letters")
    if _apart(first, second) or _opposed(one, two):
        return DIFFERENT
    for holds, score, reason in (
        (sorted(one) == sorted(two) and "," in first + second, 0.95, "same words in another order"),
        (_bare(one) == _bare(two), 0.9, "a title or legal form more"),
        (_stems(one) == _stems(two), 0.92, "plural"),
    ):
        if holds:
            return Judgement(Verdict.LIKELY, score, reason)
    return _misspelt(one, two)


def _shortened(full_name: str, full: list[str], short_name: str, short: list[str]) -> Judgement | None:
    """Whether the second is an abbreviation of the first."""
    letters = "".join(short)
    if len(short) == 1 or all(len(word) == 1 for word in short):
        every = "".join(word[0] for word in full)
        main = "".join(word[0] for word in full if word not in rules().small)
        legal = "".join(word[0] for word in _bare(full))
        if len(full) > 1 and 2 < len(letters) <= len(every) and letters in {every, main, legal}:
            return Judgement(Verdict.LIKELY, 0.85, "initials")
    if len(full) == len(short) > 1 and full[-1] == short[-1] and full_name != short_name:
        pairs = list(zip(full[:-1], short[:-1], strict=True))
        begun = all(
            long == begin or (len(begin) == 1 and long.startswith(begin) and long not in rules().apart)
            for long, begin in pairs
        )
        if begun:
            return Judgement(Verdict.LIKELY, 0.88, "initials of given names")
    if _opened(full, short):
        return Judgement(Verdict.LIKELY, 0.85, "initials")
    if len(short) == 2 and len(full) == 3 and (full[0], full[-1]) == (short[0], short[-1]) and len(full[1]) >= 1:
        return Judgement(Verdict.LIKELY, 0.8, "a middle name more")
    return None


def _transcribed(first: str, second: str) -> Judgement:
    """The verdict where umlauts are written with an e."""
    one, two = (unicodedata.normalize("NFC", name).lower().translate(_UMLAUTS) for name in (first, second))
    return DIFFERENT if (one, two) == (first.lower(), second.lower()) else _likely(one, two)


def _opened(full: list[str], short: list[str]) -> bool:
    """Whether the short name has initials in the place of some words: `UN Security Council`."""
    start = _parting(full, short)
    if start == len(short) or len(short) < 2 or len(full) <= len(short):
        return False
    many = len(full) - len(short) + 1
    return (
        len(short[start]) > 1
        and full[start + many :] == short[start + 1 :]
        and short[start] == "".join(word[0] for word in full[start : start + many])
    )


def _parting(long: Sequence[str], short: Sequence[str]) -> int:
    """Where two names begin to differ."""
    return next((at for at, (one, two) in enumerate(zip(long, short, strict=False)) if one != two), len(short))


def _opposed(one: list[str], two: list[str]) -> bool:
    """Whether the names differ only in the beginning or ending of a word that turns it into its opposite."""
    odd = [(a, b) for a, b in zip(one, two, strict=False) if a != b]
    return len(one) == len(two) and any(opposite(a, b) for a, b in odd)


def _bare(words: list[str]) -> list[str]:
    """The words without titles before and legal forms after them."""
    kept = list(words)
    while len(kept) > 1 and kept[0] in rules().prefixes:
        kept = kept[1:]
    while len(kept) > 1 and kept[-1] in rules().suffixes:
        kept = kept[:-1]
    return kept


def _stems(words: list[str]) -> list[str]:
    """The words with the last one in the singular."""
    last = words[-1]
    for ending, singular in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("s", "")):
        if (
            last.endswith(ending)
            and len(last) > len(ending) + 2
            and not last.endswith(("ss", "us", "is")) | (ending == "sses")
        ):
            return [*words[:-1], last.removesuffix(ending) + singular]
    return words


def _misspelt(one: list[str], two: list[str]) -> Judgement:
    """Whether one may be a slip of the other: long enough, few letters apart, and in no word more than a little."""
    first, second = " ".join(one), " ".join(two)
    if min(len(first), len(second)) < rules().shortest:
        return DIFFERENT
    alike = OSA.normalized_similarity(first, second)
    if alike < rules().typo:
        return DIFFERENT
    if len(one) == len(two):
        odd = [(a, b) for a, b in zip(one, two, strict=True) if a != b]
        if any(min(len(a), len(b)) < 3 or OSA.normalized_similarity(a, b) < rules().word for a, b in odd):
            return DIFFERENT
    return Judgement(Verdict.LIKELY, round(0.9 * alike, 3), "spelling")


def _likely_chinese(one: str, two: str) -> Judgement:
    if not one or not two:
        return DIFFERENT
    if one == two:
        return Judgement(Verdict.LIKELY, 0.97, "same characters")
    long, short = sorted((one, two), key=len, reverse=True)
    if _bare_chinese(long) == _bare_chinese(short) or _placed(long, short):
        return Judgement(Verdict.LIKELY, 0.9, "a title, place or legal form more")
    more = _beyond(long, short)
    if (
        more is not None
        and not _qualified(long, short)
        and len(short) > 1
        and long[0] == short[0]
        and len(long) >= 4
        and not set(more) & rules().apart_zh
    ):
        return Judgement(Verdict.LIKELY, 0.8, "abbreviated")
    if (set(one) ^ set(two)) & rules().apart_zh or len(short) < 4 or len(long) != len(short):
        return DIFFERENT
    alike = OSA.normalized_similarity(one, two)
    return Judgement(Verdict.LIKELY, round(0.85 * alike, 3), "spelling") if alike >= rules().word else DIFFERENT


def _placed(long: str, short: str) -> bool:
    """Whether the longer name of a place only says where it is."""
    places = rules().places_zh
    return long.endswith(short) and short.endswith(places) and long[: -len(short)].endswith(places)


def _qualified(long: str, short: str) -> bool:
    """Whether the longer name has a word more in its middle: that makes it another thing, and no abbreviation."""
    start = _parting(long, short)
    return start > 1 and len(short) - start > 1 and long.endswith(short[start:])


def _bare_chinese(text: str) -> str:
    for suffix in rules().suffixes_zh:
        if text.endswith(suffix) and len(text) - len(suffix) > 1:
            return _bare_chinese(text.removesuffix(suffix))
    for prefix in rules().prefixes_zh:
        if text.startswith(prefix) and len(text) - len(prefix) > 1:
            return text.removeprefix(prefix)
    return text


def _beyond(long: str, short: str) -> str | None:
    """What a text has beyond the characters of another that are in it in order; None where they are not."""
    rest: list[str] = []
    at = 0
    for char in long:
        if at < len(short) and char == short[at]:
            at += 1
        else:
            rest.append(char)
    return "".join(rest) if at == len(short) else None
