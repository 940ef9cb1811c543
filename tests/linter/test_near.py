"""Which known name is meant by a wrong one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.linter.near import nearest
from weft.runtime.cli.commands import COMMANDS
from weft.runtime.settings import FLAGS

OPTIONS = [flag.name for flag in FLAGS.values()]


@given(st.sampled_from([*COMMANDS, *OPTIONS]), st.data())
def test_a_name_with_a_letter_swapped_is_found(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(2, max(2, len(name) - 2)))
    wrong = name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :]
    assert name in nearest(wrong, [*COMMANDS, *OPTIONS])


@given(st.text(max_size=20), st.lists(st.text(max_size=12), max_size=8))
def test_only_known_names_are_told_each_once(wrong: str, known: list[str]) -> None:
    near = nearest(wrong, known)
    assert set(near) <= set(known) and len(near) == len(set(near)) <= 3


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("--bugdet", "--budget"),
        ("--maxagents", "--max-agents"),
        ("--max_agents", "--max-agents"),
        ("--tokens", "--budget-tokens"),
        ("--Model", "--model"),
    ],
)
def test_the_likeliest_comes_first(wrong: str, meant: str) -> None:
    assert nearest(wrong, OPTIONS)[0] == meant


@pytest.mark.parametrize("wrong", ["", "-", "--", "xyzzy", "--parallel"])
def test_what_is_like_nothing_is_said_to_be_like_nothing(wrong: str) -> None:
    assert nearest(wrong, OPTIONS) == []
