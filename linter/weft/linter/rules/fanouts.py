"""Fan-outs that cannot do what they are written for: stages, branches and votes that do not fit."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace

from weft.linter.effort import unparsed, walk
from weft.linter.facts import Facts
from weft.linter.facts.domain.code import Call, Coroutine, Either, Function, Partial
from weft.linter.facts.domain.joins import count
from weft.linter.facts.domain.values import Bool, Dict, Listing, Nothing, Number, Text, Value
from weft.linter.facts.events import Misplaced, PrimitiveCalled, Staged
from weft.linter.facts.places import COMPREHENSIONS, FUNCTIONS, LOOPS, FunctionNode
from weft.linter.facts.repeating import FanOut
from weft.linter.finding import Edit, Finding, Fix
from weft.linter.record import record
from weft.linter.rules.rule import Rule, suggestion
from weft.linter.rules.votes import out_of_reach
from weft.primitives.language import DEFAULT_LENSES

__all__ = ["BadStage", "LateBinding", "QuorumExceedsVoters", "ZipAfterFilter"]


class QuorumExceedsVoters(Rule):
    """A quorum above the number of those who vote.

    What: `verify(quorum=q)` with fewer lenses, `parallel(quorum=q)` with fewer branches, `quorum(lists, at_least=n)`
        with fewer lists; votes that are counted, and compared with more than there are.
    Why: it can never be reached; the call raises ValueError, or nothing ever passes.
    Bad:
        verdict = await verify("It scales", lenses=["the evidence", "the limits"], quorum=3)
    Good:
        verdict = await verify("It scales", lenses=["the evidence", "the limits"], quorum=2)
    When not: how many there are is not known.
    """

    code = "R706"
    name = "quorum-exceeds-voters"
    severity = "error"
    message = "{wanted} of {voters} {who} can never be reached."
    why = "{consequence}"

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each quorum that is larger than what it is counted over."""
        reported: set[ast.AST] = set()
        for event in facts.each(PrimitiveCalled):
            found = _quorum(event)
            if found is None or event.call.node in reported:
                continue
            option, wanted, voters, who = found
            if 0 < voters < wanted or (voters == 0 and event.name == "verify"):
                reported.add(event.call.node)
                yield self.found(
                    facts,
                    event.call.node,
                    wanted=wanted,
                    voters=voters,
                    who=who,
                    consequence=_CONSEQUENCE[event.name],
                    fix=suggestion(f"{option}={voters} at most, or more {who}"),
                )
        for node, (wanted, voters) in out_of_reach(facts).items():
            fix = suggestion(f"Ask for {voters} at most, or more voters.")
            why = "This always comes out the same, whatever they say."
            found_by_hand = self.found(facts, node, wanted=wanted, voters=voters, who="votes", consequence=why, fix=fix)
            yield replace(found_by_hand, severity="warning")  # it may be a check of the harness's own counting


_CONSEQUENCE = {
    "verify": "The call raises ValueError; without that nothing could ever survive.",
    "parallel": "The call raises ValueError, and the run ends there.",
    "quorum": "Nothing is ever in so many lists: the result is always empty.",
}


def _quorum(event: PrimitiveCalled) -> tuple[str, int, int, str] | None:
    """Return the option of a call that demands a quorum, what it demands, of how many, and who they are."""
    match event.name:
        case "verify":
            return _demand(event.call, "quorum", 0, *_skeptics(event.call))
        case "parallel":
            return _demand(event.call, "quorum", 0, _size(event.call.argument(0, "branches")), "branches")
        case "quorum":
            return _demand(event.call, "at_least", 2, _size(event.call.argument(0, "lists")), "lists")
    return None


def _skeptics(call: Call) -> tuple[int | None, str]:
    """Return how many skeptics vote at most, and what they are called."""
    lenses, votes = call.keywords.get("lenses"), call.keywords.get("votes")
    if votes is not None:
        return (votes.exact if isinstance(votes, Number) and votes.lack is None else None), "votes"
    return len(DEFAULT_LENSES) if lenses is None else _size(lenses), "lenses"


