"""The facts that agents share: set with `remember`, only where nobody else was faster, and read with `recall`.

They are the run's own, and in its journal, so a resume goes on with them, and a replay gives what was given. Agents and
harness see the same. Where a project has its runs share them, they are kept in `shared` instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any, Protocol

from weft.runtime.border import masked
from weft.runtime.journal.facts import Fact, FactRemembered
from weft.runtime.tools.refusing import ToolRefused
from weft.runtime.tools.tool import Calling

__all__ = [
    "MAX_ALL",
    "MAX_FACTS",
    "MAX_KEY",
    "MAX_VALUE",
    "Facts",
    "Store",
    "keeping",
    "recall",
    "recalled",
    "remember",
    "reused",
    "stands",
    "too_many",
]

MAX_KEY, MAX_VALUE = 200, 20_000
"""Characters of a key and of a value."""
MAX_FACTS, MAX_ALL = 10_000, 5_000_000
"""How many facts there may be, and how many characters all together."""

_PLAIN_KEY = re.compile(r"[\w./:#@+-]+")


class Store(Protocol):
    """Where facts are kept."""

    async def find(self, key: str | None = None, prefix: str | None = None) -> list[Fact]:
        """Return the fact of a key, or those whose keys begin so, in the order of their keys."""

    async def set(self, fact: Fact, expected: int | None) -> Fact:
        """Set a fact, where what stands there has the version that is expected; 0 for none at all, `None` for any.

        What it is given has no version yet; what it returns has one more than what stood there. The same call made
        again finds it done.

        Raises:
            ToolRefused: it has another version, or there are too many.
        """


class Facts:
    """The facts of one run; a `Store`."""

    def __init__(
        self, known: Mapping[str, Fact], record: Callable[[FactRemembered], None], made: Mapping[str, int] | None = None
    ) -> None:
        """Go on with those that are known.

        Args:
            known: As they stand, by their keys.
            record: Has each that is set in the journal before it is told.
            made: The version that each call has set so far, those among them that do not stand any more.
        """
        self._known = dict(known)
        self._record = record
        self._made = {**{fact.call: fact.version for fact in known.values()}, **(made or {})}
        self._size = sum(_size(fact) for fact in known.values())

    async def find(self, key: str | None = None, prefix: str | None = None) -> list[Fact]:
        """Return the fact of a key, or those whose keys begin so, in the order of their keys."""
        facts = self._known
        if key is not None:
            return [facts[key]] if key in facts else []
        return [facts[name] for name in sorted(facts) if name.startswith(prefix or "")]

    async def set(self, fact: Fact, expected: int | None) -> Fact:
        """Set a fact; see `Store`."""
        before = self._known.get(fact.key)
        version = 0 if before is None else before.version
        if expected is not None and expected != version:
            raise stands(fact.key, expected, before)
        if not self._room(fact):
            raise too_many()
        fact = replace(fact, version=version + 1)
        self._take(fact)
        return fact

    async def remember(self, fact: Fact, expected: int | None, store: Store | None = None) -> Fact:
        """Set a fact in a store, or here, so that it is on record; the same call made again finds it done.

        Raises:
            ToolRefused: as `Store.set`.
        """
        done = self._made.get(fact.call)
        if done is not None:
            return replace(fact, version=done)
        if store is None:
            return await self.set(fact, expected)
        fact = await store.set(fact, expected)
        self._take(fact)
        return fact

    def reuse(self, facts: Iterable[Fact], by: int) -> None:
        """Take over what an agent of another run has set whose answer this one uses again.

        A fact has the version that it had there, and does not take the place of a later one.
        """
        for fact in facts:
            before = self._known.get(fact.key)
            later = before is None or before.version < fact.version
            if fact.call not in self._made and later and self._room(fact):
                self._take(replace(fact, by=by))

    def _room(self, fact: Fact) -> bool:
        before = self._known.get(fact.key)
        size = self._size + _size(fact) - (0 if before is None else _size(before))
        return size <= MAX_ALL and (before is not None or len(self._known) < MAX_FACTS)

    def _take(self, fact: Fact) -> None:
        self._record(fact)
        before = self._known.get(fact.key)
        self._size += _size(fact) - (0 if before is None else _size(before))
        self._known[fact.key], self._made[fact.call] = fact, fact.version


def _size(fact: Fact) -> int:
    return len(fact.key) + len(fact.value)


def stands(key: str, expected: int, before: Fact | None) -> ToolRefused:
    """Return the refusal to set a fact that does not have the version that is expected."""
    is_there = "there is none" if before is None else f"it has version {before.version}: {_quoted(before.value)}"
    return ToolRefused(f"{_quoted(key)} does not have version {expected}: {is_there}; nothing was changed")


def too_many() -> ToolRefused:
    """Return the refusal to set one more fact than there may be."""
    return ToolRefused(f"there may be {MAX_FACTS:,} facts, and {MAX_ALL:,} characters of them: set fewer")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


_facts: ContextVar[Facts | None] = ContextVar("facts", default=None)


@contextmanager
def keeping(facts: Facts) -> Iterator[None]:
    """Let agents and harness of a run share these, while the block lasts."""
    token = _facts.set(facts)
    try:
        yield
    finally:
        _facts.reset(token)


def reused(facts: Iterable[Fact], by: int) -> None:
    """Take over facts of an agent whose answer the run at hand uses again, as `Facts.reuse` does."""
    keeper = _facts.get()
    if keeper is not None:
        keeper.reuse(facts, by)


async def remember(at: Calling, arguments: dict[str, Any], store: Store | None = None) -> str:
    """Set a fact for an agent: of the run, or of those who share a store."""
    facts = _facts.get()
    if facts is None:
        raise ToolRefused("nothing keeps facts here")
    key, value = masked(arguments["key"]), masked(arguments["value"])
    fact = FactRemembered(key=key, value=value, version=0, by=at.request.id, call=at.key)
    fact = await facts.remember(fact, arguments.get("expected"), store)
    return f"remembered: {_quoted(fact.key)} has version {fact.version}"


async def recalled(at: Calling, arguments: dict[str, Any], store: Store | None = None) -> list[dict[str, Any]]:
    """Return facts for a harness."""
    return [
        {"key": fact.key, "value": fact.value, "version": fact.version} for fact in await _found(at, arguments, store)
    ]


async def recall(at: Calling, arguments: dict[str, Any], store: Store | None = None) -> str:
    """Return facts, one a line; what could be taken for another line, or another key, stands in quotes."""
    return "\n".join(_line(fact) for fact in await _found(at, arguments, store)) or "nothing is known"


async def _found(at: Calling, arguments: dict[str, Any], store: Store | None) -> list[Fact]:
    key, prefix = arguments.get("key"), arguments.get("prefix")
    if key is not None and prefix is not None:
        raise ToolRefused("either `key` or `prefix`, not both")
    store = store or _facts.get()
    found = [] if store is None else await store.find(key, prefix)  # nothing is kept where nobody really remembers
    wanted = f"{prefix or ''}*" if key is None else key
    at.touched[f"recall({_quoted(wanted)})"] = None
    return found


def _line(fact: Fact) -> str:
    key = fact.key if _PLAIN_KEY.fullmatch(fact.key) else _quoted(fact.key)
    value = fact.value if len(fact.value.splitlines()) < 2 else _quoted(fact.value)
    return f"{key} (version {fact.version}): {value}"
