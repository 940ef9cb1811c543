"""One walk through a JSON Schema that makes a value up; what to take where there is a choice is a `Chooser`'s business.

Understood are the keywords that say what a value is made of. `not`, `oneOf` where more than one fits, clashing patterns
and the like are not: whoever asks for a value checks it.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol, TypeVar

from weft.primitives.data import MAX_DEPTH
from weft.primitives.schemas.room import as_written
from weft.runtime.schemas.patterns import quickly

__all__ = ["ITEM", "Between", "Chooser", "made_up"]

LARGEST = sys.float_info.max
"""Beyond it there are only whole numbers."""

MOST_NESTING = 6
"""How deep values are made up freely; below, only what must be there, so that a schema that holds itself ends."""

MOST_TRIES = 60
"""How often another item is tried where items must differ."""

MOST_LISTED = 5_000
"""How many whole numbers are listed, where different ones of them are wanted."""

MOST_MADE = 2_000_000
"""How much is made up at most, in characters. What holds no values takes `EACH` of them."""

EACH = 50

ITEM = "[]"
"""The step from a list to what is in it."""

COUNTS = {f"{side}{what}" for side in ("min", "max") for what in ("Length", "Items", "Properties", "Contains")}
"""Keywords that say how many there are of something."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Between:
    """The limits of a number, both included; `None` for none."""

    low: float | None
    high: float | None
    step: float | None

    @classmethod
    def of(cls, schema: dict[str, Any], *, whole: bool) -> Between:
        """Read the limits of a schema."""
        above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
        if above is not None:
            above = math.floor(above) + 1 if whole or abs(above) >= LARGEST else math.nextafter(above, math.inf)
        if below is not None:
            below = math.ceil(below) - 1 if whole or abs(below) >= LARGEST else math.nextafter(below, -math.inf)
        lows = [low for low in (schema.get("minimum"), above) if low is not None]
        highs = [high for high in (schema.get("maximum"), below) if high is not None]
        return cls(max(lows, default=None), min(highs, default=None), schema.get("multipleOf"))

    def whole(self) -> tuple[int | None, int | None]:
        """Return the least and the greatest whole number within."""
        low = None if self.low is None else math.ceil(self.low)
        return low, None if self.high is None else math.floor(self.high)

    def in_steps(self, step: Fraction) -> Between:
        """Return the same limits counted in steps."""
        low = None if self.low is None else math.ceil(as_written(self.low) / step)
        return Between(low, None if self.high is None else math.floor(as_written(self.high) / step), None)

    def nearest_to_zero(self) -> int:
        """Return the whole number that is nearest to zero."""
        low, high = self.whole()
        if low is not None and low > 0:
            return low
        return min(0, high) if high is not None else 0

    def middle(self) -> float | None:
        """Return what is half way between both limits, with as few digits as will do."""
        if self.low is None or self.high is None:
            return None
        middle = (self.low + self.high) / 2
        return next((short for digits in range(16) if self.holds(short := round(middle, digits))), middle)

    def holds(self, number: float) -> bool:
        """Whether a number is within."""
        return (self.low is None or self.low <= number) and (self.high is None or number <= self.high)


class Chooser(Protocol):
    """Decides wherever a schema leaves a choice."""

    @property
    def varied(self) -> bool:
        """Whether to take more than a value must have."""

    @property
    def different(self) -> int:
        """How many items of a list are made up; of a longer one the last is repeated."""

    @property
    def path(self) -> list[str]:
        """Where in the value the choice is: names of properties, and `[]` for an item of a list. The walk keeps it."""

    def option(self, options: list[T]) -> T:
        """Take one of several values; there is at least one."""

    def way(self, ways: list[T]) -> T:
        """Take one of several ways to make a value: a type, a schema, with or without a property."""

    def count(self, least: int, most: int | None) -> int:
        """Take a number of things."""

    def whole(self, limits: Between) -> int:
        """Take a whole number."""

    def number(self, limits: Between) -> float:
        """Take a number."""

    def text(self, least: int, most: int | None) -> str:
        """Take a text of some length."""

    def matching(self, pattern: str) -> str:
        """Take a text that a pattern is found in."""


