"""What is told to runs that go on, and runs that are begun: each function is a route, see `app`.

A command goes to a run as from another terminal, by `steering.socket`; a plan is made by the command line, see `plans`.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Self

from anyio.to_thread import run_sync
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from weft.runtime.errors import UsageError
from weft.runtime.project.folders import is_name
from weft.runtime.serving.asked import Asked
from weft.runtime.serving.plans import Plan, Wanted
from weft.runtime.steering.socket import parse_command, send

__all__ = ["approve", "control", "make", "plan", "plans"]

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


class _Making(BaseModel):
    """What a plan is to be of."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, strict=True)

    task: Annotated[Text, Field(max_length=LONGEST)] | None = None
    harness: Annotated[str, AfterValidator(_named)] | None = None
    source: Text | None = None
    resume: Text | None = None
    args: Any = None
    revise: str | None = None
    options: dict[str, Any] = {}
    choices: dict[str, str] = {}

    @model_validator(mode="after")
    def _is_of_one_thing(self) -> Self:
        given = [one for one in (self.task, self.harness, self.source, self.resume) if one is not None]
        if len(given) != 1 or (self.revise is not None and self.task is None):
            raise ValueError("it is to have one of task, harness, source and resume")
        return self


async def control(asked: Asked) -> Any:
    """Tell a run what the commands `pause`, `continue`, `stop`, `retry`, `budget`, `limits` and `answer` tell it.

    The body has `verb`, what that takes (`now`; `agent`; `usd`, `add_usd`, `tokens`, `add_tokens`; `concurrency`,
    `models`, `profiles`; `ask`, `value`), and `reason`. Gives what became of it: `target`, `verb`, `applied`,
    `changed`, `detail`.
    """
    command = parse_command(asked.body)
    folder = await run_sync(lambda: asked.run)
    return (await send(folder, command)).model_dump(mode="json", exclude={"fix"})


async def make(asked: Asked) -> Any:
    """Begin to write a plan, and give it; nothing is run.

    The body has one of `task` (in words), `harness` (a saved one, by name), `source` (a harness as text), with `args`
    where there are some, and `resume` (a run that has ended, to be gone on with). With `revise`, a plan, its harness is
    changed as `task` says. `options` are settings of the run by their names in `weft.toml`, as `{"budget": 2}`;
    `choices` of a resume are `interrupted`, `saved` and `again`, as those options of `weft resume`.
    """
    served, making = asked.served, _understood(asked.body)
    target = making.task or making.harness or making.resume or ""
    if making.resume is not None:
        await run_sync(served.run, target)
    if making.source is not None:
        name = f"edited-{hashlib.sha256(making.source.encode()).hexdigest()[:8]}"
        target = str(await run_sync(served.project.write_plan, name, making.source, making.args))
    revises = None if making.revise is None else _file_of(asked.service.plans.find(served, making.revise))
    resumes = making.resume is not None
    wanted = Wanted(target, making.args, making.options, revises, resumes, making.choices)
    return (await asked.service.plans.make(served, wanted)).as_data()


def _understood(body: dict[str, Any]) -> _Making:
    """Return what a plan is to be of.

    Raises:
        UsageError: the body does not say.
    """
    try:
        return _Making.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        said = f"{'.'.join(map(str, first['loc']))}: {first['msg'].removeprefix('Value error, ')}".removeprefix(": ")
        fix = '{"task": "Which notes contradict each other?"}'
        raise UsageError(f"the body says no plan: {said}", meaning="nothing was started", fix=fix) from None


def _file_of(plan: Plan) -> str:
    """Return the file of a plan's harness.

    Raises:
        UsageError: there is none.
    """
    if plan.made is None:
        raise UsageError(f"the plan is {plan.state}, so there is no harness to change", meaning="nothing was started")
    return str(plan.made["path"])


def plans(asked: Asked) -> Any:
    """List the plans of a project that were asked for since the server began, the latest first."""
    found = asked.service.plans.of(asked.served)
    return {"plans": [plan.as_data() | {"plan": None} for plan in found]}


def plan(asked: Asked) -> Any:
    """Give a plan, and what has become of it.

    Its `state` is `planning`, `ready`, `refused` (then there is an `error`, or the linter found some), `starting`,
    `started` (then there is a `run`), or `failed`. `plan` is what `weft plan --json` prints, or `weft resume --plan`;
    `said` are the last lines that it says meanwhile.
    """
    found = asked.service.plans.find(asked.served, asked.path["plan"])
    found.find_run()
    return found.as_data()


async def approve(asked: Asked) -> Any:
    """Start the run of a plan.

    The body has the `digest` of the plan that was seen; one to go on with a run has none, and is approved with `null`.
    """
    found = asked.service.plans.find(asked.served, asked.path["plan"])
    if "digest" not in asked.body:
        raise UsageError("the body has no digest", meaning="nothing was started", fix="look at the plan: it has one")
    digest = asked.body["digest"]
    await asked.service.plans.approve(found, digest)
    return found.as_data()
