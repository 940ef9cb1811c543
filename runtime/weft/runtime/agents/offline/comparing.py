"""Find the numbered statements of a context that contradict each other."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from weft.runtime.agents.offline.material import Material
from weft.runtime.agents.offline.relate import SURE, Judgement, relate
from weft.runtime.agents.offline.text import Rarity, Sentence, terms

__all__ = ["conflicts", "surest"]


def conflicts(items: dict[str, Any], material: Material) -> list[dict[str, Any]]:
    """Return the pairs of numbered statements in the context whose words contradict each other, the surest first."""
    first, second = [name for name, inner in items["properties"].items() if inner.get("type") == "integer"][:2]
    texts = [name for name, inner in items["properties"].items() if inner.get("type") == "string"]
    numbered = {
        entry["number"]: Sentence(entry["statement"], str(entry.get("source", "")), 0, str(entry.get("subject", "")))
        for entry in _listed(material.context)
        if "number" in entry and "statement" in entry
    }
    about = str(material.context.get("subject", "")) if isinstance(material.context, dict) else ""
    return [
        {first: one, second: other, **dict.fromkeys(texts, judged.words)}
        for judged, one, other in _best(numbered, about)
    ]


def _best(numbered: dict[int, Sentence], about: str) -> list[tuple[Judgement, int, int]]:
    """Return the contradictions, for each statement only the surest with each other document."""
    rarity = Rarity(terms(said.text) for said in numbered.values())
    found = {
        (one, other): judged
        for one, other in combinations(sorted(numbered), 2)
        if numbered[one].source != numbered[other].source
        and (judged := relate(numbered[one], numbered[other], rarity, about=about, sure=SURE)).relation == "contradicts"
    }
    claimed = surest(
        [
            (judged.sureness, one, other, numbered[one].source, numbered[other].source)
            for (one, other), judged in found.items()
        ]
    )
    return [(found[pair], *pair) for pair in claimed]


def surest(found: list[tuple[float, int, int, str, str]]) -> list[tuple[int, int]]:
    """Return the pairs of numbers, the surest first, that have no surer one for a number with the other's document.

    Args:
        found: How sure each pair is, its two numbers, and the documents in which they stand.
    """
    taken: set[tuple[int, str]] = set()
    kept = []
    for _, one, other, here, there in sorted(found, key=lambda entry: (-entry[0], entry[1:])):
        met = {(one, there), (other, here)}
        if not met & taken:
            taken |= met
            kept.append((one, other))
    return kept


def _listed(context: Any) -> list[dict[str, Any]]:
    if isinstance(context, dict):
        return [entry for value in context.values() for entry in _listed(value)]
    if isinstance(context, list):
        return [entry for entry in context if isinstance(entry, dict)]
    return []
