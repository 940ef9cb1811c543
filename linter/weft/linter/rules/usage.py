"""Whether primitives are called as they are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from math import inf

from weft.linter.facts import Facts
from weft.linter.facts.domain.code import Call, Class, Coroutine, Either, Function, Instance, Native, Partial
from weft.linter.facts.domain.evaluation import supremum
from weft.linter.facts.domain.joins import count
from weft.linter.facts.domain.values import Bool, Dict, Listing, Nothing, Number, Text, Unknown, Value, constant
from weft.linter.facts.events import PrimitiveCalled
from weft.linter.facts.readings import NameAsked, Reported
from weft.linter.facts.repeating import FanOut
from weft.linter.facts.signatures import Parameter, Signature, signature_of
from weft.linter.finding import Finding, Fix, Severity
from weft.linter.near import near_miss
from weft.linter.rules.rule import Rule, suggestion
from weft.primitives.language import MAX_FANOUT
from weft.primitives.language.modules import EXPORTS, PRIMITIVES
from weft.primitives.language.vocabulary import TYPES, VOCABULARY

__all__ = ["ApiMisuse"]

_OFFERED = (*VOCABULARY, *TYPES)


class ApiMisuse(Rule):
    """A primitive is called or imported in a way that it cannot be.

    What: an unknown or missing argument, branches as separate arguments or too many of them, a literal of the wrong
        type, an unknown name.
    Why: the call or the import raises an error.
    Bad:
        a, b = await parallel(agent("one"), agent("two"))
    Good:
        a, b = await parallel([agent("one"), agent("two")])
    When not: arguments from a dict that is not known (`**options`).
    Fix: safe for a name or option with one that is spelled much alike, and for the place of an import.
    """

    code = "R712"
    name = "api-misuse"
    severity = "error"
    message = "{problem}"
    why = "It raises an error here."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield imports of names that there are not, and calls that do not fit."""
        yield from self._imports(facts)
        yield from self._too_wide(facts)
        yield from self._reported(facts)
        reported: set[tuple[ast.AST, str]] = set()
        for event in facts.each(PrimitiveCalled):
            for node, problem, fix in _problems(facts, event):
                if (node, problem) not in reported:
                    reported.add((node, problem))
                    yield self.found(facts, node, problem=problem, fix=fix)

    def _too_wide(self, facts: Facts) -> Iterator[Finding]:
        """Yield each fan-out that has, or may have, more branches than one can have."""
        for event in {event.node: event for event in facts.each(FanOut)}.values():
            width, least = supremum(event.width.settled()), count(event.items.parts).low.settled().constant or 0
            if MAX_FANOUT < width < inf:
                what = "branches" if event.kind == "parallel" else "items"
                problem = f"{event.kind} takes at most {MAX_FANOUT} {what}, and here are up to {int(width)}."
                fix = suggestion(
                    f"Part the list, and use a parallel over the parts, each of which is a {event.kind} over its own."
                )
                severity: Severity = "error" if least > MAX_FANOUT else "warning"
                yield self.found(facts, event.node, problem=problem, severity=severity, fix=fix)

    def _reported(self, facts: Facts) -> Iterator[Finding]:
        """Yield each report of a round that is no list of what was found."""
        for event in {event.node: event for event in facts.each(Reported)}.values():
            what = _no_list(event.value)
            if what is not None:
                problem = f"round.found takes a list of what was found, not {what}."
                yield self.found(facts, event.node, problem=problem, fix=suggestion("Give it the list itself."))

    def _imports(self, facts: Facts) -> Iterator[Finding]:
        for found in facts.scopes.imports:
            if found.module.partition(".")[0] != "weft" or not _of_the_language(found.module):
                continue
            if found.name is None:
                if found.module not in EXPORTS:
                    yield self.found(
                        facts, found.node, problem=f"import {found.module} has no primitives.", fix=_use_module()
                    )
            elif found.module != PRIMITIVES and found.name != "primitives":
                fix = _module(facts, found.node) if found.name in _OFFERED else _use_module()
                yield self.found(facts, found.node, problem=f"{found.name} is imported from {PRIMITIVES}.", fix=fix)
            elif found.name not in _OFFERED and found.name not in ("*", "primitives"):
                yield self._unknown(facts, found.alias, found.name)
        for event in {event.node: event for event in facts.each(NameAsked)}.values():
            if event.name not in _OFFERED and event.name != "primitives":
                yield self._unknown(facts, event.node, event.name)

    def _unknown(self, facts: Facts, node: ast.AST, name: str) -> Finding:
        near = near_miss(name, _OFFERED)
        text = f"Did you mean {near}?" if near is not None else f"There are: {', '.join(VOCABULARY)}."
        fix = suggestion(text)
        if near is not None and isinstance(node, ast.Attribute):
            fix = Fix("safe", text, (facts.positions.replace(node, f"{facts.positions.text(node.value)}.{near}"),))
        elif near is not None and isinstance(node, ast.alias):
            written = facts.positions.text(node)
            fix = Fix("safe", text, (facts.positions.replace(node, _alias(written, name, near)),))
        return self.found(facts, node, problem=f"{PRIMITIVES} has no {name}.", fix=fix)


