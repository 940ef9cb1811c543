"""What became of a claim that skeptics could not decide."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from weft.linter.facts import Facts
from weft.linter.facts.domain.contained import contents
from weft.linter.facts.domain.marks import about
from weft.linter.facts.domain.values import Dict
from weft.linter.facts.events import Asked
from weft.linter.facts.known.verifying import VERDICT
from weft.linter.facts.readings import FieldRead
from weft.linter.finding import Finding
from weft.linter.rules.rule import Rule, suggestion

__all__ = ["UndecidedAsRefuted"]


class UndecidedAsRefuted(Rule):
    """What no skeptic has decided is kept as if it had been refuted.

    What: what does not survive is collected, or given a name, and neither the "outcome" of the verdict nor its votes
        are read, returned or shown to an agent.
    Why: where skeptics were lost or found nothing, the result is the same as where they refuted the claim.
    Bad:
        verdict = await verify("The cache is shared")
        status = "confirmed" if verdict["survives"] else "refuted"
    Good:
        verdict = await verify("The cache is shared")
        status = verdict["outcome"]
    When not: what does not survive is only left out; the whole verdict is returned.
    """

    code = "V808"
    name = "undecided-as-refuted"
    severity = "warning"
    since = 2
    message = "What no skeptic has decided does not survive either, and here it is the same as what was refuted."
    why = "Where skeptics were lost, the result is the same as where they refuted the claim."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each place where what does not survive is all the same."""
        told = _told(facts)
        reads: dict[ast.AST, set[object]] = {}
        for read in facts.each(FieldRead):
            place = facts.places.parent(read.node)
            if read.field == "survives" and _of_verify(read) and isinstance(place, (ast.Subscript, ast.Call)):
                reads.setdefault(place, set()).update(about(read.answer.marks, "says"))
        for place, calls in reads.items():
            if calls and not calls & told and _keeps_the_rest(facts, place):
                fix = suggestion('Tell ["outcome"] == "refuted" from "undecided".')
                yield self.found(facts, place, fix=fix)


def _of_verify(read: FieldRead) -> bool:
    return read.answer.schema is not None and read.answer.schema.name == VERDICT


def _told(facts: Facts) -> set[object]:
    """Return the calls of `verify` of whose verdicts more is told than whether the claim survives."""
    read = {
        call
        for event in facts.each(FieldRead)
        if event.field in ("outcome", "votes") and _of_verify(event)
        for call in about(event.answer.marks, "says")
    }
    shown = {call for event in facts.each(Asked) for marks in event.marks.values() for call in about(marks, "says")}
    whole = {
        call
        for value in contents(facts.result)
        if isinstance(value, Dict) and value.schema is not None and value.schema.name == VERDICT
        for call in about(value.marks, "says")
    }
    return read | shown | whole


def _keeps_the_rest(facts: Facts, node: ast.AST) -> bool:
    """Tell whether a test is made so that what fails it is kept, and not only left out."""
    fails = False
    parent = facts.places.parent(node)
    while isinstance(parent, ast.BoolOp) or (isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not)):
        fails ^= isinstance(parent, ast.UnaryOp)
        node, parent = parent, facts.places.parent(parent)
    match parent:
        case ast.comprehension():
            listed = facts.places.parent(parent)
            found = listed is not None and (
                _leads_out(facts, listed) or _is_returned(facts, facts.places.variable(listed))
            )
            return fails and node in parent.ifs and found
        case ast.IfExp(test=test, body=body, orelse=orelse) if test is node:
            rest = body if fails else orelse
            return _is_named(rest) or (_is_added_to(facts, parent) and _is_returned(facts, _name(rest)))
        case ast.If(test=test, body=body, orelse=orelse) if test is node:
            return any(_keeps(facts, statement) for statement in (body if fails else orelse))
    return False


def _is_named(node: ast.AST | None) -> bool:
    """Tell whether something is a text, or a record with one of its own."""
    if isinstance(node, ast.Dict):
        return any(map(_is_named, node.values))
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(node.value)


def _is_added_to(facts: Facts, node: ast.AST) -> bool:
    """Tell whether one of two lists is chosen to be added to, as in `(kept if … else rest).append(item)`."""
    parent = facts.places.parent(node)
    return isinstance(parent, ast.Attribute) and parent.attr == "append"


def _keeps(facts: Facts, statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=kept, attr="append" | "extend"))):
            return _is_returned(facts, _name(kept))
        case ast.Assign(value=value) | ast.Return(value=value):
            return _is_named(value)
    return False


def _name(node: ast.AST) -> str | None:
    return node.id if isinstance(node, ast.Name) else None


def _is_returned(facts: Facts, name: str | None) -> bool:
    """Tell whether a list of this name stands in what a function returns, itself and not only what is made of it."""
    loads = (node for node in facts.places.every(ast.Name) if node.id == name and isinstance(node.ctx, ast.Load))
    return any(_leads_out(facts, load) for load in loads)


def _leads_out(facts: Facts, node: ast.AST) -> bool:
    around = facts.places.parent(node)
    while isinstance(around, (ast.Dict, ast.List, ast.Tuple, ast.Starred)):
        around = facts.places.parent(around)
    return isinstance(around, ast.Return)
