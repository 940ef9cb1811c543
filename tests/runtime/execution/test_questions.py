"""Questions to people: who answers, what counts where nobody does, that nobody is asked twice."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st
from killing import in_process
from running import resume_source, run_source
from unconfined import without_processes

from weft.primitives.calls import Question
from weft.runtime.errors import Refused
from weft.runtime.execution.replay import replay
from weft.runtime.execution.result import asked, result_object
from weft.runtime.execution.run import Run, run
from weft.runtime.helping import Helper, HostReply, HostRequest, away, fitting, nobody
from weft.runtime.journal import executions
from weft.runtime.journal.events import AgentsStarted, Event, HostAnswered, HostCalled, HostCancelled
from weft.runtime.project.folders import Project, RunFolder
from weft.runtime.project.harness import parse_harness
from weft.runtime.rehearsal.rehearse import rehearse
from weft.runtime.settings import Settings
from weft.runtime.steering.socket import AnswerQuestion, Command, ContinueRun, PauseRun, Receipt, StopRun, send
from weft.runtime.views.text import outcome_span


@pytest.fixture(autouse=True)
def _no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)


def main_of(body: str) -> str:
    return "async def main(args):\n" + "".join(f"    {line}\n" for line in body.splitlines())


YES_OR_NO = 'await ask("Go on?", choices=["Yes", "no"], default="no", timeout={})'


def choice(timeout: float = 60) -> str:
    return YES_OR_NO.format(timeout)


def replayed(source: str, done: Run | RunFolder) -> Any:
    harness = parse_harness(source, name="test", filename="h.py")
    return anyio.run(replay, harness, (done.folder if isinstance(done, Run) else done).events())


def answers(folder: RunFolder, execution: int = -1) -> list[HostAnswered]:
    return [event for _, event in executions(folder.events())[execution] if isinstance(event, HostAnswered)]


class Meanwhile:
    """Sends commands to a run in this process, once a question is on record, or an agent has started.

    A number among the commands waits until so many questions are on record.
    """

    def __init__(self, project: Project, *commands: Command | int) -> None:
        self._project = project
        self._commands = commands
        self._asked = anyio.Event()
        self._questions = 0
        self.receipts: list[Receipt | Refused] = []
        self.states: list[str] = []

    def watch(self, _at: float, event: Event) -> None:
        asked = isinstance(event, HostCalled) and isinstance(event.request.call, Question)
        self._questions += asked
        if asked or isinstance(event, AgentsStarted):
            self._asked.set()

    async def __call__(self) -> None:
        await self._asked.wait()
        for command in self._commands:
            if isinstance(command, int):
                while self._questions < command:
                    await anyio.sleep(0.01)
                continue
            (folder,) = self._project.runs()
            self.states.append(outcome_span(folder.state())[0])
            try:
                self.receipts.append(await send(folder, command))
            except Refused as refused:
                self.receipts.append(refused)


def run_live(
    source: str, folder: Path, *commands: Command | int, people: Helper = away, stub: str = "{}", **settings: Any
) -> tuple[Run, Meanwhile]:
    """Run in real time, while somebody sends commands."""
    script = folder / "stub.json"
    script.write_text(stub)
    meanwhile = Meanwhile(Project(folder), *commands)

    async def go() -> Run:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(meanwhile)
            done = await run(
                parse_harness(source, name="test", filename="h.py"),
                {},
                Settings(agents=f"stub:{script}", **settings),
                Project(folder),
                people=people,
                watchers=(meanwhile.watch,),
            )
            tasks.cancel_scope.cancel()
            return done

    return anyio.run(go), meanwhile


def saying(*said: str) -> Helper:
    """Return somebody who answers one question after the other, whatever it is."""
    left = list(said)

    async def answer(request: HostRequest) -> HostReply | None:
        assert isinstance(request.call, Question)
        return HostReply(value=fitting(request.call, left.pop(0)), by="terminal", who="ada")

    return answer


def result(done: Run) -> Any:
    assert done.state.ended is not None
    return done.state.ended.result


class TestWhoAnswers:
    def test_nobody_is_there_by_a_clock_that_does_not_wait(self, tmp_path: Path) -> None:
        source = main_of(f"return [{choice(3600)}, now()]")
        done = run_source(source, tmp_path)
        assert result(done)[0] == "no"
        assert done.state.wall_s == 0 and done.state.health == "clean"
        assert [(answer.by, answer.who) for answer in answers(done.folder)] == [("nobody", "")]
        assert asked(done.state) == ["Go on?: no (the default, for nobody was there to be asked)"]
        assert replayed(source, done).complete

    def test_whoever_is_at_the_terminal(self, tmp_path: Path) -> None:
        source = main_of(f'return [{choice()}, await ask("Name?", default="x", timeout=60)]')
        done, _ = run_live(source, tmp_path, people=saying("yes", "Ada Lovelace"))
        assert result(done) == ["Yes", "Ada Lovelace"]
        assert [(answer.by, answer.who) for answer in answers(done.folder)] == [("terminal", "ada")] * 2
        assert replayed(source, done).result == ["Yes", "Ada Lovelace"]

    def test_a_command_from_elsewhere(self, tmp_path: Path) -> None:
        source = main_of(f"return {choice()}")
        done, meanwhile = run_live(source, tmp_path, AnswerQuestion(value=" yes ", reason="looks fine"))
        (receipt,) = meanwhile.receipts
        assert isinstance(receipt, Receipt) and receipt.applied and receipt.detail == "question 0 'Go on?': Yes"
        assert meanwhile.states == ["running, waits for an answer"]
        assert result(done) == "Yes"
        (answer,) = answers(done.folder)
        assert answer.by == "command" and "pid" in answer.who
        assert "looks fine" in done.state.steered[0][1].text
        assert replayed(source, done).complete

    def test_nobody_in_time(self, tmp_path: Path) -> None:
        done, _ = run_live(main_of(f"return {choice(0.05)}"), tmp_path)
        assert result(done) == "no"
        assert [answer.by for answer in answers(done.folder)] == ["deadline"]

    def test_nobody_who_wants_to_be_asked(self, tmp_path: Path) -> None:
        done, _ = run_live(main_of(f"return {choice(3600)}"), tmp_path, people=nobody)
        assert [answer.by for answer in answers(done.folder)] == ["nobody"]

    @pytest.mark.parametrize(
        ("rule", "answer", "by"),
        [
            ({"match": {"ask": "^Go"}, "result": "YES", "latency": 30}, "Yes", "script"),
            ({"match": {"ask": "^Go"}, "result": "perhaps"}, "no", "nobody"),  # that is none of the choices
            ({"match": {"ask": "^Go"}, "result": 3}, "no", "nobody"),
            ({"match": {"ask": "^Go"}, "lost": "timeout"}, "no", "nobody"),
            ({"match": {"ask": "other"}, "result": "yes"}, "no", "nobody"),
            ({"match": {"ask": "^Go"}, "result": "yes", "latency": 61}, "no", "deadline"),
            ({"result": "yes"}, "no", "nobody"),  # a rule for agents
        ],
    )
    def test_a_script(self, tmp_path: Path, rule: dict[str, Any], answer: str, by: str) -> None:
        done = run_source(main_of(f"return {choice()}"), tmp_path, stub={"rules": [rule]})
        assert (result(done), [one.by for one in answers(done.folder)]) == (answer, [by])

    @pytest.mark.parametrize("value", ["perhaps", "", 3, None, ["Yes"]])
    def test_what_is_none_of_the_choices_is_no_answer_whoever_gives_it(self, tmp_path: Path, value: Any) -> None:
        async def off(request: HostRequest) -> HostReply | None:
            return HostReply(value=value, by="terminal")

        done, _ = run_live(main_of(f"return {choice()}"), tmp_path, people=off)
        assert (result(done), [one.by for one in answers(done.folder)]) == ("no", ["nobody"])
        assert "is no answer to it" in asked(done.state)[0]

    def test_a_helper_that_fails_leaves_the_default(self, tmp_path: Path) -> None:
        async def broken(request: HostRequest) -> HostReply | None:
            raise ZeroDivisionError("oh")

        done, _ = run_live(main_of(f"return {choice()}"), tmp_path, people=broken)
        assert (result(done), [one.by for one in answers(done.folder)]) == ("no", ["nobody"])


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ('ask("x", default="a")', "TypeError"),
        ('ask("x", timeout=5)', "TypeError"),
        ('ask(" ", default="a", timeout=5)', "ValueError: ask() got nothing as the question"),
        ('ask(3, default="a", timeout=5)', "TypeError: ask() takes the question as text"),
        ('ask("x", default=None, timeout=5)', "TypeError: ask() takes default as text"),
        ('ask("x", choices="ab", default="a", timeout=5)', "TypeError: ask(choices=…) takes a list of texts"),
        ('ask("x", choices=[], default="a", timeout=5)', "ValueError"),
        ('ask("x", choices=["a", "A "], default="a", timeout=5)', "ValueError"),
        ('ask("x", choices=["a", 3], default="a", timeout=5)', "TypeError"),
        ('ask("x", choices=["a", "b"], default="c", timeout=5)', "ValueError: ask(default='c') is not one of"),
        ('ask("x", default="a", timeout=0)', "ValueError"),
        ('ask("x", default="a", timeout=float("inf"))', "ValueError"),
        (
            'ask("x", default="a", timeout=1e300)',
            "ValueError: ask(timeout=…) takes seconds, above 0",
        ),
        (
            'ask("x", default="a", timeout=10**400)',
            "ValueError: ask(timeout=…) takes seconds, above 0",
        ),
        ('ask("x", default="a", timeout="5m")', "ValueError"),
        ('ask("\\ud800", default="a", timeout=5)', "NotJson"),
    ],
)
def test_a_question_that_means_nothing_is_an_error_of_the_harness(tmp_path: Path, call: str, error: str) -> None:
    done = run_source(main_of(f"return await {call}"), tmp_path)
    assert done.state.ended and done.state.ended.problem
    assert done.state.ended.problem.message.startswith(error)


TWO = main_of(
    """
