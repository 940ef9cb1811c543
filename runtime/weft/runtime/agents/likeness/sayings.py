"""A short text as the lexical measure sees it: the words that say something, its numbers, its names, what it denies.

How two of them are compared is in `measure`.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal
from unicodedata import normalize

from weft.runtime.agents.offline.lexicon import commonness, opposite_sides, phrased, root, synonyms
from weft.runtime.agents.offline.numbers import number_of
from weft.runtime.agents.offline.text import STOPWORDS, is_calendar
from weft.runtime.agents.offline.units import COINS, DAYS, SIZES

__all__ = ["Saying", "read"]

_TOKEN = re.compile(
    r"(?:(?<![\w)])[-−])?\d+(?:[.,:]\d+)*"  # a number, a time, a version
    r"|[^\W\d]\w*(?:[-'’./:@]\w+)*"  # a word, a name with marks inside
    r"|°[cf]\b"
    r"|[.!?;,:](?=\s)"
    r"|[<>=!]=|[^\w\s.,;:!?'’\"“”„`()\[\]{}*#_…–—-]",  # a symbol
    re.IGNORECASE,
)
_NAME = re.compile(r"[_./:@\d]|^\W|[^\W_A-Z][A-Z]|[A-Z]{2}")
"""What no ordinary word has: marks or digits inside, capitals after the first letter; nor is a symbol one."""

_ENDS, _PAUSES = frozenset(".!?;:"), frozenset(".!?;:,")
REACH = 3
"""How many words that follow a denial, and each other without a little word between, are denied at most."""

OF_NAME, OF_QUANTITY = 1.3, 1.0
"""How much a name says, and a number or a unit; the commonest of other words says half of what the rarest does."""

FOR_COMMON = 0.5


@dataclass(frozen=True, slots=True)
class Saying:
    """What is compared of a text."""

    order: tuple[str, ...]
    """Its words in their common form, as they stand."""
    words: Mapping[str, float]
    """How much each of them says."""
    total: float
    """How much all of them say."""
    whole: tuple[str, ...]
    """All words, those that say nothing by themselves too."""
    names: frozenset[str]
    numbers: Mapping[str, frozenset[str]]
    """Its numbers, each with the units in which it is given."""
    denied: frozenset[str]
    """The words that are denied somewhere."""
    only_denied: frozenset[str]
    """Those of them that are not affirmed elsewhere."""
    denies: bool
    """Whether it denies anything."""
    denies_once: bool
    """Whether it is one clause with one denial: what is denied is then all that it says, wherever the denial stands."""
    sides: Mapping[str, frozenset[int]]
    """On which sides it is, by what has sides: before or after, more or less, public or private."""
    compared: tuple[frozenset[str], frozenset[str]]
    """The words before "than", and those behind it; none without it."""


@cache
def _grammar() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("grammar.toml").read_text("utf-8"))


@cache
def _words(what: str, part: str | None = None) -> frozenset[str]:
    known = _grammar()[what]
    return frozenset((" ".join(known.values()) if part is None else known[part]).split())


@cache
def _phrases() -> tuple[re.Pattern[str], dict[str, str]]:
    known = _grammar()["phrases"]
    return re.compile(rf"\b(?:{'|'.join(known)})\b", re.IGNORECASE), known


@cache
def _turns() -> dict[str, tuple[str, int]]:
    return {
        word: (pair, number)
        for pair in _grammar()["turns"]
        for number, side in enumerate(pair.split("|"))
        for word in side.split()
    }


def _sides(word: str) -> tuple[tuple[str, int], ...]:
    turn = _turns().get(word)
    known = tuple((str(side.group), side.side) for side in opposite_sides(word) if not side.loose)
    return known if turn is None else (*known, turn)


@cache
def _units() -> dict[str, str]:
    """Return what stands for a unit, by its names."""
    known: dict[str, str] = {"%": "%", "percent": "%"}
    for names in (DAYS, SIZES, COINS):
        same: dict[Any, str] = {}
        for name, meaning in names.items():
            known[name] = same.setdefault(meaning, name)
    return known


def _unit(word: str) -> str | None:
    known = _units()
    return known.get(word) or known.get(word.removesuffix("s"))


@dataclass(frozen=True, slots=True)
class _Token:
    """What is known of a word wherever it stands."""

    lower: str
    kind: Literal["pause", "denial", "number", "unit", "little", "word"]
    word: str = ""
    """Its common form, or the unit that it stands for."""
    weight: float = 0.0
    name: bool = False
    """Whether no ordinary word is written like that."""
    ends_clause: bool = False
    sides: tuple[tuple[str, int], ...] = ()


@lru_cache(maxsize=50_000)
def _known(token: str) -> _Token:
    """Return what is known of a word."""
    lower = token.lower().replace("’", "'")
    sides, ends = _sides(lower), lower in _words("clauses")
    if token in _PAUSES:
        return _Token(lower, "pause", ends_clause=True)
    if lower in _words("denials") or lower.endswith("n't"):
        return _Token(lower, "denial", sides=sides)
    if (number := _number(lower)) is not None:
        return _Token(lower, "number", number, OF_QUANTITY)
    if (unit := _unit(lower)) is not None:
        return _Token(lower, "unit", unit, OF_QUANTITY, sides=sides)
    plain = lower.removesuffix("'s")
    base = root(plain) if plain.isascii() and plain.isalpha() else plain  # it knows English endings alone
    same = base if token[0].isupper() and is_calendar(lower) else synonyms().get(base, base)
    weight = 1.0 - FOR_COMMON * commonness(base)
    kind: Literal["little", "word"] = "little" if lower in STOPWORDS else "word"
    return _Token(lower, kind, same, weight, _NAME.search(token) is not None, ends, sides)


def read(text: str) -> Saying:
    """Return what is compared of a text."""
    pattern, known = _phrases()
    reader = _Reader()
    composed = normalize("NFC", text)  # a letter and its accent are one, however they are written
    for token in _TOKEN.findall(pattern.sub(lambda found: known[found.group().lower()], phrased(composed))):
        reader.take(token, _known(token))
    return reader.read()


class _Reader:
    """Goes through the tokens of a text."""

    def __init__(self) -> None:
        self._order: list[str] = []
        self._words: dict[str, float] = {}
        self._names: set[str] = set()
        self._numbers: defaultdict[str, set[str]] = defaultdict(set)
        self._affirmed: set[str] = set()
        self._denied: set[str] = set()
        self._sides: defaultdict[str, set[int]] = defaultdict(set)
        self._whole: list[str] = []
        self._than: int | None = None
        self._denials = 0
        self._clauses: set[int] = set()
        """The words with which its clauses begin, by how many of the words before say something."""
        self._reach = 0
        """How many of the next words are denied."""
        self._first = True
        self._range: list[str] = []
        """The number that was read last, and those to which it is joined: the 5 of `5 to 10 ms`."""

    def take(self, token: str, known: _Token) -> None:
        """Take in the next token."""
        if known.kind not in ("unit", "number") and known.lower not in _words("ranges"):
            self._range = []
        if known.ends_clause:
            self._clauses.add(len(self._order))
        if known.ends_clause and (known.kind == "pause" or self._reach < REACH):
            self._reach = 0
        if known.kind == "pause":
            self._first = self._first or token in _ENDS
            return
        first, self._first = self._first, False
        for what, side in known.sides:
            self._sides[what].add(side)
        if known.lower == "than":
            self._than = len(self._order)
        before = len(self._order)
        self._take(token, known, first)
        self._whole += self._order[before:] or [known.lower]

    def _take(self, token: str, known: _Token, first: bool) -> None:
        if known.kind == "denial":
            self._denials += 1
            self._reach = 0 if known.lower in _words("denials", "alone") else REACH
        elif known.kind == "number":
            self._numbered(known.word)
        elif known.kind == "unit":
            self._measured(known)
        elif known.kind == "word" or (token.isupper() and not first and token != "I"):
            self._word(known, named=known.name or (token[0].isupper() and not first))
        elif self._reach < REACH:
            self._reach = 0

    def _numbered(self, value: str) -> None:
        self._numbers[value] |= set()
        self._range.append(value)
        if self._whole[-1:] == ["than"]:  # a limit, no comparison
            self._than = None
        self._add(value, OF_QUANTITY)

    def _measured(self, known: _Token) -> None:
        for number in self._range:
            self._numbers[number].add(known.word)
        if known.word != "%":
            self._add(known.word if self._range else root(known.lower), known.weight)
        self._range = []

    def _word(self, known: _Token, *, named: bool) -> None:
        if named:
            self._names.add(known.word)
        (self._denied if self._reach else self._affirmed).add(known.word)
        self._reach = max(0, self._reach - 1)
        self._add(known.word, OF_NAME if named else known.weight)

    def _add(self, word: str, weight: float) -> None:
        self._order.append(word)
        self._words[word] = max(weight, self._words.get(word, 0.0))

    def read(self) -> Saying:
        """Return what was read."""
        before, behind = ((), ()) if self._than is None else (self._order[: self._than], self._order[self._than :])
        return Saying(
            order=tuple(self._order),
            words=self._words,
            total=sum(self._words[word] for word in sorted(self._words)),
            names=frozenset(self._names),
            numbers={number: frozenset(units) for number, units in self._numbers.items()},
            denied=frozenset(self._denied),
            only_denied=frozenset(self._denied - self._affirmed),
            denies=self._denials > 0,
            denies_once=self._denials == 1 and self._clauses <= {0, len(self._order)},
            sides={what: frozenset(sides) for what, sides in self._sides.items()},
            whole=tuple(self._whole),
            compared=(frozenset(before), frozenset(behind)),
        )


def _number(token: str) -> str | None:
    """Return a number as it is compared: `1,000` and `thousand` do not differ; `one` mostly is no number."""
    if token[-1].isdigit() and not token[0].isalpha():
        return re.sub(r",(?=\d{3}(?!\d))", "", token.replace("−", "-"))
    if token == "one" or not token.isalpha():
        return None
    value = number_of(token)
    return None if value is None else f"{value:g}"
