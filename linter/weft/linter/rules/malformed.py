"""What can be wrong with a schema: faults, each with its place. The rule that tells of them is in `schemas`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from weft.linter.facts.domain.intervals import EXACTLY_ONE
from weft.linter.facts.domain.schema import constant
from weft.linter.facts.domain.values import Bool, Dict, Listing, Nothing, Number, Text, Value
from weft.linter.facts.readings import SchemaGiven
from weft.linter.finding import Severity
from weft.linter.near import near_miss
from weft.primitives.data import as_json
from weft.primitives.errors import NotJson
from weft.primitives.limits import MAX_CHARACTERS
from weft.primitives.schemas import nonsense, pattern_problem, plain

__all__ = ["Fault", "faults_of"]


_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")


_OTHER_NAMES = {
    **dict.fromkeys(("list", "tuple", "set", "arr"), "array"),
    **dict.fromkeys(("dict", "map", "record", "json"), "object"),
    **dict.fromkeys(("str", "text", "char", "date", "datetime", "url", "uri", "email", "enum"), "string"),
    **dict.fromkeys(("float", "double", "decimal", "numeric"), "number"),
    **dict.fromkeys(("int", "long"), "integer"),
    **dict.fromkeys(("bool",), "boolean"),
    **dict.fromkeys(("none", "None", "nil"), "null"),
}


class Fault(NamedTuple):
    """One thing that is wrong with a schema."""

    node: ast.AST
    place: str
    problem: str
    severity: Severity
    advice: str
    instead: str | None = None
    """What to write there, if that is certain."""


class _Place(NamedTuple):
    """One schema within the whole."""

    schema: Dict
    given: SchemaGiven
    path: str

    def entry(self, key: str) -> Value | None:
        """Return what it says under a keyword, if it surely says it."""
        found = self.schema.fields.get(key)
        return found.value if found is not None and found.sure and found.value.lack is None else None

    def at(self, key: str) -> ast.AST:
        """Return where a keyword's value is written."""
        return _value_at(self.schema, key) or self.schema.node or self.given.node

    def fault(self, key: str, problem: str, advice: str, severity: Severity = "error") -> Fault:
        """Return a fault at a keyword."""
        return Fault(self.at(key), self.path, problem, severity, advice)


def _value_at(owner: Dict, key: str) -> ast.expr | None:
    if not isinstance(owner.node, ast.Dict):
        return None
    pairs = zip(owner.node.keys, owner.node.values, strict=True)
    return next((value for name, value in pairs if isinstance(name, ast.Constant) and name.value == key), None)


def faults_of(given: SchemaGiven) -> list[Fault]:
    """Return what is wrong with a schema; that nothing fits it only where there is no other error."""
    whole = _Place(given.schema, given, given.name)
    found = [*_faults(whole)]
    return found if any(fault.severity == "error" for fault in found) else [*found, *_nonsense(whole)]


def _faults(place: _Place, depth: int = 0) -> Iterator[Fault]:
    """Yield what is wrong with a schema and all that are in it."""
    for check in (_types, _kinds, _required, _limits, _values, _reference, _silent):
        yield from check(place)
    if depth < 8:
        for inner in _inner(place):
            if isinstance(inner.value, Dict):
                yield from _faults(_Place(inner.value, place.given, place.path + inner.step), depth + 1)
            elif inner.value.lack is None and isinstance(inner.value, (Text, Number, Listing)):
                problem, advice = f'"{inner.name}" is no schema', 'write {"type": …} there'
                yield Fault(inner.node, place.path, problem, "error", advice)


class _Inner(NamedTuple):
    """One schema within another."""

    step: str
    value: Value
    name: str
    node: ast.AST


def _inner(place: _Place) -> Iterator[_Inner]:
    """Yield the schemas within one."""
    for key in ("properties", "$defs", "definitions", "patternProperties"):
        named, prefix = place.entry(key), "." if key == "properties" else f".{key}."
        if isinstance(named, Dict):
            for name, entry in named.fields.items():
                node = _value_at(named, name) or place.at(key)
                yield _Inner(f"{prefix}{name}", entry.value, name, node)
    for key, step in (("items", "[]"), ("additionalProperties", ".*"), ("not", "")):
        inner = place.entry(key)
        if isinstance(inner, Dict):
            yield _Inner(step, inner, key, place.at(key))
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        several = place.entry(key)
        for part in several.parts if isinstance(several, Listing) else ():
            yield _Inner("", part.element, key, place.at(key))


