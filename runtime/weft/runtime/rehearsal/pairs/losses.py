"""Pairs of which in one something was lost, and in the other it was there and found nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, NamedTuple

from weft.runtime.rehearsal.answering import Lost, Twist, fan_out_of, site_of
from weft.runtime.rehearsal.comparing import same
from weft.runtime.rehearsal.knowledge import scalars_in
from weft.runtime.rehearsal.manner import Site
from weft.runtime.rehearsal.pairs.near import Confused, Near
from weft.runtime.rehearsal.playing import Played
from weft.runtime.rehearsal.twists import (
    at,
    emptied,
    first,
    in_round,
    lose,
    made_up,
    round_of,
    setting,
    tool_gives,
    with_verdict,
)

__all__ = ["lost", "lost_partly", "unlisted"]

MOST_OPTIONS = 3
"""How many options of an answer are tried against its loss."""


async def lost(near: Near) -> AsyncIterator[Confused]:
    """All agents of a place lost, against all of them answering one thing: results must differ."""
    for site in near.sites:
        lost = await near.play(at(site, lose))
        if lost.ended.result is None or lost.problem is not None or not _asked(lost, site):
            continue
        for said, change in _answers(near, site):
            answered = await near.play(at(site, change))
            if same(lost.told, answered.told):
                yield _as_lost(near, site, said, lost, answered)
                break


async def lost_partly(near: Near) -> AsyncIterator[Confused]:
    """Some agents of a place lost, against those finding nothing, or against more of them lost: results must differ."""
    for site in near.sites:
        if site in near.skeptics:
            continue
        for part in _parts(near, site):
            one, other = await near.play(part.one[1]), await near.play(part.other[1])
            calm = one.problem is None and other.ended.result is not None and _asked(other, site)
            if calm and same(one.told, other.told):
                results = one.ended.result, other.ended.result
                yield Confused("lost or nothing", site.line, part.what, part.one[0], part.other[0], *results)
                break


class _Part(NamedTuple):
    """Two runs, each in words and as a twist."""

    what: str
    """What one cannot tell where they come to the same."""
    one: tuple[str, Twist]
    other: tuple[str, Twist]


def _parts(near: Near, site: Site) -> Iterator[_Part]:
    """Yield the pairs of runs in which other agents of a place are lost, or more of them."""
    asked = [answer.called for answer in near.base.answers if site_of(answer.called) == site]
    rounds = {round_of(called) for called in asked}
    answers, again = list(_answers(near, site)), near.answered.get(site)
    some = "the result does not tell that some of the agents were lost"
    if len({called.path for called in asked}) > len({fan_out_of(called) for called in asked}):
        for said, change in [*answers, ("gave the same answer", lambda _: again)]:
            other = f"the first of them was lost, the others {said}"
            yield _Part(some, (f"all of them {said}", at(site, change)), (other, first(site, lose, change)))
        for said, change in answers[:1]:
            yield _Part(some, (f"the first of them {said}", first(site, change)), ("it was lost", first(site, lose)))
    if len(rounds) > 1:
        for said, change in answers[:1]:
            one = f"those of the first round {said}", in_round(site, 0, change)
            yield _Part(some, one, ("they were lost", in_round(site, 0, lose)))
        what = "the result does not tell whether agents were lost in all rounds or in the last one alone"
        last = "those of the last round were lost", in_round(site, len(rounds) - 1, lose)
        yield _Part(what, ("all of them were lost", at(site, lose)), last)


async def unlisted(near: Near) -> AsyncIterator[Confused]:
    """A tool that lists something failed, against one that lists nothing: results must differ.

    Where then no agent is started, and nothing listed, so that nothing is told of anything, the loss that the run
    tells is enough.
    """
    for line, call, _ in near.listings():
        failed = await near.play(tools=tool_gives(call, Lost("refused")))
        empty = await near.play(tools=tool_gives(call, []))
        says = failed.agents or any("[]" in path for path, _ in scalars_in(failed.ended.result))
        if says and failed.problem is None and same(failed.told, empty.told):
            what = f"the result does not tell that {call.name!r} failed"
            one, other = f"{call.name!r} failed", f"{call.name!r} gave an empty list"
            yield Confused("lost or nothing", line, what, one, other, failed.ended.result, empty.ended.result)


def _asked(played: Played, site: Site) -> bool:
    """Whether agents of a place were asked at all; near a run in which they were, others may answer otherwise."""
    return any(site_of(answer.called) == site for answer in played.answers)


def _as_lost(near: Near, site: Site, said: str, lost: Played, answered: Played) -> Confused:
    if site in near.skeptics:
        kind, what = "unchecked or refuted", "the result does not tell that nobody could check anything"
    else:
        kind, what = "lost or nothing", "the result does not tell that the agents were lost"
    result = lost.ended.result, answered.ended.result
    return Confused(kind, site.line, what, "all of them were lost", f"all of them {said}", *result)


def _answers(near: Near, site: Site) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Yield what all agents of a place may answer that a loss must not be taken for."""
    if site in near.skeptics:
        yield "refuted the claim", lambda value: with_verdict(value, "refuted")
        return
    own = {leaf.path: spot for leaf, spot in near.base.spots.items() if leaf.site == site}
    lists = [spot for spot in own.values() if spot.kind == "list"]
    if lists and not any(spot.least for spot in lists):
        yield "found nothing", emptied
    if lists:
        texts = {path for path, spot in own.items() if spot.kind == "text" and "[]" in path}
        if texts:
            yield "named what nobody knows", lambda value: made_up(value, texts)
    for path, spot in own.items():
        if spot.kind == "option" and "[]" not in path:
            for option in spot.options[:MOST_OPTIONS]:
                yield f"said {option!r} in {path[-1] if path else 'answer'}", setting(path, option)
