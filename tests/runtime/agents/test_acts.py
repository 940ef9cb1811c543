"""Models that act: real SDK, real commands and files; what they are told, what is on record, and what is left."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
from anthropic_server import text, tool
from models import Serve, answers, only_loss, run_model, serve

from weft.runtime.errors import Refused

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has something to contain commands with"),
]

__all__ = ["serve"]

SOURCE = """
async def main(args):
    timeout = args.get("timeout")
    return await agent("Mend it.", tools=["read_file", "edit_file", "run_command"], timeout=timeout, retries=0)
"""


def told(server: Any) -> list[str]:
    """Return what the tools have told the model, by its last request."""
    content = [block for one in server.requests[-1]["messages"] for block in one["content"] if isinstance(block, dict)]
    return [str(block["content"]) for block in content if block["type"] == "tool_result"]


def test_a_model_edits_runs_and_answers(tmp_path: Path, serve: Serve) -> None:
    (tmp_path / "main.py").write_text("print(1 / 0)\n")
    run = tool("run_command", {"command": "python3 main.py"})
    mend = tool("edit_file", {"path": "main.py", "old": "1 / 0", "new": "42"})
    server = serve(answers(run, mend, run, text("mended")))
    done = run_model(tmp_path, SOURCE, folders=(tmp_path,), allow=("edit_file:*.py", "run_command:python3 *"))
    (agent,) = done.state.agents.values()
    assert agent.finished is not None
    assert agent.finished.value == "mended"
    first, changed, last = told(server)
    assert re.search(r"<data (\w+) .*exit code 1 after .*ZeroDivisionError.*</data \1>", first, re.DOTALL)
    assert "1: print(42)" in changed
    assert "42" in last
    assert [act.text for act in agent.acts.values()] == [
        "run_command python3 main.py: done",
        "edit_file main.py: done",
        "run_command python3 main.py: done",
    ]
    names = {one["name"] for one in server.requests[0]["tools"]}
    assert names == {"read_file", "edit_file", "run_command", "read_more"}


def test_what_is_not_granted_is_refused_before_anything_starts(tmp_path: Path, serve: Serve) -> None:
    server = serve(answers(text("done")))
    with pytest.raises(Refused, match="run_command") as refused:
        run_model(tmp_path, SOURCE, folders=(tmp_path,), allow=("edit_file",))
    assert "--allow run_command, with a pattern" in str(refused.value.fix)
    assert server.requests == []


def test_a_command_ends_with_an_agent_that_takes_too_long(tmp_path: Path, serve: Serve) -> None:
    serve(
        answers(
            tool("run_command", {"command": "sh -c 'setsid sleep 91.5317 & echo $$ > started; wait'"}), text("done")
        )
    )
    done = run_model(tmp_path, SOURCE, args={"timeout": 1.5}, folders=(tmp_path,), allow=("*",), virtual_time=False)
    assert only_loss(done)["cause"] == "timeout"
    assert (tmp_path / "started").exists()
    living = [entry for entry in Path("/proc").iterdir() if entry.name.isdecimal() and _is(entry, b"91.5317")]
    assert living == []
    (agent,) = done.state.agents.values()
    assert ["nobody knows how far it came" in act.text for act in agent.acts.values()] == [True]


def _is(process: Path, marker: bytes) -> bool:
    try:
        return marker in (process / "cmdline").read_bytes()
    except OSError:
        return False
