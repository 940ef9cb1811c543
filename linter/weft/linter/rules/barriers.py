"""Waiting that nothing needs: barriers between stages, calls one after the other."""

from __future__ import annotations

import ast
from collections.abc import Generator, Iterator

from weft.linter.effort import unparsed, walk
from weft.linter.facts import Facts
from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, at_least
from weft.linter.facts.domain.marks import about
from weft.linter.facts.domain.values import Bool, Dict, Listing, Number, Text, Value
from weft.linter.facts.events import Barrier, FanOut, Loop, Wait
from weft.linter.facts.places import reads
from weft.linter.finding import Finding, Fix, Related
from weft.linter.rules.fusible import said
from weft.linter.rules.fusing import fused
from weft.linter.rules.rule import Rule, suggestion
from weft.primitives.language import MAX_FANOUT

__all__ = [
    "AwaitInLoop",
    "AwaitedInsideParallel",
    "BarrierBetweenStages",
    "BarrierOnlyToFlatten",
    "IndependentAwaits",
    "SplitPipeline",
    "WaveBarrier",
]


class BarrierBetweenStages(Rule):
    """A fan-out waits for all its branches although each result is used by itself.

    What: each result of one fan-out is passed to another fan-out, and nothing in between looks at more than one result.
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
    Fix: safe where one pipeline is shown to do the same: None is left out of the results, nothing else reads what the
        first fan-out gave, and the branches change nothing.
    """

    code = "B101"
    name = "barrier-between-stages"
    severity = "warning"
    message = "Nothing between line {a} and line {b} looks at more than one result."
    why = "Fast branches wait for the slowest one for nothing."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each fan-out whose results need not be waited for together."""
        for barrier in _barriers(facts):
            if not barrier.flat and not _split(barrier):
                yield _finding(self, facts, barrier, _pipeline(facts, barrier))


def _barriers(facts: Facts) -> Iterator[Barrier]:
    """Yield what is to be told of the barriers that nothing needed, once for each await.

    Between two rounds of one fan-out there is none: what it retries, or goes on with, is the next round.
    """
    reported: set[ast.AST] = set()
    for barrier in facts.each(Barrier):
        if barrier.waits not in reported and not _of_rounds(facts, barrier):
            reported.add(barrier.waits)
            yield barrier


def _of_rounds(facts: Facts, barrier: Barrier) -> bool:
    """Tell whether both fan-outs are one, in two rounds of a loop."""
    rounds = (ast.For, ast.AsyncFor, ast.While)
    return barrier.call is barrier.first.node and any(
        isinstance(around, rounds) for around in facts.places.in_function(barrier.call)
    )


def _split(barrier: Barrier) -> bool:
    """Tell whether it parts what could be one pipeline that stands there already."""
    first = barrier.first
    return first.kind == "pipeline" and (first.stages > 1 or barrier.second_kind == "pipeline")


def _finding(rule: Rule, facts: Facts, barrier: Barrier, text: str) -> Finding:
    """Return what a rule says of a barrier, with a fix in words."""
    a, b = getattr(barrier.waits, "lineno", 0), getattr(barrier.second, "lineno", 0)
    related = [Related(a, "the first stage"), Related(b, "the second stage")]
    fix = None if barrier.flat else fused(facts, barrier)
    return rule.found(facts, barrier.waits, fix=fix or suggestion(text), related=related, a=a, b=b)


def _pipeline(facts: Facts, barrier: Barrier) -> str:
    """Return the pipeline to write instead, as exactly as the two stages are known."""
    items, first = _stage(facts, barrier.first.node)
    call = barrier.call
    _, second = _stage(facts, call) if isinstance(call, ast.Call) and _comprehended(call) else ("", "stage2")
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


class BarrierOnlyToFlatten(Rule):
    """A fan-out waits for all its branches although what they found is only put into one list.

    What: the lists that one fan-out returns are flattened, and each element is passed to another fan-out.
    Why: what a fast branch has found waits for the slowest branch for nothing.
    Bad:
        found = await parallel([agent(f"Read {f}", schema=CLAIMS) for f in FILES])
        claims = [claim for one in found if one for claim in one["claims"]]
        checked = await parallel([agent(f"Check {claim['id']}") for claim in claims])
    Good:
        async def check(found):
            return await parallel([agent(f"Check {claim['id']}") for claim in found["claims"]])

        groups = await pipeline(FILES, lambda f: agent(f"Read {f}", schema=CLAIMS), check)
        checked = [one for group in groups if group for one in group]
    When not: something looks at all elements: dedup, union, sort, slice, count, grouping. Where several branches can
        report the same thing, dedup between the two is the better way out.
    """

    code = "B102"
    name = "barrier-only-to-flatten"
    severity = "warning"
    message = "What the fan-out at line {a} finds is only flattened before line {b}."
    why = "What a fast branch has found waits for the slowest branch for nothing."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each fan-out whose results are only flattened before they go on."""
        for barrier in _barriers(facts):
            if barrier.flat:
                text = (
                    "Move the inner fan-out into a stage of pipeline(...) and flatten afterwards; or deduplicate here "
                    "if several branches can report the same thing, which earns the barrier."
                )
                yield _finding(self, facts, barrier, text)


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
        for block in _blocks(facts):
            for run in _runs(block, waits):
                a, b = run[0].lineno, run[1].lineno
                related = [Related(node.lineno, "independent of it") for node in run[1:]]
                fix = suggestion("Run them in one parallel([...]).")
                yield self.found(facts, run[0], a=a, b=b, fix=fix, related=related)


