"""Resuming: only what failed or became another call is asked again, and everything comes out as if nothing happened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest
from asking import COST, Asking
from resumed import EVERYBODY, HARNESS, outcome, replayed, result, undisturbed
from running import resume_source, run_source

from weft.runtime.errors import Refused
from weft.runtime.execution.result import remedy
from weft.runtime.execution.run import Run
from weft.runtime.journal import executions, read_journal
from weft.runtime.journal.events import AgentsStarted, WorkflowLoaded
from weft.runtime.pause import Pause
from weft.runtime.project.folders import RunFolder
from weft.runtime.request import AgentReply, AgentRequest


class TestOnlyWhatFailed:
    def test_a_lost_agent_and_what_follows_from_it(self, tmp_path: Path) -> None:
        agents = Asking(tmp_path, lose=["first 2"])
        done = run_source(HARNESS, tmp_path, agents=agents)
        assert outcome(done) == ("completed", "degraded")
        agents.lose = []
        agents.forget()
        again = resume_source(done, tmp_path, agents=agents)
        assert outcome(again) == ("completed", "clean")
        assert result(again) == undisturbed(tmp_path)
        # Its siblings never; what was made of its loss is other content now.
        assert sorted(name.split()[0] + name.split()[1][:1] for name in agents.asked) == ["first2", "last[", "second2"]
        assert again.state.reused_agents == 6
        assert replayed(again).complete

    def test_every_agent_that_finished_before_a_pause_is_used(self, tmp_path: Path) -> None:
        agents = Asking(tmp_path)
        done = run_source(HARNESS, tmp_path, agents=agents, max_agents=3, concurrency=2)
        assert (done.state.outcome, agents.asked.total()) == ("paused", 3)
        again = resume_source(done, tmp_path, agents=agents)
        assert (result(again), set(agents.asked.values())) == (undisturbed(tmp_path), {1})
        assert again.state.spent.usd == pytest.approx(EVERYBODY * COST.usd)

    def test_whatever_the_order_in_which_answers_come_now(self, tmp_path: Path) -> None:
        """The same calls in another order are the same calls."""
        rules = [{"match": {"label": f"^a{n}$"}, "latency": 9 - n, "result": f"r{n}"} for n in range(4)]
        done = run_source(
            HARNESS, tmp_path, stub={"rules": [*rules, {"match": {"label": "b3"}, "lost": "timeout"}]}, concurrency=2
        )
        other = [{**rule, "latency": rule["latency"] * 7 % 5} for rule in rules]
        again = resume_source(done, tmp_path, stub={"rules": other}, concurrency=4)
        assert [agent.called.request.label for agent in again.state.agents.values() if not agent.reused] == ["b3", None]

    def test_more_time_for_an_agent_that_took_too_long_asks_it_alone(self, tmp_path: Path) -> None:
        source = "async def main(args):\n    return await parallel([agent(n, label=n) for n in ('quick', 'slow')])"
        stub = {"rules": [{"match": {"label": "slow"}, "latency": 40, "result": "late"}], "default": {"result": "soon"}}
        done = run_source(source, tmp_path, stub=stub, timeout=30.0)
        assert [agent.called.request.label for agent in done.state.lost] == ["slow"]
        again = resume_source(done, tmp_path, stub=stub, timeout=50.0)
        assert (result(again), again.state.reused_agents) == (["soon", "late"], 1)
        assert replayed(again).complete

    def test_equal_calls_on_one_path_answer_once_each(self, tmp_path: Path) -> None:
        source = "async def main(args):\n    return [await agent('again') for _ in range(args['n'])]"
        numbers = iter(range(100))
        agents = Asking(tmp_path, answer=lambda request: str(next(numbers)))
        done = run_source(source, tmp_path, args={"n": 4}, agents=agents, max_agents=2)
        again = resume_source(done, tmp_path, agents=agents)
        assert (result(again), agents.asked["again"]) == (["0", "1", "2", "3"], 4)

    def test_a_run_that_is_complete_has_nothing_left_to_do(self, tmp_path: Path) -> None:
        done = run_source(HARNESS, tmp_path, agents=Asking(tmp_path))
        before = done.folder.journal.read_bytes()
        with pytest.raises(Refused, match="nothing left to do"):
            resume_source(done, tmp_path)
        assert done.folder.journal.read_bytes() == before

    def test_resumed_again_and_again(self, tmp_path: Path) -> None:
        agents = Asking(tmp_path)
        done = run_source(HARNESS, tmp_path, agents=agents, max_agents=1, concurrency=1)
        for most in range(2, EVERYBODY + 1):
            assert done.state.outcome == "paused"
            done = resume_source(done, tmp_path, agents=agents, max_agents=most, concurrency=1)
            assert agents.asked.total() == most
        assert outcome(done) == ("completed", "clean")
        assert (result(done), set(agents.asked.values())) == (undisturbed(tmp_path), {1})
        assert replayed(done).complete
        times = [at for at, _ in read_journal(done.folder.journal)]
        assert times == sorted(times)


class TestCeilings:
    def test_what_ends_as_an_error_at_its_ceiling_is_gone_on_with_under_another(self, tmp_path: Path) -> None:
        done = run_source(HARNESS, tmp_path, agents=Asking(tmp_path), budget_usd=0.04, concurrency=1, on_budget="stop")
        meaning, fix = remedy(done.state)
        assert (done.state.outcome, done.state.spent.usd) == ("error", pytest.approx(0.04))
        assert "ceiling" in meaning and fix == f"weft resume {done.folder.id} --budget USD"

    def test_the_backstop_counts_over_all_executions(self, tmp_path: Path) -> None:
        agents = Asking(tmp_path)
        done = run_source(HARNESS, tmp_path, agents=agents, max_agents=3)
        again = resume_source(done, tmp_path, agents=agents, max_agents=3)
        assert (again.state.outcome, agents.asked.total()) == ("paused", 3)
        again = resume_source(done, tmp_path, agents=agents, max_agents=5)
        assert (again.state.outcome, agents.asked.total()) == ("paused", 5)

    def test_so_does_what_was_spent(self, tmp_path: Path) -> None:
        agents = Asking(tmp_path)
        done = run_source(HARNESS, tmp_path, agents=agents, budget_usd=0.04, concurrency=1)
        assert done.state.ended is not None
        assert (done.state.ended.pause, agents.asked.total()) == ("budget", 4)
        again = resume_source(done, tmp_path, agents=agents, budget_usd=0.04, concurrency=1)
        assert (again.state.outcome, agents.asked.total()) == ("paused", 4)
        assert again.state.spent == done.state.spent
        again = resume_source(done, tmp_path, agents=agents, budget_usd=1.0, concurrency=1)
        assert (result(again), set(agents.asked.values())) == (undisturbed(tmp_path), {1})
        assert again.state.spent.tokens == EVERYBODY * COST.tokens

    def test_a_loop_that_goes_by_the_budget_takes_the_same_turns_again(self, tmp_path: Path) -> None:
        source = """
