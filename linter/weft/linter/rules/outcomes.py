"""What becomes of a claim that nobody could decide, and of a skeptic who was outvoted."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeGuard

from weft.linter.facts import Facts
from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.contained import contents
from weft.linter.facts.domain.intervals import EXACTLY_ONE
from weft.linter.facts.domain.marks import about
from weft.linter.facts.domain.values import Dict, Listing, Nothing, Value, constant
from weft.linter.facts.events import AnswerTested, Asked, Compared, SaidTested
from weft.linter.facts.known.verifying import VERDICT
from weft.linter.facts.readings import FieldRead
from weft.linter.finding import Finding
from weft.linter.rules.rule import Rule, suggestion
from weft.linter.rules.words import speaks_against

__all__ = ["LostAsRefuted", "OutvotedUnseen", "UndecidedAsRefuted"]


class UndecidedAsRefuted(Rule):
    """What no skeptic has decided is kept as if it had been refuted.

    What: what does not survive is collected or told under a name that speaks against it, such as "refuted", and neither
        the "outcome" of the verdict nor its votes are read, returned or shown to an agent.
    Why: where skeptics were lost or found nothing, the result is the same as where they refuted the claim.
    Bad:
        verdict = await verify("The cache is shared")
        status = "confirmed" if verdict["survives"] else "refuted"
    Good:
        verdict = await verify("The cache is shared")
        status = verdict["outcome"]
    When not: what does not survive is only left out, or called open or unsure; the whole verdict is returned.
    """

    code = "V808"
    name = "undecided-as-refuted"
    severity = "warning"
    since = 2
    message = "What no skeptic has decided does not survive either, and here it is the same as what was refuted."
    why = "Where skeptics were lost, the result is the same as where they refuted the claim."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each place where what does not survive is all the same."""
        told, found = _told(facts, "outcome", "votes"), set[ast.AST]()
        for node, calls in _tests(facts):
            whole = _condition(facts, node)
            if whole not in found and not calls & told and _against(facts, node):
                found.add(whole)
                fix = suggestion('Tell ["outcome"] == "refuted" from "undecided".')
                yield self.found(facts, node, fix=fix)


class OutvotedUnseen(Rule):
    """A lens of its own can be outvoted, and nothing tells.

    What: `verify` with lenses that the harness names, `veto=False` and a quorum below their number, where the votes are
        neither read, returned nor shown to an agent.
    Why: a lens is mostly a condition that must hold: "the quotation stands there". The others outvote it, and the claim
        survives without a trace of it.
    Bad:
        verdict = await verify("It is patched", lenses=["it compiles", "it gives the same rows"], quorum=1, veto=False)
        return verdict["outcome"]
    Good:
        verdict = await verify("It is patched", lenses=["it compiles", "it gives the same rows"], quorum=1)
        return verdict["outcome"]
    When not: `votes=n` or the default lenses, which all look at the whole claim; the votes are told.
    """

    code = "M103"
    name = "outvoted-unseen"
    severity = "warning"
    since = 2
    message = "Of {lenses} lenses {quorum} suffice here, and one that refutes leaves no trace."
    why = "What one of them was to make sure of is outvoted by the others."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each call of `verify` whose lenses can be outvoted unseen."""
        told = _told(facts, "votes")
        calls = {event.call.node: event.call for event in facts.each(Asked) if event.name == "verify"}
        for node, call in calls.items():
            size = _lenses(call)
            quorum = size // 2 + 1 if "quorum" not in call.keywords else constant(call.keywords["quorum"])
            vetoed = constant(call.keywords.get("veto")) is not False
            if isinstance(quorum, int) and 0 < quorum < size and not vetoed and node not in told:
                fix = suggestion('Leave veto=False out, so that one "refuted" decides; or return the ["votes"] too.')
                yield self.found(facts, call.keyword("veto") or node, lenses=size, quorum=quorum, fix=fix)


def _lenses(call: Call) -> int:
    """Return how many lenses a call of `verify` names; 0 where that is not known."""
    lenses = call.keywords.get("lenses")
    return len(lenses.parts) if isinstance(lenses, Listing) and _all_known(lenses) else 0


def _all_known(lenses: Listing) -> bool:
    return all(part.count == EXACTLY_ONE and constant(part.element) is not None for part in lenses.parts)


class LostAsRefuted(Rule):
    """What an agent was lost over is kept as if it had spoken against it.

    What: one condition asks whether there is an answer and what it says, and what fails it is collected or told under a
        name that speaks against it, such as "rejected".
    Why: a timeout or a refusal reads as a verdict that nobody has given.
    Bad:
        vote = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
        answer = await agent("Is it sound?", schema=vote)
        status = "accepted" if answer and answer["ok"] else "rejected"
    Good:
        vote = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
        answer = await agent("Is it sound?", schema=vote)
        status = "lost" if not answer else "accepted" if answer["ok"] else "rejected"
    When not: what fails is only left out, or called open; what was lost is told apart before.
    """

    code = "M105"
    name = "lost-as-refuted"
    severity = "warning"
    message = "What an agent was lost over is the same here as what it spoke against."
    why = "A timeout or a refusal reads as a verdict that nobody has given."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each condition in which an answer that is missing counts as one against."""
        asked = {event.node for event in facts.each(SaidTested)}
        for node in _whether_there(facts):
            whole = facts.places.parent(node)
            if isinstance(whole, ast.BoolOp) and isinstance(whole.op, ast.And) and whole in asked:
                asked.discard(whole)
                if _against(facts, whole):
                    yield self.found(facts, whole, fix=suggestion("Tell what was lost apart: test for None first."))


