"""What rehearsals tell of time: where it is idle, the longest chain of agents, rounds, and what phases take."""

from __future__ import annotations

import pytest
from unconfined import without_processes

from weft.runtime import Rehearsal, rehearsed

SOURCE = """from weft.primitives import agent, parallel, phase, until_dry

FOUND = {"type": "array", "maxItems": 2, "items": {"type": "string"}}


async def main(args):
    phase("Read")
    read = await parallel([agent(f"Read {n}") for n in range(5)])
    phase("Hunt")
    hunt = until_dry(max_rounds=3)
    for round in hunt:
        round.found(await agent(f"Hunt {round.number}", schema=FOUND) or [])
    phase("Write")
    text = await agent("Write it up")
    return [read, len(read.lost), text]
"""


@pytest.fixture(scope="module")
def done() -> Rehearsal:
    with pytest.MonkeyPatch.context() as patch:
        without_processes(patch)
        return rehearsed(SOURCE, runs=24)


def test_at_a_barrier_it_is_told_how_long_the_first_waits_for_the_last(done: Rehearsal) -> None:
    (barrier,) = done.barriers
    assert (barrier.place, barrier.followed) == ("8", True)
    assert 0 < barrier.share.p50 <= barrier.share.p90 <= barrier.share.max < 1
    assert barrier.seconds.p50 > 0


def test_the_longest_chain_takes_as_long_as_the_run(done: Rehearsal) -> None:
    assert [one.place for one in done.path] == ["8", "12", "14"]
    assert [one.agents.p50 for one in done.path] == [1, 3, 1]
    for timing in done.timings:
        assert sum(leg.seconds for leg in timing.path) == pytest.approx(timing.seconds)


def test_rounds_and_phases_have_their_spreads(done: Rehearsal) -> None:
    (loop,) = done.loops
    assert (loop.line, loop.helper) == (11, "until_dry") and 1 <= loop.rounds.p50 <= loop.rounds.max <= 3
    phases = {phase.phase: phase for phase in done.phases}
    assert [*phases] == ["Read", "Hunt", "Write"]
    assert (phases["Read"].agents.p50, phases["Write"].agents.max) == (5, 1)
    assert sum(phase.minutes.p50 for phase in done.phases) == pytest.approx(done.minutes.p50, rel=0.6)


def test_all_runs_are_not_written_out_with_what_they_show(done: Rehearsal) -> None:
    assert len(repr(done)) < 5_000
