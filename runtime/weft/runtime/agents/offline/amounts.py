"""Reading the values in a sentence: money, spans, how often, times, dates, weekdays, shares, sizes, versions, counts.

What is read by one pattern is not read by those after it. What a value is, and when two clash, is in `values`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache, reduce

from weft.runtime.agents.offline.numbers import NUMBER, ONE_WORD, ORDINALS, number_of
from weft.runtime.agents.offline.text import STOPWORDS, stem
from weft.runtime.agents.offline.units import COINS, DAYS, MONTHS, NUMBERING, OFTEN, SIZES, WEEKDAYS, one_of
from weft.runtime.agents.offline.values import Bound, Value

__all__ = ["values_in"]

MOST_VALUES = 24
"""How many values of one sentence are read."""

QUARTER = 91.0
"""Days."""

WORKED = 1.4
"""How many days a working day takes, on average."""

_Reader = Callable[[re.Match[str], str], Value | None]


def values_in(text: str) -> tuple[Value, ...]:
    """Return the values of a text, in the order in which they stand."""
    found: list[Value] = []
    left = text
    for pattern, reader in _patterns():
        for match in pattern.finditer(left):
            if len(found) >= MOST_VALUES:
                break
            value = reader(match, text)
            if value is not None:
                found.append(value)
                left = left[: match.start()] + "\0" * (match.end() - match.start()) + left[match.end() :]
    return tuple(sorted(found, key=lambda value: value.begin))


# ------------------------------------------------------------------------------------------------ limits

_LEAST_BEFORE = re.compile(
    r"(?:at least|minimum(?: of| is)?|(?:no|not) (?:less|fewer) than|more than|over|above|longer than|exceed(?:s|ing)?|"
    r"from|min\.?|starting (?:at|from)|≥|>=?)\s*[€$£]?(?:a |the |an )?$"
)
_LEAST_AFTER = re.compile(r"\s?(?:\+|or (?:more|longer|older|above|later)|at least|and (?:more|over|above|up)|minimum)")
_MOST_BEFORE = re.compile(
    r"(?:at most|up to|as many as|(?:no|not) more than|no (?:longer|later) than|maximum(?: of| is)?|max\.?|limited to|"
    r"limit of|within|under|below|(?:less|fewer) than|until|(?:not|cannot) exceed|≤|<=?)\s*[€$£]?(?:a |the |an )?$"
)
_MOST_AFTER = re.compile(r"\s?(?:or (?:less|fewer|under)|at (?:most|the latest)|maximum|max\b|and no more)")
_ABOUT = re.compile(r"(?:about|around|roughly|approximately|approx\.?|circa|nearly|almost|some|~|ca\.)\s*[€$£]?$")


def _bound(text: str, begin: int, end: int) -> Bound:
    before, after = text[max(0, begin - 30) : begin].lower(), text[end : end + 24].lower()
    if _LEAST_BEFORE.search(before) or _LEAST_AFTER.match(after):
        return "least"
    if _MOST_BEFORE.search(before) or _MOST_AFTER.match(after):
        return "most"
    return "about" if _ABOUT.search(before) else "exact"


def _value(
    match: re.Match[str],
    text: str,
    kind: str,
    low: float,
    high: float | None = None,
    nouns: frozenset[str] = frozenset(),
    loose: bool = False,
) -> Value:
    high = low if high is None else high
    bound = _bound(text, match.start(), match.end()) if low == high else "exact"
    return Value(kind, min(low, high), max(low, high), bound, match.group().strip(" ,.;"), _begin(match), nouns, loose)


def _begin(match: re.Match[str]) -> int:
    """Return where a match begins without the marks that are not shown."""
    return match.start() + len(match.group()) - len(match.group().lstrip(" ,.;"))


def _pair(match: re.Match[str], first: str = "n1", second: str = "n2") -> tuple[float, float] | None:
    """Return the numbers of a range, or one number twice."""
    low = number_of(match[first])
    high = number_of(match[second]) if match[second] else low
    return None if low is None or high is None else (low, high)


# ------------------------------------------------------------------------------------------------ money, sizes, shares

_SIGN = r"[€$£¥]"
_COIN = rf"(?:{one_of(name for name in COINS if name.isalpha())})s?\b"
_TO = r"\s?(?:-|–|—|to|and|or)\s?"
_RANGE = rf"(?P<n1>{NUMBER})(?:{_TO}(?P<n2>{NUMBER}))?"
_LONG_SIZE = rf"(?:{one_of(name for name in SIZES if len(name) > 3)})e?s"
_GRATIS = (
    r"\b(?:free of charge|for free|at no (?:extra )?cost|no (?:extra )?charge|without (?:charge|cost|payment)|gratis"
    r"|costs? (?:\w+ )?nothing(?: extra)?|(?:(?<=\bis )|(?<=\bare ))free(?! (?:to|from|of)\b))\b"
)
_MONEY = (
    rf"(?P<sign>{_SIGN})\s?(?P<n1>{NUMBER})(?:{_TO}{_SIGN}?(?P<n2>{NUMBER}))?"
    rf"|\b(?P<m1>{NUMBER})(?:{_TO}(?P<m2>{NUMBER}))?\s?(?P<coin>{_COIN}|{_SIGN})"
)
_PERCENT = rf"\b(?P<n1>{NUMBER})(?:\s?%?{_TO}(?P<n2>{NUMBER}))?\s?(?:%|percent\b|per cent\b)"
_SIZE = rf"\b{_RANGE}[- ]?(?P<unit>(?:{one_of(SIZES)}|{_LONG_SIZE})(?![\w²]))"


def _gratis(match: re.Match[str], text: str) -> Value | None:
    return _value(match, text, "money:", 0.0)


def _money(match: re.Match[str], text: str) -> Value | None:
    numbers = _pair(match) if match["sign"] else _pair(match, "m1", "m2")
    unit = (match["sign"] or match["coin"]).lower()
    currency, factor = COINS.get(unit) or COINS[unit.removesuffix("s")]
    return numbers and _value(match, text, f"money:{currency}", numbers[0] * factor, numbers[1] * factor)


def _percent(match: re.Match[str], text: str) -> Value | None:
    numbers = _pair(match)
    return numbers and _value(match, text, "percent", *numbers)


def _size(match: re.Match[str], text: str) -> Value | None:
    numbers, unit = _pair(match), match["unit"].lower()
    kind, factor = SIZES.get(unit) or SIZES.get(unit.removesuffix("s")) or SIZES[unit.removesuffix("es")]
    return numbers and _value(match, text, kind, numbers[0] * factor, numbers[1] * factor)


# ------------------------------------------------------------------------------------------------ spans, how often

_PERIOD = one_of([*(name for name in DAYS if len(name) > 3), "day", "quarter"])
_SPAN_UNIT = rf"(?:{one_of(name for name in DAYS if len(name) > 1)})"
_LASTING = "|".join(
    rf"(?<={word} )" for word in "for within after before lasts last takes take about than under over in is to".split()
)
_SPAN = (
    rf"\b{_RANGE}[- ]?(?:(?:full|whole|calendar|consecutive|paid|extra|more|further)[- ])*"
    rf"(?P<worked>(?:working|business|school|week)[- ]?)?(?P<unit>{_SPAN_UNIT}(?:e?s)?\b|(?<=\d)\s?[sh]\b)"
)
_SPAN_OF_ONE = rf"(?:{_LASTING})an?\s(?P<unit>{_PERIOD})\b(?!\sago)"
_SPAN_GIVEN = rf"\b(?P<unit>{_SPAN_UNIT})s?\s?[=:]\s?(?P<n1>\d+(?:\.\d+)?)\b"
_SPAN_REMARKED = rf"(?<=[=:])\s?(?P<n1>\d+(?:\.\d+)?)\b[,;]?\s*(?:#|//|--|;)\s*(?P<unit>{_SPAN_UNIT})s?\b"
_HOW_OFTEN = (
    rf"\b(?:(?P<times>once|twice)|(?P<count>{NUMBER})\stimes)\s(?:an?|per|every|each|in)\s"
    rf"(?:(?P<n1>{NUMBER})\s)?(?P<u1>{_PERIOD})s?\b"
    rf"|\b(?:every|each)\s(?:(?P<n2>{NUMBER})\s|(?P<step>other|second|third|fourth)\s)?(?P<u2>{_PERIOD})s?\b"
    rf"|\b(?:{one_of(OFTEN)})\b"
)
_STEPS = {"other": 2.0, "second": 2.0, "third": 3.0, "fourth": 4.0}
_NOTICE = re.compile(r"\bnotice\b", re.IGNORECASE)
_AHEAD = re.compile(r"['’]?\s?(?:ahead|in advance|beforehand|before|prior|earlier|notice|written notice)\b")


def _days(unit: str) -> float:
    unit = re.sub(r"[^a-z]", "", unit.lower())
    return DAYS.get(unit) or DAYS.get(unit.removesuffix("s")) or DAYS.get(unit.removesuffix("es")) or QUARTER


def _span(match: re.Match[str], text: str) -> Value | None:
    groups = match.groupdict()
    low = number_of(groups["n1"]) if groups.get("n1") else 1.0
    high = number_of(groups["n2"]) if groups.get("n2") else low
    if low is None or high is None:
        return None
    factor = _days(match["unit"]) * (WORKED if groups.get("worked") else 1.0)
    rough = bool(groups.get("worked")) or match["unit"].lower().startswith(("month", "year"))
    ahead = _AHEAD.match(text[match.end() : match.end() + 24]) or _NOTICE.search(text)
    nouns = frozenset({"ahead"} if ahead else ())
    return _value(match, text, "span", low * factor, high * factor, nouns, rough)


def _often(match: re.Match[str], text: str) -> Value | None:
    word = match.group().lower()
    if word in OFTEN:
        return _value(match, text, "often", OFTEN[word], loose=True)
    number = number_of(match["n1"] or match["n2"] or "1")
    times = number_of(match["count"]) if match["count"] else 2.0 if (match["times"] or "").lower() == "twice" else 1.0
    if not number or not times:
        return None
    period = _days(match["u1"] or match["u2"]) * _STEPS.get((match["step"] or "").lower(), 1.0)
    return _value(match, text, "often", times / (period * number), loose=True)


# ------------------------------------------------------------------------------------------------ times and dates

_HOUR = rf"(?:\d{{1,2}}|{ONE_WORD})"
_PART_OF_DAY = r"(?:in the (?:morning|afternoon|evening)|at night)"
_TIME = (
    r"\b(?P<h1>\d{1,2})[:.](?P<m1>\d\d)(?:\s?(?P<a1>[ap]\.?m\b\.?)|(?=\D|$)(?<=:\d\d))"
    r"|\b(?P<h2>\d{1,2})(?:\.(?P<m2>\d\d))?\s?(?P<a2>[ap]\.?m\b\.?)"
    rf"|\b(?P<h3>{_HOUR})\s?(?:o'clock|h\b(?=\s?(?:-|–|to|on|,|\.|$)))(?:\s(?P<a3>{_PART_OF_DAY}))?"
    rf"|\b(?P<half>half past|quarter past|quarter to)\s(?P<h4>{_HOUR})(?:\s(?P<a4>{_PART_OF_DAY}))?\b"
    rf"|(?<=\bat )(?P<h5>{_HOUR})(?=\s(?:every|on|each|sharp)\b|[,.;]|$)"
    rf"|\b(?P<h6>{_HOUR})\s(?P<a6>{_PART_OF_DAY})"
    r"|\b(?P<word>noon|midday|midnight)\b"
)
_NAMED_TIMES = {"noon": 720.0, "midday": 720.0, "midnight": 1_440.0}
_PAST = {"half past": 30.0, "quarter past": 15.0, "quarter to": -15.0}
_ENDS = re.compile(r"(?:^\s?|\b)(?:(?:to|until|till|clos\w+|shuts?|ends?|finish\w*|lasts)\b[^.;]{0,12}|-|–)\s?$")
_BEGINS = re.compile(r"\b(?:from|opens?|begins?|starts?|starting|opening)\b[^.;]{0,12}$")
_GOES_ON = re.compile(r"\s?(?:-|–|to\b|until\b|till\b)")
_MONTH = rf"(?:{'|'.join(f'{name}|{name[:3]}' for name in MONTHS)}|sept)\b\.?"
_DATE = (
    r"\b(?P<iso>\d{4}-\d\d-\d\d)\b"
    rf"|\b(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?: of)?\s(?P<mo1>{_MONTH})(?:,?\s(?P<y1>\d{{4}}))?"
    rf"|\b(?P<mo2>{_MONTH})\s(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s(?P<y2>\d{{4}}))?"
)
_MONTH_ALONE = rf"\b(?:(?:{'|'.join(set(MONTHS) - {'may', 'march'})})\b|(?<=in )(?:may|march)\b)"
_DAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|(?-i:Mon|Tue|Tues|Wed|Thu|Thur|Thurs|Fri|Sat|Sun)\b\.?)"
_WEEKDAY = rf"\b(?P<w1>{_DAY})(?:\s?(?:-|–|to|until|through)\s?(?P<w2>{_DAY}))?"
_MONTHDAY = (
    rf"\b(?:on |by |before |until )?the (?P<day>\d{{1,2}}(?:st|nd|rd|th)|{'|'.join(ORDINALS)})\b"
    r"(?=\s(?:of (?:each|every|the|a) month|of the following|day of)|[.,;]|\s*$|\s(?:as|at the latest|each|every))"
)


def _time(match: re.Match[str], text: str) -> Value | None:
    if match["word"]:
        return _clock(match, text, _NAMED_TIMES[match["word"].lower()], vague=False)
    hour = number_of(next(match[f"h{n}"] for n in range(1, 7) if match[f"h{n}"]))
    past = float(match["m1"] or match["m2"] or 0) + _PAST.get((match["half"] or "").lower(), 0.0)
    if hour is None or hour > 24 or past > 59:
        return None
    part = next((match[name] for name in ("a1", "a2", "a3", "a4", "a6") if match[name]), "").lower().replace(".", "")
    late = part.startswith("p") or any(word in part for word in ("afternoon", "evening", "night"))
    hour = hour + 12 if late and hour < 12 else 0.0 if part == "am" and hour == 12 else hour
    vague = not part and hour <= 12 and match["h1"] is None
    return _clock(match, text, 60 * hour + past, vague)


def _clock(match: re.Match[str], text: str, minutes: float, vague: bool) -> Value:
    """Return a time of day, which begins or ends something where the words beside it say so."""
    before, after = (
        text[max(0, match.start() - 40) : match.start()].lower(),
        text[match.end() : match.end() + 6].lower(),
    )
    begins = _BEGINS.search(before) or _GOES_ON.match(after)
    role = frozenset({"end"} if _ENDS.search(before) else {"start"} if begins else ())
    return Value("time", minutes, minutes, "exact", match.group().strip(" ,.;"), _begin(match), role, vague)


def _date(match: re.Match[str], text: str) -> Value | None:
    if match["iso"]:
        year, month, day = (int(part) for part in match["iso"].split("-"))
    else:
        month = _month_of(match["mo1"] or match["mo2"])
        day = int(match["d1"] or match["d2"])
        year = int(match["y1"] or match["y2"] or 0)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return _value(match, text, "date", month * 100 + day, nouns=frozenset({str(year)} if year else ()))


def _month_of(name: str) -> int:
    return [month[:3] for month in MONTHS].index(name[:3].lower()) + 1


def _month(match: re.Match[str], text: str) -> Value | None:
    return _value(match, text, "month", _month_of(match.group()))


def _weekday(match: re.Match[str], text: str) -> Value | None:
    days = [day[:3] for day in WEEKDAYS]
    first = days.index(match["w1"][:3].lower())
    second = days.index(match["w2"][:3].lower()) if match["w2"] else first
    return _value(match, text, "weekday", first, second)


def _monthday(match: re.Match[str], text: str) -> Value | None:
    word = match["day"].lower()
    day = ORDINALS.get(word) or int(word[:-2])
    return _value(match, text, "monthday", day) if 1 <= day <= 31 else None


# ------------------------------------------------------------------------------------------------ numbers of nouns

_VERSION = r"\b(?P<name>[A-Za-z][\w+#-]*)\s(?:version\s)?v?(?P<v>\d{1,6}(?:\.\d{1,6}){1,3})(?![\w%])(?!\s?[€$£])"
_NUMBERED = rf"\b(?P<name>{'|'.join(NUMBERING)})\s(?P<n>\d+)\b"
_GIVEN = r"\b(?P<name>[A-Za-z][A-Za-z-]+)(?:\s(?:is|are|of|to))?\s?[=:]?\s?(?P<n>\d+(?:[.,]\d+)?)\b"
_COUNT = rf"\b{_RANGE}(?P<of>(?:\s[a-z][\w'-]*){{1,3}})"
_BARE = rf"(?<![\w.,])(?P<n1>\d[\d.,]*\d|\d|(?<!.){NUMBER}(?=\W*$))(?P<n2>(?!))?(?!\w)"


def _version(match: re.Match[str], text: str) -> Value | None:
    parts = [int(part) for part in match["v"].split(".")]
    number = reduce(lambda total, part: total * 1e6 + part, [*parts, 0, 0, 0][:4], 0.0)
    return _value(match, text, "version", number, nouns=frozenset({stem(match["name"])}))


def _numbered(match: re.Match[str], text: str) -> Value | None:
    name, number = match["name"].lower(), number_of(match["n"])
    if number is None or name in STOPWORDS or number_of(name) is not None:
        return None
    return _value(match, text, "numbered", number, nouns=frozenset({stem(name)}))


def _count(match: re.Match[str], text: str) -> Value | None:
    nouns, end = [], 0
    for found in re.finditer(r"[A-Za-z][\w'-]*", match["of"]):
        word = found.group().lower()
        if word not in STOPWORDS:
            nouns.append(stem(word))
            end = match.start("of") + found.end()
        elif word not in ("of", "the"):
            break
    numbers = _pair(match)
    if not nouns or not numbers:
        return None
    counted = _value(match, text, "count", *numbers, nouns=frozenset(nouns))
    return replace(counted, shown=text[counted.begin : end])


def _bare(match: re.Match[str], text: str) -> Value | None:
    numbers = _pair(match)
    return numbers and _value(match, text, "count", *numbers)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], _Reader], ...]:
    known: tuple[tuple[str, _Reader], ...] = (
        (_DATE, _date),
        (_GRATIS, _gratis),
        (_MONEY, _money),
        (_TIME, _time),
        (_PERCENT, _percent),
        (_MONTHDAY, _monthday),
        (_HOW_OFTEN, _often),
        (_SPAN_GIVEN, _span),
        (_SPAN_REMARKED, _span),
        (_SPAN_OF_ONE, _span),
        (_SPAN, _span),
        (_SIZE, _size),
        (_WEEKDAY, _weekday),
        (_VERSION, _version),
        (_NUMBERED, _numbered),
        (_COUNT, _count),
        (_GIVEN, _numbered),
        (_BARE, _bare),
        (_MONTH_ALONE, _month),
    )
    return tuple((re.compile(pattern, re.IGNORECASE | re.ASCII), reader) for pattern, reader in known)
