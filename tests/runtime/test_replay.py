"""Replay: the same decisions from the record alone, and a clear word at the first difference."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import run_source

from weft.runtime.budget import Ceiling
from weft.runtime.errors import Diverged
from weft.runtime.harness import parse_harness
from weft.runtime.journal import read_journal
from weft.runtime.replay import Replayed, replay
from weft.runtime.run import Run

SHARED = """
seen = Seen()
async def step(n):
    reply = await agent(f"find {n}", label=f"a{n}")
    fresh = seen.add([reply or "lost", n % 3])
    if len(fresh) > 1:
        return await agent(f"look at {fresh} with {budget.spent()} spent", label=f"b{n}")
    return None
async def main(args):
    results = await parallel([step(n) for n in range(args["n"])], quorum=args.get("quorum"))
    return {"results": list(results), "seen": len(seen), "at": now(), "left": min(budget.remaining(), 10**6)}
"""


def again(done: Run, source: str) -> Replayed:
    harness = parse_harness(source, name="test", filename="h.py")
    return anyio.run(replay, harness, read_journal(done.folder.journal))


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_a_replay_makes_every_decision_again(data: st.DataObject) -> None:
    """Also where branches share state, where agents were lost, and where a quorum cancelled some."""
    count = data.draw(st.integers(1, 6))
    rules: list[dict[str, Any]] = []
    for n in range(count):
        answer: dict[str, Any] = data.draw(
            st.sampled_from([{"result": "same"}, {"result": f"r{n}"}, {"lost": "refused"}])
        )
        rules.append({"match": {"label": f"^a{n}$"}, "latency": data.draw(st.integers(0, 5)), **answer})
    args: dict[str, Any] = {"n": count}
    if data.draw(st.booleans()):
        args["quorum"] = data.draw(st.integers(1, count))
    stub = {"rules": rules, "default": {"result": "deep", "usage": {"input": 7, "output": 1}}}
    with TemporaryDirectory() as folder:
        done = run_source(SHARED, Path(folder), args=args, stub=stub, ceiling=Ceiling(tokens=10_000))
        assert done.state.ended is not None
        replayed = again(done, SHARED)
        assert (replayed.result, replayed.complete) == (done.state.ended.result, True)
        assert replayed.calls == len(done.state.agents)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('f"find {n}"', 'f"seek {n}"', "different: prompt"),
        ('label=f"a{n}"', 'label=f"a{n}", retries=1', "different: retries"),
        ('range(args["n"])', 'range(args["n"] + 1)', "call path"),
        ('range(args["n"])', "range(1)", "different: prompt"),
        ("results = await", "return None\n    results = await", "no further call"),
        ('"seen": len(seen)', '"seen": -1', "returned"),
        ("results = await", "await agent('extra')\n    results = await", "different: prompt"),
        ("return await agent", "return 1 / 0 or await agent", "no further call"),
    ],
)
def test_an_edited_harness_diverges_and_both_sides_are_shown(tmp_path: Path, old: str, new: str, said: str) -> None:
    done = run_source(SHARED, tmp_path, args={"n": 3}, stub={"default": {"result": "x", "latency": [1, 9]}})
    assert old in SHARED
    with pytest.raises(Diverged) as diverged:
        again(done, SHARED.replace(old, new))
    shown = f"{diverged.value.what} {diverged.value.where} {diverged.value.meaning}"
    assert "recorded" in shown
    assert "now" in shown
    assert said in shown


@pytest.mark.parametrize(
    ("old", "new"), [('label=f"a{n}"', 'label=f"renamed {n}"'), ("seen = Seen()", "\n\nseen = Seen()")]
)
def test_what_is_only_shown_does_not_diverge(tmp_path: Path, old: str, new: str) -> None:
    done = run_source(SHARED, tmp_path, args={"n": 3}, stub={"default": {"result": "x"}})
    assert again(done, SHARED.replace(old, new)).complete


def test_a_run_that_failed_replays_to_the_same_failure(tmp_path: Path) -> None:
    source = "async def main(args):\n    await agent('x')\n    return 1 / 0"
    done = run_source(source, tmp_path)
    assert again(done, source).complete
    with pytest.raises(Diverged, match="diverged"):
        again(done, source.replace("1 / 0", "1"))


def test_a_paused_run_replays_as_far_as_it_got(tmp_path: Path) -> None:
    done = run_source(SHARED, tmp_path, args={"n": 5}, max_agents=2, concurrency=1)
    assert done.state.outcome == "paused"
    replayed = again(done, SHARED)
    assert (replayed.complete, replayed.deliveries) == (False, 2)


def test_a_replay_needs_neither_model_nor_files(tmp_path: Path) -> None:
    """What the record was made with may be gone."""
    stub = tmp_path / "away.json"
    stub.write_text('{"default": {"result": "x"}}')
    done = run_source(SHARED, tmp_path, args={"n": 2}, script=stub, model="anthropic:claude-that-is-no-more")
    stub.unlink()
    assert again(done, SHARED).complete
