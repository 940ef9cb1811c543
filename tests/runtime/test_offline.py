"""The offline model: it answers with words of the user's own files, and never with any others."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import run_with

from weft.runtime.agents.offline.author import write
from weft.runtime.agents.offline.relate import relate
from weft.runtime.agents.offline.text import Rarity, sentences, stem, terms
from weft.runtime.harness import check_args, parse_harness
from weft.runtime.journal import read_journal
from weft.runtime.replay import replay
from weft.runtime.run import Options
from weft.runtime.store import builtin_harnesses

EXAMPLES = Path(__file__).parents[2] / "examples"
NOTES = sorted(path.name for path in (EXAMPLES / "notes").iterdir())
QUESTION = "Which of these notes contradict each other about what each system persists?"


def numbered(text: str) -> str:
    return "\n".join(f"{number}: {line}" for number, line in enumerate(text.splitlines(), start=1))


class TestReading:
    def test_sentences_carry_the_line_on_which_they_begin(self) -> None:
        text = """# Title

First one is here. The second
goes on. No!

- A point in a list.
| a | A cell of four words |
"""
        found = [(sentence.text, sentence.line) for sentence in sentences("f", numbered(text))]
        assert found == [
            ("First one is here.", 3),
            ("The second goes on.", 3),
            ("A point in a list.", 6),
            ("A cell of four words", 7),
        ]

    @given(st.text(max_size=300))
    def test_any_text_can_be_read(self, text: str) -> None:
        for sentence in sentences("f", numbered(text)):
            assert sentence.text

    @pytest.mark.parametrize(
        ("one", "other"),
        [("stores", "kept"), ("saved", "persists"), ("deletes", "lost"), ("messages", "message"), ("Tries", "try")],
    )
    def test_words_that_mean_nearly_the_same_have_one_form(self, one: str, other: str) -> None:
        assert stem(one) == stem(other)


class TestRelation:
    @pytest.mark.parametrize(
        ("one", "other", "relation"),
        [
            ("Orca stores every message.", "Orca never stores any message.", "contradicts"),
            ("Backups of Orca are kept for seven days.", "Orca deletes backups after 30 days.", "contradicts"),
            ("Backups of Orca are kept for 48 hours.", "Orca deletes backups after two days.", "agrees"),
            ("Orca keeps session tokens on disk.", "Orca keeps session tokens in memory.", "contradicts"),
            ("Orca stores the full event body.", "Of the event body Orca stores only the id.", "contradicts"),
            ("Orca stores every message.", "Orca answers calls quickly.", "unrelated"),
            ("Until 2.0 Orca stored message bodies.", "Since 2.0 Orca stores no message bodies.", "unrelated"),
            ("In staging Orca stores no message.", "In production Orca stores each message.", "unrelated"),
            ("The Orca agent stores no heartbeats.", "The Orca server stores heartbeats.", "unrelated"),
        ],
    )
    def test_is_judged_by_words(self, one: str, other: str, relation: str) -> None:
        rarity = Rarity([terms(one), terms(other)])
        assert relate(one, other, rarity, about="Orca").relation == relation
        assert relate(other, one, rarity, about="Orca").relation == relation


class TestAuthor:
    def task(self, task: str, files: list[str]) -> tuple[str, Any]:
        text = write(f"Write.\n\n<task>\n{task}\n</task>\n\n<files>\n" + "\n".join(files) + "\n</files>")
        python = re.search(r"```python\n(.*?)```", text, re.DOTALL)
        data = re.search(r"```json\n(.*?)\n```", text, re.DOTALL)
        assert python and data
        return python.group(1), json.loads(data.group(1))

    @pytest.mark.parametrize(
        ("task", "name"),
        [
            (QUESTION, "find-contradictions"),
            ("Do these documents contradict each other?", "find-contradictions"),
            ("Who owns the billing service and where is it deployed?", "answer-from-files"),
            ("Fact-check the claims in release.md", "check-facts"),
            ("Summarise the main points of this folder", "digest"),
            ("zzz qqq", "answer-from-files"),  # nothing fits, so the general one
        ],
    )
    def test_picks_the_harness_that_fits_best(self, task: str, name: str) -> None:
        source, args = self.task(task, ["a.md", "b.md"])
        (chosen,) = [harness for harness in builtin_harnesses() if harness.source == source]
        assert chosen.name == name
        assert args == {"question": task, "files": ["a.md", "b.md"]}
        check_args(chosen, args)

    def test_takes_no_more_files_than_the_harness_may_have(self) -> None:
        _, args = self.task(QUESTION, [f"{n}.md" for n in range(500)])
        assert len(args["files"]) == 200


class TestMainJob:
    """The whole path over the notes that the project ships, with what is planted in them as the measure."""

    @pytest.fixture(scope="class")
    @classmethod
    def done(cls, tmp_path_factory: pytest.TempPathFactory) -> Any:
        (harness,) = [harness for harness in builtin_harnesses() if harness.name == "find-contradictions"]
        folder = tmp_path_factory.mktemp("main-job")
        args = {"question": QUESTION, "files": NOTES}
        return run_with(harness.source, folder, Options(folders=(EXAMPLES / "notes",)), args)

    def test_completes_clean_and_costs_nothing(self, done: Any) -> None:
        assert (done.state.outcome, done.state.health) == ("completed", "clean")
        assert (done.state.spent.tokens, done.state.spent.usd) == (0, 0.0)
        assert done.state.ended.result["coverage"]["files_read"] == len(NOTES)

    def test_finds_planted_contradictions_and_no_others(self, done: Any) -> None:
        """Lexical means find what is said in like words: at least half, and nothing that is not one."""
        planted = {_pair(pair["a"], "file", pair["b"]) for pair in _key()["contradictions"]}
        found = {_pair(pair["first"], "source", pair["second"]) for pair in done.state.ended.result["contradictions"]}
        assert found <= planted
        assert len(found) >= len(planted) / 2

    def test_every_word_of_the_answer_stands_in_the_notes(self, done: Any) -> None:
        for pair in done.state.ended.result["contradictions"]:
            for said in (pair["first"], pair["second"]):
                lines = (EXAMPLES / "notes" / said["source"]).read_text().splitlines()
                assert said["statement"] in " ".join(lines[said["line"] - 1 : said["line"] + 3])

    def test_finds_what_is_said_twice(self, done: Any) -> None:
        planted = {pair["a"]["quote"] for pair in _key()["duplicates"]}
        found = {entry["statement"] for entry in done.state.ended.result["said_twice"]}
        assert found <= planted
        assert len(found) >= 3

    def test_votes_that_rest_on_the_same_files_are_known_to(self, done: Any) -> None:
        assert all(pair["independence"] == 0.0 for pair in done.state.ended.result["contradictions"])

    def test_replays_without_a_model(self, done: Any) -> None:
        harness = parse_harness(done.folder.harness.read_text(), name="test", filename="h.py")
        replayed = anyio.run(replay, harness, read_journal(done.folder.journal))
        assert replayed.result == done.state.ended.result


def _key() -> Any:
    return json.loads((EXAMPLES / "notes-answers.json").read_text())


def _pair(one: Any, place: str, other: Any) -> frozenset[tuple[str, int]]:
    return frozenset({(one[place], one["line"]), (other[place], other["line"])})


class TestSkills:
    """Each agent alone, through a run, over a small folder."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "a.md").write_text(
            "# Orca\n\nOrca stores every message on disk.\nLunch is at noon in the canteen.\n"
        )
        (tmp_path / "b.md").write_text("# Orca again\n\nOrca never stores a message on disk.\n")
        return tmp_path

    def ask(self, folder: Path, call: str) -> Any:
        source = f"async def main(args):\n    return await {call}"
        done = run_with(source, folder, Options(folders=(folder,)))
        assert done.state.ended is not None
        assert done.state.outcome == "completed", done.state.ended.problem
        return done.state.ended.result

    def test_text_is_passages_with_their_source(self, folder: Path) -> None:
        assert self.ask(folder, "agent('When is lunch?')") == "- “Lunch is at noon in the canteen.” (a.md:4)"

    def test_nothing_found_is_said(self, folder: Path) -> None:
        assert self.ask(folder, "agent('Who won the race?')") == "Nothing in the files bears on this."

    def test_a_field_that_cannot_be_filled_leaves_the_record_out(self, folder: Path) -> None:
        item = {
            "type": "object",
            "properties": {"statement": {"type": "string"}, "confidence": {"type": "number"}},
            "required": ["statement", "confidence"],
        }
        schema = {"type": "object", "properties": {"found": {"type": "array", "items": item}}, "required": ["found"]}
        assert self.ask(folder, f"agent('What does a.md store?', schema={schema})") == {"found": []}

    @pytest.mark.parametrize(
        ("claim", "verdict"),
        [
            ("'Orca stores every message on disk.'", "qualified"),  # one file says so, the other denies it
            ("'Lunch is at noon in the canteen.'", "supported"),
            ("'The race was won by Ada.'", "unchecked"),
            ("{'statement': 'Lunch is at noon in the canteen.', 'source': 'a.md', 'line': 4}", "supported"),
            ("{'statement': 'Lunch is at one.', 'source': 'a.md', 'line': 4}", "refuted"),
        ],
    )
    def test_a_skeptic_checks_against_the_files(self, folder: Path, claim: str, verdict: str) -> None:
        said = self.ask(folder, f"verify({claim}, lenses=['x'], quorum=1)")
        assert said["votes"][0]["verdict"] == verdict

    def test_merging_keeps_the_items_word_for_word(self, folder: Path) -> None:
        assert (
            self.ask(folder, "synthesize(['one (a.md:3)', 'two (b.md:3)'], 'Merge.')")
            == "- one (a.md:3)\n- two (b.md:3)"
        )
