"""Where calls stand, by names that answers which came or failed elsewhere do not change. Which call is which: `alike`.

In a call path, a fan-out is a number: how many its task had opened before. An answer that is there now, and was not in
the execution before, may open one more, and all later ones get other numbers. So executions are compared by the line
at which a fan-out begins, and how many of that line its task had opened before. Lines of different sources say nothing
of each other, so the source is part of the name.
"""

from __future__ import annotations

import re
from collections import Counter
from hashlib import sha256

from weft.runtime.journal.callpath import owner
from weft.runtime.journal.events import AgentCalled, Event, FanOutBegan, HostCalled, WorkflowCalled, WorkflowLoaded

__all__ = ["Places", "shape"]

_NUMBER = re.compile(r"/\d+\.")


def shape(path: str) -> str:
    """Return a call path without the numbers of its fan-outs: in which branch of which branch."""
    return _NUMBER.sub("/.", path)


class Places:
    """Names the places of one execution, told of fan-outs and saved harnesses in the order in which they begin."""

    def __init__(self, source: str) -> None:
        """Name places in a harness, of which anything may tell it from others: its source, or a digest of that."""
        self._source = _brief(source)
        self._names: dict[str, str] = {}
        """Of fan-outs, by their paths."""
        self._begun: Counter[str] = Counter()
        self._called: dict[str, str] = {}
        """The saved harness that was called last on each path: it is a branch, of no fan-out that anybody tells of."""
        self._calls: dict[int, str] = {}
        """The paths of these calls, by their numbers."""

    def follow(self, event: Event) -> None:
        """Take note of where something happens."""
        match event:
            case FanOutBegan(path=path, line=line):
                self._name(path, str(line))
            case WorkflowCalled(id=number, path=path, line=line, name=name, returning=False):
                self._called[path], self._calls[number] = f"{line} {name}", path
            case WorkflowLoaded(id=number, source=str(source)):
                self._called[self._calls[number]] += f" {_brief(source)}"
            case AgentCalled(path=path) | HostCalled(path=path):
                self.of(path)
            case _:
                pass

    def of(self, path: str) -> str:
        """Return the name of the place with this call path."""
        if not path:
            return path
        fan_out, _, branch = path.rpartition(".")
        return f"{self._names.get(fan_out) or self._untold(fan_out)}.{branch}"

    def _untold(self, fan_out: str) -> str:
        around, _, number = fan_out.rpartition("/")
        called = self._called.get(around)
        if called is not None:
            return self._name(fan_out, called)
        name = self._names[fan_out] = f"{self.of(around)}/{number}"  # as in journals that know nothing of fan-outs
        return name

    def _name(self, fan_out: str, what: str) -> str:
        around = owner(fan_out)
        there = f"{self.of(around) if around else self._source}/{what}"
        self._begun[there] += 1
        name = self._names[fan_out] = f"{there}#{self._begun[there]}"
        return name


def _brief(source: str) -> str:
    return sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:12]
