"""What a schema says, and whether answers are read as their schema says."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from weft.linter.effort import unparsed
from weft.linter.facts import Facts
from weft.linter.facts.readings import NotARecord, OptionalRead, SchemaGiven
from weft.linter.finding import Finding, Fix, Related, Severity
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
            fix = suggestion(f'use .get("{field}"), or add it to "required"')
            related = [Related(line, "also read here") for line in sorted({node.lineno for node in others})]
            yield self.found(facts, first, field=field, schema=schema, fix=fix, related=related)


class SchemaMissing(Rule):
    """An answer in plain text, or a list, is read as if it had fields.

    What: the text of an agent without `schema=` is subscripted with a text, or asked for a method that only dicts or
        lists have; a list is subscripted with a text.
    Why: the run ends with an error; asking for JSON in the prompt changes nothing about what comes back.
    Bad:
        plan = await agent("Plan the work, as JSON", critical=True)
        parts = plan["parts"]
    Good:
        PLAN = {"type": "object", "properties": {"parts": TEXTS}, "required": ["parts"]}
        plan = await agent("Plan the work", schema=PLAN, critical=True)
        parts = plan["parts"]
    When not: `json.loads(text)` first; slices and positions of a text.
    """

    code = "R704"
    name = "schema-missing"
    severity = "error"
    message = "{text} is {what} here, not a record: {use} fails."
    why = "An agent without schema= answers in plain text, whatever its prompt asks for; a list is read by positions."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each use of a text as a record."""
        for event in {event.node: event for event in facts.each(NotARecord)}.values():
            yield self.found(
                facts,
                event.node,
                text=unparsed(event.used),
                what=event.what,
                use=event.use,
                fix=_instead_of_a_record(event),
            )


def _instead_of_a_record(event: NotARecord) -> Fix:
    if event.what == "text":
        return suggestion("give the agent a schema={…} that says which fields its answer has")
    return suggestion("read an element of it, or what it tells by an attribute")


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
