"""What a value comes to when it stands in a prompt: how many tokens it takes, and whose words it begins with."""

from __future__ import annotations

from collections.abc import Iterable

from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, number
from weft.linter.facts.domain.schema import STRING_TOKENS
from weft.linter.facts.domain.values import Bool, Dict, Listing, Nothing, Number, Text, Value

__all__ = ["begins", "tokens_in"]

_NUMBER = 4
_DEPTH = 6


def tokens_in(value: Value, depth: int = 0) -> Amount:
    """Return how many tokens the text of a value takes at most, a string of unknown length being one of the usual."""
    if depth > _DEPTH:
        return number(STRING_TOKENS)
    match value:
        case Text(const=None, tokens=size):
            return size if size != ZERO else number(STRING_TOKENS)
        case Text(tokens=size):
            return size
        case Number() | Bool() | Nothing():
            return number(_NUMBER)
        case Listing(parts=parts):
            return sum((part.count.high * tokens_in(part.element, depth + 1) for part in parts), ONE)
        case Dict(schema=schema):
            fields = {**(schema.fields() if schema is not None else {}), **value.fields}
            named = sum((number(_NUMBER) + tokens_in(entry.value, depth + 1) for entry in fields.values()), ONE)
            rest = ZERO if value.values is None else value.rest.high * tokens_in(value.values, depth + 1)
            return named + rest
    return number(STRING_TOKENS)


def begins(parts: Iterable[Value]) -> bool:
    """Tell whether a text put together from these begins with what an agent said.

    What has other words behind it in the same line is what the text speaks of, not what it says.
    """
    rest = iter(parts)
    first = next((part for part in rest if not _blank(part)), None)
    if not isinstance(first, Text) or not first.said:
        return False
    after = next(rest, None)
    return after is None or (isinstance(after, Text) and after.words.lstrip(" .").startswith("\n"))


def _blank(part: Value) -> bool:
    return isinstance(part, Text) and part.const is not None and not part.const.strip()
