"""Answering questions: at the terminal of a run, and what `weft answer` says where that makes no sense."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import weft
from terminal import ESCAPE, on_terminal

ASKS = """
async def main(args):
    go = await ask("Go on?", choices=["yes", "no"], default="no", timeout=600)
    return [go, await ask("Name?", default="nobody", timeout=600)]
"""


def test_without_anybody_the_default_counts_once_its_time_is_over(tmp_path: Path) -> None:
    """Also with `--yes`, which approves a plan: whoever starts a run so may still answer from another terminal."""
    source = 'async def main(args):\n    return await ask("Go on?", default="no", timeout=0.2)\n'
    (tmp_path / "asks.py").write_text(source)
    (tmp_path / "stub.json").write_text("{}")
    ran = weft(tmp_path, "run", "asks.py", "--agents", "stub:stub.json", "--yes", "--json")
    assert (ran.code, ran.json["result"]) == (0, "no")
    assert [question["by"] for question in ran.json["questions"]] == ["deadline"]


@pytest.mark.slow
def test_whoever_is_at_the_terminal_is_asked(tmp_path: Path) -> None:
    """By the same rows that show the run, which give way meanwhile; a typing error is asked about again."""
    (tmp_path / "asks.py").write_text(ASKS)
    (tmp_path / "stub.json").write_text("{}")
    typed = [("Enter: no", "perhaps\n"), ("none of these: yes, no", " YES\n"), ("Enter: nobody", "\n")]
    printed = ESCAPE.sub("", on_terminal(tmp_path, "run", "asks.py", "--agents", "stub:stub.json", typed=typed))
    assert "Go on?: yes (at the terminal" in printed
    assert "Name?: nobody (at the terminal" in printed
    assert "completed, clean" in printed


@pytest.mark.slow
def test_in_the_background_nobody_is_asked_where_the_shell_would_stop_whoever_reads(tmp_path: Path) -> None:
    (tmp_path / "h.py").write_text('async def main(args):\n    return await agent("Go on?")\n')
    (tmp_path / "weft.toml").write_text("[agents.own]\ncommand = ['echo', 'yes']\n")
    printed = on_terminal(tmp_path, "run", "h.py", "--agents", "command:own", background=True)
    assert "nobody is there to give it" in ESCAPE.sub("", printed)


def test_what_is_no_answer_is_said_with_what_would_be(tmp_path: Path) -> None:
    (tmp_path / "asks.py").write_text(ASKS)
    (tmp_path / "stub.json").write_text("{}")
    options = ("--agents", "stub:stub.json", "--virtual-time", "--json")
    ran = weft(tmp_path, "run", "asks.py", *options)
    assert [question["by"] for question in ran.json["questions"]] == ["nobody", "nobody"]
    assert (ran.code, ran.json["result"], ran.json["health"]) == (0, ["no", "nobody"], "clean")
    ended = weft(tmp_path, "answer", "@last", "yes")
    assert ended.code == 3 and "has ended" in ended.err
    assert weft(tmp_path, "answer", "nowhere", "yes").code != 0
    words = weft(tmp_path, "answer", "@last", "of", "course", "yes")
    assert words.code == 2 and 'weft answer @last "of course yes"' in words.err
    assert weft(tmp_path, "answer", "@last").code == 2
    shown = weft(tmp_path, "show", "@last/0")
    assert "choices: yes, no" in shown.out and "nobody was there to be asked" in shown.out
