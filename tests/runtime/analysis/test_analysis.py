"""What a run teaches, on runs whose every time and price can be computed by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from running import resume_source, run_source

from weft.primitives.calls import AgentCall
from weft.runtime.analysis.analysis import Analysis, analysed, priced_again
from weft.runtime.analysis.critical import critical_path
from weft.runtime.analysis.repricing import wanted_of
from weft.runtime.analysis.weaving import woven
from weft.runtime.errors import NotFound, UsageError
from weft.runtime.execution.run import Run
from weft.runtime.journal import RunState
from weft.runtime.journal.events import AgentAsksAgain, AgentCalled, AgentsStarted, Event, Logged
from weft.runtime.project.config import Config
from weft.runtime.project.folders import Project, RunFolder
from weft.runtime.request import AgentRequest
from weft.runtime.settings import Settings

GOLDEN = Path(__file__).parents[2] / "golden"

PIPED = """
async def check(one):
    return await agent(f"check {one}", label=f"check {one}")


async def main(args):
    phase("Find")
    found = await parallel([agent(f"find {n}", label=f"find {n}") for n in range(3)])
    phase("Verify")
    await pipeline(found, check)
    return await agent("report", label="report")
"""
SECONDS = {"find 0": 10, "find 1": 4, "find 2": 2, "check 0": 1, "check 1": 6, "check 2": 8, "report": 3}
MODEL = "anthropic:claude-sonnet-5-5"
"""Two dollars a million tokens in, ten out."""
CHEAP = "anthropic:claude-haiku-4-5"
"""One, and five."""


def rule(label: str, result: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "match": {"label": f"^{label}"},
        "result": label.rsplit(maxsplit=1)[-1] if result is None else result,
        **more,
    }


def piped(folder: Path, **settings: Any) -> Run:
    rules = [rule(label, latency=seconds) for label, seconds in SECONDS.items()]
    return run_source(PIPED, folder, stub={"rules": rules}, **settings)


def analysis(done: Run) -> Analysis:
    return analysed(done.folder.events(), done.state)


def path_of(found: Analysis) -> list[tuple[str, dict[str, float]]]:
    return [(step.piece.label, dict(step.spent)) for step in found.critical.steps]


def test_the_critical_path_and_what_barriers_cost(tmp_path: Path) -> None:
    found = analysis(piped(tmp_path, concurrency=16))
    assert found.work.seconds == 21
    assert path_of(found) == [("find 0", {"work": 10}), ("check 2", {"work": 8}), ("report", {"work": 3})]
    assert [(one.joined.began.kind, one.idle, one.last and one.last.label, one.alone) for one in found.barriers] == [
        ("parallel", 14, "find 0", 6),
        ("pipeline", 9, "check 2", 2),
    ]
    together = found.together
    assert together is not None and (together.as_it_was, together.streamed, together.at_most) == (21, 14, False)


def test_waiting_for_slots_is_told_apart_and_simulated(tmp_path: Path) -> None:
    found = analysis(piped(tmp_path, concurrency=2))
    assert path_of(found)[1] == ("check 2", {"slots": 1, "work": 8})
    assert sum(found.critical.spent.values()) == found.work.seconds == 22
    assert found.together is not None and (found.together.as_it_was, found.together.streamed) == (22, 21)


def test_caps_of_a_model_hold_in_the_simulation_as_they_did_in_the_run(tmp_path: Path) -> None:
    config = Config.model_validate({"models": {MODEL: {"concurrency": 1}}})
    done = piped(tmp_path, concurrency=16, model=MODEL, config=config)
    found = analysed(done.folder.events(), done.state, config)
    # One after the other: 10 + 4 + 2, 1 + 6 + 8, 3; nobody can begin sooner for not waiting for the others.
    assert found.work.seconds == 34
    assert found.together is not None and (found.together.as_it_was, found.together.streamed) == (34, 34)


def test_where_widths_differ_savings_are_a_bound(tmp_path: Path) -> None:
    source = PIPED.replace("pipeline(found, check)", "pipeline(found[:2], check)")
    rules = [rule(label, latency=seconds) for label, seconds in SECONDS.items()]
    found = analysis(run_source(source, tmp_path, stub={"rules": rules}))
    # At best both checks begin at 2, when the first branch has ended: 2 + 6, and the report still waits for no `find`.
    assert found.together is not None
    assert (found.together.as_it_was, found.together.streamed, found.together.at_most) == (19, 11, True)


NESTED = """
async def one(item):
    both = await parallel([agent(f"a {item}", label=f"a {item}"), agent(f"b {item}", label=f"b {item}")])
    return await agent(f"c {item}", label=f"c {item}")


