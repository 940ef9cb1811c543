"""A setting is stated once: what the command line, `weft.toml`, the journal and a printed command say is the same."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from weft.runtime.ceiling import Share
from weft.runtime.cli.options import option_words, read_settings, run_options
from weft.runtime.errors import UsageError
from weft.runtime.project.config import read_config
from weft.runtime.settings import FLAGS, Settings, read_table

NAMES = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)
SHARES = st.dictionaries(NAMES, st.integers(1, 10).map(lambda part: Share(float(part), percent=True)), max_size=3)
GIVEN = st.fixed_dictionaries(
    {"budget_usd": st.integers(1, 10**6).map(lambda cents: cents / 100)},
    optional={
        "folders": st.lists(NAMES.map(Path), min_size=1, max_size=3).map(tuple),
        "model": NAMES,
        "agents": NAMES.map(lambda name: f"stub:{name}"),
        "budget_tokens": st.integers(1, 10**15),
        "hold": SHARES,
        "on_budget": st.sampled_from(["pause", "finish", "stop"]),
        "max_agents": st.integers(1, 10**9),
        "concurrency": st.integers(1, 10**4),
        "max_depth": st.integers(1, 9),
        "deadline": st.integers(1, 10**8).map(lambda tenths: tenths / 10),
        "timeout": st.integers(1, 10**5).map(float),
        "stall": st.integers(1, 10**5).map(float),
    },
)


def parsed(words: list[str]) -> dict[str, Any]:
    """Return what a command with the options makes of these words."""
    found: dict[str, Any] = {}

    @click.command()
    @run_options
    def command(**given: Any) -> None:
        found.update(given)

    result = CliRunner().invoke(command, words)
    assert result.exit_code == 0, result.output
    return found


@pytest.mark.slow
@given(GIVEN)
def test_the_words_of_settings_mean_these_settings(given: dict[str, Any]) -> None:
    words = [word for name, value in given.items() for word in FLAGS[name].words(value)]
    settings, _ = read_settings(parsed(words))
    assert {name: getattr(settings, name) for name in given} == given
    assert option_words(parsed(words)) == [word for name in FLAGS for word in FLAGS[name].words(parsed(words)[name])]
    again, _ = read_settings(parsed(option_words(parsed(words))))
    assert again == settings


@pytest.mark.parametrize("option", [flag.name for flag in FLAGS.values() if flag.metavar])
def test_an_option_that_says_nothing_is_refused(option: str) -> None:
    """As where a shell's variable is not set: without `--agents` a model would be asked, and paid."""

    @click.command()
    @run_options
    def command(**given: Any) -> None:
        read_settings(given)

    result = CliRunner().invoke(command, [option, ""])
    assert result.exit_code == 2 or isinstance(result.exception, UsageError)


@given(GIVEN)
def test_the_journal_gives_them_back(given: dict[str, Any]) -> None:
    form: TypeAdapter[Settings] = TypeAdapter(Settings)
    settings = Settings(**given).resolved()
    assert form.validate_json(form.dump_json(settings)) == settings


def test_every_setting_says_what_it_is_for() -> None:
    without = {entry.name for entry in fields(Settings)} - FLAGS.keys()
    assert without == {"retries", "tools"}  # for programs alone
    assert all(flag.help.endswith(".") and flag.name.startswith("--") for flag in FLAGS.values())


class TestTable:
    """`[run]` in `weft.toml`."""

    def test_holds_where_the_command_says_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        table = '[run]\nbudget = 2\nstall = "1m"\nhold = ["Report=10%"]\ndir = ["docs", "src"]\nmax_agents = 7\n'
        (tmp_path / "weft.toml").write_text(table)
        settings, _ = read_settings(parsed(["--max-agents", "9"]))
        assert (settings.budget_usd, settings.stall, settings.max_agents) == (2.0, 60.0, 9)
        assert settings.folders == (Path("docs"), Path("src"))
        assert settings.hold == {"Report": Share(10.0, percent=True)}

    def test_who_answers_can_be_undone_by_options(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "weft.toml").write_text('[run]\nagents = "stub:a.json"\nvirtual_time = true\n')
        settings, _ = read_settings(parsed([]))
        assert (settings.stub, settings.virtual_time) == (Path("a.json"), True)
        settings, _ = read_settings(parsed(["--agents", "models", "--no-virtual-time"]))
        assert (settings.stub, settings.virtual_time) == (None, False)
        with pytest.raises(UsageError, match="needs simulated agents") as refused:
            read_settings(parsed(["--agents", "models"]))
        assert "--no-virtual-time" in (refused.value.fix or "")

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("bugdet = 2", "no setting 'bugdet'"),
            ('stall = "soon"', "stall: 'soon' is no time"),
            ("max_agents = 0", "max_agents: '0' is not a whole number"),
            ("max_agents = true", "max_agents: True is no N"),
            ("virtual_time = 1", "virtual_time: true or false"),
            ('hold = ["Report"]', "hold: --hold Report names no share"),
            ("hold = [1]", "hold: [1] is no PHASE=SHARE"),
            ("dir = 1", "dir: 1 is no FOLDER"),
            ('agents = ""', "agents: it is empty"),
            ("budget = nan", "budget: 'nan' is not an amount"),
        ],
    )
    def test_says_which_setting_means_nothing(self, tmp_path: Path, line: str, said: str) -> None:
        (tmp_path / "weft.toml").write_text(f"[run]\n{line}\n")
        with pytest.raises(UsageError) as refused:
            read_config(tmp_path)
        assert said in refused.value.what
        assert "budget_tokens" in (refused.value.fix or "")

    @pytest.mark.parametrize("folder", ["/", "..", "docs/../..", "link"])
    def test_opens_nothing_outside_of_the_project(self, tmp_path: Path, folder: str) -> None:
        (tmp_path / "project").mkdir()
        (tmp_path / "project" / "link").symlink_to(tmp_path)
        (tmp_path / "project" / "weft.toml").write_text(f'[run]\ndir = ["docs", "{folder}"]\n')
        with pytest.raises(UsageError, match="outside of the project"):
            read_config(tmp_path / "project")

    def test_is_a_table(self, tmp_path: Path) -> None:
        (tmp_path / "weft.toml").write_text("run = 3\n")
        with pytest.raises(UsageError, match="does not mean anything") as refused:
            read_config(tmp_path)
        assert (refused.value.where or "").endswith("at run")

    def test_is_empty_without_settings(self) -> None:
        assert read_table({}) == {}