def _demand(call: Call, option: str, default: int, voters: int | None, who: str) -> tuple[str, int, int, str] | None:
    if not call.complete or voters is None:
        return None
    given = call.keywords.get(option)
    wanted = default if given is None else given.exact if isinstance(given, Number) and given.lack is None else None
    return None if wanted is None else (option, wanted, voters, who)


def _size(value: Value | None) -> int | None:
    """Return how many elements a list has at most."""
    return count(value.parts).high.constant if isinstance(value, Listing) and value.lack is None else None


class BadStage(Rule):
    """A stage that a pipeline cannot use.

    What: a stage is a result instead of a function, cannot be called with value, item and index, or never returns a
        value.
    Why: the call raises TypeError; a stage without a value drops every item.
    Bad:
        reads = await pipeline(FILES, agent("Read a file"))
    Good:
        reads = await pipeline(FILES, lambda f: agent(f"Read {f}"))
    When not: defaults beyond three arguments, `partial`, a last stage whose results nobody uses.
    """

    code = "R709"
    name = "bad-stage"
    severity = "error"
    message = "{problem}"
    why = "{consequence}"

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each stage that does not fit."""
        stages: dict[ast.expr, list[Staged]] = {}
        for event in facts.each(Staged):
            stages.setdefault(event.node, []).append(event)
        for node, events in stages.items():
            problem = _misfit(events[0].stage)
            if problem is not None:
                fix = suggestion(_fitting(events[0].stage))
                yield self.found(
                    facts, node, problem=problem, consequence="The call raises TypeError, and the run ends.", fix=fix
                )
                continue
            stage = events[0].stage
            if not isinstance(stage, Function) or _may_return(stage.node):
                continue
            if all(_gives_nothing(facts, event) for event in events):
                name = "This lambda" if isinstance(stage.node, ast.Lambda) else f"{stage.node.name}()"
                yield self.found(
                    facts,
                    stage.node,
                    problem=f"{name} never returns a value, and it is a stage of the pipeline at line {node.lineno}.",
                    consequence="Every item is dropped there.",
                    fix=suggestion("return what the next stage, or the result, is made of"),
                )


def _gives_nothing(facts: Facts, event: Staged) -> bool:
    return isinstance(event.result, Nothing) and not (event.last and _result_is_dropped(facts, event.call))


def _may_return(node: FunctionNode) -> bool:
    """Tell whether a function has a `return` with a value: that it is never reached is the mistake, if it is one."""
    found = [inner.value for inner in walk(node) if isinstance(inner, ast.Return)]
    return any(value is not None and not _is_none(value) for value in found)


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _result_is_dropped(facts: Facts, call: ast.Call) -> bool:
    waited = facts.places.parent(call)
    return isinstance(waited, ast.Await) and facts.places.is_dropped(waited)


_NO_FUNCTIONS: Mapping[type, str] = {
    Coroutine: "a call that has been made already",
    Listing: "a list",
    Dict: "a dict",
    Text: "a text",
    Number: "a number",
    Bool: "a truth value",
    Nothing: "None",
}


def _fitting(stage: Value) -> str:
    """Return what to give instead of a stage that a pipeline cannot call."""
    if isinstance(stage, Listing):
        return "unpack it, as in pipeline(items, *stages)"
    if isinstance(stage, (Function, Partial, Either)):
        return "let it take (value), (value, item) or (value, item, index), and all else from around it or by default"
    return "give the function itself, as in pipeline(items, read, check)"


def _misfit(stage: Value) -> str | None:
    """Return why a pipeline cannot call a stage."""
    if stage.lack is not None and not isinstance(stage, Nothing):
        return None
    what = _NO_FUNCTIONS.get(type(stage))
    if what is not None:
        return f"A stage is a function, and this is {what}."
    if isinstance(stage, Either):
        found = [_misfit(option) for option in stage.options]
        return next(iter(found)) if all(found) else None
    return _uncallable(stage)


def _uncallable(stage: Value, given: int = 0, named: frozenset[str] = frozenset()) -> str | None:
    """Return why a function cannot be called with one to three arguments besides those that it has."""
    if isinstance(stage, Partial):
        return _uncallable(stage.inner, given + len(stage.args), named | stage.keywords.keys())
    if not isinstance(stage, Function) or stage.node.args.vararg is not None:
        return None
    args = stage.node.args
    names = [p.arg for p in (*args.posonlyargs, *args.args)][given + (stage.bound is not None) :]
    required = [name for name in names if name not in stage.defaults and name not in named]
    if not [name for name in names if name not in named]:
        return "This stage takes no argument; a pipeline gives it value, item and index."
    if len(required) > 3:
        return f"This stage needs {len(required)} arguments; a pipeline gives it value, item and index."
    missing = [p.arg for p in args.kwonlyargs if p.arg not in stage.defaults and p.arg not in named]
    return f"This stage needs {missing[0]}=, which a pipeline does not give." if missing else None


@record()
class _Capture:
    """A function that reads variables of loops after these have ended."""

    function: FunctionNode
    names: tuple[str, ...]


class LateBinding(Rule):
    """Branches that read a loop's variable after the loop has ended.

    What: a function without parameters, made or called in a loop and collected for `parallel`, reads a variable that
        the loop changes.
    Why: all branches run after the loop and see its last value: the same agent, again and again.
    Bad:
        texts = await parallel([lambda: agent(f"Describe {f}") for f in FILES])
    Good:
        texts = await parallel([agent(f"Describe {f}") for f in FILES])
    When not: `f=f` defaults, `partial`, a function that is given the value, a fan-out within the same round.
    Fix: safe: the variable becomes a default of the lambda, which keeps its value.
    """

    code = "R710"
    name = "late-binding-branch"
    severity = "error"
    message = "This runs after the loop has ended, when {what} of the last round."
    why = "Every branch asks the same; the other values are never used."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each function that is collected in a loop and reads what the loop changes."""
        found: dict[_Capture, None] = {}
        for event in facts.each(FanOut):
            for part in event.items.parts if event.kind == "parallel" else ():
                found.update(dict.fromkeys(_captures(facts, event.node, part.element)))
        for capture in found:
            *others, last = capture.names
            what = f"{', '.join(others)} and {last} have the values" if others else f"{last} has the value"
            yield self.found(facts, capture.function, what=what, fix=_bound_early(facts, capture))