def made_up(schema: Any, choose: Chooser) -> Any:
    """Return a value near a schema: one that satisfies it, where every keyword of it is understood.

    Raises:
        ValueError: it would be too large, or it takes too many steps.
    """
    return _Walk(schema, choose).value(schema, 0)


@dataclass(slots=True)
class _Walk:
    root: Any
    choose: Chooser
    made: int = 0

    def make(self, characters: int) -> None:
        """Count what is about to be made."""
        self.made += characters
        if self.made > MOST_MADE:
            raise ValueError(f"a value that fits would have more than {MOST_MADE:,} characters, or no end")

    def value(self, schema: Any, depth: int) -> Any:
        self.make(EACH)
        if not isinstance(schema, dict) or depth > (2 * MOST_NESTING if self.choose.varied else 2 * MAX_DEPTH):
            return self.choose.text(0, None)
        if "$ref" in schema:
            return self.value(_both(_referred(schema["$ref"], self.root), _without(schema, "$ref")), depth + 1)
        for keyword in ("anyOf", "oneOf"):
            if schema.get(keyword):
                option = self.choose.way(_ending(schema[keyword], depth))
                return self.value(_both(_without(schema, keyword), option), depth)
        if "if" in schema:
            rest = _without(schema, "if", "then", "else")
            met = _both(schema["if"], schema.get("then", True))
            return self.value(_both(rest, self.choose.way([schema.get("else", True), met])), depth)
        if "allOf" in schema:
            merged: Any = _without(schema, "allOf")
            for part in schema["allOf"]:
                merged = _both(merged, part)
            return self.value(merged, depth)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self.choose.option(_of_types(schema["enum"], schema) or schema["enum"])
        return self.of_type(self.choose.way(_types(schema)), schema, depth)

    def of_type(self, name: str, schema: dict[str, Any], depth: int) -> Any:
        counts = {count: int(schema[count]) for count in COUNTS & schema.keys() if type(schema[count]) is not int}
        schema = {**schema, **counts} if counts else schema  # 5.0 is as good as 5
        match name:
            case "object":
                return self.object(schema, depth)
            case "array":
                return self.array(schema, depth)
            case "string":
                return self.text(schema)
            case "integer" | "number":
                return self.number(schema, whole=name == "integer")
            case "boolean":
                return self.choose.option([False, True])
            case _:
                return None

    def text(self, schema: dict[str, Any]) -> str:
        if "pattern" in schema:
            return self.choose.matching(schema["pattern"])
        self.make(schema.get("minLength", 0))
        return self.choose.text(schema.get("minLength", 0), schema.get("maxLength"))

    def number(self, schema: dict[str, Any], *, whole: bool) -> float:
        limits = Between.of(schema, whole=whole)
        if limits.step is None:
            return self.choose.whole(limits) if whole else self.choose.number(limits)
        step = as_written(limits.step)
        if whole:  # the least whole number that is a multiple
            step = Fraction(step.numerator)
        multiple = step * self.choose.whole(limits.in_steps(step))
        return int(multiple) if multiple.denominator == 1 else float(multiple)

    def inside(self, name: str, schema: Any, depth: int) -> Any:
        """Return a value for what is one step further inside."""
        self.choose.path.append(name)
        try:
            return self.value(schema, depth + 1)
        finally:
            self.choose.path.pop()

    def object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties: dict[str, Any] = schema.get("properties", {})
        names = dict.fromkeys(schema.get("required", []))
        fewest, most = schema.get("minProperties", 0), schema.get("maxProperties", math.inf)
        optional = [name for name, value in properties.items() if name not in names and value is not False]
        for name in optional:
            spare = self.choose.varied and depth < MOST_NESTING and self.choose.way([False, True])
            if len(names) < most and (len(names) < fewest or spare):
                names[name] = None
        for name in list(names):  # in chains too: what is appended here is not looked at, but seldom met
            names.update(dict.fromkeys(schema.get("dependentRequired", {}).get(name, [])))
        value = {name: self.inside(name, _of_name(name, schema), depth) for name in names}
        self.add_others(value, schema, depth)
        return value

    def add_others(self, value: dict[str, Any], schema: dict[str, Any], depth: int) -> None:
        """Add properties that the schema does not name, where it asks for them or is a map."""
        sources = list(_others(schema))
        if not sources:
            return
        fewest, most = schema.get("minProperties", 0), schema.get("maxProperties")
        is_map = "patternProperties" in schema or isinstance(schema.get("additionalProperties"), dict)
        freely = is_map and self.choose.varied and depth < MOST_NESTING
        missing = max(0, fewest - len(value))
        self.make(missing)
        more = self.choose.count(missing, None if most is None else max(0, most - len(value))) if freely else missing
        for number in range(MOST_TRIES + more):
            if more == 0:
                return
            names, inner = self.choose.way(sources)
            name = self.other_name(names, number, depth)
            if name not in value and name not in schema.get("properties", {}):
                value[name] = self.inside(name, inner, depth)
                more -= 1

    def other_name(self, names: Any, number: int, depth: int) -> str:
        if names is True:
            return f"key{number + 1}"
        name = self.value(names, depth + 1)
        return name if isinstance(name, str) else json.dumps(name)

    def array(self, schema: dict[str, Any], depth: int) -> list[Any]:
        first: list[Any] = schema.get("prefixItems", [])
        rest = schema.get("items", True)
        fewest, most = schema.get("minItems", 0), schema.get("maxItems")
        if rest is False:
            most = len(first) if most is None else min(most, len(first))
        wanted: list[Any] = []
        self.make(max(fewest, schema.get("minContains", 0)))
        if "contains" in schema:
            wanted = [_both(rest, schema["contains"])] * schema.get("minContains", 1)
        least = max(fewest, len(wanted) and len(first) + len(wanted))
        count = least if depth >= MOST_NESTING else self.choose.count(least, most)
        made = first[:count] + wanted
        distinct = bool(schema.get("uniqueItems"))
        varied = count - len(made) if distinct else min(count - len(made), self.choose.different)
        return self.items(made + [rest] * varied, distinct, depth, count)

    def items(self, schemas: list[Any], distinct: bool, depth: int, count: int) -> list[Any]:
        items: list[Any] = []
        left = _few(schemas[0]) if distinct and schemas and schemas[:-1] == schemas[1:] else None
        if left is not None and len(left) >= count:  # an order of what there is, which no number of tries would find
            for _ in range(count):
                self.make(EACH)
                items.append(left.pop(left.index(self.choose.option(left))))
            return items
        for schema in schemas:
            item = self.inside(ITEM, schema, depth)
            for _ in range(MOST_TRIES if distinct and self.choose.varied else 0):
                if not any(item == other for other in items):
                    break
                item = self.inside(ITEM, schema, depth)
            items.append(item)
        return items + items[-1:] * (count - len(items))