first = ask("First?", choices=["a", "b"], default="a", timeout=60)
second = ask("Second?", default="x", timeout=60)
return list(await parallel([first, second]))
"""
)


class TestTwoAtATime:
    def test_each_is_answered_by_its_number(self, tmp_path: Path) -> None:
        commands = [
            AnswerQuestion(value="b"),
            AnswerQuestion(ask="7", value="b"),
            AnswerQuestion(ask="0", value="c"),
            AnswerQuestion(ask="1", value=" "),
            AnswerQuestion(ask="1", value="two words"),
            AnswerQuestion(ask="1", value="again"),
            AnswerQuestion(value="B"),
        ]
        done, meanwhile = run_live(TWO, tmp_path, *commands)
        said = [receipt.what if isinstance(receipt, Refused) else receipt.detail for receipt in meanwhile.receipts]
        assert said == [
            "2 questions are open: 0 'First?', 1 'Second?'",
            "question '7' is not open",
            "'c' is no answer to question 0 'First?'",
            "' ' is no answer to question 1 'Second?'",
            "question 1 'Second?': two words",
            "question '1' is not open",
            "question 0 'First?': b",
        ]
        assert result(done) == ["b", "two words"]
        assert [answer.id for answer in answers(done.folder)] == [1, 0]
        assert replayed(TWO, done).complete

    def test_one_that_nobody_waits_for_any_more_is_open_no_longer(self, tmp_path: Path) -> None:
        source = main_of(
            """
