"""What the offline model answers to tasks about a folder, from the task in words to the result."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from running import run_with

from weft.runtime.agents.offline.affirms import affirms
from weft.runtime.agents.offline.author import write
from weft.runtime.agents.offline.text import Rarity, Sentence, terms
from weft.runtime.authoring.briefing import author_prompt
from weft.runtime.execution.result import result_object
from weft.runtime.journal import RunState
from weft.runtime.settings import Settings
from weft.runtime.tools.folders import Folders
from weft.runtime.understood import Understood

FILES = {
    "plan.md": "# Plan\n\nThe bakery opens on 3 May. Bread costs 4 euros.\nSettings live in /etc/oven.conf.\n",
    "mail.md": "Hi, the bakery opens on 17 May because of the oven.\nThe oven has 3 shelves.\n",
    "faq.md": "# Questions\n\n## How long is bread fresh?\nIt keeps for 3 days.\n\n## Who bakes?\nAda bakes bread.\n",
    "oven.py": '"""Heats the oven for all the bread."""\n\n# The oven is cleaned each month by Ada.\nOVEN = 1\n',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = tmp_path / "files"
    files.mkdir()
    for name, text in FILES.items():
        (files / name).write_text(text, encoding="utf-8")
    return files


def run(task: str, folder: Path) -> RunState:
    """Let the offline author write a harness for a task, and the offline model answer its agents."""
    folders = Folders((folder,))
    prompt = author_prompt(task, folders.files(), folders.unreadable(folders.files()))
    source, args = re.findall(r"```(?:python|json)\n(.*?)\n?```", write(prompt), re.DOTALL)
    state = run_with(source, folder.parent, Settings(folders=(folder,)), json.loads(args)).state
    assert state.outcome == "completed", state.ended
    return state


def result(task: str, folder: Path) -> Any:
    return result_object(run(task, folder))["result"]


class TestFactChecks:
    def test_the_file_that_agrees_is_not_the_only_one_looked_at(self, folder: Path) -> None:
        (claim,) = result('fact-check "The bakery opens on 3 May"', folder)["claims"]
        assert claim["verdict"] == "conflict"
        assert [(found["source"], found["line"]) for found in claim["says_so"]] == [("plan.md", 3)]
        assert [found["source"] for found in claim["says_otherwise"]] == ["mail.md"]

    def test_what_makes_the_claim_is_no_evidence_for_it(self, folder: Path) -> None:
        (claim,) = result('is it true that "The bakery opens on 3 May", as plan.md says?', folder)["claims"]
        assert (claim["verdict"], claim["says_so"]) == ("refuted", [])
        every = result("fact-check plan.md", folder)["claims"]
        assert len(every) == 3
        assert not [found for claim in every for found in claim["says_so"] if found["source"] == "plan.md"]

    def test_what_no_file_decides_is_unchecked_and_not_clean(self, folder: Path) -> None:
        state = run("check whether the bakery has a garden", folder)
        assert state.health == "degraded"
        assert [claim["verdict"] for claim in result_object(state)["result"]["claims"]] == ["unchecked"]
        assert "not understood: 1 of 1 claims" in [partial.text()[:29] for partial in state.understanding]

    def test_a_sentence_that_says_only_a_part_supports_nothing(self, folder: Path) -> None:
        (claim,) = result('fact-check "Bread costs 4 euros on Monday in the garden"', folder)["claims"]
        assert claim["verdict"] == "unchecked"

    def test_a_path_in_the_claim_is_no_file_to_open(self, folder: Path) -> None:
        (claim,) = result('is it true that "Settings live in /etc/oven.conf"?', folder)["claims"]
        assert claim["verdict"] == "supported"

    @pytest.mark.parametrize("task", ["Verify whether faq.md is right", "Are the claims in faq.md true?"])
    def test_all_of_a_file_is_checked_that_is_named_without_a_topic(self, task: str, folder: Path) -> None:
        claims = [claim["claim"]["statement"] for claim in result(task, folder)["claims"]]
        assert claims == ["It keeps for 3 days.", "Ada bakes bread."]

    def test_a_sentence_that_shares_one_word_refutes_nothing(self, folder: Path) -> None:
        (folder / "note.md").write_text("The oven in the old house behind the church was bought 9 years ago.\n")
        (claim,) = result('fact-check "The new oven stands 3 weeks in the yard of a neighbour"', folder)["claims"]
        assert claim["verdict"] == "unchecked"


class TestAnswers:
    def test_a_conflict_is_shown_with_both_places(self, folder: Path) -> None:
        found = result("When does the bakery open?", folder)
        assert found["answer"].count("3 May") == found["answer"].count("17 May") == 1
        (conflict,) = found["conflicts"]
        assert {conflict["first"]["source"], conflict["second"]["source"]} == {"plan.md", "mail.md"}

    @pytest.mark.parametrize(
        ("task", "one", "other"),
        [
            ("Who keeps the oven key?", "Maria keeps the oven key.", "Tom keeps the oven key."),
            ("When does the flour arrive?", "The flour arrives on Tuesday.", "The flour arrives on Thursday."),
        ],
    )
    def test_opposite_answers_are_a_conflict(self, task: str, one: str, other: str, folder: Path) -> None:
        (folder / "one.md").write_text(f"{one}\n", encoding="utf-8")
        (folder / "other.md").write_text(f"{other}\n", encoding="utf-8")
        (conflict,) = result(task, folder)["conflicts"]
        assert {conflict[side]["source"] for side in ("first", "second")} == {"one.md", "other.md"}

    def test_a_heading_tells_what_a_sentence_is_about(self, folder: Path) -> None:
        answer = result("How long is bread fresh?", folder)["answer"]
        assert answer.startswith("- It keeps for 3 days. (faq.md:4), under “Questions › How long is bread fresh?”")
        assert "euros" not in answer

    def test_the_same_sentence_is_quoted_once(self, folder: Path) -> None:
        answer = run_with(
            "async def main(args):\n    return await agent('Who bakes?')",
            folder.parent,
            Settings(folders=(copied(folder, "faq.md", "copy.md"),)),
        ).state
        assert answer.ended is not None
        assert answer.ended.result.splitlines()[0] == "- “Ada bakes bread.” (copy.md:7, faq.md:7)"

    def test_words_that_no_passage_has_are_named_but_not_those_that_say_nothing(self, folder: Path) -> None:
        answer = result("What's the colour of the many shelves that one has in the oven?", folder)["answer"]
        assert answer.splitlines()[-1] == "No passage has “colour”."

    @pytest.mark.parametrize(
        ("task", "said"),
        [
            ("Who is the president?", "nothing found: no passages"),
            (
                "How much is bread at Globex?",
                "not understood: 1 of 1 names in the question (answer): no passage has “Globex”",
            ),
        ],
    )
    def test_what_is_not_there_is_said_and_not_clean(self, task: str, said: str, folder: Path) -> None:
        state = run(task, folder)
        assert state.health == "degraded"
        assert said in [partial.text()[: len(said)] for partial in state.understanding]


@pytest.mark.parametrize(
    ("task", "pairs"),
    [
        ("Do the plan and the mail contradict each other?", 1),
        ("List the contradictions between the code and the questions", 1),
        ("Which files contradict each other about shelves?", 0),
    ],
)
def test_a_question_for_contradictions_is_about_all_unless_it_names_a_topic(
    task: str, pairs: int, folder: Path
) -> None:
    for name, day in (("one.md", 3), ("two.md", 17)):
        (folder / name).write_text(f"Orca bakes bread every {day} days.\n")
    found = result(task, folder)["contradictions"]
    assert (
        len([pair for pair in found if {pair["first"]["source"], pair["second"]["source"]} == {"one.md", "two.md"}])
        == pairs
    )


def test_what_a_mail_quotes_is_no_point_of_it(folder: Path) -> None:
    mail = "From: Ada\nTo: Ben\nSubject: Oven\n\n> Is the oven cold on 3 May?\n> I think so.\nThe oven is hot.\n"
    (folder / "reply.txt").write_text(mail, encoding="utf-8")
    digest = result("Summarise the main points of reply.txt", folder)["digest"]
    assert digest == "- The oven is hot. (reply.txt:7)"


class TestFilesThatCannotBeRead:
    def test_what_is_no_text_has_no_agent_and_is_said_once(self, folder: Path) -> None:
        (folder / "photo.png").write_bytes(b"\x89PNG\0\0")
        (folder / "empty.md").write_text("")
        state = run("Who bakes?", folder)
        assert not state.lost
        (files,) = [partial for partial in state.understanding if partial.what == "files"]
        assert (files.count, files.of) == (4, 6)
        assert files.text().endswith("skipped: empty.md is empty, photo.png is not text")

    @pytest.mark.parametrize(
        ("text", "hint"),
        [
            ('{"a": [1, 2, 3], "b": null}\n', "no line in them is a sentence"),
            ("Der Ofen ist heute nicht an und das Brot ist noch auf dem Blech.\n", "not in English"),
        ],
    )
    def test_an_agent_says_what_it_could_make_nothing_of(self, text: str, hint: str, tmp_path: Path) -> None:
        (tmp_path / "odd.md").write_text(text, encoding="utf-8")
        source = "async def main(args):\n    return await agent('What does odd.md say?')"
        state = run_with(source, tmp_path, Settings(folders=(tmp_path,))).state
        said = state.agents[0].understood
        assert isinstance(said, Understood)
        assert (said.count, said.of, said.what) == (0, 1, "files")
        assert hint in said.hint
        assert state.health == "degraded"

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ('{"severity": {"type": "string", "enum": ["low", "high"]}, "owner": {"type": "number"}}', "refused"),
            ('{"statement": {"type": "string"}, "source": {"type": "string"}}', "nothing found: no passages"),
        ],
    )
    def test_a_form_that_nothing_fills_and_a_question_that_nothing_answers(
        self, fields: str, said: str, folder: Path
    ) -> None:
        items = f'{{"type": "object", "properties": {fields}, "required": {[*json.loads(fields)]}}}'
        schema = f'{{"type": "object", "properties": {{"risks": {{"type": "array", "items": {items}}}}}}}'
        source = f"async def main(args):\n    return await agent('List the severity of each risk.', schema={schema})"
        state = run_with(source, folder.parent, Settings(folders=(folder,))).state
        assert state.health == "degraded"
        causes = [agent.lost.cause for agent in state.lost if agent.lost]
        assert said in causes or said in state.understanding[0].text()

    @pytest.mark.parametrize(("files", "of"), [({}, 0), ({"a.json": "[1, 2]", "b.csv": "1;2\n3;4\n"}, 2)])
    def test_an_empty_list_does_not_pass_for_an_answer_where_nothing_was_read(
        self, files: dict[str, str], of: int, tmp_path: Path
    ) -> None:
        shown = tmp_path / "shown"
        shown.mkdir()
        for name, text in files.items():
            (shown / name).write_text(text)
        items = {"type": "object", "properties": {"risks": {"type": "array", "items": {"type": "string"}}}}
        source = f"async def main(args):\n    return await agent('List the risks.', schema={items})"
        state = run_with(source, tmp_path, Settings(folders=(shown,))).state
        assert state.health == "degraded"
        assert [(partial.count, partial.of, partial.what) for partial in state.understanding] == [(0, of, "files")]


def copied(folder: Path, name: str, copy: str) -> Path:
    (folder / copy).write_text((folder / name).read_text())
    return folder


class TestNothingIsComparedSilently:
    def contradictions(self, texts: dict[str, str], tmp_path: Path) -> tuple[RunState, list[dict[str, Any]]]:
        files = tmp_path / "files"
        files.mkdir()
        for name, text in texts.items():
            (files / name).write_text(text, encoding="utf-8")
        state = run("Which of these files contradict each other?", files)
        return state, [said for said in result_object(state)["coverage"]["understood"] if said["count"] < said["of"]]

    def test_files_without_any_sentence_are_not_clean_and_break_nothing(self, tmp_path: Path) -> None:
        for name in ("a.md", "b.md"):
            (tmp_path / name).write_text("= = =\n")
        state = run("Which of these contradict each other?", tmp_path)
        assert (state.outcome, state.health, state.raised, state.lost) == ("completed", "degraded", [], [])

    def test_what_stands_on_one_line_many_times_counts_once(self, tmp_path: Path) -> None:
        (tmp_path / "a.md").write_text("The gate opens at 9.\n")
        (tmp_path / "b.md").write_text("The gate opens at 10. " * 90 + "\n")
        state = run("Which of these contradict each other?", tmp_path)
        assert not state.lost and state.ended is not None
        assert state.ended.result["coverage"]["statements"] == 2

    def test_one_file_alone_has_something_to_compare(self, tmp_path: Path) -> None:
        state, _ = self.contradictions({"a.md": "Tea is served at four.\n", "b.md": "# Tea\n"}, tmp_path)
        assert state.health == "degraded"
        assert any(partial.what == "pairs of documents" for partial in state.understanding)

    def test_statements_without_a_common_word_were_not_compared(self, tmp_path: Path) -> None:
        words = [f"{one}{two}q" for one in "bcdfghjklm" for two in "bcdfghjklmnpqrstvwxz"]
        texts = {
            f"{name}.md": "\n".join(f"- {name}{word} has {name}{word}k\n" for word in words) for name in ("xa", "yo")
        }
        state, _ = self.contradictions(texts, tmp_path)
        assert state.health == "degraded"

    def test_a_list_that_was_cut_says_of_how_many(self, tmp_path: Path) -> None:
        many = "".join(f"- Shelf {number} holds {number} jars.\n" for number in range(90))
        state, missing = self.contradictions({"a.md": many, "b.md": "Shelf 3 holds 3 jars.\n"}, tmp_path)
        assert state.health == "degraded"
        assert [(said["what"], said["count"], said["of"]) for said in missing] == [("statements", 60, 90)]

    def test_two_files_that_are_compared_whole_are_clean(self, tmp_path: Path) -> None:
        texts = {"a.md": "The shop opens at 9:00.\n", "b.md": "The shop opens at 10:00.\n"}
        assert self.contradictions(texts, tmp_path)[0].health == "clean"


class TestSupport:
    """A sentence supports a claim only where it says it."""

    @pytest.mark.parametrize(
        ("claim", "text", "affirmed"),
        [
            (
                "Calls are returned in 2 hours at night",
                "Calls are returned in 2 hours by day and in 9 at night.",
                False,
            ),
            ("Ovens are cleaned.", "If the shop is empty, ovens are cleaned.", "qualifies"),
            ("Ovens are cleaned.", "Ovens are usually cleaned.", "qualifies"),
            ("Ovens are cleaned.", "Ovens should be cleaned.", "qualifies"),
            ("All ovens are cleaned.", "Some ovens are cleaned.", "qualifies"),
            ("Ovens are cleaned.", "Ovens are cleaned on Mondays.", "qualifies"),
            ("Ovens are cleaned.", "The guests think that ovens are cleaned.", False),
            ("Ovens are cleaned.", "It is a myth that ovens are cleaned.", False),
            ("Ovens are cleaned.", "Ovens are not cleaned.", False),
            ("Ovens must be cleaned.", "Ovens may be cleaned.", False),
            ("Rolls cost 4 euros", "Buns cost 4 euros and rolls 5 euros.", False),
            ("Rolls cost 5 euros", "Buns cost 4 euros and rolls 5 euros.", "says"),
            ("Zoe bakes the rolls", "Zoe bakes the buns and Kim bakes the rolls.", False),
            ("Zoe bakes the buns", "Zoe bakes the buns and Kim bakes the rolls.", "says"),
            ("The baker pays the miller.", "The miller pays the baker.", False),
            ("Bakers may keep their apron.", "Bakers may keep their apron and pay nothing.", "says"),
            ("Bakers pay for their apron.", "Bakers keep their apron and do not pay for it.", False),
            ("Only bakers have keys.", "Bakers have keys.", False),
        ],
    )
    def test_by_what_it_says(self, claim: str, text: str, affirmed: str | bool) -> None:
        rarity = Rarity(terms(said) for said in (claim, text, "The shop is in town."))
        assert affirms(claim, Sentence(text, "f", 1, ""), rarity) == (affirmed or "nothing")

    def test_what_speaks_against_the_support_speaks_against_the_claim(self, folder: Path) -> None:
        (folder / "rules.md").write_text("Radios are forbidden in the bakery.\n", encoding="utf-8")
        (folder / "news.md").write_text("Radios are allowed in the bakery.\n", encoding="utf-8")
        task = 'Fact-check: "Radios are forbidden in the bakery." "Radios are allowed in the bakery."'
        assert [claim["verdict"] for claim in result(task, folder)["claims"]] == ["conflict", "conflict"]

    def test_a_name_that_begins_a_sentence_is_one(self, folder: Path) -> None:
        (folder / "staff.md").write_text("Maria runs the bakery cafe.\n", encoding="utf-8")
        (claim,) = result("Fact check: Tom runs the bakery cafe", folder)["claims"]
        assert claim["verdict"] == "refuted"