def _whether_there(facts: Facts) -> Iterator[ast.expr]:
    """Yield where it is asked whether an agent that can fail has answered at all."""
    for event in facts.each(AnswerTested):
        if _may_be_lost(event.answer):
            yield event.node
    for compared in facts.each(Compared):
        if isinstance(compared.right, Nothing) and _may_be_lost(compared.left):
            yield compared.node


def _may_be_lost(answer: Value) -> bool:
    failed = isinstance(answer, Dict) and answer.lack is not None and bool(answer.lack.why)
    return failed and bool(about(answer.marks, "says")) and not _is_verdict(answer)


def _tests(facts: Facts) -> Iterator[tuple[ast.AST, frozenset[object]]]:
    """Yield where it is read or asked whether a claim survives, and of which calls of `verify`."""
    asked: set[object] = set()
    for read in facts.each(FieldRead):
        place = facts.places.parent(read.node)
        if read.field == "survives" and _of_verify(read) and isinstance(place, (ast.Subscript, ast.Call)):
            calls = about(read.answer.marks, "says")
            asked |= calls
            yield place, calls
    for event in facts.each(SaidTested):
        if event.calls & asked:
            yield event.node, event.calls & asked


def _condition(facts: Facts, node: ast.AST) -> ast.AST:
    """Return the whole condition that something is a part of."""
    while isinstance(parent := facts.places.parent(node), ast.BoolOp) or _is_negated(parent):
        node = parent
    return node


def _is_negated(parent: ast.AST | None) -> TypeGuard[ast.UnaryOp]:
    return isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not)


def _of_verify(read: FieldRead) -> bool:
    return _is_verdict(read.answer)


def _is_verdict(answer: Value) -> bool:
    return isinstance(answer, Dict) and answer.schema is not None and answer.schema.name == VERDICT


def _told(facts: Facts, *fields: str) -> set[object]:
    """Return the calls of `verify` of whose verdicts these fields are read, or which are told as a whole."""
    read = {
        call
        for event in facts.each(FieldRead)
        if event.field in fields and _of_verify(event)
        for call in about(event.answer.marks, "says")
    }
    shown = {call for event in facts.each(Asked) for marks in event.marks.values() for call in about(marks, "says")}
    whole = {call for value in contents(facts.result) if _is_verdict(value) for call in about(value.marks, "says")}
    return read | shown | whole


def _against(facts: Facts, node: ast.AST) -> bool:
    """Tell whether what fails a test is kept, and under a name that speaks against it."""
    return any(speaks_against(name) for name in _names(facts, node))


def _names(facts: Facts, node: ast.AST) -> Iterator[str]:
    """Yield what the harness calls that which fails a test, where it keeps it."""
    fails = False
    while isinstance(parent := facts.places.parent(node), ast.BoolOp) or _is_negated(parent):
        fails ^= isinstance(parent, ast.UnaryOp)
        node = parent
    match parent:
        case ast.comprehension() if fails and node in parent.ifs:
            listed = facts.places.parent(parent)
            if listed is not None:
                yield from _outer(facts, listed)
        case ast.IfExp(test=test, body=body, orelse=orelse) if test is node:
            rest = body if fails else orelse
            yield from _texts(rest)
            if _is_added_to(facts, parent):
                yield from _returned(facts, rest)
        case ast.If(test=test, body=body, orelse=orelse) if test is node:
            for statement in body if fails else orelse or _after(facts, parent):
                yield from _kept(facts, statement)


def _after(facts: Facts, node: ast.If) -> list[ast.stmt]:
    """Return what is done only where a test fails, because its branch goes elsewhere."""
    block = facts.places.block(node)
    leaves = isinstance(node.body[-1], (ast.Return, ast.Continue, ast.Break, ast.Raise))
    return block[block.index(node) + 1 :] if leaves else []


def _texts(node: ast.AST | None) -> Iterator[str]:
    """Yield the texts that something is, or that a record has."""
    if isinstance(node, ast.Dict):
        for value in node.values:
            yield from _texts(value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def _is_added_to(facts: Facts, node: ast.AST) -> bool:
    """Tell whether one of two lists is chosen to be added to, as in `(kept if … else rest).append(item)`."""
    parent = facts.places.parent(node)
    return isinstance(parent, ast.Attribute) and parent.attr == "append"


def _kept(facts: Facts, statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=kept, attr="append" | "extend"))):
            yield from _returned(facts, kept)
        case ast.Assign(value=value) | ast.Return(value=value):
            yield from _texts(value)


def _returned(facts: Facts, node: ast.AST) -> Iterator[str]:
    """Yield the names under which a variable stands in what a function returns, itself and not what is made of it."""
    if isinstance(node, ast.Name):
        for load in facts.places.every(ast.Name):
            if load.id == node.id and isinstance(load.ctx, ast.Load):
                yield from _led_out(facts, load, node.id)


def _outer(facts: Facts, listed: ast.AST) -> Iterator[str]:
    """Yield the names under which a list leads out of its function, as it is written or by a variable."""
    name = facts.places.variable(listed)
    yield from _led_out(facts, listed, "") if name is None else _returned(facts, ast.Name(name))


def _led_out(facts: Facts, node: ast.AST, name: str) -> Iterator[str]:
    names, around = [name], facts.places.parent(node)
    while isinstance(around, (ast.Dict, ast.List, ast.Tuple, ast.Starred)):
        if isinstance(around, ast.Dict) and node in around.values:
            names += _texts(around.keys[around.values.index(node)])
        node, around = around, facts.places.parent(around)
    if isinstance(around, ast.Return):
        yield from names
