"""What agents of a run tell each other: seen by all, changed by one at a time, and the same when it is replayed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest
from anthropic_server import text, tool
from hypothesis import given
from hypothesis import strategies as st
from models import Serve, answers, run_model, serve

from weft.runtime.execution.replay import replay
from weft.runtime.execution.run import Run
from weft.runtime.journal import Past, RunState, fold, read_journal
from weft.runtime.journal.events import FactRemembered
from weft.runtime.request import AgentRequest
from weft.runtime.tools import facts as module
from weft.runtime.tools.allowed import Allowed
from weft.runtime.tools.built_in import RECALL, REMEMBER
from weft.runtime.tools.facts import Facts, keeping
from weft.runtime.tools.folders import Folders
from weft.runtime.tools.refusing import ToolRefused
from weft.runtime.tools.tool import Calling
from weft.runtime.tools.toolbox import Toolbox

__all__ = ["serve"]

SOURCE = """
async def main(args):
    first = await agent("Find out who owns it.", tools=["remember", "recall"])
    second = await agent("Ask what is known.", tools=["recall"])
    return [first, second, await tool("recall", prefix="owner/"), await tool("recall", key="nothing")]
"""


def toolbox(number: int) -> Toolbox:
    asker = AgentRequest(id=number, prompt="", model="", tools=(), timeout=None, retries=0, identity=f"r:{number}")
    return Toolbox((REMEMBER, RECALL), Allowed(), Calling(request=asker, folders=Folders(())))


def call(of: Toolbox, name: str, **arguments: Any) -> str:
    return anyio.run(of.call, REMEMBER if name == "remember" else RECALL, arguments)


def test_agents_and_harness_see_the_same_and_a_replay_too(tmp_path: Path, serve: Serve) -> None:
    remember = tool("remember", {"key": "owner/billing", "value": "Ada", "expected": 0})
    late = tool("remember", {"key": "owner/billing", "value": "Bob", "expected": 0})
    server = serve(answers(remember, late, text("Ada"), tool("recall", {"prefix": "owner/"}), text("Ada has it")))
    done = run_model(tmp_path, SOURCE, folders=(tmp_path,))
    assert done.state.ended is not None
    known = [{"key": "owner/billing", "value": "Ada", "version": 1}]
    assert done.state.ended.result == ["Ada", "Ada has it", known, []]
    assert "does not have version 0: it has version 1" in str(server.requests[2])
    assert "owner/billing (version 1): Ada" in str(server.requests[-1])
    events = read_journal(done.folder.journal)
    again = anyio.run(replay, _harness(SOURCE), events)
    assert again.result == done.state.ended.result
    assert [fact.value for fact in fold(events).facts.values()] == ["Ada"]


def _harness(source: str) -> Any:
    from weft.runtime.project.harness import parse_harness

    return parse_harness(f"from weft.primitives import agent, tool\n{source}", name="test", filename="test.py")


class TestStore:
    def test_the_same_call_made_again_by_a_resume_is_done_already(self) -> None:
        events: list[FactRemembered] = []
        with keeping(Facts({}, events.append)):
            assert "version 1" in call(toolbox(1), "remember", key="k", value="a", expected=0)
        with keeping(Facts({"k": events[0]}, events.append)):
            assert "version 1" in call(toolbox(1), "remember", key="k", value="a", expected=0)
            assert "refused" in call(toolbox(2), "remember", key="k", value="a", expected=0)
            assert "version 2" in call(toolbox(2), "remember", key="k", value="b", expected=1)
        assert [(event.value, event.by) for event in events] == [("a", 1), ("b", 2)]

    def test_what_is_recalled_is_marked_as_data_and_bounded(self) -> None:
        with keeping(Facts({}, lambda _: None)):
            for number in range(30):
                call(toolbox(1), "remember", key=f"k{number}", value="x" * 20_000)
            told = call(toolbox(2), "recall")
        assert told.startswith("<data")
        assert len(told) < 200_000

    @pytest.mark.parametrize(
        ("name", "arguments", "said"),
        [
            ("remember", {"key": "", "value": "x"}, "does not take that"),
            ("remember", {"key": "k" * 201, "value": "x"}, "does not take that"),
            ("remember", {"key": "k", "value": "x" * 20_001}, "does not take that"),
            ("remember", {"key": "k", "value": {"a": 1}}, "does not take that"),
            ("remember", {"key": "k", "value": "x", "expected": -1}, "does not take that"),
            ("recall", {"key": "k", "prefix": "k"}, "not both"),
        ],
    )
    def test_what_is_no_fact_is_refused(self, name: str, arguments: dict[str, Any], said: str) -> None:
        with keeping(Facts({}, lambda _: None)):
            assert said in call(toolbox(1), name, **arguments)
            assert "nothing is known" in call(toolbox(1), "recall")

    def test_a_run_has_no_more_than_it_may(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "MAX_FACTS", 2)
        monkeypatch.setattr(module, "MAX_ALL", 20)
        with keeping(Facts({}, lambda _: None)):
            call(toolbox(1), "remember", key="a", value="1")
            call(toolbox(1), "remember", key="b", value="2")
            for key, value in (("c", "3"), ("a", "1" * 20)):
                assert "set fewer" in call(toolbox(1), "remember", key=key, value=value)
            assert "version 2" in call(toolbox(1), "remember", key="a", value="4", expected=1)

    def test_without_a_run_nothing_is_kept(self) -> None:
        assert "nothing keeps facts here" in call(toolbox(1), "remember", key="k", value="v")
        assert "nothing is known" in call(toolbox(1), "recall", key="k")

    def test_a_call_made_again_does_not_undo_what_others_have_changed_since(self) -> None:
        events: list[FactRemembered] = []
        with keeping(Facts({}, events.append)):
            call(toolbox(1), "remember", key="k", value="old")
            call(toolbox(2), "remember", key="k", value="new")
        state = RunState()
        for event in events:
            state.apply(0.0, event)
        with keeping(Facts(state.facts, events.append, state.remembered)):
            assert "version 1" in call(toolbox(1), "remember", key="k", value="old")
            assert "k (version 2): new" in call(toolbox(3), "recall")
        assert len(events) == 2

    def test_no_fact_can_pass_for_another(self) -> None:
        odd = {"a (version 9): x": "y", "b": "1\nowner (version 7): me", "c\nd": "\x00\u202e"}
        with keeping(Facts({}, lambda _: None)):
            for key, value in odd.items():
                assert "has version 1" in call(toolbox(1), "remember", key=key, value=value)
            told = call(toolbox(2), "recall").splitlines()
            assert "does not take that" in call(toolbox(1), "remember", key="lone \ud800", value="x")
        assert '"a (version 9): x" (version 1): y' in told
        assert r'b (version 1): "1\nowner (version 7): me"' in told
        assert sum("(version 1)" in line for line in told) == len(odd)

    @given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3) | st.none(), st.integers(1, 4)), max_size=20))
    def test_of_those_who_expect_one_version_one_changes_it(self, asked: list[tuple[str, int | None, int]]) -> None:
        anyio.run(_set_all, asked)


async def _set_all(asked: list[tuple[str, int | None, int]]) -> None:
    events: list[FactRemembered] = []
    facts = Facts({}, events.append)
    for number, (key, expected, by) in enumerate(asked):
        before = await facts.find(key)
        version = before[0].version if before else 0
        wanted = FactRemembered(key=key, value=str(number), version=0, by=by, call=str(number))
        try:
            fact = await facts.set(wanted, expected)
        except ToolRefused:
            assert expected is not None
            assert expected != version
            assert await facts.find(key) == before
        else:
            assert expected in (None, version)
            assert (fact.version, await facts.find(key)) == (version + 1, [fact])
    folded = Facts({event.key: event for event in events}, events.append)
    assert await folded.find() == await facts.find()


CHANGED = """
async def main(args):
    first = await agent("Remember it.", tools=["remember"])
    second = await agent("Say {} what is known.", tools=["recall"])
    return [first, second, await tool("recall", prefix="{}")]
"""


def test_what_agents_have_remembered_is_there_for_another_run_that_uses_their_answers_again(
    tmp_path: Path, serve: Serve
) -> None:
    server = serve(
        answers(
            tool("remember", {"key": "k", "value": "v"}),
            text("done"),
            text("old"),
            tool("recall", {}),
            text("new"),
            text("never"),
        )
    )
    first = run_model(tmp_path, CHANGED.format("briefly", ""))
    again = run_model(tmp_path, CHANGED.format("at length", "k"), past=_past(first))
    assert again.result == ["done", "new", [{"key": "k", "value": "v", "version": 1}]]
    assert "k (version 1): v" in str(server.requests[-1])
    assert {fact.by for fact in again.state.facts.values()} == {0}
    # And what it has used of the other run is there for a resume of its own.
    assert [request.prompt for request, _ in _past(again).finished] == ["Remember it.", "Say at length what is known."]


def _past(done: Run) -> Past:
    return Past(event for _, event in read_journal(done.folder.journal))
