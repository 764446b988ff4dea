"""What has a shape of its own: codes, dates, quantities, addresses and quoted titles, in English and Chinese text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from neolight.nlp.chinese import HAN
from neolight.nlp.lexicon import is_common


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text that names something: characters start to end (excluded), its name and its type."""

    start: int
    end: int
    name: str
    type: str


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.VERBOSE)


_LEFT = r"(?<![A-Za-z0-9_])(?<![A-Z0-9][-‑])"
"""No letter, digit or code before; Chinese characters may be."""
_RIGHT = r"(?![A-Za-z0-9_])(?![-‑]\d)"
_MONTH = r"""(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?
    |Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"""
_YEAR = r"(?:1\d{3}|20\d{2}|2100)"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_ERA = r"(?:BCE?|AD|CE)"
_COUNTED = r"(?!\s(?!was|has|is|does|census|series|elections|games|tours)[a-z]+s\b)"
"""A number before a plural counts things and is no year."""
_DATE = _pattern(
    rf"""(?=[\dJFMASONDQHTtsflwbe]){_LEFT}(?:
    (?:19|20)\d\d[-/.](?:1[0-2]|0?[1-9])[-/.](?:3[01]|[12]\d|0?[1-9])
    |\d{{1,2}}[/.]\d{{1,2}}[/.](?:19|20)\d\d
    |{_DAY}(?:\sof)?\s{_MONTH}(?:,?\s{_YEAR})?
    |{_MONTH}\s{_DAY}(?:,?\s{_YEAR})?{_RIGHT}
    |{_MONTH},?\s{_YEAR}
    |(?:Q[1-4]|H[12])(?:(?:\s(?:of\s)?|[-/])?(?:FY\s?)?(?:20)?\d\d)?
    |20\d\d[-\s]?(?:Q[1-4]|H[12])
    |FY\s?(?:20)?\d\d
    |(?:[Tt]he\s)?(?:(?:first|second|third|fourth|last)\s(?:quarter|half)
        |spring|summer|autumn|fall|winter|end|beginning)(?:\sof)?\s{_YEAR}
    |{_YEAR}\s?[-–—/]\s?(?:{_YEAR}|\d\d(?!\d|\s?{_MONTH}))
    |{_YEAR}s
    |\d{{1,4}}\s?{_ERA}
    |\d{{1,2}}(?:st|nd|rd|th)\scentury(?:\s{_ERA})?
    |(?:1[5-9]\d\d|20\d\d|2100|(?<=\b[Ii]n\s)1[0-4]\d\d){_COUNTED}
    ){_RIGHT}(?!年)"""
)
_DATE_CHINESE = _pattern(
    r"""(?:\d{4}|[〇零一二三四五六七八九]{4})年(?:度)?(?:
        第?[一二三四1-4]季度|[上下]半年
        |\d{1,2}月(?:\d{1,2}[日号])?
        |[一二三四五六七八九十]{1,2}月(?:[一二三四五六七八九十]{1,3}[日号])?)?
    |\d{1,2}月\d{1,2}[日号]|第[一二三四]季度|(?:公元前)?\d{1,2}世纪(?:\d0年代)?"""
)
_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_SCALE = r"(?:\s?(?:hundred|thousand|million|billion|trillion|bn|[km]))?"
_UNIT = r"""(?:°\s?[CF]|℃|percent|per\s?cent|percentage\spoints?
    |k?g|mg|lbs?|pounds?|tons?|tonnes?|kilograms?|grams?
    |[kcmµn]?m|mi|ft|miles?|met(?:er|re)s?|kilomet(?:er|re)s?|feet|foot|inch(?:es)?|yards?
    |acres?|hectares?|k?m[23²³]|sq\.?\s(?:mi|km|ft)|square\s(?:miles?|kilomet(?:er|re)s?|feet|met(?:er|re)s?)
    |lit(?:er|re)s?|gallons?|m[lL]|L|bar|psi|[kM]?Pa|[mkM]?V|volts?|m?A|amps?|[kMG]?W|watts?|kWh|[kMG]?Hz|rpm|Nm|dB
    |[KMGT]B|seconds?|minutes?|hours?|days?|weeks?|months?|years?|mph|km/h
    |dollars?|euros?|yuan|yen|USD|EUR|GBP|CNY|RMB|JPY|CHF)"""
_UNIT_CHINESE = r"""(?:个?百分点|万?亿?(?:美元|欧元|人民币|元)|万|亿|个工作日|个?小时|分钟|秒|天|日内|周|个月|年内
    |公里|千米|厘米|毫米|米|吨|公斤|千克|克|毫升|升|平方米|摄氏度|度|伏|安|千瓦|瓦|兆帕|转)"""
