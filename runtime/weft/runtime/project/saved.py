"""A harness that can be run by its name, wherever it is saved; which one a name means is `folders`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from weft.runtime.errors import NotFound, Refused
from weft.runtime.project.harness import Harness, read_harness
from weft.runtime.project.phases import called_names

__all__ = ["Origin", "SavedHarness", "called_by", "first_line", "saved_in"]

Origin = Literal["project", "user", "shipped"]
"""Whose a saved harness is."""


@dataclass(frozen=True, slots=True)
class SavedHarness:
    """A harness that can be run by its name."""

    name: str
    origin: Origin
    path: Path | None
    """Where it is; `None` for one that comes with weft."""
    purpose: str
    """The first line of its docstring; of one that cannot be read, why."""
    harness: Harness | None = None
    """The harness itself; `None` for one that cannot be read."""
    hides_shipped: bool = False
    """Whether a harness that comes with weft has the same name, which means this one here."""

    @property
    def readable(self) -> bool:
        """Whether it can be read, and is a harness."""
        return self.harness is not None


def saved_in(origin: Origin, path: Path) -> SavedHarness:
    """Return the harness that is saved in a file, whether or not it can be read."""
    try:
        harness = read_harness(path)
    except (NotFound, Refused) as error:
        return SavedHarness(path.stem, origin, path, f"{error.what}: {error.where}")
    return SavedHarness(path.stem, origin, path, first_line(harness.task), harness)


def first_line(task: str) -> str:
    """Return the first line of what a harness is for."""
    return task.partition("\n")[0]


def called_by(harness: Harness, find: Callable[[str], Harness | None]) -> Iterator[Harness]:
    """Yield the saved harnesses that a harness calls by names that stand in its text, and those that they call.

    One that is broken is for whoever loads it to speak of.
    """
    seen, left = {harness.name}, [harness.source]
    while left:
        for name in sorted(called_names(left.pop()) - seen):
            seen.add(name)
            try:
                inner = find(name)
            except (NotFound, Refused):
                continue
            if inner is not None:
                left.append(inner.source)
                yield inner