async def main(args):
    found = []
    while budget.remaining("tokens") > 40:
        found.append(await agent(f"round {len(found)} with {budget.spent('tokens')} spent"))
    return found
"""
        options: dict[str, Any] = {"budget_tokens": (100), "concurrency": 1}
        whole = undisturbed(tmp_path, source, **options)
        assert len(whole) == 4
        agents = Asking(tmp_path)
        done = run_source(source, tmp_path, agents=agents, max_agents=2, **options)
        again = resume_source(done, tmp_path, agents=agents, max_agents=3, **options)
        again = resume_source(again, tmp_path, agents=agents, **options)
        assert (result(again), set(agents.asked.values())) == (whole, {1})
        assert replayed(again).complete


class TestOnInterrupt:
    """What had started when the run was stopped may have had effects outside."""

    SOURCE = """
async def main(args):
    one, two = await parallel([agent("safe"), agent("pay the bill", on_interrupt={policy!r})])
    return [one, two, await agent("after")]
"""

    def interrupted(self, folder: Path, policy: str) -> Run:
        """Return a run that was stopped with the second agent at work."""
        safe = anyio.Event()

        async def agents(request: AgentRequest) -> AgentReply:
            if request.prompt == "safe":
                safe.set()
                return AgentReply(value="safe")
            await safe.wait()
            raise Pause("user", "stopped here")

        done = run_source(self.SOURCE.format(policy=policy), folder, agents=agents, virtual_time=False)
        assert (done.state.outcome, done.state.count("running")) == ("paused", 1)
        return done

    def test_rerun(self, tmp_path: Path) -> None:
        agents = Asking(tmp_path)
        again = resume_source(self.interrupted(tmp_path, "rerun"), tmp_path, agents=agents)
        assert (outcome(again), list(agents.asked)) == (("completed", "clean"), ["pay the bill", "after"])

    def test_skip(self, tmp_path: Path) -> None:
        agents = Asking(tmp_path)
        again = resume_source(self.interrupted(tmp_path, "skip"), tmp_path, agents=agents)
        assert (outcome(again), list(agents.asked)) == (("completed", "degraded"), ["after"])
        assert result(again) == ["safe", None, "<after>"]
        assert [(lost.lost.cause, lost.lost.message) for lost in again.state.lost if lost.lost] == [
            ("stopped", "it had started when the run was interrupted, and is not asked again")
        ]

    def test_ask_waits_for_a_decision_and_remembers_that_it_had_started(self, tmp_path: Path) -> None:
        agents = Asking(tmp_path)
        done = self.interrupted(tmp_path, "ask")
        for _ in range(2):  # the second time it had not started in the execution before, but in the one before that
            done = resume_source(done, tmp_path, agents=agents)
            assert done.state.ended is not None
            assert (done.state.ended.pause, list(agents.asked)) == ("decision", [])
            assert "pay the bill" in done.state.ended.problem.message if done.state.ended.problem else False
        again = resume_source(done, tmp_path, agents=agents, asked="rerun")
        assert (outcome(again), list(agents.asked)) == (("completed", "clean"), ["pay the bill", "after"])

    @pytest.mark.parametrize(("policy", "asked"), [("ask", "skip"), ("skip", "ask")])
    def test_what_was_skipped_once_is_not_asked_behind_anybody_s_back(
        self, tmp_path: Path, policy: str, asked: str
    ) -> None:
        agents = Asking(tmp_path)
        done = resume_source(self.interrupted(tmp_path, policy), tmp_path, agents=agents, asked=asked)
        assert outcome(done) == ("completed", "degraded")
        agents.forget()
        done = resume_source(done, tmp_path, agents=agents)
        assert not agents.asked

    @pytest.mark.parametrize("policy", ["ask", "skip"])
    def test_one_that_was_lost_is_simply_asked_again(self, tmp_path: Path, policy: str) -> None:
        agents = Asking(tmp_path, lose=["pay the bill"])
        done = run_source(self.SOURCE.format(policy=policy), tmp_path, agents=agents)
        agents.lose = []
        again = resume_source(done, tmp_path, agents=agents)
        assert outcome(again) == ("completed", "clean")
        assert agents.asked == {"safe": 1, "pay the bill": 2, "after": 1}


class TestBranches:
    """Branches that somebody ended, across a resume."""

    @pytest.mark.parametrize(
        ("fan_out", "asked_again"), [("quorum=2", {"last"}), ("fail_fast=True", {"a1", "a2", "a3", "last"})]
    )
    def test_who_was_cancelled_is_asked_only_where_the_reason_is_open_again(
        self, tmp_path: Path, fan_out: str, asked_again: set[str]
    ) -> None:
        source = f"""
