"""Fields that can only be one of a few texts, and are compared with another."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from weft.linter.facts import Facts
from weft.linter.facts.domain.schema import Schema, constant
from weft.linter.facts.domain.values import Listing
from weft.linter.facts.readings import FieldRead
from weft.linter.finding import Finding, Fix
from weft.linter.near import near_miss
from weft.linter.rules.rule import Rule, suggestion

__all__ = ["NeverSaid"]


class NeverSaid(Rule):
    """A field is compared with a text that it can never be.

    What: `x["f"] == "text"`, `in`, or a `case` of a `match`, where the schema of `x` lists the texts that `f` can be,
        and this is none of them.
    Why: the comparison always comes out the same, so that one of the two ways is never taken.
    Bad:
        verdict = await verify("The cache is shared")
        kept = verdict["outcome"] == "survived"
    Good:
        verdict = await verify("The cache is shared")
        kept = verdict["outcome"] == "survives"
    When not: fields without `enum`; fields that the harness fills in itself; reads of answers with different schemas.
    Fix: safe where only one of the texts is spelled much alike: it is written instead.
    """

    code = "R716"
    name = "never-said"
    severity = "warning"
    message = '"{text}" is never said here: "{field}" is one of {options}.'
    why = "The comparison always comes out the same."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each text that a field is compared with in vain."""
        for node, field, options in _choices(facts):
            for text in _compared(facts, node):
                if text.value not in options:
                    there = ", ".join(f'"{option}"' for option in options)
                    fix = _meant(facts, text, options)
                    yield self.found(facts, text, text=text.value, field=field, options=there, fix=fix)


def _choices(facts: Facts) -> Iterator[tuple[ast.expr, str, list[str]]]:
    """Yield where a field is read that can only be one of some texts, its name, and those that any answer allows."""
    reads: dict[ast.expr, dict[FieldRead, None]] = {}
    for event in facts.each(FieldRead):
        read = facts.places.parent(event.node)
        if isinstance(read, (ast.Subscript, ast.Call)):  # and not a test whether there is such a field
            reads.setdefault(read, {})[event] = None
    for node, events in reads.items():
        allowed = [_options(event) for event in events]
        if all(allowed):
            options = dict.fromkeys(option for some in allowed for option in some)
            yield node, next(iter(events)).field, list(options)


def _options(event: FieldRead) -> list[str]:
    """Return the texts that a field can be; none where it can be anything else."""
    schema = event.answer.schema
    if not isinstance(schema, Schema) or event.field in event.answer.fields:
        return []
    said = schema.property(event.field)
    listed = said.entry("enum") if said is not None else None
    options = [constant(part.element) for part in listed.parts] if isinstance(listed, Listing) else []
    texts = [option for option in options if isinstance(option, str)]
    return texts if len(texts) == len(options) else []


def _compared(facts: Facts, node: ast.expr) -> Iterator[ast.Constant]:
    """Yield the texts with which a field is compared where it is read."""
    match facts.places.parent(node):
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[right]):
            yield from _texts(right if left is node else left)
        case ast.Compare(
            left=left, ops=[ast.In() | ast.NotIn()], comparators=[ast.Tuple() | ast.List() | ast.Set() as group]
        ):
            if left is node:
                for one in group.elts:
                    yield from _texts(one)
        case ast.Match(subject=subject, cases=cases) if subject is node:
            for pattern in (inner for case in cases for inner in ast.walk(case.pattern)):
                if isinstance(pattern, ast.MatchValue):
                    yield from _texts(pattern.value)


def _texts(node: ast.expr) -> Iterator[ast.Constant]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node


def _meant(facts: Facts, text: ast.Constant, options: list[str]) -> Fix:
    assert isinstance(text.value, str)
    near = near_miss(text.value, options)
    if near is None:
        return suggestion("Compare with one of those, or add it to the schema.")
    return Fix("safe", f'Did you mean "{near}"?', (facts.positions.replace(text, f'"{near}"'),))
