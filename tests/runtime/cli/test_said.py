"""What was said in a run: transcripts, what tools opened, and the search in both."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import weft

RUN = """
from weft.primitives import agent, tool


async def main(args):
    lines = await tool("search_text", query="##", match="text")
    return [await agent("Which services lose jobs?", label="reads"), len(lines or [])]
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("said")
    (folder / "notes").mkdir()
    (folder / "notes" / "long.md").write_text("## Notes\n" + "Tern loses queued jobs at a restart.\n" * 30)
    (folder / "h.py").write_text(RUN)
    assert weft(folder, "run", "h.py", "--model", "offline", "--dir", "notes", "--yes").code == 0
    return folder


def test_a_transcript_is_shown_when_asked_for_and_folded(ran: Path) -> None:
    plain = weft(ran, "show", "@last/reads")
    assert "--transcript shows it" in plain.out
    assert "tool-return" not in plain.out
    assert "long.md  1-31" in plain.out
    shown = weft(ran, "show", "@last/reads", "--transcript").out
    number = next(row.split()[0] for row in shown.split("\n") if row.endswith("tool-return  read_file"))
    assert f"--from {number} shows them" in shown
    assert "31: Tern loses" not in shown
    assert "31: Tern loses" in weft(ran, "show", "@last/reads", "--from", number).out
    assert "transcript" not in weft(ran, "show", "@last/reads", "--json").json
    assert weft(ran, "show", "@last/reads", "--transcript", "--json").json["transcript"][0]["part"] == "user-prompt"


def test_what_each_agent_rests_on_is_with_the_run(ran: Path) -> None:
    (call,) = weft(ran, "show", "@last", "--json").json["calls"]
    assert "long.md:1-31" in call["touched"]


def test_words_are_found_where_they_were_said(ran: Path) -> None:
    found = weft(ran, "search", "@last", "queued", "RESTART", "--json").json
    assert found["complete"]
    assert {hit["label"] for hit in found["found"]} == {"reads"}
    assert any(hit["where"].startswith("transcript ") for hit in found["found"])
    assert "prompt: Which services lose jobs?" in weft(ran, "search", "@last", "services lose").out
    assert "request: " in weft(ran, "search", "@last", "search_text", "##").out
    assert weft(ran, "search", "@last/reads", "search_text", "##").out == "nothing has all of these words\n"
    assert "nothing has" in weft(ran, "search", "@last", "absent").out


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["search", "@last/nobody", "x"], "there is no agent 'nobody'"),
        (["search", "norun", "x"], "norun"),
        (["search", "@last"], "WORDS"),
        (["show", "@last", "--transcript"], "a transcript is of one agent"),
        (["show", "@last/reads", "--from", "0"], "0"),
    ],
)
def test_what_is_not_there_is_said(ran: Path, command: list[str], said: str) -> None:
    done = weft(ran, *command)
    assert done.code == 2
    assert said in done.err
