"""The offline author: what a task asks for by its form, what takes a model, and which files and claims it speaks of."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.runtime.agents.offline.asked import claims_in, form, judged_file, missing_files, named_files, quotations
from weft.runtime.agents.offline.author import looks_for, write
from weft.runtime.request import AgentError

FILES = ["launch.md", "mail.md", "docs/faq.md"]


def authored(task: str, unreadable: str = "", searched: dict[str, str] | None = None) -> Any:
    """Return the arguments that are written for a task."""
    files = "\n".join(FILES)
    prompt = f"<task>\n{task}\n</task>\n\n<files>\n{files}\n</files>\n<unreadable>\n{unreadable}\n</unreadable>"
    data = re.search(r"```json\n(.*?)\n```", write(prompt, searched=searched or {}), re.DOTALL)
    assert data
    return json.loads(data.group(1))


def refusal(task: str, unreadable: str = "") -> str:
    with pytest.raises(AgentError) as refused:
        authored(task, unreadable)
    assert refused.value.cause == "refused"
    return refused.value.message


class TestForm:
    @pytest.mark.parametrize(
        ("text", "quoted"),
        [
            ('Is it true that "tea is served at four"?', ["tea is served at four"]),
            ("Check “two words” and 'it doesn't hold water'.", ["two words", "it doesn't hold water"]),
            ("The dog's bowl isn't full, it's empty", []),
            ('Read "launch.md"', []),  # one word is a name
            ("„eins zwei“ «un deux» `a b`", ["eins zwei", "un deux", "a b"]),
        ],
    )
    def test_quotations(self, text: str, quoted: list[str]) -> None:
        assert quotations(text) == quoted

    def test_a_path_in_a_quotation_or_in_tags_is_only_spoken_of(self) -> None:
        text = 'Is "settings live in /etc/foo.conf and launch.md" true?\n<claim>\nsee mail.md\n</claim>'
        assert named_files(text, FILES) == missing_files(text, FILES) == []
        assert named_files("Compare launch.md with 'faq.md'", FILES) == ["launch.md", "docs/faq.md"]
        assert missing_files("What do plan.md and /etc/foo.conf say? See e.g. v1.2 and launch.md.", FILES) == [
            "plan.md",
            "/etc/foo.conf",
        ]

    @pytest.mark.parametrize(
        ("task", "claims"),
        [
            ('fact-check "Tea is served at four" and "Coffee is free"', ["Tea is served at four", "Coffee is free"]),
            ("Fact-check: Tea is served at four. Coffee is free.", ["Tea is served at four.", "Coffee is free."]),
            ("check whether tea is served at 16:30", ["tea is served at 16:30"]),
            ("is it true that the shop is closed on Sunday?", ["the shop is closed on Sunday"]),
            ("Check these claims: tea is hot; Ada bakes", ["tea is hot", "Ada bakes"]),
            ("Verify: the shop is closed", ["the shop is closed"]),
            ("check whether launch.md is right", []),
            ("fact-check launch.md: are the dates right?", []),
        ],
    )
    def test_claims(self, task: str, claims: list[str]) -> None:
        assert claims_in(task, FILES) == claims

    @pytest.mark.parametrize(
        ("task", "document"),
        [
            ("fact-check launch.md against mail.md", "launch.md"),
            ("according to mail.md, are the claims in faq.md true?", "docs/faq.md"),
            ("is it true that the shop is closed?", None),
        ],
    )
    def test_the_file_that_is_checked_is_not_what_it_is_checked_by(self, task: str, document: str | None) -> None:
        assert judged_file(task, FILES) == document

    @pytest.mark.parametrize(
        ("task", "asked"),
        [
            ("Check these claims: tea is hot; coffee is cold", "check"),
            ("Please verify: the shop is closed", "check"),
            ("Is everything in launch.md true?", "check"),
            ("Are the dates in docs/faq.md correct?", "check"),
            ("Does docs/faq.md agree with oven.py?", "compare"),
            ("Do launch.md and mail.md say the same?", "compare"),
            ("Who agrees with the plan in mail.md?", None),
            ("Is it right to sell tea?", None),
            ("What does launch.md say of tea: is it hot?", None),
        ],
    )
    def test_what_is_asked_without_a_trigger_word(self, task: str, asked: str | None) -> None:
        assert form(task) == asked

    def test_a_file_named_by_all_of_its_path_is_no_other(self) -> None:
        assert named_files("Is a.md right?", ["docs/a.md", "a.md"]) == ["a.md"]
        assert named_files("Is docs/a.md right?", ["docs/a.md", "a.md"]) == ["docs/a.md"]
        assert named_files("Is a.md right?", ["docs/a.md", "b.md"]) == ["docs/a.md"]

    def test_a_word_without_an_ending_is_a_file_only_in_the_place_of_one(self) -> None:
        files = ["a.md", "list", "points", "Makefile"]
        assert named_files("Read a.md and list its main points.", files) == ["a.md"]
        assert named_files("Read points and list its main points.", files) == ["points"]
        assert named_files("What is in the file list?", files) == ["list"]
        assert named_files("List the promises in points.", files) == ["points"]
        assert named_files("What does the Makefile build?", files) == ["Makefile"]

    @given(st.text(max_size=200) | st.sampled_from([".a" * 500 + "!b", "<a>" * 300, "'a " * 500, "how well " * 300]))
    def test_any_task_has_a_form(self, task: str) -> None:
        assert all(len(claim.split()) > 1 for claim in claims_in(task, FILES))
        assert not set(missing_files(task, FILES)) & set(FILES)

    def test_the_files_that_have_the_rare_words_of_a_task_come_first_where_there_are_too_many(self) -> None:
        files = "\n".join(f"{number:03}.md" for number in range(300))
        prompt = f"<task>\nWhen is the walrus fed?\n</task>\n<files>\n{files}\n</files>"
        assert [word for word in looks_for(prompt, None) if "walrus".startswith(word)]
        common = "\n".join(
            [*(f"{number:03}.md:1: a fed cat" for number in range(100)), "(at most 100 lines are shown)"]
        )
        text = write(prompt, searched={"walrus": "299.md:7: the walrus", "fed": common})
        assert '"299.md"' in text.rpartition("```json")[2].partition("left_out")[0]


class TestArguments:
    def test_a_fact_check_gets_the_claims_and_the_file_that_makes_them(self) -> None:
        args = authored('fact-check "Tea is served at four" in launch.md')
        assert (args["claims"], args["document"], args["files"]) == (["Tea is served at four"], "launch.md", FILES)

    def test_a_fact_check_without_a_claim_says_how_to_name_one(self) -> None:
        assert "quotation marks" in refusal("Fact-check everything")

    def test_a_file_that_is_not_there_is_said_with_the_nearest(self) -> None:
        assert "names lunch.md, which is not among the 3 files" in refusal("What does lunch.md say about tea?")
        assert "did you mean launch.md?" in refusal("Summarise lunch.md")

    def test_a_question_may_be_about_what_only_stands_in_the_files(self) -> None:
        task = "What is set in /etc/tea?"
        assert "/etc/tea" in refusal(task)
        assert authored(task, searched={"/etc/tea": "mail.md:3: it is in /etc/tea"})["files"] == FILES

    def test_files_that_cannot_be_read_are_left_out_once_and_said(self) -> None:
        args = authored("When is tea served?", unreadable="mail.md: is not text")
        assert args["files"] == ["launch.md", "docs/faq.md"]
        assert args["left_out"] == {"count": 1, "files": ["mail.md"], "why": "skipped: mail.md is not text"}
        assert "mail.md is not text" in refusal("Summarise mail.md", "mail.md: is not text")


REFUSED = """
rank the notes by importance; give me a ranking of these documents; a ranking of the policies by strictness
which is the best written?; which of these files is the best?; sort by importance; cluster the documents
group notes by theme; list the main points by theme; summarise the folder by topic; one summary for each topic
how good is the style of launch.md?; how well are these documents written?; is launch.md well written?
compare the tone of launch.md and mail.md; which note is the clearest?; which document is most convincing?
rate each document from 1 to 5; can you rank them?; give each document a score; I want a classification of the mails
put the documents in order of importance; Find the contradictions and rank them; what are the key themes?
how does the style of launch.md differ from mail.md?; is the writing any good?; provide a thematic grouping of them
split the notes into themes; comparison of the writing styles; how readable is the handbook?
"""
ANSWERED = """
what does the ranking policy say?; which group owns the database?; how are candidates ranked?
what is the sort order of the list?; which style guide do we follow?; what is the best temperature for roasting?
Group owners: who are they?; Order numbers of the spring shipment; what is the quality of the water?
which topics were discussed on 10 January?; who decides about the ranking of candidates?
what do these documents say about tone of voice?; how useful are the backups?; what is the most important rule?
what are the main points of these documents?; compare the notice periods; which documents are to be reviewed?
Which cluster runs the database?; is a ranking of candidates required?; how clear must the water be?
fact-check "rank the notes by importance is the first step"; does the better plan cost more?
"""


def tasks(listed: str) -> list[str]:
    return [task.strip() for task in re.split(r"[;\n]", listed) if task.strip()]


@pytest.mark.parametrize("task", tasks(REFUSED))
def test_what_takes_a_judgement_is_refused_with_the_words_that_ask_for_it(task: str) -> None:
    message = refusal(task)
    said = re.search(r"the task says “(.*?)”", message)
    assert said and said.group(1).lower() in task.lower()
    assert "a model with an API key" in message


@pytest.mark.parametrize("task", tasks(ANSWERED))
def test_a_question_that_only_has_such_words_is_not(task: str) -> None:
    assert authored(task)["question"] == task
