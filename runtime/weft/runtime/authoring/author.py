"""From a task in words to a harness: ask a model, check what it wrote, send the findings back, at most three times.

The best sound version wins, not the last one; what authoring has cost is told also where nothing came of it.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from weft.linter import Report, lint, render
from weft.primitives.lost import Lost, Spent
from weft.runtime.agents.answer import answer
from weft.runtime.agents.tools import MAX_FILES, Folders
from weft.runtime.clock import Clock
from weft.runtime.errors import ProviderError, Refused, RuntimeFailure
from weft.runtime.money.budget import Budget
from weft.runtime.pause import Pause
from weft.runtime.project.harness import Harness, check_args, parse_harness
from weft.runtime.request import AgentRequest, Agents
from weft.runtime.settings import DEFAULT_TOOLS, OFFLINE

__all__ = [
    "MAX_ROUNDS",
    "MAX_SECONDS",
    "Check",
    "Written",
    "author_instructions",
    "author_prompt",
    "write_harness",
]

Check = Callable[[str], Report]
"""Tells what is wrong with a harness."""

MAX_ROUNDS = 3
"""How often the author may write: once, and again with the findings."""

MAX_SECONDS = 600.0
"""How long the author may take for one round."""

MOST_FILES_SHOWN = 200
MOST_ERRORS_TOLD = 3

LONGEST_NAME = 100
"""Letters of a task that name its harness, and so its files."""

AUTHOR = -1
"""The number under which the author's spend is counted; agents count from 0."""

OTHERWISE = "or write the file yourself: weft check FILE.py, then weft run FILE.py"


@dataclass(frozen=True, slots=True)
class Written:
    """A harness that passed the linter, with its arguments."""

    harness: Harness
    args: Any
    rounds: int
    spent: Spent


@dataclass(frozen=True, slots=True)
class Draft:
    """What the author wrote in one round, and what is wrong with it."""

    source: str
    args: Any
    errors: tuple[str, ...] = ()
    """What must be mended, each in a line for people."""
    warnings: int = 0
    findings: str = ""
    """Errors and warnings in words that an author can act on."""


