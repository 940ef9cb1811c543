"""What agents do to the world: on record before it is done, and what a resume makes of one that was cut off there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from running import resume_source, run_source
from unconfined import without_processes

from weft.primitives.tools import Acts
from weft.runtime.journal.acted import ToolBegan, ToolEnded
from weft.runtime.pause import Pause
from weft.runtime.request import AgentReply, AgentRequest
from weft.runtime.working import Act, acting

SOURCE = """
from weft.primitives import agent

async def main(args):
    return await agent("Send it.", label="sender", retries=0)
"""


@pytest.fixture(autouse=True)
def _no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)


class Sender:
    """An agent that acts, and at its first attempt is cut off while it does."""

    def __init__(self, acts: Acts, cut: bool = True) -> None:
        self.acts: Acts = acts
        self.cut = cut
        self.told: list[tuple[str, ...]] = []

    async def __call__(self, request: AgentRequest) -> AgentReply:
        self.told.append(request.acted)
        async with acting(Act("look", "first", self.acts, "k1")):
            pass
        async with acting(Act("send", "a@b", self.acts, "k2")):
            if self.cut and len(self.told) == 1:
                raise Pause("provider", "the provider is away")
        return AgentReply(value="sent")


def events(run: Any, kind: type) -> list[Any]:
    return [event for _, event in run.folder.events() if isinstance(event, kind)]


def test_what_an_agent_does_is_on_record(tmp_path: Path) -> None:
    done = run_source(SOURCE, tmp_path, agents=Sender("idempotent", cut=False))
    assert [(event.number, event.tool, event.subject, event.key) for event in events(done, ToolBegan)] == [
        (1, "look", "first", "k1"),
        (2, "send", "a@b", "k2"),
    ]
    assert [(event.number, event.failed) for event in events(done, ToolEnded)] == [(1, None), (2, None)]
    (agent,) = done.state.agents.values()
    assert [act.text for act in agent.acts.values()] == ["look first: done", "send a@b: done"]


@pytest.mark.parametrize("acts", ["reconcile", "idempotent"])
def test_who_is_asked_again_is_told_what_was_done(tmp_path: Path, acts: Acts) -> None:
    sender = Sender(acts)
    cut = run_source(SOURCE, tmp_path, agents=sender)
    assert cut.state.ended is not None
    assert cut.state.ended.pause == "provider"
    done = resume_source(cut, tmp_path, agents=sender)
    assert done.state.ended is not None
    assert done.state.ended.result == "sent"
    assert sender.told[0] == ()
    assert sender.told[1][0] == "look first: done"
    assert sender.told[1][1].startswith("send a@b: ")


def test_what_only_a_person_may_repeat_is_not_repeated_unasked(tmp_path: Path) -> None:
    sender = Sender("manual")
    cut = run_source(SOURCE, tmp_path, agents=sender)
    waits = resume_source(cut, tmp_path, agents=sender)
    assert waits.state.ended is not None
    assert waits.state.ended.pause == "decision"
    assert len(sender.told) == 1
    done = resume_source(waits, tmp_path, agents=sender, asked="rerun")
    assert done.state.ended is not None
    assert done.state.ended.result == "sent"
    assert sender.told[1][0] == "look first: done"
