"""What a JSON Schema in the harness promises about an agent's answer, or about the arguments of the run.

Schemas are read from the values of the analysis, not from text: a schema put together from constants, spreads and
helper functions is known as well as one written in place, with the line of each part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import field
from functools import lru_cache

from weft.linter.effort import spend
from weft.linter.facts.domain.amounts import ZERO, Amount, endless, number
from weft.linter.facts.domain.births import Birth
from weft.linter.facts.domain.intervals import Interval
from weft.linter.facts.domain.joins import joined
from weft.linter.facts.domain.lazily import Lazily
from weft.linter.facts.domain.reasons import Reason
from weft.linter.facts.domain.values import (
    UNEXPLAINED,
    Bool,
    Dict,
    Field,
    Lack,
    Listing,
    Nothing,
    Number,
    Part,
    Text,
    Unknown,
    Value,
    constant,
)
from weft.linter.record import record

__all__ = ["STRING_TOKENS", "Schema", "constant", "schema_of"]

STRING_TOKENS = 500
"""What a string without `maxLength` is taken to be at most; a ceiling is a ceiling only under this assumption."""

_DEPTH = 8
"""How many arrays may nest directly in one another."""


@record()
class Schema:
    """One place in a schema; equal to any other that is the same place in the same one."""

    node: Dict
    root: Dict
    name: str
    """What the harness calls the whole schema."""
    path: str = field(default="", compare=False)
    """The place, as in `.claims[]`; one that refers to itself has many, of which this is the first."""

    @property
    def line(self) -> int:
        """Where it is written."""
        return self.node.node.lineno if self.node.node is not None else self.node.birth.line

    @property
    def open(self) -> bool:
        """Whether an object may have fields that the schema does not name."""
        extra = self.entry("additionalProperties")
        closed = extra is None or (isinstance(extra, Bool) and extra.const is False)
        unread = any(self.entry(key) is not None for key in ("patternProperties", "if", "$dynamicRef"))
        return not closed or unread or self.node.open or self.node.rest.high != ZERO or not _written(self)

    def entry(self, key: str) -> Value | None:
        """Return what the schema says under a keyword."""
        return _entry(self.node, key)

    def fields(self) -> Mapping[str, Field]:
        """Return the fields of an object, and whether the schema requires each."""
        return Lazily(_written(self), self._field)

    def _field(self, key: str) -> Field:
        return Field(_promised(_written(self)[key], 0, {}), key in self.required())

    def required(self) -> Set[str]:
        """Return the fields that an object always has."""
        return _required(self)

    def optional(self, name: str) -> bool:
        """Tell whether it names a field and does not require it."""
        return name in _written(self) and name not in self.required()

    def property(self, key: str) -> Schema | None:
        """Return the schema of a field."""
        return _written(self).get(key)

    def items(self) -> Schema | None:
        """Return the schema of the elements of an array."""
        return self.under(self.entry("items"), "[]")

    def promised(self) -> Value:
        """Return the value that the schema promises, without any lineage."""
        return _promised(self, 0, {})

    def length(self) -> Interval:
        """Return how long an array can be."""
        least, most = self.entry("minItems"), self.entry("maxItems")
        low = least.low if isinstance(least, Number) and least.low is not None else ZERO
        if isinstance(most, Number):
            return Interval(low, most.high)
        place = self.path.removeprefix(".") or "the answer"
        why = f'"{place}" in {self.name} has no maxItems'
        fix = f'set "maxItems" on "{place}", or slice the list'
        return Interval(low, endless(Reason(self.line, why, fix, "schema")))

    def under(self, value: Value | None, step: str) -> Schema | None:
        """Return the schema one step further in."""
        return _resolved(Schema(value, self.root, self.name, self.path + step)) if isinstance(value, Dict) else None

    def conjuncts(self) -> Iterator[Schema]:
        """Yield the schemas all of which hold here."""
        yield self
        every = self.entry("allOf")
        inner = [self.under(part.element, "") for part in every.parts] if isinstance(every, Listing) else []
        yield from (part for part in inner if part is not None)


@lru_cache(maxsize=128)  # asked at each reading of a field, and there may be as many of those as fields
def _written(schema: Schema) -> Mapping[str, Schema | None]:
    """Return the schemas of the fields of an object."""
    found: dict[str, Schema | None] = {}
    for part in schema.conjuncts():
        properties = part.entry("properties")
        if isinstance(properties, Dict):
            spend(len(properties.fields))
            found |= {key: part.under(entry.value, f".{key}") for key, entry in properties.fields.items()}
    return found


@lru_cache(maxsize=128)
def _required(schema: Schema) -> frozenset[str]:
    return frozenset(text for part in schema.conjuncts() for text in _texts(part.entry("required")))


def schema_of(value: Value | None, name: str) -> Schema | None:
    """Return the schema that a value of the analysis is, if it is a dict."""
    return _resolved(Schema(value, value, name)) if isinstance(value, Dict) else None


def _resolved(schema: Schema) -> Schema | None:
    """Follow `$ref` within the document; `None` when it leads nowhere."""
    for _ in range(_DEPTH):
        reference = constant(schema.entry("$ref"))
        if not isinstance(reference, str):
            return schema
        target: Value | None = schema.root
        for step in reference.removeprefix("#").split("/")[1:]:
            target = _entry(target, step) if isinstance(target, Dict) else None
        if not isinstance(target, Dict):
            return None
        schema = Schema(target, schema.root, schema.name, schema.path)
    return None


_Known = dict[tuple[Schema, int], Value]
"""What is known already of the value that is being put together: of each place at each depth."""


def _promised(schema: Schema | None, depth: int, known: _Known) -> Value:
    if schema is None or depth > _DEPTH:
        return Unknown(lack=UNEXPLAINED, why="its schema is not known")
    if (schema, depth) not in known:
        known[schema, depth] = _put_together(schema, depth, known)
    return known[schema, depth]


def _put_together(schema: Schema, depth: int, known: _Known) -> Value:
    for key in ("anyOf", "oneOf"):
        members = schema.entry(key)
        if isinstance(members, Listing):
            return joined([_promised(schema.under(part.element, ""), depth + 1, known) for part in members.parts])
    kinds = _texts(schema.entry("type")) or _implied(schema)
    values = [_of_type(kind, schema, depth, known) for kind in kinds]
    return joined(values) if values else Unknown(lack=UNEXPLAINED, why="its schema does not say what it is")


def _implied(schema: Schema) -> list[str]:
    """Return the type of a schema that does not name one but says things that only one type can mean."""
    for key, kind in (("properties", "object"), ("items", "array"), ("enum", "string"), ("const", "string")):
        if schema.entry(key) is not None:
            return [kind]
    return []


def _of_type(kind: str, schema: Schema, depth: int, known: _Known) -> Value:
    line = schema.line
    match kind:
        case "object":
            return Dict(schema=schema, birth=Birth(line))
        case "array":
            part = Part(schema.length(), _promised(schema.items(), depth + 1, known))
            return Listing(parts=(part,), apart=True, birth=Birth(line, promised=schema))
        case "string":
            free = schema.entry("enum") is None and schema.entry("const") is None
            return Text(tokens=_string_tokens(schema), most=_characters(schema), said=free)
        case "boolean":
            return Bool()
        case "null":
            return Nothing(lack=Lack(f"{schema.name}{schema.path} may be null", line))
        case "integer" | "number":
            return _number(schema, whole=kind == "integer")
    return Unknown(lack=UNEXPLAINED)


def _number(schema: Schema, *, whole: bool) -> Number:
    low, high = (schema.entry(key) for key in ("minimum", "maximum"))
    reason = Reason(schema.line, f"no maximum on {schema.name}{schema.path}", 'set "maximum"', "schema")
    return Number(
        low=low.low if isinstance(low, Number) else None,
        high=high.high if isinstance(high, Number) else endless(reason),
        whole=whole,
    )


def _characters(schema: Schema) -> int | None:
    """Return how many characters a string has at most, by what it is limited to or by what it must be."""
    listed = schema.entry("enum")
    options = [constant(part.element) for part in listed.parts] if isinstance(listed, Listing) else []
    most = constant(schema.entry("maxLength"))
    if options and all(isinstance(option, str) for option in options):
        return max(len(str(option)) for option in options)
    return most if isinstance(most, int) else None


def _string_tokens(schema: Schema) -> Amount:
    most = constant(schema.entry("maxLength"))
    return number(-(-most // 4) if isinstance(most, int) else STRING_TOKENS)


def _entry(value: Value, key: str) -> Value | None:
    found = value.fields.get(key) if isinstance(value, Dict) else None
    return None if found is None else found.value


def _texts(value: Value | None) -> list[str]:
    if isinstance(value, Listing):
        found = [constant(part.element) for part in value.parts]
        return [text for text in found if isinstance(text, str)]
    text = constant(value)
    return [text] if isinstance(text, str) else []
