"""The author: which of its versions is taken, how its replies are read, and what is told when nothing comes of it."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from weft.linter import lint
from weft.primitives.lost import Spent
from weft.runtime.agents.models import ModelAgents
from weft.runtime.agents.tools import Folders
from weft.runtime.authoring.author import MAX_SECONDS, Check, Written, write_harness
from weft.runtime.ceiling import Ceiling
from weft.runtime.clock import VirtualClock
from weft.runtime.errors import ProviderError, Refused, RuntimeFailure
from weft.runtime.money.budget import Budget
from weft.runtime.money.prices import OFFLINE
from weft.runtime.pause import Pause
from weft.runtime.request import AgentError, AgentReply, AgentRequest, Agents

SOUND = "async def main(args):\n    return await agent('Say hello.')\n"
BROKEN = "import os\n" + SOUND
# Awaits one agent after the other: runs, and takes longer than it needs to.
WARNED = "async def main(args):\n    return [await agent(f'Look at {n}.') for n in range(3)]\n"
WARNED_TWICE = WARNED.replace(
    "    return", "    first = [await agent(f'Read {n}.') for n in range(3)]\n    return first,"
)


def reply(source: str, args: Any = None) -> str:
    return f"Here it is.\n\n```python\n{source}```\n\n```json\n{json.dumps(args or {})}\n```\n"


class Author:
    """Answers with one reply after the other, each at a cost; one that is an error is raised."""

    def __init__(self, *replies: str | BaseException) -> None:
        self.replies = replies
        self.prompts: list[str] = []

    async def __call__(self, request: AgentRequest) -> AgentReply:
        self.prompts.append(request.prompt)
        answer = self.replies[len(self.prompts) - 1]
        if isinstance(answer, BaseException):
            raise answer
        return AgentReply(value=answer, spent=Spent(100, 20, 0.01))


def write(
    author: Agents,
    folder: Path,
    clock: VirtualClock | None = None,
    told: list[str] | None = None,
    check: Check = lint,
    task: str = "say hello",
) -> Written:
    at = clock or VirtualClock()

    async def go() -> Written:
        return await write_harness(
            task,
            model="test",
            authors=author,
            folders=Folders((folder,)),
            budget=Budget(Ceiling(), at),
            clock=at,
            check=check,
            told=[].append if told is None else told.append,
        )

    return anyio.run(go)


def write_offline(task: str, folder: Path) -> Written:
    async def go() -> Written:
        clock, folders = VirtualClock(), Folders((folder,))
        budget = Budget(Ceiling(), clock)
        async with ModelAgents(folders, budget=budget, clock=clock, role="author", instructions="Write.") as authors:
            return await write_harness(
                task, model=OFFLINE, authors=authors, folders=folders, budget=budget, clock=clock
            )

    return anyio.run(go)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.md").write_text("hello\n")
    return tmp_path


class TestRounds:
    @pytest.mark.parametrize(
        ("replies", "taken", "rounds"),
        [
            ([SOUND], SOUND, 1),
            ([BROKEN, SOUND], SOUND, 2),
            ([WARNED, BROKEN, WARNED_TWICE], WARNED, 3),  # the best of them, not the last
            ([WARNED_TWICE, WARNED, BROKEN], WARNED, 3),
            ([WARNED, BROKEN, BROKEN], WARNED, 3),
            ([WARNED, WARNED], WARNED, 2),  # it will not do better, so it is not asked a third time
        ],
    )
    def test_the_best_sound_version_is_taken(self, folder: Path, replies: list[str], taken: str, rounds: int) -> None:
        author = Author(*map(reply, replies))
        written = write(author, folder)
        assert (written.harness.source, written.rounds, len(author.prompts)) == (taken, rounds, rounds)
        assert written.spent == Spent(100 * rounds, 20 * rounds, pytest.approx(0.01 * rounds))

    @pytest.mark.parametrize(("width", "rounds"), [(3, 1), (900, 2)])
    def test_it_is_checked_with_the_saved_harness_that_it_calls(self, folder: Path, width: int, rounds: int) -> None:
        calling = "async def main(args):\n    return await parallel([workflow('wide', {}) for n in range(3)])\n"
        wide = f"async def main(args):\n    return await parallel([agent(str(n)) for n in range({width})])\n"
        author = Author(reply(f'"""Call."""\n{calling}'), reply(SOUND))
        written = write(author, folder, check=partial(lint, workflows=lambda name: wide if name == "wide" else None))
        assert written.rounds == rounds

    def test_what_was_found_goes_back(self, folder: Path) -> None:
        author = Author(reply(BROKEN), reply(SOUND))
        write(author, folder)
        assert "S501" in author.prompts[1] and BROKEN in author.prompts[1]

    @pytest.mark.parametrize("failure", [AgentError("provider", "gone"), Pause("budget", "used up")])
    def test_a_sound_version_survives_an_author_that_fails_later(self, folder: Path, failure: BaseException) -> None:
        told: list[str] = []
        assert write(Author(reply(WARNED), failure), folder, told=told).harness.source == WARNED
        assert "the best of what it wrote is taken" in told[-1]

    def test_an_author_that_never_does_better_is_told_of_with_what_is_still_wrong(self, folder: Path) -> None:
        author = Author(*(reply(f"import os\nx = {n}\n" + SOUND) for n in range(3)))
        with pytest.raises(Refused, match="in 3 rounds") as refused:
            write(author, folder)
        assert refused.value.where == "still wrong: line 1 S501: os is not available to a harness."
        assert refused.value.meaning == "nothing was started; authoring cost $0.0300, 360 tokens"
        assert "weft check FILE.py" in (refused.value.fix or "")
        assert refused.value.spent.tokens == 360

    def test_the_same_broken_file_twice_is_enough(self, folder: Path) -> None:
        author = Author(reply(BROKEN), reply(BROKEN))
        with pytest.raises(Refused, match="in 2 rounds"):
            write(author, folder)


class TestReplies:
    FENCED = '''PROMPT = """Answer like this:

