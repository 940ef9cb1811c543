"""JSON data as values of the analysis, for what primitives give and take."""

from __future__ import annotations

from collections.abc import Mapping

from weft.linter.facts.domain.intervals import EXACTLY_ONE
from weft.linter.facts.domain.values import Birth, Dict, Field, Listing, Part, Value
from weft.linter.facts.follow.expressions import constant

__all__ = ["json_value"]


def json_value(data: object) -> Value:
    """Return data as a value; what is one already stays as it is."""
    if isinstance(data, Value):
        return data
    if isinstance(data, Mapping):
        return Dict(fields={key: Field(json_value(inner)) for key, inner in data.items()}, birth=Birth(0))
    if isinstance(data, list):
        return Listing(parts=tuple(Part(EXACTLY_ONE, json_value(inner)) for inner in data), birth=Birth(0))
    return constant(data)