rival = ask("Late?", default="late", timeout=3600)
return list(await parallel([rival, ask("Now?", default="now", timeout=3600)], quorum=1))
"""
        )
        done, _ = run_live(source, tmp_path, AnswerQuestion(ask="1", value="x"))
        assert result(done) == [None, "x"] and done.state.health == "clean"
        (cancelled,) = (event for _, event in done.folder.events() if isinstance(event, HostCancelled))
        assert cancelled.id == 0
        assert asked(done.state)[0] == "Late?: not needed any more"
        assert replayed(source, done).complete


class TestARunThatEnds:
    @pytest.mark.parametrize(("command", "pause"), [(PauseRun(now=True), "command"), (StopRun(), "user")])
    def test_a_question_that_was_open_is_asked_again(self, tmp_path: Path, command: Command, pause: str) -> None:
        source = main_of(f'await tool("list_files", pattern="zz")\nreturn {choice(3600)}')
        done, _ = run_live(source, tmp_path, command)
        assert done.state.ended and done.state.ended.pause == pause
        self.check_resume(done, source, tmp_path)

    def test_a_question_that_was_open_at_the_deadline_is_asked_again(self, tmp_path: Path) -> None:
        source = main_of(f'await tool("list_files", pattern="zz")\nreturn {choice(7200)}')
        slow = {"rules": [{"match": {"ask": "Go"}, "result": "no", "latency": 3600}]}
        done = run_source(source, tmp_path, stub=slow, deadline=60)
        assert done.state.ended and done.state.ended.pause == "deadline" and done.state.wall_s == 60
        self.check_resume(done, source, tmp_path)

    def check_resume(self, done: Run, source: str, folder: Path) -> None:
        assert asked(done.state)[0] == "Go on?: no answer yet; a resume asks again"
        yes = {"rules": [{"match": {"ask": "Go"}, "result": "yes"}]}
        again = resume_source(done, folder, stub=yes, deadline=None)
        assert result(again) == "Yes"
        assert [answer.reused for answer in answers(again.folder)] == [True, False]
        assert replayed(source, again).complete

    def test_a_run_that_is_killed_asks_again_what_was_open_and_nothing_else(self, tmp_path: Path) -> None:
        source = main_of(f'name = await ask("Name?", default="x", timeout=60)\nreturn [name, {choice()}]')

        async def dying(request: HostRequest) -> HostReply | None:
            if request.name == "Name?":
                return HostReply(value="Ada", by="terminal")
            os.kill(os.getpid(), signal.SIGKILL)
            return None

        assert in_process(lambda: run_live(source, tmp_path, people=dying)) == -signal.SIGKILL
        (folder,) = Project(tmp_path).runs()
        assert folder.state().killed
        again = resume_source(folder, tmp_path, stub={"rules": [{"match": {"ask": ""}, "result": "yes"}]})
        assert result(again) == ["Ada", "Yes"]
        assert [(answer.reused, answer.by) for answer in answers(folder)] == [(True, "terminal"), (False, "script")]
        assert "Ada (at the terminal, in an earlier execution)" in asked(again.state)[0]
        third = resume_source(folder, tmp_path, source=source + "\n# edited\n")
        assert result(third) == ["Ada", "Yes"]
        assert all(answer.reused for answer in answers(folder))

    def test_a_default_that_counted_is_not_asked_about_again(self, tmp_path: Path) -> None:
        source = main_of(f'return [{choice()}, await agent("x")]')
        done = run_source(source, tmp_path, stub={"rules": [{"lost": "provider"}]})
        again = resume_source(
            done, tmp_path, stub={"rules": [{"match": {"ask": ""}, "result": "yes"}, {"result": "y"}]}
        )
        assert result(again) == ["no", "y"]

    def test_a_paused_run_takes_answers_and_begins_nothing(self, tmp_path: Path) -> None:
        source = main_of(f'return [{choice()}, await tool("list_files", pattern="zz"), await agent("x")]')
        commands = [PauseRun(), AnswerQuestion(value="yes"), ContinueRun()]
        done, meanwhile = run_live(source, tmp_path, *commands)
        assert [receipt.applied for receipt in meanwhile.receipts if isinstance(receipt, Receipt)] == [True] * 3
        assert result(done)[:2] == ["Yes", []]
        assert replayed(source, done).complete

    def test_a_question_under_a_pause_is_not_open_and_that_is_said(self, tmp_path: Path) -> None:
        source = main_of(f'return [{choice()}, await ask("Name?", default="nobody", timeout=600)]')
        late = AnswerQuestion(value="Ada")
        _, meanwhile = run_live(source, tmp_path, PauseRun(), AnswerQuestion(value="yes"), 2, late, StopRun())
        refused = meanwhile.receipts[2]
        assert isinstance(refused, Refused) and "once the run goes on" in refused.what
        assert refused.fix is not None and "weft continue" in refused.fix

    def test_no_command_reaches_a_question_of_a_run_that_has_ended(self, tmp_path: Path) -> None:
        done = run_source(main_of(f"return {choice()}"), tmp_path)
        with pytest.raises(Refused, match="has ended"):
            anyio.run(send, done.folder, AnswerQuestion(value="yes"))

    def test_no_question_is_open(self, tmp_path: Path) -> None:
        source = main_of('await tool("list_files", pattern="zz")\nreturn await agent("x")')
        stub = '{"rules": [{"result": "x", "latency": 3600}]}'
        _, meanwhile = run_live(source, tmp_path, AnswerQuestion(value="yes"), StopRun(), stub=stub)
        refused = meanwhile.receipts[0]
        assert isinstance(refused, Refused) and refused.what == "no question is open"


def test_the_result_tells_each_question_and_who_answered_it(tmp_path: Path) -> None:
    done, _ = run_live(main_of(f"return {choice()}"), tmp_path, people=saying("YES"))
    assert result_object(done.state)["questions"] == [
        {
            "ask": 0,
            "question": "Go on?",
            "choices": ["Yes", "no"],
            "default": "no",
            "answer": "Yes",
            "by": "terminal",
            "who": "ada",
        }
    ]


CHOICES = main_of(
    """
