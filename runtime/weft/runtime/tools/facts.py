"""The facts that agents of a run share: set with `remember`, only where nobody else was faster, and read with `recall`.

They are in the run's journal, so a resume goes on with them, and a replay gives what was given. Agents and harness see
the same; a run sees nothing of others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from weft.runtime.border import masked
from weft.runtime.journal.facts import Fact, FactRemembered
from weft.runtime.tools.refusing import ToolRefused
from weft.runtime.tools.tool import Calling

__all__ = ["MAX_KEY", "MAX_VALUE", "Facts", "keeping", "known", "recall", "remember"]

MAX_KEY, MAX_VALUE = 200, 20_000
"""Characters of a key and of a value."""
MAX_FACTS, MAX_ALL = 10_000, 5_000_000
"""How many facts a run may have, and how many characters all together."""


class Facts:
    """The facts of one run."""

    def __init__(self, known: Mapping[str, Fact], record: Callable[[FactRemembered], None]) -> None:
        """Go on with those that are known; `record` has each that is set in the journal before it is told."""
        self._known = dict(known)
        self._record = record
        self._size = sum(len(fact.key) + len(fact.value) for fact in known.values())

    def find(self, key: str | None = None, prefix: str | None = None) -> list[Fact]:
        """Return the fact of a key, or those whose keys begin so, in the order of their keys."""
        facts = self._known.copy()  # a harness reads in a thread
        if key is not None:
            return [facts[key]] if key in facts else []
        return [facts[name] for name in sorted(facts) if name.startswith(prefix or "")]

    def set(self, key: str, value: str, expected: int | None, by: int, call: str) -> Fact:
        """Set a fact, where it has the version that is expected; 0 for none at all, `None` for any.

        The same call made again by a resumed run finds it done.

        Raises:
            ToolRefused: it has another version, or there are too many.
        """
        before = self._known.get(key)
        if before is not None and before.call == call:
            return before
        version = 0 if before is None else before.version
        if expected is not None and expected != version:
            stands = "there is none" if before is None else f"it has version {version}: {json.dumps(before.value)}"
            raise ToolRefused(f"{key!r} does not have version {expected}: {stands}; nothing was changed")
        size = self._size + len(key) + len(value) - (0 if before is None else len(key) + len(before.value))
        if (before is None and len(self._known) >= MAX_FACTS) or size > MAX_ALL:
            raise ToolRefused(f"a run may have {MAX_FACTS:,} facts, and {MAX_ALL:,} characters of them: set fewer")
        fact = FactRemembered(key=key, value=value, version=version + 1, by=by, call=call)
        self._record(fact)
        self._known[key], self._size = fact, size
        return fact


_facts: ContextVar[Facts | None] = ContextVar("facts", default=None)


@contextmanager
def keeping(facts: Facts) -> Iterator[None]:
    """Let agents and harness of a run share these, while the block lasts."""
    token = _facts.set(facts)
    try:
        yield
    finally:
        _facts.reset(token)


def known(key: str | None = None, prefix: str | None = None) -> list[Fact]:
    """Return facts of the run at hand, as `Facts.find` does; none where nothing keeps them, as in a rehearsal."""
    facts = _facts.get()
    return [] if facts is None else facts.find(key, prefix)


async def remember(at: Calling, arguments: dict[str, Any]) -> str:
    """Set a fact for an agent."""
    facts = _facts.get()
    if facts is None:
        raise ToolRefused("nothing keeps facts here")
    key, value = masked(arguments["key"]), masked(arguments["value"])
    fact = facts.set(key, value, arguments.get("expected"), at.request.id, at.key)
    return f"remembered: {fact.key!r} has version {fact.version}"


async def recall(at: Calling, arguments: dict[str, Any]) -> str:
    """Return facts, one a line."""
    key, prefix = arguments.get("key"), arguments.get("prefix")
    if key is not None and prefix is not None:
        raise ToolRefused("either `key` or `prefix`, not both")
    found = known(key, prefix)
    wanted = key if key is not None else f"{prefix or ''}*"
    at.touched[f"recall({json.dumps(wanted, ensure_ascii=False)})"] = None
    return "\n".join(f"{fact.key} (version {fact.version}): {fact.value}" for fact in found) or "nothing is known"
