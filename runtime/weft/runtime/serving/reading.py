"""What is told of projects, runs and agents: each function is a route, see `app`, and says what it takes and gives.

All of it is folds of journals, in the forms that `--json` of the command line has. What is found out of them is
`studying`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from weft.runtime.errors import JournalError, NotFound
from weft.runtime.execution.result import result_object
from weft.runtime.journal import RunState
from weft.runtime.journal.codec import encoded
from weft.runtime.keeping.record import Runs, track_of
from weft.runtime.keeping.shelf import Kept, Shelf
from weft.runtime.project.saved import SavedHarness
from weft.runtime.project.unstarted import why_unstarted
from weft.runtime.serving.asked import Asked
from weft.runtime.serving.feeds import told_of
from weft.runtime.serving.live import needs_you
from weft.runtime.serving.told import script_object
from weft.runtime.views.data import agent_object, row_object
from weft.runtime.views.saved import kept_object, saved_object

__all__ = [
    "agent",
    "agents",
    "events",
    "library",
    "parts",
    "projects",
    "prompt",
    "questions",
    "result",
    "runs",
    "saved",
    "script",
    "snapshot",
    "transcript",
    "unstarted",
]

RUNS = 50
"""How many runs are told at once, unless fewer are asked for."""
PAGE = 200
"""How many things are told at once, unless fewer are asked for."""
MOST_EVENTS = 1_000
CLOCK = ("name", "at", "started_at", "began_at")
"""What is told of a run besides what waits for a person in it: by what it is known, and what time it is there."""


def projects(asked: Asked) -> Any:
    """List the projects that are served, and whether runs can be steered.

    Gives `projects` with `name` and `folder`, and `read_only`.
    """
    served = asked.service.projects.values()
    found = [{"name": one.name, "folder": str(one.folder)} for one in served]
    return {"projects": found, "read_only": asked.service.read_only}


def runs(asked: Asked) -> dict[str, Any]:
    """List runs, those that go on first, then the latest.

    Parameters: `project`; `outcome`, `health`; `text`, which stands in name, task or run; `limit` (50), and `after`,
    the `next` of the page before. How much of a run waits for a person is `needs_you`. A run whose journal cannot be
    read has a `problem`.
    """
    named, limit = asked.text("project"), max(1, asked.amount("limit", RUNS, RUNS))
    served = [one for one in asked.service.projects.values() if named in ("", one.name)]
    fitting = (one for one in asked.service.summaries.in_order(served, asked.text("after")) if _is_wanted(asked, one))
    page = list(islice(fitting, limit + 1))
    return {"runs": page[:limit], "next": page[limit - 1]["cursor"] if len(page) > limit else None}


def _is_wanted(asked: Asked, run: Mapping[str, Any]) -> bool:
    text = asked.text("text").lower()
    exact = all(asked.text(name) in ("", run.get(name)) for name in ("outcome", "health"))
    return exact and any(text in str(run.get(name, "")).lower() for name in ("run", "name", "task"))


def questions(asked: Asked) -> Any:
    """List what waits for a person, in all runs that go on.

    `kind` is `question`, with its `ask`, `choices`, `default`, and `until` in seconds of the run; or `held`, where a
    run goes on only when it is told to `continue`. `at` says how late it was in the run when something happened last,
    and `started_at` on the clock of the wall when it was `began_at` in the run.
    """
    waiting = []
    for served in asked.service.projects.values():
        for folder in served.project.runs():
            if not folder.alive:
                continue
            feed = asked.service.feeds.of(folder)
            try:
                feed.read()
            except JournalError:  # it is only beginning; the list of runs tells what is wrong with one for good
                continue
            head = feed.head()
            of = {"project": served.name, "run": folder.id, **{name: head[name] for name in CLOCK}}
            waiting += [{**of, **one} for one in needs_you(head)]
    return {"questions": waiting}


def unstarted(asked: Asked) -> Any:
    """List what was last to be run in a project and could not be started, as long as no other run was.

    Gives `unstarted` with `project`, and `why` in words.
    """
    whys = ((one.name, why_unstarted(one.project)) for one in asked.service.projects.values())
    return {"unstarted": [{"project": name, "why": why} for name, why in whys if why is not None]}


def snapshot(asked: Asked) -> bytes:
    """Give a run as it stands: `seq`, its `head`, and its `agents` in columns.

    `seq` is the position that this is of, for the stream. A column is a list with one value for each agent, in the
    order of their calls.
    """
    return asked.feed.snapshot()


def result(asked: Asked) -> Any:
    """Give what a run came to, as `weft run --json` prints it: result, coverage, what was lost and what that means."""
    with asked.feed.state() as state:
        return result_object(state)


def agents(asked: Asked) -> Any:
    """List agents in the order of their calls.

    Parameters: `state`, `phase`, `line`; `text`, which stands in the label; `limit` (200) and `after`. Gives `agents`,
    `total`, and `next` where there are more.
    """
    state_, phase, line, text = (asked.text(name) for name in ("state", "phase", "line", "text"))
    with asked.feed.state() as state:
        found = [
            one
            for one in state.agents.values()
            if state_ in ("", one.standing)
            and ("phase" not in asked.query or phase == (one.phase.title or ""))
            and line in ("", str(one.called.line))
            and text.lower() in one.called.request.name.lower()
        ]
        page, following = asked.page(found, PAGE)
        return {"agents": [row_object(one) for one in page], "total": len(found), "next": following}


def agent(asked: Asked) -> Any:
    """Give one agent, by its number or label: what it was asked, its result, why it was lost."""
    with asked.feed.state() as state:
        return agent_object(state.find_agent(asked.path["agent"]))


def prompt(asked: Asked) -> Any:
    """Give what an agent was asked alone: prompt, context, schema, tools, model."""
    with asked.feed.state() as state:
        return agent_object(state.find_agent(asked.path["agent"]))["request"]


def transcript(asked: Asked) -> Any:
    """Give what an agent and its model said to each other, part by part.

    Parameters: `limit` (200) and `after`. Gives `parts`, `total`, and `next` where there are more. There is none before
    the agent has answered.
    """
    with asked.feed.state() as state:
        finished = state.find_agent(asked.path["agent"]).finished
        parts = finished.transcript if finished is not None else ()
        page, following = asked.page(parts, PAGE)
        return {"parts": list(page), "total": len(parts), "next": following}


def parts(name: str, listed: Callable[[RunState], list[Any]]) -> Callable[[Asked], Any]:
    """Return the route of a list that belongs to a run."""

    def told(asked: Asked) -> Any:
        with asked.feed.state() as state:
            found = listed(state)
            page, following = asked.page(found, PAGE)
            return {name: list(page), "total": len(found), "next": following}

    return told


def script(asked: Asked) -> Any:
    """Give the harness of a run, with what the agents called by each line came to so far.

    `workflow` of a line is the saved harness that it is a line of, else `null`.
    """
    with asked.feed.state() as state:
        return script_object(state)


def events(asked: Asked) -> Iterator[Any]:
    """Give the events of a run's journal after a number, one JSON object a line.

    Parameters: `after` (0), `limit` (1,000), and `agent`, the number of the one that they have to be about. Each has
    `seq`, `at` in seconds of the run, `type`, `data`, and `left_out`: the places of values that are long; agents have
    them. A page of fewer than `limit` is the last so far.
    """
    after = asked.amount("after", 0, 10**12)
    limit = max(1, asked.amount("limit", MOST_EVENTS, MOST_EVENTS))
    agent = asked.amount("agent", 0, 10**12) if "agent" in asked.query else None
    numbered = enumerate(asked.run.events(after=after, most=None if agent is not None else limit), start=after + 1)
    about = ((seq, of) for seq, of in numbered if agent is None or agent in told_of(of[1]))
    for seq, (at, event) in islice(about, limit):
        _, _, kind, data, large, _ = encoded(at, event, seq, 0)[0]
        yield {
            "seq": seq,
            "at": at,
            "type": kind,
            "data": json.loads(data),
            "left_out": list(json.loads(large)) if large else [],
        }


def library(asked: Asked) -> Any:
    """List the harnesses that can be run by their names in a project, with their arguments as JSON Schema."""
    known = Runs(asked.project)
    found = [saved_object(one, asked.project) | {"runs": known.count(one)} for one in asked.project.harnesses()]
    return {"harnesses": found}


def saved(asked: Asked) -> Any:
    """Give one saved harness: its source, its versions, how its runs went."""
    one = _saved(asked)
    kept = Shelf.of(asked.project, one.name).kept() if one.path is not None else Kept()
    told: Mapping[str, Any] = kept_object(one, asked.project, kept, track_of(asked.project, one))
    return {**told, "source": asked.project.find_source(one.name)}


def _saved(asked: Asked) -> SavedHarness:
    name = asked.path["name"]
    found = next((one for one in asked.project.harnesses() if one.name == name), None)
    if found is None:
        raise NotFound(f"there is no harness {name!r}", fix=f"GET /api/v1/projects/{asked.served.name}/library")
    return found
