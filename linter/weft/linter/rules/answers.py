"""Answers that cannot be as long as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator

from weft.linter.effort import spend
from weft.linter.facts import Facts
from weft.linter.facts.domain.code import Call
from weft.linter.facts.domain.schema import Schema, schema_of
from weft.linter.facts.domain.values import Listing, Text, constant
from weft.linter.facts.events import Asked
from weft.linter.finding import Finding
from weft.linter.rules.rule import Rule, suggestion

__all__ = ["AnswerTooLong"]

_MOST_TOKENS = 64_000
"""More than this hardly any model puts out in one answer."""
_STRING = 3
"""How many tokens a text takes at least that is worth asking for."""


class AnswerTooLong(Rule):
    """An agent may answer with more than one answer holds.

    What: the lists of an answer's schema, as long as `maxItems` allows and with entries as short as can be, take more
        tokens than `max_tokens`, or, without that, than models put out in one answer.
    Why: an answer that is cut off is invalid. It is asked for again and cut off again, and the agent is lost: most
        surely where there was most to find.
    Bad:
        FOUND = {"type": "object", "properties": {"lines": {"type": "array", "maxItems": 900, "items": REPORT}}}
        reply = await agent("List all bugs", schema=FOUND, max_tokens=2000)
    Good:
        FOUND = {"type": "object", "properties": {"lines": {"type": "array", "maxItems": 30, "items": REPORT}}}
        reply = await agent("List the 30 gravest bugs", schema=FOUND, max_tokens=2000)
    When not: lists without `maxItems`; a ceiling that is worked out.
    """

    code = "M104"
    name = "answer-too-long"
    severity = "warning"
    message = "A full answer takes {least:,} tokens or more, and {most:,} is all that one may have."
    why = "It is cut off where there is most to tell, and the agent is lost."

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield each agent whose answer may be longer than one can be."""
        calls = {event.call.node: event.call for event in facts.each(Asked) if event.name == "agent"}
        for node, call in calls.items():
            most, least = _ceiling(call), _least(schema_of(call.keywords.get("schema"), "the schema"))
            if most is not None and least > most:
                where = call.keyword("max_tokens") or call.keyword("schema") or node
                fix = suggestion("Ask for less at a time: a smaller maxItems, or one agent for each part.")
                yield self.found(facts, where, least=least, most=most, fix=fix)


def _ceiling(call: Call) -> int | None:
    """Return how many tokens an answer may have; `None` where nobody can tell."""
    if call.keywords.get("max_tokens") is None:
        return _MOST_TOKENS
    most = constant(call.keywords["max_tokens"])
    return most if isinstance(most, int) else None


def _least(schema: Schema | None, around: frozenset[object] = frozenset()) -> int:
    """Return how many tokens an answer takes at least whose lists are as long as they may be.

    Of one that refers to itself, what lies within it is left out.
    """
    spend(1)
    if schema is None or schema.node in around:
        return 0
    around |= {schema.node}
    fields = [_least(schema.property(name), around) for name in schema.fields()]
    long = schema.length().high.constant or 0
    each = _least(schema.items(), around) if long else 0
    return 1 + sum(2 + field for field in fields) + long * (1 + each) + _text(schema)


def _text(schema: Schema) -> int:
    """Return how many tokens the text takes at least that a schema asks for."""
    least, kind = constant(schema.entry("minLength")), schema.entry("type")
    if not isinstance(kind, Text) or kind.const != "string" or isinstance(schema.entry("enum"), Listing):
        return 0
    return max(_STRING, least // 4 if isinstance(least, int) else 0)