async def main(args):
    try:
        jobs = [agent(f"find {{n}}", label=f"a{{n}}", critical=args) for n in range(4)]
        first = list(await parallel(jobs, {fan_out}))
    except AgentFailed:
        first = "failed"
    return [first, await agent(f"then {{first}}", label="then"), await agent("last", label="last")]
"""
        rules: list[dict[str, Any]] = [
            {"match": {"label": f"a{n}"}, "latency": n + 1, "result": f"r{n}"} for n in range(4)
        ]
        critical = fan_out != "quorum=2"
        if critical:
            rules[1] = {"match": {"label": "a1"}, "latency": 2, "lost": "refused"}
        whole = run_source(source, tmp_path / "whole", args=critical, stub={"rules": rules})
        assert whole.state.count("cancelled") == 2
        done = run_source(source, tmp_path, args=critical, stub={"rules": rules}, max_agents=5)
        assert done.state.outcome == "paused"
        again = resume_source(done, tmp_path, stub={"rules": rules})
        assert result(again) == result(whole)
        last = executions(read_journal(again.folder.journal))[-1]
        numbers = [number for _, event in last if isinstance(event, AgentsStarted) for number in event.ids]
        assert {again.state.agents[number].called.request.label for number in numbers} == asked_again
        assert replayed(again).complete

    def test_a_quorum_is_reached_by_the_same_answers(self, tmp_path: Path) -> None:
        source = """
