"""What a schema says, and whether answers are read as their schema says."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from weft.linter.effort import unparsed
from weft.linter.facts import Facts
from weft.linter.facts.domain.marks import about
from weft.linter.facts.domain.values import Dict, Given, Listing, Text, Value
from weft.linter.facts.follow.entries import fields_of
from weft.linter.facts.known.verifying import VERDICT
from weft.linter.facts.readings import NotARecord, OptionalRead, SchemaGiven
from weft.linter.finding import Finding, Fix, Related, Severity
from weft.linter.near import near_miss, nearest
from weft.linter.rules.malformed import Fault, faults_of
from weft.linter.rules.rule import Rule, suggestion

__all__ = ["OptionalSubscripted", "SchemaInvalid", "SchemaMissing"]


class OptionalSubscripted(Rule):
    """A field that an answer may leave out is read as if it were always there.

    What: `x["f"]`, where the schema of `x` names `f` and does not require it, and no test has found it.
    Why: the first answer without it raises KeyError.
    Bad:
        TASK = {"type": "object", "properties": {"what": {"type": "string"}, "owner": {"type": "string"}}}
        task = await agent("Which task?", schema=TASK, critical=True)
        owner = task["owner"]
    Good:
        TASK = {"type": "object", "properties": {"what": {"type": "string"}, "owner": {"type": "string"}}}
        task = await agent("Which task?", schema=TASK, critical=True)
        owner = task.get("owner") or "nobody"
    When not: `"f" in x` or `x.get("f")` on the way there; a KeyError that is caught; fields that the harness puts in.
    """

    code = "R703"
    name = "optional-field-subscripted"
    severity = "warning"
    message = '"{field}" is optional in {schema}: an answer may come without it.'
    why = "The first answer without it raises KeyError."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield the first read of each such field."""
        reads: dict[tuple[str, str], dict[ast.expr, None]] = {}
        for event in facts.each(OptionalRead):
            reads.setdefault((event.schema, event.field), {})[event.node] = None
        for (schema, field), nodes in reads.items():
            first, *others = sorted(nodes, key=facts.positions.start)
            fix = suggestion(
                f'add it to "required", or use .get("{field}", …) with what stands for it where it is missing'
            )
            related = [Related(line, "also read here") for line in sorted({node.lineno for node in others})]
            yield self.found(facts, first, field=field, schema=schema, fix=fix, related=related)