def _alias(written: str, name: str, near: str) -> str:
    """Return an imported name mended so that the rest of the harness goes on using the name that it knows."""
    return written.replace(name, near, 1) if " as " in written else f"{near} as {name}"


def _of_the_language(module: str) -> bool:
    return module == "weft" or module.startswith(PRIMITIVES)


def _use_module() -> Fix:
    return suggestion(f"from {PRIMITIVES} import agent, …")


def _module(facts: Facts, node: ast.AST) -> Fix:
    text = f"from {PRIMITIVES} import …"
    if not isinstance(node, ast.ImportFrom) or any(alias.name not in _OFFERED for alias in node.names):
        return suggestion(text)
    names = ", ".join(facts.positions.text(alias) for alias in node.names)
    return Fix("safe", text, (facts.positions.replace(node, f"from {PRIMITIVES} import {names}"),))


Problem = tuple[ast.AST, str, Fix]


def _problems(facts: Facts, event: PrimitiveCalled) -> Iterator[Problem]:
    """Yield what is wrong with a call of a primitive."""
    signature = signature_of(event.name, constant(event.call.argument(0, "name")), facts.tools)
    if signature is None:
        return
    call, text = event.call, f"It is {signature.text()}."
    positional = [parameter for parameter in signature.parameters if parameter.positional]
    more = len(call.args) > len(positional) and signature.more is None
    if more:
        yield call.node, _too_many(signature, call), suggestion(_listed(facts, signature, call) or text)
        return
    unknown = list(_keywords(facts, signature, call))
    yield from unknown
    if call.complete and not unknown:
        yield from _missing(signature, call, text)
    yield from _types(signature, call, positional)
    lenses, votes = (call.keywords.get(name) for name in ("lenses", "votes"))
    if event.name == "verify" and _is_given(lenses) and _is_given(votes):
        fix = suggestion("Leave one of them out: one skeptic for each lens, or so many without one.")
        yield call.node, "verify takes lenses or votes, not both.", fix


def _no_list(value: Value) -> str | None:
    """Return what a value is that surely has no length, or one that counts something else than things found."""
    match value:
        case Listing(kind=kind):
            return "a generator" if kind == "iterator" else None
        case Text(sure=False) | Unknown():
            return None
    return _KINDS.get(type(value))


def _is_given(value: Value | None) -> bool:
    return value is not None and value.lack is None


def _too_many(signature: Signature, call: Call) -> str:
    if signature.name == "parallel":
        return "parallel takes one list of branches, not branches as arguments of their own."
    count = sum(parameter.positional for parameter in signature.parameters)
    plural = "" if count == 1 else "s"
    return f"{signature.name} takes {count or 'no'} positional argument{plural}, here are {len(call.args)}."


def _listed(facts: Facts, signature: Signature, call: Call) -> str | None:
    if signature.name != "parallel":
        return None
    written = ", ".join(" ".join(facts.positions.text(argument).split()) for argument in call.node.args)
    return f"parallel([{written}])" if len(written) < 100 else "parallel([…, …]): put the branches into a list"


