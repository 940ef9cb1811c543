"""Resuming with an edited harness: what is asked as before is used again, and what is not is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asking import Asking
from resumed import HARNESS, outcome, replayed, result, undisturbed
from running import resume_source, run_source

from weft.runtime.errors import Refused
from weft.runtime.execution.run import Run
from weft.runtime.journal import Past, read_journal
from weft.runtime.journal.events import AgentFinished


class TestEdited:
    """Going on with another harness: what is the same call is not made again, wherever it stands now."""

    ONE_AFTER_ANOTHER = """
async def main(args):
    a = await agent("find a", label="a")
    b = await agent("find b", label="b")
    return await agent(f"sum up {a} {b}", label="sum")
"""

    def edited(self, folder: Path, source: str, **more: Any) -> tuple[Run, list[str]]:
        agents = Asking(folder)
        done = run_source(self.ONE_AFTER_ANOTHER, folder, agents=agents)
        agents.forget()
        again = resume_source(done, folder, source=source, agents=agents, **more)
        assert outcome(again) == ("completed", "clean")
        assert replayed(again).complete
        assert done.folder.harness.read_text() == source
        return again, sorted(agents.asked)

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("old", "new", "asked"),
        [
            ('"find b"', '"seek b"', ["seek b", "sum up <find a> <seek b>"]),
            ('"find b", label="b"', '"find b", label="b", model="test"', ["find b"]),
            ('"find b", label="b"', '"find b", schema={"type": "string"}, label="b"', ["find b"]),
            ('"find b", label="b"', '"find b", tools=[], label="b"', ["find b"]),
            ('label="b"', 'label="renamed", phase="Later"', []),
            ("async def main", "# a comment\n\nasync def main", []),
            ("    return await", "    await agent('new')\n    return await", ["new"]),
            ("    a = await", "    await agent('new')\n    a = await", ["new"]),
            (' {b}", label', '", label', ["sum up <find a>"]),
        ],
    )
    def test_only_what_is_another_call_now_is_made(self, tmp_path: Path, old: str, new: str, asked: list[str]) -> None:
        assert old in self.ONE_AFTER_ANOTHER
        _, really = self.edited(tmp_path, self.ONE_AFTER_ANOTHER.replace(old, new))
        assert really == asked

    def test_a_call_that_moved_into_a_fan_out_is_found_by_its_content(self, tmp_path: Path) -> None:
        moved = """
async def main(args):
    a, b = await parallel([agent("find a"), agent("find b")])
    return await agent(f"sum up {a} {b}")
"""
        again, asked = self.edited(tmp_path, moved)
        assert (asked, again.state.reused_agents) == ([], 3)
        past = Past(event for _, event in read_journal(again.folder.journal))
        assert len(past.unused()) == 3  # each answer is known in one place only, though it has stood in two

    def test_a_call_that_went_away_leaves_an_answer_that_nobody_asks_for(self, tmp_path: Path) -> None:
        without = self.ONE_AFTER_ANOTHER.replace('    b = await agent("find b", label="b")\n', "    b = 1\n")
        again, asked = self.edited(tmp_path, without)
        assert asked == ["sum up <find a> 1"]
        back = resume_source(again, tmp_path, source=self.ONE_AFTER_ANOTHER, agents=Asking(tmp_path, name="none.txt"))
        assert (back.state.reused_agents, (tmp_path / "none.txt").exists()) == (3, False)

    def test_one_answer_is_never_used_for_two_calls(self, tmp_path: Path) -> None:
        moved = self.ONE_AFTER_ANOTHER.replace('b = await agent("find b", label="b")', "b = await twice()") + (
            'async def twice():\n    return (await parallel([agent("find b")]))[0]\n'
        )
        again, asked = self.edited(tmp_path, moved)
        assert asked == []
        agents = Asking(tmp_path, name="both.txt")
        both = moved.replace("b = await twice()", 'b = await twice()\n    await agent("find b")')
        resume_source(again, tmp_path, source=both, agents=agents)
        assert agents.asked == {"find b": 1}

    def test_equal_calls_that_changed_places_are_all_used(self, tmp_path: Path) -> None:
        source = """
async def main(args):
    first = await agent("vote")
    return [first, *await parallel([agent("vote"), agent("other")])]
"""
        swapped = """
async def main(args):
    both = await parallel([agent("other"), agent("vote")])
    return [*both, await agent("vote")]
"""
        agents = Asking(tmp_path)
        done = run_source(source, tmp_path, agents=agents)
        agents.forget()
        resume_source(done, tmp_path, source=swapped, agents=agents)
        assert not agents.asked

    def test_arguments_must_fit_the_edited_harness(self, tmp_path: Path) -> None:
        done = run_source(self.ONE_AFTER_ANOTHER, tmp_path, agents=Asking(tmp_path))
        before = done.folder.journal.read_bytes()
        demanding = "ARGS = {'type': 'object', 'required': ['x']}\n" + self.ONE_AFTER_ANOTHER
        with pytest.raises(Refused, match="do not fit"):
            resume_source(done, tmp_path, source=demanding)
        assert done.folder.journal.read_bytes() == before
        assert done.folder.harness.read_text() == self.ONE_AFTER_ANOTHER


def test_an_error_of_the_harness_is_resumed_with_a_repaired_one(tmp_path: Path) -> None:
    agents = Asking(tmp_path)
    broken = HARNESS.replace("return [await", "return [1 / 0, await")
    done = run_source(broken, tmp_path, agents=agents)
    assert done.state.outcome == "error"
    same = resume_source(done, tmp_path, agents=agents)
    assert same.state.outcome == "error"
    again = resume_source(same, tmp_path, source=HARNESS, agents=agents)
    assert (result(again), set(agents.asked.values())) == (undisturbed(tmp_path), {1})
    finished = [event for _, event in read_journal(again.folder.journal) if isinstance(event, AgentFinished)]
    assert sum(event.reused for event in finished) == 16