choice = await ask("Which?", choices=["a", "b", "c", "d", "e"], default="a", timeout=5)
paths = await tool("list_files", pattern="stub")
if choice == "e":
    return {}["missing"]
return [choice, len(paths), await agent("x")]
"""
)


def test_a_rehearsal_gives_each_answer_there_is_and_lets_tools_fail(tmp_path: Path) -> None:
    harness = parse_harness(CHOICES, name="test", filename="h.py")

    settings = Settings(agents="stub:none", folders=(tmp_path,)).resolved()
    rehearsal = anyio.run(partial(rehearse, harness, {}, settings, lambda _: None, runs=16))
    assert [crash.manner for crash in rehearsal.crashes] == ["answer 5 of a person", "every tool fails"]
    assert rehearsal.agents == (1, 1)


@trying(max_examples=8)
@given(
    st.lists(st.sampled_from(["ask", "tool", "agent"]), min_size=1, max_size=5),
    st.lists(st.integers(0, 9), min_size=5, max_size=5),
    st.booleans(),
)
def test_whatever_order_answers_come_in_it_replays_and_resumes(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[str], seconds: list[int], lost: bool
) -> None:
    """Each branch notes when it ends, so that every change of order shows; a resume after losses gives the same."""
    folder = tmp_path_factory.mktemp("order")
    calls: dict[str, Callable[[int], str]] = {
        "ask": lambda n: f'ask("q{n}", default="d", timeout=60)',
        "tool": lambda n: f'tool("search_text", query="q{n}")',
        "agent": lambda n: f'agent("q{n}", label="q{n}")',
    }
    branches = "".join(
        f"    async def b{n}():\n        value = await {calls[k](n)}\n        order.append({n})\n        return value\n"
        for n, k in enumerate(kinds)
    )
    source = (
        "async def main(args):\n    order = []\n"
        + branches
        + f"    values = await parallel([{', '.join(f'b{n}()' for n in range(len(kinds)))}])\n"
        + '    return [order, list(values), await agent("last", label="last")]\n'
    )
    where = {"ask": "ask", "tool": "tool", "agent": "label"}
    rules: list[dict[str, Any]] = [
        {"match": {where[k]: f"q{n}"}, "result": f"r{n}", "latency": s}
        for n, (k, s) in enumerate(zip(kinds, seconds, strict=False))
    ]
    last = {"lost": "provider"} if lost else {"result": "end"}
    done = run_source(source, folder, folders=(folder,), stub={"rules": [{"match": {"label": "last"}, **last}, *rules]})
    assert replayed(source, done).complete
    if lost:
        again = resume_source(done, folder, folders=(folder,), stub={"rules": [{"result": "end"}]})
        assert result(again)[:2] == result(done)[:2] and result(again)[2] == "end"
        assert replayed(source, again).complete
