"""What fails when an agent does, and calls that cannot mean anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from weft.linter.effort import unparsed, walk
from weft.linter.facts import Facts
from weft.linter.facts.places import COMPREHENSIONS
from weft.linter.facts.readings import MissingField, NoneUsed
from weft.linter.finding import Finding, Fix, Related
from weft.linter.near import near_miss
from weft.linter.rules.rule import Rule, suggestion

__all__ = ["FieldNotInSchema", "NeverAwaited", "NoneUnchecked", "another_field", "missing_fields"]


class NoneUnchecked(Rule):
    """A result is used as if agents never failed.

    What: a value that may be None here is subscripted, iterated, unpacked, compared, called, measured or joined.
    Why: the run ends with a TypeError as soon as one agent fails for good; in a branch or stage it costs the item.
    Bad:
        plan = await agent("Plan", schema=PLAN)
        parts = plan["parts"]
    Good:
        plan = await agent("Plan", schema=PLAN)
        parts = plan["parts"] if plan else []
    When not: `critical=True`; after any test of the value; what a stage receives; values from functions not followed.
    Fix: safe in a comprehension: `if x is not None` is added; elsewhere in words.
    """

    code = "R701"
    name = "none-unchecked"
    severity = "error"
    message = "{expr} may be None: {origin}."
    why = "{use} would end {scope} with a TypeError."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each use of a value that may be None."""
        uses: dict[ast.expr, list[NoneUsed]] = {}
        for event in facts.each(NoneUsed):
            uses.setdefault(event.node, []).append(event)
        for node, events in uses.items():
            use = events[0]
            inside, doubted = (all(getattr(event, name) for event in events) for name in ("inside", "doubted"))
            expr = unparsed(_used(node, use.use))
            scope = "this branch" if inside else "the run"
            related = [Related(use.lack.line, use.lack.why)] if use.lack.line not in (0, node.lineno) else []
            yield self.found(
                facts,
                node,
                expr=expr,
                origin=use.lack.why,
                use=use.use,
                scope=scope,
                severity="warning" if inside or doubted or use.lack.seldom else "error",
                fix=_filter(facts, node, expr),
                related=related,
            )


def _used(node: ast.expr, use: str) -> ast.expr:
    """Return the expression that may be None, of one that uses it."""
    if isinstance(node, (ast.Subscript, ast.Attribute)) and use[:1] in "[.":
        return node.value
    return node


def _filter(facts: Facts, node: ast.expr, expr: str) -> Fix:
    """Return the filter to add where the value is what a comprehension walks."""
    otherwise = f"add `if {expr}`, or return early; an agent the run is pointless without can be critical=True"
    clause = _clause_of(facts, node, expr)
    if clause is None or (clause.ifs and facts.places.within(node, clause)):
        return suggestion(otherwise)
    text = f" if {expr} is not None"
    return Fix("safe", f"add{text}", (facts.positions.after([clause.iter, *clause.ifs][-1], text),))


def _clause_of(facts: Facts, node: ast.expr, name: str) -> ast.comprehension | None:
    """Return the clause of a comprehension around a node that gives a variable its values."""
    for outer in facts.places.expressions(node):
        for clause in outer.generators if isinstance(outer, COMPREHENSIONS) else ():
            given = isinstance(clause.target, ast.Name) and clause.target.id == name
            if given and not facts.places.within(node, clause.iter):
                return clause
    return None


class FieldNotInSchema(Rule):
    """A field is read that the schema does not define.

    What: `x["f"]`, `x.get("f")`, `"f" in x` or a key by name, on a value whose schema has no `f`.
    Why: the subscript raises KeyError; `get` hides the mistake for ever behind its default.
    Bad:
        GRANTS = {"type": "object", "properties": {"grants": {"type": "array", "maxItems": 9}}}
        reply = await agent("List grants", schema=GRANTS)
        found = reply["grant"] if reply else []
    Good:
        GRANTS = {"type": "object", "properties": {"grants": {"type": "array", "maxItems": 9}}}
        reply = await agent("List grants", schema=GRANTS)
        found = reply["grants"] if reply else []
    When not: an unknown or open schema; fields that the harness adds itself.
    Fix: safe where only one field is spelled much alike: it is written instead.
    """

    code = "R702"
    name = "field-not-in-schema"
    severity = "error"
    message = '"{field}" is not in {schema} (it has: {fields}).'
    why = "Reading it raises KeyError; get() would hide the mistake behind its default for ever."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each read of a field that there is not."""
        for event in missing_fields(facts, key=False):
            yield self.found(
                facts,
                event.node,
                field=event.field,
                schema=event.schema,
                fields=", ".join(event.fields),
                fix=another_field(facts, event),
            )


def missing_fields(facts: Facts, *, key: bool) -> list[MissingField]:
    """Return the reads of fields that there are not: those that tell items apart, or the others."""
    reads = {(event.node, event.field): event for event in facts.each(MissingField) if event.key is key}
    return list(reads.values())


def another_field(facts: Facts, event: MissingField) -> Fix:
    """Return what to write instead of a field that there is not."""
    near = near_miss(event.field, event.fields)
    if near is not None:
        return _renamed(facts, event, near)
    return suggestion(f"use one of {', '.join(event.fields)}, or add it to the schema")


def _renamed(facts: Facts, event: MissingField, near: str) -> Fix:
    text = f'Did you mean "{near}"?'
    places = [node for node in walk(event.node) if isinstance(node, ast.Constant) and node.value == event.field]
    if len(places) != 1:
        return suggestion(text)
    written = facts.positions.text(places[0])
    if event.field not in written:
        return suggestion(text)
    return Fix("safe", text, (facts.positions.replace(places[0], written.replace(event.field, near)),))


class NeverAwaited(Rule):
    """A call is made and its coroutine never awaited.

    What: what `agent`, a fan-out or an async function returns is dropped, tested, put into data, iterated or formatted.
    Why: it never runs, and a coroutine is always true.
    Bad:
        agent("Post the summary", tools=["chat"])
    Good:
        await agent("Post the summary", tools=["chat"])
    When not: coroutines in a list that reaches `parallel`, or returned to someone who awaits them.
    Fix: safe for a call whose result is dropped or used as if it were there: `await` is added.
    """

    code = "R705"
    name = "never-awaited"
    severity = "error"
    message = "This call of {name} only creates a coroutine, which never runs{how}."
    why = "Nothing happens here, and a coroutine is always true."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each call whose coroutine is lost or mistaken for its result."""
        for site in facts.sites:
            if site.awaited and site.misused is None:
                continue
            how = f", and it is {site.misused} as if it were the result" if site.misused else ""
            fix = suggestion("add await")
            if site.dropped and isinstance(facts.places.function(site.node), ast.AsyncFunctionDef):
                fix = Fix("safe", "add await", (facts.positions.before(site.node, "await "),))
            yield self.found(facts, site.node, name=site.name, how=how, fix=fix)
