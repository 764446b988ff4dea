"""Names and terms in Chinese text, from the word classes of jieba (nr person, ns place, nt organization, ...)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from neolight.nlp.chinese import is_chinese, is_rare, tag
from neolight.nlp.chinese_companies import Word, with_companies
from neolight.nlp.lexicon import group, words
from neolight.nlp.patterns import Span

_ORGANIZATION = re.compile(
    r"(?:公司|集团|大学|学院|医院|银行|协会|学会|联合会|委员会|研究所|研究院|研究中心|实验室|[^全内外上下大细干总]部|[^当大布结格]局|厅|事务所|基金会"
    r"|出版社|法院|检察院|政府|学校|中学|小学|党|军|俱乐部|办公室|工厂|车间|处室|服务中心|旅行社|通讯社|报社)$"
)
_PLACE = re.compile(r".{1,}(?:省|市|区|县|镇|乡|村|路|街|道|河|江|湖|山|岛|洲|海|湾|港|机场|车站|广场|大厦|园区)$")
_DOCUMENT = re.compile(
    r"(?:办法|制度|规定|政策|手册|报告|合同|协议|标准|规程|规范|流程|条例|方案|指南|计划|说明书|证书|订单|发票|清单|章程|法)$"
)
_PRODUCT = re.compile(r"(?:泵|阀|阀门|机|器|仪|仪表|系统|设备|装置|软件|平台|件|箱|柜|板|电缆|电池|模块|芯片|车|炉)$")
_EVENT = re.compile(r"(?:会议|大会|战争|战役|比赛|运动会|奥运会|事件|事故|展览会|博览会|革命|运动|节)$")
_NOMINAL = frozenset({"n", "nz", "nt", "ns", "nr", "nrt", "nrfg", "vn", "an", "j", "ng", "nw"})
_PEOPLE = frozenset({"nr", "nrt", "nrfg"})
_DOTS = frozenset("·•")
_MISTAKEN = frozenset({"ns", "nr", "nz", "n"})
"""What jieba calls some verbs, 密封 and 遮阳 among them."""
_COMPANY = ("公司", "集团")
_PLACING = frozenset({"f", "s", "a", "b", "x"})
_LONGEST = 5


def chinese_names(text: str, bounds: list[tuple[int, int]], masks: list[Span]) -> list[Span]:
    """Spans of people, places, organizations and compound terms in the Chinese sentences of the text.

    `masks` are spans that a pattern already knows. A term of one word is kept if it has three characters or comes up
    three times; at most one term for every twenty characters, the most frequent first.
    """
    taken = bytearray(len(text))
    for span in masks:
        taken[span.start : span.end] = b"\x01" * (span.end - span.start)
    found: list[Span] = []
    for start, end in bounds:
        if is_chinese(text[start:end]):
            tagged = with_companies(_tagged(text[start:end], start, taken))
            for run in _runs(tagged):
                found.extend(_named(run))
    return _without_rare(found, len(text))


def _tagged(sentence: str, offset: int, taken: bytearray) -> list[Word]:
    """The words of a sentence; what a pattern has taken bears the flag `x`."""
    tagged: list[Word] = []
    for word, flag in tag(sentence):
        end = offset + len(word)
        noun = word in group("suffixes_zh") and (flag in {"zg", "g", "k", "q"} or _is_head(tagged, flag))
        verbal = flag in _MISTAKEN and word in words("modifiers_zh")
        kind = "x" if any(taken[offset:end]) else "n" if noun else "vn" if verbal else flag
        tagged.append(Word(offset, end, word, kind))
        offset = end
    return tagged


def _is_head(tagged: list[Word], flag: str) -> bool:
    """Whether a word of one character is the head of a compound though its class says otherwise: 遮阳罩, 泄漏孔."""
    before = tagged[-1] if tagged else None
    return flag in {"v", "nr", "ng"} and before is not None and before.text in words("modifiers_zh")


def _runs(tagged: list[Word]) -> Iterator[list[Word]]:
    """Runs of words that may make up one name."""
    run: list[Word] = []
    for index, word in enumerate(tagged):
        if word.flag in _NOMINAL or _modifies(tagged, index) or _joins(tagged, index):
            if run or not _is_verb(tagged, index):
                run.append(word)
            continue
        if run:
            yield run
        run = []
    if run:
        yield run


def _modifies(tagged: list[Word], index: int) -> bool:
    """Whether a verb is the first part of a compound noun, as 采购 is in 采购订单."""
    word = tagged[index]
    if word.flag not in {"v", "b", "a"} or index + 1 >= len(tagged) or tagged[index + 1].flag not in _NOMINAL:
        return (
            word.flag == "v"
            and word.text in words("modifiers_zh")
            and index > 0
            and tagged[index - 1].flag in {"n", "vn", "nz"}
        )
    before = tagged[index - 1].text if index else ""
    return word.text in words("modifiers_zh") and before not in group("verbal_leads_zh")


def _joins(tagged: list[Word], index: int) -> bool:
    """Whether a mark or a word of place is part of a name: 卡尔·罗杰斯, 腾讯（深圳）有限公司, 北方机械."""
    if not 0 < index < len(tagged) - 1:
        return False
    before, word, after = tagged[index - 1], tagged[index], tagged[index + 1]
    if word.text in _DOTS:
        return is_chinese(before.text) and is_chinese(after.text)
    if word.text in "（(":
        return after.flag == "ns" and index + 3 < len(tagged) and tagged[index + 3].text.endswith(_COMPANY)
    if word.text in "）)":
        return before.flag == "ns" and after.text.endswith(_COMPANY)
    return word.flag in {"f", "s"} and len(word.text) > 1 and after.flag in _NOMINAL and before.flag not in _NOMINAL


def _is_verb(tagged: list[Word], index: int) -> bool:
    """Whether a noun at the start of a run is the verb of its sentence, as 联系 is in 请联系维修中心."""
    word = tagged[index]
    if len(word.text) != 2 or index + 1 >= len(tagged) or tagged[index + 1].flag not in _NOMINAL:
        return False
    before = tagged[index - 1] if index else None
    led = before is not None and (before.text in group("verbal_leads_zh") or before.flag == "d")
    return led and (word.text in words("modifiers_zh") or word.text in group("orders_zh"))


def _named(run: list[Word]) -> Iterator[Span]:
    """The names in a run: organizations as a whole, people and places one by one, compounds from the rest."""
    rest: list[Word] = []
    at = 0
    while at < len(run):
        size = _organization_at(run, at)
        kind = "Organization" if size else None
        if not size:
            size = _person_at(run, at)
            kind = _proper(run[at : at + size])
        if kind is None:
            rest.extend(run[at : at + size])
        else:
            yield from _term(rest)
            rest = []
            yield _span(run[at : at + size], kind)
        at += size
    yield from _term(rest)


def _organization_at(run: list[Word], at: int) -> int:
    """How many words from `at` name an organization, at most; 0 if none do."""
    sizes = range(min(_LONGEST + 1, len(run) - at), 0, -1)
    return next((size for size in sizes if _is_organization(run[at : at + size])), 0)


def _person_at(run: list[Word], at: int) -> int:
    """How many words from `at` belong together, more than one only in a person's name."""
    end = at + 1
    while end < len(run) and end - at < _LONGEST and _same_person(run, at, end):
        end += 1
    return end - at