async def main(args):
    first = await parallel([agent(f"find {n}", label=f"a{n}") for n in range(5)], quorum=2)
    return [list(first), await agent("last", label="last")]
"""
        rules: list[dict[str, Any]] = [
            {"match": {"label": f"a{n}"}, "latency": 9 - n, "result": f"r{n}"} for n in range(5)
        ]
        lost = {"match": {"label": "last"}, "lost": "refused"}
        done = run_source(source, tmp_path, stub={"rules": [*rules, lost]})
        agents = Asking(tmp_path)
        again = resume_source(done, tmp_path, agents=agents)
        assert result(again)[0] == result(done)[0] == [None, None, None, "r3", "r4"]
        assert dict(agents.asked) == {"last": 1}


class TestSavedHarnesses:
    INNER = 'async def main(args):\n    return await agent(f"inner {args}")\n'
    OUTER = """
async def main(args):
    return [await workflow("inner", 1), await agent("after")]
"""

    def test_are_used_as_they_were_loaded(self, tmp_path: Path) -> None:
        saved = tmp_path / ".weft" / "workflows" / "inner.py"
        saved.parent.mkdir(parents=True)
        saved.write_text(self.INNER)
        agents = Asking(tmp_path)
        done = run_source(self.OUTER, tmp_path, agents=agents, max_agents=1)
        saved.write_text("async def main(args):\n    return 'edited meanwhile'\n")
        again = resume_source(done, tmp_path, agents=agents)
        assert result(again) == ["<inner 1>", "<after>"]
        assert set(agents.asked.values()) == {1}
        saved.unlink()
        assert replayed(again).complete

    def test_one_that_was_missing_is_looked_for_again(self, tmp_path: Path) -> None:
        done = run_source(self.OUTER, tmp_path, agents=Asking(tmp_path))
        assert done.state.outcome == "error"
        saved = tmp_path / ".weft" / "workflows" / "inner.py"
        saved.parent.mkdir(parents=True)
        saved.write_text(self.INNER)
        again = resume_source(done, tmp_path, agents=Asking(tmp_path))
        assert result(again) == ["<inner 1>", "<after>"]
        loads = [event for _, event in read_journal(again.folder.journal) if isinstance(event, WorkflowLoaded)]
        assert [load.refused is None for load in loads][:2] == [False, True]


class TestAnotherModel:
    """Which answers of the model before are used again, and who is asked; `test` is named by one call itself."""

    SOURCE = (
        "async def main(args):\n    return [await agent('one'), await agent('two', model='test'), await agent('three')]"
    )
    OTHER = "anthropic:claude-sonnet-5-5"

    def lost(self, folder: Path) -> tuple[Run, Asking]:
        agents = Asking(folder, lose=["three"])
        done = run_source(self.SOURCE, folder, agents=agents, model="test")
        agents.lose = []
        agents.forget()
        return done, agents

    def answered_by(self, done: Run) -> list[str | None]:
        return [agent.finished and agent.finished.answered_by for agent in done.state.agents.values()]

    def test_is_asked_only_what_is_missing(self, tmp_path: Path) -> None:
        done, agents = self.lost(tmp_path)
        again = resume_source(done, tmp_path, agents=agents, model=self.OTHER)
        assert (agents.asked, again.state.reused_agents) == ({"three": 1}, 2)
        assert self.answered_by(again) == ["test", None, None]
        assert replayed(again).complete

    def test_is_asked_everything_that_names_no_model(self, tmp_path: Path) -> None:
        done, agents = self.lost(tmp_path)
        again = resume_source(done, tmp_path, agents=agents, model=self.OTHER, again="all")
        assert (agents.asked, self.answered_by(again)) == ({"one": 1, "three": 1}, [None, None, None])

    def test_that_has_begun_to_ask_everything_again_goes_on_with_it(self, tmp_path: Path) -> None:
        done, agents = self.lost(tmp_path)
        done = resume_source(done, tmp_path, agents=agents, model=self.OTHER, again="all", max_agents=3)
        assert (done.state.outcome, agents.asked) == ("paused", {})
        agents.forget()
        again = resume_source(done, tmp_path, agents=agents, model=self.OTHER)
        assert (agents.asked, again.state.health) == ({"one": 1, "three": 1}, "clean")

    def test_gives_way_to_the_first_again(self, tmp_path: Path) -> None:
        done, agents = self.lost(tmp_path)
        agents.lose = ["three"]
        done = resume_source(done, tmp_path, agents=agents, model=self.OTHER)
        agents.lose = []
        agents.forget()
        again = resume_source(done, tmp_path, agents=agents, model="test", again="all")
        assert (agents.asked, self.answered_by(again)) == ({"three": 1}, [None, None, None])


def test_what_time_it_is_stays_what_it_was(tmp_path: Path) -> None:
    source = "async def main(args):\n    return [now(), await agent(f'at {now()}'), await agent('x')]"
    agents = Asking(tmp_path)
    done = run_source(source, tmp_path, agents=agents, max_agents=1)
    again = resume_source(done, tmp_path, agents=agents)
    assert done.state.started is not None
    assert (result(again)[0], agents.asked.total()) == (done.state.started.now, 2)


def test_no_answer_is_paid_again_because_the_file_has_another_name(tmp_path: Path) -> None:
    """All that a harness can be told of where it comes from, put into prompts."""
    source = """
