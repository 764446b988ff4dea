"""Writes questions that are no questions: quotations, single words and names, each with the passages that have them.

`neolight eval quotes.jsonl --corpus CORPUS.jsonl --mode mix,naive,auto` then says which mode finds them.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

WORD = re.compile(r"[A-Za-z]{6,}")


def main() -> None:
    """Writes quotes.jsonl, words.jsonl and names.jsonl."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path, help="passages in JSONL: id, title, text")
    parser.add_argument("folder", type=Path, help="where the questions go")
    parser.add_argument("--count", type=int, default=100, help="of each kind")
    given = parser.parse_args()
    passages: dict[str, str] = {}
    titles: dict[str, str] = {}
    for line in given.corpus.read_text("utf-8").splitlines():
        one = json.loads(line)
        passages[one["id"]], titles[one["id"]] = one["text"], one["title"]
    rng = random.Random(20261121)
    given.folder.mkdir(parents=True, exist_ok=True)
    kinds = {
        "quotes": _quotes(passages, rng, given.count),
        "words": _words(passages, rng, given.count),
        "names": _names(passages, titles, rng, given.count),
    }
    for name, questions in kinds.items():
        lines = [json.dumps({"id": f"{name}-{at}", **one}, ensure_ascii=False) for at, one in enumerate(questions)]
        (given.folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")


def _quotes(passages: dict[str, str], rng: random.Random, count: int) -> list[dict[str, Any]]:
    """Five to nine words in quotation marks, from anywhere in a passage."""
    found: list[dict[str, Any]] = []
    for id_ in rng.sample(sorted(passages), count):
        words = passages[id_].replace('"', "").split()
        length = rng.randint(5, 9)
        at = rng.randrange(max(1, len(words) - length))
        quote = " ".join(words[at : at + length])
        gold = [other for other, text in passages.items() if quote in text.replace('"', "")]
        found.append({"question": f'"{quote}"', "gold": gold or [id_]})
    return found


def _words(passages: dict[str, str], rng: random.Random, count: int) -> list[dict[str, Any]]:
    """A single word that one to four passages have."""
    by_word = {id_: set(WORD.findall(text)) for id_, text in passages.items()}
    often = Counter(word for words in by_word.values() for word in words)
    rare = sorted(word for word, times in often.items() if 1 <= times <= 4)
    return [
        {"question": word, "gold": [id_ for id_, words in by_word.items() if word in words]}
        for word in rng.sample(rare, count)
    ]


def _names(passages: dict[str, str], titles: dict[str, str], rng: random.Random, count: int) -> list[dict[str, Any]]:
    """A name of two words or more that one to four passages have, as people type it to look somebody up."""
    plain = {re.sub(r" \(.*", "", title) for title in titles.values()}
    several = sorted(name for name in plain if 2 <= len(name.split()) <= 4)
    found: list[dict[str, Any]] = []
    for name in rng.sample(several, len(several)):
        gold = [id_ for id_, text in passages.items() if name in text]
        if 1 <= len(gold) <= 4:
            found.append({"question": name, "gold": gold})
        if len(found) == count:
            break
    return found


if __name__ == "__main__":
    main()
