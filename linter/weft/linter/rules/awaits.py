"""Calls that are awaited one after the other although none needs another's result."""

from __future__ import annotations

import ast
from collections.abc import Generator, Iterator, Set

from weft.linter.effort import walk
from weft.linter.facts import Facts
from weft.linter.facts.domain.amounts import ONE, at_least
from weft.linter.facts.domain.marks import about
from weft.linter.facts.domain.values import Bool, Dict, Listing, Number, Text, Value
from weft.linter.facts.events import Asked, Wait
from weft.linter.facts.repeating import FanOut, Loop
from weft.linter.finding import Finding, Fix, Related
from weft.linter.rules.fusible import said
from weft.linter.rules.rule import Rule, suggestion

__all__ = ["AwaitInLoop", "AwaitedInsideParallel", "IndependentAwaits"]


class AwaitInLoop(Rule):
    """Agents run one after the other although none needs another's result.

    What: a loop or comprehension awaits agents, and no round reads what an earlier one wrote.
    Why: together they would take the time of the slowest, for the same tokens.
    Bad:
        notes = []
        for f in FILES:
            notes.append(await agent(f"Read {f}"))
    Good:
        notes = await parallel([agent(f"Read {f}") for f in FILES])
    When not: a round reads what an earlier one wrote, or can end the loop; agents that act, so that the order means
        something; a loop that walks one piece of a list at a time; at most one round.
    """

    code = "B103"
    name = "await-in-loop"
    severity = "warning"
    message = "These {n} calls run one after another, but no iteration uses an earlier result."
    why = "Together they take the time of the slowest: about {n} times faster for the same tokens."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield the first await of each loop whose rounds are independent, outer loops first."""
        made = {event.node.args[0] for event in facts.each(FanOut) if event.node.args}
        handed = {node.value for node in _handed_on(facts)}
        loops = sorted(facts.each(Loop), key=lambda loop: len(loop.place))
        reported: set[ast.AST] = set()
        for loop in loops:
            known = bool(reported & set(loop.waits))
            if not _independent(loop) or known:
                continue
            reported |= set(loop.waits)
            if loop.node in made or not handed.isdisjoint(loop.waits):
                continue  # told by B107: parallel is given the results
            node = min(loop.waits, key=lambda wait: (wait.lineno, wait.col_offset))
            rounds = loop.rounds.settled() if loop.rounds is not None else ONE
            count = "" if rounds.reasons else rounds.text()
            text = (
                "parallel([...]) runs them together; pipeline when the body chains calls (`return None` for continue)."
            )
            yield self.found(facts, node, n=count or "N", fix=suggestion(text))


def _independent(loop: Loop) -> bool:
    if loop.kind not in ("for", "comprehension") or not loop.waits or loop.helper is not None:
        return False
    if loop.depends or loop.leaves or loop.acts or loop.waves or loop.cause not in (None, "list"):
        return False
    return loop.rounds is None or not at_least(ONE, loop.rounds)


class IndependentAwaits(Rule):
    """Agents are awaited one after the other although neither needs the other's answer.

    What: awaits that start agents follow one another in one block, and the later one does not depend on the result of
        the earlier one.
    Why: their times add up; together they would take the time of the slowest, for the same tokens.
    Bad:
        cost = await agent("What does it cost?")
        sales = await agent("What does it bring?")
        return [cost, sales]
    Good:
        cost, sales = await parallel([agent("What does it cost?"), agent("What does it bring?")])
        return [cost, sales]
    When not: the first result decides whether there is a second call; agents that act, or whose answer nobody reads;
        what is left of the budget decides about the second call.
    """

    code = "B104"
    name = "independent-awaits"
    severity = "warning"
    message = "Line {b} does not depend on line {a}; awaiting them in turn adds their times."
    why = "Together they take the time of the slowest, for the same tokens."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield the first of each run of awaits that none of them needs."""
        waits: dict[ast.AST, list[Wait]] = {}
        for wait in facts.each(Wait):
            waits.setdefault(wait.node, []).append(wait)
        handed = _handed_on(facts)
        judging = {node for event in facts.each(Asked) if event.name == "verify" for _, node in event.place}
        waiting = {outer for node in waits for outer in facts.places.around(node)}
        for block in _blocks(facts):
            for run in _runs(facts, block, waits, judging) if not waiting.isdisjoint(block) else ():
                if handed.issuperset(run):
                    continue  # told by B107: parallel is given the results
                a, b = run[0].lineno, run[1].lineno
                related = [Related(node.lineno, "independent of it") for node in run[1:]]
                fix = suggestion("Run them in one parallel([...]).")
                yield self.found(facts, run[0], a=a, b=b, fix=fix, related=related)


_WITH_BLOCKS = (ast.Module, ast.stmt, ast.ExceptHandler, ast.match_case)


def _blocks(facts: Facts) -> Iterator[list[ast.stmt]]:
    """Yield each list of statements that follow one another."""
    for node in facts.places.nodes:
        for name in ("body", "orelse", "finalbody") if isinstance(node, _WITH_BLOCKS) else ():
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield block


