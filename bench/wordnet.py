"""Make the offline model's word list from the database files of WordNet 3.0.

python bench/wordnet.py FOLDER > runtime/weft/runtime/agents/offline/words.tsv      FOLDER holds index.noun, data.noun …

For each common word: how often it was met, those that mean the same or derive from it, what it is a kind of, and its
opposites. Only its most usual meanings count, since a rare one would make strangers alike; for opposites all do.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from weft.runtime.agents.offline.lexicon import root

HEADER = """\
# root, how often it was met, its words for people, words of nearly the same meaning or wider ones, opposites
# Made by bench/wordnet.py from WordNet 3.0. WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved.
# Permission to use, copy, modify and distribute this software and database and its documentation for any purpose and
# without fee or royalty is hereby granted, provided that you agree to comply with the copyright notice and statements,
# including the disclaimer, and that the same appear on ALL copies, including modifications that you make. THIS SOFTWARE
# AND DATABASE IS PROVIDED "AS IS" AND PRINCETON UNIVERSITY MAKES NO REPRESENTATIONS OR WARRANTIES, EXPRESS OR IMPLIED.
"""
PARTS = {"noun": 2, "verb": 2, "adj": 1, "adv": 1}
"""How many meanings of a word count, for each part of speech."""

SHARE = 0.2
"""How much of a word's use a further meaning must have."""

PEOPLE = 18
"""The lexicographer's file of nouns for people."""

DERIVED, KIND, OPPOSITE = "+", "@", "!"
PART_OF = {"n": "noun", "v": "verb", "a": "adj", "s": "adj", "r": "adv"}
PLAIN = re.compile(r"[a-z]{2,}")
TOO_WIDE = 9
"""Kinds nearer to the root than this many steps say nothing: "entity", "artifact", "act"."""


@dataclass
class Meaning:
    """One set of synonyms, and where it points."""

    words: list[str]
    lexicographer: int
    """The file of WordNet in which it stands, which is a rough class."""
    pointers: list[tuple[str, str, int, int]]


def meanings(folder: Path, part: str) -> dict[int, Meaning]:
    """Return the sets of synonyms of one part of speech, by where they stand in their file."""
    found = {}
    for line in (folder / f"data.{part}").read_text("latin-1").splitlines():
        if line.startswith("  "):
            continue
        fields = line.split(" | ")[0].split()
        count = int(fields[3], 16)
        words = [re.sub(r"\(\w+\)$", "", word).lower() for word in fields[4 : 4 + 2 * count : 2]]
        at = 4 + 2 * count
        rest = fields[at + 1 :]
        pointers = [
            (rest[n], rest[n + 2], int(rest[n + 1]), int(rest[n + 3], 16)) for n in range(0, 4 * int(fields[at]), 4)
        ]
        found[int(fields[0])] = Meaning(words, int(fields[1]), pointers)
    return found


def usual(folder: Path, part: str, uses: dict[tuple[str, str, int], int]) -> Iterator[tuple[str, int, int]]:
    """Yield the plain words of one part of speech with how often they were met, for each of their usual meanings."""
    for line in (folder / f"index.{part}").read_text("latin-1").splitlines():
        fields = line.split()
        if not line or line.startswith(" ") or not PLAIN.fullmatch(fields[0]):
            continue
        places = [int(place) for place in fields[-int(fields[2]) :]]
        counts = [uses.get((fields[0], part, number), 0) for number in range(1, len(places) + 1)]
        if sum(counts) == 0:
            continue
        for place, count in list(zip(places, counts, strict=True))[: PARTS[part]]:
            if count >= SHARE * sum(counts):
                yield fields[0], sum(counts), place


def counted(folder: Path) -> dict[tuple[str, str, int], int]:
    """Return how often each meaning of a word was met."""
    names = {"1": "noun", "2": "verb", "3": "adj", "5": "adj", "4": "adv"}
    found = {}
    for line in (folder / "cntlist.rev").read_text("latin-1").splitlines():
        key, number, count = line.split()
        word, _, rest = key.partition("%")
        found[word, names[rest[0]], int(number)] = int(count)
    return found


def opposites(data: dict[str, dict[int, Meaning]]) -> dict[str, set[str]]:
    """Return the roots of the words that are the opposite of a word in one of its meanings, by its root."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for meaning in (meaning for part in data.values() for meaning in part.values()):
        for sign, letter, at, ends in meaning.pointers:
            if sign == OPPOSITE:
                word, other = meaning.words[(ends >> 8) - 1], data[PART_OF[letter]][at].words[(ends & 255) - 1]
                if PLAIN.fullmatch(word) and PLAIN.fullmatch(other):
                    found[root(word)].add(root(other))
    return found


def main(folder: Path) -> None:
    """Write the list to standard output."""
    uses = counted(folder)
    data = {part: meanings(folder, part) for part in PARTS}
    depths: dict[int, int] = {}

    def depth(place: int) -> int:
        if place not in depths:
            above = [at for sign, _, at, _ in data["noun"][place].pointers if sign in ("@", "@i")]
            depths[place] = 1 + min((depth(at) for at in above), default=0)
        return depths[place]

    same, kinds = (defaultdict[str, set[str]](set) for _ in range(2))
    people: dict[str, bool] = {}
    met: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for part in PARTS:
        for word, count, place in usual(folder, part, uses):
            met[word][part] = count
            meaning = data[part][place]
            if part == "noun":
                people.setdefault(word, meaning.lexicographer == PEOPLE)
            same[word] |= set(meaning.words)
            number = meaning.words.index(word) + 1 if word in meaning.words else 0
            for sign, letter, at, ends in meaning.pointers:
                target = data[PART_OF[letter]][at]
                begin, end = ends >> 8, ends & 255
                if begin in (0, number):
                    words = target.words if end == 0 else [target.words[end - 1]]
                    if sign == DERIVED:
                        same[word] |= set(words)
                    elif sign == KIND and part == "noun" and depth(at) >= TOO_WIDE - 3:
                        kinds[word] |= set(words)
    sys.stdout.write(HEADER)
    for line in _lines(met, people, same, kinds, opposites(data)):
        sys.stdout.write(line)


def _lines(
    met: dict[str, dict[str, int]],
    people: dict[str, bool],
    same: dict[str, set[str]],
    kinds: dict[str, set[str]],
    against: dict[str, set[str]],
) -> Iterator[str]:
    """Yield the rows of the list, with all words that have one root in one."""
    by_root: defaultdict[str, list[str]] = defaultdict(list)
    for word in sorted(same):
        by_root[root(word)].append(word)
    for key, words in sorted(by_root.items()):
        near = {root(other) for word in words for other in same[word] | kinds[word] if PLAIN.fullmatch(other)} - {key}
        persons = [
            word for word in words if people.get(word) and 2 * met[word].get("noun", 0) >= sum(met[word].values())
        ]
        count = sum(sum(met[word].values()) for word in words)
        lists = (persons, sorted(near), sorted(against.get(key, ())))
        yield "\t".join([key, str(count), *map(" ".join, lists)]).rstrip() + "\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
