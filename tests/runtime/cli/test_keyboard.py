"""Keys at the terminal of a run that goes on, and the terminal after them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from terminal import ESCAPE, on_terminal

SLOW = """
async def main(args):
    phase("Read")
    return await parallel([agent(f"Read {n}", label=f"page {n}") for n in range(2)])
"""
WORK = {"rules": [{"match": {"label": "page 0"}, "result": "x", "latency": 3600}], "default": {"result": "x"}}
AT_WORK = "1/2  1 running"


def at(folder: Path, *typed: tuple[str, str], job: bool = False) -> tuple[str, list[bool]]:
    """Return what a run prints of which one agent takes an hour, and how the terminal was at each thing typed."""
    (folder / "slow.py").write_text(SLOW)
    (folder / "stub.json").write_text(json.dumps(WORK))
    modes: list[bool] = []
    words = ("run", "slow.py", "--agents", "stub:stub.json", "--yes")
    return ESCAPE.sub("", on_terminal(folder, *words, typed=typed, by_line=modes, job=job)), modes


@pytest.mark.slow
def test_keys_do_what_commands_do_and_leave_the_terminal_as_it_was(tmp_path: Path) -> None:
    printed, by_line = at(
        tmp_path,
        (AT_WORK, "p"),
        ("steer   pause: no further agents start", "p"),
        ("steer   continue: ", "a"),
        ("no question is open", "b"),
        ("Ceiling in dollars", "3\n"),
        ("steer   budget: ", "b"),
        ("Ceiling in dollars, now $3", "\x1b9\n"),
        ("nothing was answered", "?"),
        ("asks agents again that were lost", "x"),
        ("Which is to be stopped", "0\n"),
    )
    assert "steer   stop: agent 0 'page 0' is ended" in printed
    assert "lost    page 0  stopped: stopped by a person" in " ".join(printed.split(" "))
    assert "completed, degraded" in printed and "$9" not in printed
    assert (
        by_line == [False] * 4 + [True, False, True] + [False] * 2 + [True] * 2
    )  # whole lines where something is asked


@pytest.mark.slow
def test_ctrl_z_gives_the_terminal_to_the_shell_and_ctrl_c_ends_the_run_as_without_keys(tmp_path: Path) -> None:
    printed, by_line = at(
        tmp_path, (AT_WORK, "\x1a"), ("stopped", "p"), ("steer   pause", "\x03"), ("(again:", "\x03"), job=True
    )
    assert "stopped, by line" in printed
    assert "paused (user): interrupted; 1 agents at work were ended" in printed
    assert by_line[0] is False and by_line[-1] is True


@pytest.mark.slow
def test_whoever_leaves_the_block_has_lines_and_his_keys_back(tmp_path: Path) -> None:
    """Where no shell is there, Ctrl-Z stops nothing: nobody could let it go on."""
    printed, by_line = at(
        tmp_path, (AT_WORK, "\x1a"), (AT_WORK, "q"), ("status  ", "\x03"), ("waiting for the 1 at work", "\x03")
    )
    assert "stop    no more agents start" in printed.rpartition("Ctrl-C end")[2]
    assert by_line[-1] is True


@pytest.mark.slow
def test_in_the_background_of_a_shell_nothing_is_drawn_over_what_stands_there(tmp_path: Path) -> None:
    (tmp_path / "quick.py").write_text("async def main(args):\n    log('begun')\n    return await agent('x')\n")
    (tmp_path / "stub.json").write_text(json.dumps({"default": {"result": "x", "latency": 1}}))
    printed = on_terminal(tmp_path, "run", "quick.py", "--agents", "stub:stub.json", "--yes", background=True)
    assert "log     begun" in ESCAPE.sub("", printed) and "\x1b[J" not in printed and "p pause" not in printed
