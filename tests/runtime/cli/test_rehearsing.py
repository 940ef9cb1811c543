"""`weft rehearse`: what it shows, as text and as JSON data, and what it says to what cannot be rehearsed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from command import Done, weft
from unconfined import without_processes

HARNESS = '''"""Read, and write it up."""

from weft.primitives import agent, parallel, phase

ARGS = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "maximum": 9}}}


async def main(args):
    phase("Read")
    read = await parallel([agent(f"Read {n}") for n in range(args["n"])])
    phase("Write")
    return [await agent("Write it up"), len(read.lost), read]
'''

SPREAD = {"p50", "p90", "max"}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Rehearse a harness in a project of its own; without a source, none that is there."""
    without_processes(monkeypatch)

    def run(source: str | None, *words: str) -> Done:
        if source is not None:
            (tmp_path / "h.py").write_text(source)
        return weft(tmp_path, "rehearse", "h.py", "--runs", "8", *words, HOME=str(tmp_path / "home"))

    return run


def body(text: str) -> str:
    return f"from weft.primitives import agent\n\n\nasync def main(args):\n    {text}\n"


def test_it_tells_in_a_few_lines_what_was_reached_and_where_it_is_idle(run: Callable[..., Done]) -> None:
    done = run(HARNESS, "--n", "6")
    said = done.out.splitlines()
    assert done.code == 0 and said[0] == "rehearsed 8 runs with 7 simulated agents; 6 of 6 statements reached"
    assert [line.split()[0] for line in said[1:]] == ["idle", "longest"]
    assert max(map(len, said)) <= 80


def test_as_data_it_has_every_spread(run: Callable[..., Done]) -> None:
    done = run(HARNESS, "--args", '{"n": 3}', "--json").json
    assert (done["runs"], done["sound"], done["agents"]["max"]) == (8, True, 4)
    for spread in (done["agents"], done["tokens"], done["usd"], done["minutes"]):
        assert set(spread) == SPREAD
    for phase in done["phases"]:
        assert {set(phase[amount]) == SPREAD for amount in ("agents", "tokens", "usd", "minutes")} == {True}
    assert [(one["place"], one["followed"]) for one in done["barriers"]] == [("10", True)]
    assert [one["place"] for one in done["critical_path"]] == ["10", "12"]
    assert (done["rounds"], done["ceiling"], done["closed"]) == ([], None, [])
    assert done["forecast"]["agents"]["worst"] == 4


def test_the_same_seed_says_the_same(run: Callable[..., Done]) -> None:
    first, again, other = (run(HARNESS, "--n", "3", "--json", "--seed", seed).json for seed in ("1", "1", "2"))
    assert first == again and first["minutes"] != other["minutes"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("return [await agent('x'), float('inf')]", "broke at line 5"),
        ("return [await agent(f'x {i}') for i in await agent('y', schema={'type': 'array'}) or []]", "no end in"),
    ],
)
def test_what_cannot_be_returned_and_what_does_not_end_is_found(run: Callable[..., Done], text: str, said: str) -> None:
    done = run(body(text), "--max-agents", "2")
    assert (done.code, said in done.out) == (1, True), done.out


@pytest.mark.parametrize(
    ("source", "words", "code"),
    [
        (None, (), 2),
        (HARNESS, ("--n", "3", "--runs", "0"), 2),
        (HARNESS, ("--args", "[1]"), 3),
        (HARNESS, ("--n", "many"), 2),
        (HARNESS, ("--args", '{"n": 99}'), 3),
        (body("while True:\n        await agent('x')"), (), 3),
        ("def main(:\n", (), 3),
    ],
)
def test_what_cannot_be_rehearsed_is_told(
    run: Callable[..., Done], source: str | None, words: tuple[str, ...], code: int
) -> None:
    done = run(source, *words)
    assert (done.code, done.out) == (code, "") and done.err, (done.out, done.err)
