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
from weft.runtime.rehearsal.manner import Leaf, Site
from weft.runtime.rehearsal.pairs.near import Confused, Near
from weft.runtime.rehearsal.playing import Played
from weft.runtime.rehearsal.twists import with_verdict

__all__ = ["outvoted", "undecided", "untraced"]

MOST_TRACED = 3
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
        claims = _claims(await near.agreed(site), site)
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
        agreed = await near.agreed(site)
        for text in islice(_traced(agreed, site), MOST_TRACED):
            refuted, unfound = await near.play(_about(site, text, REFUTED)), await near.play(_never_found(site, text))
            if refuted.problem is None and same(refuted.told, unfound.told) and not same(refuted.told, agreed.told):
                what = "the result does not tell that something was found and refuted: it is neither listed nor counted"
                one, other = "all skeptics refuted something that was found", "nobody found it"
                yield _confused("refuted or not found", site, what, (one, refuted), (other, unfound))
                break


async def outvoted(near: Near) -> AsyncIterator[Confused]:
    """One skeptic of each claim does not support it, against all of them supporting it: results must differ."""
    for site in sorted(near.skeptics):
        agreed = await near.agreed(site)
        panel = max((len(paths) for paths in _claims(agreed, site).values()), default=0)
        if agreed.problem is not None or panel < 2:
            continue
        for number, (said, doubt) in enumerate(DOUBTS.items()):
            doubted = await near.play(_one_skeptic(site, number % panel, doubt))
            if same(agreed.told, doubted.told):
                what = f"the result does not tell that one of the skeptics {said}"
                one, other = "all skeptics supported the claim", f"skeptic {number % panel + 1} of each claim {said}"
                yield _confused("outvoted", site, what, (one, agreed), (other, doubted))
                break


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
        return vote(value) if _as_asked(text) in called.request.prompt else SUPPORTED(value)

    return change


def _never_found(site: Site, text: str) -> Twist:
    """Leave what holds a text out of all lists of all agents, and let all skeptics support their claims."""

    def left_out(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: left_out(part) for name, part in value.items()}
        return (
            [part for part in value if all(said != text for _, said in _texts(part))]
            if isinstance(value, list)
            else value
        )

    return lambda called, value: SUPPORTED(value) if site_of(called) == site else left_out(value)


def _traced(played: Played, site: Site) -> Iterator[str]:
    """Yield texts in what agents have listed that one claim alone holds, of each place in an answer one."""
    claims = {
        fan_out_of(answer.called): answer.called.request.prompt
        for answer in played.answers
        if site_of(answer.called) == site
    }
    seen: set[Leaf] = set()
    for answer in reversed(played.answers):  # those that were asked last are mostly those that claim it
        for path, text in _texts(answer.value):
            leaf = Leaf(site_of(answer.called), path)
            if "[]" not in path or leaf in seen or leaf.site == site:
                continue
            if sum(_as_asked(text) in prompt for prompt in claims.values()) == 1:
                seen.add(leaf)
                yield text


def _texts(value: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the texts in an answer by which a claim may be known."""
    for path, scalar in scalars_in(value):
        if isinstance(scalar, str) and len(scalar) >= LEAST_TEXT:
            yield path, scalar


def _said(value: Any) -> set[str]:
    return {text for _, text in _texts(value)}


def _as_asked(text: str) -> str:
    """Return a text as it stands in what a skeptic is asked, which is JSON."""
    return json.dumps(text, ensure_ascii=False)[1:-1]
