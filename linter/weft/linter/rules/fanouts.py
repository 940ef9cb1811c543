"""Fan-outs that cannot do what they are written for: stages, branches and votes that do not fit."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from weft.linter.facts import Facts
from weft.linter.facts.domain.joins import count
from weft.linter.facts.domain.values import (
    Bool,
    Call,
    Coroutine,
    Dict,
    Either,
    Function,
    Listing,
    Nothing,
    Number,
    Partial,
    Text,
    Value,
)
from weft.linter.facts.events import PrimitiveCalled, Staged
from weft.linter.finding import Finding
from weft.linter.rules.rule import Rule, suggestion
from weft.primitives.language import DEFAULT_LENSES

__all__ = ["BadStage", "QuorumExceedsVoters"]


class QuorumExceedsVoters(Rule):
    """A quorum above the number of those who vote.

    What: `verify(quorum=q)` with fewer lenses, `parallel(quorum=q)` with fewer branches, `quorum(lists, at_least=n)`
        with fewer lists.
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


_CONSEQUENCE = {
    "verify": "The call raises ValueError; without that nothing could ever survive.",
    "parallel": "The call raises ValueError, and the run ends there.",
    "quorum": "Nothing is ever in so many lists: the result is always empty.",
}


def _quorum(event: PrimitiveCalled) -> tuple[str, int, int, str] | None:
    """Return the option of a call that demands a quorum, what it demands, of how many, and who they are."""
    match event.name:
        case "verify":
            lenses = event.call.keywords.get("lenses")
            known = len(DEFAULT_LENSES) if lenses is None else _size(lenses)
            return _demand(event.call, "quorum", 2, known, "lenses")
        case "parallel":
            return _demand(event.call, "quorum", 0, _size(event.call.argument(0, "branches")), "branches")
        case "quorum":
            return _demand(event.call, "at_least", 2, _size(event.call.argument(0, "lists")), "lists")
    return None


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
                fix = suggestion("give the function itself, as in pipeline(items, read, check)")
                yield self.found(
                    facts, node, problem=problem, consequence="The call raises TypeError, and the run ends.", fix=fix
                )
                continue
            stage = events[0].stage
            if all(_gives_nothing(facts, event) for event in events) and isinstance(stage, Function):
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


def _result_is_dropped(facts: Facts, call: ast.Call) -> bool:
    waited = facts.parents.get(call)
    return isinstance(waited, ast.Await) and isinstance(facts.parents.get(waited), ast.Expr)


_NO_FUNCTIONS: Mapping[type, str] = {
    Coroutine: "a call that has been made already",
    Listing: "a list",
    Dict: "a dict",
    Text: "a text",
    Number: "a number",
    Bool: "a truth value",
    Nothing: "None",
}


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
