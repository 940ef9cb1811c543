"""Agents whose answers nobody reads."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from weft.linter.effort import walk
from weft.linter.facts import Facts
from weft.linter.facts.events import PrimitiveCalled, Waited
from weft.linter.facts.places import uses
from weft.linter.finding import Finding
from weft.linter.rules.rule import Rule, suggestion

__all__ = ["UnusedResult"]

_ANSWERING = {"agent", "critique", "debate", "judge", "reflect", "swarm", "synthesize"}
"""Primitives that start agents which do nothing but answer."""


class UnusedResult(Rule):
    """Agents are paid for, and nobody reads what they answer.

    What: the result of an awaited `agent` or of a fan-out of agents is assigned to a variable that is never read, or
        that is overwritten first; or an answer with a schema is dropped.
    Why: the agents are paid for nothing.
    Bad:
        plan = await agent("Plan the work")
        plan = await agent("Plan the work in five steps")
        return plan
    Good:
        plan = await agent("Plan the work in five steps")
        return plan
    When not: agents that act on the world or have tools; names that begin with an underscore.
    """

    code = "C605"
    name = "unused-agent-result"
    severity = "warning"
    message = "{what} is paid for and {fate}."
    why = "Its agents are paid for nothing: use what they answer, or leave the call out."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each wait whose result nobody reads."""
        acts = {event.node for event in facts.each(Waited) if event.acts}
        calls = {event.call.node: event for event in facts.each(PrimitiveCalled)}
        for node in facts.places.nodes:
            match node:
                case ast.Assign(targets=[target], value=ast.Await(value=ast.Call() as call)):
                    if call not in acts and _only_answers(calls, call):
                        for name, fate in _unread(facts, node, target, call):
                            yield self.found(facts, name, what=name.id, fate=fate, fix=suggestion("leave the call out"))
                case ast.Expr(value=ast.Await(value=ast.Call() as call)):
                    event = calls.get(call)
                    if call not in acts and event is not None and event.name == "agent" and _is_asked(event):
                        fix = suggestion("use its answer, or leave the schema out if the agent acts")
                        yield self.found(facts, call, what="This answer", fate="never read", fix=fix)


def _is_asked(event: PrimitiveCalled) -> bool:
    """Tell whether an agent is there to answer, and not to act."""
    given = event.call.keywords
    return "schema" in given and not given.keys() & {"tools", "isolation"}


def _only_answers(calls: dict[ast.Call, PrimitiveCalled], call: ast.Call) -> bool:
    """Tell whether a call starts agents that do nothing but answer: a primitive that does, or `parallel` of them."""
    event = calls.get(call)
    if event is None:
        return False
    if event.name in _ANSWERING:
        return not event.call.keywords.keys() & {"tools", "isolation"}
    if event.name != "parallel" or not call.args:
        return False
    branches = call.args[0]
    listed = branches.elts if isinstance(branches, (ast.List, ast.Tuple)) else [getattr(branches, "elt", None)]
    return all(isinstance(branch, ast.Call) and _only_answers(calls, branch) for branch in listed)


def _unread(facts: Facts, statement: ast.Assign, target: ast.expr, call: ast.Call) -> Iterator[tuple[ast.Name, str]]:
    """Yield the names that are given the result of a call and are not read before they are given something else."""
    several = isinstance(target, ast.Tuple) and len(call.args) == 1 and isinstance(call.args[0], ast.List)
    names = target.elts if isinstance(target, ast.Tuple) and several else [target]
    for name in names:
        if isinstance(name, ast.Name) and not name.id.startswith("_"):
            if not _is_read(facts.tree, name.id):
                yield name, "never read"
            elif _is_replaced(facts, statement, name.id):
                yield name, "replaced before it is read"


def _is_read(within: ast.AST, name: str) -> bool:
    """Tell whether a name is read anywhere in a part of the harness."""
    return any(not isinstance(use.ctx, ast.Store) for use in uses(within, name))


def _is_replaced(facts: Facts, statement: ast.Assign, name: str) -> bool:
    """Tell whether the statements that follow give the name something else before anything can read it."""
    if facts.places.in_try(statement) or _read_by_inner_functions(facts, statement, name):
        return False
    block, used = facts.places.block(statement), _by_statement(facts, statement, name)
    for later in block[block.index(statement) + 1 :]:
        if any(not isinstance(use.ctx, ast.Store) for use in used.get(later, ())) or _leaves(later):
            return False
        match later:
            case ast.Assign(targets=[ast.Name(id=given)]) if given == name:
                return True
    return False


def _by_statement(facts: Facts, statement: ast.stmt, name: str) -> dict[ast.AST, list[ast.Name]]:
    """Return where a name is written, by the statements that stand where this one stands."""
    places, found = facts.places, dict[ast.AST, list[ast.Name]]()
    for use in uses(facts.tree, name):
        inner: ast.AST = use
        for outer in places.around(use):
            if outer is places.parent(statement):
                found.setdefault(inner, []).append(use)
                break
            inner = outer
    return found


_LEAVING = (ast.Break, ast.Continue, ast.Raise, ast.Global, ast.Nonlocal)


@lru_cache(maxsize=2048)  # asked of each statement, for each one before it
def _leaves(statement: ast.stmt) -> bool:
    return any(isinstance(node, _LEAVING) for node in walk(statement))


def _read_by_inner_functions(facts: Facts, statement: ast.stmt, name: str) -> bool:
    places, outer = facts.places, facts.places.function(statement)
    reading = (use for use in uses(facts.tree, name) if not isinstance(use.ctx, ast.Store))
    return any(places.function(use) is not outer and places.within(use, outer) for use in reading)