_QUANTITY = _pattern(
    rf"""(?=[\d$€£¥￥UACHEGRJ])(?:
    (?:US|A|C|HK)?[$€£¥￥]\s?{_NUMBER}{_SCALE}(?!\w)
    |(?<![\w-])(?:USD|EUR|GBP|CNY|RMB|JPY|CHF)\s?{_NUMBER}{_SCALE}(?!\w)
    |(?<![\w.,-]){_NUMBER}{_SCALE}(?:\s?[%％]|[\s-]?{_UNIT}(?!\w))
    |(?<![A-Za-z0-9.,-]){_NUMBER}\s?{_UNIT_CHINESE}
    |(?<![\w.,-])\d{{1,3}}(?:,\d{{3}})+(?!\w))"""
)
_STANDARD = r"(?:ISO|IEC|EN|DIN|ANSI|ASTM|IEEE|GB|BS|RFC|NFPA|ASME|OHSAS|SAE|NIST|CVE|VDE|JIS)"
_NORM = _pattern(rf"(?=[A-Z]){_LEFT}{_STANDARD}(?:[/\s](?:ISO|IEC|T|SP))*[\s-]?\d{{2,}}(?:[-:.]\d+)*{_RIGHT}")
_CODE = _pattern(
    rf"""(?=[A-Z0-9]){_LEFT}(?:
    [A-Z]{{1,6}}[-‑]?\d+[A-Z0-9]*(?:[-‑/.][A-Z0-9]*\d[A-Z0-9]*|[-‑][A-Z]{{1,3}}(?![a-z]))*
    |[A-Z]{{1,4}}[-‑](?:[A-Z]{{1,4}}[-‑])?\d[A-Z0-9]*(?:[-‑][A-Z0-9]+)*
    |0x[0-9A-Fa-f]+
    |\d+[A-Z]{{1,3}}-\d[\w-]*){_RIGHT}"""
)
_NUMBERED = _pattern(
    r"""\b(?:[Pp]art|[Ss]erial|[Oo]rder|[Ii]tem|[Mm]odel|[Ii]nvoice)\s(?:[Nn]o\.?|[Nn]umber)\s?:?\s?
    (?P<name>[A-Z0-9][A-Za-z0-9-]*\d[A-Za-z0-9-]*)
    |\b(?P<name2>(?:[Ee]rror|[Ff]ault|[Aa]larm)(?:\s[Cc]ode)?\s\d{2,5})(?!\d|[.,]\d|\w)"""
)
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+", re.ASCII)
_LINK = _pattern(r"(?:https?://|www\.)[^\s<>\"'，。；、）)\]]*[^\s<>\"'，。；、）)\].,;:!?]")
_QUOTED = _pattern(
    r"""“(?P<name>[^”\n]{2,80})”|"(?P<name2>[^"\n]{2,80})"|``\s?(?P<name3>[^'`\n]{2,80}?)\s?''|「(?P<name4>[^」\n]{2,40})」"""
)
_BOOK = _pattern(r"《(?P<name>[^》\n]{1,60})》")
_DIGIT = re.compile(r"\d")
_CHINESE_MARK = re.compile(r"[，。！？；：,]")
_MOST_WORDS = 8
_MOST_CHARACTERS = 16
"""Of a quoted title, in English and in Chinese."""


def shaped(text: str) -> list[Span]:
    """Spans of the text that a pattern knows, in order; where two overlap, the one of the earlier pattern stays."""
    taken = bytearray(len(text))
    found: list[Span] = []
    for kind, pattern in _applicable(text):
        for span in _matches(kind, pattern, text):
            if not any(taken[span.start : span.end]):
                taken[span.start : span.end] = b"\x01" * (span.end - span.start)
                found.append(span)
    return sorted(found, key=lambda span: span.start)


def instead(spans: list[Span], others: list[Span]) -> list[Span]:
    """The spans with `others` among them, in the stead of those that overlap one of these."""
    taken = bytearray(max((one.end for one in others), default=0))
    for one in others:
        taken[one.start : one.end] = b"\x01" * (one.end - one.start)
    kept = [span for span in spans if not any(taken[span.start : span.end])]
    return sorted([*kept, *others], key=lambda span: span.start)


def _applicable(text: str) -> Iterator[tuple[str, re.Pattern[str]]]:
    """The patterns that can match at all, the stronger first."""
    if "@" in text:
        yield "Contact", _MAIL
    if "http" in text or "www." in text:
        yield "Document", _LINK
    if _DIGIT.search(text):
        yield "Code", _NORM
        yield "Date", _DATE
    if HAN.search(text):
        yield "Date", _DATE_CHINESE
        yield "Document", _BOOK
    if _DIGIT.search(text):
        yield "Quantity", _QUANTITY
        yield "Code", _CODE
        yield "Code", _NUMBERED
    yield "Quote", _QUOTED


def _matches(kind: str, pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    for match in pattern.finditer(text):
        group = match.lastgroup or 0
        start, end = match.span(group)
        name = " ".join(match.group(group).split()).strip(" ,.;:")
        if not name:
            continue
        if kind != "Quote":
            yield Span(start, end, name, kind)
        elif _is_title(name):
            kind = "Concept" if HAN.match(name) else "Document"
            yield Span(match.start(), match.end(), name, kind)


def _is_title(quoted: str) -> bool:
    """Whether a quotation is a title and no speech: few words, the first and the last with a capital or a digit."""
    if HAN.match(quoted):
        return len(quoted) <= _MOST_CHARACTERS and not _CHINESE_MARK.search(quoted)
    words = quoted.split()
    if len(words) > _MOST_WORDS or quoted[-1] in "?!" or (len(words) == 1 and is_common(words[0].lower())):
        return False
    return all(word[0].isupper() or word[0].isdigit() for word in (words[0], words[-1]))
