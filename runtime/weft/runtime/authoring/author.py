"""From a task in words to a harness: ask a model, check and rehearse what it wrote, send the findings back.

That is done at most three times. The best attempt wins, not the last one; what authoring has cost is told also where
nothing came of it. What an author is told is `briefing`; what is wrong with its answers, `reviewing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from weft.linter import lint
from weft.primitives.lost import Lost, Spent
from weft.runtime.agents.answer import answer
from weft.runtime.authoring.briefing import Example, Revised, author_prompt, repair_prompt
from weft.runtime.authoring.replies import NO_JSON
from weft.runtime.authoring.reviewing import Check, Draft, Rehearse, Reviewer
from weft.runtime.clock import Clock
from weft.runtime.errors import ProviderError, Refused, RuntimeFailure
from weft.runtime.money.budget import Budget
from weft.runtime.pause import Pause
from weft.runtime.project.harness import Harness, parse_harness
from weft.runtime.request import AgentRequest, Agents
from weft.runtime.settings import DEFAULT_TOOLS, OFFLINE
from weft.runtime.tools.folders import Folders
from weft.runtime.tools.reading import MAX_FILES

__all__ = ["MAX_ROUNDS", "MAX_SECONDS", "Unsound", "Written", "write_harness"]

Kind = TypeVar("Kind", bound=RuntimeFailure)

MAX_ROUNDS = 3
"""How often the author may write: once, and again with the findings."""

MAX_SECONDS = 600.0
"""How long the author may take for one round."""

MOST_ERRORS_TOLD = 3

AUTHOR = -1
"""The number under which the author's spend is counted; agents count from 0."""

OTHERWISE = "or write the file yourself: weft check FILE.py, then weft run FILE.py"


@dataclass(frozen=True, slots=True)
class Written:
    """A harness without errors, with its arguments."""

    harness: Harness
    args: Any
    rounds: int
    spent: Spent
    open: tuple[str, ...] = ()
    """What is still to be said against it, each in a line for people."""
    saved: bool = False
    """Whether it is a saved one that the author chose, as it is."""


class Unsound(Refused):
    """No round gave a harness without errors; it has the best attempt, for whoever wants to mend it."""

    source: str = ""
    args: Any = None


