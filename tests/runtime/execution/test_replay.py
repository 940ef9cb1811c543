"""Replay: the same decisions from the record alone, and a clear word at the first difference."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from running import run_source

from weft.runtime.errors import Diverged
from weft.runtime.execution.replay import Recorded, Replayed, replay
from weft.runtime.execution.run import Run
from weft.runtime.journal import read_journal
from weft.runtime.journal.events import AgentCalled, Problem, RunEnded
from weft.runtime.project.harness import parse_harness
from weft.runtime.request import AgentReply, AgentRequest
from weft.sandbox.errors import SandboxDied, SandboxStuck
from weft.sandbox.protocol import Failed, Finished

SHARED = """
seen = Seen()
async def step(n):
    reply = await agent(f"find {n}", label=f"a{n}")
    fresh = seen.add([reply or "lost", n % 3])
    if len(fresh) > 1:
        return await agent(f"look at {fresh} with {budget.spent('tokens')} spent", label=f"b{n}")
    return None
async def main(args):
    results = await parallel([step(n) for n in range(args["n"])], quorum=args.get("quorum"))
    return {"results": list(results), "seen": len(seen), "at": now(), "left": min(budget.remaining("tokens"), 10**6)}
"""


def again(done: Run, source: str) -> Replayed:
    harness = parse_harness(source, name="test", filename="h.py")
    return anyio.run(replay, harness, read_journal(done.folder.journal))


@settings(max_examples=12)
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
        done = run_source(SHARED, Path(folder), args=args, stub=stub, budget_tokens=10_000)
        assert done.state.ended is not None
        replayed = again(done, SHARED)
        assert (replayed.result, replayed.complete) == (done.state.ended.result, True)
        assert replayed.calls == len(done.state.agents)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('f"find {n}"', 'f"seek {n}"', "different: prompt"),
        ('label=f"a{n}"', 'label=f"a{n}", max_tokens=9', "different: max_tokens"),
        ('range(args["n"])', 'range(args["n"] + 1)', "call path"),
        ('range(args["n"])', "range(1)", "no further call"),
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


def test_both_sides_are_shown_where_they_differ_with_the_line_and_the_likely_cause(tmp_path: Path) -> None:
    """Also deep inside a long prompt under the same label."""
    source = SHARED.replace('f"find {n}"', "f\"{'Look well. ' * 50} find {n} here\"")
    done = run_source(source, tmp_path, args={"n": 2}, stub={"default": {"result": "x"}})
    with pytest.raises(Diverged) as diverged:
        again(done, source.replace("find {n} here", "seek {n} here"))
    lines = [line.strip() for line in str(diverged.value.where).split("\n")]
    assert lines[0].startswith("recorded  agent 'a0' at /0.0, line 4")
    assert lines[1].startswith("now       agent 'a0' at /0.0") and lines[1].endswith("line 4")
    assert lines[2:] == [
        "prompt",
        "recorded  …k well. Look well. find 0 here",
        "now       …k well. Look well. seek 0 here",
    ]
    assert str(diverged.value.meaning).startswith("different: prompt; the harness is not the recorded one; ")


def test_the_recorded_harness_that_does_something_else_is_not_blamed(tmp_path: Path) -> None:
    done = run_source(SHARED, tmp_path, args={"n": 2}, stub={"default": {"result": "x"}})
    events = read_journal(done.folder.journal)
    for index, (at, event) in enumerate(events):
        if isinstance(event, AgentCalled) and event.id == 1:
            events[index] = (at, replace(event, path="/0.7", line=99))
    harness = parse_harness(SHARED, name="test", filename="h.py")
    with pytest.raises(Diverged) as diverged:
        anyio.run(replay, harness, events)
    assert "the harness is the recorded one, so weft or Python" in str(diverged.value.meaning)
    assert "/0.7" in str(diverged.value.where) and "/0.1" in str(diverged.value.where)


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


def test_a_result_that_did_not_fit_is_compared_too(tmp_path: Path) -> None:
    source = "RESULT = {'type': 'string'}\nasync def main(args):\n    return [await agent('x'), 1]"
    done = run_source(source, tmp_path, stub={"default": {"result": "paid for"}})
    assert again(done, source).result == ["paid for", 1]
    with pytest.raises(Diverged) as diverged:
        again(done, source.replace(", 1]", ", 2]"))
    assert "['paid for', 1]" in str(diverged.value.where) and "['paid for', 2]" in str(diverged.value.where)


class TestCutShort:
    """A run that a limit of the sandbox ended: where it was cut is the machine's doing, that it was is on record."""

    SOURCE = "async def main(args):\n    await agent('x')\n    return await parallel([agent('y'), agent('z')])"

    def record(self, folder: Path, problem: Problem, *, calls: int = 3, source: str = SOURCE) -> Recorded:
        """Return the record of a run that ended so, and of a replay that has made this many calls."""
        done = run_source(self.SOURCE, folder)
        assert done.state.started is not None and done.state.ended is not None
        ended = replace(done.state.ended, outcome="error", result=None, problem=problem)
        events = [event for _, event in read_journal(done.folder.journal) if not isinstance(event, RunEnded)]
        harness = parse_harness(source, name="test", filename="h.py")
        record = Recorded(done.state.started, [*events, ended], harness)
        record.calls = calls
        return record

    @pytest.mark.slow
    @pytest.mark.parametrize("recorded", ["cpu", "sandbox"])
    @pytest.mark.parametrize(
        ("now", "complete"),
        [
            (Failed(kind="cpu", message="computed too long", line=7), True),  # on another line than then
            (SandboxDied("the process died"), True),
            (None, False),  # it was killed from outside while agents were at work
            (Finished(value=1), False),  # this machine is faster
        ],
    )
    def test_the_same_harness_does_not_diverge(
        self, tmp_path: Path, recorded: str, now: Failed | SandboxDied | Finished | None, complete: bool
    ) -> None:
        problem = Problem(type=recorded, message="cut", line=3)
        assert self.record(tmp_path, problem).check_end(now) is complete
        assert self.record(tmp_path, problem, calls=1).check_end(now) is complete  # the last calls were lost with it

    @pytest.mark.parametrize("now", [Finished(value=1), Failed(kind="script", message="boom", line=3)])
    def test_an_edited_harness_must_still_be_cut_short(self, tmp_path: Path, now: Finished | Failed) -> None:
        record = self.record(tmp_path, Problem(type="cpu", message="cut"), source=self.SOURCE + "  # edited")
        assert record.check_end(Failed(kind="cpu", message="computed too long", line=7))
        with pytest.raises(Diverged, match="diverged"):
            record.check_end(now)

    def test_other_failures_are_compared_with_their_line(self, tmp_path: Path) -> None:
        record = self.record(tmp_path, Problem(type="script", message="boom", line=3))
        assert record.check_end(Failed(kind="script", message="boom", line=3))
        with pytest.raises(Diverged):
            record.check_end(Failed(kind="script", message="boom", line=4))

    def test_a_replay_that_is_cut_off_itself_says_so(self, tmp_path: Path) -> None:
        record = self.record(tmp_path, Problem(type="script", message="boom", line=3), calls=1)
        with pytest.raises(SandboxDied):
            record.check_end(SandboxDied("died"))
        with pytest.raises(SandboxStuck, match="computed too long"):
            record.check_end(Failed(kind="cpu", message="computed too long", line=2))


