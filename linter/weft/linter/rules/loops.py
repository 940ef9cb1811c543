"""Loops and recursion that may not end, loop helpers that are told the wrong thing, and bounds without effect."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import ClassVar

from weft.linter.effort import unparsed, walk
from weft.linter.facts import Facts
from weft.linter.facts.domain.amounts import ZERO
from weft.linter.facts.domain.contained import deep_marks
from weft.linter.facts.domain.marks import about
from weft.linter.facts.domain.schema import constant
from weft.linter.facts.domain.values import Number, Part
from weft.linter.facts.events import Compared, PrimitiveCalled, Recurses, Told
from weft.linter.facts.remembering import Fed, Forgotten, LookedFor, Sifted, Tested
from weft.linter.facts.repeating import Cause, Loop
from weft.linter.finding import Finding, Fix, Severity
from weft.linter.rules.rule import Rule, suggestion

__all__ = [
    "CounterNotAdvanced",
    "DryFedUnfiltered",
    "RecursionWithoutDepth",
    "RoundNeverTold",
    "TargetMayStall",
    "UnboundedLoop",
    "VacuousBound",
    "WorklistUnbounded",
    "unbounded_loops",
]


def unbounded_loops(facts: Facts) -> dict[ast.AST, Loop]:
    """Return the loops that reach an agent and have no proved end, by where they are."""
    found: dict[ast.AST, Loop] = {}
    for loop in facts.each(Loop):
        endless = loop.rounds is not None and bool(loop.rounds.reasons) and not about(loop.exits, "told")
        if endless and loop.cause not in (None, "list") and loop.agents != ZERO:
            found.setdefault(loop.node, loop)
    return found


class _Endless(Rule):
    """Loops that reach an agent and have no proved end, for reasons of one kind."""

    severity = "error"
    suppressible = False
    causes: ClassVar[frozenset[Cause]]
    instead: ClassVar[str]

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each loop without a proved end for one of these reasons."""
        for node, loop in unbounded_loops(facts).items():
            if loop.cause in self.causes and not loop.limits_each and not _counts_what_is_done(facts, loop):
                reason = loop.reason.why.partition(": ")[2] if loop.reason is not None else "its length is not known"
                header = unparsed(_way_out(loop)) if loop.header is not None else "its condition"
                fix = suggestion(self.instead.format(use=_INSTEAD.get(loop.cause or "", _COUNTED), header=header))
                severity: Severity = "warning" if loop.doubtful else "error"
                yield self.found(facts, node, reason=reason, header=header, fix=fix, severity=severity)


def _counts_what_is_done(facts: Facts, loop: Loop) -> bool:
    """Tell whether a loop that works off a list counts what it has taken from it, and takes nothing twice."""
    feeds = [fed for fed in facts.each(Fed) if loop in fed.loops] if loop.counts else []
    counted = [fed for fed in feeds if fed.memory in loop.counts]
    if not counted or not all(about(fed.marks, "memory") - loop.counts for fed in counted):
        return False
    tests = [frozenset(_tests(facts, fed)) for fed in counted]
    found = (fed for fed in feeds if fed.memory not in loop.counts and about(fed.marks, "says"))
    each_time = all(any(under.issubset(_tests(facts, fed)) for under in tests) for fed in found)
    return each_time and any(loop in test.loops for test in facts.each(Tested))


def _tests(facts: Facts, fed: Fed) -> Iterator[ast.AST]:
    """Yield the tests under which something is put into a collection."""
    return (node for node in facts.places.in_function(fed.node) if isinstance(node, ast.If))


_COUNTED = "for … in range(N), and break where this ends it"
_INSTEAD = {"budget": "while_budget(reserve=…, max_rounds=N)", "reset": "until_dry(max_rounds=N)"}


def _way_out(loop: Loop) -> ast.expr:
    """Return the test that ends a loop: its condition, or that of the first `break` where that says nothing."""
    assert loop.header is not None  # which has been asked before
    if isinstance(loop.header, ast.Constant):
        for inner in walk(loop.node):
            if isinstance(inner, ast.If) and any(isinstance(one, ast.Break) for one in inner.body):
                return inner.test
    return loop.header


