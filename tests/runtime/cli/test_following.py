"""Events of a run for programs and for those who look on from elsewhere: the same while it goes on and afterwards."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path

from command import weft
from running import run_source

from weft.runtime.clock import RealClock
from weft.runtime.journal.events import Logged
from weft.runtime.project.followed import followed

SOURCE = """
async def main(args):
    phase("Look")
    finding({"severity": "high", "claim": "a\\x1b[2J"})
    finding("plain")
    return await agent("x")
"""


def test_a_run_tells_its_events_as_json_lines_of_which_the_last_is_its_result(tmp_path: Path) -> None:
    (tmp_path / "h.py").write_text(SOURCE)
    (tmp_path / "stub.json").write_text("{}")
    words = ("run", "h.py", "--agents", "stub:stub.json", "--virtual-time", "--progress", "json")
    ran = weft(tmp_path, *words)
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert (ran.code, lines[0]["type"], lines[-1]["type"]) == (0, "run_started", "result")
    assert lines[-1]["data"]["outcome"] == "completed"
    assert {"at": 0.0, "type": "phase_began", "data": {"title": "Look"}} in lines
    refused = weft(tmp_path, *words, "--max-agents", "0")
    assert refused.code == 2

    logged = weft(tmp_path, "logs", "@last", "--json")
    assert [json.loads(line) for line in logged.out.splitlines()] == lines[:-1]
    told = weft(tmp_path, "logs", "@last", "--follow")
    assert "phase   Look\n" in told.out and "end     completed  1 done\n" in told.out
    found = weft(tmp_path, "findings", "@last")
    assert found.out.startswith("2 findings: 1 high\n") and "\\x1b[2J" in found.out and "\x1b" not in found.out
    assert weft(tmp_path, "findings", "@last", "--json").json["findings"][1] == "plain"


def test_what_could_not_start_is_one_line_of_json_too(tmp_path: Path) -> None:
    (tmp_path / "h.py").write_text("async def main(args):\n    return open('x')\n")
    refused = weft(tmp_path, "run", "h.py", "--model", "offline", "--progress", "json")
    assert refused.code == 3
    assert json.loads(refused.out)["data"]["outcome"] == "refused"
    both = weft(tmp_path, "run", "h.py", "--model", "offline", "--progress", "json", "--json")
    assert (both.code, both.out) == (2, "") and "--progress json all events" in both.err


def test_whoever_follows_a_run_hears_what_is_new_until_nobody_executes_it(tmp_path: Path) -> None:
    folder = run_source(SOURCE, tmp_path).folder
    alive = ExitStack()
    alive.enter_context(folder.locked())

    def go_on(_: float) -> None:
        journal = folder.write_journal(RealClock(), (), began=0.0)
        journal.add(Logged(message="late"))
        journal.commit()
        journal.close()
        alive.close()

    first, second = followed(folder, go_on)
    assert len(first) > 5
    assert [event for _, event in second] == [Logged(message="late")]