def _types(place: _Place) -> Iterator[Fault]:
    """Yield types that there are not."""
    given = place.entry("type")
    several = isinstance(given, Listing)
    for value in [part.element for part in given.parts] if isinstance(given, Listing) else [given]:
        name = constant(value)
        if isinstance(value, (Number, Bool, Nothing, Dict)):
            yield place.fault("type", 'a "type" is a text, or a list of texts', "write one of the types")
        elif isinstance(name, str) and name not in _TYPES:
            meant = _OTHER_NAMES.get(name) or _OTHER_NAMES.get(name.lower()) or near_miss(name, _TYPES)
            meant = name.lower() if name.lower() in _TYPES else meant
            advice = f"the types are {', '.join(_TYPES)}"
            fault = place.fault("type", f'there is no type "{name}"', advice)
            yield fault._replace(instead=f'"{meant}"') if meant and not several else fault


_TAKES: Mapping[str, tuple[str, tuple[type, ...]]] = {
    "properties": ("an object that names the fields", (Dict,)),
    "$defs": ("an object that names schemas", (Dict,)),
    "required": ("a list of field names beside the properties", (Listing,)),
    "items": ("a schema", (Dict, Bool)),
    "additionalProperties": ("a schema or a truth value", (Dict, Bool)),
    "enum": ("a list of values", (Listing,)),
    **dict.fromkeys(("anyOf", "oneOf", "allOf", "prefixItems"), ("a list of schemas", (Listing,))),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), ("a number", (Number,))),
    **dict.fromkeys(
        ("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"),
        ("a whole number", (Number,)),
    ),
    **dict.fromkeys(("description", "title", "pattern", "format", "$ref"), ("a text", (Text,))),
    "uniqueItems": ("a truth value", (Bool,)),
}
"""What a keyword takes, in words and as values of the analysis."""
_KNOWN = (Bool, Dict, Listing, Nothing, Number, Text)


def _kinds(place: _Place) -> Iterator[Fault]:
    """Yield keywords with a value of a kind that they do not take."""
    for key in [key for key in place.schema.fields if key in _TAKES]:
        (words, kinds), value = _TAKES[key], place.entry(key)
        if isinstance(value, _KNOWN) and not isinstance(value, kinds):
            yield place.fault(key, f'"{key}" takes {words}', f"give it {words}")


def _required(place: _Place) -> Iterator[Fault]:
    """Yield required fields that are not among the properties."""
    properties, required = place.entry("properties"), place.entry("required")
    if not isinstance(properties, Dict) or not isinstance(required, Listing):
        return
    if properties.open or properties.values is not None or place.schema.open or place.entry("allOf") is not None:
        return
    extra = place.entry("additionalProperties")
    closed = isinstance(extra, Bool) and extra.const is False
    for part in required.parts:
        name = constant(part.element)
        if not isinstance(name, str) or name in properties.fields:
            continue
        near = near_miss(name, properties.fields)
        meant = f'Did you mean "{near}"?' if near is not None else f'describe "{name}" in the properties'
        severity: Severity = "error" if near is not None or closed else "warning"
        yield place.fault("required", f'"{name}" is required and not among the properties', meant, severity)


def _limits(place: _Place) -> Iterator[Fault]:
    """Yield limits that exclude each other, and limits below nothing."""
    for low, high in (
        ("minItems", "maxItems"),
        ("minLength", "maxLength"),
        ("minProperties", "maxProperties"),
        ("minimum", "maximum"),
    ):
        least, most = (value.exact if isinstance(value := place.entry(key), Number) else None for key in (low, high))
        if least is not None and most is not None and least > most:
            yield place.fault(low, f'"{low}" {least} is above "{high}" {most}', "exchange them, or leave one out")
        if most is not None and most < 0 and low != "minimum":
            yield place.fault(high, f'"{high}" is below 0', "leave it out")


_TYPE_OF: Mapping[type, Callable[[Value], tuple[str, ...]]] = {
    Text: lambda value: ("string",),
    Bool: lambda value: ("boolean",),
    Nothing: lambda value: ("null",),
    Number: lambda value: ("integer", "number") if isinstance(value, Number) and value.whole else ("number",),
}
_OBJECT_ONLY, _ARRAY_ONLY = ("properties", "required"), ("items", "maxItems", "minItems")


