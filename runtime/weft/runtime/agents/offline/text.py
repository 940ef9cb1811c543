"""Reading without understanding: sentences with their lines, words brought to a common form, and how rare they are.

Everything lexical that the offline model does rests on this; what it concludes is decided in `relate` and `skills`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import dropwhile

from weft.runtime.agents.offline.lexicon import commonness, phrased, root, synonyms

__all__ = [
    "NUMBER_WORDS",
    "STOPWORDS",
    "Rarity",
    "Sentence",
    "asked_for",
    "files_called",
    "is_calendar",
    "main_name",
    "names_in",
    "names_path",
    "stem",
    "terms",
]

STOPWORDS = frozenset(
    """
    a about after again all also an and any are as at be because been before being below between both but by can could
    did do does down each either else every everything few for from further had has have he her here him his how i if in
    into is it its itself just me more most much my no not of off on once one only or other our out over own per please
    same she should so some such than that the their them then there these they this those through to too under until up
    us use used very was we were what whatever when where which while who whose why will with would you your
    """.split()
)
"""Words that say nothing by themselves."""

TASK_WORDS = frozenset(
    """
    agree agrees answer check compare conflict conflicts contradict contradiction contradictions contradicts disagree
    document documents file files find found list name note notes page pages question read say says show statement
    statements system systems tell thing things
    """.split()
)
"""Words that say what is to be done with the files, not what to look for in them."""

OPPOSITES = (("persist", "delete"), ("allow", "forbid"), ("increase", "decrease"), ("fast", "slow"))
"""Whoever asks about one is also interested in the other."""

DECIDES_WHAT_LASTS = "restart crash disk memory ram database bucket table snapshot backup stay hold put exist"
"""Whoever asks what is persisted also wants to know where it is, and what is left of it after a restart."""

NUMBER_WORDS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen".split()
    )
} | {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90, "hundred": 100}

_WORD = re.compile(r"[^\W_]+(?:[-'.][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a file, as it stands there."""

    text: str
    source: str
    line: int
    context: str = ""
    """What it inherits from the place where it stands: title, headings, lead of its list, heads of row and column."""

    @property
    def place(self) -> str:
        """Return where it stands, as `path:line`."""
        return f"{self.source}:{self.line}"


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return a form that inflections of a word, and words that mean nearly the same, have in common."""
    base = root(word)
    return synonyms().get(base, base)


def terms(text: str, *, without: frozenset[str] = STOPWORDS | TASK_WORDS) -> tuple[str, ...]:
    """Return the words of a text in common form, numbers as digits, `without` those that do not matter."""
    return _terms(text, without) if len(text) <= _SHORT else _terms.__wrapped__(text, without)


_SHORT = 1_000
"""Letters of a text whose words are kept: sentences and headings, which are looked at for one agent after the other."""


@lru_cache(maxsize=10_000)
def _terms(text: str, without: frozenset[str]) -> tuple[str, ...]:
    found = []
    for word in _WORD.findall(phrased(text)):
        lower = word.lower()
        if lower in NUMBER_WORDS:
            found.append(str(NUMBER_WORDS[lower]))
        elif lower not in without and (len(lower) > 1 or lower.isdigit()):
            found.append(stem(lower))
    return tuple(found)


def asked_for(question: str) -> set[str]:
    """Return the words that make a sentence bear on a question: its own, their opposites, and what decides them."""
    words = set(terms(question))
    for one, other in OPPOSITES:
        if {stem(one), stem(other)} & words:
            words |= {stem(one), stem(other)}
    if stem("persist") in words:
        words |= set(terms(DECIDES_WHAT_LASTS))
    return words


def names_in(text: str) -> list[str]:
    """Return what looks like proper names: capitalised words, joined where two stand together; the first word too."""
    runs = (match.group().split() for match in re.finditer(r"\b[A-Z][\w-]*(?: [A-Z][\w-]*)*", text))
    named = (" ".join(dropwhile(lambda word: word.lower() in STOPWORDS, words)) for words in runs)
    return [name for name in named if name]


def names_path(text: str, path: str) -> bool:
    """Whether a text names this file."""
    return re.search(rf"(?<![\w/.-]){re.escape(path)}(?![\w/-])", text) is not None


@cache
def _calendar() -> frozenset[str]:
    return frozenset(
        root(word)
        for word in """january february march april may june july august september october november december monday
        tuesday wednesday thursday friday saturday sunday""".split()
    )


def files_called(name: str, paths: Iterable[str]) -> int:
    """Return how many files have the first word of a name in their path."""
    words = name.lower().split()[:1]
    return sum(all(word in re.split(r"[^a-z0-9]+", path.lower()) for word in words) for path in paths)


def is_calendar(word: str) -> bool:
    """Whether a word is the name of a month or a weekday."""
    return root(word) in _calendar()


def main_name(heading: str, found: list[Sentence]) -> str | None:
    """Return what a file is about: the name in its heading or path that most of its sentences mention.

    Where none is there, it is the name that at least a third of them mention, if it stands inside a sentence too.
    """
    words = {word.lower() for word in _WORD.findall(re.sub(r"[-_./]", " ", heading))}
    mentioned = Counter(name for sentence in found for name in set(names_in(sentence.text)))
    inside = {name for sentence in found for name in names_in(sentence.text.partition(" ")[2])}
    named = [name for name in sorted(mentioned) if not is_calendar(name)]
    titled = [
        name
        for name in named
        if name.split()[0].lower() in words and (name in inside or mentioned[name] >= 3 or not commonness(root(name)))
    ]
    frequent = [name for name in named if name in inside and mentioned[name] * 3 >= len(found)]
    return max(titled or frequent, key=lambda name: mentioned[name], default=None)


_MORE_TEXTS = 300
_OF_COMMON = 0.5
"""How much of its weight the commonest word loses."""


class Rarity:
    """How much a word says, by how few of the texts have it (inverse document frequency)."""

    def __init__(self, texts: Iterable[Iterable[str]]) -> None:
        self._texts = 0
        self._having: Counter[str] = Counter()
        for words in texts:
            self._texts += 1
            self._having.update(set(words))

    def of(self, word: str) -> float:
        """Return the weight of a word; words that no text has weigh most."""
        return math.log((self._texts + 1) / (self._having[word] + 0.5)) + 0.1

    def weight(self, word: str) -> float:
        """Return how much a word says from 0 to 1, by its rarity in these texts and in English.

        It is as if there were some more texts: where there are but a few, none of them says how rare a word is.
        """
        texts = self._texts + _MORE_TEXTS
        here = math.log(texts / (self._having[word] + 0.5)) / math.log(2 * texts)
        return here * (1.0 - _OF_COMMON * commonness(word))

    def overlap(self, a: Iterable[str], b: Iterable[str]) -> float:
        """Return how alike two bags of words are, from 0 to 1: the weight they share over the weight of the lighter."""
        first, second = set(a), set(b)
        shared = sum(self.of(word) for word in first & second)
        lighter = min(sum(self.of(word) for word in first), sum(self.of(word) for word in second))
        return shared / lighter if lighter else 0.0
