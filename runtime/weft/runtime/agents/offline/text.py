"""Reading without understanding: sentences with their lines, words brought to a common form, and how rare they are.

Everything lexical that the offline model does rests on this; what it concludes is decided in `relate` and `skills`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import dropwhile

from weft.runtime.agents.tools import lines_of

__all__ = [
    "NUMBER_WORDS",
    "STOPWORDS",
    "Rarity",
    "Sentence",
    "asked_for",
    "main_name",
    "names_in",
    "names_path",
    "sentences",
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

SYNONYMS = (
    "persist store save keep retain record hold write put stay preserve durable archive log survive exist flush "
    "storage persistence retention",
    "delete remove drop purge discard erase lose lost gone throw forget vanish expire empty clear",
    "restart reboot start startup reload redeploy",
    "acknowledge confirm answer ack reply respond acknowledgement",
    "postgresql postgres database db",
    "fail error fault break outage crash",
    "allow permit may enable",
    "forbid deny prohibit refuse block disable",
    "require need must demand",
    "user customer client tenant",
    "owner responsible maintain",
    "price cost fee charge",
    "limit cap maximum quota ceiling",
    "stop finish terminate end",
    "increase grow raise rise",
    "decrease shrink lower reduce fall",
    "copy replica replicate duplicate",
    "verify test check validate",
    "deploy release ship",
)
"""Words that mean nearly the same in technical prose; the first stands for all."""

OPPOSITES = (("persist", "delete"), ("allow", "forbid"), ("increase", "decrease"), ("fast", "slow"))
"""Whoever asks about one is also interested in the other."""

DECIDES_WHAT_LASTS = "restart crash disk memory ram database bucket table snapshot backup"
"""Whoever asks what is persisted also wants to know where it is, and what is left of it after a restart."""

NUMBER_WORDS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen".split()
    )
} | {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90, "hundred": 100}

_WORD = re.compile(r"[^\W_]+(?:[-'.][^\W_]+)*")
_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9])")
_MARKUP = re.compile(r"^\s*(?:[-*+]|\d+[.)]|>|#+)\s+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a file, as it stands there."""

    text: str
    source: str
    line: int

    @property
    def place(self) -> str:
        """Return where it stands, as `path:line`."""
        return f"{self.source}:{self.line}"


def sentences(source: str, numbered: str) -> list[Sentence]:
    """Return the sentences of a file given as lines of `12: text`, headings and table rules left out."""
    found: list[Sentence] = []
    paragraph: list[tuple[int, str]] = []
    for row in lines_of(numbered):
        number, colon, text = row.partition(": ")
        if not colon or not number.isdigit():
            continue
        if _breaks(text):
            found += _split(source, paragraph)
            paragraph = []
        if text.lstrip().startswith("|"):
            found += [Sentence(cell, source, int(number)) for cell in _cells(text)]
        elif text.strip() and not text.lstrip().startswith(("#", "```")):
            paragraph.append((int(number), _MARKUP.sub("", text).strip()))
    return found + _split(source, paragraph)


def _breaks(text: str) -> bool:
    return not text.strip() or bool(_MARKUP.match(text)) or text.lstrip().startswith(("|", "```"))


def _cells(row: str) -> list[str]:
    cells = [cell.strip() for cell in row.strip().strip("|").split("|")]
    return [cell for cell in cells if len(cell.split()) >= 4]


def _split(source: str, paragraph: list[tuple[int, str]]) -> list[Sentence]:
    text = " ".join(line for _, line in paragraph)
    begins: list[tuple[int, int]] = []
    position = 0
    for number, line in paragraph:
        begins.append((position, number))
        position += len(line) + 1
    found: list[Sentence] = []
    position = 0
    for part in _END.split(text) if text else ():
        position = text.index(part, position)
        line_number = max(entry for entry in begins if entry[0] <= position)[1]
        if len(part.split()) >= 3:
            found.append(Sentence(part.strip(), source, line_number))
        position += len(part)
    return found


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return a form that inflections of a word, and words that mean nearly the same, have in common."""
    base = _base(word.lower())
    return _SAME.get(base, base)


def _base(word: str) -> str:
    word = word.removesuffix("'s")
    for ending, rest in (
        ("ies", "y"),
        ("ions", ""),
        ("sses", "ss"),
        ("ing", ""),
        ("edly", ""),
        ("ied", "y"),
        ("val", "v"),
        ("ion", ""),
        ("ed", ""),
        ("s", ""),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= (1 if rest else 3) and not word.endswith("ss"):
            word = word[: -len(ending)] + rest
            if not rest and len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiolsz":
                word = word[:-1]  # "logged", "dropping"
            break
    word = _IRREGULAR.get(word, word)
    return word.removesuffix("e") if len(word) > 3 else word


_IRREGULAR = {
    **dict.fromkeys(("kept",), "keep"),
    **dict.fromkeys(("held",), "hold"),
    **dict.fromkeys(("written", "wrote", "writt"), "write"),
    **dict.fromkeys(("stor",), "store"),
    **dict.fromkeys(("sent",), "send"),
    **dict.fromkeys(("threw", "thrown"), "throw"),
}
_SAME = {_base(word): _base(group.split()[0]) for group in SYNONYMS for word in group.split()}


def terms(text: str, *, without: frozenset[str] = STOPWORDS | TASK_WORDS) -> list[str]:
    """Return the words of a text in common form, numbers as digits, `without` those that do not matter."""
    found = []
    for word in _WORD.findall(text):
        lower = word.lower()
        if lower in NUMBER_WORDS:
            found.append(str(NUMBER_WORDS[lower]))
        elif lower not in without and (len(lower) > 1 or lower.isdigit()):
            found.append(stem(lower))
    return found


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


def main_name(heading: str, found: list[Sentence]) -> str | None:
    """Return what a file is about: the name in its heading or path that most of its sentences mention.

    Where none is there, it is the name that at least a third of them mention, if it stands inside a sentence too.
    """
    words = {word.lower() for word in _WORD.findall(re.sub(r"[-_./]", " ", heading))}
    mentioned = Counter(name for sentence in found for name in set(names_in(sentence.text)))
    inside = {name for sentence in found for name in names_in(sentence.text.partition(" ")[2])}
    titled = [name for name in sorted(mentioned) if name.split()[0].lower() in words]
    frequent = [name for name in sorted(mentioned) if name in inside and mentioned[name] * 3 >= len(found)]
    return max(titled or frequent, key=lambda name: mentioned[name], default=None)


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

    def overlap(self, a: Iterable[str], b: Iterable[str]) -> float:
        """Return how alike two bags of words are, from 0 to 1: the weight they share over the weight of the lighter."""
        first, second = set(a), set(b)
        shared = sum(self.of(word) for word in first & second)
        lighter = min(sum(self.of(word) for word in first), sum(self.of(word) for word in second))
        return shared / lighter if lighter else 0.0
