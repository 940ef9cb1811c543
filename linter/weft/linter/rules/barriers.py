"""Barriers that nothing needs: between the stages of a list, between its pieces, between two pipelines.

Calls that are awaited one after the other are next door, in `awaits`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from weft.linter.effort import unparsed
from weft.linter.facts import Facts
from weft.linter.facts.domain.amounts import ZERO, Amount
from weft.linter.facts.domain.marks import FROM_AGENTS, about
from weft.linter.facts.events import Barrier
from weft.linter.facts.places import reads
from weft.linter.facts.repeating import Loop
from weft.linter.finding import Finding, Related
from weft.linter.rules.fusible import said
from weft.linter.rules.fusing import fused
from weft.linter.rules.rule import Rule, suggestion
from weft.primitives.language import MAX_FANOUT

__all__ = ["BarrierBetweenStages", "BarrierOnlyToFlatten", "SplitPipeline", "WaveBarrier"]


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
            decides = loop.hears or (loop.leaves and about(loop.exits, *FROM_AGENTS))
            if decides or loop.acts or len(loop.waits) > 1:
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
