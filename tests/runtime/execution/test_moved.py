"""Resuming where an answer that is there now moves all later calls: what was paid for is used again all the same.

Answers are numbered, so that two to the same question are told apart.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running import resume_source, run_source
from unconfined import without_processes

from weft.primitives.lost import Spent
from weft.runtime.agents.examples import smallest
from weft.runtime.execution.replay import replay
from weft.runtime.execution.resume import recorded_harness
from weft.runtime.execution.run import Run
from weft.runtime.journal import executions, read_journal
from weft.runtime.journal.compare import compare
from weft.runtime.journal.events import AgentCalled, AgentFinished, AgentsStarted
from weft.runtime.pause import Pause
from weft.runtime.request import AgentError, AgentReply, AgentRequest


@pytest.fixture(scope="module", autouse=True)
def in_this_process() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        without_processes(patch)
        yield


class Numbered:
    """Gives each answer a number of its own; loses those agents of which it is told to."""

    def __init__(self, lose: Callable[[AgentRequest], bool] = lambda _: False, stop: int | None = None) -> None:
        self.lose = lose
        self.stop = stop
        self.asked: Counter[str] = Counter()
        self.given = 0

    async def __call__(self, request: AgentRequest) -> AgentReply:
        self.asked[request.prompt] += 1
        if self.asked.total() == self.stop:
            raise Pause("user", "stopped here")
        if self.lose(request):
            raise AgentError("refused", "made up")
        self.given += 1
        value: Any = f"{request.prompt} #{self.given}"
        if request.schema is not None and request.schema["type"] == "object":
            value = await smallest(request.schema)
        elif request.schema is not None:
            value = [f"x{n}" for n in range(random.Random(request.prompt).randrange(1, 4))]
        return AgentReply(value=value, spent=Spent(10, 5, 0.01))


def result(done: Run) -> Any:
    assert done.state.ended is not None
    assert done.state.ended.problem is None, done.state.ended.problem
    return done.state.ended.result


def check(done: Run) -> None:
    """Check that of equal calls each execution asks those beyond the recorded answers, and uses no answer twice."""
    answers: dict[str, list[Any]] = {}
    for part in executions(read_journal(done.folder.journal)):
        calls = {event.id: event.key for _, event in part if isinstance(event, AgentCalled)}
        started = Counter(
            calls[number] for _, event in part if isinstance(event, AgentsStarted) for number in event.ids
        )
        assert started <= Counter(calls.values()) - Counter({key: len(there) for key, there in answers.items()})
        finished = [event for _, event in part if isinstance(event, AgentFinished)]
        left = {key: list(there) for key, there in answers.items()}
        for event in finished:
            if event.reused:
                left[calls[event.id]].remove(event.value)
        for event in finished:
            if not event.reused:
                answers.setdefault(calls[event.id], []).append(event.value)
    assert done.state.started is not None
    anyio.run(replay, recorded_harness(done.folder, done.state.started), read_journal(done.folder.journal))


PLAN = """
LIST = {"type": "array", "items": {"type": "string"}}
async def look(x):
    return await agent(f"look {x}")
async def main(args):
    plan = await agent("plan", schema=LIST)
