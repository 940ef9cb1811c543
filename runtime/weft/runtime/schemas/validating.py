"""A JSON value held against a JSON Schema: `jsonschema`, with its keywords replaced whose cost has no bound.

How much that takes is bounded here by how much there is of schema and value, with two exceptions that only the
`worker` can bear: patterns, and keywords about what others have left over. Steps are counted besides, for where others
wait.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import islice
from math import inf
from typing import TYPE_CHECKING, Any

from weft.primitives.schemas.room import as_written
from weft.runtime.schemas.glance import seen_to_fit

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

__all__ = ["TooLong", "UnusableSchema", "malformed", "violations", "worst"]

MOST_VIOLATIONS = 100
"""How many of those in one value are looked at."""


class UnusableSchema(ValueError):
    """Nothing can be held against a schema: it refers to what is not there, or has a pattern that is none."""


class TooLong(Exception):
    """It takes more steps than there were to find out what does not fit."""


def violations(value: Any, schema: str, steps: float = inf) -> list[ValidationError]:
    """Return what does not fit in a value that is JSON data, as far as it is looked at.

    Args:
        value: Built from exact types, so that nothing in it is in two places.
        schema: As text.
        steps: How often an alternative, a reference or a condition may be looked at.

    Raises:
        TooLong: it takes more.
        UnusableSchema: the schema is the harness's, so anything may be in it.
    """
    if seen_to_fit(value, schema):
        return []
    import re

    from jsonschema.exceptions import UnknownType
    from referencing.exceptions import Unresolvable

    token = _checking.set(_Check(steps))
    try:
        return list(islice(_validator(schema).iter_errors(value), MOST_VIOLATIONS))
    except (Unresolvable, UnknownType, re.error, ArithmeticError, TypeError, AttributeError, KeyError) as unusable:
        # Or it refers to what is no schema: then a keyword meets anything.
        raise UnusableSchema(f"{type(unusable).__name__}: {unusable}") from None
    finally:
        _checking.reset(token)


def worst(value: Any, schema: str, steps: float = inf) -> str | None:
    """Return what is wrong with a value, in words that an agent can act on, or `None`; as for `violations`.

    Raises:
        TooLong: it takes more steps.
        UnusableSchema: nothing can be held against the schema.
    """
    from jsonschema.exceptions import best_match

    error = best_match(violations(value, schema, steps))
    return None if error is None else f"at {error.json_path}: {error.message[:500]}"


def malformed(schema: str) -> str | None:
    """Return why a text is not a JSON Schema, or `None`."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(json.loads(schema))
    except SchemaError as error:
        return f"at {error.json_path}: {error.message[:300]}"
    except OverflowError as error:  # a pattern repeats something more often than patterns can
        return str(error)
    return None


@lru_cache(maxsize=256)
def _validator(schema: str) -> Validator:
    from referencing import Registry

    # An empty registry: the default one would fetch references from the network.
    validator: Validator = _validators()(json.loads(schema), registry=Registry())
    return validator


# ---------------------------------------------------------------------------------------------- keywords


_Key = tuple[str, int, int]
"""What is found out once: of which kind it is, and the identity of a schema and of a value."""


@dataclass(slots=True)
class _Check:
    """One value being held against one schema."""

    left: float
    """Steps."""
    fits: dict[_Key, bool | None] = field(default_factory=dict)
    """Whether a value fits a schema, or what a reference leads to; `None` while that is being found out."""
    told: set[_Key] = field(default_factory=set)
    """Of which of them it has been said why not."""
    circular: bool = False
    """Whether something was taken not to fit because that was being found out."""
    quiet: bool = False
    """Whether nobody asks why something does not fit."""


_checking: ContextVar[_Check] = ContextVar("checking")


@contextmanager
def _quietly() -> Iterator[None]:
    check = _checking.get()
    before, check.quiet = check.quiet, True
    try:
        yield
    finally:
        check.quiet = before


@cache
def _validators() -> Any:
    """Return the class of validators."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    own = {"uniqueItems": _unique_items, "multipleOf": _multiple_of, "if": _if}
    given = Draft202012Validator.VALIDATORS
    own |= {keyword: _once(given[keyword]) for keyword in ("$ref",)}
    own |= {keyword: _one_of_several(given[keyword]) for keyword in ("anyOf", "oneOf")}
    own |= {keyword: _without_reasons(given[keyword]) for keyword in ("not", "contains")}
    own |= {keyword: _without_reasons(given[keyword]) for keyword in ("unevaluatedItems", "unevaluatedProperties")}
    return extend(Draft202012Validator, own)  # type: ignore[no-untyped-call]


def _fits(validator: Any, value: Any, schema: Any) -> bool:
    return _found_out(("schema", id(schema), id(value)), lambda: validator.descend(value, schema))


def _found_out(key: _Key, errors: Callable[[], Iterator[ValidationError]]) -> bool:
    """Return whether there are no errors, which is found out once for each value and schema."""
    check = _checking.get()
    check.left -= 1
    if check.left < 0:
        raise TooLong
    if key in check.fits:
        known = check.fits[key]
        check.circular |= known is None
        return bool(known)
    check.fits[key] = None
    before, check.circular = check.circular, False
    with _quietly():
        fits = next(errors(), None) is None
    check.fits[key] = fits
    if check.circular and not fits:
        del check.fits[key]  # for it may fit where nothing was taken for granted
    check.circular |= before
    return fits


def _once(given: Any) -> Any:
    """Return the keyword for references, which holds no value against the same reference twice."""

    def ref(validator: Any, reference: str, value: Any, schema: Any) -> Iterator[ValidationError]:
        from jsonschema.exceptions import ValidationError

        check, key = _checking.get(), ("reference", id(schema), id(value))
        fits = _found_out(key, lambda: given(validator, reference, value, schema))
        if fits:
            return
        if check.quiet or key in check.told:
            yield ValidationError(f"it does not fit {reference}")
            return
        check.told.add(key)
        yield from given(validator, reference, value, schema)

    return ref


def _one_of_several(given: Any) -> Any:
    """Return a keyword for alternatives, which says why none fits only where somebody asks."""

    def alternatives(validator: Any, options: list[Any], value: Any, schema: Any) -> Iterator[ValidationError]:
        from jsonschema.exceptions import ValidationError

        fitting = (option for option in options if _fits(validator, value, option))
        enough = list(islice(fitting, 1 if given.__name__ == "anyOf" else 2))
        if len(enough) == 1:
            return
        if _checking.get().quiet:
            yield ValidationError("it fits none of the alternatives, or two")
        else:
            yield from given(validator, options, value, schema)

    return alternatives


def _without_reasons(given: Any) -> Any:
    """Return a keyword about whether others fit, not why."""

    def keyword(validator: Any, said: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
        with _quietly():
            errors = list(given(validator, said, value, schema))
        yield from errors

    return keyword


def _if(validator: Any, condition: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    branch = "then" if _fits(validator, value, condition) else "else"
    if branch in schema:
        yield from validator.descend(value, schema[branch], schema_path=branch)


def _unique_items(validator: Any, unique: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError

    if unique and validator.is_type(value, "array") and len(set(map(_spelled, value))) < len(value):
        yield ValidationError(f"{value!r} has non-unique elements")


def _spelled(value: Any) -> str:
    """Return a text that is the same for values that JSON Schema takes for equal."""
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return {name: _plain(item) for name, item in value.items()} if isinstance(value, dict) else value


def _multiple_of(validator: Any, step: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError

    if validator.is_type(value, "number") and as_written(value) % as_written(step):
        yield ValidationError(f"{value!r} is not a multiple of {step}")
