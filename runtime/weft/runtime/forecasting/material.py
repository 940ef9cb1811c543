"""What the files weigh that agents may read: each that a prompt names, and the others on average."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from weft.runtime.forecasting.counting import tokens_in
from weft.runtime.tools.folders import Folders
from weft.runtime.tools.reading import MAX_CHARACTERS, MAX_FILES
from weft.runtime.tools.refusing import ToolRefused

__all__ = ["Material"]

MOST_WALKED = 20_000
"""How many files are looked at of folders that have more."""

SAMPLED = 40
"""How many of them are read to know what one weighs on average."""

_PATH = re.compile(r"[^\s\"'`<>|,;:()\[\]{}=*]+")

NUMBERED = 1.15
"""How much longer a file is as agents read it, each line with its number."""


class Material:
    """Weighs files in tokens, as a tool would show them."""

    def __init__(self, folders: Folders | None = None) -> None:
        self._folders = folders
        self._paths = list(islice(folders.walk(), MOST_WALKED)) if folders is not None else []
        self._known = frozenset(self._paths)
        self._weights: dict[str, float] = {}
        self._usual: float | None = None

    @property
    def files(self) -> int:
        """How many files there are."""
        return len(self._paths)

    @property
    def listing(self) -> float:
        """What a list of them weighs."""
        shown = self._paths[: min(SAMPLED, MAX_FILES)]
        each = sum(map(tokens_in, shown)) / len(shown) if shown else 0.0
        return each * min(self.files, MAX_FILES)

    @property
    def usual(self) -> float:
        """What one file weighs on average; nothing, where there is none."""
        if self._usual is None:
            some = self._paths[:: max(1, len(self._paths) // SAMPLED)][:SAMPLED]
            weights = [weight for weight in map(self.weight, some) if weight]
            self._usual = sum(weights) / len(weights) if weights else 0.0
        return self._usual

    def weight(self, path: str) -> float:
        """Return what reading a file once weighs; nothing for one that cannot be read."""
        if path not in self._weights:
            try:
                text = self._folders.read(path) if self._folders is not None else ""
            except ToolRefused:
                text = ""
            self._weights[path] = tokens_in(text[:MAX_CHARACTERS]) * NUMBERED
        return self._weights[path]

    def named_in(self, text: str) -> list[str]:
        """Return the files that a text names, each once, in the order in which it does."""
        return list(dict.fromkeys(self._named(text))) if self._known else []

    def _named(self, text: str) -> Iterator[str]:
        for found in _PATH.findall(text):
            path = found.removeprefix("./").rstrip(".!?")
            if path in self._known:
                yield path