class Finding(Exception): pass
async def told(name):
    try:
        return await workflow(name, {})
    except Exception as error:
        return f"{error!r} {type(error)}"
async def main(args):
    await agent(f"{Finding} {Finding('x')!r} {__name__} {Finding.__qualname__} {main}")
    await agent(f"{await told('test')} {await told('inner')} {await told('broken')}")
    await agent("last")
"""
    saved = tmp_path / ".weft" / "workflows"
    saved.mkdir(parents=True)
    (saved / "inner.py").write_text(
        "class Inner(Exception): pass\nasync def main(args): raise Inner(Inner, __name__, await workflow('test'))"
    )
    (saved / "broken.py").write_text("async def main(args):\n    return eval('1')")
    agents = Asking(tmp_path)
    done = run_source(source, tmp_path, agents=agents, max_agents=2)
    again = resume_source(done, tmp_path, source=source, file="elsewhere/other name.py", agents=agents)
    assert again.state.outcome == "completed"
    assert list(agents.asked.values()) == [1, 1, 1]
    assert replayed(again).complete


def test_an_interrupted_agent_is_known_to_its_provider_also_where_the_folder_goes_by_another_name(
    tmp_path: Path,
) -> None:
    asked: list[str] = []

    async def agents(request: AgentRequest) -> AgentReply:
        asked.append(request.identity)
        if len(asked) == 1:
            raise Pause("user", "later")
        return AgentReply(value="x")

    done = run_source('async def main(args):\n    return await agent("x")\n', tmp_path, agents=agents)
    moved = RunFolder(done.folder.path.rename(done.folder.path.with_name("kept")))
    assert result(resume_source(moved, tmp_path, agents=agents)) == "x"
    assert len(asked) == 2 and len(set(asked)) == 1
