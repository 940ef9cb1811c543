"""Ceilings over all runs, by commands: runs under one, what is left, who spent what; and limits that mean nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from anthropic_server import serving, text
from command import Done, weft
from unconfined import without_processes

from weft.runtime.money import keeper
from weft.runtime.rehearsal.rehearse import rehearse

SOURCE = '''"""Look."""

from weft.primitives import agent, parallel, phase


async def main(args):
    phase("Look")
    return await parallel([agent(f"look {number}", max_tokens=1000, tools=[]) for number in range(3)])
'''
MODEL = ("--model", "anthropic:claude-sonnet-5-5")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Done]]:
    """Run `weft` in a project of its own, as a user of its own, whose provider takes $0.0105 for an answer."""
    without_processes(monkeypatch)
    monkeypatch.setitem(rehearse.__kwdefaults__, "runs", 1)
    monkeypatch.setattr(keeper, "ledger_path", lambda: tmp_path / "home" / ".weft" / "spend.db")
    (tmp_path / "h.py").write_text(SOURCE)
    (tmp_path / "weft.toml").write_text("[budget]\nproject_usd = 0.055\nday_tokens = 1_000_000\n")
    with serving(lambda _: text("so", input_tokens=1000, output_tokens=500)) as server:
        key = {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": server.url, "HOME": str(tmp_path / "home")}
        yield lambda *words: weft(tmp_path, *words, **key)


def test_a_ceiling_of_a_project_holds_over_its_runs(run: Callable[..., Done], tmp_path: Path) -> None:
    assert run("run", "h.py", "--yes", *MODEL).code == 0
    second = run("run", "h.py", "--yes", *MODEL)
    assert second.code == 0 or "project_usd in weft.toml" in second.out
    third = run("run", "h.py", "--yes", *MODEL, "--json")
    assert third.code == 5
    assert third.json["outcome"] == "paused"
    told = run("show", "@last").out
    assert "project_usd in weft.toml, the ceiling of all runs of this project" in told
    assert "--budget" not in told, "no option of the run would help"
    spent = run("spend", "--by", "model", "--json").json
    assert [row["model"] for row in spent["rows"]] == [MODEL[1]]
    assert 0.021 <= spent["total"]["usd"] <= 0.055
    assert [ceiling["name"] for ceiling in spent["ceilings"]] == ["day_tokens", "project_usd"]
    (tmp_path / "weft.toml").write_text("[budget]\nproject_usd = 1.0\n")
    assert run("resume", "@last", "--yes").code == 0
    plan = run("plan", "h.py", *MODEL).out
    assert "of $1.0000 left for all runs of this project (project_usd in weft.toml)" in plan


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("spend", "--since", "yesterday"), "--since yesterday is no day"),
        (("spend", "--by", "agent"), "'agent' is not one of"),
        (("limits", "@last"), "no limit is named"),
        (("limits", "@last", "--concurrency", "0"), "would let no agent work"),
        (("limits", "@last", "--model", "a"), "does not say how many"),
        (("limits", "@last", "--model", "a=0"), "does not say how many"),
        (("limits", "@last", "--model", "a=1", "--model", "a=2"), "is given twice"),
        (("limits", "@last", "--profile", "a=99999"), "less than or equal to 10000"),
    ],
)
def test_what_means_nothing_is_said(run: Callable[..., Done], words: tuple[str, ...], said: str) -> None:
    done = run(*words)
    assert done.code != 0
    assert said in done.err