def _values(place: _Place) -> Iterator[Fault]:
    """Yield values that the type excludes or that stand there twice, and keywords of another type."""
    kind, choices = constant(place.entry("type")), place.entry("enum")
    if isinstance(choices, Listing):
        values = [part.element for part in choices.parts]
        known = [constant(value) for value in values if isinstance(value, Text) and constant(value) is not None]
        twice = next((value for value in known if known.count(value) > 1), None)
        if twice is not None:
            yield place.fault("enum", f'"{twice}" stands there twice', "leave one out", "warning")
        wrong = [value for value in values if kind in _TYPES and kind not in _TYPE_OF.get(type(value), _any)(value)]
        if wrong:
            severity: Severity = "error" if len(wrong) == len(values) else "warning"
            yield place.fault("enum", f'a value is no {kind}, which "type" demands', "mend the type", severity)
    for own, other, foreign in (("object", "array", _ARRAY_ONLY), ("array", "object", _OBJECT_ONLY)):
        found = [key for key in foreign if place.entry(key) is not None] if kind == own else []
        if found:
            problem = f'"{found[0]}" says nothing about an {own}'
            yield place.fault(found[0], problem, f'use "type": "{other}", or move it to where that is', "warning")


def _any(value: Value) -> tuple[str, ...]:
    return _TYPES


def _reference(place: _Place) -> Iterator[Fault]:
    """Yield references that lead nowhere, and patterns that are none."""
    reference, pattern = constant(place.entry("$ref")), constant(place.entry("pattern"))
    if isinstance(reference, str) and reference.startswith("#/") and not _leads(place.given.schema, reference):
        yield place.fault("$ref", f'"{reference}" leads nowhere', 'put it under "$defs" at the top of the schema')
    if isinstance(pattern, str):
        problem = pattern_problem(pattern)
        if problem is not None:
            yield place.fault("pattern", f"this is no regular expression: {problem}", "mend the expression")


def _leads(root: Dict, reference: str) -> bool:
    """Tell whether a reference leads somewhere, as far as the schema is known."""
    target: Value = root
    for step in reference.split("/")[1:]:
        if isinstance(target, Listing):
            return True
        if not isinstance(target, Dict):
            return not isinstance(target, _KNOWN)
        found = target.fields.get(step.replace("~1", "/").replace("~0", "~"))
        if found is None:
            return target.open or target.values is not None
        target = found.value
    return True


def _nonsense(place: _Place) -> Iterator[Fault]:
    """Yield why nothing can fit a schema that is known in all its parts."""
    try:
        schema = as_json(_written(place.schema, exactly=False))
    except (_NotKnown, NotJson, RecursionError):
        return
    found = nonsense(schema, MAX_CHARACTERS) if plain(schema) else None
    if found is not None:
        node = place.schema.node or place.given.node
        problem = f"nothing fits it, {found}"
        yield Fault(node, place.path, problem, "error", "mend what is there, or leave it out")


Json: TypeAlias = dict[str, "Json"] | list["Json"] | str | int | bool | None


class _NotKnown(Exception):
    """A part of a schema is not known before the run."""


_SPARE = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "default", "examples"}
"""Keywords without which more fits, so that what is said of the rest holds with them too."""


def _written(value: Value, *, exactly: bool) -> Json:
    """Return a schema as JSON data, where it is known; what is spare may be left out unless it is wanted exactly."""
    match value:
        case Dict(open=False, schema=None, values=None, lack=None):
            written: dict[str, Json] = {}
            for key, entry in value.fields.items():
                try:
                    if not entry.sure:
                        raise _NotKnown
                    written[key] = _written(entry.value, exactly=exactly or key in ("not", "if"))
                except _NotKnown:
                    if exactly or key not in _SPARE:
                        raise
            return written
        case Listing(kind="list" | "tuple") if all(part.count == EXACTLY_ONE for part in value.parts):
            return [_written(part.element, exactly=exactly) for part in value.parts]
        case Nothing():
            return None
    known = constant(value)
    if known is None or value.lack is not None:
        raise _NotKnown
    return known


_OTHER_KEYWORDS = """
    $schema $id $comment type const not if then else default examples definitions patternProperties propertyNames
    contains dependentRequired dependentSchemas unevaluatedProperties unevaluatedItems multipleOf deprecated
"""
_KEYWORDS = {*_TAKES, *_OTHER_KEYWORDS.split()}


def _silent(place: _Place) -> Iterator[Fault]:
    """Yield objects that look like fields with their types, in the place of a schema."""
    fields = place.schema.fields
    if not fields or place.schema.open or place.schema.values is not None or _KEYWORDS & fields.keys():
        return
    if all(_names_a_type(entry.value) for entry in fields.values()):
        node = place.schema.node or place.given.node
        advice = 'write {"type": "object", "properties": {…}}'
        yield Fault(node, place.path, "it names fields where a schema is due", "warning", advice)


def _names_a_type(value: Value) -> bool:
    name = constant(value)
    return isinstance(value, Dict) or (isinstance(name, str) and (name in _TYPES or name in _OTHER_NAMES))
