"""The table of commands is true, and the help that is printed without loading anything is the whole help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from command import weft
from hypothesis import given
from hypothesis import strategies as st

from weft.runtime.cli.commands import COMMANDS, help_text
from weft.runtime.cli.group import weft as group
from weft.runtime.cli.output import message
from weft.runtime.errors import UsageError
from weft.runtime.page import text as page_text

HOSTILE = r'''"""Hostile \x1b[31m\x1b]0;title\x07."""
from weft.primitives import log, phase
A = 1
ARGS = {
    "type": "object",
    "required": ["a\n\x1b[31mforged"],
    "properties": {"a\n\x1b[31mforged": {"default": "\nforged", "description": "x\x1b[2J\n\nforged"}},
}


async def main(args):
    phase("a\nforged\x1b[31m")
    log("a\nforged\x1b[31m")
    return {"\nforged\x1b": "\x1b[31m"}
'''


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_there_and_says_what_it_is(name: str) -> None:
    with click.Context(group) as context:
        command = group.get_command(context, name)
    assert command is not None and command.name == name and command.help


def test_the_help_fits_a_small_terminal_and_names_every_command() -> None:
    lines = help_text().splitlines()
    assert max(map(len, lines)) <= 79
    assert [line.split()[0] for line in lines if line.startswith("  ") and line.split()[0] in COMMANDS] == [*COMMANDS]


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"]])
def test_help_loads_neither_click_nor_the_rest(words: list[str]) -> None:
    code = (
        f"import sys; sys.argv = ['weft', *{words!r}]; from weft.runtime.cli import main; main(); print(*sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    text, _, loaded = printed.rstrip("\n").rpartition("\n")
    assert text == help_text()
    assert not {"click", "dataclasses", "weft.primitives"} & set(loaded.split())


def test_it_is_a_module_too() -> None:
    done = subprocess.run([sys.executable, "-m", "weft"], capture_output=True, text=True, check=True)
    assert done.stdout == f"{help_text()}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["shw"], "did you mean weft show?"),
        (["nonsense"], "weft --help lists the commands"),
        (["which notes agree?"], "weft run 'which notes agree?'"),
        (["runs", "--jsn"], "did you mean --json?"),
        (["resume", "x", "--bugdet", "3"], "did you mean --budget?"),
        (["show"], "weft show --help"),
        (["check", "--format", "xml", "a.py"], "'xml' is not one of"),
    ],
)
def test_a_command_line_that_means_nothing_is_answered_with_what_may_be_meant(words: list[str], said: str) -> None:
    done = weft(Path.cwd(), *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: ") and "  fix     " in done.err and said in done.err


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12))
def test_no_part_of_an_error_can_pass_for_another(word: str) -> None:
    shown = page_text(message(UsageError(word, where=word, meaning=word, fix=word)))
    assert all(line.isprintable() for line in shown.split("\n"))
    assert [line[:10].split() for line in shown.split("\n") if line[:10].strip()][1:] == (
        [["where"], ["means"], ["fix"]] if word else []
    )


@pytest.mark.parametrize(
    "words",
    [
        ["run", "\x1b[31mX\nY.py"],
        ["run", "hostile.py", "--\x1b[31m\nerror: x"],
        ["run", "hostile.py", "--args", "{}"],
        ["run", "hostile.py", "--help"],
        ["run", "hostile.py", "--args", '{"a\\n\\u001b[31mforged": 1}'],
        ["check", "."],
        ["check", "--format", "model", "."],
        ["list", "--\x1b[31m\nfoo"],
        ["list"],
    ],
)
def test_what_a_project_has_of_its_own_reaches_the_terminal_visibly(tmp_path: Path, words: list[str]) -> None:
    for name in ("hostile.py", "h\x1b[31m\nforged.py"):
        (tmp_path / name).write_text(HOSTILE)
    (tmp_path / ".weft" / "workflows").mkdir(parents=True)
    (tmp_path / ".weft" / "workflows" / "hostile.py").write_text(HOSTILE)
    done = weft(tmp_path, *words)
    rows = (done.out + done.err).split("\n")
    assert all(row.isprintable() for row in rows)
    assert not any(row.startswith("forged") for row in rows)


def test_help_after_other_words_is_the_same() -> None:
    assert CliRunner().invoke(group, ["--help", "-h"]).output == f"{help_text()}\n"


def test_guesses_are_told_where_they_are_wanted(tmp_path: Path) -> None:
    (tmp_path / "read.py").write_text(
        "from weft.primitives import agent, parallel\n\n\nasync def main(args):\n"
        '    return [note for note in await parallel([agent(f"Read {n}") for n in range(3)]) if note]\n'
    )
    assert "M201" not in weft(tmp_path, "check", "read.py").out
    told = weft(tmp_path, "check", "--guesses", "read.py")
    assert "M201" in told.out and told.code == 0