async def write_harness(
    task: str,
    *,
    model: str,
    authors: Agents,
    folders: Folders,
    budget: Budget,
    clock: Clock,
    check: Check = lint,
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
        check: Tells what is wrong with a harness.
        told: Told in a line what is happening.

    Raises:
        ProviderError: the author did not answer.
        Refused: no round gave a sound harness, the author declined, or the budget does not hold its request.
            Each carries what was spent until then.
    """
    paths = folders.files()
    if not paths:
        told(f"there are no files in {_listed(folders)}: agents will have nothing to read")
    prompt, repair = author_prompt(task, paths, folders.unreadable(paths[:MAX_FILES])), ""
    drafts: list[Draft] = []
    best: Draft | None = None
    for number in range(1, MAX_ROUNDS + 1):
        told(f"round {number} of at most {MAX_ROUNDS}")
        try:
            draft = _draft(await _ask(prompt + repair, task, model, authors, budget, clock), task, check)
        except RuntimeFailure:
            if best is None:
                raise
            told("the author cannot be asked again, so the best of what it wrote is taken")
            break
        again = any((draft.source, draft.args) == (before.source, before.args) for before in drafts)
        drafts.append(draft)
        if not draft.errors and (best is None or draft.warnings <= best.warnings):
            best = draft
        if again:
            told("the author wrote the same once more, so it is not asked again")
        if again or not draft.findings:
            break
        if number < MAX_ROUNDS:
            told("what the linter found goes back to the author")
        repair = _repair(draft)
    if best is None:
        raise _unsound(drafts, budget)
    return Written(_parsed(best.source, task), best.args, len(drafts), budget.account(AUTHOR))


async def _ask(prompt: str, task: str, model: str, authors: Agents, budget: Budget, clock: Clock) -> str:
    """Return the author's reply to one prompt."""
    reply = None
    try:
        with clock.timeout(MAX_SECONDS):
            reply = await answer(_request(prompt, model), authors, budget, clock)
    except Pause as pause:
        refused = pause.reason == "provider"
        raise _failure(
            ProviderError if refused else Refused,
            f"the harness could not be written: {pause.message}",
            budget,
            fix=f"mend that, choose another --model, {OTHERWISE}" if refused else "raise --budget or --budget-tokens",
        ) from None
    if reply is not None and reply.lost is None:
        return str(reply.value)
    raise _unanswered(None if reply is None else reply.lost, task, model, budget)


def _unanswered(lost: Lost | None, task: str, model: str, budget: Budget) -> RuntimeFailure:
    if lost is not None and lost.cause == "refused" and model == OFFLINE:
        return _failure(
            Refused,
            lost.message,
            budget,
            where=f"task: {task}",
            fix="export ANTHROPIC_API_KEY=… or name a model with --model provider:name; "
            "offline, ask about what is in the files of --dir FOLDER",
        )
    why = f"no answer within {MAX_SECONDS:g} s" if lost is None else f"{lost.cause}: {lost.message}"
    return _failure(
        ProviderError,
        f"the author did not write a harness ({why})",
        budget,
        fix=f"try again, choose another model with --model, {OTHERWISE}",
    )


def _unsound(drafts: list[Draft], budget: Budget) -> RuntimeFailure:
    rounds = f"{len(drafts)} round{'s' * (len(drafts) != 1)}"
    errors = drafts[-1].errors
    told = "; ".join(errors[:MOST_ERRORS_TOLD])
    more = f"; and {len(errors) - MOST_ERRORS_TOLD} more" if len(errors) > MOST_ERRORS_TOLD else ""
    return _failure(
        Refused,
        f"the author could not write a sound harness in {rounds}",
        budget,
        where=f"still wrong: {told}{more}",
        fix=f"choose another model with --model, say the task in other words, {OTHERWISE}",
    )


def _failure(
    kind: type[RuntimeFailure], what: str, budget: Budget, *, fix: str, where: str | None = None
) -> RuntimeFailure:
    """Return an error that tells and carries what authoring has cost."""
    spent = budget.account(AUTHOR)
    cost = f"authoring cost ${spent.usd:.4f}, {spent.tokens:,} tokens" if spent.tokens else "nothing was spent"
    error = kind(what, where=where, meaning=f"nothing was started; {cost}", fix=fix)
    error.spent = spent
    return error


def _listed(folders: Folders) -> str:
    return ", ".join(str(root) for root in folders.roots) or "no folder"


def author_prompt(task: str, paths: list[str], unreadable: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return what the author is asked: the task, what there is, and what of that agents cannot read, and why."""
    shown = paths[:MOST_FILES_SHOWN]
    if len(paths) > len(shown):
        shown.append(f"({len(paths) - len(shown)} more; list_files shows them)")
    listed = "\n".join(shown) or "(none: the folders are empty, and agents have nothing to read)"
    prompt = f"Write the harness for this task.\n\n<task>\n{task}\n</task>\n\n<files>\n{listed}\n</files>"
    if unreadable:
        without = "\n".join(f"{path}: {why}" for path, why in unreadable.items())
        prompt += f"\n\nThere is nothing to read for agents in these of them:\n<unreadable>\n{without}\n</unreadable>"
    return prompt


def author_instructions() -> str:
    """Return what every author is told: the language, when to fan out, the rules, two examples."""
    return files(__package__).joinpath("prompts/author.md").read_text("utf-8")


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
        tools=DEFAULT_TOOLS,
        context=None,
        isolation=None,
        max_tokens=None,
        timeout=MAX_SECONDS,
        retries=2,
    )


def _draft(reply: str, task: str, check: Check) -> Draft:
    """Read and check what the author wrote."""
    source, rest = _fenced(reply, r"(?:python|py)", _is_python) or ("", "")
    if not source.strip():
        problem = "There was no ```python block in the answer. Answer with the complete file in one."
        return Draft("", None, ("the answer holds no ```python block",), findings=problem)
    args = _arguments(rest)
    report = check(source)
    findings = render(report, source, "harness.py", "model")
    if report.errors:
        told = tuple(f"line {found.line} {found.code}: {found.message}" for found in report.errors)
        return Draft(source, args, told, findings=findings)
    try:
        check_args(_parsed(source, task), args)
    except Refused as error:
        problem = f"The JSON block with the arguments does not fit ARGS: {error.where or error.what}"
        return Draft(source, args, (problem,), findings=problem)
    return Draft(source, args, warnings=len(report.warnings), findings=findings if report.warnings else "")


def _arguments(text: str) -> Any:
    """Return what the last JSON block of a text holds: no arguments without one, `None` where it is not JSON."""
    args: Any = {}
    while (found := _fenced(text, "json", _is_json)) is not None:
        block, text = found
        args = json.loads(block) if _is_json(block) else None
    return args


def _fenced(text: str, language: str, whole: Callable[[str], bool]) -> tuple[str, str] | None:
    """Return the first fenced block of a language, and the text without it.

    What stands in a block may hold fences of its own, as prompts do. So it ends at the first fence with which it is
    `whole`, fences that begin a line before others; where none makes it so, at the first of them.
    """
    opening = re.search(rf"^[ \t]*```{language}[ \t]*\n", text, re.MULTILINE)
    if opening is None:
        return None
    body = text[opening.end() :]
    closings = [*re.finditer(r"^[ \t]*```", body, re.MULTILINE), *re.finditer(r"(?<=[^\s`])```", body)]
    ends = [closing.start() for closing in closings] or [len(body)]
    end = next((end for end in ends if whole(body[:end])), ends[0])
    after = re.sub(r"\A[ \t]*```[ \t]*$", "", body[end:], count=1, flags=re.MULTILINE)
    return body[:end], f"{text[: opening.start()]}\n{after}"


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _parsed(source: str, task: str) -> Harness:
    name = "-".join(re.findall(r"[a-z0-9]+", task.lower())[:5])[:LONGEST_NAME].strip("-") or "harness"
    return parse_harness(source, name=name, filename=f"{name}.py")


def _repair(draft: Draft) -> str:
    return (
        f"\n\nYou have written this:\n\n```python\n{draft.source}```\n\nThe linter found:\n\n{draft.findings}\n\n"
        "Write the complete file again, mended, and the JSON block with its arguments."
    )