def _runs(
    facts: Facts, block: list[ast.stmt], waits: dict[ast.AST, list[Wait]], judging: Set[ast.AST]
) -> Iterator[list[ast.Await]]:
    """Yield awaits that follow one another in a block, and none of which needs or is given what another brings.

    What is made of verdicts is made for what follows: where that does not heed it, V801 and C605 say so.
    """
    run: list[ast.Await] = []
    names: set[str] = set()
    for statement in block:
        found = _always_awaited(statement)
        plain = said(statement) or (isinstance(statement, _SIMPLE) and judging.isdisjoint(run))
        if found is None or (names and not found and not plain and not names.isdisjoint(_read(statement))):
            run = yield from _ended(run)  # it may end here, or is about what the first ones brought
        for node in found or ():
            known = waits.get(node, [])
            alone = not known or any(wait.acts for wait in known) or any(facts.places.within(one, node) for one in run)
            if alone or any(wait.spends or not wait.reads.isdisjoint(run) for wait in known):
                run = yield from _ended(run)
            elif _changes(known) and not all(_changes(waits[one]) for one in run):
                run = yield from _ended(run)  # it may change what an earlier one reads
            run += [] if alone else [node]
        rests = bool(found) or (bool(names) and not names.isdisjoint(_read(statement)))
        names = (names if run else set()) | (_set(statement) if rests else set())
    yield from _ended(run)


def _changes(waits: list[Wait]) -> bool:
    """Tell whether something that was there before an await is another after it."""
    return any(wait.changes for wait in waits)


_SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Expr)
"""Statements of which the next one follows, whatever they come to."""


def _read(statement: ast.stmt) -> set[str]:
    """Return the names that a statement reads."""
    names = (node for node in walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    return {node.id for node in names}


def _set(statement: ast.stmt) -> set[str]:
    names = (node for node in walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    return {node.id for node in names}


def _ended(run: list[ast.Await]) -> Generator[list[ast.Await], None, list[ast.Await]]:
    """Yield a run of several awaits, and return an empty one."""
    if len(run) > 1:
        yield run
    return []


def _always_awaited(statement: ast.stmt) -> list[ast.Await] | None:
    """Return the awaits of a statement in their order; `None` where it may go elsewhere or only some are awaited."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return []
    if not isinstance(statement, _SIMPLE):
        leaving = (ast.Await, ast.Return, ast.Raise, ast.Break, ast.Continue, ast.Assert)
        return None if any(isinstance(node, leaving) for node in walk(statement)) else []
    inner = list(walk(statement))
    found = [node for node in inner if isinstance(node, ast.Await)]
    if not found:
        return []
    perhaps = {node for outer in inner for part in _perhaps(outer) for node in walk(part)}
    if not perhaps.isdisjoint(found):
        return None
    return sorted(found, key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0))


def _perhaps(node: ast.AST) -> list[ast.AST]:
    """Return the parts of an expression that are evaluated only under a condition, or any number of times."""
    match node:
        case ast.IfExp(body=body, orelse=otherwise):
            return [body, otherwise]
        case ast.BoolOp(values=[_, *others]):
            return [*others]
        case ast.Lambda(body=body):
            return [body]
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return [node]
    return []


class AwaitedInsideParallel(Rule):
    """`parallel` is given results instead of something to run.

    What: an element of the list for `parallel` was awaited before.
    Why: the agents run one after the other, and `parallel` rejects finished values.
    Bad:
        texts = await parallel([await agent(f"Read {f}") for f in FILES])
    Good:
        texts = await parallel([agent(f"Read {f}") for f in FILES])
    When not: the await is inside an async function that is itself passed without being awaited, or in an argument of a
        branch.
    Fix: safe where the awaits stand in the list: they are taken out.
    """

    code = "B107"
    name = "awaited-inside-parallel"
    severity = "error"
    message = "parallel is given what agents have answered already, which it rejects."
    why = "The agents run one at a time, and the run ends with an error."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each `parallel` over values that agents have returned already."""
        for fanout in facts.each(FanOut):
            if fanout.kind != "parallel" or not any(_answered(part.element) for part in fanout.items.parts):
                continue
            awaits = _awaits(fanout.node)
            if awaits:
                edits = tuple(facts.positions.cut(node, node.value) for node in awaits)
                yield self.found(facts, awaits[0], fix=Fix("safe", "remove the inner await", edits))
            else:
                text = "Put the calls into the list without await, or pass functions that make them."
                yield self.found(facts, fanout.node, fix=suggestion(text))


def _answered(value: Value) -> bool:
    """Tell whether a value is data from an agent, which nothing can run."""
    return isinstance(value, (Text, Dict, Listing, Number, Bool)) and bool(about(value.marks, "answer"))


def _handed_on(facts: Facts) -> set[ast.Await]:
    """Return the awaits whose results are given to a `parallel` that can run none of them."""
    given = (part.element for event in facts.each(FanOut) if event.kind == "parallel" for part in event.items.parts)
    found = (node for value in given if _answered(value) for node in about(value.marks, "waited"))
    return {node for node in found if isinstance(node, ast.Await)}


def _awaits(call: ast.Call) -> list[ast.Await]:
    """Return the elements of the list for a fan-out that are awaited as they are written."""
    match call.args[:1]:
        case [ast.ListComp(elt=ast.Await() as element) | ast.GeneratorExp(elt=ast.Await() as element)]:
            return [element]
        case [ast.List(elts=elements) | ast.Tuple(elts=elements)]:
            return [element for element in elements if isinstance(element, ast.Await)]
    return []