"""

FORMS = {
    "a pipeline before it": (
        "    if plan: await pipeline(plan, look)\n    return await parallel([look(n) for n in 'abc'])"
    ),
    "a fallback instead of it": (
        "    if plan: return await pipeline(['a', 'b', 'c'], look)\n"
        "    await parallel([agent('other'), agent('other')])\n"
        "    return await parallel([look(n) for n in 'abc'])"
    ),
    "an empty pipeline": "    await pipeline(plan or [], look)\n    return await parallel([look(n) for n in 'abc'])",
    "one fewer": (
        "    if not plan: await parallel([look('d')])\n    return list(await parallel([look(n) for n in 'abc']))"
    ),
    "rounds that ask the same": (
        "    if plan: await parallel([agent('check the plan')])\n    found = []\n"
        "    for n in range(3):\n        found += await parallel([agent('find more') for _ in range(2)])\n"
        "    return found"
    ),
    "branches within branches": (
        "    async def deep(n):\n        if plan: await parallel([agent(f'first {n}')])\n"
        "        return await parallel([look(f'{n}{m}') for m in 'xy'])\n"
        "    return await parallel([deep(n) for n in 'ab'])"
    ),
    "stages": (
        "    async def stage(n):\n        if plan: await parallel([agent(f'first {n}')])\n"
        "        return (await parallel([look(n)]))[0]\n"
        "    return await pipeline(['a', 'b'], look, stage)"
    ),
    "a verification in rounds": (
        "    kept = []\n    for round in until_dry(max_rounds=6):\n"
        "        found = plan if round.number == 1 else [f'y{round.number}'] if round.number < 4 else []\n"
        "        if found: kept.append((await verify(found[0], lenses=['a', 'b']))['survives'])\n"
        "        round.found(found)\n    return kept"
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_an_answer_that_is_there_now_asks_nothing_again(tmp_path: Path, form: str) -> None:
    source = PLAN + FORMS[form]
    agents = Numbered(lambda request: request.prompt == "plan")
    done = run_source(source, tmp_path, agents=agents)
    before, agents.lose = agents.asked, lambda _: False
    agents.asked = Counter()
    again = resume_source(done, tmp_path, agents=agents)
    check(again)
    assert not again.state.lost
    paid = before - Counter(["plan"])
    called = Counter(agent.called.request.prompt for agent in again.state.agents.values())
    assert agents.asked == called - paid
    if form != "a verification in rounds":
        assert agents.asked.keys().isdisjoint(paid)
        # Of equal calls each has the answer that it had.
        assert all(now is None or now in _flat(result(done)) for now in _flat(result(again)))


def test_two_runs_have_in_common_what_only_moved(tmp_path: Path) -> None:
    source = PLAN + FORMS["a pipeline before it"]
    lost = run_source(source, tmp_path, agents=Numbered(lambda request: request.prompt == "plan"))
    whole = run_source(source, tmp_path, agents=Numbered())
    found = compare(lost.state, whole.state)
    assert (found.alike, [pair.now and pair.now.request.prompt[:4] for pair in found.changed]) == (4, ["look"] * 2)


def _flat(value: Any) -> list[Any]:
    return [leaf for inner in value for leaf in _flat(inner)] if isinstance(value, list) else [value]


def test_rounds_keep_their_answers_where_only_what_is_before_them_moved(tmp_path: Path) -> None:
    agents = Numbered(lambda request: request.prompt == "plan")
    done = run_source(PLAN + FORMS["rounds that ask the same"], tmp_path, agents=agents)
    agents.lose = lambda _: False
    assert result(resume_source(done, tmp_path, agents=agents)) == result(done)


class TestEqualCalls:
    def test_who_was_lost_in_a_fan_out_is_asked_and_its_neighbours_keep_their_answers(self, tmp_path: Path) -> None:
        source = "async def main(args):\n    return await parallel([agent('vote') for _ in range(4)])"
        agents = Numbered(lambda request: request.id == 1)
        done = run_source(source, tmp_path, agents=agents)
        agents.lose = lambda _: False
        again = resume_source(done, tmp_path, agents=agents)
        assert (result(done), result(again)) == (
            ["vote #1", None, "vote #2", "vote #3"],
            ["vote #1", "vote #4", "vote #2", "vote #3"],
        )

    def test_one_that_was_asked_once_more_at_once_is_answered_already(self, tmp_path: Path) -> None:
        source = (
            "async def twice(x):\n    return await agent(x) or await agent(x)\n"
            "async def main(args):\n    return [*await parallel([twice(x) for x in 'ab']), await agent('last')]"
        )
        agents = Numbered(lambda request: request.id == 0 or request.prompt == "last")
        done = run_source(source, tmp_path, agents=agents)
        assert len(done.state.lost) == 2
        agents.lose, agents.asked = lambda _: False, Counter()
        again = resume_source(done, tmp_path, agents=agents)
        assert (agents.asked, again.state.health) == ({"last": 1}, "clean")
        check(again)

    def test_in_a_loop_one_answer_stands_in_and_the_others_stay(self, tmp_path: Path) -> None:
        source = "async def main(args):\n    return [await agent('again') for _ in range(5)]"
        agents = Numbered(lambda request: request.id == 1)
        done = run_source(source, tmp_path, agents=agents)
        agents.lose = lambda _: False
        again = resume_source(done, tmp_path, agents=agents)
        assert result(again) == ["again #1", "again #4", "again #2", "again #3", "again #5"]
        check(again)

    def test_killed_with_an_answer_on_its_way_to_another_place(self, tmp_path: Path) -> None:
        source = (
            PLAN
            + "    if plan: await agent('new')\n    return [await agent('again'), *await parallel([agent('again')])]"
        )
        agents = Numbered(lambda request: request.prompt == "plan")
        done = run_source(source, tmp_path, agents=agents)
        for stop in (1, 2, 3):
            agents = Numbered(stop=stop)
            done = resume_source(done, tmp_path, agents=agents)
            check(done)
        assert sorted(result(done)) == ["again #1", "again #2"]


PROGRAMS = st.recursive(
    st.sampled_from(["agent", "list", "saved"]),
    lambda inner: st.tuples(
        st.sampled_from(["if", "else", "for", "parallel", "pipeline", "twice"]), st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=7,
)


INNER = """
async def main(args):
    if await agent('a'):
        await parallel([agent(args), agent('b')])
    await parallel([agent(args), agent('b')])
