"""What is told to runs that go on, and runs that are begun: each function is a route, see `app`.

A command goes to a run as from another terminal, by `steering.socket`; a plan is made by the command line, see `plans`.
"""

from __future__ import annotations

import hashlib
from typing import Any

from anyio.to_thread import run_sync

from weft.runtime.errors import UsageError
from weft.runtime.project.folders import is_name
from weft.runtime.serving.asked import Asked
from weft.runtime.serving.plans import Plan, Wanted
from weft.runtime.steering.socket import parse_command, send

__all__ = ["approve", "control", "make", "plan", "plans"]

LONGEST = 10_000
"""How many letters a task may have."""


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
    changed as `task` says. `options` are settings of the run by their names in `weft.toml`, as `{"budget": 2}`.
    """
    served, body = asked.served, dict(asked.body)
    options = _taken(body, "options", dict, {})
    args, before = body.pop("args", None), _taken(body, "revise", str)
    kinds = {name: _taken(body, name, str) for name in ("task", "harness", "source", "resume")}
    given = {name: text for name, text in kinds.items() if text is not None}
    if body or len(given) != 1 or (before is not None and "task" not in given):
        what = f"{', '.join(body)} mean nothing" if body else "it is to have one of task, harness, source and resume"
        raise UsageError(what, meaning="nothing was started", fix='{"task": "Which notes contradict each other?"}')
    kind, text = next(iter(given.items()))
    if not text.strip() or "\0" in text or (kind == "task" and len(text) > LONGEST):
        raise UsageError(f"{kind} is empty, too long, or no text", meaning="nothing was started")
    if kind == "harness" and not is_name(text):
        raise UsageError(f"{text!r} is no name of a harness", fix="GET …/library lists them")
    if kind == "source":
        digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
        text = str(await run_sync(served.project.write_plan, f"edited-{digest[:8]}", text, args))
    if kind == "resume":
        await run_sync(served.run, text)
    revises = None if before is None else _file_of(asked.service.plans.find(served, before))
    made = await asked.service.plans.make(served, Wanted(text, args, options, revises, resumes=kind == "resume"))
    return made.as_data()


def _file_of(plan: Plan) -> str:
    """Return the file of a plan's harness.

    Raises:
        UsageError: there is none.
    """
    if plan.made is None:
        raise UsageError(f"the plan is {plan.state}, so there is no harness to change", meaning="nothing was started")
    return str(plan.made["path"])


def _taken(body: dict[str, Any], name: str, kind: type, default: Any = None) -> Any:
    """Take a field out of a body.

    Raises:
        UsageError: it is of another kind.
    """
    value = body.pop(name, default)
    if value is not None and not isinstance(value, kind):
        raise UsageError(f"{name} is of the wrong kind", meaning="nothing was started")
    return value


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
    digest = _taken(dict(asked.body), "digest", str)
    await asked.service.plans.approve(found, digest)
    return found.as_data()
