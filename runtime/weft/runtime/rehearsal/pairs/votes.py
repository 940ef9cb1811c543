"""Pairs of which skeptics vote in one way in one, and in another way in the other."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from weft.runtime.journal.events import AgentCalled
from weft.runtime.rehearsal.answering import Lost, Twist, fan_out_of, site_of
from weft.runtime.rehearsal.comparing import same
from weft.runtime.rehearsal.knowledge import scalars_in
from weft.runtime.rehearsal.manner import Site
from weft.runtime.rehearsal.pairs.near import Confused, Near
from weft.runtime.rehearsal.playing import Played
from weft.runtime.rehearsal.twists import at, with_verdict

__all__ = ["outvoted", "undecided", "untraced"]

MOST_SKEPTICS = 4
"""How many skeptics of a claim are tried, each alone."""

MOST_TRACED = 4
"""How many things that were found are refuted, one after the other."""

LEAST_TEXT = 3
"""Letters of a text by which a claim is known to be about what an agent has said."""

Vote = Callable[[Any], Any]
"""Makes another vote of one."""


def _votes(verdict: str) -> Vote:
    return lambda value: with_verdict(value, verdict)


SUPPORTED, REFUTED = _votes("supported"), _votes("refuted")

DOUBTS: Mapping[str, Vote] = {
    "has refuted the claim": REFUTED,
    "was lost": lambda _: Lost(),
    "could not check the claim": _votes("unchecked"),
    "has qualified the claim": _votes("qualified"),
}
"""What one skeptic may do while all others support a claim, in words."""


async def undecided(near: Near) -> AsyncIterator[Confused]:
    """Nobody could check one claim of several, against all skeptics refuting that one: results must differ."""
    for site in sorted(near.skeptics):
        claims = _claims(await _agreed(near, site), site)
        for claim in list(dict.fromkeys([*claims][:1] + [*claims][-1:])):
            lost = await near.play(_one_claim(site, claim, lambda _: Lost()))
            refuted = await near.play(_one_claim(site, claim, REFUTED))
            if lost.problem is None and same(lost.told, refuted.told):
                what = "the result does not tell that nobody could check one of the claims"
                one, other = "all skeptics of a claim were lost", "all of them refuted it"
                yield _confused("unchecked or refuted", site, what, (one, lost), (other, refuted))
                break


async def untraced(near: Near) -> AsyncIterator[Confused]:
    """Something was found and refuted, against it not being found: results must differ."""
    for site in sorted(near.skeptics):
        agreed = await _agreed(near, site)
        for item, text in islice(_traced(agreed, site), MOST_TRACED):
            refuted, unfound = await near.play(_about(site, text, REFUTED)), await near.play(_never_found(site, item))
            if refuted.problem is None and same(refuted.told, unfound.told) and not same(refuted.told, agreed.told):
                what = "the result does not tell that something was found and refuted: it is neither listed nor counted"
                one, other = "all skeptics refuted something that was found", "nobody found it"
                yield _confused("refuted or not found", site, what, (one, refuted), (other, unfound))
                break


async def outvoted(near: Near) -> AsyncIterator[Confused]:
    """One skeptic of each claim does not support it, against all of them supporting it: results must differ."""
    for site in sorted(near.skeptics):
        agreed = await _agreed(near, site)
        panel = max((len(paths) for paths in _claims(agreed, site).values()), default=0)
        if agreed.problem is not None or panel < 2:
            continue
        async for found in _each_alone(near, site, agreed, min(panel, MOST_SKEPTICS)):
            yield found
            break


async def _each_alone(near: Near, site: Site, agreed: Played, panel: int) -> AsyncIterator[Confused]:
    for said, doubt in DOUBTS.items():
        for number in range(panel):
            doubted = await near.play(_one_skeptic(site, number, doubt))
            if same(agreed.told, doubted.told):
                what = f"the result does not tell that one of the skeptics {said}"
                which = "the first skeptic" if not number else f"skeptic {number + 1}"
                one, other = "all skeptics supported the claim", f"{which} of each {said}"
                yield _confused("outvoted", site, what, (one, agreed), (other, doubted))


async def _agreed(near: Near, site: Site) -> Played:
    return await near.play(at(site, SUPPORTED))


def _confused(kind: str, site: Site, what: str, one: tuple[str, Played], other: tuple[str, Played]) -> Confused:
    return Confused(kind, site.line, what, one[0], other[0], one[1].ended.result, other[1].ended.result)


def _claims(played: Played, site: Site) -> dict[str, list[str]]:
    """Return the call paths of the skeptics of each claim, by what they are branches of."""
    claims: dict[str, list[str]] = {}
    for answer in sorted(played.answers, key=lambda answer: answer.called.id):
        if site_of(answer.called) == site:
            claims.setdefault(fan_out_of(answer.called), []).append(answer.called.path)
    return claims


def _one_claim(site: Site, claim: str, vote: Vote) -> Twist:
    """Let all skeptics of one claim vote in one way, and those of others support theirs."""

    def change(called: AgentCalled, value: Any) -> Any:
        if site_of(called) != site:
            return value
        return vote(value) if fan_out_of(called) == claim else SUPPORTED(value)

    return change


def _one_skeptic(site: Site, number: int, vote: Vote) -> Twist:
    """Let one skeptic of each claim vote in one way, and the others support it."""

    def change(called: AgentCalled, value: Any) -> Any:
        if site_of(called) != site:
            return value
        return vote(value) if called.path == f"{fan_out_of(called)}.{number}" else SUPPORTED(value)

    return change


def _about(site: Site, text: str, vote: Vote) -> Twist:
    """Let all skeptics of the claims that hold a text vote in one way, and those of others support theirs."""

    def change(called: AgentCalled, value: Any) -> Any:
        if site_of(called) != site:
            return value
        return vote(value) if text in called.request.prompt else SUPPORTED(value)

    return change


def _never_found(site: Site, item: Any) -> Twist:
    """Leave an item out of all lists of all agents, and let all skeptics support their claims."""

    def left_out(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: left_out(part) for name, part in value.items()}
        return [left_out(part) for part in value if part != item] if isinstance(value, list) else value

    return lambda called, value: SUPPORTED(value) if site_of(called) == site else left_out(value)


def _traced(played: Played, site: Site) -> Iterator[tuple[Any, str]]:
    """Yield items that agents have listed and that a claim is about, each with a text that only this claim holds."""
    claims: dict[str, str] = {}
    for answer in played.answers:
        if site_of(answer.called) == site:
            claims[fan_out_of(answer.called)] = answer.called.request.prompt
    found = [item for answer in played.answers if site_of(answer.called) != site for item in _items(answer.value)]
    for item in found:
        for text in _texts(item):
            if sum(text in prompt for prompt in claims.values()) == 1:
                yield item, text
                break


def _items(value: Any) -> Iterator[Any]:
    """Yield all items of all lists in an answer, those first that hold others."""
    if isinstance(value, list):
        yield from value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _items(part)


def _texts(item: Any) -> Iterator[str]:
    """Yield the texts in an item as a prompt may hold them."""
    for _, scalar in scalars_in(item):
        if isinstance(scalar, str) and len(scalar) >= LEAST_TEXT:
            yield json.dumps(scalar, ensure_ascii=False)[1:-1]
