"""Keeping one of what says the same in other words: `semantic_dedup`. What only compares keys is in `sets`."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from typing import Any

from weft.primitives.calls import Reply, ToolCall, call, current
from weft.primitives.checks import listed
from weft.primitives.data import as_json
from weft.primitives.limits import DEFAULT_LIKENESS, MAX_TEXTS
from weft.primitives.lost import Lost
from weft.primitives.sets import Clustered, Key, key_of

__all__ = ["Distinct", "semantic_dedup"]

EQUAL = "equal texts"
"""The measure where nothing else was compared: there was but one text, or the measure failed."""


class Distinct(Clustered):
    """The items that were kept, in the order in which they were given; its attributes say what was merged, and how."""

    measure: str = EQUAL
    """What said how alike two texts are: `"lexical"`, the name of a model of embeddings, or `"equal texts"`."""
    threshold: float = DEFAULT_LIKENESS
    """How sure it had to be that two say the same."""
    lost: tuple[Lost, ...] = ()
    """Why nothing but equal texts was merged, where the measure failed."""


def semantic_dedup(
    items: Iterable[Any], *, text: str | Key, threshold: float = DEFAULT_LIKENESS
) -> Coroutine[Any, Any, Distinct]:
    """Keep one of the items that say nearly the same, whatever their wording. It starts no agents.

    Of each cluster the item is kept whose text says most, and every other one is nearly the same as that: there are
    no chains. Which items are together depends on their texts alone, not on their order. What differs in a number, a
    unit, a name or a denial is not merged. Where the project names a model of embeddings (`[embeddings]` in
    `weft.toml`) that is asked how alike two texts are, else it is told by their words: quick and careful, but what is
    said in quite other words then stays apart. `.measure` says which it was.

    The threshold says how sure it must be that two texts say the same. The lexical measure is set so that at 0.85 it
    merged none that differ of the labelled pairs it was tried on, three of four that are nearly in the same words, and
    one of four in other words; at 0.7 three of ten that it merged were wrong (`bench/likeness.py`). Of 100 pairs of
    short findings that somebody else wrote in freely chosen words it merged nine, and none of 100 that differ. With
    embeddings it is the cosine of the two.

        findings = await semantic_dedup(union(found), text="problem")
        report = [{**c["kept"], "times": 1 + len(c["merged"])} for c in findings.clusters]

    Args:
        items: At most 100,000; those that are `None` (a lost agent) are left out.
        text: The name of a field, or a function of an item, that gives the text to be compared.
        threshold: Above 0 and at most 1; at 1 only equal texts are merged.

    Returns:
        The items that were kept, as a list with `.clusters` (each `{"kept": item, "merged": [item, …]}`), `.measure`,
        `.threshold` and `.lost`. Never `None`: where the measure fails only equal texts are merged, which counts as a
        loss.

    Raises:
        TypeError, ValueError: the items, their texts or the threshold cannot mean anything.
    """
    current("semantic_dedup()")
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float)) or not 0 < threshold <= 1:
        raise ValueError(f"semantic_dedup(threshold=…) must be above 0 and at most 1, got {threshold!r}")
    given = [item for item in listed("semantic_dedup", "items", items, most=MAX_TEXTS) if item is not None]
    says = key_of("semantic_dedup", text, option="text")
    return _distinct(given, [_text(index, says(item)) for index, item in enumerate(given)], float(threshold))


def _text(index: int, said: object) -> str:
    if not isinstance(said, str):
        raise TypeError(f"semantic_dedup(text=…) must give a text, got a {type(said).__name__} for item {index}")
    text: str = as_json(said, f"the text of item {index}")
    return text


async def _distinct(items: list[Any], texts: list[str], threshold: float) -> Distinct:
    places: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        places.setdefault(text, []).append(place)
    reply = Reply()
    if len(places) > 1:
        reply = await call(ToolCall("cluster_texts", {"texts": list(places), "threshold": threshold}))
    found, measure = [[number] for number in range(len(places))], EQUAL
    if reply.value is not None:
        found, measure = _checked(reply.value, len(places))
    same = list(places.values())
    clusters = [[same[number] for number in cluster] for cluster in found]
    return _kept(items, clusters, measure, threshold, reply.lost)


def _checked(value: Any, count: int) -> tuple[list[list[int]], str]:
    """Return the clusters and the measure of an answer; what stands in for the host may say anything."""
    try:
        clusters, measure = value["clusters"], value["measure"]
        complete = sorted(number for cluster in clusters for number in cluster) == list(range(count))
    except (KeyError, TypeError):
        complete = False
    if not complete or not all(clusters) or not isinstance(measure, str):
        raise ValueError(f"semantic_dedup() got no clusters of {count} texts for an answer, but {str(value)[:80]}")
    return clusters, measure


def _kept(
    items: list[Any], clusters: list[list[list[int]]], measure: str, threshold: float, lost: Lost | None
) -> Distinct:
    """Return the first item of the first text of each cluster, with all others of that cluster beside it."""
    found = []
    for first, *others in clusters:
        merged = sorted([*first[1:], *(place for places in others for place in places)])
        found.append((first[0], {"kept": items[first[0]], "merged": [items[place] for place in merged]}))
    found.sort(key=lambda one: one[0])
    kept = Distinct(items[place] for place, _ in found)
    kept.clusters = [cluster for _, cluster in found]  # type: ignore[misc]
    kept.measure, kept.threshold = measure, threshold
    kept.lost = () if lost is None else (lost,)
    return kept
