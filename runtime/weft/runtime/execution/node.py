"""A harness as a node of a LangGraph graph: a run for each time that the node is entered.

Graphs as agents of a harness are `agents.adapters.graphs`. Nothing of LangGraph is imported here: a node is a function.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from weft.runtime.errors import RuntimeFailure
from weft.runtime.execution.run import Run, run
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import Harness
from weft.runtime.settings import Settings

__all__ = ["Node", "as_langgraph_node"]

Node = Callable[[Any], Awaitable[dict[str, Any]]]
"""Takes the state of a graph, and returns what changes of it."""


def as_langgraph_node(
    harness: Harness,
    settings: Settings,
    project: Project,
    *,
    args: Callable[[Any], Any] | None = None,
    into: str | Callable[[Run], dict[str, Any]] = "result",
    **more: Any,
) -> Node:
    """Make a node of a harness, for `StateGraph.add_node`.

    Where the run fails or is paused the node raises, and the graph does what it does then; the message names the run,
    which `weft resume` goes on with. Where the graph ends the node, the run is ended.

    Args:
        harness: What is run.
        settings: As for `run`, like all others that are not named here.
        project: Where the runs go.
        args: Makes the arguments of the harness of the state; without it, the state itself, if it is a mapping.
        into: The key of the state that gets the result, or what makes an update of the state of the whole run.
        more: Handed to `run`, such as `agents` or `config`.
    """

    async def node(state: Any) -> dict[str, Any]:
        given = args(state) if args is not None else dict(state) if isinstance(state, Mapping) else None
        done = await run(harness, given, settings, project, **more)
        ended = done.state.ended
        if ended is None or ended.outcome != "completed":
            problem = None if ended is None else ended.problem
            why = "it did not come to its end" if problem is None else problem.message
            raise RuntimeFailure(
                f"the run {done.folder.id} of {harness.name} is {done.state.outcome}: {why}",
                meaning="the node has no result",
                fix=f"weft show {done.folder.id}, or weft resume {done.folder.id}",
            )
        return {into: done.result} if isinstance(into, str) else into(done)

    return node
