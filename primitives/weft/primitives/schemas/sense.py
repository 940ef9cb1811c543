"""Whether a schema makes sense: that its references lead somewhere, and that anything can fit it at all.

Only what is sure is said. Of a schema that refers to itself the least is found that is consistent: values are finite,
so what nothing begins with nothing fits. `not`, `pattern` and the like are taken to leave room.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from weft.primitives.schemas.keywords import inner
from weft.primitives.schemas.references import ELSEWHERE, References
from weft.primitives.schemas.room import (
    ANYTHING,
    KINDS,
    NOTHING,
    Extent,
    Room,
    both,
    either,
    fewest,
    room_of,
)

__all__ = ["Fault", "nonsense", "strays"]

REFERENCES = ("$ref", "$dynamicRef")

LIMITING = ("min", "max", "exclusive", "multipleOf", "uniqueItems")
"""How the keywords begin that limit how much there is of a value."""

LONGEST = 160
"""Characters of a place in a schema, or of what is wrong there, that are shown."""

MOST_PARTS = 20_000
"""How many schemas within a schema are looked at; a larger one is taken to make sense."""

MOST_ROUNDS = 40
"""How often a schema that refers to itself is gone through; one that is not clear by then is taken to make sense."""


class Fault(NamedTuple):
    """Why nothing can be held against a schema, or nothing fits it."""

    place: str
    """Where in the schema, as in `$.properties.name`."""
    problem: str

    def __str__(self) -> str:
        place = (
            self.place if len(self.place) <= LONGEST else f"{self.place[: LONGEST // 2]}…{self.place[-LONGEST // 2 :]}"
        )
        return f"at {place}: {self.problem[:LONGEST]}"


def nonsense(schema: Any, most_characters: int | None = None) -> Fault | None:
    """Return why no value can fit a schema, or `None` where one may.

    Args:
        schema: As JSON data, and well formed: every keyword with a value that it can have.
        most_characters: How many a value may have, written out.
    """
    reader = _Reader(schema)
    fault = reader.leads_nowhere()
    if fault is not None or reader.too_large:
        return fault
    room = reader.settled()
    if room is None:
        return None
    size = fewest(room)
    if size is None:
        return reader.why(schema, "$")
    if most_characters is not None and size > most_characters:
        return Fault(
            "$", f"whatever fits has {size:,} characters or more, and {most_characters:,} are the most there may be"
        )
    return None


def strays(schema: Any) -> list[Any]:
    """Return what a schema refers to where no schema is due: it may be one, or anything."""
    reader = _Reader(schema)
    reader.leads_nowhere()
    return reader.references.strays


class _Reader:
    """Reads one schema."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self.references = References(root)
        self._rooms: dict[int, Room] = {}
        """What is known so far of the schemas that are referred to, by their identity."""
        self._referred: list[dict[str, Any]] = []
        """Those schemas, the ones first that others refer to."""
        self._targets: dict[tuple[int, str], Any] = {}
        self.too_large = False

    # ------------------------------------------------------------------------------------------ references

    def leads_nowhere(self) -> Fault | None:
        """Go through all that counts, and return the first reference that leads nowhere."""
        seen: set[int] = set()
        waiting: list[tuple[Any, str]] = [(self._root, "$")]
        while waiting:
            schema, place = waiting.pop()
            if not isinstance(schema, dict) or id(schema) in seen:
                continue
            seen.add(id(schema))
            if len(seen) > MOST_PARTS:
                self.too_large = True
                return None
            waiting += [(part, place + step) for step, part in inner(schema)]
            for keyword in REFERENCES:
                target = self._target(schema, keyword)
                if target is None:
                    return Fault(place, f'its reference "{schema[keyword]}" leads nowhere')
                if isinstance(target, dict):
                    self._referred.insert(0, target)
                    waiting.append((target, f"{place}({schema[keyword]})"))
        return None

    def _target(self, schema: dict[str, Any], keyword: str) -> Any:
        reference = schema.get(keyword, ELSEWHERE)
        if not isinstance(reference, str):
            return ELSEWHERE
        key = (id(schema), keyword)
        if key not in self._targets:
            found = self.references.target(schema, reference)
            # What a dynamic one means is decided by how a validator came there.
            self._targets[key] = ELSEWHERE if keyword == "$dynamicRef" and found is not None else found
        return self._targets[key]

    # ------------------------------------------------------------------------------------------ room

    def settled(self) -> Room | None:
        """Return the room that the schema leaves, or `None` where that does not become clear."""
        for _ in range(MOST_ROUNDS):
            before = dict(self._rooms)
            for schema in self._referred:
                self._rooms[id(schema)] = self.room(schema)
            if self._rooms == before:
                return self.room(self._root)
        return None

    def room(self, schema: Any) -> Room:
        """Return the room that a schema leaves, as far as is known of what it refers to."""
        if not isinstance(schema, dict):
            return NOTHING if schema is False else ANYTHING
        room = self._own(schema)
        for keyword in REFERENCES:
            target = self._target(schema, keyword)
            if isinstance(target, dict):
                room = both(room, self._rooms.get(id(target), NOTHING))
            elif target is False:
                return NOTHING
        for part in _listed(schema, "allOf"):
            room = both(room, self.room(part))
        for keyword in ("anyOf", "oneOf"):
            if options := _listed(schema, keyword):
                room = both(room, either(map(self.room, options)))
        if "if" in schema:
            met = both(self.room(schema["if"]), self.room(schema.get("then", True)))
            other = NOTHING if schema["if"] in (True, {}) else self.room(schema.get("else", True))
            room = both(room, either([met, other]))
        return NOTHING if schema.get("not") in (True, {}) else room

    def _own(self, schema: dict[str, Any]) -> Room:
        """Return the room that the keywords of a schema leave which are about values themselves."""
        types = schema.get("type", list(KINDS))
        types = types if isinstance(types, list) else [types]
        room = {kind: ANYTHING[kind] for kind in KINDS if kind in types or (kind == "number" and "integer" in types)}
        if "number" in room:
            room["number"] = _numbers(schema, whole="number" not in types)
        for kind, extent in (("string", self._texts), ("array", self._lists), ("object", self._objects)):
            if kind in room:
                room[kind] = extent(schema)
        room = {kind: extent for kind, extent in room.items() if not extent.empty}
        values = schema.get("enum", [schema["const"]] if "const" in schema else None)
        return room if not isinstance(values, list) else either(both(room_of(value), room) for value in values)

    def _texts(self, schema: dict[str, Any]) -> Extent:
        low, high = _limits(schema, "Length")
        return Extent(low, high, size=low)

    def _lists(self, schema: dict[str, Any]) -> Extent:
        low, high = _limits(schema, "Items")
        first, rest = _listed(schema, "prefixItems"), self.room(schema.get("items", True))
        rooms = [self.room(part) for part in first]
        impossible = next((index for index, room in enumerate(rooms) if not room), None if rest else len(rooms))
        if impossible is not None:
            high = impossible if high is None else min(high, impossible)
        if "contains" in schema:
            wanted, most = int(schema.get("minContains", 1)), schema.get("maxContains")
            one = both(self.room(schema["contains"]), either([*rooms, rest]))
            if wanted and (not one or (most is not None and most < wanted)):
                return Extent(most=0)
            low = max(low, wanted)
        if schema.get("uniqueItems") is True and (different := _different(rest)) is not None:
            high = min(len(rooms) + different, high if high is not None else len(rooms) + different)
        sizes = [fewest(room) or 0 for room in rooms[:low]]
        size = 2 + sum(sizes) + max(0, low - len(rooms)) * (fewest(rest) or 0) + 2 * max(0, low - 1)
        return Extent(low, high, size=size)

    def _objects(self, schema: dict[str, Any]) -> Extent:
        low, high = _limits(schema, "Properties")
        names = _needed(schema)
        if "patternProperties" not in schema and not self.room(schema.get("additionalProperties", True)):
            possible = sum(bool(self.room(part)) for part in schema.get("properties", {}).values())
            high = possible if high is None else min(high, possible)
        size = 2 + 2 * max(0, len(names) - 1)
        for name in names:
            length = fewest(self._of_name(name, schema))
            if length is None:
                return Extent(most=0)
            size += len(name) + 4 + length
        if "propertyNames" in schema:
            allowed = self.room(schema["propertyNames"])
            if any(not both(room_of(name), allowed) for name in names):
                return Extent(most=0)
            high = high if "string" in allowed else 0
        return Extent(max(low, len(names)), high, size=size)

    def _of_name(self, name: str, schema: dict[str, Any]) -> Room:
        """Return the room for the value of a property."""
        declared = schema.get("properties", {})
        if name in declared:
            return self.room(declared[name])
        return ANYTHING if "patternProperties" in schema else self.room(schema.get("additionalProperties", True))

    # ------------------------------------------------------------------------------------------ why

    def why(self, schema: Any, place: str) -> Fault:
        """Return why nothing fits a schema that nothing fits, as far in as it goes."""
        seen: set[int] = set()
        while isinstance(schema, dict) and id(schema) not in seen:
            seen.add(id(schema))
            deeper = next(((step, part) for step, part in self._decisive(schema) if not self.room(part)), None)
            if deeper is None:
                return Fault(place, self._fault_of(schema))
            place, schema = place + deeper[0], deeper[1]
        if isinstance(schema, dict):
            return Fault(place, "it contains itself again and again, so that no value has an end")
        return Fault(place, "it is false, which nothing fits")

    def _fault_of(self, schema: dict[str, Any]) -> str:
        if schema.get("not") in (True, {}):
            return "it forbids every value"
        if "enum" in schema or "const" in schema:
            return (
                "none of the values that it lists fits the rest of it"
                if schema.get("enum", True)
                else "it lists no values"
            )
        if self._own(schema):
            return "its parts exclude each other, so that no value fits them all"
        types = schema.get("type", "value")
        limits = ", ".join(f"{name} {value}" for name, value in schema.items() if name.startswith(LIMITING))
        return f"there is no {types if isinstance(types, str) else ' or '.join(types)}" + (
            f" with {limits}" if limits else " that has what it requires"
        )

    def _decisive(self, schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        """Yield the schemas in a schema without which nothing fits it, where it allows a single kind of value."""
        for keyword in REFERENCES:
            target = self._target(schema, keyword)
            if isinstance(target, dict | bool):
                yield f"({schema[keyword]})", target
        yield from ((f".allOf[{index}]", part) for index, part in enumerate(_listed(schema, "allOf")))
        if schema.get("type") == "object":
            for name in _needed(schema):
                declared = schema.get("properties", {})
                if name in declared:
                    yield f".properties.{name}", declared[name]
        if schema.get("type") == "array" and "contains" in schema and schema.get("minContains", 1):
            yield ".contains", schema["contains"]
        for keyword in ("anyOf", "oneOf"):
            options = _listed(schema, keyword)
            if options and not any(map(self.room, options)):
                yield f".{keyword}[0]", options[0]


def _numbers(schema: dict[str, Any], *, whole: bool) -> Extent:
    low, above = schema.get("minimum"), False
    if (more := schema.get("exclusiveMinimum")) is not None and (low is None or more >= low):
        low, above = more, True
    high, below = schema.get("maximum"), False
    if (less := schema.get("exclusiveMaximum")) is not None and (high is None or less <= high):
        high, below = less, True
    return Extent(low, high, above=above, below=below, whole=whole, step=schema.get("multipleOf"))


def _limits(schema: dict[str, Any], what: str) -> tuple[int, int | None]:
    low, high = schema.get(f"min{what}", 0), schema.get(f"max{what}")
    return int(low), None if high is None else int(high)


def _listed(schema: dict[str, Any], keyword: str) -> list[Any]:
    listed = schema.get(keyword)
    return listed if isinstance(listed, list) else []


def _needed(schema: dict[str, Any]) -> list[str]:
    """Return the properties that an object must have, those included that others ask for."""
    asked = schema.get("dependentRequired", {})
    names = dict.fromkeys(schema.get("required", []))
    waiting = list(names)
    while waiting:
        new = [name for name in asked.get(waiting.pop(), []) if name not in names]
        names |= dict.fromkeys(new)
        waiting += new
    return list(names)


def _different(room: Room) -> int | None:
    """Return how many different values there are, where that is known."""
    counts = [extent.count for extent in room.values()]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None
