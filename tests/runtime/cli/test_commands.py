"""The table of commands is true, and the help that is printed without loading anything is the whole help."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from weft.runtime.cli.commands import COMMANDS, help_text
from weft.runtime.cli.group import weft


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_there_and_says_what_it_is(name: str) -> None:
    with click.Context(weft) as context:
        command = weft.get_command(context, name)
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


def test_help_after_other_words_is_the_same() -> None:
    assert CliRunner().invoke(weft, ["--help", "-h"]).output == f"{help_text()}\n"
