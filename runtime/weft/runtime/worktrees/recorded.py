"""The patches that a run has on record, and where they belong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from weft.runtime.border import clean
from weft.runtime.change import parted
from weft.runtime.errors import Refused
from weft.runtime.journal import RunState
from weft.runtime.journal.agentstate import AgentState
from weft.runtime.journal.events import AgentFinished
from weft.runtime.project.folders import RunFolder
from weft.runtime.worktrees.git import GitFailed, open_repository
from weft.runtime.worktrees.merging import Patch
from weft.runtime.worktrees.patches import BRANCHES, branches_of

__all__ = ["all_patches", "drop_branches", "home_of", "patches_of"]


def patches_of(state: RunState, agents: Sequence[str] = ()) -> list[Patch]:
    """Return the patches of agents, in the order in which these are named; without names of all, in that of the run.

    Raises:
        NotFound: there is no such agent.
        Refused: an agent that is named has no patch, or none has.
    """
    assert state.started is not None
    run = state.started.run
    if not agents:
        found = all_patches(state)
        if not found:
            raise _refused(f"no agent of {run} has changed anything in a worktree of its own", run)
        return found
    named: dict[int, Patch] = {}
    for agent in (agent for reference in agents for agent in _meant(state, reference)):
        patch = _patch(state, agent)
        if patch is None:
            raise _refused(f"agent {agent.called.id} ({agent.called.request.name}) {_why_not(agent)}", run)
        named.setdefault(agent.called.id, patch)
    return [*named.values()]


def all_patches(state: RunState) -> list[Patch]:
    """Return the patches of all agents that have changed something, in the order of the run."""
    patches = (_patch(state, agent) for agent in state.agents.values())
    return [patch for patch in patches if patch is not None]


def home_of(state: RunState, here: Path) -> Path:
    """Return a folder of the repository that the patches of a run are for: where it was then, else here."""
    base = state.started.base if state.started is not None else None
    then = None if base is None else Path(base.repository)
    return then if then is not None and (then / ".git").exists() else here


async def drop_branches(folder: RunFolder, state: RunState, here: Path) -> tuple[list[str], list[str]]:
    """Remove the branches of a run's agents; return which, and which stay.

    Those stay with which somebody has gone on, and those that have what the journal has not.
    """
    kept = (event.kept for _, event in folder.events() if isinstance(event, AgentFinished))
    recorded = {one.branch: one for one in kept if one is not None}
    dropped: list[str] = []
    stay: list[str] = []
    with suppress(GitFailed):  # there is no repository any more
        git = await open_repository(home_of(state, here))
        for branch in await branches_of(git, folder.id):
            known = recorded.get(branch)
            try:
                if known is not None and not known.whole:
                    stay.append(branch)
                    continue
                await git("update-ref", "-d", f"{BRANCHES}{branch}", *([] if known is None else [known.commit]))
                dropped.append(branch)
            except GitFailed:
                stay.append(branch)
    return dropped, stay


def _meant(state: RunState, reference: str) -> Iterator[AgentState]:
    """Yield the agent of a number, or all of a label."""
    found = state.find_agent(reference)
    if str(found.called.id) == reference:
        yield found
    else:
        yield from (agent for agent in state.agents.values() if agent.called.request.name == reference)


def _patch(state: RunState, agent: AgentState) -> Patch | None:
    base = state.started.base if state.started is not None else None
    request = agent.called.request
    if agent.finished is None:
        return None
    _, change = parted(agent.finished.value, isolated=request.isolation is not None)
    if change is None or not change.files:
        return None
    return Patch(
        run=state.started.run if state.started is not None else "",
        agent=agent.called.id,
        name=clean(" ".join(request.name.split())) or f"agent {agent.called.id}",
        text=change.patch,
        files=change.files,
        kept=agent.finished.kept,
        base=None if base is None else base.commit,
    )


def _why_not(agent: AgentState) -> str:
    if agent.called.request.isolation is None:
        return "had no worktree of its own"
    if agent.lost is not None:
        return f"was lost: {agent.lost.cause}"
    return "has changed nothing" if agent.finished is not None else "has not answered"


def _refused(what: str, run: str) -> Refused:
    return Refused(what, meaning="nothing was changed", fix=f"weft show {run} lists its agents")
