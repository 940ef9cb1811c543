"""What simulated agents may plausibly say: names from the arguments and from what they are asked, and what the harness
has been seen to compare their answers with."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from weft.primitives.language.parsing import parse
from weft.runtime.rehearsal.manner import Leaf, Manner, Site, Spot
from weft.sandbox.protocol import Compared, Scalar

__all__ = ["Knowledge", "MadeUp", "Said", "names_in", "numbers_in", "patterns_in", "said_in", "scalars_in"]

MOST_OF_LEAF = 400
"""How many values are remembered of a leaf."""

MOST_ALIKE = 40
"""The same of those beside which the same was said."""

MOST_NAMES = 60
"""How many names are taken from what one agent is asked."""

LONGEST_READ = 8_000
"""Letters of it that are looked through."""

LONGEST_NAME = 160

MOST_MADE_UP = 500
"""How many made-up answers are kept: runs near one ask mostly the same again."""

SHARED_AT_MOST = 12
"""Of how many leaves one value may be told to have come; of more, it says nothing of any."""

_NAMES = re.compile(
    r"""
    <(?P<tag>[\w-]+)>(?P<told>[^<>]{1,160})</(?P=tag)>  # between tags
    | "(?P<double>[^"\n]{1,160})" | \B'(?P<single>[^'\n]{1,160})'\B | `(?P<back>[^`\n]{1,160})`
    | (?<!\w)(?P<path>\w++(?:[/.:#-]\w++)++)  # paths, ids, versions, places in files
    """,
    re.VERBOSE,
)


def names_in(text: str) -> list[str]:
    """Return what a text names in its beginning: what stands between tags or quotes, paths, ids; each once."""
    return _names_in(text[:LONGEST_READ])


@lru_cache(maxsize=2_000)  # runs of one harness ask much the same
def _names_in(text: str) -> list[str]:
    found: dict[str, None] = {}
    for match in _NAMES.finditer(text):
        named = next(part for name, part in match.groupdict().items() if part is not None and name != "tag").strip()
        if named:
            found.setdefault(named)
        if len(found) >= MOST_NAMES:
            break
    return list(found)


def numbers_in(source: str) -> set[int]:
    """Return the whole numbers that are written in a harness."""
    values = (node.value for node in ast.walk(parse(source)) if isinstance(node, ast.Constant))
    return {value for value in values if type(value) is int}


def scalars_in(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Scalar]]:
    """Yield each text and number in data, with its place as in `Leaf.path`."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from scalars_in(part, (*path, name))
    elif isinstance(value, list):
        for part in value:
            yield from scalars_in(part, (*path, "[]"))
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield path, value


class Said(NamedTuple):
    """A text or a number in an answer."""

    leaf: Leaf
    value: Scalar
    beside: frozenset[str]
    """The texts of the same object, and what the agent's prompt names: a quotation, say, is of the file beside it."""


def said_in(site: Site, value: Any, names: Iterable[str], path: tuple[str, ...] = ()) -> Iterator[Said]:
    """Yield each text and number in an answer; `names` are those of the agent's prompt."""
    beside = frozenset(names)
    if isinstance(value, dict):
        beside |= {part for part in value.values() if isinstance(part, str) and len(part) <= LONGEST_NAME}
        for name, part in value.items():
            yield from said_in(site, part, beside, (*path, name))
    elif isinstance(value, list):
        for part in value:
            yield from said_in(site, part, beside, (*path, "[]"))
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield Said(Leaf(site, path), value, beside - {value} if value in beside else beside)


def patterns_in(schema: Any) -> set[str]:
    """Return the patterns in a schema."""
    parts = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    own = {schema["pattern"]} if isinstance(schema, dict) and isinstance(schema.get("pattern"), str) else set()
    return own.union(*map(patterns_in, parts))


class MadeUp(NamedTuple):
    """An answer that was made up; nothing may change it, for other runs get the same."""

    manner: Manner
    """Of whom. Kept, so that no other one has its `id`."""
    value: Any
    spots: Mapping[Leaf, Spot]
    """What there was to choose."""


@dataclass(slots=True)
class Knowledge:
    """Grows from run to run; a run reads it as it was when the run began."""

    given: tuple[Scalar, ...] = ()
    """Texts and numbers of the arguments."""
    learned: dict[Leaf, dict[Scalar, frozenset[str]]] = field(default_factory=dict)
    """What the harness has compared a leaf with, and what comes near that; each with what it was said beside."""
    alike: Counter[tuple[Leaf, frozenset[str]]] = field(default_factory=Counter)
    """How many of a leaf were said beside the same."""

    made_up: dict[Hashable, MadeUp] = field(default_factory=dict)
    """Answers that were made up of it as it is, by all that decides them besides."""

    given_texts: list[str] = field(init=False)
    """The texts among what is given."""

    def __post_init__(self) -> None:
        self.given_texts = [scalar for scalar in self.given if isinstance(scalar, str)]

    @classmethod
    def of(cls, args: Any) -> Knowledge:
        """Return what is known before any run."""
        given = dict.fromkeys(scalar for _, scalar in scalars_in(args))
        return cls(tuple(scalar for scalar in given if not isinstance(scalar, str) or len(scalar) <= LONGEST_NAME))

    def of_leaf(self, leaf: Leaf) -> Mapping[Scalar, frozenset[str]]:
        """Return what is worth a try at a leaf, and beside which texts that was seen."""
        return self.learned.get(leaf, {})

    def keep(self, asked: Hashable, answer: MadeUp) -> None:
        """Keep what was made up, until there are too many, or something is learned."""
        if len(self.made_up) >= MOST_MADE_UP:
            self.made_up.clear()
        self.made_up[asked] = answer

    def learn(self, answers: Iterable[Said], compared: Iterable[Compared]) -> bool:
        """Take in what was compared with answers in a run; return whether anything is new.

        What was compared is told from where it came by its value alone, whatever way it went through the harness.
        """
        leaves: dict[str, dict[Leaf, frozenset[str]]] = {}
        for said in answers:
            leaves.setdefault(_plain(said.value), {})[said.leaf] = said.beside
        new = False
        for pair in compared:
            for one, other in ((pair.one, pair.other), (pair.other, pair.one)):
                came = leaves.get(_plain(one), {})
                if len(came) <= SHARED_AT_MOST:
                    worth = _worth_trying(one, other)
                    for leaf, beside in came.items():
                        new |= self._remember(leaf, worth, beside)
        if new:
            self.made_up.clear()
        return new

    def _remember(self, leaf: Leaf, values: Iterable[Scalar], beside: frozenset[str]) -> bool:
        """Remember what was said beside the same; return whether any of it is new."""
        known, before = self.learned.setdefault(leaf, {}), self.alike[leaf, beside]
        alike = before
        for value in values:
            if value not in known and len(known) < MOST_OF_LEAF and alike < MOST_ALIKE:
                known[value] = beside
                alike += 1
        if alike > before:
            self.alike[leaf, beside] = alike
        return alike > before


def _plain(value: Scalar) -> str:
    """Return a value as harnesses compare it: without regard to case, and to space around it."""
    return " ".join(value.casefold().split()) if isinstance(value, str) else json.dumps(float(value))


def _worth_trying(one: Scalar, other: Scalar) -> list[Scalar]:
    """Return what could take the place of one side of a comparison, so that it comes out in another way."""
    if isinstance(one, str):
        if not isinstance(other, str) or not other.strip():
            return []
        line = other.strip().splitlines()[0]  # of a text that something is looked for in, a part
        return [other, line] if len(other) <= LONGEST_NAME else [line[:LONGEST_NAME]]
    if isinstance(other, str):
        return []
    return [other, other - 1, other + 1]
