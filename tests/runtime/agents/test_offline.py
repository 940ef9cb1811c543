"""The offline model: it answers with words of the user's own files, and never with any others."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import run_source, run_with

from weft.runtime.agents.offline.author import write
from weft.runtime.agents.offline.relate import relate
from weft.runtime.agents.offline.statements import sentences
from weft.runtime.agents.offline.text import Rarity, Sentence, main_name, stem, terms
from weft.runtime.execution.replay import replay
from weft.runtime.journal import read_journal
from weft.runtime.project.harness import check_args, parse_harness
from weft.runtime.project.shipped import builtin_harness, builtin_harnesses, shelves
from weft.runtime.request import AgentError
from weft.runtime.settings import Settings

EXAMPLES = Path(__file__).parents[3] / "examples"
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
        [
            ("stores", "kept"),
            ("saved", "persists"),
            ("deletes", "lost"),
            ("messages", "message"),
            ("Tries", "try"),
            ("logged", "logs"),
            ("approval", "approve"),
        ],
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
            # A denial counts against a sentence that says what is denied, and against no other.
            ("Orca never sends results by post.", "Orca sends results by post.", "contradicts"),
            ("Exports are not encrypted by Orca.", "Orca encrypts all exports.", "contradicts"),
            ("Overtime in Orca needs no approval by a lead.", "Leads approve overtime in Orca.", "contradicts"),
            ("Jobs are set up in the web form of Orca.", "Jobs are set up in the form, not on paper.", "unrelated"),
            ("Jobs are set up in the form of Orca, not on paper.", "A job of Orca is a form on paper.", "unrelated"),
            ("Orca does not store the author of a message.", "Orca has each message on three nodes.", "unrelated"),
            ("Nobody deploys Orca on a closing day.", "Orca was released in March.", "unrelated"),
            # What is lost only after a while is kept until then; what is lost at once is not kept.
            ("Orca keeps the output of a job.", "Orca deletes the output of a job after 14 days.", "unrelated"),
            ("Orca keeps abandoned carts.", "Orca throws abandoned carts away.", "contradicts"),
            # Numbers of one unit, unless one is a lower limit.
            ("The late fee of Orca is 25 euros.", "Orca charges a late fee of 40 euros.", "contradicts"),
            ("Orca runs 16 queries at once.", "Orca runs at least 4 queries at once.", "agrees"),
            ("Orca saves drafts every five seconds.", "Orca saves drafts for two days.", "agrees"),
            # Opposite words.
            ("Push messages of Orca are on by default.", "Push messages of Orca are off by default.", "contradicts"),
            ("Drafts of Orca are not visible to others.", "Drafts of Orca are hidden from others.", "unrelated"),
            ("Orca runs 1,000 queries at once.", "Orca can run 1000 queries at once.", "agrees"),
            # All of it lost, any of it kept.
            ("After a restart Orca is empty.", "Orca reloads its rows when it starts.", "contradicts"),
            ("After a restart Orca has lost its colours.", "The rows of Orca survive a restart.", "unrelated"),
            ("All settings of Orca are lost in a restart.", "Orca writes an entry for each start.", "unrelated"),
            (
                "Change the filter of Orca every two months.",
                "Change the filter of Orca every six months.",
                "contradicts",
            ),
            ("Orca is open to the public.", "Orca is not open to the public on Mondays.", "unrelated"),
            # Only here, and there.
            ("A draft of Orca exists only in memory.", "Orca saves the open draft to a database.", "contradicts"),
            ("In version 3 Orca keeps drafts on disk.", "Orca keeps drafts in memory.", "unrelated"),
        ],
    )
    def test_is_judged_by_words(self, one: str, other: str, relation: str) -> None:
        rarity = Rarity([terms(one), terms(other)])
        assert relate(one, other, rarity, about="Orca").relation == relation
        assert relate(other, one, rarity, about="Orca").relation == relation

    @pytest.mark.parametrize(
        ("one", "other", "words"),
        [
            ("Orca stops when it is empty.", "Orca does not stop when it is empty.", "only one of them says “not”"),
            ("Orca keeps old carts.", "Orca throws old carts away.", "“keeps” against “throws”"),
            ("Orca runs 6 jobs at once.", "Orca runs 8 jobs at once.", "“6 jobs” against “8 jobs”"),
        ],
    )
    def test_tells_the_words_that_decided_it(self, one: str, other: str, words: str) -> None:
        assert relate(one, other, Rarity([terms(one), terms(other)]), about="Orca").words == words


class TestAuthor:
    def task(self, task: str, files: list[str], listing: str | None = None) -> tuple[str, Any]:
        prompt = f"Write.\n\n<task>\n{task}\n</task>\n\n<files>\n" + "\n".join(files) + "\n</files>"
        text = write(prompt, listing)
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
            ("Summarise the main points of this folder", "digest"),
            ("Write a summary of these notes", "digest"),
            ("Which statements about prices are inconsistent?", "find-contradictions"),
            ("zzz qqq", "answer-from-files"),  # no trigger word, so the general one
            # Words that only mean nearly the same are no trigger.
            ("Which pages are about storage?", "answer-from-files"),
            # A question may be about what the offline model could not do.
            ("Who may delete records, and who may create and send them?", "answer-from-files"),
            ("Which notes say that users translate and delete the pages?", "answer-from-files"),
            ("Email addresses of the storage team", "answer-from-files"),
        ],
    )
    def test_picks_the_harness_whose_trigger_words_stand_in_the_task(self, task: str, name: str) -> None:
        source, args = self.task(task, ["a.md", "b.md"])
        (chosen,) = [harness for harness in builtin_harnesses() if harness.source == source]
        assert chosen.name == name
        assert args == {"question": task, "files": ["a.md", "b.md"]}
        check_args(chosen, args)

    def test_every_trigger_belongs_to_a_harness(self) -> None:
        triggers = tomllib.loads((files("weft.runtime") / "library" / "triggers.toml").read_text())
        assert set(triggers["harnesses"]) == shelves().offline - {"answer-from-files"}

    @pytest.mark.parametrize(
        ("task", "word"),
        [
            ("Translate a.md into French", "translate"),
            ("Please delete the old notes", "delete"),
            ("Can you send a.md to Bob?", "send"),
            ("Write code that parses these notes", "write code"),
            ("Write a poem about the notes", "write"),
            ("Find the contradictions and fix them", "fix"),
            ("Summarise the folder, then email it to Ada", "email it"),
            ("Search the web for the owner", "search the web"),
        ],
    )
    def test_refuses_what_takes_a_model(self, task: str, word: str) -> None:
        with pytest.raises(AgentError) as refused:
            self.task(task, ["a.md", "b.md"])
        assert refused.value.cause == "refused"
        assert f"“{word}”" in refused.value.message and "API key" in refused.value.message

    @pytest.mark.parametrize(
        ("task", "files", "said"),
        [
            (QUESTION, ["a.md"], "needs 2 or more files that agents can read, and there is only 1"),
            ("Who owns it?", [], "needs 1 or more files that agents can read, and there are none"),
        ],
    )
    def test_refuses_where_there_are_too_few_files(self, task: str, files: list[str], said: str) -> None:
        with pytest.raises(AgentError, match=said):
            self.task(task, files)

    @pytest.mark.parametrize(
        ("task", "files"),
        [
            ("What does docs/b.md say about storage?", ["docs/b.md"]),
            ("What does b.md say about storage?", ["docs/b.md"]),
            ("Do a.md and c.md contradict each other?", ["a.md", "c.md"]),
            ("Which notes contradict a.md?", ["a.md", "c.md", "docs/b.md"]),  # one alone can contradict nothing
            ("Fact-check the claims in a.md", ["a.md", "c.md", "docs/b.md"]),  # against the others
        ],
    )
    def test_a_file_that_the_task_names_is_the_one_used(self, task: str, files: list[str]) -> None:
        assert self.task(task, ["a.md", "c.md", "docs/b.md"])[1]["files"] == files

    def test_files_beyond_what_a_harness_takes_are_counted_and_named(self) -> None:
        paths = [f"{n:03}.md" for n in range(500)]
        shown = [*paths[:200], "(300 more; list_files shows them)"]
        _, args = self.task("Which notes contradict 450.md about disk 7?", shown, "\n".join(paths))
        assert args["files"] == sorted([*paths[:199], "450.md"])
        assert args["left_out"]["count"] == len(args["left_out"]["files"]) == 300
        assert set(args["files"]) | set(args["left_out"]["files"]) == set(paths)

    def test_files_that_no_tool_lists_are_counted_too(self) -> None:
        paths = [f"{n:04}.md" for n in range(2000)]
        _, args = self.task(QUESTION, paths[:200], "\n".join([*paths, "(50 more; give a pattern)"]))
        assert (args["left_out"]["count"], len(args["left_out"]["files"])) == (1850, 1800)

    @pytest.mark.parametrize("name", sorted(shelves().offline))
    def test_every_harness_that_works_offline_tells_what_was_left_out(self, tmp_path: Path, name: str) -> None:
        harness = builtin_harness(name)
        assert harness is not None
        left_out = {"count": 3, "files": ["x.md", "y.md"]}
        args = {"question": "What is said?", "files": ["a.md", "b.md"], "left_out": left_out}
        done = run_source(harness.source, tmp_path, args=args)
        assert done.state.ended is not None
        assert done.state.ended.result["coverage"]["files_left_out"] == left_out
        (files,) = [found for found in done.state.understanding if found.what == "files"]
        assert (files.count, files.of, [*files.hints]) == (2, 5, ["left out"])


class TestMainJob:
    """The whole path over the notes that the project ships, with what is planted in them as the measure."""

    @pytest.fixture(scope="class")
    @classmethod
    def done(cls, tmp_path_factory: pytest.TempPathFactory) -> Any:
        (harness,) = [harness for harness in builtin_harnesses() if harness.name == "find-contradictions"]
        folder = tmp_path_factory.mktemp("main-job")
        args = {"question": QUESTION, "files": NOTES}
        return run_with(harness.source, folder, Settings(folders=(EXAMPLES / "notes",)), args)

    @pytest.mark.slow
    def test_completes_clean_and_costs_nothing(self, done: Any) -> None:
        assert (done.state.outcome, done.state.health) == ("completed", "clean")
        assert (done.state.spent.tokens, done.state.spent.usd) == (0, 0.0)
        assert done.state.ended.result["coverage"]["files_read"] == len(NOTES)

    @pytest.mark.slow
    def test_finds_planted_contradictions_and_no_others(self, done: Any) -> None:
        _check_found(done)

    @pytest.mark.slow
    def test_a_question_without_a_topic_finds_no_more_false_ones(self, tmp_path: Path) -> None:
        (harness,) = [harness for harness in builtin_harnesses() if harness.name == "find-contradictions"]
        args = {"question": "Find contradictions.", "files": NOTES}
        _check_found(run_with(harness.source, tmp_path, Settings(folders=(EXAMPLES / "notes",)), args))

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

    def test_votes_need_no_more_than_the_two_places_that_a_contradiction_names(self, done: Any) -> None:
        found = done.state.ended.result["contradictions"]
        assert {pair["independence"]["word"] for pair in found} == {"none needed"}

    def test_replays_without_a_model(self, done: Any) -> None:
        harness = parse_harness(done.folder.harness.read_text(), name="test", filename="h.py")
        replayed = anyio.run(replay, harness, read_journal(done.folder.journal))
        assert replayed.result == done.state.ended.result


def _check_found(done: Any) -> None:
    planted = {_pair(pair["a"], "file", pair["b"]) for pair in _key()["contradictions"]}
    found = {_pair(pair["first"], "source", pair["second"]) for pair in done.state.ended.result["contradictions"]}
    assert found <= planted
    assert len(found) >= 8


def _key() -> Any:
    return json.loads((EXAMPLES / "notes-answers.json").read_text())


def _pair(one: Any, place: str, other: Any) -> frozenset[tuple[str, int]]:
    return frozenset({(one[place], one["line"]), (other[place], other["line"])})


class TestSubjects:
    @pytest.mark.parametrize(
        ("heading", "texts", "name"),
        [
            (
                "# Reception at Willow clinic reception.md",
                ["Willow opens at nine.", "Ask Ada.", "So does Willow."],
                "Willow",
            ),
            ("# RUNBOOK orca-server runbook-orca.md", ["Restart Orca.", "Orca is quick."], "Orca"),
            ("# Weekly weekly.md", ["Orca is quick.", "Ada was away."], None),
            ("# Tickets tram.md", ["Dogs of Orca ride free.", "Orca is quick.", "Ada was away."], "Orca"),
            ("# Weekly weekly.md", ["Dogs of Orca ride free.", "Ada was away.", "So was Bo.", "Cy was in."], None),
        ],
    )
    def test_a_file_is_about_the_name_in_its_title_or_path(
        self, heading: str, texts: list[str], name: str | None
    ) -> None:
        assert main_name(heading, [Sentence(text, "f", 1) for text in texts]) == name


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
        done = run_with(source, folder, Settings(folders=(folder,)))
        assert done.state.ended is not None
        assert done.state.outcome == "completed", done.state.ended.problem
        return done.state.ended.result

    def test_text_is_passages_with_their_source(self, folder: Path) -> None:
        assert self.ask(folder, "agent('When is lunch?')") == "- “Lunch is at noon in the canteen.” (a.md:4)"

    def test_nothing_found_is_said(self, folder: Path) -> None:
        assert self.ask(folder, "agent('Who won the race?')") == "Nothing in the files bears on this."

    def test_a_field_that_nothing_can_fill_loses_the_agent_and_is_named(self, folder: Path) -> None:
        item = {
            "type": "object",
            "properties": {"statement": {"type": "string"}, "confidence": {"type": "number"}},
            "required": ["statement", "confidence"],
        }
        schema = {"type": "object", "properties": {"found": {"type": "array", "items": item}}, "required": ["found"]}
        source = f"async def main(args):\n    return await agent('What does a.md store?', schema={schema})"
        (lost,) = run_with(source, folder, Settings(folders=(folder,))).state.lost
        assert lost.lost is not None
        assert (lost.lost.cause, "found[].confidence" in lost.lost.message) == ("refused", True)

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

    @pytest.mark.parametrize(
        ("line", "lens", "verdict"),
        [
            (4, "another page really says otherwise", "unchecked"),
            (4, "the opposite: does any page say otherwise", "unchecked"),
            (4, "it is kindly put", "unchecked"),
            (4, "it stands there", "supported"),
            (3, "another page really says otherwise", "supported"),
            (3, "the opposite: does any page say otherwise", "qualified"),
        ],
    )
    def test_a_lens_is_judged_for_what_it_asks(self, folder: Path, line: int, lens: str, verdict: str) -> None:
        text = (folder / "a.md").read_text().splitlines()[line - 1]
        claim = {"statement": text, "source": "a.md", "line": line}
        said = self.ask(folder, f"verify({claim}, lenses={[lens]!r}, quorum=1)")
        assert said["votes"][0]["verdict"] == verdict

    def test_merging_keeps_the_items_word_for_word(self, folder: Path) -> None:
        assert (
            self.ask(folder, "synthesize(['one (a.md:3)', 'two (b.md:3)'], 'Merge.')")
            == "- one (a.md:3)\n- two (b.md:3)"
        )
