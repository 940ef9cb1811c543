"""`weft skill`: what agents that write code are told is true of this very weft."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import yaml
from command import weft
from shown import blocks, text_only

from weft.linter import lint
from weft.runtime.cli.commands import COMMANDS
from weft.runtime.cli.group import weft as group
from weft.runtime.integrations.skill import language_text, skill_text


def test_every_command_and_option_that_it_names_exists() -> None:
    text = skill_text()
    shown = [line for block in blocks(text) for line in block.text.splitlines()]
    lines = [*shown, *re.findall(r"`(weft [^`]+)`", text_only(text))]
    assert len(lines) > 20 and all(line.startswith("weft ") for line in shown)
    for line in lines:
        understood(" ".join(line.split()))
    known = {option for verb in COMMANDS for option in options(verb)}
    assert set(re.findall(r"`(--[a-z-]+)`", text)) <= known


def understood(line: str) -> None:
    """Hold a command against the real command line, which parses all of it and executes nothing."""
    verb, *words = shlex.split(line.replace("NAME --", "digest --"), comments=True)[1:]
    assert verb in COMMANDS, line
    with click.Context(group) as context:
        command = group.get_command(context, verb)
        assert command is not None
        if "--help" in words:  # it would be printed
            assert words[-1:] == ["--help"], line
        elif words:  # else it is named, and not shown
            command.make_context(verb, words, parent=context)


def options(verb: str) -> set[str]:
    with click.Context(group) as context:
        command = group.get_command(context, verb)
    assert command is not None
    return {"--help", *(name for one in command.params for name in (*one.opts, *one.secondary_opts))}


def test_it_is_a_skill_with_the_language_beside_it(tmp_path: Path) -> None:
    assert weft(tmp_path, "skill", "--out", "skills/weft").code == 0
    written = (tmp_path / "skills/weft/SKILL.md").read_text()
    assert written == skill_text() == weft(tmp_path, "skill").out
    head = yaml.safe_load(written.split("---")[1])
    assert head["name"] == "weft" and 50 < len(head["description"]) < 1024
    assert (tmp_path / "skills/weft/LANGUAGE.md").read_text() == language_text()
    assert len(written.splitlines()) < 120


def test_the_language_has_an_example_that_passes_and_nothing_for_an_author_alone() -> None:
    text = language_text()
    example = next(block.text for block in blocks(text) if block.language == "python")
    assert not lint(example).findings
    assert "# The language" in text and "Nothing else is read" not in text


def test_a_skill_of_somebody_else_stays(tmp_path: Path) -> None:
    (tmp_path / "SKILL.md").write_text("---\nname: other\n---\n")
    refused = weft(tmp_path, "skill", "--out", ".")
    assert (refused.code, "another skill is there" in refused.err) == (2, True)
    assert (tmp_path / "SKILL.md").read_text() == "---\nname: other\n---\n"