async def main(args):
    await parallel([lambda: one(1), lambda: one(2), lambda: one(3)], limit=2)
    return await ask("go on?", default="yes", timeout=5)
"""


def test_nested_fan_outs_limits_and_people_are_followed(tmp_path: Path) -> None:
    times = {"a 1": 1, "b 1": 2, "c 1": 1, "a 2": 3, "b 2": 1, "c 2": 4, "a 3": 2, "b 3": 5, "c 3": 1}
    rules = [rule(label, latency=seconds) for label, seconds in times.items()]
    rules.append({"match": {"ask": "go on"}, "result": "yes", "latency": 5})
    found = analysis(run_source(NESTED, tmp_path, stub={"rules": rules}))
    # Branch 1 ends at 3, branch 2 at 7; the third may begin at 3, and ends at 3 + 5 + 1; then somebody takes 5.
    assert [label for label, _ in path_of(found)] == ["b 1", "c 1", "b 3", "c 3", "go on?"]
    assert found.work.seconds == 14 and found.critical.spent["people"] == 5
    assert sum(found.critical.spent.values()) == 14


VERIFIED = """
async def main(args):
    claims = ["one", "two", "three"]
    return await parallel([verify(claim, votes=3, quorum=2, veto=False, tools=[]) for claim in claims])
"""


def vote(verdict: str) -> dict[str, Any]:
    return {"verdict": verdict, "reason": "r", "evidence": []}


def test_what_each_further_vote_has_changed_and_cost(tmp_path: Path) -> None:
    said = {"one": "ssr", "two": "srr", "three": "srs"}
    words = {"s": "supported", "r": "refuted"}
    rules = [
        {
            "match": {"label": f"^verify:{number} of 3$", "prompt": f"<claim>\n{claim}\n"},
            "result": vote(words[letter]),
            "usage": {"input": 1000 * number},
        }
        for claim, letters in said.items()
        for number, letter in enumerate(letters, start=1)
    ]
    found = analysis(run_source(VERIFIED, tmp_path, stub={"rules": rules}, model=MODEL)).votes
    outcomes = [claim.reached.outcome for claim in found.claims]
    assert (outcomes, found.survived) == (["survives", "refuted", "survives"], 2)
    rows = [(one.number, one.asked, one.changed, one.final, round(one.spent.usd, 9)) for one in found.marginal]
    # After one vote all survive; after two the second and third claims do not; the third vote saves the third.
    assert rows == [(1, 3, 0, 2, 0.006), (2, 3, 2, 2, 0.012), (3, 3, 1, 3, 0.018)]


ROUNDS = """
async def main(args):
    seen = []
    for turn in until_dry(max_rounds=5, patience=1):
        replies = await parallel([agent(f"look {turn.number} {n}", label=f"look {turn.number}") for n in range(2)])
        new = [one for one in replies if one != "nothing" and one not in seen]
        seen += new
        turn.found(new)
        for one in new:
            finding({"claim": one})
    return seen