def _captures(facts: Facts, fan_out: ast.Call, branch: Value) -> Iterator[_Capture]:
    """Yield what a branch reads too late."""
    match branch:
        case Either(options=options):
            for option in options:
                yield from _captures(facts, fan_out, option)
        case Partial(inner=inner):
            yield from _captures(facts, fan_out, inner)
        case Function(node=node):
            yield from _late(facts, fan_out, node, node)
        case Coroutine(sites=sites, runs=runs):
            for run in runs:
                assert isinstance(run, FUNCTIONS)
                yield from _late(facts, fan_out, run, run)
            for site in sorted(sites, key=facts.positions.start):
                function = _defined_near(facts, site)
                if function is not None:
                    yield from _late(facts, fan_out, site, function)


def _defined_near(facts: Facts, site: ast.Call) -> ast.AsyncFunctionDef | None:
    """Return the function that a call names, if it is defined within the function that the call stands in."""
    around = facts.places.function(site)
    if not isinstance(site.func, ast.Name) or around is facts.tree:
        return None
    named = [
        node
        for node in facts.places.every(ast.AsyncFunctionDef)
        if node.name == site.func.id and facts.places.function(node) is around
    ]
    return named[0] if len(named) == 1 else None


def _late(facts: Facts, fan_out: ast.Call, made: ast.AST, function: FunctionNode) -> Iterator[_Capture]:
    """Yield what a function reads of the loops in which it, or its call, is made, if they end before the fan-out."""
    scope = facts.scopes.of(function)
    inner, late = made, list[str]()
    for loop in facts.places.in_function(made):
        if isinstance(loop, ast.ClassDef):
            break
        if isinstance(loop, LOOPS) and not facts.places.within(fan_out, loop) and _is_repeated(loop, inner):
            owner = facts.scopes.of(loop if isinstance(loop, COMPREHENSIONS) else facts.places.function(loop))
            late += [name for name in _reads(function) if scope.owner(name) is owner and name in _changed(loop)]
        inner = loop
    if late:
        yield _Capture(function, tuple(name for name in _reads(function) if name in late))


