"""Decisions that rest on counted votes, read off how they are written.

What a vote says is guessed from the name of its field. Once the analysis follows votes to the decisions that they lead
to, facts take the place of this module.
"""

from __future__ import annotations

import ast

from weft.linter.effort import walk
from weft.linter.facts import Facts
from weft.linter.facts.places import uses
from weft.linter.rules.words import leaning

__all__ = ["Decision", "decision"]

_COUNTED = (ast.ListComp, ast.GeneratorExp, ast.SetComp)

Decision = tuple[ast.expr, str]
"""A test that goes the wrong way when all votes are missing, and what it comes to then."""


def decision(facts: Facts, walk: ast.AST) -> Decision | None:
    """Return the decision that rests on a walk through votes, if it goes the wrong way when all are missing."""
    around = facts.places.parent(walk)
    if isinstance(around, ast.Call) and len(around.args) == 1:
        return _misjudged(facts, around, around.args[0])
    match walk:
        case ast.For(
            target=ast.Name(id=vote),
            body=[ast.If(test=test, body=[ast.AugAssign(target=ast.Name(id=counted), op=ast.Add())], orelse=[])],
        ):
            sense, missing_counts = _sense(_conjuncts(test), vote)
            if sense < 0 and not missing_counts and not _asks_how_many(facts, walk, walk.iter):
                return _threshold_of(facts, walk, counted)
    return None


def _misjudged(facts: Facts, call: ast.Call, comprehension: ast.expr) -> Decision | None:
    """Return the decision that a count of votes in a comprehension leads to, if it goes the wrong way."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if not isinstance(comprehension, _COUNTED) or len(comprehension.generators) != 1:
        return None
    (clause,) = comprehension.generators
    vote = clause.target.id if isinstance(clause.target, ast.Name) else ""
    tests = [comprehension.elt] if name in ("all", "any") else [*clause.ifs, comprehension.elt]
    sense, missing_counts = _sense([part for test in tests for part in _conjuncts(test)], vote)
    if missing_counts:
        return (call, "true") if sense > 0 and name != "any" else None
    if _asks_how_many(facts, call, clause.iter):
        return None
    if name == "all" and sense > 0 and not _asks_for(comprehension.elt, vote):
        return call, "true"
    if name == "any" and sense < 0:
        return call, "false"
    if name in ("sum", "len") and sense < 0:
        return _compared(facts, call)
    return None


def _asks_for(test: ast.expr, vote: str) -> bool:
    """Tell whether a test fails where there is no vote."""
    return any(isinstance(part, ast.Name) and part.id == vote for part in _conjuncts(test))


def _conjuncts(test: ast.expr) -> list[ast.expr]:
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return [part for value in test.values for part in _conjuncts(value)]
    return [test]


def _sense(tests: list[ast.expr], vote: str) -> tuple[int, bool]:
    """Return whether tests of a vote count approvals (1) or objections (-1), and whether a missing one counts too."""
    senses = [(_leaning(test, vote), False) for test in tests]
    for test in tests:
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or) and _is_missing(test.values[0], vote):
            senses += [(_leaning(part, vote), True) for part in test.values[1:]]
    known = [one for one in senses if one[0]]
    return known[0] if len(known) == 1 else (0, False)


def _is_missing(test: ast.expr, vote: str) -> bool:
    match test:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Is()], comparators=[ast.Constant(value=None)]):
            return name == vote
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)):
            return name == vote
    return False


def _leaning(test: ast.expr, vote: str) -> int:
    """Return whether a test of one field of a vote says yes (1) or no (-1); 0 where its name does not tell."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return -_leaning(inner, vote)
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(field))) if name == vote:
            return leaning(field)
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=[ast.Constant(value=str(field)), *_]
        ):
            return leaning(field) if name == vote else 0
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[ast.Constant(value=str(choice))]):
            return leaning(choice) if _of(left, vote) else 0
        case ast.Compare(left=left, ops=[ast.NotEq()], comparators=[ast.Constant(value=str(choice))]):
            return -leaning(choice) if _of(left, vote) else 0
    return 0


def _of(node: ast.expr, vote: str) -> bool:
    return isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == vote


def _asks_how_many(facts: Facts, call: ast.AST, votes: ast.expr) -> bool:
    """Tell whether the function also asks whether there are votes at all, or enough of them."""
    names = {inner.id for inner in walk(votes) if isinstance(inner, ast.Name)}
    return any(
        _measures(node, call) or (isinstance(node, ast.Name) and node.id in names and facts.places.is_condition(node))
        for node in walk(facts.places.function(call))
    )


def _measures(node: ast.AST, call: ast.AST) -> bool:
    """Tell whether something is compared with the length of a list."""
    return isinstance(node, ast.Compare) and any(
        isinstance(inner, ast.Call)
        and inner is not call
        and isinstance(inner.func, ast.Name)
        and inner.func.id == "len"
        for inner in walk(node)
    )


def _compared(facts: Facts, call: ast.Call) -> Decision | None:
    """Return where the number of objections alone decides."""
    parent = facts.places.parent(call)
    if isinstance(parent, ast.Compare):
        return _threshold(parent, call)
    name = facts.places.variable(call)
    return _threshold_of(facts, call, name) if name is not None else None


def _threshold_of(facts: Facts, node: ast.AST, name: str) -> Decision | None:
    """Return where a number that a variable holds is compared with a fixed one."""
    for use in uses(facts.places.function(node), name):
        parent = facts.places.parent(use)
        found = _threshold(parent, use) if isinstance(parent, ast.Compare) else None
        if found is not None:
            return found
    return None


def _threshold(node: ast.Compare, counted: ast.expr) -> Decision | None:
    """Return a comparison of a number of objections with a fixed number, and what it is for none."""
    if len(node.ops) != 1:
        return None
    left, right, operator = node.left, node.comparators[0], type(node.ops[0])
    if right is counted:
        left, right, operator = right, left, _TURNED.get(operator, operator)
    if left is not counted or not isinstance(right, (ast.Constant, ast.Name)):
        return None
    return node, "true" if operator in (ast.Lt, ast.LtE, ast.Eq) else "false"


_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Gt: ast.Lt, ast.GtE: ast.LtE, ast.Lt: ast.Gt, ast.LtE: ast.GtE}
