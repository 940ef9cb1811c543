"""What simulated agents may plausibly say: names from the arguments and from what they are asked, and what the harness
has been seen to compare their answers with."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from weft.runtime.rehearsal.manner import Leaf
from weft.sandbox.protocol import Compared, Scalar

__all__ = ["Knowledge", "names_in", "numbers_in", "scalars_in"]

MOST_OF_LEAF = 40
"""How many values are remembered of a leaf."""

MOST_NAMES = 60
"""How many names are taken from what one agent is asked."""

LONGEST_READ = 8_000
"""Letters of it that are looked through."""

LONGEST_NAME = 160

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
    values = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
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


@dataclass(slots=True)
class Knowledge:
    """Grows from run to run; a run reads it as it was when the run began."""

    given: tuple[Scalar, ...] = ()
    """Texts and numbers of the arguments."""
    learned: dict[Leaf, dict[Scalar, None]] = field(default_factory=dict)
    """What the harness has compared a leaf with, and what lies beside it."""

    given_texts: list[str] = field(init=False)
    """The texts among what is given."""

    def __post_init__(self) -> None:
        self.given_texts = [scalar for scalar in self.given if isinstance(scalar, str)]

    @classmethod
    def of(cls, args: Any) -> Knowledge:
        """Return what is known before any run."""
        given = dict.fromkeys(scalar for _, scalar in scalars_in(args))
        return cls(tuple(scalar for scalar in given if not isinstance(scalar, str) or len(scalar) <= LONGEST_NAME))

    def of_leaf(self, leaf: Leaf) -> list[Scalar]:
        """Return what is worth a try at a leaf."""
        return list(self.learned.get(leaf, ()))

    def learn(self, answers: Iterable[tuple[Leaf, Scalar]], compared: Iterable[Compared]) -> bool:
        """Take in what was compared with answers in a run; return whether anything is new.

        What was compared is told from where it came by its value alone, whatever way it went through the harness.
        """
        leaves: dict[str, dict[Leaf, None]] = {}
        for leaf, value in answers:
            leaves.setdefault(_plain(value), {})[leaf] = None
        new = False
        for pair in compared:
            for one, other in ((pair.one, pair.other), (pair.other, pair.one)):
                came = leaves.get(_plain(one), {})
                if len(came) <= SHARED_AT_MOST:
                    remembered = [self._remember(leaf, worth) for leaf in came for worth in _worth_trying(one, other)]
                    new |= any(remembered)
        return new

    def _remember(self, leaf: Leaf, value: Scalar) -> bool:
        known = self.learned.setdefault(leaf, {})
        if value in known or len(known) >= MOST_OF_LEAF:
            return False
        known[value] = None
        return True


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
