"""Saved harnesses that are others now than a run has loaded: what a resume has to know before it executes one."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from difflib import unified_diff

from weft.primitives.language.parsing import parse
from weft.runtime.journal import Past
from weft.runtime.journal.events import Event, WorkflowLoaded

__all__ = ["Mended", "mended"]


@dataclass(frozen=True, slots=True)
class Mended:
    """A saved harness that is another one now."""

    name: str
    recorded: str
    """Its source as the run has loaded it; of several, the latest."""
    now: str | None
    """Its source as it is saved now; `None` where it is not saved any more."""

    def diff(self) -> list[str]:
        """Return what is different, as lines of a unified diff."""
        before, after = self.recorded.splitlines(), (self.now or "").splitlines()
        return list(unified_diff(before, after, "recorded", "now", n=1, lineterm=""))


def mended(events: list[Event], find_source: Callable[[str], str | None]) -> list[Mended]:
    """Return the saved harnesses that a run has loaded and that are others now, by name.

    Args:
        events: The journal of the run.
        find_source: Returns the source of the saved harness of a name, if there is one.
    """
    found = []
    loads = any(isinstance(event, WorkflowLoaded) for event in events)
    for name, sources in sorted(Past(events).sources.items()) if loads else ():
        now = find_source(name)
        others = [source for source in sources if now is None or not _same(source, now)]
        if others:
            found.append(Mended(name, others[-1], now))
    return found


def _same(one: str, other: str) -> bool:
    """Whether two sources are the same program, comments and layout aside."""
    if one == other:
        return True
    try:
        return ast.dump(parse(one)) == ast.dump(parse(other))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # as the parser says of what it cannot read
        return False
