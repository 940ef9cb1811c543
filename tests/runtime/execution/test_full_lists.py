"""Lists that came back full: the harness can tell, and the result names them, however the run came to its end."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from running import resume_source, run_source
from unconfined import without_processes

from weft.runtime.execution.replay import replay
from weft.runtime.execution.result import report, result_object
from weft.runtime.page import text
from weft.runtime.project.harness import parse_harness
from weft.runtime.views.text import result_page, run_page

SOURCE = """
NAMES = {"type": "object", "required": ["names"], "properties": {
    "names": {"type": "array", "maxItems": 2, "items": {"type": "string"}},
    "pair": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "string"}}}}
async def main(args):
    found = await parallel([agent(f"List {n}", schema=NAMES, label=f"list:{n}") for n in range(3)])
    return [reply and [reply["names"].full, type(reply["names"]) is list] for reply in found]
"""


def answer(*names: str) -> dict[str, object]:
    return {"names": list(names), "pair": ["x", "y"]}


STUB = {
    "rules": [
        {"match": {"label": "0"}, "result": answer("a", "b")},
        {"match": {"label": "1"}, "result": answer("a")},
        {"match": {"label": "2"}, "lost": "provider"},
    ]
}
LINE = "names at line 6 came back full, with 2 items: list:0"


@pytest.fixture(autouse=True)
def _without_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    without_processes(monkeypatch)


def test_the_result_names_them_and_a_replay_and_a_resume_know_them(tmp_path: Path) -> None:
    done = run_source(SOURCE, tmp_path, stub=STUB)
    result = result_object(done.state)
    assert result["result"] == [[True, True], [False, True], None]
    full = {"line": 6, "workflow": None, "list": "names", "items": 2}
    assert result["coverage"]["full_lists"] == [{**full, "agents": [0]}]
    for page in (report(done.state), text(result_page(done.state, ".")), text(run_page(done.state, "."))):
        assert LINE in page
    harness = parse_harness(SOURCE, name="t", filename="h.py")
    assert anyio.run(replay, harness, done.folder.events()).result == result["result"]
    again = resume_source(done, tmp_path, stub={"default": {"result": answer("c", "d")}})
    result = result_object(again.state)
    assert (result["result"], result["health"]) == ([[True, True], [False, True], [True, True]], "clean")
    assert result["coverage"]["full_lists"] == [{**full, "agents": [0, 2]}]


def test_one_in_a_saved_harness_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / ".weft" / "workflows").mkdir(parents=True)
    (tmp_path / ".weft" / "workflows" / "inner.py").write_text(SOURCE)
    done = run_source("async def main(args):\n    return await workflow('inner')\n", tmp_path, stub=STUB)
    assert "names at line 6 of inner came back full, with 2 items: list:0" in report(done.state)