class UnboundedLoop(_Endless):
    """A loop that reaches an agent and for which no end can be proved.

    What: nothing that moves towards a fixed limit decides whether another round begins: agents decide, or the budget,
        or a counter that starts again, or nothing.
    Why: the run may go on until the budget or the backstop ends it.
    Bad:
        while budget.remaining("tokens") > 50_000:
            bugs = await agent("Find a bug")
    Good:
        for round in while_budget(reserve=0.2, max_rounds=12):
            bugs = await agent("Find a bug")
    When not: one condition on a counter that every round advances is enough; loops that reach no agent.
    """

    code = "L201"
    name = "unbounded-loop"
    message = "No bound can be proved for this loop: {reason}."
    why = "It may run until the budget or the backstop ends the run."
    causes = frozenset(("answer", "budget", "reset", "endless", "exitless"))
    instead = "Use {use}, or add a counter to the condition."


class CounterNotAdvanced(_Endless):
    """A counter should end the loop, but a round can pass without advancing it.

    What: the condition compares a counter with a limit, and some path to the next round does not move it: a `continue`
        before the increment, an increment in one branch only, another name that is incremented instead.
    Why: a round in which nothing moves is repeated, with its agents, until the budget or the backstop ends the run.
    Bad:
        tries = 0
        while tries < 5:
            text = await agent("Try")
            if text is None:
                continue
            tries += 1
    Good:
        for tries in range(5):
            text = await agent("Try")
            if text is None:
                continue
    When not: another condition ends the loop; the counter advances at the top of the round or in `finally`.
    """

    code = "L202"
    name = "counter-not-advanced"
    message = "{header} is meant to end this loop, but a round can pass without changing what it counts."
    why = "Such a round is repeated, with its agents, until the budget or the backstop ends the run."
    causes = frozenset(("misses",))
    instead = "Advance the counter first thing in the round, or write for … in range(N)."


class TargetMayStall(_Endless):
    """The loop waits for something to grow, and a round may add nothing.

    What: a length or a total that agents feed is what ends the loop: after deduplication, filters, verification or a
        failed agent, a round may add nothing.
    Why: as soon as agents repeat themselves the loop never ends.
    Bad:
        found, seen = [], Seen()
        while len(found) < 10:
            more = await agent("Find more", schema=CLAIMS)
            found += seen.add(more["claims"] if more else [])
    Good:
        found, seen = [], Seen()
        for round in until_target(10, max_rounds=6):
            more = await agent("Find more", schema=CLAIMS)
            fresh = seen.add(more["claims"] if more else [])
            round.found(fresh)
            found += fresh
    When not: a second condition ends the loop; every path adds at least one, so that the length is a counter.
    """

    code = "L203"
    name = "target-may-stall"
    message = "A round may add nothing to what {header} waits for, so this loop may never end."
    why = "Once agents repeat themselves it runs until the budget or the backstop ends the run."
    causes = frozenset(("stalls",))
    instead = "Use until_target(n, max_rounds=N), which stops either way, or add a counter to the condition."


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
            name = unparsed(node.target)
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


