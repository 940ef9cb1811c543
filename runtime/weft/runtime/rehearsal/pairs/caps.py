"""Pairs of which in one there is as much as may be looked at, or more, and in the other less."""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from weft.primitives.calls import ToolCall
from weft.primitives.language.parsing import parse
from weft.runtime.rehearsal.answering import ToolTwist, site_of
from weft.runtime.rehearsal.comparing import in_kind, same, same_kind
from weft.runtime.rehearsal.knowledge import scalars_in
from weft.runtime.rehearsal.manner import FULL, Leaf
from weft.runtime.rehearsal.pairs.little import tools_in
from weft.runtime.rehearsal.pairs.near import MOST_LISTS, Confused, Near
from weft.runtime.rehearsal.playing import Played
from weft.runtime.rehearsal.twists import always, another_file, items_at, others_short, shortened

__all__ = ["cut", "full"]

LISTED = 400
"""How many files there are where it is tried whether a cut of their list is told."""

MOST_ITEMS = 120
"""How many items a list may have at most that is filled to the brim."""


async def cut(near: Near) -> AsyncIterator[Confused]:
    """A long list of files, against the part of it that was looked at: results must differ."""
    plain = {site: shortened(value) for site, value in near.answered.items()}
    for line, call, texts in near.listings():
        listed = {
            another_file(texts[number % len(texts)], number): texts[number % len(texts)] for number in range(LISTED)
        }
        long = await near.play(
            lambda called, value: plain.get(site_of(called), value), tools=_opening(near, call, listed)
        )
        asked = " ".join(answer.called.request.prompt for answer in long.answers)
        used = {name: text for name, text in listed.items() if name in asked}
        left_out = [name for name in listed if name not in used]
        # Where one is named that nobody was asked about, the other run, in which it is not listed, tells another thing.
        if not used or not left_out or long.ended.outcome != "completed" or _named(long, left_out):
            continue
        short = await near.play(
            lambda called, value: plain.get(site_of(called), value), tools=_opening(near, call, used)
        )
        if same(long.told, short.told):
            what = f"the result does not tell that {len(left_out)} of {LISTED} were left out"
            one, other = f"{call.name!r} listed {LISTED}", f"{call.name!r} listed {len(used)}"
            yield Confused("full", line, what, one, other, long.ended.result, short.ended.result)


def _named(played: Played, names: list[str]) -> bool:
    told = str(played.told)
    return any(name in told for name in names)


def _opening(near: Near, listing: ToolCall, listed: dict[str, str]) -> ToolTwist:
    """Let a tool list files, each of which holds the same as another that there is."""
    held = {(call.name, str(call.arguments)): value for call, value in tools_in(near.base)}

    def answer(call: ToolCall) -> Any:
        if (call.name, call.arguments) == (listing.name, listing.arguments):
            return [*listed]
        arguments = {name: listed.get(str(value), value) for name, value in call.arguments.items()}
        return held.get((call.name, str(arguments))) if arguments != call.arguments else None

    return answer


async def full(near: Near) -> AsyncIterator[Confused]:
    """A list that came back full, against one with an item less: something must tell that there may be more."""
    caps = _written_caps(near.stage.harness.source) & {*range(2, MOST_ITEMS + 1)}
    lists = [(leaf, spot.most) for leaf, spot in near.base.spots.items() if spot.kind == "list"]
    capped = [(leaf, most) for leaf, most in lists if most in caps and not _chooses(near, leaf)]
    for leaf, most in [(leaf, most) for leaf, most in capped if leaf.site not in near.skeptics][:MOST_LISTS]:
        full, spare = await _of_length(near, leaf, FULL), await _of_length(near, leaf, (most or 0) - 1)
        if full.problem is not None:
            continue
        name = next((step for step in reversed(leaf.path) if step != "[]"), "list")
        what = ""
        if not _leaves_no_trace(full, spare):
            if same_kind(full, spare) and _asked_in_kind(full) == _asked_in_kind(spare):
                what = f"that {name!r} came back with all the {most} items that it may have, so that there may be more"
        elif await _is_cut(near, leaf, full):
            what = f"that not all of the {most} items that {name!r} may have were looked at"
        if what:
            what = f"the result does not tell {what}"
            one, other = f"{name!r} had {most} items", f"{name!r} had {most - 1}"
            yield Confused("full", leaf.site.line, what, one, other, full.ended.result, spare.ended.result)


async def _is_cut(near: Near, leaf: Leaf, full: Played) -> bool:
    """Whether it is always what stands last in a list that leaves no trace, whichever item that is."""
    answers = sorted((one for one in full.answers if site_of(one.called) == leaf.site), key=lambda one: one.called.id)
    items = items_at(answers[0].value, (*leaf.path, "[]"))[::-1] if answers else []
    if len(items) < 3 or _groups(near, leaf):
        return False
    few = [(await near.listing(leaf, listed)).told for listed in ([], items[-1:], items[-2:], items[:1])]
    if same(few[0], few[1]) or same(few[1], few[2]) or same(few[2], few[3]):
        return False  # items vanish for other reasons
    return same(*[(await near.listing(leaf, listed)).told for listed in (items, items[:-1])])


def _groups(near: Near, leaf: Leaf) -> bool:
    """Whether items hold lists of numbers: where each of what there is stands in one of them, later ones are empty."""
    inside = (*leaf.path, "[]")
    own = [(one.path[len(inside) :], spot) for one, spot in near.base.spots.items() if one.site == leaf.site]
    return any(spot.kind == "number" and path[-1:] == ("[]",) for path, spot in own)


def _written_caps(source: str) -> set[int]:
    """Return the lengths of lists that schemas are written with; one that is worked out is that of what was asked
    about, and a list that has it is complete."""
    tree = parse(source)
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    caps: set[int] = set()
    for node in (node for node in ast.walk(tree) if isinstance(node, ast.Dict)):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "maxItems":
                written = constants.get(value.id) if isinstance(value, ast.Name) else value
                if isinstance(written, ast.Constant) and isinstance(written.value, int):
                    caps.add(written.value)
    return caps


def _leaves_no_trace(one: Played, other: Played) -> bool:
    """Whether what two runs tell, and what agents are asked in them, is the same."""
    asked = [
        sorted(f"{answer.called.request.prompt} {answer.called.request.context}" for answer in played.answers)
        for played in (one, other)
    ]
    return same(one.told, other.told) and asked[0] == asked[1]


def _asked_in_kind(played: Played) -> Any:
    """Return of what kind agents are told what they are asked about."""
    return in_kind([answer.called.request.context for answer in played.answers])


def _chooses(near: Near, leaf: Leaf) -> bool:
    """Whether a list is of numbers or options: of what there is to choose from, it may hold all."""
    inside = (*leaf.path, "[]")
    spot = near.base.spots.get(Leaf(leaf.site, inside))
    said = (one.value for one in near.base.answers if site_of(one.called) == leaf.site)
    numbers = any(path == inside and not isinstance(scalar, str) for one in said for path, scalar in scalars_in(one))
    return numbers or (spot is not None and spot.kind == "option")


async def _of_length(near: Near, leaf: Leaf, length: Any) -> Played:
    manner, inside = near.base.manner, (*leaf.path, "[]")
    others = always(near.answered, leaf.site, others_short(leaf))
    free = {
        one: said for one, said in manner.fixed.items() if (one.site, one.path[: len(inside)]) != (leaf.site, inside)
    }
    return await near.play(others, replace(manner, fixed=MappingProxyType({**free, leaf: length})))
