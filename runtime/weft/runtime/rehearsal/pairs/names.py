"""Pairs of which agents spell a name in one way in one, and in another way in the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator

from weft.runtime.rehearsal.answering import TEXT, site_of
from weft.runtime.rehearsal.comparing import in_any_order, same, without
from weft.runtime.rehearsal.knowledge import scalars_in
from weft.runtime.rehearsal.manner import Leaf
from weft.runtime.rehearsal.pairs.near import Confused, Near
from weft.runtime.rehearsal.twists import always, naming, other_spelling

__all__ = ["respelt", "split"]

MOST_COMPARED = 3
"""How many names are tried at a place where answers are compared with names."""

MOST_SPELT = 6
"""How many texts of answers are spelt in two ways, one after the other."""

LONGEST_SPELT = 60
"""Letters of such a text."""


async def respelt(near: Near) -> AsyncIterator[Confused]:
    """A known name in another spelling, against a name that was made up: results must differ."""
    for leaf, names in _compared_names(near):
        exact = await near.play(naming(leaf, names))
        respelt, invented = [other_spelling(name) for name in names], [f"made up {n}" for n in range(len(names))]
        other = await near.play(naming(leaf, respelt))
        unknown = await near.play(naming(leaf, invented))
        texts = without(other.told, respelt, "…"), without(unknown.told, invented, "…")
        told = any(name in str(other.told) for name in respelt)
        if texts[0] == texts[1] and not told and not same(exact.told, other.told) and exact.problem is None:
            yield Confused(
                "spelling",
                leaf.site.line,
                f"an answer that spells a name in another way, as in {respelt[0]!r} for {names[0]!r}, is dropped "
                "like one that was made up, and the result does not tell",
                f"agents named {names[0]!r}",
                f"agents named {respelt[0]!r}",
                exact.ended.result,
                other.ended.result,
            )


def _compared_names(near: Near) -> Iterator[tuple[Leaf, list[str]]]:
    """Yield the texts of answers that the harness compares with names that it knows, and those names."""
    for leaf, spot in list(near.base.spots.items()):
        names = [text for text in near.known.of_leaf(leaf) if isinstance(text, str) and _is_name(text)]
        if spot.kind == "text" and names and leaf.site not in near.skeptics:
            yield leaf, names[:MOST_COMPARED]


async def split(near: Near) -> AsyncIterator[Confused]:
    """Agents that spell one thing in two ways, against all spelling it alike: results must be of one form."""
    tried = 0
    for leaf, spot in near.base.spots.items():
        learned = {text for text in near.known.of_leaf(leaf) if isinstance(text, str)}
        if spot.kind != "text" or leaf.path in ((), TEXT) or leaf.site in near.skeptics:
            continue
        if not learned or not _are_said(near, learned, leaf):  # it is compared with other answers alone
            continue
        name = next((text for text in _texts_at(near, leaf) if _is_name(text)), None)
        if name is None or tried >= MOST_SPELT:
            continue
        tried += 1
        names = [name, other_spelling(name)]
        alike = await near.play(always(near.answered, leaf.site, naming(leaf, names[:1])))
        mixed = await near.play(always(near.answered, leaf.site, naming(leaf, names)))
        told = [without(in_any_order(one.told), names, "…") for one in (alike, mixed)]
        if alike.problem is None and mixed.problem is None and len(told[0]) < len(told[1]):
            yield Confused(
                "spelling",
                leaf.site.line,
                f"what agents spell in two ways, as in {names[0]!r} and {names[1]!r}, counts as two",
                f"all of them said {names[0]!r} as {leaf.path[-1]!r}",
                f"every other one said {names[1]!r}",
                alike.ended.result,
                mixed.ended.result,
            )


def _are_said(near: Near, texts: Iterable[str], leaf: Leaf) -> bool:
    """Whether all of these are what agents have said at a leaf, or a part of it."""
    said = "\n".join(near.said.get(leaf, ()))
    return all(text in said for text in texts)


def _texts_at(near: Near, leaf: Leaf) -> Iterator[str]:
    for answer in near.base.answers:
        if site_of(answer.called) == leaf.site:
            found = ((path, scalar) for path, scalar in scalars_in(answer.value) if path == leaf.path)
            yield from (scalar for _, scalar in found if isinstance(scalar, str))


def _is_name(text: str) -> bool:
    return 0 < len(text) <= LONGEST_SPELT and text.isprintable() and text == text.strip()
