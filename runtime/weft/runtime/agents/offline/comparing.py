"""Find the numbered statements of a context that contradict each other."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from weft.runtime.agents.offline.material import Material
from weft.runtime.agents.offline.relate import relate
from weft.runtime.agents.offline.text import Rarity, terms

__all__ = ["conflicts"]


def conflicts(items: dict[str, Any], material: Material) -> list[dict[str, Any]]:
    """Return the pairs of numbered statements in the context whose words contradict each other."""
    first, second = [name for name, inner in items["properties"].items() if inner.get("type") == "integer"][:2]
    texts = [name for name, inner in items["properties"].items() if inner.get("type") == "string"]
    statements = [entry for entry in _listed(material.context) if "number" in entry and "statement" in entry]
    rarity = Rarity(terms(entry["statement"]) for entry in statements)
    about = str(material.context.get("subject", "")) if isinstance(material.context, dict) else ""
    found = []
    for a, b in combinations(statements, 2):
        if a.get("source") == b.get("source"):
            continue
        judged = relate(a["statement"], b["statement"], rarity, about=about)
        if judged.relation == "contradicts":
            found.append({first: a["number"], second: b["number"], **dict.fromkeys(texts, judged.words)})
    return found


def _listed(context: Any) -> list[dict[str, Any]]:
    if isinstance(context, dict):
        return [entry for value in context.values() for entry in _listed(value)]
    if isinstance(context, list):
        return [entry for entry in context if isinstance(entry, dict)]
    return []
