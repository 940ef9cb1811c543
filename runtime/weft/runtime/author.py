"""From a task in words to a harness: ask a model, check what it wrote, send the findings back, at most three times."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from weft.linter import lint, render
from weft.primitives.lost import Spent
from weft.runtime.agents.answer import answer
from weft.runtime.agents.request import AgentRequest, Agents
from weft.runtime.agents.tools import TOOLS, Folders
from weft.runtime.budget import Budget
from weft.runtime.clock import Clock
from weft.runtime.errors import ProviderError, Refused
from weft.runtime.harness import Harness, check_args, parse_harness

__all__ = ["MAX_ROUNDS", "Written", "author_prompt", "write_harness"]

MAX_ROUNDS = 3
"""How often the author may write: once, and again with the findings."""

MOST_FILES_SHOWN = 200
AUTHOR = -1
"""The number under which the author's spend is counted; agents count from 0."""


@dataclass(frozen=True, slots=True)
class Written:
    """A harness that passed the linter, with its arguments."""

    harness: Harness
    args: Any
    rounds: int
    spent: Spent


async def write_harness(
    task: str,
    *,
    model: str,
    authors: Agents,
    folders: Folders,
    budget: Budget,
    clock: Clock,
    told: Callable[[str], None] = lambda _: None,
) -> Written:
    """Let a model write a harness for a task.

    Args:
        task: What a person wants, in plain words.
        model: The author's model.
        authors: Who answers the author's prompt.
        folders: What the harness's agents will be able to read; their files are shown to the author.
        budget: What authoring is counted against.
        clock: For waiting between attempts.
        told: Told in a line what is happening.

    Raises:
        ProviderError: the author did not answer.
        Refused: after the last round there are still errors in what it wrote.
        Pause: the budget does not hold the author's request.
    """
    prompt = author_prompt(task, folders.files())
    problems = ""
    for number in range(1, MAX_ROUNDS + 1):
        told(f"round {number} of at most {MAX_ROUNDS}")
        reply = await answer(_request(prompt + problems, model), authors, budget, clock)
        if reply.lost is not None:
            raise ProviderError(
                f"the author did not write a harness ({reply.lost.cause}): {reply.lost.message}",
                meaning="nothing was started",
                fix="try again, choose another model with --model, or write the file yourself: weft run FILE.py",
            )
        source, args = _blocks(reply.value)
        errors, warnings = _findings(source, args, task)
        if not errors and (not warnings or number == MAX_ROUNDS):
            return Written(_parsed(source, task), args, number, budget.account(AUTHOR))
        told("what the linter found goes back to the author")
        problems = _repair(source, errors or warnings)
    raise Refused(
        f"the author could not write a sound harness in {MAX_ROUNDS} rounds",
        where=errors.strip().splitlines()[0],
        meaning=f"nothing was started; authoring cost ${budget.account(AUTHOR).usd:.4f}",
        fix="say the task in other words, choose another model with --model, or write the file yourself",
    )


def author_prompt(task: str, paths: list[str]) -> str:
    """Return what the author is asked: the task, and what there is to read."""
    shown = paths[:MOST_FILES_SHOWN]
    if len(paths) > len(shown):
        shown.append(f"({len(paths) - len(shown)} more; list_files shows them)")
    listed = "\n".join(shown) or "(none)"
    return f"Write the harness for this task.\n\n<task>\n{task}\n</task>\n\n<files>\n{listed}\n</files>"


def author_instructions() -> str:
    """Return what every author is told: the language, when to fan out, the rules, two examples."""
    return files("weft.runtime").joinpath("prompts/author.md").read_text("utf-8")


def _request(prompt: str, model: str) -> AgentRequest:
    return AgentRequest(
        id=AUTHOR,
        prompt=prompt,
        schema=None,
        label="author",
        phase=None,
        profile=None,
        model=model,
        effort=None,
        tools=TOOLS,
        context=None,
        isolation=None,
        max_tokens=None,
        timeout=600.0,
        retries=2,
    )


def _blocks(text: str) -> tuple[str, Any]:
    """Return the Python block and the JSON block of a reply; a missing one is empty."""
    python = re.search(r"```(?:python|py)\n(.*?)```", text, re.DOTALL)
    data = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    try:
        args = json.loads(data[-1]) if data else {}
    except ValueError:
        args = None
    return (python.group(1) if python else ""), args


def _findings(source: str, args: Any, task: str) -> tuple[str, str]:
    """Return what must and what should be mended, in words an author can act on; empty where there is nothing."""
    if not source.strip():
        return "There was no ```python block in the answer. Answer with the complete file in one.", ""
    report = lint(source)
    if report.errors:
        return render(report, source, "harness.py", "model"), ""
    try:
        check_args(_parsed(source, task), args)
    except Refused as error:
        return f"The JSON block with the arguments does not fit ARGS: {error.where or error.what}", ""
    return "", render(report, source, "harness.py", "model") if report.warnings else ""


def _parsed(source: str, task: str) -> Harness:
    name = "-".join(re.findall(r"[a-z0-9]+", task.lower())[:5]) or "harness"
    return parse_harness(source, name=name, filename=f"{name}.py")


def _repair(source: str, findings: str) -> str:
    return (
        f"\n\nYou have written this:\n\n```python\n{source}```\n\nThe linter found:\n\n{findings}\n\n"
        "Write the complete file again, mended, and the JSON block with its arguments."
    )
