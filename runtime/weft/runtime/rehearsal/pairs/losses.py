"""Pairs of which in one something was lost, and in the other it was there and found nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from weft.runtime.rehearsal.answering import Lost, fan_out_of, site_of
from weft.runtime.rehearsal.comparing import same
from weft.runtime.rehearsal.manner import Site
from weft.runtime.rehearsal.pairs.near import Confused, Near
from weft.runtime.rehearsal.playing import Played
from weft.runtime.rehearsal.twists import at, emptied, first_lost, setting, tool_gives, with_verdict

__all__ = ["lost", "unlisted"]

MOST_OPTIONS = 3
"""How many options of an answer are tried against its loss."""


async def lost(near: Near) -> AsyncIterator[Confused]:
    """All agents of a place lost, against all of them answering one thing: results must differ."""
    for site in near.sites:
        lost = await near.play(at(site, lambda _: Lost()))
        if lost.ended.result is None or lost.problem is not None or not _asked(lost, site):
            continue
        for said, change in _answers(near, site):
            answered = await near.play(at(site, change))
            if same(lost.told, answered.told):
                yield _as_lost(near, site, said, lost, answered)
                break
        else:
            if site not in near.skeptics and (partly := await _lost_partly(near, site)) is not None:
                yield partly


async def _lost_partly(near: Near, site: Site) -> Confused | None:
    """One agent of each fan-out lost and the others finding nothing, against all of them finding nothing."""
    asked = [fan_out_of(answer.called) for answer in near.base.answers if site_of(answer.called) == site]
    for said, change in _answers(near, site):
        if len(asked) == len(set(asked)):
            return None
        none = await near.play(at(site, change))
        lost = await near.play(first_lost(site, change))
        if none.problem is None and _asked(lost, site) and same(none.told, lost.told):
            what = "the result does not tell that some of the agents were lost"
            one, other = f"all of them {said}", f"the first of them was lost, the others {said}"
            return Confused("lost or nothing", site.line, what, one, other, none.ended.result, lost.ended.result)
    return None


async def unlisted(near: Near) -> AsyncIterator[Confused]:
    """A tool that lists something failed, against one that lists nothing: results must differ.

    Where then no agent is started, so that nothing is told of anything, the loss that the run tells is enough.
    """
    for line, call, _ in near.listings():
        failed = await near.play(tools=tool_gives(call, Lost("refused")))
        empty = await near.play(tools=tool_gives(call, []))
        if failed.agents and failed.problem is None and same(failed.told, empty.told):
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
    if any(spot.kind == "list" for spot in own.values()):
        yield "found nothing", emptied
    for path, spot in own.items():
        if spot.kind == "option" and "[]" not in path:
            for option in spot.options[:MOST_OPTIONS]:
                yield f"said {option!r} in {path[-1] if path else 'answer'}", setting(path, option)
