"""The command line with a model, which a local server plays: runs, and harnesses that an author writes for a task."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import shlex
from pathlib import Path
from typing import Any

import pytest
from anthropic_server import error, serving, text
from command import environment, weft
from forked import Weft
from greeting import FOUR_PARTS, HELLO, greeting

BREAKS = '''"""Say hello to somebody."""
from weft.primitives import agent

ARGS = {"type": "object", "properties": {"who": {"type": "string"}}, "required": ["who"]}

async def main(args):
    said = await agent(f"Greet {args['who']}, word by word.", critical=True, label="greet")
    return said.split(",")[3]
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    greeting(tmp_path)
    return tmp_path


def at_terminal(folder: Path, words: list[str], typed: str, **more: str) -> tuple[int, str]:
    """Run `weft WORDS` at a terminal where somebody types, and return its exit code and what was shown."""
    master, slave = pty.openpty()
    with Weft(words, cwd=folder, env=environment(**more), stdin=slave, stdout=slave, stderr=slave) as process:
        os.close(slave)
        os.write(master, typed.encode())
        shown = b""
        with contextlib.suppress(OSError):  # so a terminal says that nobody writes any more
            while part := os.read(master, 10_000):
                shown += part
    os.close(master)
    return process.returncode, shown.decode()


class TestModel:
    @pytest.mark.slow
    def test_a_run_against_a_server(self, folder: Path) -> None:
        with serving(lambda body: text("hello there")) as server:
            keys = {"ANTHROPIC_API_KEY": "sk-test", "ANTHROPIC_BASE_URL": server.url}
            done = weft(folder, "run", "hello.py", "--budget", "1", "--json", "--yes", **keys)
        assert (done.code, done.json["result"]) == (0, {"said": ["hello there"]})
        assert done.json["spent"]["usd"] > 0

    @pytest.mark.slow
    def test_refused_credentials_are_exit_6(self, folder: Path) -> None:
        with serving(lambda body: error(401, "authentication_error", "bad key")) as server:
            keys = {"ANTHROPIC_API_KEY": "sk-test", "ANTHROPIC_BASE_URL": server.url}
            done = weft(folder, "run", "hello.py", "--json", "--yes", **keys)
        assert (done.code, done.json["outcome"], done.json["error"]["type"]) == (6, "paused", "provider")

    def test_an_author_repairs_what_the_linter_finds_and_asks_before_it_runs(self, folder: Path) -> None:
        """Author, check, repair, plan: the second version is sound; without a yes nothing runs."""
        replies = [
            f"```python\nimport os\n{HELLO}```\n```json\n{{}}\n```",
            f"```python\n{HELLO}```\n```json\n{{}}\n```",
        ]

        def answer(body: dict[str, Any]) -> Any:
            wrote = json.dumps(body["messages"])
            if "<task>" in wrote:
                return text(replies[1] if "S501" in wrote else replies[0])
            return text("hi")

        with serving(answer) as server:
            keys = {"ANTHROPIC_API_KEY": "sk-test", "ANTHROPIC_BASE_URL": server.url}
            asked = weft(folder, "run", "greet all the people", "--dir", "notes", **keys)
            assert asked.code == 3, asked.err
            assert "needs a yes" in asked.err
            assert not (folder / ".weft" / "runs").exists()
            (plan,) = (folder / ".weft" / "plans").glob("*.py")
            assert plan.read_text() == HELLO
            command = asked.err.partition("fix     weft ")[2].partition("   or --yes")[0]
            assert " --approve sha256:" in command
            approved = weft(folder, *shlex.split(command), "--json", **keys)
            ran = weft(folder, "run", "greet all the people", "--dir", "notes", "--yes", "--json", **keys)
        assert (approved.code, approved.json["result"]) == (0, {"said": ["hi"]})
        assert (ran.code, ran.json["result"]) == (0, {"said": ["hi"]})
        assert ran.json["spent"]["input_tokens"] > 20  # writing the harness is counted too

    def test_an_author_hears_what_breaks_in_rehearsal_and_sees_its_arguments_and_the_models_again(
        self, folder: Path
    ) -> None:
        """Lint-clean, and it breaks where agents answer next to nothing; the second version does not."""
        told: list[str] = []

        def answer(body: dict[str, Any]) -> Any:
            told.append(json.dumps(body, ensure_ascii=False))
            source = BREAKS.replace("[3]", "[-1]") if "smallest case" in told[-1] else BREAKS
            block = "" if "smallest case" in told[-1] else '\n```json\n{"who": "Ada"}\n```'
            return text(f"```python\n{source}```{block}")

        with serving(answer) as server:
            keys = {"ANTHROPIC_API_KEY": "sk-test", "ANTHROPIC_BASE_URL": server.url}
            done = weft(folder, "plan", "greet all the people", "--dir", "notes", **keys)
        assert (done.code, len(told)) == (0, 2), done.err
        assert "line 8: IndexError" in told[1] and "line 0" not in told[1]
        assert '{\\"who\\": \\"Ada\\"}' in told[1]
        assert "| `anthropic:claude-haiku-5-5` | 0.1, 0.5 |" in told[0]
        (plan,) = (folder / ".weft/plans").glob("*.py")
        assert "[-1]" in plan.read_text()
        assert json.loads(plan.with_suffix(".json").read_text()) == {"who": "Ada"}

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("typed", "code", "terminal"), [("view\nmaybe\nyes\n", 0, True), ("v\nn\n", 3, False), ("\n", 3, False)]
    )
    def test_the_whole_harness_can_be_seen_before_the_answer(
        self, folder: Path, typed: str, code: int, terminal: bool
    ) -> None:
        written = HELLO.replace('    return {"said"', "    # long\n" * 30 + '    return {"said"')
        reply = f"```python\n{written}```\n```json\n{{}}\n```"
        words = ["run", "greet all the people", "--dir", "notes"]
        with serving(lambda body: text(reply if "<task>" in json.dumps(body["messages"]) else "hi")) as server:
            keys = {"ANTHROPIC_API_KEY": "sk-test", "ANTHROPIC_BASE_URL": server.url}
            if terminal:
                ended, shown = at_terminal(folder, words, typed, **keys)
            else:
                done = weft(folder, *words, typed=typed, together=True, **keys)
                ended, shown = done.code, done.out
        assert ended == code
        asked = "Run it? [y]es [v]iew [e]dit [r]evise [s]ave [n]o"
        head, _, rest = shown.partition(asked)
        assert "harness   .weft/plans/" in head and 'return {"said"' not in head
        assert ('return {"said"' in rest) == ("v" in typed)
        assert shown.count(asked) == typed.count("\n")

    def test_an_author_that_never_writes_a_sound_harness_is_refused(self, folder: Path) -> None:
        with serving(lambda body: text("```python\nimport os\n```")) as server:
            keys = {"ANTHROPIC_API_KEY": "sk-test", "ANTHROPIC_BASE_URL": server.url}
            done = weft(folder, "run", "greet all the people", "--yes", "--json", **keys)
            assert len(server.requests) == 2  # the same again, so a third time would not help
        assert (done.code, (folder / ".weft/runs").exists()) == (3, False)
        assert "could not write a sound harness in 2 rounds" in done.err
        (kept,) = (folder / ".weft/plans").glob("*.py")  # what it wrote can be mended
        assert f"weft check {kept.relative_to(folder)}" in done.err and kept.read_text() == "import os\n"
        assert all(part in done.err for part in FOUR_PARTS)
        assert done.json["spent"]["input_tokens"] == 20  # what came to nothing was paid for all the same
