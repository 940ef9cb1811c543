"""What is told to runs that go on, and runs that are begun: each function is a route, see `app`.

A command goes to a run as from another terminal, by `steering.socket`; a plan is made by the command line, see `plans`.
"""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Self, TypeVar

from anyio.to_thread import run_sync
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from weft.primitives.errors import WeftError
from weft.runtime.errors import UsageError
from weft.runtime.project.filled import filled
from weft.runtime.project.folders import is_name
from weft.runtime.project.harness import check_args
from weft.runtime.project.waiting import write_plan
from weft.runtime.serving.asked import Asked
from weft.runtime.serving.plans import Plan, Wanted
from weft.runtime.serving.projects import Served
from weft.runtime.steering.socket import parse_command, refused, send

__all__ = ["approve", "cancel", "control", "make", "not_controlled", "plan", "plans", "save"]

LONGEST = 10_000
"""How many letters a task may have."""


def _sound(text: str) -> str:
    """Return a text that a file can hold, and a word of a command."""
    if not text.strip() or "\0" in text:
        raise ValueError("it is empty, or no text")
    text.encode()  # half a surrogate pair cannot be written; that is a ValueError too
    return text


def _named(text: str) -> str:
    """Return the name of a harness."""
    if not is_name(text):
        raise ValueError(f"{text!r} is no name of a harness")
    return text


Text = Annotated[str, AfterValidator(_sound)]