def test_the_default_tools_of_then_are_compared_not_those_of_today(
    tmp_path: Path,
) -> None:
    then = ("read_file", "telegraph")
    done = run_source(SHARED, tmp_path, args={"n": 2}, stub={"default": {"result": "x"}}, tools=then)
    assert done.state.agents[0].called.request.tools == ("read_file", "telegraph")
    assert again(done, SHARED).complete


def test_a_paused_run_replays_as_far_as_it_got(tmp_path: Path) -> None:
    done = run_source(SHARED, tmp_path, args={"n": 5}, max_agents=2, concurrency=1)
    assert done.state.outcome == "paused"
    replayed = again(done, SHARED)
    assert (replayed.complete, replayed.deliveries) == (False, 2)


def test_every_beginning_of_a_record_replays_as_far_as_it_goes(tmp_path: Path) -> None:
    """A run may be killed after any event; also between answers that were recorded together and one delivery."""

    async def at_once(request: AgentRequest) -> AgentReply:
        return AgentReply(value=request.prompt)

    done = run_source(SHARED, tmp_path, args={"n": 4}, agents=at_once)
    events = read_journal(done.folder.journal)
    kinds = [event.type for _, event in events]
    assert ("agent_finished", "agent_finished") in pairwise(kinds)
    harness = parse_harness(SHARED, name="test", filename="h.py")
    for size in range(1, len(events)):
        replayed = anyio.run(replay, harness, events[:size])
        assert replayed.deliveries == sum(kind == "agent_finished" for kind in kinds[:size])


