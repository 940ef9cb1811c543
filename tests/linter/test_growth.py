"""How long the linter takes grows with the harness, not with what a run of it does. Steps are counted, not time."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from bounds import bound_of
from growing import chain, nest

from weft.linter import lint
from weft.linter.facts import gather
from weft.linter.facts.follow import summaries
from weft.linter.facts.follow.recording import Recording

CHAINS = {
    "one after the other": ("a = await {f}(x)", "b = await {f}(x)", "return [a, b]"),
    "unused": ("await {f}(x)", "await {f}(x)"),
    "side by side": ("return await parallel([{f}(x), {f}(x)])",),
    "with constants": ("a = await {f}('left')", "b = await {f}('right')", "return a or b"),
    "with fields": ("a = await {f}(x)", "b = await {f}(x)", "return {'left': a, 'right': b}"),
    "where one may fail": ("try:", "    return await {f}(x)", "except AgentFailed:", "    return await {f}(x)"),
}
HANDED_ON = {
    "the result handed on": ("a = await {f}(x)", "return await {f}(a)"),
    "in a text": ("a = await {f}(x)", "b = await {f}(f'{x} again')", "return f'{a} {b}'"),
}
BESIDE = {
    "loop": ("for _ in range(2):", "    await {f}(x)", "await {f}(x)"),
    "fan-out": ("await parallel([{f}(x), {f}(x)])", "await {f}(x)"),
    "comprehension": ("a = [await {f}(x) for _ in range(2)]", "return a or await {f}(x)"),
}


def steps(source: str) -> int:
    return gather(source, ast.parse(source)).steps


@pytest.mark.slow
@pytest.mark.parametrize("body", CHAINS.values(), ids=CHAINS)
def test_steps_grow_with_the_length_of_a_chain_of_calls(body: tuple[str, ...]) -> None:
    """Each function calls the one before it twice: a run starts two to the power of the length agents."""
    six, twelve, eighteen = (steps(chain(length, *body)) for length in (6, 12, 18))
    assert eighteen - twelve <= (twelve - six) * 1.1


@pytest.mark.slow
@pytest.mark.parametrize("body", HANDED_ON.values(), ids=HANDED_ON)
def test_steps_grow_with_the_calls_that_differ(body: tuple[str, ...]) -> None:
    """A function is followed once for each place from which what it is given may come: up to as many as there are."""
    six, eighteen = (steps(chain(length, *body)) for length in (6, 18))
    assert eighteen <= six * 3**2


@pytest.mark.slow
@pytest.mark.parametrize("body", BESIDE.values(), ids=BESIDE)
def test_steps_grow_with_the_places_that_a_function_is_called_from(body: tuple[str, ...]) -> None:
    """Each function is called in a loop or fan-out and beside it, so there are as many ways to the first as agents."""
    six, twelve = (steps(chain(length, *body)) for length in (6, 12))
    assert twelve <= six * 2**3
    if "return" not in body[-1]:
        assert bound_of(chain(12, *body)).agents == 3**12


@pytest.mark.slow
@pytest.mark.parametrize("body", [*CHAINS.values(), *HANDED_ON.values()], ids=[*CHAINS, *HANDED_ON])
def test_the_bound_of_a_chain_is_exact(body: tuple[str, ...]) -> None:
    bound = bound_of(chain(20, *body))
    assert bound.agents == 2**20
    assert bound.agents_min == (1 if body[0] == "try:" else 2**20)


@pytest.mark.slow
def test_steps_grow_with_the_depth_of_loops_to_a_low_power() -> None:
    """Each level has trials of its own, in which what is further in is followed: no more than the depth cubed."""
    three, six, twelve = (steps(nest(depth)) for depth in (3, 6, 12))
    assert six <= three * 2**3
    assert twelve <= six * 2**3


@pytest.mark.slow
def test_the_bound_of_nested_loops_is_exact() -> None:
    assert bound_of(nest(12)).agents == 2**12


@pytest.mark.parametrize("times", [1, 3, 12])
def test_a_call_is_followed_again_where_what_it_reads_has_changed(times: int) -> None:
    """Or where what it is given has: never taken over from an earlier call."""
    calls = "".join("    await read(names)\n    await count()\n" for _ in range(times))
    source = f"""
SIZES = []
async def read(names):
    return await parallel([agent(f"read {{name}}") for name in names])
async def count():
    return await parallel([agent(f"count {{size}}") for size in SIZES])
async def main(args):
    names = ["a"]
{calls}    names.append("b")
    SIZES.append(1)
    await read(names)
    await count()
"""
    assert lint(source).bound.agents == times + 3


def test_what_a_call_gives_is_its_own() -> None:
    """A list from a helper is another one at each call, unless the helper hands out one that there is."""
    made = "".join(f"    own{n} = made()\n    shared{n} = given(names)\n" for n in range(12))
    source = f"""
def made():
    return []
def given(names):
    return names
async def main(args):
    names = []
{made}    own11.append("a")
    shared11.append("a")
    await parallel([agent(f"own {{x}}") for x in own10])
    await parallel([agent(f"shared {{x}}") for x in names])
"""
    assert lint(source).bound.agents == 1


def test_a_call_that_changes_something_is_always_followed() -> None:
    """Also where it gives a variable or an attribute its first value."""
    source = """
class Team:
    pass
def hire(team, n):
    global WIDTH
    WIDTH = n
    team.size = n
async def main(args):
    for _ in range(9):
        team = Team()
        hire(team, 2)
        await parallel([agent(f"wide {i}") for i in range(WIDTH)])
        await parallel([agent(f"large {i}") for i in range(team.size)])
"""
    assert lint(source).bound.agents == 9 * 4


def test_what_a_call_learns_of_its_argument_holds_for_that_one_alone() -> None:
    checked = "".join("        await use(first)\n" for _ in range(9))
    source = f"""
OK = {{"type": "object", "properties": {{"ok": {{"type": "boolean"}}}}, "required": ["ok"]}}
async def use(answer):
    if answer is None:
        return await parallel([agent(f"instead {{i}}") for i in range(5)])
    return 1
async def main(args):
    first, second = await agent("first", schema=OK), await agent("second", schema=OK)
    if first is not None:
{checked}    await use(second)
"""
    assert lint(source).bound.agents == 2 + 5


def test_calls_that_can_never_be_remembered_are_soon_recorded_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of these adds to a list that there was: recording them all would double the time."""
    recorded: list[Recording] = []

    def record(*given: Any) -> Recording:
        recorded.append(Recording(*given))
        return recorded[-1]

    monkeypatch.setattr(summaries, "Recording", record)
    writes = chain(7, "await {f}(x)", "await {f}(x)").replace(
        "    return await agent", "    x.append(1)\n    await agent"
    )
    assert lint(writes.replace('("the work")', "([])")).bound.agents == 2**7
    assert 0 < len(recorded) <= 8 * 8
