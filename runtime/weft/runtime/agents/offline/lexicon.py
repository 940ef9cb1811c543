"""What is known of English words beside their spelling: forms, synonyms, kinds, opposites; read once from data files.

`lexicon.toml` is written by hand, `words.tsv` is made from WordNet. How words are used to compare sentences is in
`readings` and `relate`.
"""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from threading import Lock
from typing import Any

__all__ = [
    "OppositeSide",
    "commonness",
    "is_person",
    "opposed",
    "opposite_sides",
    "phrased",
    "related",
    "root",
    "synonyms",
]


@dataclass(frozen=True, slots=True)
class OppositeSide:
    """One side of a set of words that exclude each other."""

    group: int
    side: int
    loose: bool
    """Whether the words have so many uses that they say little."""


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files("weft.runtime.agents.offline").joinpath("lexicon.toml").read_text("utf-8"))


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


_STEMMING = Lock()
"""The stemmer keeps its place in itself, and agents read in threads of their own."""


@cache
def _irregular() -> dict[str, str]:
    return {form: word for word, forms in _data()["irregular"].items() for form in forms.split()}


@lru_cache(maxsize=50_000)
def root(word: str) -> str:
    """Return what the inflections of a word have in common."""
    word = word.lower().replace("’", "'").removesuffix("'s").removesuffix("'")
    word = _irregular().get(word, word)
    with _STEMMING:
        return str(_stemmer().stemWord(word))


@cache
def _phrases() -> tuple[re.Pattern[str], dict[str, str]]:
    known = _data()["phrases"]
    longest_first = sorted(known, key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(map(re.escape, longest_first)) + r")\b", re.IGNORECASE), known


def phrased(text: str) -> str:
    """Return a text in which phrases that stand for one word are replaced by it."""
    pattern, known = _phrases()
    return pattern.sub(lambda found: known[found.group().lower()], text)


@cache
def synonyms() -> dict[str, str]:
    """Return, by root, the root that stands for a group of synonyms."""
    return {root(word): root(group.split()[0]) for group in _data()["synonyms"]["groups"] for word in group.split()}


@cache
def _sides() -> dict[str, tuple[OppositeSide, ...]]:
    found: dict[str, list[OppositeSide]] = {}
    known = _data()["opposites"]
    for group, sides in enumerate([*known["pairs"], *known["loose"]]):
        for side, words in enumerate(sides.split("|")):
            for word in words.split():
                found.setdefault(word, []).append(OppositeSide(group, side, group >= len(known["pairs"])))
    return {word: tuple(sides) for word, sides in found.items()}


def opposite_sides(word: str) -> tuple[OppositeSide, ...]:
    """Return the sets of exclusive words that a word belongs to, with its side in each."""
    return _sides().get(word.lower(), ())


@dataclass(frozen=True, slots=True)
class _Entry:
    """What WordNet knows of the words with one root."""

    met: int
    people: tuple[str, ...]
    near: frozenset[str]
    against: frozenset[str]


@cache
def _network() -> dict[str, _Entry]:
    found: dict[str, _Entry] = {}
    text = files("weft.runtime.agents.offline").joinpath("words.tsv").read_text("utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            key, met, people, near, against, *_ = (line + "\t\t\t").split("\t")
            found[key] = _Entry(int(met), tuple(people.split()), frozenset(near.split()), frozenset(against.split()))
    return found


@lru_cache(maxsize=20_000)
def related(word: str) -> frozenset[str]:
    """Return the roots that mean the same as a root or are a kind that it belongs to."""
    return _entry(word).near


@lru_cache(maxsize=20_000)
def opposed(word: str) -> frozenset[str]:
    """Return the roots that mean the opposite of a root in one of its meanings."""
    return _entry(word).against


@lru_cache(maxsize=20_000)
def commonness(word: str) -> float:
    """Return from 0, for a word that a dictionary does not have, to 1, how common a root is in English."""
    return min(1.0, math.log1p(_entry(word).met) / math.log(1_000))


@lru_cache(maxsize=20_000)
def is_person(word: str) -> bool:
    """Whether a word, in the singular or the plural, mostly stands for people."""
    known = _people()
    return bool({word, word.removesuffix("s"), word.removesuffix("es")} & known)


@cache
def _people() -> frozenset[str]:
    return frozenset(_data()["people"]["words"].split()) | {
        word for entry in _network().values() for word in entry.people
    }


def _entry(word: str) -> _Entry:
    return _network().get(word, _Entry(0, (), frozenset(), frozenset()))
