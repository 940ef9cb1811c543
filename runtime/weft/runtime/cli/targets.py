"""What `weft run` and `weft plan` are to run: a file, a saved harness by its name, or a task that one is written for.

How options of a harness are read is `arguments`; what happens with the harness is `make`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weft.runtime.cli.arguments import read_arguments, read_options
from weft.runtime.cli.linting import lint_here
from weft.runtime.cli.options import default_model
from weft.runtime.cli.output import show
from weft.runtime.cli.which import find_run
from weft.runtime.errors import NotFound, Refused, UsageError
from weft.runtime.settings import OFFLINE

if TYPE_CHECKING:
    from weft.primitives.lost import Spent
    from weft.runtime.authoring.author import Unsound, Written
    from weft.runtime.authoring.briefing import Example, Revised
    from weft.runtime.clock import Clock
    from weft.runtime.money.budget import Budget
    from weft.runtime.project.config import Config
    from weft.runtime.project.folders import Project
    from weft.runtime.project.harness import Harness
    from weft.runtime.settings import Settings
    from weft.runtime.tools.listing import Listed

    Named = tuple[Harness, Path | None]

__all__ = ["Target", "author_model", "find_target", "planned", "resolve", "revisable", "revise"]


@dataclass(frozen=True, slots=True)
class Target:
    """What was named on the command line, once it is a harness."""

    harness: Harness
    args: Any
    path: Path | None
    task: str | None = None
    """The words, where a harness was written for them."""
    asked: str | None = None
    """The words that it was written for before, where it is a plan that waits for a yes."""
    spent: Spent | None = None
    """What writing it has cost."""

    @property
    def words(self) -> str | None:
        """Return what somebody has asked for in words, if somebody has."""
        return self.task or self.asked


async def resolve(
    target: str, named: Named | None, given: dict[str, Any], settings: Settings, config: Config, project: Project
) -> Target:
    """Give a harness that was named its arguments, or write one for a task.

    Raises:
        UsageError, Refused: the arguments mean nothing, more is held back than there is, or no harness can be written.
    """
    from weft.runtime.ceiling import check_hold
    from weft.runtime.held import limited
    from weft.runtime.project.harness import ceilings_of
    from weft.runtime.project.waiting import words_of

    if settings.hold:
        check_hold(limited(settings, ceilings_of(named[0]) if named else {}).settings.ceiling, settings.hold)
    args = read_arguments(given["arguments"])
    if named is not None:
        harness, path = named
        words = None if path is None else words_of(project, path, harness)
        return Target(harness, _arguments(harness, target, args, given["words"], settings), path, asked=words)
    return await _author(target, args, settings, config, project)


def find_target(target: str, project: Project, words: tuple[str, ...] = ()) -> Named | None:
    """Return the harness that a word names, and its file if it is one; `None` for a task.

    Raises:
        UsageError, Refused: it can be neither.
    """
    from weft.runtime.project.folders import is_name, is_path
    from weft.runtime.project.harness import read_harness

    if not target.strip():
        raise UsageError("the task is empty", meaning="nothing was started", fix='weft run "what you want to know"')
    if target.startswith("-"):
        raise _stray(target)
    if is_path(target):
        return read_harness(Path(target)), Path(target)
    named = project.find_harness(target)
    if named is not None:
        return named, None
    if target.startswith("@") or project.has_run(target.partition("/")[0]):
        raise UsageError(
            f"{target!r} is a run, not something to run",
            meaning="nothing was started",
            fix=f"weft resume {target} goes on with it; weft show {target}; weft replay {target}",
        )
    if is_name(target):
        raise _no_such_harness(target, project, words)
    name, version, number = target.partition("@")
    if version and number.isdigit() and project.find_source(name) is not None:
        raise UsageError(
            f"{target!r} is an earlier version, and what has the name is run",
            meaning="nothing was started",
            fix=f"weft save {target} {name} --replace goes back to it; weft save {target} OTHER-NAME keeps both",
        )
    if words:
        raise _stray(words[0])
    return None


def _no_such_harness(name: str, project: Project, words: tuple[str, ...]) -> NotFound:
    from weft.runtime.meant import did_you_mean

    names = project.harness_names()
    loose = [word for word in words if not word.startswith("-")]
    advice = "weft list shows them; a file ends in .py, and a task in words has two words or more"
    if loose and loose == list(words):
        advice = f'weft run "{" ".join([name, *loose])}" for a task; weft list shows the harnesses'
    return NotFound(
        f"there is no harness {name!r}",
        where=f"saved: {', '.join(names)}",
        meaning="nothing was started",
        fix=did_you_mean(name, names, advice),
    )


def _stray(word: str) -> UsageError:
    """Return the error about a word that belongs to nothing."""
    from weft.runtime.meant import did_you_mean

    context = click.get_current_context()
    path, options = context.command_path, [name for param in context.command.params for name in param.opts]
    option = word.partition("=")[0]
    return UsageError(
        f"{word!r} is no option of this command",
        meaning="nothing was started",
        fix=did_you_mean(
            option, options, f"{path} --help lists them; those of a harness come after its name, a task goes in quotes"
        ),
    )


def _arguments(harness: Harness, target: str, args: Any, words: tuple[str, ...], settings: Settings) -> Any:
    """Return the arguments of a harness: those of `--args`, with its options, and files where nobody names any."""
    from weft.runtime.cli.files import check_count, whole_folders, with_known_paths
    from weft.runtime.project.filled import FILES, takes_files
    from weft.runtime.project.harness import check_args
    from weft.runtime.tools.folders import Folders

    schema = harness.args_schema
    options = read_options(words, schema, harness=target)
    args = {} if args is None else args
    if options and not isinstance(args, dict):
        raise UsageError(
            "--args is no object, so no option can be added to it",
            meaning="nothing was started",
            fix="""--args '{"name": "value"}', or the options alone""",
        )
    if options:
        folders = Folders(settings.folders)
        args = {**args, **with_known_paths(options, folders, checked=settings.stub is None)}
    if schema and takes_files(schema) and isinstance(args, dict):
        if FILES not in args and "default" not in schema["properties"][FILES]:
            found, said = whole_folders(schema, Folders(settings.folders))
            show([said], err=True)
            args = {**args, **found}
        check_count(args.get(FILES), schema, target)
    check_args(harness, args)  # before anything else is said of the harness
    return args


async def _author(task: str, args: Any, settings: Settings, config: Config, project: Project) -> Target:
    from weft.runtime.authoring.author import Unsound

    try:
        written = await _written(task, settings, config, project)
    except Unsound as unsound:
        raise _kept(unsound, project) from None
    return planned(project, written.harness, written.args if args is None else args, task, written.spent)


def planned(project: Project, harness: Harness, args: Any, task: str | None, spent: Spent | None) -> Target:
    """Keep a harness that was written, or changed, in the folder of plans, with the words that were asked.

    Raises:
        UsageError: it cannot be written.
    """
    from weft.runtime.project.files import shown_path
    from weft.runtime.project.waiting import write_plan

    stem = re.sub(r"(-[0-9a-f]{8})+$", "", harness.name)  # of a plan before
    path = write_plan(project, stem, harness.source, args, task)
    return Target(replace(harness, name=stem, filename=shown_path(path)), args, path, task, spent=spent)


def revisable(reference: str, given: dict[str, Any], settings: Settings, project: Project) -> Target:
    """Return a harness that is to be revised: a file, a saved harness, or what a run has executed, with its arguments.

    Raises:
        UsageError, Refused, JournalError: it is none of these, or cannot be read.
    """
    from weft.runtime.execution.resume import recorded_harness
    from weft.runtime.project.folders import is_path
    from weft.runtime.project.harness import read_harness
    from weft.runtime.project.waiting import words_of

    args, path = read_arguments(given["arguments"]), None
    if is_path(reference):
        path = Path(reference)
        harness: Harness | None = read_harness(path)
    else:
        harness = None if project.has_run(reference) else project.find_harness(reference)
    if harness is None:
        folder = find_run(reference, project)
        started = folder.start()
        args = started.args if args is None else args
        return Target(recorded_harness(folder, started), args, None, asked=started.task)
    if args is None and not given["words"] and path is not None and path.with_suffix(".json").exists():
        args = read_arguments(f"@{path.with_suffix('.json')}")  # it has waited in the folder of plans
    try:
        args = _arguments(harness, reference, args, given["words"], settings)
    except Refused:  # what is missing, the author may give
        args = {} if args is None else args
    return Target(harness, args, path, asked=None if path is None else words_of(project, path, harness))


async def revise(named: Target, wish: str, settings: Settings, config: Config, project: Project) -> Target:
    """Let the author change a harness as somebody wishes; the one before stays where it is.

    Raises:
        Refused: there is no model to ask, or nothing sound came of it.
        ProviderError: the author did not answer.
    """
    from weft.runtime.authoring.author import Unsound
    from weft.runtime.authoring.briefing import Revised

    if not wish.strip():
        raise UsageError("the wish is empty", meaning="nothing was changed", fix='say it in words, as in "no report"')
    if author_model(settings) == OFFLINE:
        raise Refused(
            "a harness is revised by a model, and there is none",
            meaning="nothing was changed",
            fix="export ANTHROPIC_API_KEY=… or name a model with --model provider:name; or edit the file",
        )
    try:
        written = await _written(
            wish, settings, config, project, Revised(named.harness.source, named.args), named.spent
        )
    except Unsound as unsound:
        raise _kept(unsound, project) from None
    harness = replace(written.harness, name=named.harness.name)
    return planned(
        project, harness, written.args, named.words or named.harness.task or wish, _sum(named.spent, written.spent)
    )


def _sum(before: Spent | None, now: Spent) -> Spent:
    return now if before is None else before + now


def author_model(settings: Settings) -> str:
    """Return who writes harnesses. Stub agents stand in for agents only: a model writes, or rules do offline."""
    return settings.model if settings.stub is None else default_model()


async def _examples(task: str, project: Project, config: Config, budget: Budget, clock: Clock) -> list[Example]:
    """Return the saved harnesses that may be for a task; what nobody has approved is not shown to an author."""
    from weft.runtime.agents.likeness.embedding import Embeddings
    from weft.runtime.authoring.briefing import Example
    from weft.runtime.keeping.finding import similar
    from weft.runtime.project.approvals import trusted

    model = config.embeddings.model if config.embeddings is not None else None
    embeddings = Embeddings(model, budget, clock, config) if model is not None else None
    try:
        ranked = await similar(task, project, embeddings=embeddings)
    finally:
        if embeddings is not None:
            await embeddings.close()
    found = [one for one in ranked if trusted(one.harness)]
    return [Example(one.saved.name, one.saved.purpose, one.harness.source, one.score) for one in found]


async def _written(
    task: str,
    settings: Settings,
    config: Config,
    project: Project,
    revised: Revised | None = None,
    spent: Spent | None = None,
) -> Written:
    from weft.runtime.agents.models import ModelAgents
    from weft.runtime.authoring.author import write_harness
    from weft.runtime.authoring.plan import rehearsed_faults
    from weft.runtime.clock import RealClock
    from weft.runtime.money.budget import Budget
    from weft.runtime.money.keeper import spending, treasury_of
    from weft.runtime.tools.folders import Folders

    model = author_model(settings)
    mends = model != OFFLINE  # what writes by rule would write the same again
    folders, clock = Folders(settings.folders), RealClock()
    budget = Budget(settings.ceiling, clock, spent)
    instructions = await _instructions(model, settings, config)
    async with (
        spending(budget, treasury_of(config, clock), project.root.parent),
        ModelAgents(
            folders, budget=budget, clock=clock, config=config, role="author", instructions=instructions
        ) as authors,
    ):
        await authors.load(model)
        show([f"{'writing a' if revised is None else 'revising the'} harness with {model} …"], err=True)
        return await write_harness(
            task,
            model=model,
            authors=authors,
            folders=folders,
            budget=budget,
            clock=clock,
            check=partial(lint_here, filename="harness.py", max_agents=settings.max_agents, guesses=mends),
            rehearse=partial(rehearsed_faults, settings=settings, project=project, config=config) if mends else None,
            examples=await _examples(task, project, config, budget, clock) if mends and revised is None else (),
            revised=revised,
            told=lambda text: _tell(f"{text}{_so_far(budget.spent)}"),
        )


async def _instructions(model: str, settings: Settings, config: Config) -> str:
    """Return what an author is told of the language, and of the models, tools and profiles that it may name."""
    from weft.runtime.agents.models_at_hand import models_at_hand
    from weft.runtime.authoring.briefing import author_instructions

    usable = [known for known in config.named.all.values() if config.named.problem(known.name) is None]
    tools = await _tools(settings, config) if model != OFFLINE else ()
    return author_instructions(models_at_hand(model, config), tools, usable)


async def _tools(settings: Settings, config: Config) -> Sequence[Listed]:
    """Return the tools that the project adds and somebody has granted, for an author to use."""
    if not (config.adds and settings.allow):
        return ()
    from weft.runtime.tools.added import registry_of
    from weft.runtime.tools.allowed import Allowed
    from weft.runtime.tools.listing import listed

    async with aclosing(registry_of(config, Path.cwd())) as registry:
        found = await listed(registry, Allowed(settings.allow))
    for one in found:
        if one.problem is not None:
            _tell(one.problem)
    return [one for one in found if one.source is not None and one.granted and one.problem is None]


def _kept(unsound: Unsound, project: Project) -> Unsound:
    """Keep the best attempt of an author, if there is one, for whoever wants to mend it."""
    from weft.runtime.project.files import shown_path
    from weft.runtime.project.waiting import write_plan

    if unsound.source:
        path = shown_path(write_plan(project, "unsound", unsound.source, unsound.args))
        unsound.fix = (
            f"mend the best of what it wrote: weft check {shlex.quote(path)}; "
            "or choose another model with --model, or say the task in other words"
        )
    return unsound


def _so_far(spent: Spent) -> str:
    return f" (${spent.usd:.4f} so far)" if spent.tokens else ""


def _tell(line: str) -> None:
    show([f"  {line}"], err=True)
