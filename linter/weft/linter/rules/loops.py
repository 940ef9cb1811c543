"""Loops that may not end, and loop helpers that are not told what a round found."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from weft.linter.facts import Facts
from weft.linter.facts.domain.amounts import ZERO
from weft.linter.facts.events import Loop
from weft.linter.finding import Finding
from weft.linter.rules.rule import Rule, suggestion

__all__ = ["RoundNeverTold", "UnboundedLoop", "unbounded_loops"]


def unbounded_loops(facts: Facts) -> dict[ast.AST, Loop]:
    """Return the loops that reach an agent and have no proved end, by where they are."""
    found: dict[ast.AST, Loop] = {}
    for loop in facts.each(Loop):
        endless = loop.rounds is not None and bool(loop.rounds.reasons)
        if endless and loop.cause not in (None, "list") and loop.agents != ZERO:
            found.setdefault(loop.node, loop)
    return found


class UnboundedLoop(Rule):
    """A loop that reaches an agent and for which no end can be proved.

    What: nothing that moves towards a fixed limit decides whether another round begins: agents decide, or the budget,
        or a counter that starts again, or nothing.
    Why: the run may go on until the budget or the backstop ends it.
    Bad:
        while budget.remaining() > 50_000:
            bugs = await agent("Find a bug")
    Good:
        for round in while_budget(reserve=50_000, max_rounds=12):
            bugs = await agent("Find a bug")
    When not: one condition on a counter that every round advances is enough; loops that reach no agent.
    """

    code = "L201"
    name = "unbounded-loop"
    severity = "error"
    message = "No bound can be proved for this loop: {reason}."
    why = "It may run until the budget or the backstop ends the run."
    suppressible = False

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each loop of agents without a proved end."""
        for node, loop in unbounded_loops(facts).items():
            reason = loop.reason.why.partition(": ")[2] if loop.reason is not None else "its length is not known"
            primitive = {"budget": "while_budget(reserve=…, ", "stalls": "until_target(n, ", "reset": "until_dry("}
            use = primitive.get(loop.cause or "", "until_dry(")
            text = f"Use {use}max_rounds=N), or add a counter to the condition."
            yield self.found(facts, node, reason=reason, fix=suggestion(text))


class RoundNeverTold(Rule):
    """A round of `until_dry` or `until_target` that is never told what it found.

    What: the body never calls `found` on the round, nor gives the round to a function that does.
    Why: the helper cannot tell when to stop, and the run ends with an error when the first round is over.
    Bad:
        for round in until_dry(max_rounds=5):
            new = await agent("Find more")
    Good:
        for round in until_dry(max_rounds=5):
            new = await agent("Find more")
            round.found([new] if new else [])
    When not: rounds of `while_budget`. Where only some paths skip it, this is a warning.
    """

    code = "L204"
    name = "round-never-told"
    severity = "error"
    message = "{primitive} learns what a round found only through {round}.found(items), and {who}."
    why = "Without it the stop rule never sees anything; the run ends with an error when such a round is over."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each loop whose rounds are not always told."""
        told: dict[ast.AST, list[Loop]] = {}
        for loop in facts.each(Loop):
            if loop.helper in ("until_dry", "until_target"):
                told.setdefault(loop.node, []).append(loop)
        for node, loops in told.items():
            states = {loop.told for loop in loops}
            if states == {"always"} or not isinstance(node, (ast.For, ast.AsyncFor)):
                continue
            never = "never" in states and not states & {"always", "sometimes"}
            name = ast.unparse(node.target)
            who = "no path of this loop calls it" if never else "some paths through this loop do not call it"
            text = f"Call {name}.found(items) on every path to the end of the round, with [] when there is nothing."
            severity = "error" if never else "warning"
            yield self.found(
                facts,
                node,
                primitive=loops[0].helper,
                round=name,
                who=who,
                fix=suggestion(text),
                severity=severity,  # type: ignore[arg-type]
            )