def _blocks(facts: Facts) -> Iterator[list[ast.stmt]]:
    """Yield each list of statements that follow one another."""
    for node in facts.places.nodes:
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield block


def _runs(block: list[ast.stmt], waits: dict[ast.AST, list[Wait]]) -> Iterator[list[ast.Await]]:
    """Yield awaits that follow one another in a block and none of which needs another."""
    run: list[ast.Await] = []
    names: set[str] = set()
    for statement in block:
        found = _always_awaited(statement)
        if found is None or (not found and not names.isdisjoint(_read(statement))):
            run = yield from _ended(run)  # it may end here, or goes on with what the first ones brought
        for node in found or ():
            known = waits.get(node, [])
            alone = not known or any(wait.acts for wait in known)
            if alone or any(wait.spends or not wait.reads.isdisjoint(run) for wait in known):
                run = yield from _ended(run)
            elif _changes(known) and not all(_changes(waits[one]) for one in run):
                run = yield from _ended(run)  # it may change what an earlier one reads
            run += [] if alone else [node]
        names = (names if run else set()) | (_set(statement) if found else set())
    yield from _ended(run)


def _changes(waits: list[Wait]) -> bool:
    """Tell whether something that was there before an await is another after it."""
    return any(wait.changes for wait in waits)


def _read(statement: ast.stmt) -> set[str]:
    """Return the names that a statement reads, other than to show something."""
    shows = isinstance(statement, ast.Expr) and said(statement) is not None
    names = (node for node in walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    return set() if shows else {node.id for node in names}


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
    inner = list(walk(statement))
    simple = isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Expr))
    found = [node for node in inner if isinstance(node, ast.Await)]
    if not simple:
        leaving = (ast.Return, ast.Raise, ast.Break, ast.Continue, ast.Assert)
        return None if found or any(isinstance(node, leaving) for node in inner) else []
    some = (ast.IfExp, ast.BoolOp, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    hidden = {node for outer in inner if isinstance(outer, some) for node in walk(outer)}
    if not hidden.isdisjoint(found):
        return None if found else []
    return sorted(found, key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0))