def _few(schema: Any) -> list[Any] | None:
    """Return all different values that fit a schema, where it lists them or they are whole numbers within limits."""
    said = set() if not isinstance(schema, dict) else schema.keys() - {"title", "description", "$comment"}
    if said <= {"type", "enum"} and "enum" in said:
        return list({json.dumps(value): value for value in _of_types(schema["enum"], schema)}.values())
    if not said <= {"type", "minimum", "maximum"}:
        return None
    low, high = Between.of(schema, whole=True).whole()
    if schema.get("type") != "integer" or low is None or high is None or high - low > MOST_LISTED:
        return None
    return list(range(low, high + 1))


def _others(schema: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Yield what other properties an object may have: a schema for the name, or any, and one for the value."""
    for pattern, inner in schema.get("patternProperties", {}).items():
        if inner is not False:
            yield {"type": "string", "pattern": pattern}, inner
    if schema.get("additionalProperties", True) is not False:
        names = schema.get("propertyNames", True)
        yield names if names is True else _both({"type": "string"}, names), schema.get("additionalProperties", True)


def _of_name(name: str, schema: dict[str, Any]) -> Any:
    declared = schema.get("properties", {})
    if name in declared:
        return declared[name]
    patterns = schema.get("patternProperties", {}).items()
    found = (inner for pattern, inner in patterns if quickly([(pattern, name)]))
    return next(found, schema.get("additionalProperties", True))


def _types(schema: dict[str, Any]) -> list[str]:
    named = schema.get("type")
    if named is not None:
        return named if isinstance(named, list) else [named]
    return [kind for kind, keywords in _KINDS.items() if not keywords.isdisjoint(schema)] or [*_PLAIN]


def _of_types(values: list[Any], schema: dict[str, Any]) -> list[Any]:
    from jsonschema import Draft202012Validator

    if "type" not in schema:
        return values
    checker = Draft202012Validator.TYPE_CHECKER
    return [value for value in values if any(checker.is_type(value, name) for name in _types(schema))]


_PLAIN = ("string", "integer", "boolean", "null")
_KINDS: dict[str, set[str]] = {
    "object": set("properties required additionalProperties patternProperties minProperties propertyNames".split()),
    "array": set("items prefixItems contains minItems maxItems uniqueItems".split()),
    "string": set("minLength maxLength pattern".split()),
    "number": set("minimum maximum exclusiveMinimum exclusiveMaximum multipleOf".split()),
}
"""What a schema without a type is about, told by its keywords."""


def _ending(options: list[Any], depth: int) -> list[Any]:
    """Return the options to take one of: deep down those that do not refer to a schema, if there are any."""
    if depth < MOST_NESTING:
        return options
    return [option for option in options if "$ref" not in json.dumps(option)] or options


def _without(schema: dict[str, Any], *keywords: str) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name not in keywords}


def _referred(reference: str, root: Any) -> Any:
    found: Any = root
    for part in reference.removeprefix("#").strip("/").split("/"):
        if part:
            found = found.get(part.replace("~1", "/").replace("~0", "~"), {}) if isinstance(found, dict) else {}
    return found


def _both(one: Any, other: Any) -> Any:
    """Return a schema that is satisfied by what satisfies both, as far as that is one schema."""
    if one is False or other is False:
        return False
    if not isinstance(one, dict) or not isinstance(other, dict):
        return one if isinstance(one, dict) else other
    merged = dict(one)
    for name, value in other.items():
        if name not in merged or merged[name] == value:
            merged[name] = value
        elif name in ("anyOf", "oneOf", "if", "$ref"):  # one after the other
            merged["allOf"] = [*merged.get("allOf", []), {name: value}]
        else:
            merged[name] = _narrower(name, merged[name], value)
    return merged


def _narrower(name: str, one: Any, other: Any) -> Any:
    match name:
        case "properties" | "patternProperties" | "$defs":
            return {**one, **{key: _both(one.get(key, True), value) for key, value in other.items()}}
        case "required" | "allOf":
            return [*one, *other]
        case "enum":
            return [value for value in one if value in other]
        case "type":
            both = [kind for kind in _types({"type": one}) if kind in _types({"type": other})]
            return both or ("integer" if "integer" in (one, other) else other)
        case "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" | "minContains":
            return max(one, other)
        case "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties":
            return min(one, other)
        case "items" | "additionalProperties" | "propertyNames" | "contains":
            return _both(one, other)
        case _:
            return other
