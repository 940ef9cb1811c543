"""`--agents command:NAME`: which program is meant, what a plan says of it, and what nobody but a person may say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from command import weft
from unconfined import without_processes

HARNESS = '"""Ask."""\n\n\nasync def main(args):\n    return await agent("Is it fine?")\n'
CLAUDE = """#!/bin/sh
cat > given
echo '{"type": "result", "subtype": "success", "result": "It is.", "total_cost_usd": 0.02, "usage": {}}'
"""
OWN = '[agents.mine]\ncommand = ["claude", "-p"]\nformat = "claude"\nacts = "reads"\n'


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    without_processes(monkeypatch)
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "claude"
    program.write_text(CLAUDE)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "h.py").write_text("from weft.primitives import agent\n\n" + HARNESS.replace('"""Ask."""\n\n\n', ""))
    return tmp_path


def test_a_plan_shows_what_is_started_and_a_run_has_it_answer(at: Path) -> None:
    plan = weft(at, "plan", "h.py", "--agents", "command:claude")
    assert "starts    command:claude: claude -p --output-format json" in plan.out
    assert "claude answers agents, and says afterwards what that has cost" in plan.out
    done = weft(at, "run", "h.py", "--agents", "command:claude", "--budget", "1", "--yes", "--json")
    result = done.json
    assert (result["result"], result["spent"]["usd"], result["models"]) == ("It is.", 0.02, {"claude": 1})
    assert (at / "given").read_text() == "Is it fine?"


def test_a_yes_is_a_yes_to_the_words_of_the_program(at: Path) -> None:
    digests = set()
    for words in ('"-p"', '"-p", "--verbose"'):
        (at / "weft.toml").write_text(OWN.replace('"-p"', words))
        plan = weft(at, "plan", "h.py", "--agents", "command:mine", "--json")
        digests.add(plan.json["digest"])
    assert len(digests) == 2


@pytest.mark.parametrize(
    ("config", "words", "says"),
    [
        (OWN, ("--agents", "command:mime"), "there is no program 'mime'"),
        (OWN.replace("mine", "claude"), ("--agents", "command:claude"), "means something of its own by 'claude'"),
        (OWN + '[run]\nagents = "command:mine"\n', (), "which only a person can do"),
        (OWN.replace('format = "claude"', 'format = "yaml"'), ("--agents", "command:mine"), "does not mean anything"),
        (OWN.replace('["claude", "-p"]', "[]"), ("--agents", "command:mine"), "does not mean anything"),
        (OWN, ("--agents", "program:mine"), "--agents takes stub:FILE.json or command:NAME"),
    ],
)
def test_what_is_no_program_starts_nothing(at: Path, config: str, words: tuple[str, ...], says: str) -> None:
    (at / "weft.toml").write_text(config)
    done = weft(at, "run", "h.py", "--yes", *words)
    assert says in done.err
    assert done.code == 2
    assert not (at / "given").exists()


def test_a_ceiling_over_all_runs_holds_programs_too(at: Path) -> None:
    (at / "weft.toml").write_text("[budget]\nproject_usd = 0.03\n")
    codes = [weft(at, "run", "h.py", "--agents", "command:claude", "--yes").code for _ in range(3)]
    assert codes == [0, 0, 5]