def _is_repeated(loop: ast.AST, inner: ast.AST) -> bool:
    """Tell whether a child of a loop is run in each round; what is walked is evaluated once."""
    if isinstance(loop, (ast.For, ast.AsyncFor)):
        return inner in loop.body
    return not (isinstance(loop, COMPREHENSIONS) and inner is loop.generators[0])


def _reads(function: FunctionNode) -> list[str]:
    """Return the names that the body of a function reads, in order."""
    body = [function.body] if isinstance(function, ast.Lambda) else function.body
    loads = [node for part in body for node in walk(part) if isinstance(node, ast.Name)]
    return list(dict.fromkeys(node.id for node in loads if isinstance(node.ctx, ast.Load)))


def _changed(loop: ast.AST) -> set[str]:
    """Return the names to which each round of a loop gives another value."""
    if isinstance(loop, COMPREHENSIONS):
        targets: list[ast.AST] = [clause.target for clause in loop.generators]
    else:
        assert isinstance(loop, (ast.For, ast.AsyncFor, ast.While))  # the only other loops
        targets = [loop.target] if not isinstance(loop, ast.While) else []
        inner = [node for statement in loop.body for node in walk(statement)]
        targets += [target for node in inner if isinstance(node, ast.Assign) for target in node.targets]
        targets += [node.target for node in inner if isinstance(node, (ast.For, ast.AsyncFor))]
    names = [node for target in targets for node in walk(target) if isinstance(node, ast.Name)]
    return {name.id for name in names if isinstance(name.ctx, ast.Store)}


def _bound_early(facts: Facts, capture: _Capture) -> Fix:
    """Return the edit that gives a lambda the value of its round."""
    function, bound = capture.function, ", ".join(f"{name}={name}" for name in capture.names)
    text = f"bind what it reads where the function is made: {bound} as a parameter, or give the value to a function"
    empty = isinstance(function, ast.Lambda) and not any(ast.iter_child_nodes(function.args))
    if not empty:
        return suggestion(text)
    line, column = facts.positions.start(function)
    behind = column + len("lambda")
    return Fix("safe", f"lambda {bound}: …", (Edit(line, behind, line, behind, f" {bound}"),))


class ZipAfterFilter(Rule):
    """Results without the failed ones are matched with all inputs, by position.

    What: what is left of a fan-out's results after a filter is zipped with the inputs, or its positions are used as
        positions in the inputs.
    Why: from the first failure on, every result is taken for that of another input.
    Bad:
        notes = await parallel([agent(f"Read {f}") for f in FILES])
        good = [n for n in notes if n]
        pairs = [f"{f}: {n}" for f, n in zip(FILES, good)]
    Good:
        notes = await parallel([agent(f"Read {f}") for f in FILES])
        pairs = [f"{f}: {n}" for f, n in zip(FILES, notes) if n]
    When not: both sides have gone through the same filter; the lengths were compared; results that carry their input.
    """

    code = "R711"
    name = "zip-after-filter"
    severity = "error"
    message = "{thinned} counts only what did not fail, and {whole} has every entry: positions do not match."
    why = "From the first failure on, every result is taken for that of another input."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each match by position that the first failure shifts."""
        for event in {event.node: event for event in facts.each(Misplaced)}.values():
            yield self.found(
                facts,
                event.node,
                thinned=unparsed(event.thinned),
                whole=unparsed(event.whole),
                fix=suggestion("zip inputs and results first, and leave out what failed afterwards"),
            )
