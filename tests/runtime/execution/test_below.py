"""Agents that have others answer: what they ask is the run's own, under its limits, in its journal, paid for once."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import anyio
import pytest
from below import Asked, Caller, Does, lead_harness, told
from running import resume_source, run_source
from unconfined import without_processes

from weft.linter import lint
from weft.primitives.lost import Spent
from weft.runtime.errors import Refused
from weft.runtime.execution.below import FIRST
from weft.runtime.execution.replay import replay
from weft.runtime.execution.result import result_object
from weft.runtime.execution.resume import resumable
from weft.runtime.execution.resume_plan import ResumePlan, plan_resume
from weft.runtime.execution.run import Run, run
from weft.runtime.journal.callpath import askers
from weft.runtime.journal.events import AgentCalled
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import parse_harness
from weft.runtime.settings import Settings
from weft.runtime.steering.socket import Receipt, RetryRun, send


@pytest.fixture(autouse=True)
def _no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)


def called(run: Run) -> list[AgentCalled]:
    return [event for _, event in run.folder.events() if isinstance(event, AgentCalled)]


async def two(at: Caller) -> list[str]:
    return [await at.spawn("one"), await at.spawn("two", label="second")]


async def both(at: Caller) -> list[str]:
    return list(await asyncio.gather(at.spawn("one"), at.spawn("two"), at.spawn("one")))


def replayed(run: Run, source: str) -> None:
    replay_harness = parse_harness(source, name=run.state.started.name, filename="test.py")  # type: ignore[union-attr]
    assert anyio.run(replay, replay_harness, list(run.folder.events())).complete


@pytest.mark.parametrize("does", [two, both])
@pytest.mark.parametrize("concurrency", [1, 4])
def test_what_an_agent_asks_is_on_record_and_in_its_answer(tmp_path: Path, does: Does, concurrency: int) -> None:
    done = run_source(lead_harness(), tmp_path, agents=Asked(lead=does), concurrency=concurrency)
    assert told(done)[:2] == ["said one", "said two"]
    lead, *below = called(done)
    assert [askers(event.path) for event in below] == [[lead.id]] * len(below)
    assert all(event.id >= FIRST and event.line == lead.line for event in below)
    assert done.state.outcome == "completed"
    assert 'spawn_agent("one")' in done.state.agents[lead.id].finished.touched  # type: ignore[union-attr,operator]
    assert "file of two" in done.state.agents[lead.id].finished.touched  # type: ignore[union-attr,operator]
    replayed(done, lead_harness())


def test_another_has_what_the_asker_has_and_no_more(tmp_path: Path) -> None:
    said: list[str] = []

    async def lead(at: Caller) -> str:
        said.append(await at.spawn("one", tools=["read_file", "write_file"]))
        said.append(await at.spawn("  "))
        said.append(await at.spawn("one", schema={"type": "object", "required": 3}))
        return await at.spawn("one", tools=["read_file"])

    agents = Asked(lead=lead)
    options = ', model="m", effort="low", context={"a": 1}, phase="Look", max_tokens=77'
    run_source(lead_harness(options, tools='"spawn_agent", "read_file"'), tmp_path, agents=agents)
    assert ["write_file is not among" in said[0], "empty" in said[1], "schema" in said[2]] == [True] * 3
    (request,) = agents.requests[1:]
    same = (request.model, request.effort, request.context, request.phase, request.max_tokens, request.tools)
    assert same == ("m", "low", {"a": 1}, "Look", 77, ("read_file",))


def test_only_so_many_agents_are_below_one_at_any_depth(tmp_path: Path) -> None:
    async def lead(at: Caller) -> list[str]:
        return [await at.spawn("middle", tools=["spawn_agent"]), await at.spawn("last")]

    async def middle(at: Caller) -> str:
        return " ".join([await at.spawn("one"), await at.spawn("two"), await at.spawn("three")])

    agents = Asked(lead=lead, middle=middle)
    done = run_source(lead_harness(", spawns=3"), tmp_path, agents=agents)
    assert Counter(agents.prompts) == Counter(["lead", "middle", "one", "two"])
    assert told(done)[0].startswith("said one said two refused: agent 'lead' has asked as many agents as it may, 3")
    assert "refused" in told(done)[1]
    assert done.state.outcome == "completed"
    assert not done.state.lost


def test_those_that_are_asked_in_one_turn_are_counted_too(tmp_path: Path) -> None:
    agents = Asked(lead=both)
    done = run_source(lead_harness(", spawns=1"), tmp_path, agents=agents)
    assert len(agents.prompts) == 2
    assert sum("as many agents as it may" in one for one in told(done)) == 2
    assert not done.state.lost


def test_no_more_than_three_agents_stand_above_another(tmp_path: Path) -> None:
    async def deeper(at: Caller) -> str:
        return await at.spawn("lead", tools=["spawn_agent"])

    agents = Asked(lead=deeper)
    done = run_source(lead_harness(), tmp_path, agents=agents)
    assert agents.prompts == ["lead"] * 4
    assert "answer yourself" in done.result


def test_what_was_not_proved_is_not_asked(tmp_path: Path) -> None:
    """Where the bound is known, tools that the linter has not seen start nobody."""
    text = lead_harness(tools='*args["tools"]')
    harness, agents = parse_harness(text, name="t", filename="t.py"), Asked(lead=two)
    bound = lint(text).bound

    async def go() -> Run:
        return await run(harness, {"tools": ["spawn_agent"]}, Settings(), Project(tmp_path), agents=agents, bound=bound)

    done = anyio.run(go)
    assert agents.prompts == ["lead"]
    assert "the plan has no agents below you" in told(done)[0]
    assert done.state.outcome == "completed"


def test_those_below_use_no_more_than_their_part_of_the_budget(tmp_path: Path) -> None:
    agents = Asked(lead=two)
    agents.cost = Spent(input_tokens=60)
    done = run_source(lead_harness(", budget=0.1"), tmp_path, agents=agents, budget_tokens=600)
    assert agents.prompts == ["lead", "one"]
    assert "slice of the budget that agent 'lead' has" in told(done)[1]


def test_an_agent_that_is_lost_below_another_is_told_and_listed(tmp_path: Path) -> None:
    async def one(at: Caller) -> str:
        raise RuntimeError("broken")

    done = run_source(lead_harness(), tmp_path, agents=Asked(lead=two, one=one))
    assert told(done)[0].startswith("refused: it was lost (crashed)")
    assert [agent.called.request.name for agent in done.state.lost] == ["one"]
    (lost,) = result_object(done.state)["lost"]
    assert lost["consequence"] == "agent 0, which asked for it, was told"


def test_an_agent_whose_others_may_not_begin_any_more_is_asked_again(tmp_path: Path) -> None:
    async def lead(at: Caller) -> list[str]:
        return list(await asyncio.gather(at.spawn("one"), at.spawn("two"), at.spawn("three")))

    agents = Asked(lead=lead)
    cut = run_source(lead_harness(), tmp_path, agents=agents, max_agents=3, concurrency=2)
    assert cut.state.ended is not None
    assert cut.state.ended.pause == "agents"
    assert len(agents.prompts) == 3
    done = resume_source(cut, tmp_path, agents=agents, max_agents=10)
    assert told(done) == ["said one", "said two", "said three"]
    assert Counter(agents.prompts) == Counter(["lead", "lead", "one", "two", "three"])


def test_nobody_is_left_at_work_below_an_agent_that_ends(tmp_path: Path) -> None:
    ended: list[str] = []

    async def slow(at: Caller) -> str:
        try:
            await anyio.sleep_forever()
        finally:
            ended.append("slow")
        return ""

    async def lead(at: Caller) -> str:
        with anyio.move_on_after(0.01):
            await at.spawn("slow")
        return await at.spawn("one")

    done = run_source(lead_harness(), tmp_path, agents=Asked(lead=lead, slow=slow), virtual_time=False)
    assert done.result == "said one"
    assert ended == ["slow"]


def test_those_below_use_no_more_of_it_because_the_run_was_broken_off(tmp_path: Path) -> None:
    async def lead(at: Caller) -> list[str]:
        return [await at.spawn(f"leaf {n}") for n in range(5)]

    agents = Asked(lead=lead)
    agents.cost = Spent(input_tokens=60)
    source = lead_harness(", budget=0.3")
    done = run_source(source, tmp_path, agents=agents, budget_tokens=600, max_agents=3)  # of 180 tokens for those below
    for most in (5, 20):
        assert done.state.outcome == "paused"
        done = resume_source(done, tmp_path, agents=agents, budget_tokens=600, max_agents=most)
    assert agents.prompts.count("lead") == 3
    assert sorted(set(agents.prompts)) == ["lead", "leaf 0", "leaf 1", "leaf 2"]
    assert [text[:4] for text in told(done)] == ["said"] * 3 + ["refu"] * 2


def test_an_agent_is_asked_again_where_one_that_it_had_asked_was_lost(tmp_path: Path) -> None:
    """What it asked besides is not paid again; once all is made good, nothing is left to do."""
    broken = True

    async def lead(at: Caller) -> list[str]:
        return [await at.spawn("one"), await at.spawn("middle", tools=["spawn_agent"])]

    async def middle(at: Caller) -> str:
        return " ".join([await at.spawn("two"), await at.spawn("bad")])

    async def bad(at: Caller) -> str:
        if broken:
            raise RuntimeError("broken")
        return "good"

    agents = Asked(lead=lead, middle=middle, bad=bad)
    first = run_source(lead_harness(), tmp_path, agents=agents)
    bill = planned(first)
    assert bill.reasons == {"below": 2, "lost": 1}
    assert [asked.called.request.name for asked in bill.asked] == ["lead", "middle", "bad"]
    agents.prompts.clear()
    second = resume_source(first, tmp_path, agents=agents)
    assert agents.prompts == ["lead", "middle", "bad"]  # lost once more
    broken = False
    third = resume_source(second, tmp_path, agents=agents)
    assert told(third) == ["said one", "said two good"]
    assert Counter(agents.prompts) == Counter(["lead", "middle", "bad"] * 2)
    assert third.state.health == "clean"
    with pytest.raises(Refused, match="nothing left to do"):
        resume_source(third, tmp_path, agents=agents)
    replayed(third, lead_harness())


def test_an_answer_that_rests_on_a_loss_is_kept_where_it_is_not_to_be_asked_again(tmp_path: Path) -> None:
    async def one(at: Caller) -> str:
        raise RuntimeError("broken")

    agents = Asked(lead=two, one=one)
    first = run_source(lead_harness(', on_interrupt="skip"'), tmp_path, agents=agents)
    assert planned(first).asked == ()
    asks = run_source(lead_harness(', on_interrupt="ask"'), tmp_path / "asks", agents=agents)
    assert [called.request.name for called in planned(asks).undecided] == ["lead"]


def planned(done: Run) -> ResumePlan:
    with resumable(done.folder) as found:
        resumption = found.resumption(found.started.settings)
        return anyio.run(plan_resume, resumption, lambda _name: None)


def test_a_retry_asks_those_again_whose_answers_rest_on_a_loss(tmp_path: Path) -> None:
    async def lead(at: Caller) -> str:
        return await at.spawn("bad")

    async def bad(at: Caller) -> str:
        if agents.prompts.count("bad") == 1:
            raise RuntimeError("broken")
        return "good"

    async def last(at: Caller) -> str:
        if agents.prompts.count("last") == 1:
            (folder,) = Project(tmp_path).runs()
            receipts.append(await send(folder, RetryRun()))
        return "last"

    receipts: list[Receipt] = []
    agents = Asked(lead=lead, bad=bad, last=last)
    source = (
        lead_harness().replace("return await", "found = await").rstrip() + '\n    return [found, await agent("last")]\n'
    )
    done = run_source(source, tmp_path, agents=agents, virtual_time=False)
    assert done.result == ["good", "last"]
    assert receipts[0].detail.startswith("1 agent to be asked again, with 1 agent that had asked")
    assert agents.prompts == ["lead", "bad", "last", "lead", "bad"]