def test_a_call_too_many_in_the_middle_of_a_run_that_was_cut_off_diverges(tmp_path: Path) -> None:
    done = run_source(SHARED, tmp_path, args={"n": 5}, max_agents=3, concurrency=1)
    edited = SHARED.replace("async def main(args):", "async def main(args):\n    await agent('more')")
    with pytest.raises(Diverged):
        again(done, edited)
    longer = SHARED.replace("    fresh = seen", "    n == 0 and await agent('more')\n    fresh = seen")
    with pytest.raises(Diverged, match="diverged at call 5"):
        again(done, longer)


def test_a_replay_needs_neither_model_nor_files(tmp_path: Path) -> None:
    """What the record was made with may be gone."""
    stub = tmp_path / "away.json"
    stub.write_text('{"default": {"result": "x"}}')
    done = run_source(SHARED, tmp_path, args={"n": 2}, script=stub, model="anthropic:claude-that-is-no-more")
    stub.unlink()
    assert again(done, SHARED).complete


def test_answers_are_handed_over_in_the_order_of_the_record(tmp_path: Path) -> None:
    """Also one that comes while the harness computes, before it reaches a saved harness."""
    (tmp_path / ".weft" / "workflows").mkdir(parents=True)
    (tmp_path / ".weft" / "workflows" / "saved.py").write_text("async def main(args):\n    return 'saved'")
    source = """
order = []

async def slow():
    await agent("slow")
    order.append("slow")

async def other():
    await agent("fast")
    sum(n for n in range(6_000_000))
    order.append(await workflow("saved"))

async def main(args):
    await parallel([slow(), other()])
    return order
"""

    async def agents(request: AgentRequest) -> AgentReply:
        await anyio.sleep(0.1 if request.prompt == "slow" else 0)
        return AgentReply(value="x")

    done = run_source(source, tmp_path, agents=agents, virtual_time=False, script=Path("none"))
    assert done.state.ended is not None and done.state.outcome == "completed"
    assert again(done, source).result == done.state.ended.result


SAVED_AND_REFUSED = """
order = []

async def asked(n):
    short = await agent(f"{n} after {order}", label="short")
    order.append([n, short])
    return short or await agent(f"{n} again after {order}", label="again")

async def saved(n):
    order.append([n, await workflow("saved", {"n": n})])

async def main(args):
    await agent("first")
    await parallel([asked(n) if branch == "asked" else saved(n) for n, branch in enumerate(args["branches"])])
    return order
"""


@settings(max_examples=8)
@given(branches=st.lists(st.sampled_from(["asked", "saved"]), min_size=2, max_size=6), tokens=st.integers(1, 6))
@example(branches=["asked", "saved"], tokens=1)
def test_that_an_agent_cannot_start_is_heard_when_it_is_on_record(branches: list[str], tokens: int) -> None:
    """Beside saved harnesses, which are on record and handed over at another point of the same turn."""
    stub = {"default": {"result": "x", "usage": {"input": 900, "output": 100}}}
    with TemporaryDirectory() as folder:
        (Path(folder) / ".weft" / "workflows").mkdir(parents=True)
        (Path(folder) / ".weft" / "workflows" / "saved.py").write_text(
            "async def main(args):\n    return await agent(f'saved {args}', label='saved')"
        )
        done = run_source(
            SAVED_AND_REFUSED,
            Path(folder),
            args={"branches": branches},
            stub=stub,
            budget_tokens=1000 * tokens,
            on_budget="finish",
        )
        assert done.state.outcome == "completed"
        assert again(done, SAVED_AND_REFUSED).complete


def test_a_call_more_of_an_edited_harness_is_a_divergence_of_a_killed_run_too(tmp_path: Path) -> None:
    source = "async def main(args):\n    return list(await parallel([agent('one'), agent('two')]))\n"
    done = run_source(source, tmp_path)
    killed = [event for event in read_journal(done.folder.journal) if not isinstance(event[1], RunEnded)]

    def replayed(script: str) -> Replayed:
        return anyio.run(replay, parse_harness(script, name="test", filename="h.py"), killed)

    assert replayed(source).deliveries == 2
    with pytest.raises(Diverged, match="diverged at call 2"):
        replayed(source.replace("agent('two')]", "agent('two'), agent('three')]"))