class DryFedUnfiltered(Rule):
    """A round of `until_dry` is told what it found, not what of it is new.

    What: `found` is given a list from which, in the same round, what is new has already been taken.
    Why: a round that only repeats old items counts as a find, so the loop never runs dry.
    Bad:
        seen = Seen()
        for round in until_dry(max_rounds=5):
            found = await agent("Find more", schema=CLAIMS)
            raw = found["claims"] if found else []
            fresh = seen.add(raw)
            round.found(raw)
    Good:
        seen = Seen()
        for round in until_dry(max_rounds=5):
            found = await agent("Find more", schema=CLAIMS)
            raw = found["claims"] if found else []
            fresh = seen.add(raw)
            round.found(fresh)
    When not: `until_target`; `found` with what was confirmed, which only stops earlier.
    Fix: safe where what is new has a name of its own: it is passed instead.
    """

    code = "L205"
    name = "dry-fed-unfiltered"
    severity = "warning"
    message = "This round reports all that it found, also what was seen before{fresh}."
    why = "A round that only repeats old items counts as a find, so the loop never runs dry."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each round that is told of a list from which what is new has been taken."""
        for told in {event.node: event for event in facts.each(Told)}.values():
            if not isinstance(told.loop, Loop) or told.loop.helper != "until_dry":
                continue
            if told.new:
                (fresh, *others) = told.new
                text = f"Pass {fresh}."
                edits = (facts.positions.replace(told.node, fresh),)
                fix = suggestion(text) if others else Fix("safe", text, edits)
                yield self.found(facts, told.node, fresh=f"; {fresh} has only what is new", fix=fix)
            elif _is_sifted(facts, told, told.loop):
                yield self.found(facts, told.node, fresh="", fix=suggestion("Pass only what was not there before."))


def _is_sifted(facts: Facts, told: Told, loop: Loop) -> bool:
    """Tell whether this list is all that rounds gather, or what is new is taken out of it or looked for elsewhere.

    Then a round looks for what the same agents said, and puts it in there.
    """
    fed = [event for event in facts.each(Fed) if loop in event.loops]
    older = loop not in told.items.loops and not any(event.memory is told.items for event in facts.each(Forgotten))
    if older and any(event.memory is told.items for event in fed):
        return True
    looked = {
        memory
        for event in facts.each(LookedFor)
        if told.said & about(deep_marks(event.item), "says")
        for memory in event.memories
    }
    kept = (event for event in fed if event.memory in looked and loop not in event.memory.loops)
    if any(told.said & about(event.marks, "says") for event in kept):
        return True
    sifted = (event for event in facts.each(Sifted) if event.source is told.items and loop in event.loops)
    return any(loop not in event.memory.loops for event in sifted)


class RecursionWithoutDepth(Rule):
    """A function that reaches an agent calls itself, and nothing limits how deep.

    What: no argument is proved to shrink to a fixed end on every way back into the function.
    Why: each level may start several more; the run grows until the budget or the backstop ends it.
    Bad:
        async def answer(question):
            parts = await agent(f"Split {question}", schema=TEXTS) or []
            return await parallel([answer(part) for part in parts])
        result = await answer(args["question"])
    Good:
        async def answer(question, depth):
            if depth == 0:
                return await agent(question)
            parts = await agent(f"Split {question}", schema=TEXTS) or []
            return await parallel([answer(part, depth - 1) for part in parts])
        result = await answer(args["question"], 2)
    When not: a depth that counts up or down to a limit; a list that shrinks; recursion that reaches no agent. Where a
        count that all calls share may well end it, this is a warning.
    """

    code = "L206"
    name = "recursion-without-depth"
    severity = "error"
    message = "{how}, and no depth is proved at which that ends."
    why = "Each level may start several more, until the budget or the backstop ends the run."
    suppressible = False

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each call that leads back into its own function without a proved end."""
        for node, event in {event.node: event for event in facts.each(Recurses)}.items():
            text = "Pass depth - 1 along, begin with a small number, and return when it is 0."
            severity: Severity = "warning" if event.doubtful else "error"
            yield self.found(facts, node, how=event.how, fix=suggestion(text), severity=severity)


