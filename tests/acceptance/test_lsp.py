"""`weft lsp` as an editor uses it: a process that is spoken to over its pipes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from editor import URI, Editor, applied, editing

from weft.linter import fix, lint, page, page_text

pytestmark = pytest.mark.slow

CLEAN = """\
from weft.primitives import agent, parallel

FILES = ["a.md", "b.md", "c.md"]


async def read(name):
    return await parallel([agent(f"Read {name} as a {who}") for who in ("critic", "friend")])


async def main(args):
    return await parallel([read(name) for name in FILES])
"""
TYPO = CLEAN.replace("[agent(f", "['𝄞é', agent(f").replace("agent(", "agnt(").replace("import agent", "import agnt")
SET = """\
from weft.primitives import agent, parallel


async def main(args):
    names = set(args["names"])
    return await parallel([agent(f"{'𝄞é'} {name}") for (name) in names])


ARGS = {"type": "object", "properties": {"names": {"type": "array"}}}
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    with editing(tmp_path_factory.mktemp("editor")) as editor:
        yield editor


@pytest.fixture
def editor(session: Editor) -> Iterator[Editor]:
    """One session for all tests that do not end it; what they have opened is closed."""
    yield session
    session.send("textDocument/didClose", {"textDocument": {"uri": URI}})
    session.ask("textDocument/hover", {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 0}})
    session.told.clear()


def start(found: dict[str, Any]) -> dict[str, int]:
    return {"line": found["range"]["start"]["line"], "character": found["range"]["start"]["character"]}


def whole(text: str) -> dict[str, Any]:
    return {"start": {"line": 0, "character": 0}, "end": {"line": text.count("\n") + 1, "character": 0}}


class TestProject:
    def test_a_harness_is_checked_with_the_project_that_is_opened(self, tmp_path: Path) -> None:
        project = tmp_path / "project"
        (project / ".weft/workflows").mkdir(parents=True)
        (project / ".weft/workflows/inner.py").write_text(CLEAN)
        caller = "async def main(args):\n    return await workflow('inner')\n"
        for most, codes in (("5", ["C602", "E007"]), ("6", []), ('"', [])):  # the last is no configuration
            (project / "weft.toml").write_text(f"[run]\nmax_agents = {most}\n")
            with editing(tmp_path, opened=project) as editor:
                assert [found["code"] for found in editor.open(caller)] == codes


class TestDiagnostics:
    def test_they_follow_the_text(self, editor: Editor) -> None:
        assert editor.open(CLEAN) == []
        (found,) = editor.change(SET)
        assert (found["code"], found["source"], found["severity"]) == ("D402", "weft", 1)
        assert start(found)["line"] == 5
        assert "hash seed" in found["message"]
        assert "sorted(names)" in found["message"]
        assert [one["message"] for one in found["relatedInformation"]] == ["it reaches an agent here"]
        assert editor.change(CLEAN, 3) == []

    def test_what_is_closed_has_none(self, editor: Editor) -> None:
        assert editor.open(SET)
        editor.send("textDocument/didClose", {"textDocument": {"uri": URI}})
        assert editor.diagnostics() == []
        assert editor.about("codeAction", range=whole(SET), context={"diagnostics": []}) == []

    def test_a_file_that_is_no_harness_is_left_alone(self, editor: Editor) -> None:
        assert editor.open("import os\nprint(os.getcwd())\n") == []

    @pytest.mark.parametrize(("encoding", "before"), [("utf-8", 6), ("utf-16", 3), ("utf-32", 2)])
    def test_columns_count_in_the_units_of_the_client(self, tmp_path: Path, encoding: str, before: int) -> None:
        """Before the place there are two characters that every encoding counts differently."""
        with editing(tmp_path, encoding) as editor:
            (found,) = editor.open(SET)
        plain = SET.split("\n")[5].replace("𝄞é", "")
        assert start(found)["character"] == plain.rindex("names") + before


class TestQuickFix:
    def test_it_is_applied(self, editor: Editor) -> None:
        (found,) = editor.open(SET)
        at = {"start": start(found), "end": start(found)}
        (action,) = editor.about("codeAction", range=at, context={"diagnostics": [found]})
        assert (action["kind"], action["isPreferred"]) == ("quickfix", True)
        mended = applied(SET, action["edit"]["changes"][URI])
        assert mended == fix(SET)
        assert editor.change(mended) == []

    def test_there_is_none_elsewhere(self, editor: Editor) -> None:
        editor.open(SET)
        top = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 4}}
        assert editor.about("codeAction", range=top, context={"diagnostics": []}) == []


class TestReading:
    def test_a_finding_explains_itself(self, editor: Editor) -> None:
        (found,) = editor.open(SET)
        shown = editor.about("hover", position=start(found))
        about = page("D402")
        assert about is not None
        assert shown["contents"] == {"kind": "markdown", "value": page_text(about)}
        assert editor.about("hover", position={"line": 0, "character": 0}) is None

    def test_fan_outs_show_their_width_and_what_a_branch_costs(self, editor: Editor) -> None:
        editor.open(CLEAN)
        hints = editor.about("inlayHint", range=whole(CLEAN))
        lines = CLEAN.split("\n")
        assert [(hint["position"]["line"], hint["label"]) for hint in hints] == [
            (6, "≤ 2 × 1 agent"),
            (10, "≤ 3 × 2 agents"),
        ]
        assert all(hint["position"]["character"] == len(lines[hint["position"]["line"]]) for hint in hints)
        assert len(editor.about("inlayHint", range=whole(lines[0]))) == 0

    def test_a_width_that_nothing_limits(self, editor: Editor) -> None:
        text = SET.replace('set(args["names"])', '(await agent("x", schema={"type": "array"}, critical=True))')
        editor.open(text)
        (hint,) = editor.about("inlayHint", range=whole(text))
        assert hint["label"] == "unbounded × 1 agent"


GARBAGE = [
    "weft" + "\x00" * 10,
    "weft " + "(" * 3000,
    "async def main(args):\r\r\n\x0c\u2028 return ((",
    "async def main(args): return '\ud800'",
    "# weft\n" + "x = [\n" * 500,
    "weft = " + "9" * 6000,
    "",
]


class TestGarbage:
    def test_nothing_that_is_opened_ends_it(self, editor: Editor) -> None:
        editor.open(CLEAN)
        for version, text in enumerate([*GARBAGE, TYPO, SET[:170], SET[200:]], start=2):
            codes = [found["code"] for found in editor.change(text, version)]
            assert "E900" not in codes
            for method in ("codeAction", "inlayHint"):
                assert isinstance(editor.about(method, range=whole(text), context={"diagnostics": []}), list)
            editor.about("hover", position={"line": 10**6, "character": 10**6})
        assert editor.change(CLEAN, 99) == []

    def test_questions_about_a_file_that_was_never_opened(self, editor: Editor) -> None:
        assert editor.about("codeAction", range=whole(""), context={"diagnostics": []}) == []
        assert editor.about("hover", position={"line": 0, "character": 0}) is None

    def test_a_message_that_is_no_json(self, editor: Editor) -> None:
        editor.raw(b"{nonsense")
        assert [found["code"] for found in editor.open(SET)] == [one.code for one in lint(SET).findings]


def test_without_the_extra_it_says_how_to_get_it(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['pygls'] = None; sys.argv = ['weft', 'lsp']; from weft.runtime.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "pip install 'weft[lsp]'" in done.stderr
