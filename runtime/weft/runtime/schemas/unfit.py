"""What a JSON Schema validator says of arguments, worded for the people who wrote them on a command line.

Whether they fit is `schemas`, which also has the words for agents; this is the one place for those to people.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from weft.primitives.limits import MAX_CHARACTERS
from weft.runtime.meant import did_you_mean
from weft.runtime.schemas.reading import at_once, reading_now, text_of
from weft.runtime.schemas.validating import UnusableSchema, violations
from weft.runtime.schemas.worker import TooHard, work_out

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

__all__ = ["OWN", "kinds_named", "option_name", "sentences", "told_at_once", "unfit"]

OWN = tuple("--args --json --progress --no-lint --yes --save --revise --fix --approve --demo --help".split())
"""Options of `run` and `plan` that are no setting of a run."""

MOST = 3
"""How many faults are told at once."""

LONGEST = 60
"""Characters of a value that are shown."""

KINDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a JSON object",
    "null": "null",
}


def unfit(args: Any, schema: dict[str, Any]) -> str | None:
    """Return what is wrong with the arguments of a harness, by the names of their options, or `None`.

    Raises:
        UnusableSchema: nothing can be held against that schema, or not these.
    """
    characters = len(str(args))
    if characters > MAX_CHARACTERS:
        return f"they have more than {MAX_CHARACTERS:,} characters"
    text = text_of(schema)
    try:
        easy = reading_now(text).easy(characters)
        said = sentences(args, text) if easy else work_out(sentences, args, text)
    except TooHard as hard:
        raise UnusableSchema(f"it cannot be found out whether they fit: {hard}") from None
    except ValueError as unusable:
        raise UnusableSchema(str(unusable)) from None
    if not said:
        return None
    more = f"; and {len(said) - MOST} more" if len(said) > MOST else ""
    return "; ".join(said[:MOST]) + more


def told_at_once(args: Any, schema: dict[str, Any]) -> bool:
    """Whether it takes no time to tell what is wrong with arguments."""
    known = at_once(text_of(schema))
    return known is not None and known.easy(len(str(args)))


def sentences(args: Any, schema: str) -> list[str]:
    """Return all that is wrong with arguments, however long it takes to find out.

    Raises:
        UnusableSchema: nothing can be held against that schema.
    """
    faults = violations(args, schema)
    return list(dict.fromkeys(sentence for error in faults for sentence in [*_sentences(error)] or [error.message]))


def option_name(name: str) -> str:
    """Return the option for a property: `how_many` is `--how-many`."""
    return "--" + name.replace("_", "-")


def _is_taken(name: str) -> bool:
    """Whether the option of a property is one of the command itself, so that only `--args` can give it."""
    from weft.runtime.settings import FLAGS

    return option_name(name) in {*OWN, *(flag.name for flag in FLAGS.values())}


def kinds_named(kind: str | Iterable[str]) -> str:
    """Return JSON types as one calls them: `a whole number`, `a text or null`."""
    return " or ".join(KINDS.get(one, one) for one in ([kind] if isinstance(kind, str) else kind))


def _sentences(error: ValidationError) -> Iterator[str]:
    """Yield what an error says, each with the place it is about."""
    from jsonschema.exceptions import best_match

    worst = best_match([error])
    assert worst is not None
    path = list(worst.absolute_path)
    if worst.validator == "required":
        names: Any = worst.validator_value
        for name in names:
            if name not in worst.instance:
                yield f"{_place([*path, name])} is missing{_meant(name, worst.schema)}"
    elif worst.validator in ("additionalProperties", "unevaluatedProperties") and worst.validator_value is False:
        yield from _unknown(path, worst)
    else:
        name = f"the name {_shown(worst.instance)}: " if _of_a_name(worst) else ""
        yield f"{_place(path)}: {name}{_words(worst)}"


def _place(path: list[str | int]) -> str:
    """Return where in the arguments something is: `--people, value 2, name`."""
    if not path:
        return "the arguments"
    first, *rest = path
    within = (f"value {part + 1}" if isinstance(part, int) else part for part in rest)
    if isinstance(first, int):
        begin = f"value {first + 1}"
    else:
        begin = f"{first} in --args" if _is_taken(first) else option_name(first)
    return ", ".join([begin, *within])


def _of_a_name(error: ValidationError) -> bool:
    """Whether an error is about the name of an entry, not about a value."""
    way = list(error.absolute_schema_path)
    return way[-2:-1] == ["propertyNames"] and way[-3:-2] != ["properties"]


def _meant(name: str, schema: Any) -> str:
    """Return what a property is for, as far as the schema says it."""
    declared = schema.get("properties", {}).get(name) if isinstance(schema, dict) else None
    if not isinstance(declared, dict):
        return ""
    parts = [str(declared["description"]).rstrip(".")] if declared.get("description") else []
    parts += [f"such as {_shown(declared['examples'][0])}"] if declared.get("examples") else []
    return f" ({'; '.join(parts)})" if parts else ""


def _unknown(path: list[str | int], error: ValidationError) -> Iterator[str]:
    known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
    given: Any = error.instance
    for name in given:
        if name not in known and repr(name) in error.message:
            shown = {one: _place([*path, one]) for one in known}
            near = did_you_mean(name, shown, "")
            yield f"{_place([*path, name])} is unknown" + (f" ({near})" if near else "")


def _words(error: ValidationError) -> str:
    keyword, limit = str(error.validator), error.validator_value
    if error.validator is None or limit is False:  # the schema `false`, which nothing fits
        return (
            "it has more values than it may have"
            if "tems" in keyword
            else f"{_shown(error.instance)} must not be given"
        )
    if keyword in ("anyOf", "oneOf"):
        return _words_of_forms(error)
    say = WORDS.get(keyword)
    return say(error.instance, limit) if say else error.message


def _words_of_forms(error: ValidationError) -> str:
    """Return the words about a value that may have one of several forms, and has none of them, or two."""
    context = list(error.context or ())
    if not context:
        return f"{_shown(error.instance)} fits more than one of the forms of which it must have exactly one"
    if all(inner.validator == "type" and not inner.path for inner in context):
        kinds = [kind for inner in context for kind in _listed(inner.validator_value)]
        return f"{_shown(error.instance)} is not {kinds_named(dict.fromkeys(kinds))}"
    parts = dict.fromkeys(sentence for inner in context for sentence in _sentences(inner))
    return f"{_shown(error.instance)} has none of the forms that it may have: {' / '.join(list(parts)[:MOST])}"


def _listed(kind: Any) -> list[str]:
    return [kind] if isinstance(kind, str) else kind


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _counted(what: str, limit: str) -> Callable[[Any, Any], str]:
    """Return the words about a value of which there is too much or too little."""
    one, several = what.split("/")

    def say(value: Any, allowed: Any) -> str:
        bound = f"it must be {limit} {allowed:,}"
        if not value:
            return f"it is empty: {bound} {one if allowed == 1 else several}"
        return f"{_shown(value)} has {len(value):,} {one if len(value) == 1 else several}: {bound}"

    return say


def _compared(how: str, limit: str) -> Callable[[Any, Any], str]:
    """Return the words about a number beyond a limit."""
    return lambda value, allowed: f"{_shown(value)} is too {how}: it must be {limit} {_shown(allowed)}"


def _needed(value: Any, needs: Any) -> str:
    """Return which entries need others beside them."""
    there = {given: names for given, names in needs.items() if given in value}
    return ", ".join(
        f"{given} needs {name} beside it" for given, names in there.items() for name in names if name not in value
    )


WORDS: dict[str, Callable[[Any, Any], str]] = {
    "type": lambda value, kind: f"{_shown(value)} is not {kinds_named(kind)}",
    "enum": lambda value, known: f"{_shown(value)} is none of {', '.join(map(_shown, known))}",
    "const": lambda value, only: f"{_shown(value)} is not {_shown(only)}, which it must be",
    "pattern": lambda value, form: f"{_shown(value)} does not have the form {form}",
    "format": lambda value, form: f"{_shown(value)} does not have the form of {form}",
    "minimum": _compared("small", "at least"),
    "maximum": _compared("large", "at most"),
    "exclusiveMinimum": _compared("small", "more than"),
    "exclusiveMaximum": _compared("large", "less than"),
    "multipleOf": lambda value, of: f"{_shown(value)} is no multiple of {_shown(of)}",
    "minLength": _counted("character/characters", "at least"),
    "maxLength": _counted("character/characters", "at most"),
    "minItems": _counted("value/values", "at least"),
    "maxItems": _counted("value/values", "at most"),
    "minProperties": _counted("entry/entries", "at least"),
    "maxProperties": _counted("entry/entries", "at most"),
    "uniqueItems": lambda value, _: f"{_shown(value)} has a value twice",
    "contains": lambda value, schema: f"{_shown(value)} has no value that fits {_shown(schema)}",
    "minContains": lambda value, least: f"{_shown(value)} has fewer than {least} of the values that it needs",
    "maxContains": lambda value, most: f"{_shown(value)} has more than {most} of values that it may have few of",
    "dependentRequired": _needed,
    "not": lambda value, schema: f"{_shown(value)} is what it must not be: it fits {_shown(schema)}",
    "unevaluatedItems": lambda value, schema: f"{_shown(value)} has values beside those that fit {_shown(schema)}",
    "unevaluatedProperties": lambda value, schema: f"{_shown(value)} has entries that do not fit {_shown(schema)}",
}
"""What a keyword says of a value that it forbids; those that are not here only lead to others."""