class VacuousBound(Rule):
    """A bound that can never take effect.

    What: `patience` is not below `max_rounds`, the target of `until_target` is more than all rounds can give, or
        `max_rounds` is above 50, which no run gets near; or a loop that ends when agents say so counts to more than 50.
    Why: the loop always runs all its rounds, or as many as it likes, which its author did not mean.
    Bad:
        for round in until_dry(max_rounds=4, patience=6):
            round.found([])
    Good:
        for round in until_dry(max_rounds=4, patience=2):
            round.found([])
    When not: values that are only known when the run begins; loops that walk a list, or its positions.
    """

    code = "L207"
    name = "vacuous-bound"
    severity = "warning"
    message = "{what} can never take effect: {reason}."
    why = "The loop always runs all its rounds."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each bound that nothing reaches."""
        helpers = (event for event in facts.each(PrimitiveCalled) if event.name in (*_DRY_OR_TARGET, "while_budget"))
        for node, call in {event.call.node: event.call for event in helpers}.items():
            rounds, patience = (constant(call.keywords.get(name)) for name in ("max_rounds", "patience"))
            if isinstance(rounds, int) and isinstance(patience, int) and patience >= rounds:
                yield self._finding(
                    facts, node, f"patience={patience}", f"there are only {rounds} rounds", "a patience"
                )
            target, most = constant(call.argument(0, "n")), _most_found(facts, node)
            if isinstance(target, int) and isinstance(rounds, int) and most is not None and target > rounds * most:
                reason = f"{rounds} rounds find {rounds * most} at most"
                yield self._finding(facts, node, f"The target of {target}", reason, "a target")
            if isinstance(rounds, int) and rounds > _MOST_ROUNDS:
                reason = f"a loop is hardly worth more than {_MOST_ROUNDS} rounds, so it limits nothing"
                yield self._finding(facts, node, f"max_rounds={rounds}", reason, "a number of rounds")
        for counting in _counting(facts):
            most = 0 if counting.rounds is None else counting.rounds.constant or 0
            if most > _MOST_ROUNDS:
                reason = f"agents end this loop, and nobody waits for {most} of their answers"
                yield self._finding(facts, counting.node, f"A limit of {most} rounds", reason, "a number of rounds")

    def _finding(self, facts: Facts, node: ast.AST, what: str, reason: str, bound: str) -> Finding:
        fix = suggestion(f"Set {bound} that can be reached, or leave it out.")
        return self.found(facts, node, what=what, reason=reason, fix=fix)


_MOST_ROUNDS = 50
"""Above how many rounds a limit is none."""

_DRY_OR_TARGET = ("until_dry", "until_target")


def _counting(facts: Facts) -> Iterator[Loop]:
    """Yield the loops that end when agents say so, or when they have counted to a number that is written."""
    measured = {
        event.node
        for event in facts.each(Compared)
        if any(isinstance(side, Number) and side.measures is not None for side in (event.left, event.right))
    }
    for loop in {event.node: event for event in facts.each(Loop)}.values():
        if loop.agents in (None, ZERO) or loop.helper is not None or not about(loop.exits, "says", "hinges"):
            continue
        if loop.kind == "while":
            counts = measured.isdisjoint(walk(loop.node))
        else:
            counts = loop.kind == "for" and loop.over is not None and all(map(_is_count, loop.over.parts))
        if counts:
            yield loop


def _is_count(part: Part) -> bool:
    """Tell whether a stretch of a list is numbers that count, and no positions in something."""
    value = part.element
    counts = isinstance(value, Number) and value.low == value.high and bool(value.high.symbols())
    return counts and not about(value.marks, "indexes")


def _most_found(facts: Facts, header: ast.AST) -> int | None:
    """Return how many items a round can be told of; `None` where an inner loop tells it of more."""
    told = {event.node: event for event in facts.each(Told) if _is_headed(event.loop, header)}.values()
    most = [event.most.constant if event.loops and event.loops[-1] is event.loop else None for event in told]
    known = [one for one in most if one is not None]
    return sum(known) if known and len(known) == len(most) else None


def _is_headed(loop: object, header: ast.AST) -> bool:
    return isinstance(loop, Loop) and loop.header is header


class WorklistUnbounded(_Endless):
    """A loop adds what agents return to the list that it consumes.

    What: the list that is consumed or walked grows within the loop. A Seen stops repeats, not growth.
    Why: the list may grow faster than it shrinks, so the run ends with the budget or the backstop.
    Bad:
        queue, seen = ["start"], Seen()
        while queue:
            page = await agent(f"Open {queue.pop()}", schema=CLAIMS)
            queue.extend(seen.add(page["claims"] if page else []))
    Good:
        queue, seen, visits = ["start"], Seen(), 0
        while queue and visits < 40:
            visits += 1
            page = await agent(f"Open {queue.pop()}", schema=CLAIMS)
            queue.extend(seen.add(page["claims"] if page else []))
    When not: a limit on visits, depth or size ends the loop, or on how many of its entries are done, if none is done
        twice; a copy is walked; `for _ in range(depth)` around it. Where a second condition may well end it, or a long
        list becomes shorter, this is a warning.
    """

    code = "L208"
    name = "worklist-unbounded"
    message = "This loop adds what agents return to the list that it consumes, and nothing limits how often."
    why = "It may grow faster than it shrinks, until the budget or the backstop ends the run."
    causes = frozenset(("worklist",))
    instead = "Add a limit on visits to the condition, and log what was left."