```json
{"n": 1}
```

or in Python:

```python
n = 1
```
"""
# A comment may hold ``` too.


async def main(args):
    return await agent(PROMPT, label="```")
'''

    def test_fences_in_a_prompt_do_not_cut_the_file(self, folder: Path) -> None:
        source = "ARGS = {'type': 'object', 'required': ['k']}\n" + self.FENCED
        written = write(Author(reply(source, {"k": 2})), folder)
        assert (written.harness.source, written.args) == (source, {"k": 2})

    @pytest.mark.parametrize(
        "text",
        [
            f"```py\n{SOUND}```",
            f"```python\n{SOUND.rstrip()}```\n\n```json\n{{}}\n```",  # the fence does not begin a line
            f"```python\n{SOUND}\n```json\n{{}}\n```",  # the first block was never closed
            f"```json\n{{}}\n```\n```python\n{SOUND}```",
            f"```python\n{SOUND}",  # nor was this one
        ],
    )
    def test_sloppy_fences_are_understood(self, folder: Path, text: str) -> None:
        written = write(Author(text), folder)
        assert (written.harness.source.strip(), written.args) == (SOUND.strip(), {})

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("I would rather not.", "no ```python block"),
            (f"```python\n{SOUND}x = (\n```", "Python"),
            ("ARGS", "does not fit ARGS"),
        ],
    )
    def test_what_cannot_be_used_is_asked_for_again(self, folder: Path, text: str, said: str) -> None:
        text = text if text != "ARGS" else reply("ARGS = {'type': 'object', 'required': ['k']}\n" + SOUND)
        author = Author(text, reply(SOUND))
        write(author, folder)
        assert said in author.prompts[1]


class TestFailures:
    @pytest.mark.parametrize(
        ("failure", "kind", "said"),
        [
            (AgentError("crashed", "boom"), ProviderError, "(crashed: boom)"),
            (Pause("provider", "bad key"), ProviderError, "bad key"),
            (Pause("budget", "$0.01 is left"), Refused, "$0.01 is left"),
        ],
    )
    def test_tell_and_carry_what_was_spent(
        self, folder: Path, failure: BaseException, kind: type[RuntimeFailure], said: str
    ) -> None:
        with pytest.raises(kind) as failed:
            write(Author(reply(BROKEN), failure), folder)
        assert said in failed.value.what
        assert failed.value.spent == Spent(100, 20, 0.01)
        assert "authoring cost $0.0100" in (failed.value.meaning or "")
        assert failed.value.fix

    def test_an_author_that_does_not_answer_is_not_waited_for_forever(self, folder: Path) -> None:
        clock = VirtualClock()

        async def silent(request: AgentRequest) -> AgentReply:
            await clock.sleep(10 * MAX_SECONDS)
            return AgentReply(value=reply(SOUND))

        with pytest.raises(ProviderError, match="no answer within 600 s"):
            write(silent, folder, clock)
        assert clock.now() == MAX_SECONDS

    def test_the_offline_author_refuses_in_four_parts(self, folder: Path) -> None:
        with pytest.raises(Refused) as refused:
            write_offline("Translate a.md into French", folder)
        error = refused.value
        assert "“translate”, which takes a model with an API key" in error.what
        assert error.where == "task: Translate a.md into French"
        assert error.meaning == "nothing was started; nothing was spent"
        assert "ANTHROPIC_API_KEY" in (error.fix or "")

    def test_the_offline_author_names_the_files_that_its_prompt_does_not_show(self, folder: Path) -> None:
        for number in range(230):
            (folder / f"{number:03}.md").write_text("Orca is quick.\n")
        left_out = write_offline("What is said about Orca?", folder).args["left_out"]
        assert (left_out["count"], left_out["files"][-1]) == (31, "a.md")

    def test_an_empty_folder_is_told_to_author_and_person(self, tmp_path: Path) -> None:
        author, told = Author(reply(SOUND)), list[str]()
        write(author, tmp_path, told=told)
        assert "agents have nothing to read" in author.prompts[0]
        assert told[0] == f"there are no files in {tmp_path.resolve()}: agents will have nothing to read"


def test_a_harness_of_a_task_without_spaces_has_a_name_that_files_can_have(tmp_path: Path) -> None:
    assert write(Author(reply(SOUND)), tmp_path, task="9" * 5000).harness.name == "9" * 100