async def write_harness(
    task: str,
    *,
    model: str,
    authors: Agents,
    folders: Folders,
    budget: Budget,
    clock: Clock,
    check: Check = lint,
    rehearse: Rehearse | None = None,
    examples: Sequence[Example] = (),
    revised: Revised | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> Written:
    """Let a model write a harness for a task, or choose a saved one.

    Args:
        task: What a person wants, in plain words.
        model: The author's model.
        authors: Who answers the author's prompt.
        folders: What the harness's agents will be able to read; their files are shown to the author.
        budget: What authoring is counted against.
        clock: For waiting between attempts.
        check: Tells what is wrong with a harness.
        rehearse: Tells what goes wrong when it runs; what has errors is not rehearsed.
        examples: Saved harnesses that may fit, the best first; the author may choose one of them.
        revised: A harness that is to be changed as the task says, in place of a new one.
        told: Told in a line what is happening.

    Raises:
        ProviderError: the author did not answer.
        Refused: no round gave a sound harness (`Unsound`), the author declined, or the budget does not hold its
            request. Each carries what was spent until then.
    """
    paths = folders.files()
    if not paths:
        told(f"there are no files in {_listed(folders)}: agents will have nothing to read")
    examples, saved = _readable(examples, told)
    reviewer = Reviewer(task, check, rehearse, told, saved)
    prompt, repair = author_prompt(task, paths, folders.unreadable(paths[:MAX_FILES]), examples, revised), ""
    given = None if revised is None else Draft(revised.source, revised.args)
    drafts: list[Draft] = []
    for number in range(1, MAX_ROUNDS + 1):
        told(f"round {number} of at most {MAX_ROUNDS}")
        try:
            reply = await _ask(prompt + repair, task, model, authors, budget, clock)
        except RuntimeFailure:
            if not drafts or _best(drafts).harness is None:
                raise
            told("the author cannot be asked again, so the best of what it wrote is taken")
            break
        drafts.append(await reviewer.review(reply, next((one for one in reversed(drafts) if one.source), given)))
        if not _goes_on(drafts, told):
            break
        repair = _repair(drafts)
    return _taken(drafts, budget, told)


def _taken(drafts: Sequence[Draft], budget: Budget, told: Callable[[str], None]) -> Written:
    """Return the best attempt as what was written, and tell what is open.

    Raises:
        Unsound: each has errors.
    """
    best = _best(drafts)
    if best.harness is None:
        raise _unsound(best, len(drafts), budget)
    for line in _last_words(best):
        told(line)
    return Written(best.harness, best.args, len(drafts), budget.account(AUTHOR), best.open, best.saved is not None)


def _readable(
    examples: Sequence[Example], told: Callable[[str], None]
) -> tuple[Sequence[Example], Mapping[str, Harness]]:
    """Return those of the saved harnesses that are harnesses, also by their names; tell of the others."""
    read: dict[str, Harness] = {}
    for one in examples:
        try:
            read[one.name] = parse_harness(one.source, name=one.name, filename=f"{one.name}.py")
        except Refused as refused:
            told(f"the saved harness {one.name} is not shown to the author: {refused.what}")
    return [one for one in examples if one.name in read], read


def _best(drafts: Sequence[Draft]) -> Draft:
    """Return the best attempt; of several the last."""
    return min(reversed(drafts), key=lambda draft: draft.rank)


def _goes_on(drafts: Sequence[Draft], told: Callable[[str], None]) -> bool:
    """Whether there is something to ask the author again, and it may do better."""
    *before, last = drafts
    if any((last.source, last.args) == (one.source, one.args) for one in before):
        told("the author wrote the same once more, so it is not asked again")
        return False
    kept = not last.source and before and not before[-1].serious
    if kept or not (last.serious or (last.hints and not any(one.hints for one in before))):
        return False
    if len(drafts) < MAX_ROUNDS:
        told(f"what {'the rehearsal has shown' if last.faults else 'the linter found'} goes back to the author")
    return True


def _last_words(best: Draft) -> Iterator[str]:
    """Yield what is to be known of the attempt that is taken."""
    if best.saved is not None:
        yield f"the author chose the saved harness {best.saved}, as it is"
    more = len(best.open) - MOST_ERRORS_TOLD
    for number, line in enumerate(best.open[:MOST_ERRORS_TOLD], start=1):
        yield f"still open: {line}" + (f" (and {more} more)" if number == MOST_ERRORS_TOLD and more > 0 else "")


def _repair(drafts: Sequence[Draft]) -> str:
    """Return what the author is told of its last attempt; where that held no file, of the one before it too."""
    last = drafts[-1]
    file = next((one for one in reversed(drafts) if one.source), last)
    findings = last.findings if last is file else f"{file.findings}\n\nAfter that: {last.findings}"
    return repair_prompt(file.source, file.args, findings, saved=file.saved, hints=not last.serious)


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


def _unsound(best: Draft, rounds: int, budget: Budget) -> Unsound:
    told = "; ".join(best.errors[:MOST_ERRORS_TOLD])
    more = f"; and {len(best.errors) - MOST_ERRORS_TOLD} more" if len(best.errors) > MOST_ERRORS_TOLD else ""
    error = _failure(
        Unsound,
        f"the author could not write a sound harness in {rounds} round{'s' * (rounds != 1)}",
        budget,
        where=f"still wrong: {told}{more}",
        fix=f"choose another model with --model, say the task in other words, {OTHERWISE}",
    )
    error.source, error.args = best.source, None if best.args is NO_JSON else best.args
    return error


def _failure(kind: type[Kind], what: str, budget: Budget, *, fix: str, where: str | None = None) -> Kind:
    """Return an error that tells and carries what authoring has cost."""
    spent = budget.account(AUTHOR)
    cost = f"authoring cost ${spent.usd:.4f}, {spent.tokens:,} tokens" if spent.tokens else "nothing was spent"
    error = kind(what, where=where, meaning=f"nothing was started; {cost}", fix=fix)
    error.spent = spent
    return error


def _listed(folders: Folders) -> str:
    return ", ".join(str(root) for root in folders.roots) or "no folder"


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
