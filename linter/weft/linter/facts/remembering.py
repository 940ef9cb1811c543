"""What happened to memories: what was looked for in them, what they let through, what was put in, and by which keys.

All else that happened is in `events`.
"""

from __future__ import annotations

import ast

from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.marks import Marks
from weft.linter.facts.domain.values import Value
from weft.linter.facts.repeating import Loop
from weft.linter.record import record

__all__ = ["Fed", "Forgotten", "Keyed", "LookedFor", "Sifted", "Tested"]


@record()
class Tested:
    """A condition asks what collections remember that outlive the round."""

    memories: frozenset[object]
    node: ast.expr
    loops: tuple[Loop, ...]
    inside: tuple[ast.Call, ...]
    """The fan-outs as whose branch or stage this happens, outermost first."""
    said: frozenset[object]
    """The calls of agents that gave what is compared with them."""
    sites: tuple[ast.AST, ...] = ()
    """The calls of functions that lead to it, outermost first."""


@record()
class Fed:
    """Something is put into a collection that outlives the round."""

    memory: Birth
    node: ast.AST
    marks: Marks
    """Where it comes from, and what decided that it is put in."""
    loops: tuple[Loop, ...]
    inside: tuple[ast.Call, ...]
    """The fan-outs as whose branch or stage this happens, outermost first."""
    raced: bool = False
    """Other branches put things into it at the same time."""
    once: bool = False
    """What is put in twice is there once: it is a key of a dict, or an element of a set."""


@record()
class Forgotten:
    """A collection that outlives the round is emptied."""

    memory: Birth
    node: ast.Call
    loops: tuple[Loop, ...]


@record()
class Keyed:
    """Items are told apart."""

    node: ast.expr
    key: Value | None
    """The key function; without one, items are the same when all that is in them is."""
    item: Value
    marks: Marks
    """Where the items come from."""
    made: Value
    """What the key of an item comes to."""


@record()
class LookedFor:
    """Something is looked for in collections that outlive the round."""

    node: ast.expr
    memories: frozenset[object]
    item: Value
    empty: Birth | None = None
    """The collection, where nothing has been put into it by then."""


@record()
class Sifted:
    """What is new is taken out of a list, and all of it remembered."""

    node: ast.Call
    source: Birth
    """The list."""
    memory: Birth
    loops: tuple[Loop, ...]
    raced: bool
    """Other branches do so at the same time."""
