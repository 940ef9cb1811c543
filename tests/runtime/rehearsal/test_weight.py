"""A rehearsal is bounded by what is asked and answered in it too, not by the number of agents alone."""

from __future__ import annotations

import anyio

from weft.runtime.project.harness import parse_harness
from weft.runtime.rehearsal.rehearse import rehearse
from weft.runtime.settings import Settings

LONG = """\
from weft.primitives import agent


async def main(args):
    return await agent("y" * {letters})
"""


def runs(letters: int) -> int:
    """Return how many runs are played of a harness with a prompt of so many letters."""
    harness = parse_harness(LONG.format(letters=letters), name="long", filename="long.py")
    return anyio.run(lambda: rehearse(harness, {}, Settings().resolved(), lambda _: None)).runs


def test_of_a_harness_that_asks_very_much_few_runs_are_played() -> None:
    assert runs(10) > runs(1_000_000) >= 1