"""


class Writer:
    """Writes a harness of few different prompts, in which lost answers decide what is opened."""

    def __init__(self, luck: random.Random) -> None:
        self.luck = luck
        self.names = 0

    def name(self) -> str:
        self.names += 1
        return f"v{self.names}"

    def lines(self, program: Any) -> list[str]:
        if program == "agent":
            return [f"await agent('{self.luck.choice('abc')}')"]
        if program == "saved":
            return [f"await workflow('inner', '{self.luck.choice('ab')}')"]
        if program == "list":
            return [f"await parallel([agent('{self.luck.choice('abc')}') for _ in range({self.luck.randrange(1, 4)})])"]
        kind, parts = program
        body = [f"    {line}" for part in parts for line in self.lines(part)]
        name, prompt = self.name(), self.luck.choice("abc")
        match kind:
            case "if":
                return [f"if await agent('{prompt}'):", *body]
            case "else":
                return [f"if not await agent('{prompt}'):", *body]
            case "for":
                return [f"for {name} in await agent('{prompt}', schema=LIST) or []:", *body]
            case "twice":
                return [f"if not await agent('{prompt}'):", f"    await agent('{prompt}')", *(b[4:] for b in body)]
        start = (
            f"await parallel([{name}(x) for x in await agent('{prompt}', schema=LIST) or range(2)])"
            if kind == "parallel"
            else f"await pipeline(await agent('{prompt}', schema=LIST) or [], {name}, {name})"
        )
        return [f"async def {name}(x):", *body, "    return 1", start]


@settings(max_examples=6, suppress_health_check=list(HealthCheck))
@given(
    program=st.lists(PROGRAMS, min_size=1, max_size=4),
    seed=st.integers(0, 999),
    stops=st.lists(st.integers(1, 9), max_size=3),
)
def test_of_equal_calls_those_beyond_the_answers_are_asked(program: list[Any], seed: int, stops: list[int]) -> None:
    luck = random.Random(seed)
    lines = [f"    {line}" for part in program for line in Writer(luck).lines(part)]
    source = "\n".join(['LIST = {"type": "array"}', "async def main(args):", *lines, "    return 1"])
    with TemporaryDirectory() as folder:
        saved = Path(folder) / ".weft" / "workflows" / "inner.py"
        saved.parent.mkdir(parents=True)
        saved.write_text(INNER)
        agents = Numbered(lambda _: luck.random() < 0.4, None)
        done = run_source(source, Path(folder), agents=agents, max_agents=200)
        for stop in [*stops, None]:
            check(done)
            if done.state.outcome == "completed" and done.state.health == "clean":
                return
            agents.stop = None if stop is None else agents.asked.total() + stop
            done = resume_source(done, Path(folder), agents=agents, max_agents=1000)
        check(done)
