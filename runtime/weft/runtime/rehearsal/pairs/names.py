"""Pairs of which agents spell a name in one way in one, and in another way in the other."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from weft.runtime.journal.events import AgentCalled
from weft.runtime.rehearsal.answering import Twist, site_of
from weft.runtime.rehearsal.comparing import in_any_order, same, without
from weft.runtime.rehearsal.knowledge import scalars_in
from weft.runtime.rehearsal.manner import Leaf
from weft.runtime.rehearsal.pairs.near import Confused, Near
from weft.runtime.rehearsal.playing import Played
from weft.runtime.rehearsal.twists import always, naming, other_spelling, put

__all__ = ["respelt"]

MOST_COMPARED = 3
"""How many names are tried at a place where answers are compared with names."""

MOST_SAID = 200
"""How many agents of a place say another thing each."""

LONGEST_SPELT = 60
"""Letters of such a text."""


@dataclass(frozen=True, slots=True)
class _Looked:
    """A text of answers that the harness compares with names."""

    leaf: Leaf
    names: list[str]
    settled: Twist
    """What else must be in an answer for that."""
    grouped: bool
    """Whether it compares it with what other agents say there."""


async def _looked_at(near: Near) -> list[_Looked]:
    """Return the texts of answers that are compared with any: each is made up in a run, so that it is known again."""
    leaves = [leaf for leaf, spot in near.base.spots.items() if spot.kind == "text" and leaf.site not in near.skeptics]
    marks = {leaf: f"made up {number} of it" for number, leaf in enumerate(leaves)}
    found: dict[Leaf, _Looked] = {}
    ways: tuple[Twist, ...] = (_as_said, partial(_option, near, 0), partial(_option, near, -1))
    for settled in ways:
        twist: Twist = settled
        for leaf, mark in marks.items():
            twist = _after(twist, naming(leaf, [mark]))
        compared = (await near.play(twist, watched=True)).observation.compared
        pairs = [
            (str(one), str(other))
            for pair in compared
            for one, other in ((pair.one, pair.other), (pair.other, pair.one))
        ]
        for leaf, mark in marks.items():
            others = dict.fromkeys(other for one, other in pairs if _plain(one) == mark)
            names = [name for other in others for name in _names_of(other) if not name.startswith("made up")]
            grouped = any(_plain(other) == mark for other in others)
            if leaf not in found and (names or grouped):
                found[leaf] = _Looked(leaf, names[:MOST_COMPARED], settled, grouped)
    return list(found.values())


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _names_of(text: str) -> list[str]:
    """Return a name that something was compared with; of a longer text that it was looked for in, words."""
    if _is_name(text):
        return [text]
    return [word for line in text.splitlines()[1:] for word in re.findall(r"[\w./-]{4,}", line)[:1]]


def _as_said(_: AgentCalled, value: Any) -> Any:
    return value


def _option(near: Near, number: int, called: AgentCalled, value: Any) -> Any:
    for leaf, spot in near.base.spots.items():
        if leaf.site == site_of(called) and spot.kind == "option" and "[]" not in leaf.path:
            value = put(value, leaf.path, spot.options[number])
    return value


async def respelt(near: Near) -> AsyncIterator[Confused]:
    """A known name in another spelling, against one that was made up: results must differ."""
    for looked in await _looked_at(near):
        ways = [_respelt, _respelt_beside] if looked.names else [_split, _collided]
        for way in ways:
            async for found in way(near, looked):
                yield found


async def _respelt(near: Near, looked: _Looked) -> AsyncIterator[Confused]:
    leaf, names = looked.leaf, looked.names
    respelt, invented = [other_spelling(name) for name in names], [f"made up {n}" for n in range(len(names))]
    exact, unknown, other = [
        await near.play(_after(looked.settled, naming(leaf, said))) for said in (names, invented, respelt)
    ]
    if exact.problem is not None or _alike(exact, names, unknown, invented):
        return
    if _alike(other, respelt, unknown, invented) and not any(name in str(other.told) for name in respelt):
        what = (
            f"an answer that spells a name in another way, as in {respelt[0]!r} for {names[0]!r}, is dropped "
            "like one that was made up, and the result does not tell"
        )
        yield _spelling(leaf, what, names[0], respelt[0], exact, other)


async def _respelt_beside(near: Near, looked: _Looked) -> AsyncIterator[Confused]:
    """Another spelling beside a right one, against the right one alone."""
    field, name, another = looked.leaf.path[-1], looked.names[0], looked.names[-1]
    respelt = other_spelling(another)
    for listed, item in near.lists_of_items():
        if Leaf(listed.site, (*listed.path, "[]", field)) != looked.leaf:
            continue
        one, two, other = [
            await near.listing(listed, [{**item, field: said} for said in names])
            for names in ([name], [name, another], [name, respelt])
        ]
        if one.problem is None and same(one.told, other.told) and not same(one.told, two.told):
            what = (
                f"of several items one that spells a name in another way, as in {respelt!r} for {another!r}, is "
                "dropped, and the result does not tell"
            )
            yield _spelling(looked.leaf, what, another, respelt, two, other)


def _spelling(leaf: Leaf, what: str, name: str, instead: str, one: Played, other: Played) -> Confused:
    told = f"agents named {name!r}", f"agents named {instead!r}"
    return Confused("spelling", leaf.site.line, what, *told, one.ended.result, other.ended.result)


def _alike(one: Played, names: list[str], other: Played, others: list[str]) -> bool:
    """Whether two runs tell the same but for the names that were given in them."""
    either = [*names, *others]
    return without(one.told, either, "…") == without(other.told, either, "…")


def _after(first: Twist, then: Twist) -> Twist:
    return lambda called, value: then(called, first(called, value))


async def _split(near: Near, looked: _Looked) -> AsyncIterator[Confused]:
    """Agents that spell one thing in two ways, against all spelling it alike: results must be of one form."""
    leaf = looked.leaf
    name = next((text for text in _texts_at(near, leaf) if _is_name(text)), None)
    if name is None:
        return
    names = [name, other_spelling(name)]
    alike = await near.play(always(near.answered, leaf.site, naming(leaf, names[:1])))
    mixed = await near.play(always(near.answered, leaf.site, naming(leaf, names)))
    told = [without(in_any_order(one.told), names, "…") for one in (alike, mixed)]
    if alike.problem is not None or mixed.problem is not None or len(told[0]) >= len(told[1]):
        return
    # Of things that are listed, a text may be what is said of one: that it stands there twice is another matter.
    if "[]" not in leaf.path or sorted(_numbers(told[0])) != sorted(_numbers(told[1])):
        what = f"what agents spell in two ways, as in {names[0]!r} and {names[1]!r}, counts as two"
        yield Confused(
            "spelling",
            leaf.site.line,
            what,
            f"all of them said {names[0]!r} as {leaf.path[-1]!r}",
            f"every other one said {names[1]!r}",
            alike.ended.result,
            mixed.ended.result,
        )


async def _collided(near: Near, looked: _Looked) -> AsyncIterator[Confused]:
    """All agents of a place say the same, against each another thing: what they were asked about must still be told."""
    leaf = looked.leaf
    things = list(dict.fromkeys(name for names in near.things(leaf.site) for name in names))
    if "[]" in leaf.path or len(things) < 2:
        return
    apart = await near.play(_after(looked.settled, naming(leaf, [f"{number} of many" for number in range(MOST_SAID)])))
    alike = await near.play(_after(looked.settled, naming(leaf, ["0 of many"])))
    told = str(apart.told), str(alike.told)
    gone = [name for name in things if name in told[0] and name not in told[1]]
    if gone and alike.problem is None and alike.ended.outcome == apart.ended.outcome:
        yield Confused(
            "merged",
            leaf.site.line,
            f"where agents say the same in {leaf.path[-1]!r}, nothing is told of {gone[0]!r}, which one was asked of",
            f"each of them said another thing in {leaf.path[-1]!r}",
            "all of them said the same",
            apart.ended.result,
            alike.ended.result,
        )


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+", text)


def _texts_at(near: Near, leaf: Leaf) -> Iterator[str]:
    for answer in near.base.answers:
        if site_of(answer.called) == leaf.site:
            found = ((path, scalar) for path, scalar in scalars_in(answer.value) if path == leaf.path)
            yield from (scalar for _, scalar in found if isinstance(scalar, str))


def _is_name(text: str) -> bool:
    return 0 < len(text) <= LONGEST_SPELT and text.isprintable() and text == text.strip()