class WaveBarrier(Rule):
    """A list is processed in waves, each of which waits for its slowest agent.

    What: a loop takes one slice of a list after the other, fans out over it, and only collects the results.
    Why: at the end of each wave most places are idle; `limit` keeps as many agents at work without waiting.
    Bad:
        out = []
        for i in range(0, len(args["files"]), 8):
            out += await parallel([agent(f"Read {f}") for f in args["files"][i : i + 8]])
    Good:
        out = await parallel([agent(f"Read {f}") for f in args["files"]], limit=8)
    When not: what a wave found decides about the next one, or is looked at as a whole; one agent is given the slice.
    """

    code = "B105"
    name = "wave-barrier"
    severity = "warning"
    message = "Each wave of this loop waits for its slowest agent before the next one begins."
    why = "At the end of each wave most places are idle."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each loop over pieces of a list that only collects what fan-outs over them bring."""
        for loop in facts.each(Loop):
            if not loop.waves or not loop.waits or loop.weighed or loop.helper is not None:
                continue
            if loop.depends or loop.leaves or loop.acts or len(loop.waits) > 1:
                continue
            yield self.found(facts, loop.waits[0], fix=suggestion(_without_waves(facts, loop)))


def _without_waves(facts: Facts, loop: Loop) -> str:
    """Return what to write instead: one fan-out, or one inside of another where one could not hold the whole list."""
    kind, size = loop.waves[0].kind, _size(facts, loop)
    rounds = loop.rounds.settled() if isinstance(loop.rounds, Amount) else ZERO
    if ((rounds * loop.waves[0].width.settled()).constant or 0) > MAX_FANOUT:
        return f"Use one parallel over the pieces, each of which is a {kind} over its own."
    return f"Use one {kind}(..., limit={size}) over the whole list."


def _size(facts: Facts, loop: Loop) -> str:
    """Return how the harness writes the size of a piece: the last argument of `range`, or of what cuts the list."""
    header = loop.header
    if isinstance(header, ast.Call) and len(header.args) > 1 and not isinstance(header.args[-1], ast.Starred):
        return facts.positions.text(header.args[-1])
    return "n"


class SplitPipeline(Rule):
    """A pipeline is awaited only to start another one over its results.

    What: each result of a pipeline is passed to a second fan-out, and nothing in between looks at more than one result.
    Why: items that have finished the first pipeline wait for the slowest item for nothing.
    Bad:
        read = await pipeline(FILES, lambda f: agent(f"Read {f}"))
        notes = await pipeline([text for text in read if text], lambda text: agent(f"Explain {text}"))
    Good:
        notes = await pipeline(FILES, lambda f: agent(f"Read {f}"), lambda text: agent(f"Explain {text}"))
    When not: something looks at all results in between; the two have different limits; the results of the first are
        used again later.
    Fix: safe where one pipeline is shown to do the same, as for B101.
    """

    code = "B106"
    name = "split-pipeline"
    severity = "warning"
    message = "The await at line {a} splits one pipeline in two; nothing until line {b} looks at more than one result."
    why = "Items that have finished the first pipeline wait for the slowest one for nothing."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each pipeline whose results only go on into another fan-out."""
        for barrier in _barriers(facts):
            if barrier.flat or not _split(barrier) or not _same_limit(barrier) or _used_again(facts, barrier.waits):
                continue
            yield _finding(self, facts, barrier, "Pass all stages to one pipeline; None drops an item.")


def _same_limit(barrier: Barrier) -> bool:
    return _limit(barrier.first.node) == _limit(barrier.call)


def _limit(call: ast.AST) -> str:
    given = [word.value for word in call.keywords if word.arg == "limit"] if isinstance(call, ast.Call) else []
    return unparsed(given[0]) if given else ""


def _used_again(facts: Facts, waits: ast.AST) -> bool:
    """Tell whether the results that are waited for are read at more than one place, other than to show them."""
    name = facts.places.variable(waits)
    if name is None:
        return False
    return sum(not _shown(facts, read) for read in reads(facts.places.function(waits), name)) > 1


def _shown(facts: Facts, node: ast.AST) -> bool:
    """Tell whether something is only part of a line for the user."""
    statement = facts.places.statement(node)
    return statement is not None and said(statement) is not None


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


def _awaits(call: ast.Call) -> list[ast.Await]:
    """Return the elements of the list for a fan-out that are awaited as they are written."""
    match call.args[:1]:
        case [ast.ListComp(elt=ast.Await() as element) | ast.GeneratorExp(elt=ast.Await() as element)]:
            return [element]
        case [ast.List(elts=elements) | ast.Tuple(elts=elements)]:
            return [element for element in elements if isinstance(element, ast.Await)]
    return []
