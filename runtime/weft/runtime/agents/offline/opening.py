"""What an agent of the offline model reads, and what of that it can make nothing of.

The files that its prompt names come first; where it names none, those that have its rare words. How a file is parted
into statements is in `statements`, and what each of them says in `readings`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log

from weft.runtime.agents.offline.asked import missing_files, named_files, own_words
from weft.runtime.agents.offline.checking import cited_in, claim_of, side_of, subjects_of
from weft.runtime.agents.offline.material import Material, question_of
from weft.runtime.agents.offline.text import asked_for, stem
from weft.runtime.tools.folders import lines_of
from weft.runtime.understood import Understood

__all__ = ["ReadingPlan", "by_rare_words", "listed_paths", "misread", "plan_reading", "searches"]

MOST_SEARCHES = 8
"""For how many words of its prompt an agent searches."""

FEWEST_WORDS = 3
MADE_OF_WORDS = 0.8
"""How much of a sentence must be letters, digits and spaces."""
OFTEN = 0.1
"""How many of the words of a language are those of which every text is full, at least."""

NOT_SENTENCES = (
    "no line in them is a sentence: the offline model reads English prose, lists, tables and comments; "
    "name a model with --model for the rest"
)
NOT_ENGLISH = "not in English: the offline model finds their words, but not what they mean; name a model with --model"

FOREIGN = tuple(
    frozenset(words.split())
    for words in (
        "der die das und nicht ist ein eine mit auf von zu den dem sich werden wird auch für",  # German
        "le la les et est des une un dans pas que qui sur avec du au sont par",  # French
        "el la los las es una un en para que con por del se su son como",  # Spanish
        "il lo la gli una un per non che con del della di sono nel si alla",  # Italian
        "de het een en van niet dat op te voor met zijn wordt ook aan bij",  # Dutch
        "os uma um em para não que com por da se são na",  # Portuguese
        "na nie się jest że od po dla jak przez oraz",  # Polish
    )
)
"""Words that every text of these languages is full of."""

ENGLISH = frozenset("the of and to is are for that with not be by this it on as was have has will".split())


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """What an agent opens."""

    named: tuple[str, ...]
    """The files that its prompt wants read; some of them may not be there."""
    others: tuple[str, ...]
    """Those that it may open besides, in the order of their names' likeness to its prompt."""
    searches: tuple[str, ...]
    """For which words to search first, where the others are too many to open all."""

    def files(self, searched: Mapping[str, str], most: int) -> list[str]:
        """Return what to open: what is named, and of the others those that have most of the rare words."""
        return [*self.named, *by_rare_words(self.others, searched)[:most]]


def by_rare_words(paths: Iterable[str], searched: Mapping[str, str]) -> list[str]:
    """Return paths in the order in which their files have the rare words that were searched for; else as they come.

    Args:
        paths: Files.
        searched: What `search_text` returned, by the word. Of a word of which it does not show all lines nothing is
            known but that it is not rare.
    """
    ranked = [*paths]
    score: dict[str, float] = defaultdict(float)
    for text in searched.values():
        rows = lines_of(text)
        if not any(row.startswith("(at most") for row in rows):
            places = [row for row in rows if not row.startswith(("(", "no matches"))]
            having = {row.partition(": ")[0].rpartition(":")[0] for row in places}
            for path in having:
                score[path] += log((len(ranked) + 1) / len(having))
    return sorted(ranked, key=lambda path: -score[path])


def listed_paths(listing: str) -> list[str]:
    """Return the paths that `list_files` has returned, each with or without what is told of it."""
    rows = (row.partition("\t") for row in lines_of(listing) if row and row != "no files")
    return [path for path, told, _ in rows if told or not path.startswith("(")]


def plan_reading(prompt: str, paths: Sequence[str], most: int) -> ReadingPlan:
    """Decide what to open for a prompt, of the files there are.

    A skeptic opens what its claim cites, and all others too, unless it only asks whether that stands there, or how two
    cited places relate; what a claim is about (`subject`) is no evidence for it, so that is not opened.
    """
    claim = claim_of(prompt)
    if claim is not None:
        subjects = subjects_of(prompt)
        cited = [] if subjects else [*dict.fromkeys(sentence.source for sentence in cited_in(claim))]
        alone = len(cited) > 1 or (cited and side_of(prompt) == "for")
        others = [] if alone else [path for path in paths if path not in (*cited, *subjects)]
        asked = claim
    else:
        cited = [*named_files(prompt, paths), *_named_first(prompt, paths)]
        cited += [path for path in missing_files(prompt, paths) if path not in cited]
        others, asked = ([] if cited else list(paths)), question_of(prompt)
    words = asked_for(own_words(asked) or asked)
    others.sort(key=lambda path: (-len(words & asked_for(path)), path))
    return ReadingPlan(tuple(dict.fromkeys(cited)), tuple(others), searches(asked) if len(others) > most else ())


def _named_first(prompt: str, paths: Sequence[str]) -> list[str]:
    """Return what a prompt begins with as a thing to read, as the built-in harnesses do, if that is no file there."""
    first = re.match(r"Read (.*?) and list ", prompt)
    return [first[1]] if first and first[1] not in paths else []


def searches(asked: str) -> tuple[str, ...]:
    """Return the words to search for: without their endings, where those are all that inflection has added."""
    words = [word.lower() for word in re.findall(r"[^\W_]+", asked)]
    telling = [word for word in dict.fromkeys(words) if asked_for(word)]
    return tuple(stem(word) if word.startswith(stem(word)) else word for word in telling)[:MOST_SEARCHES]


def misread(named: Sequence[str], material: Material, *, may_list: bool) -> Understood | None:
    """Return how many files could be read, where that is not all that a prompt names, or none at all."""
    if may_list and not (material.paths or named):
        return Understood(count=0, of=0, what="files", hint="there are none that agents can read")
    anything = any(_speaks(sentence.text) for sentence in material.sentences)
    said: dict[str, list[str]] = {path: [] for path in (named or (() if anything else material.lines))}
    for sentence in material.sentences:
        if sentence.source in said and _speaks(sentence.text):
            said[sentence.source].append(sentence.text)
    silent = [path for path, texts in said.items() if not texts]
    foreign = [path for path, texts in said.items() if texts and _is_foreign(" ".join(texts))]
    if not silent and not foreign:
        return None
    hint = "; ".join(([NOT_SENTENCES] if silent else []) + ([NOT_ENGLISH] if foreign else []))
    return Understood(count=len(said) - len(silent) - len(foreign), of=len(said), what="files", hint=hint)


def _speaks(text: str) -> bool:
    """Whether a text is made of words, and not of the signs of data or code."""
    words = re.findall(r"[^\W\d_]{2,}", text)
    plain = sum(character.isalnum() or character.isspace() for character in text)
    return len(words) >= FEWEST_WORDS and plain >= MADE_OF_WORDS * len(text)


def _is_foreign(text: str) -> bool:
    """Whether a text is full of the words of another language, or of letters that English does not have."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    letters = "".join(words)
    if sum(not letter.isascii() for letter in letters) * 2 > len(letters):
        return True
    english = sum(word in ENGLISH for word in words)
    foreign = max(sum(word in known for word in words) for known in FOREIGN)
    return foreign > 2 * english + 1 and foreign >= OFTEN * len(words)
