"""What files of profiles say, and what is said where one of them means nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.runtime.project.config import Config, read_config
from weft.runtime.project.front_matter import Unreadable, divided, loosely_read, strictly_read
from weft.runtime.project.profiles import Known

SKEPTIC = """\
---
name: skeptic
description: Doubts what it is told.
model: anthropic:claude-opus-5-5
effort: high
tools: [read_file, search_text]
max_tokens: 4000
timeout: 5m
limits:
  concurrency: 3
---

You are a skeptic.

---
Not a field: text.
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be somebody who has no profiles yet."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def put(folder: Path, text: str | bytes, name: str = "a.md", where: str = ".weft/agents") -> Path:
    path = folder / where / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def known(folder: Path, name: str) -> Known:
    return read_config(folder).named.all[name]


class TestReading:
    def test_all_that_a_file_says(self, tmp_path: Path) -> None:
        put(tmp_path, SKEPTIC)
        found = known(tmp_path, "skeptic")
        assert (found.description, found.concurrency, found.fault) == ("Doubts what it is told.", 3, None)
        assert found.profile is not None
        assert found.profile.model == "anthropic:claude-opus-5-5"
        assert (found.profile.effort, found.profile.tools) == ("high", ("read_file", "search_text"))
        assert (found.profile.max_tokens, found.profile.timeout) == (4000, 300.0)
        assert found.profile.instructions == "You are a skeptic.\n\n---\nNot a field: text."

    def test_a_name_is_that_of_the_file_where_none_is_said(self, tmp_path: Path) -> None:
        put(tmp_path, "---\r\ntools: []\r\n---\r\nHi", "scout.md")
        profile = known(tmp_path, "scout").profile
        assert profile is not None
        assert (profile.tools, profile.instructions, profile.model) == ((), "Hi", None)

    def test_of_one_name_the_nearest_counts(self, tmp_path: Path, home: Path) -> None:
        for where, text in ((".claude/agents", "theirs"), (".weft/agents", "ours")):
            put(tmp_path, f"---\nname: a\n---\n{text}", where=where)
        put(home, "---\nname: a\n---\nmine")
        put(home, "---\nname: b\n---\nmine", "b.md")
        assert [one.profile and one.profile.instructions for one in read_config(tmp_path).named.all.values()] == [
            "ours",
            "mine",
        ]

    def test_a_limit_of_the_configuration_comes_first(self, tmp_path: Path) -> None:
        put(tmp_path, SKEPTIC)
        (tmp_path / "weft.toml").write_text("[profiles.skeptic]\nconcurrency = 1\n[profiles.other]\nconcurrency = 2\n")
        assert read_config(tmp_path).named.concurrency == {"skeptic": 1, "other": 2}

    def test_secrets_of_the_environment_are_not_told(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SOME_API_KEY", "sk-planted-4711-4711")
        put(tmp_path, "---\nname: a\ndescription: sk-planted-4711-4711\n---\nUse sk-planted-4711-4711.")
        assert "planted" not in repr(known(tmp_path, "a"))

    def test_no_file_is_read_before_somebody_asks(self, tmp_path: Path) -> None:
        config = read_config(tmp_path)
        put(tmp_path, SKEPTIC)
        assert "skeptic" in config.named.all


class TestOfAnotherProduct:
    def test_what_has_a_meaning_here_is_taken_and_the_rest_named(self, tmp_path: Path) -> None:
        text = (
            "---\nname: rev\ntools: Read, Bash(git *), TodoWrite, mcp__hub__find\nmodel: inherit\ncolor: red\n---\nGo"
        )
        put(tmp_path, text, where=".claude/agents")
        found = known(tmp_path, "rev")
        assert found.profile is not None
        assert (found.profile.tools, found.profile.model) == (("read_file", "run_command", "mcp:hub.find"), None)
        assert found.left_out == ("color", "tool TodoWrite")

    @pytest.mark.parametrize(
        ("theirs", "ours"),
        [
            ("claude-opus-4-6", "anthropic:claude-opus-4-6"),
            ("sonnet[1m]", "sonnet"),
            ("default", None),
            ("haiku", "haiku"),
        ],
    )
    def test_models_have_names_of_their_own(self, tmp_path: Path, theirs: str, ours: str | None) -> None:
        put(tmp_path, f"---\nname: rev\nmodel: {theirs}\ntools: '*'\n---\nGo", where=".claude/agents")
        profile = known(tmp_path, "rev").profile
        assert profile is not None
        assert (profile.model, profile.tools) == (ours, None)

    def test_sentences_with_colons_are_read_as_they_are_meant(self, tmp_path: Path) -> None:
        text = '---\nname: rev\ndescription: Use it when: asked. "Yes": so\n  and on.\nmodel: sonnet\n---\nGo'
        put(tmp_path, text, where=".claude/agents")
        found = known(tmp_path, "rev")
        assert found.description == 'Use it when: asked. "Yes": so and on.'
        assert found.profile is not None
        assert found.profile.model == "sonnet"


PAIRS = zip("abcdefgh", "bcdefghi", strict=True)
BOMB = "a: &a [x, x]\n" + "".join(f"{new}: &{new} [*{old}, *{old}]\n" for old, new in PAIRS)


class TestWhatMeansNothing:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("You are a skeptic.", "it does not begin with fields"),
            ("---\nname: a\n", "it does not begin with fields"),
            ("---\nname: [\n---\n", "its fields are not YAML, line"),
            ("---\n- name\n---\n", "its fields have no names"),
            ("---\nmodle: opus\n---\n", "there is no field 'modle'; did you mean model?"),
            ("---\nlimits: {concurency: 1}\n---\n", "no field 'limits.concurency'; did you mean concurrency?"),
            ("---\nmodel: opsu\n---\n", "there is no model 'opsu'; did you mean opus?"),
            ("---\nmodel: gpt-5\n---\n", "there is no model 'gpt-5'; models are named provider:model"),
            ("---\neffort: hard\n---\n", "its field 'effort' is none"),
            ("---\ntools: {a: b}\n---\n", "its field 'tools' is none"),
            ("---\ntimeout: soon\n---\n", "'soon' is no time"),
            ("---\nmax_tokens: true\n---\n", "its field 'max_tokens' is none"),
            ("---\nname: 2026-13-45\n---\n", ""),
            ("---\nname: 2026-11-30\n---\n", "its field 'name' is none"),
            ("---\nname: 'a|b'\n---\n", "its field 'name' is none"),
            (f"---\n{BOMB}---\n", "refers to another by *"),
            (f"---\na: {'[' * 1500}\n---\n", "its fields are not YAML"),
            (f"---\ndescription: {'x' * 30_000}\n---\n", "its fields have 30,"),
            (f"---\nname: a\n---\n{'x' * 300_000}", "at most 256,000"),
            (b"---\nname: \xff\n---\n", "no UTF-8"),
            ("---\n!!python/object/apply:os.system ['true']\n---\n", "its fields are not YAML"),
        ],
    )
    def test_is_said_of_that_one_alone(self, tmp_path: Path, text: str | bytes, said: str) -> None:
        put(tmp_path, text)
        put(tmp_path, SKEPTIC, "b.md")
        named = read_config(tmp_path).named
        first = next(iter(named.all))
        assert said in (named.problem(first) or "")
        assert named.problem("skeptic") is None

    def test_two_of_one_name_are_nobody(self, tmp_path: Path) -> None:
        put(tmp_path, SKEPTIC)
        put(tmp_path, SKEPTIC, "b.md")
        assert "b.md has the same name" in (read_config(tmp_path).named.problem("skeptic") or "")

    def test_a_link_out_of_the_project_is_not_followed(self, tmp_path: Path) -> None:
        secret = put(tmp_path, SKEPTIC, "secret.md", "elsewhere")
        put(tmp_path, SKEPTIC, where="project/.weft/agents")
        os.symlink(secret, tmp_path / "project/.weft/agents/link.md")
        assert "outside of the project" in (read_config(tmp_path / "project").named.problem("link") or "")

    def test_what_is_no_file_is_said_to_be_none(self, tmp_path: Path) -> None:
        put(tmp_path, SKEPTIC)
        os.symlink("loop.md", tmp_path / ".weft/agents/loop.md")
        (tmp_path / ".weft/agents/folder.md").mkdir()
        (tmp_path / os.fsdecode(b".weft/agents/\xff.md")).touch()
        named = read_config(tmp_path).named
        assert [name for name in named.all if named.problem(name) is None] == ["skeptic"]
        assert {"loop", "folder", "\ufffd"} < {*named.all}

    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        put(tmp_path, SKEPTIC)
        os.mkfifo(tmp_path / ".weft/agents/pipe.md")
        assert "it cannot be read" in (read_config(tmp_path).named.problem("pipe") or "")

    @pytest.mark.parametrize(
        ("members", "said"),
        [
            ('["skeptc"]', "neither a profile nor a model 'skeptc'; did you mean 'skeptic'?"),
            ('["other"]', "'other' is a pool itself"),
            ('["opsu"]', "neither a profile nor a model 'opsu'; did you mean 'opus'?"),
            ('["bad"]', "the profile 'bad' means nothing"),
        ],
    )
    def test_a_pool_of_what_there_is_not(self, tmp_path: Path, members: str, said: str) -> None:
        put(tmp_path, SKEPTIC)
        put(tmp_path, "", "bad.md")
        (tmp_path / "weft.toml").write_text(f'[pools]\nfast = {members}\nother = ["opus"]\n')
        named = read_config(tmp_path).named
        assert said in (named.problem("fast") or "")
        assert named.problem("other") is None

    def test_a_pool_and_a_file_of_one_name_are_nobody(self, tmp_path: Path) -> None:
        put(tmp_path, SKEPTIC)
        (tmp_path / "weft.toml").write_text('[pools]\nskeptic = ["opus"]\n')
        named = read_config(tmp_path).named
        assert "both have one of this name" in (named.problem("skeptic") or "")
        assert named.of("skeptic") == []

    def test_there_are_none(self) -> None:
        assert Config().named.problem("x") == "there is no profile 'x': neither weft.toml nor .weft/agents has any"


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_whatever_stands_in_a_file_is_read_or_refused(text: str) -> None:
    for read in (strictly_read, loosely_read):
        try:
            read(divided(f"---\n{text}\n---\n")[0])
        except Unreadable as refused:
            assert str(refused)
