"""What C602 advises leads out: the harness that is changed so, or given so many agents, is clean of it."""

from __future__ import annotations

import re

import pytest

from weft.linter import Finding, lint

PLAIN = """
from weft.primitives import agent, parallel


async def main(args):
    return await parallel([agent(f"Look at {n}") for n in range(WIDTH)])
"""
ASKED = """
from weft.primitives import agent, parallel

URLS = {"type": "array", "maxItems": WIDTH, "items": {"type": "string"}}
PAGES = {"type": "object", "properties": {"urls": URLS}, "required": ["urls"]}


async def main(args):
    found = await agent("Pages", schema=PAGES, critical=True)
    return await parallel([agent(f"Read {url}") for url in found["urls"]])
"""
ROUNDS = """
from weft.primitives import agent, parallel, until_dry


async def main(args):
    found = []
    for round in until_dry(max_rounds=30):
        new = await parallel([agent(f"Look at {i}: {len(found)}") for i in range(WIDTH)])
        round.found([n for n in new if n])
        found += [n for n in new if n]
    return found
"""
IN_PARTS = """
from weft.primitives import agent, parallel

FILES = [f"f{n}" for n in range(WIDTH)]


async def read_all(files):
    return await parallel([agent(f"Read {f}") for f in files])


async def main(args):
    return await parallel([read_all(FILES[i : i + 1000]) for i in range(0, len(FILES), 1000)])
"""


def over(source: str, max_agents: int = 1000) -> Finding | None:
    return next((one for one in lint(source, max_agents=max_agents).findings if one.code == "C602"), None)


@pytest.mark.parametrize("source", [PLAIN, ASKED, ROUNDS], ids=["plain", "asked", "rounds"])
@pytest.mark.parametrize("width", [60, 1300, 4096])
@pytest.mark.parametrize("most", [50, 1000])
def test_as_few_as_it_says_are_few_enough_and_no_more_are(source: str, width: int, most: int) -> None:
    found = over(source.replace("WIDTH", str(width)), most)
    if found is None or found.fix is None:
        assert width <= most
        return
    told = re.search(r"take at most (\d+) of its (\d+)", found.fix.text)
    if told is None:
        assert source == ROUNDS  # one a round is still too many
        return
    enough, wide = map(int, told.groups())
    assert wide == width
    assert over(source.replace("WIDTH", str(enough)), most) is None
    assert over(source.replace("WIDTH", str(enough + 1)), most) is not None


@pytest.mark.parametrize("source", [PLAIN, ASKED, ROUNDS, IN_PARTS])
@pytest.mark.parametrize("width", [1300, 4096])
def test_with_as_many_agents_as_it_says_the_harness_is_clean(source: str, width: int) -> None:
    harness = source.replace("WIDTH", str(width))
    found = over(harness)
    assert found is not None and found.fix is not None
    (agents,) = re.findall(r"--max-agents (\d+)", found.fix.text)
    assert lint(harness, max_agents=int(agents)).findings == ()
    assert over(harness, int(agents) - 1) is not None


def test_more_than_a_fan_out_holds_is_to_be_parted() -> None:
    """The advice of R712 leads to a fan-out of fan-outs, which is clean once as many agents are allowed."""
    (found,) = (one for one in lint(PLAIN.replace("WIDTH", "5000"), max_agents=5000).findings)
    assert (found.code, found.severity) == ("R712", "error")
    assert found.fix is not None and "a parallel over the parts" in found.fix.text
    assert lint(IN_PARTS.replace("WIDTH", "5000"), max_agents=5000).findings == ()


def test_waves_over_more_than_a_fan_out_holds_are_not_to_become_one() -> None:
    waves = (
        IN_PARTS.partition("async def read_all")[0]
        + """
async def main(args):
    found = []
    for i in range(0, len(FILES), 1000):
        found += await parallel([agent(f"Read {f}") for f in FILES[i : i + 1000]])
    return found
"""
    )
    for width, advice in ((4000, "limit=1000"), (5000, "one parallel over the pieces, each of which is a parallel")):
        (found,) = lint(waves.replace("WIDTH", str(width)), max_agents=9999).findings
        assert found.code == "B105" and found.fix is not None and advice in found.fix.text
