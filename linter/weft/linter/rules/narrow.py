"""Keys that take what differs for the same. What differs from agent to agent is in `keys`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from weft.linter.effort import walk
from weft.linter.facts import Facts
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.marks import about
from weft.linter.facts.domain.values import Dict
from weft.linter.facts.remembering import Keyed, LookedFor
from weft.linter.facts.repeating import Loop
from weft.linter.finding import Finding
from weft.linter.near import plain
from weft.linter.rules.doubles import tests_of_memories
from weft.linter.rules.leaves import too_narrow
from weft.linter.rules.rounds import in_rounds, is_round, of_several
from weft.linter.rules.rule import Rule, suggestion

__all__ = ["KeyTooNarrow"]


class KeyTooNarrow(Rule):
    """A key that merges what differs.

    What: items are told apart by a position only, such as a line, and each also says what that is a position in.
    Why: what stands at the same line of another file is dropped, and nobody hears of it.
    Bad:
        PLACE = {"file": {"type": "string"}, "line": {"type": "integer"}}
        NOTE = {"type": "object", "properties": PLACE, "required": ["file", "line"]}
        found = await parallel([agent(f"Note {f}", schema={"type": "array", "items": NOTE}) for f in FILES])
        unique = dedup(union(found), key=lambda note: note["line"])
    Good:
        PLACE = {"file": {"type": "string"}, "line": {"type": "integer"}}
        NOTE = {"type": "object", "properties": PLACE, "required": ["file", "line"]}
        found = await parallel([agent(f"Note {f}", schema={"type": "array", "items": NOTE}) for f in FILES])
        unique = dedup(union(found), key=lambda note: (note["file"], note["line"]))
    When not: keys that have something else besides; records that do not name what they are about; items of one
        branch.
    """

    code = "K307"
    name = "key-too-narrow"
    severity = "warning"
    message = "Items are told apart by {what} alone, and not by {whole}."
    why = "What stands at the same place of another is taken for the same, and dropped."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each key that has a position only."""
        reported: set[ast.AST] = set()
        walked = {plain(word) for loop in facts.each(Loop) if loop.header is not None for word in _words(loop.header)}
        keys = [
            one.made
            for one in facts.each(Keyed)
            if isinstance(one.item, Dict)  # a set of positions alone tells no items apart
            and (of_several(one) or in_rounds(facts, one.node))
            and not _of_one(facts, one)
        ]
        keys += [one.item for one in tests_of_memories(facts) if _for_all(one)]
        for leaf in (too_narrow(key, walked) for key in keys):
            if leaf is not None and leaf.node not in reported:
                reported.add(leaf.node)
                whole = " or ".join(f'"{name}"' for name in leaf.others)
                fix = suggestion(f"Put {whole} into the key.")
                yield self.found(facts, leaf.node, what=leaf.fault, whole=whole, fix=fix)


def _words(header: ast.expr) -> Iterator[str]:
    """Yield the names that are written in what a loop walks."""
    for node in walk(header):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Constant(value=str(name)):
                yield name


def _of_one(facts: Facts, keyed: Keyed) -> bool:
    """Tell whether the items belong to the one thing for which a loop runs, which tells its own apart."""
    within = [
        of for of in about(keyed.marks, "item") if isinstance(of, ast.For) and facts.places.within(keyed.node, of)
    ]
    return any(not is_round(loop) for loop in facts.each(Loop) for of in within if loop.node is of)


def _for_all(test: LookedFor) -> bool:
    """Tell whether a memory is one for the whole run, and not one for each of several things."""
    return all(isinstance(one, Birth) and not one.loops and not one.branches for one in test.memories)
