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
from weft.runtime.journal import fold, read_journal
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
        facts = Facts({}, lambda _: None)
        facts.set("a", "1", None, 1, "x")
        facts.set("b", "2", None, 1, "y")
        for key, value in (("c", "3"), ("a", "1" * 20)):
            with pytest.raises(ToolRefused, match="set fewer"):
                facts.set(key, value, None, 1, "z")
        assert facts.set("a", "4", 1, 1, "w").version == 2

    def test_without_a_run_nothing_is_kept(self) -> None:
        assert "nothing keeps facts here" in call(toolbox(1), "remember", key="k", value="v")
        assert "nothing is known" in call(toolbox(1), "recall", key="k")

    @given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3) | st.none(), st.integers(1, 4)), max_size=20))
    def test_of_those_who_expect_one_version_one_changes_it(self, asked: list[tuple[str, int | None, int]]) -> None:
        events: list[FactRemembered] = []
        facts = Facts({}, events.append)
        for number, (key, expected, by) in enumerate(asked):
            before = facts.find(key)
            version = before[0].version if before else 0
            try:
                fact = facts.set(key, str(number), expected, by, str(number))
            except ToolRefused:
                assert expected is not None
                assert expected != version
                assert facts.find(key) == before
            else:
                assert expected in (None, version)
                assert (fact.version, facts.find(key)) == (version + 1, [fact])
        folded = Facts({event.key: event for event in events}, events.append)
        assert folded.find(prefix="") == facts.find(prefix="")