"""


def test_what_each_further_round_has_found_and_cost(tmp_path: Path) -> None:
    rules = [
        {"match": {"prompt": "^look 1 0"}, "result": "a", "usage": {"input": 1000}},
        {"match": {"prompt": "^look 1 1"}, "result": "b", "usage": {"input": 1000}},
        {"match": {"prompt": "^look 2 0"}, "result": "c", "usage": {"input": 2000}},
        {"match": {"prompt": "^look"}, "result": "nothing", "usage": {"output": 100}},
    ]
    found = analysis(run_source(ROUNDS, tmp_path, stub={"rules": rules}, model=MODEL))
    (loop,) = found.rounds
    assert (loop.helper, loop.line, loop.left) == ("until_dry", 4, 0)
    rows = [(one.number, one.loops, one.found, one.agents, round(one.spent.usd, 9)) for one in loop.rounds]
    assert rows == [(1, 1, 2, 2, 0.004), (2, 1, 1, 2, 0.005), (3, 1, 0, 2, 0.002)]
    worth = found.worth
    assert (worth.findings, worth.results, round(worth.each(worth.findings) or 0, 9)) == (3, 3, round(0.011 / 3, 9))


def test_what_it_would_have_cost_on_other_models(tmp_path: Path) -> None:
    rules = [
        rule("find", usage={"input": 1000, "output": 100}),
        rule("check", usage={"input": 2000, "output": 200}),
        rule("report", usage={"input": 5000, "output": 1000}),
    ]
    done = run_source(PIPED, tmp_path, stub={"rules": rules}, model=MODEL)
    events, phases = done.folder.events(), ["Find", "Verify"]
    rows = priced_again(events, done.state, wanted_of([f"Find={CHEAP}"], phases))
    shown = {(row.phase, row.model, row.instead): (round(row.spent.usd, 9), round(row.usd, 9)) for row in rows}
    assert shown == {
        ("Find", MODEL, CHEAP): (0.009, 0.0045),
        ("Verify", MODEL, MODEL): (0.038, 0.038),  # the report as well
    }
    everything = priced_again(events, done.state, wanted_of([CHEAP, f"Verify={MODEL}"], phases))
    assert [row.instead for row in everything] == [CHEAP, MODEL]
    with pytest.raises(NotFound, match="Vrify"):
        wanted_of(["Vrify=x"], phases)
    for wrong in (["=x"], ["Find="], [CHEAP, MODEL]):
        with pytest.raises(UsageError):
            wanted_of(wrong, phases)
    with pytest.raises(UsageError, match="no price"):
        priced_again(events, done.state, {None: "anthropic:nobody-knows"})


def test_runs_that_were_resumed_broke_or_did_nothing(tmp_path: Path) -> None:
    rules = [rule(label, latency=seconds) for label, seconds in SECONDS.items() if label != "check 1"]
    once = [{"match": {"label": "^check 1"}, "lost": "provider", "latency": 6}]
    done = run_source(PIPED, tmp_path / "resumed", stub={"rules": [*rules, *once]})
    again = resume_source(done, tmp_path / "resumed", stub={"rules": [*rules, rule("check 1", latency=9)]})
    found = analysis(again)
    # Only what was lost is asked again; what is used again takes no time, and the report with it.
    assert found.work.seconds == 9 and sum(found.critical.spent.values()) == 9
    assert ("check 1", {"work": 9}) in path_of(found)
    broken = run_source(PIPED + "    raise ValueError\n", tmp_path / "no", stub={"rules": rules}, max_agents=2)
    assert broken.state.outcome == "paused"
    for run in (broken, run_source("async def main(args):\n    pass\n", tmp_path / "empty")):
        little = analysis(run)
        assert sum(little.critical.spent.values()) == pytest.approx(little.work.seconds)
        assert little.together is None


def test_in_journals_of_all_versions_and_wherever_they_break_off_times_add_up() -> None:
    """Earlier ones have no fan-outs on record: what went on beside each other is not taken for one after the other."""
    for journal in GOLDEN.glob("*/run.db"):
        events = RunFolder(journal.parent).events()
        for end in range(1, len(events) + 1, 7):
            state = RunState()
            for at, event in events[:end]:
                state.apply(at, event)
            found = analysed(events[:end], state)
            assert sum(found.critical.spent.values()) == pytest.approx(found.work.seconds)
            assert min(found.critical.spent.values()) >= 0


def test_what_waited_when_a_run_was_killed_was_not_at_work() -> None:
    request = AgentRequest.resolve(0, AgentCall(prompt="p"), Settings(), None)
    called = AgentCalled(path="/0", line=1, key="k", request=request)
    again = AgentAsksAgain(id=0, seconds=3600, detail="503")
    events: list[tuple[float, Event]] = [(0.0, called), (0.0, AgentsStarted(ids=(0,))), (2.0, again)]
    spent = critical_path(woven([*events, (5.0, Logged(message="x"))])).spent
    assert (spent["work"], spent["retries"], sum(spent.values())) == (2, 3, 5)


SAVED = """
async def main(args):
    await parallel([agent("inner 1", label="inner 1"), agent("inner 2", label="inner 2")])
    return await agent("inner 3", label="inner 3")
"""


def test_saved_harnesses_are_followed(tmp_path: Path) -> None:
    Project(tmp_path).save_harness("inside", SAVED)
    source = "async def main(args):\n    await workflow('inside')\n    return await agent('last', label='last')\n"
    times = {"inner 1": 2, "inner 2": 4, "inner 3": 1, "last": 3}
    rules = [rule(label, latency=seconds) for label, seconds in times.items()]
    found = analysis(run_source(source, tmp_path, stub={"rules": rules}))
    calls = [step.piece.label for step in found.critical.steps if step.piece.kind == "agent"]
    assert (calls, found.work.seconds) == (["inner 2", "inner 3", "last"], 8)
    assert [one.idle for one in found.barriers] == [2]
    assert sum(found.critical.spent.values()) == found.critical.spent["work"] + found.critical.spent["harness"]
    assert found.critical.spent["work"] == 8
