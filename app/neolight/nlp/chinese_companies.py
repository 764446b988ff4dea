"""Names of companies in Chinese sentences, which jieba tears apart: joined before anything else is looked for."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LIMITED = ("有限公司", "有限责任公司", "股份公司", "合伙企业")
_ENDS_NAME = frozenset({"p", "c", "u", "uj", "ul", "uz", "r", "m", "q", "x", "t", "y", "eng"})
_BRANCH = re.compile(
    r"(?:水务|纸业|制药|药业|乳业|酒业|矿业|渔业|林业|实业|置业|物业|重工|钢铁|石化|化工|化纤|电力|电气|电器|电机|机电|机床|轴承"
    r"|水泥|玻璃|陶瓷|橡胶|塑料|纺织|服饰|食品|饮料|科技|软件|通信|光电|能源|环保|物流|航运|航空|证券|保险|传媒|汽车)$"
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: its place, and the class that jieba gives it."""

    start: int
    end: int
    text: str
    flag: str


def with_companies(tagged: list[Word]) -> list[Word]:
    """The words with the names of companies joined: back from 有限公司 to what cannot be in a name, and a place or a
    word that no dictionary has before the name of a branch, as in 江北纸业."""
    joined: list[Word] = []
    for word in tagged:
        joined.append(word)
        size = _limited_size(joined) or _branch_size(joined)
        if size > 1:
            name = joined[-size:]
            text = "".join(one.text for one in name)
            joined[-size:] = [Word(name[0].start, name[-1].end, text, "nt")]
    return joined


def _limited_size(words_: list[Word]) -> int:
    if not words_[-1].text.endswith(_LIMITED):
        return 0
    size = 1
    while size < min(len(words_), 8) and _in_company(words_[-size - 1]):
        size += 1
    return size


def _in_company(word: Word) -> bool:
    if word.text in "（()）":
        return True
    return word.flag not in _ENDS_NAME and not (word.flag.startswith("v") and word.flag != "vn")


def _branch_size(words_: list[Word]) -> int:
    """How many of the last words are a place or unknown word and a branch: two or three characters before it."""
    last = words_[-1]
    for size in (2, 3, 4):
        name = words_[-size:]
        text = "".join(word.text for word in name)
        if len(name) < size or any(word.flag == "x" for word in name):
            return 0
        branch = _BRANCH.search(text)
        if not branch or branch.start() not in (2, 3):
            continue
        before = [word for word in name if word.end <= last.end - len(branch[0])]
        if any(word.flag in _ENDS_NAME | {"d", "v", "vn"} for word in before):
            continue
        whole = len(before) == 1 and before[0].flag in {"ns", "nz", "nr", "nrt"}
        coined = any(len(word.text) == 1 for word in name[:-1]) and branch.start() == 2
        if whole or coined:
            return size
    return 0
