"""`weft analyse` as a person runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import weft
from running import run_source

ASKED = """
async def main(args):
    many = {"type": "integer"}
    replies = await parallel([agent(f"how many in {n}?", label=f"count {n}", schema=many) for n in args["rooms"]])
    return sum(reply for reply in replies if reply)
"""
AGAIN = ASKED.replace("sum(", "max(")
MORE = ASKED.replace('args["rooms"]', '[*args["rooms"], 9]')


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("analysed")
    rules = [{"match": {"label": f"count {n}"}, "result": n, "latency": n} for n in (1, 2, 3)]
    lost = {"match": {"label": "count 4"}, "lost": "provider"}
    run_source(ASKED, folder, args={"rooms": [1, 2, 3, 4]}, stub={"rules": [*rules, lost]})
    for name, source in {"again": AGAIN, "more": MORE}.items():
        (folder / f"{name}.py").write_text(source)
    return folder


def test_it_shows_a_page_and_the_same_as_data(project: Path) -> None:
    shown = weft(project, "analyse", "@last")
    assert shown.code == 0 and "Critical path" in shown.out and "count 3" in shown.out and "Barriers" in shown.out
    data = weft(project, "analyse", "@last", "--json").json
    assert data["seconds"] == 3 and [call["label"] for call in data["critical_path"]["calls"]] == ["count 3"]
    assert data["barriers"][0]["idle"] == 6 and data["streamed"] is None


def test_another_harness_is_executed_over_the_recorded_answers(project: Path) -> None:
    done = weft(project, "analyse", "@last", "--script", "again.py", "--json")
    assert (done.code, done.json["whole"], done.json["result"]) == (0, True, 3)
    assert (done.json["used"], done.json["lost"], done.json["missing"]) == (3, ["count 4"], [])


def test_it_says_who_would_have_to_be_asked(project: Path) -> None:
    done = weft(project, "analyse", "@last", "--script", "more.py", "--json")
    assert (done.code, done.json["whole"], done.json["result"]) == (1, False, None)
    assert [(one["label"], one["reason"]) for one in done.json["missing"]] == [("count 9", "new")]
    assert "count 9" in weft(project, "analyse", "@last", "--script", "more.py").out


def test_prices_of_other_models(project: Path) -> None:
    done = weft(project, "analyse", "@last", "--model", "anthropic:claude-haiku-4-5")
    assert done.code == 0 and "in all" in done.out
    assert weft(project, "analyse", "@last", "--model", "Nowhere=x").code == 2
    assert weft(project, "analyse", "@last", "--model", "x", "--script", "again.py").code == 2
