"""What a value comes to when it stands in a prompt: how many tokens it takes, whose words and how many results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from weft.linter.facts.domain.amounts import ONE, ZERO, Amount, maximum, number
from weft.linter.facts.domain.joins import count
from weft.linter.facts.domain.marks import BESIDES, NO_MARKS, Mark, Marks, about, derived
from weft.linter.facts.domain.schema import STRING_TOKENS
from weft.linter.facts.domain.values import (
    Bool,
    Dict,
    Given,
    Held,
    Listing,
    Nothing,
    Number,
    Text,
    Value,
    constant,
    marked,
)
from weft.linter.record import replace

__all__ = ["begins", "characters", "composed", "results_in", "stacked", "tokens_in"]

_NUMBER = 4
_DEPTH = 6


def characters(value: Value) -> int | None:
    """Return how many characters the text of a value has at most; `None` where nothing limits that."""
    match value:
        case Text(const=str(const)):
            return len(const)
        case Text(most=most):
            return most
        case Number(whole=True):
            return None if value.exact is None else len(str(value.exact))
    return None


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

    What has other words behind it in the same line is what the text speaks of, not what it says. A text of several
    lines says the first of them, whatever is put behind the last.
    """
    rest = iter(parts)
    first = next((part for part in rest if not _blank(part)), None)
    if not isinstance(first, Text) or not first.said:
        return False
    after = next(rest, None)
    return (
        after is None or "\n" in first.words or (isinstance(after, Text) and after.words.lstrip(" .").startswith("\n"))
    )


def _blank(part: Value) -> bool:
    return isinstance(part, Text) and part.const is not None and not part.const.strip()


def composed(text: Text, parts: Iterable[Value]) -> Text:
    """Return a text put together from these, with whose words it begins with and what results it holds."""
    values = list(parts)
    text = marked(text, frozenset(Mark("stacked", grown) for part in values for grown in _grown_in(part, values)))
    others = (part for part in values if isinstance(part, (Text, Number, Given)) and constant(part) is None)
    if any(not about(part.marks, "made") for part in others):
        text = marked(text, frozenset((BESIDES,)))
    holds = tuple(dict.fromkeys(held for value in values for held in results_in(value)))
    return replace(text, said=begins(values), whole=any(map(_weighs, values)), holds=holds)


def _grown_in(part: Value, parts: Iterable[Value]) -> Iterator[tuple[object, Amount]]:
    """Yield the loops from an earlier round of which a part comes, and how many tokens this round puts to it."""
    loops = about(part.marks, "earlier") if isinstance(part, Text) else frozenset[object]()
    added = [tokens_in(other) for other in parts if loops and other is not part and _weighs(other)]
    yield from ((loop, sum(added, ZERO)) for loop in loops if added)


def stacked(text: Text, loop: object, rounds: Amount) -> Text:
    """Return a text after a loop: what each round has added to it is as many results as there were rounds."""
    grown = {mark: mark.of for mark in text.marks if mark.kind == "stacked"}
    ours = {mark: of[1] for mark, of in grown.items() if isinstance(of, tuple) and of[0] is loop}
    marks = text.marks.difference(ours)
    held = (Held(rounds, derived(marks) | {Mark("whole", loop)}, tokens) for tokens in ours.values())
    return replace(text, holds=(*text.holds, *held), marks=marks) if ours else text


def results_in(value: Value, depth: int = 0) -> tuple[Held, ...]:
    """Return the lists of agents' results that a value brings into a text."""
    if depth > _DEPTH:
        return ()
    match value:
        case Text(holds=holds):
            return holds
        case Dict(values=Value() as values, rest=size, marks=own) if _weighs(values, own):
            return (Held(size.high, derived(own | _all_marks(values)), tokens_in(values)),)
        case Dict(fields=fields):
            inside = [entry.value for entry in fields.values()] + ([] if value.values is None else [value.values])
            return tuple(held for one in inside for held in results_in(one, depth + 1))
        case Listing(parts=parts, marks=own) if any(_weighs(part.element, own) for part in parts):
            marks = derived(own.union(*(_all_marks(part.element) for part in parts)))
            return (Held(count(parts).high, marks, maximum(*(tokens_in(part.element) for part in parts))),)
        case Listing(parts=parts):
            return tuple(held for part in parts for held in results_in(part.element, depth + 1))
    return ()


def _weighs(value: Value, around: Marks = NO_MARKS, depth: int = 0) -> bool:
    """Tell whether a value holds a whole answer in free text, or an answer by a schema, or part of one, unpicked."""
    match value:
        case Text(whole=whole):
            return whole
        case Listing(kind="tuple", parts=parts):
            return depth < _DEPTH and any(_weighs(part.element, depth=depth + 1) for part in parts)
        case Dict(schema=schema, fields=fields):
            answer = schema is not None and bool(about(value.marks | around, "says"))
            return answer or (
                depth < _DEPTH and any(_weighs(entry.value, depth=depth + 1) for entry in fields.values())
            )
    return False


def _all_marks(value: Value) -> Marks:
    inner = [entry.value.marks for entry in value.fields.values()] if isinstance(value, Dict) else []
    inner += [part.element.marks for part in value.parts] if isinstance(value, Listing) else []
    return value.marks.union(*inner)