def _keywords(facts: Facts, signature: Signature, call: Call) -> Iterator[Problem]:
    known = [parameter.name for parameter in signature.parameters]
    written = {keyword.arg: keyword for keyword in call.node.keywords if keyword.arg is not None}
    for name in dict.fromkeys((*written, *call.keywords)):  # what `partial` or a dict adds is not written there
        if name in known or signature.open:
            continue
        keyword, near = written.get(name), near_miss(name, known)
        text = f"Did you mean {near}=?" if near is not None else f"It is {signature.text()}."
        fix = suggestion(text)
        if near is not None and near not in call.keywords and keyword is not None:
            spelled = facts.positions.text(keyword)
            fix = Fix("safe", text, (facts.positions.replace(keyword, spelled.replace(name, near, 1)),))
        yield keyword or call.node, f"{signature.name} has no argument {name}.", fix


def _missing(signature: Signature, call: Call, text: str) -> Iterator[Problem]:
    position = 0
    for parameter in signature.parameters:
        given = parameter.name in call.keywords or (parameter.positional and position < len(call.args))
        position += parameter.positional
        if parameter.required and not given:
            yield call.node, f"{signature.name} needs {parameter.name}.", suggestion(text)
    if signature.more is not None and len(call.args) <= sum(p.positional for p in signature.parameters):
        yield call.node, f"{signature.name} needs at least one stage.", suggestion(text)


def _types(signature: Signature, call: Call, positional: list[Parameter]) -> Iterator[Problem]:
    named = {parameter.name: parameter for parameter in signature.parameters}
    pairs = [
        (parameter, value, call.at(index))
        for index, (parameter, value) in enumerate(zip(positional, call.args, strict=False))
    ]
    pairs += [
        (named[name], value, call.keyword(name) or call.node) for name, value in call.keywords.items() if name in named
    ]
    for parameter, value, node in pairs:
        wrong = _wrong(parameter, value)
        if wrong is not None:
            takes = ", ".join(parameter.one_of) or _TAKES[parameter.takes]
            problem = f"{signature.name}({parameter.name}=…) takes {takes}, not {wrong}."
            yield node, problem, suggestion(_hint(signature, parameter, value))


_TAKES = {
    "text": "a text",
    "number": "a number",
    "items": "a list",
    "schema": "a JSON Schema as a dict",
    "names": "a list of texts",
    "function": "a function",
    "truth": "True or False",
    "function or text": "a function or a field's name",
    "anything": "any value",
}
_CALLABLE = (Function, Native, Partial, Either, Class)
_FITS: dict[str, tuple[type, ...]] = {
    "text": (Text,),
    "number": (Number,),
    "items": (Listing,),
    "schema": (Dict,),
    "names": (Listing,),
    "function": (*_CALLABLE, Instance),
    "truth": (Bool, Number),
    "function or text": (*_CALLABLE, Instance, Text),
}
_KINDS: dict[type, str] = {
    Text: "a text",
    Number: "a number",
    Bool: "a truth value",
    Listing: "a list",
    Dict: "a dict",
    Nothing: "None",
    Coroutine: "a call that was not awaited",
    **dict.fromkeys(_CALLABLE, "a function"),
}


def _wrong(parameter: Parameter, value: Value) -> str | None:
    """Return what an argument is instead of what it must be, where that is certain."""
    if parameter.takes == "anything" or (value.lack is not None and not isinstance(value, Nothing)):
        return None
    if isinstance(value, Nothing):
        return None if parameter.nullable else "None"
    if isinstance(value, Native) and isinstance(value.target, Unknown):
        return None
    kind = _KINDS.get(type(value))
    if kind is None:
        return None
    if not isinstance(value, _FITS[parameter.takes]):
        return kind
    if parameter.one_of and isinstance(value, Text) and value.const is not None and value.const not in parameter.one_of:
        return f'"{value.const}"'
    return None


def _hint(signature: Signature, parameter: Parameter, value: Value) -> str:
    if parameter.takes in ("names", "items") and isinstance(value, Text):
        return "Put it into a list: [...]."
    if signature.name == "parallel" and isinstance(value, Coroutine):
        return "parallel([…]): put the branches into a list."
    return f"It is {signature.text()}."
