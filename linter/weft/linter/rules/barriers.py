"""Waiting that nothing needs: barriers between stages, calls one after the other."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from weft.linter.facts import Facts
from weft.linter.facts.domain.amounts import ONE, at_least
from weft.linter.facts.events import Barrier, FanOut, Loop
from weft.linter.finding import Finding, Related
from weft.linter.rules.rule import Rule, suggestion

__all__ = ["AwaitInLoop", "BarrierBetweenStages"]


class BarrierBetweenStages(Rule):
    """All branches are waited for although each result goes on by itself.

    What: the results of one fan-out reach another one by one, and nothing in between looks at more than one.
    Why: fast branches wait for the slowest one for nothing.
    Bad:
        reports = await parallel([agent(f"Read {f}", schema=REPORT) for f in FILES])
        notes = await parallel([agent(f"Explain {r['bug']}") for r in reports if r])
    Good:
        notes = await pipeline(
            FILES, lambda f: agent(f"Read {f}", schema=REPORT), lambda r: agent(f"Explain {r['bug']}")
        )
    When not: something looks at all results: dedup, sort, count, slice, early exit when empty, the list in a prompt. A
        count that is only logged does not need them all.
    """

    code = "B101"
    name = "barrier-between-stages"
    severity = "warning"
    message = "Nothing between line {a} and line {b} looks at more than one result."
    why = "Fast branches wait for the slowest one for nothing."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each fan-out whose results need not be waited for together."""
        reported: set[ast.AST] = set()
        for barrier in facts.each(Barrier):
            if barrier.flat or not _one_stage(barrier) or barrier.waits in reported:
                continue
            reported.add(barrier.waits)
            a, b = getattr(barrier.waits, "lineno", 0), getattr(barrier.second, "lineno", 0)
            related = [Related(a, "the first stage"), Related(b, "the second stage")]
            yield self.found(facts, barrier.waits, a=a, b=b, fix=suggestion(_pipeline(facts, barrier)), related=related)


def _one_stage(barrier: Barrier) -> bool:
    first = barrier.first
    return first.kind == "parallel" or (first.stages == 1 and barrier.second_kind != "pipeline")


def _pipeline(facts: Facts, barrier: Barrier) -> str:
    """Return the pipeline to write instead, as exactly as the two stages are known."""
    items, first = _stage(facts, barrier.first.node)
    call = next((node for node in ast.walk(barrier.second) if isinstance(node, ast.Call) and _comprehended(node)), None)
    _, second = _stage(facts, call) if call is not None else ("", "stage2")
    return f"Use pipeline({items}, {first}, {second}); a stage that returns None drops its item."


def _comprehended(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], (ast.ListComp, ast.GeneratorExp))


def _stage(facts: Facts, call: ast.Call) -> tuple[str, str]:
    """Return the items and the stage that a fan-out over a comprehension stands for."""
    branches = call.args[0] if call.args else call
    if not isinstance(branches, (ast.ListComp, ast.GeneratorExp)) or len(branches.generators) != 1:
        return "items", "stage"
    (clause,) = branches.generators
    items, target = facts.positions.text(clause.iter), facts.positions.text(clause.target)
    text = " ".join(facts.positions.text(branches.elt).split())
    return items, f"lambda {target}: {text}" if isinstance(clause.target, ast.Name) and len(text) < 100 else "stage"


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
        handed = {event.node.args[0] for event in facts.each(FanOut) if event.node.args}
        loops = sorted(facts.each(Loop), key=lambda loop: len(loop.place))
        reported: set[ast.AST] = set()
        for loop in loops:
            known = bool(reported & set(loop.waits))
            if not _independent(loop) or known:
                continue
            reported |= set(loop.waits)
            if loop.node in handed:
                continue  # told by B107: what parallel is given here are results
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
