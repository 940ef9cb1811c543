"""Functions that hand over to one another, and who answers which profile of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from running import run_source
from unconfined import without_processes

from weft.primitives.lost import Spent
from weft.runtime.agents.adapters.functions import Handoff, from_function
from weft.runtime.agents.adapters.route import route
from weft.runtime.execution.run import Run
from weft.runtime.request import AgentError, AgentReply

ONE = 'async def main(args):\n    return await agent("a refund, please", context={"name": "Ann"}, **(args or {}))\n'


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)


def result(done: Run) -> Any:
    assert done.state.ended is not None
    return done.state.ended.result


def lost(done: Run) -> Any:
    (agent,) = done.state.agents.values()
    assert agent.lost is not None
    return agent.lost


def triage(context: Any, prompt: str) -> Any:
    context["seen"] = ["triage"]
    return refunds if "refund" in prompt else "no"


async def refunds(context: Any, prompt: str) -> Any:
    context["seen"].append("refunds")
    return Handoff(clerk, prompt="Give it back.")


def clerk(context: Any, prompt: str) -> Any:
    return f"{prompt} {context['name']}, after {', '.join(context['seen'])}"


def test_functions_hand_over_and_share_what_they_know(tmp_path: Path) -> None:
    done = run_source(ONE, tmp_path, agents=from_function(triage))
    assert result(done) == "Give it back. Ann, after triage, refunds"
    (agent,) = done.state.agents.values()
    assert agent.finished is not None
    assert [part["content"] for part in agent.finished.transcript] == ["triage → refunds", "refunds → clerk"]


def test_a_function_is_told_what_was_wrong_and_may_say_what_it_cost(tmp_path: Path) -> None:
    def counting(context: Any, prompt: str) -> Any:
        return AgentReply(value=5 if "does not fit" in prompt or "not fit" in prompt else "five", spent=Spent(10, 1))

    done = run_source(ONE, tmp_path, agents=from_function(counting), args={"schema": {"type": "integer"}})
    assert result(done) == 5
    assert done.state.spent == Spent(20, 2)


def test_functions_that_hand_over_for_ever_are_lost(tmp_path: Path) -> None:
    def ping(context: Any, prompt: str) -> Any:
        return pong

    def pong(context: Any, prompt: str) -> Any:
        return ping

    found = lost(run_source(ONE, tmp_path, agents=from_function(ping, handoffs=4)))
    assert found.cause == "stopped"
    assert found.message.endswith("more than 4 times, and nobody answered: … pong → ping → pong")


def test_what_a_function_raises_costs_its_agent_alone(tmp_path: Path) -> None:
    def broken(context: Any, prompt: str) -> Any:
        raise KeyError("name")

    def refusing(context: Any, prompt: str) -> Any:
        raise AgentError("refused", "not this one", spent=Spent(usd=0.5))

    assert lost(run_source(ONE, tmp_path / "a", agents=from_function(broken))).message == "KeyError: 'name'"
    done = run_source(ONE, tmp_path / "b", agents=from_function(refusing))
    assert (lost(done).cause, lost(done).spent.usd, done.state.spent.usd) == ("refused", 0.5, 0.5)


def test_a_cost_that_is_none_is_told(tmp_path: Path) -> None:
    def odd(context: Any, prompt: str) -> Any:
        raise AgentError("refused", "no", spent=Spent(usd=-1.0))

    found = lost(run_source(ONE, tmp_path, agents=from_function(odd)))
    assert found.cause == "crashed"
    assert "is no cost" in found.message


MIXED = """
async def main(args):
    return [await agent("a", profile="coder"), await agent("b"), await agent("c", profile="other")]
"""


def saying(word: str) -> Any:
    return from_function(lambda context, prompt: f"{word} {prompt}")


def test_profiles_are_answered_by_who_is_named_and_the_others_by_the_settings(tmp_path: Path) -> None:
    stub = {"rules": [{"result": "stub"}]}
    done = run_source(MIXED, tmp_path, agents=route({"coder": saying("coder")}), stub=stub)
    assert result(done) == ["coder a", "stub", "stub"]


def test_who_is_named_for_no_profile_answers_all_others(tmp_path: Path) -> None:
    done = run_source(MIXED, tmp_path, agents=route({"coder": saying("coder"), None: saying("else")}))
    assert result(done) == ["coder a", "else b", "else c"]
