"""What the offline model can do for an agent: list sentences, compare statements, check a claim, quote passages.

Each skill answers with words of the user's own files (or of the prompt) and where they stand, fitted to the schema.
A field for which there are no such words is left out, or the whole record is: nothing is made up.
"""

from __future__ import annotations

from typing import Any

from weft.runtime.agents.offline.checking import VERDICTS, verdict
from weft.runtime.agents.offline.comparing import conflicts
from weft.runtime.agents.offline.listing import record, telling
from weft.runtime.agents.offline.material import Material, option, relevant
from weft.runtime.agents.offline.quoting import quote

__all__ = ["respond"]


def respond(schema: dict[str, Any] | None, material: Material) -> Any:
    """Answer in the form that the schema asks for."""
    if schema is None:
        return quote(material)
    properties = schema.get("properties", {})
    if VERDICTS & set(properties.get("verdict", {}).get("enum", ())):
        return verdict(schema, material)
    return {name: _value(name, inner, material) for name, inner in properties.items() if _has_answer(inner)}


def _has_answer(schema: dict[str, Any]) -> bool:
    return schema.get("type") in ("array", "string")


def _value(name: str, schema: dict[str, Any], material: Material) -> Any:
    if schema.get("type") == "string":
        return option(schema["enum"], material.prompt) if schema.get("enum") else quote(material)
    items = schema.get("items", {})
    most = schema.get("maxItems", 20)
    fields = items.get("properties", {})
    if sum(inner.get("type") == "integer" for inner in fields.values()) >= 2:
        return conflicts(items, material)[:most]
    found = relevant(material)
    if items.get("type") == "string":
        return [sentence.text for sentence in telling(found, most)]
    records = {sentence: record(items, sentence, material) for sentence in found}
    chosen = telling([sentence for sentence, record in records.items() if record is not None], most)
    return [records[sentence] for sentence in chosen]