class SchemaMissing(Rule):
    """An answer in plain text, or a list, is read as if it had fields; or a record as if its fields were attributes.

    What: the text of an agent without `schema=` is subscripted with a text, and so is a list; or a text, a list or a
        record is asked for an attribute or a method that it does not have, or whether it is more than a number.
    Why: the run ends with an error; asking for JSON in the prompt changes nothing about what comes back.
    Bad:
        plan = await agent("Plan the work, as JSON", critical=True)
        parts = plan["parts"]
    Good:
        PLAN = {"type": "object", "properties": {"parts": TEXTS}, "required": ["parts"]}
        plan = await agent("Plan the work", schema=PLAN, critical=True)
        parts = plan["parts"]
    When not: `json.loads(text)` first; slices and positions of a text; objects of classes of the harness.
    """

    code = "R704"
    name = "schema-missing"
    severity = "error"
    message = "{text} is {what}: {use} fails."
    why = "An agent without schema= answers in plain text, whatever its prompt asks for; a list is read by positions."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each use of a value as what it is not."""
        refused = {refusal.node for refusal in facts.refused}
        for event in {event.node: event for event in facts.each(NotARecord)}.values():
            if event.node in refused or _is_told_by_verdicts(event.value):
                continue
            what, instead = _misread(event)
            text = unparsed(event.used)
            yield self.found(facts, event.node, text=text, what=what, use=event.use, fix=suggestion(instead))


def _is_told_by_verdicts(value: Value) -> bool:
    """Tell whether it is the independence of a verdict, of which V807 tells."""
    schema = value.schema if isinstance(value, Dict) else None
    return schema is not None and (schema.name, schema.path) == (VERDICT, ".independence")


def _misread(event: NotARecord) -> tuple[str, str]:
    """Return what a value is that is read as something else, and what to write instead."""
    if event.use[0] in "<>":
        text = unparsed(event.used)
        if isinstance(event.value, Text):
            return "text here, not a number", f'compare float({text}), or let the schema say "number"'
        what = "a list" if isinstance(event.value, Listing) else "a record"
        return f"{what} here, not a number", f"compare len({text}), or a number in it"
    return _of_text(event) if isinstance(event.value, Text) else _of_container(event)


def _of_text(event: NotARecord) -> tuple[str, str]:
    answered = bool(about(event.value.marks, "answer"))
    schema = "give the agent a schema={…} that says which fields its answer has"
    if not event.use.startswith("[") and nearest(event.use.removeprefix("."), dir(str), 1):
        return "text here, which has no such attribute", _own(event, "a text", str)
    return "text here, not a record", schema if answered else _own(event, "a text", str)


def _of_container(event: NotARecord) -> tuple[str, str]:
    field = event.use.removeprefix(".")
    if isinstance(event.value, Listing) and field.startswith("["):
        return "a list here, not a record", "read an element of it"
    if isinstance(event.value, Listing):
        return "a list here, which has no such attribute", _own(event, "a list", list)
    entry = f'{unparsed(event.used)}["{field}"]'
    named = fields_of(event.value) if isinstance(event.value, Dict) else {}
    near = near_miss(field, named)
    what = "a record here, whose fields are no attributes"
    if isinstance(event.value, Given) or field in named:
        return what, f"write {entry}"
    if near is not None:
        return what, f'write {unparsed(event.used)}["{near}"]'
    return what, _own(event, "a record", dict)


def _own(event: NotARecord, what: str, kind: type) -> str:
    """Return what to write instead of an attribute that values of a kind do not have."""
    name = event.use.removeprefix(".")
    own = [one for one in dir(kind) if not one.startswith("_")]
    if name in ("length", "size"):
        return f"write len({unparsed(event.used)})"
    near = nearest(name, own, 1)
    if near:
        return f"did you mean .{near[0]}?"
    return (
        f"{what} has {', '.join(f'.{one}' for one in own)}"
        if len(own) < _FEW
        else f"write it as Python does for {what}"
    )


_FEW = 16
"""How many methods are worth being told all."""


class SchemaInvalid(Rule):
    """A schema that is not JSON Schema, or says what it cannot mean.

    What: an unknown type, a keyword with a value that it cannot have, a required field that is not among the
        properties, limits that exclude each other, a `$ref` that leads nowhere or only to itself, a field that is
        required and that nothing fits.
    Why: the agent is refused when it is called, or no answer can ever fit.
    Bad:
        MENU = {"type": "object", "properties": {"dishes": {"type": "list"}}, "required": ["dishes"]}
        menu = await agent("Read the menu", schema=MENU)
    Good:
        MENU = {"type": "object", "properties": {"dishes": {"type": "array"}}, "required": ["dishes"]}
        menu = await agent("Read the menu", schema=MENU)
    When not: parts of a schema that are not known before the run.
    Fix: safe for a type that is spelled much alike: it is written instead.
    """

    code = "R713"
    name = "schema-invalid"
    severity = "error"
    message = "{place}: {problem}."
    why = "{consequence}"

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield what is wrong with each schema, once for each place."""
        reported: set[tuple[ast.AST, str]] = set()
        for event in facts.each(SchemaGiven):
            for fault in faults_of(event):
                if (fault.node, fault.problem) in reported:
                    continue
                reported.add((fault.node, fault.problem))
                yield self.found(
                    facts,
                    fault.node,
                    place=fault.place,
                    problem=fault.problem,
                    consequence=_CONSEQUENCE[fault.severity],
                    severity=fault.severity,
                    fix=_mended(facts, fault),
                )


_CONSEQUENCE: Mapping[Severity, str] = {
    "error": "The call is refused, or no answer can ever fit it.",
    "warning": "It says nothing about the answer, so that whatever comes back is taken.",
}


def _mended(facts: Facts, fault: Fault) -> Fix:
    if fault.instead is None:
        return suggestion(fault.advice)
    if not isinstance(fault.node, ast.Constant):
        return suggestion(f"write {fault.instead}")
    return Fix("safe", f"write {fault.instead}", (facts.positions.replace(fault.node, fault.instead),))