class _Body(BaseModel):
    """What a request says in its body, and nothing else."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, strict=True)


class _Making(_Body):
    """What a plan is to be of."""

    task: Annotated[Text, Field(max_length=LONGEST)] | None = None
    harness: Annotated[str, AfterValidator(_named)] | None = None
    source: Text | None = None
    resume: Text | None = None
    fix: str | None = None
    args: Any = None
    revise: str | None = None
    edit: str | None = None
    options: dict[str, Any] | None = None
    choices: dict[str, str] = {}

    @model_validator(mode="after")
    def _is_of_one_thing(self) -> Self:
        given = [one for one in (self.task, self.harness, self.source, self.resume, self.fix) if one is not None]
        if len(given) != 1:
            raise ValueError("it is to have one of task, harness, source, resume and fix")
        if (self.revise is not None and self.task is None) or (self.edit is not None and self.source is None):
            raise ValueError("revise goes with a task, and edit with a source")
        return self

    @property
    def before(self) -> str | None:
        """The plan that is to be changed, if one is."""
        return self.revise or self.edit or self.fix


class _Approving(_Body):
    """Which plan somebody has seen."""

    digest: str | None


class _Saving(_Body):
    """Under which name a harness is kept."""

    name: Annotated[str, AfterValidator(_named)]


class _Nothing(_Body):
    """Nothing has to be said."""


async def control(asked: Asked) -> Any:
    """Tell a run what the commands `pause`, `continue`, `stop`, `retry`, `budget`, `limits` and `answer` tell it.

    The body has `verb`, what that takes (`now`; `agent`; `usd`, `add_usd`, `tokens`, `add_tokens`; `concurrency`,
    `models`, `profiles`; `ask`, `value`), `reason`, and `dry_run`, which only asks what would be done. Gives what
    became of it, as those commands do with `--json`: `target`, `verb`, `applied`, `changed`, `dry_run`, `detail`; and
    an `error` where it was refused.
    """
    command = parse_command(asked.body)
    folder = await run_sync(lambda: asked.run)
    return (await send(folder, command)).as_data()


def not_controlled(asked: Asked, error: WeftError) -> dict[str, Any]:
    """Return what is told of a command besides why it was refused."""
    return refused(asked.path["run"], asked.body.get("verb"), error, dry_run=asked.body.get("dry_run") is True)


async def make(asked: Asked) -> Any:
    """Begin to write a plan, and give it; nothing is run.

    The body has one of `task` (in words), `harness` (a saved one, by name), `source` (a harness as text), with `args`
    where there are some, and `resume` (a run that has ended, to be gone on with). `options` are settings of the run by
    their names in `weft.toml`, as `{"budget": 2}`; `choices` of a resume are `interrupted`, `saved` and `again`, as
    those options of `weft resume`.

    A plan becomes another one: with `revise`, its harness is changed as `task` says; with `edit`, `source` takes its
    place; `fix` applies the safe fixes of the linter to it. Each has the name of a plan, whose arguments and options
    hold unless others are given.
    """
    served, making = asked.served, _understood(asked.body, _Making)
    plans = asked.service.plans
    before = None if making.before is None else plans.find(served, making.before)
    wanted = await run_sync(_wanted, served, making, before)
    return (await plans.make(served, wanted)).as_data()


def _wanted(served: Served, making: _Making, before: Plan | None) -> Wanted:
    """Return what is to be planned.

    Raises:
        UsageError, NotFound, Refused: it is not there, cannot be changed, or is given what it does not take.
    """
    args, options = making.args, making.options
    if before is not None:
        args = before.given if args is None and making.revise is None else args
        options = dict(before.wanted.options) if options is None else options
    task = making.task if before is None else before.wanted.task
    target = making.task or making.harness or making.resume or ""
    if making.harness is not None:
        _check_args(served, making.harness, args)
    if making.resume is not None:
        served.run(target)
    if making.fix is not None and before is not None:
        target = before.harness
    if making.source is not None:
        target = str(write_plan(served.project, "edited", making.source, args, task))
    return Wanted(
        target,
        args,
        options or {},
        revises=before.harness if making.revise is not None and before is not None else None,
        fixes=making.fix is not None,
        resumes=making.resume is not None,
        before=making.before,
        about="" if before is None else before.wanted.about or before.wanted.target,
        task=task,
        source=making.source,
        choices=making.choices,
    )


def _check_args(served: Served, name: str, args: Any) -> None:
    """Check the arguments of a saved harness, but for those that are filled in where they are left out.

    Raises:
        Refused: one of them does not fit.
    """
    found = served.project.find_harness(name)
    if found is not None and found.args_schema is not None:
        schema, later = found.args_schema, filled(found.args_schema)
        needed = [one for one in schema.get("required", ()) if one not in later]
        check_args(dataclasses.replace(found, args_schema={**schema, "required": needed}), {} if args is None else args)


Understood = TypeVar("Understood", bound=_Body)


def _understood(body: dict[str, Any], kind: type[Understood]) -> Understood:
    """Return what a body says.

    Raises:
        UsageError: it does not say that.
    """
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        said = f"{where}: {first['msg'].removeprefix('Value error, ')}".removeprefix(": ")
        raise UsageError(
            f"the body is not understood: {said}",
            where=where or None,
            meaning="nothing was started",
            fix="the documentation says what it has",
        ) from None


def plans(asked: Asked) -> Any:
    """List the plans of a project that were asked for since the server began, the latest first."""
    found = asked.service.plans.of(asked.served)
    return {"plans": [plan.as_data() | {"plan": None, "source": None} for plan in found]}


def plan(asked: Asked) -> Any:
    """Give a plan, and what has become of it.

    Its `state` is `planning`, `ready`, `refused` (then there is an `error`, or the linter found some), `cancelled`,
    `starting`, `started` (then there is a `run`), or `failed`. `plan` is what `weft plan --json` prints, or
    `weft resume --plan`; `said` are the last lines that it says meanwhile; `source` is the harness, also one that was
    refused. `before` is the plan that it is a changed version of, and `about` what the first of those was of.
    """
    found = _plan(asked)
    found.find_run()
    return found.as_data()


def _plan(asked: Asked) -> Plan:
    return asked.service.plans.find(asked.served, asked.path["plan"])


async def approve(asked: Asked) -> Any:
    """Start the run of a plan.

    The body has the `digest` of the plan that was seen; one to go on with a run has none, and is approved with `null`.
    """
    found, approving = _plan(asked), _understood(asked.body, _Approving)
    await asked.service.plans.approve(found, approving.digest)
    return found.as_data()


async def cancel(asked: Asked) -> Any:
    """End who writes a plan. The body is `{}`; gives the plan."""
    found, _ = _plan(asked), _understood(asked.body, _Nothing)
    asked.service.plans.cancel(found)
    return found.as_data()


async def save(asked: Asked) -> Any:
    """Keep the harness of a plan in the project. The body has its `name`; gives what `weft save --json` prints."""
    found, saving = _plan(asked), _understood(asked.body, _Saving)
    return await asked.service.plans.save(found, saving.name)