def _is_organization(run: list[Word]) -> bool:
    text = "".join(word.text for word in run)
    if run[-1].flag == "nt" and len(run) == 1:
        return True
    if text.endswith(_COMPANY) and not _names_company(run, text):
        return False
    return (
        len(text) >= 3
        and text not in words("generic_zh")
        and _ORGANIZATION.search(text) is not None
        and run[-1].flag not in {"v", "ns"}
    )


def _names_company(run: list[Word], text: str) -> bool:
    """Whether a company has a name, and is not only spoken of, as in 全资子公司."""
    if text.endswith(("子公司", "分公司", "总公司", "母公司")) and run[0].flag not in {"ns", "nz", "nt", "nr"}:
        return False
    return len(text) > 4 or any(word.flag in {"ns", "nz", "nt", "nr", "nrt", "j"} for word in run)


def _same_person(run: list[Word], start: int, end: int) -> bool:
    before, word = run[end - 1], run[end]
    if word.text in _DOTS or before.text in _DOTS:
        return True
    surname = before.text in group("surnames_zh") or (
        before.flag in _PEOPLE and len(before.text) == 1 and end - start == 1
    )
    return surname and word.flag in _PEOPLE and len(word.text) <= 2


def _proper(run: list[Word]) -> str | None:
    """Person, Location or Organization, or nothing for what is no proper name."""
    text = "".join(word.text for word in run)
    flag = run[-1].flag
    if flag in _PEOPLE:
        return "Person" if len(text) > 1 else None
    if flag == "ns":
        return "Location" if len(text) > 1 else None
    if flag == "n" and len(text) > 2 and text.endswith(("省", "市", "区", "县", "镇")) and _PLACE.match(text):
        return "Location"
    return "Organization" if flag == "nt" else None


def _term(run: list[Word]) -> Iterator[Span]:
    """A compound noun without the generic words at its ends."""
    generic = words("generic_zh")
    while len(run) > 1 and (run[-1].text in generic or run[-1].flag in {"ng"}):
        run = run[:-1]
    while run and (run[0].flag in _PLACING or (len(run) > 1 and run[0].text in generic)):
        run = run[1:]
    run = run[-_LONGEST:]
    if not run or (len(run) == 1 and (run[0].text in generic or run[0].flag in {"v", "vn", "an", "ng", "b", "a"})):
        return
    if sum(len(word.text) for word in run) > 1:
        yield _span(run, "")


def _span(run: list[Word], kind: str) -> Span:
    name = "".join(word.text for word in run)
    return Span(run[0].start, run[-1].end, name, kind or _term_kind(name, len(run)))


def _term_kind(name: str, size: int) -> str:
    for kind, pattern in (("Document", _DOCUMENT), ("Product", _PRODUCT), ("Event", _EVENT)):
        if len(name) > 2 and pattern.search(name):
            return kind
    return "Concept" if size > 1 else "Word"


def _without_rare(found: list[Span], length: int) -> list[Span]:
    """The spans without words that say little, and without the rarest terms where there are too many."""
    counts = Counter(span.name for span in found)
    proper = frozenset({"Person", "Location", "Organization"})
    terms = {
        span.name: span
        for span in found
        if span.type not in proper
        and (span.type != "Word" or len(span.name) > 2 or counts[span.name] > 2 or is_rare(span.name))
    }
    kept = set(sorted(terms, key=lambda name: (-counts[name], -len(name)))[: max(4, length // 20)])
    return [
        Span(span.start, span.end, span.name, "Concept" if span.type == "Word" else span.type)
        for span in found
        if span.type in proper or span.name in kept
    ]
