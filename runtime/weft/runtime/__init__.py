"""The host: it writes harnesses, runs them, pays for their agents and remembers everything.

    from weft.runtime import Project, Settings, read_harness, run

It is a tower of rooms; a room imports only from those below it, and `tests/test_shape.py` keeps it so:

    cli           commands, and the language server
    integrations  Weft for other programs: an MCP server, a fixture for tests, what agents that write code are told
    serving       runs over HTTP, and in the browser
    exporting     runs handed on: a page, a report, lines, traces
    views         what people and programs are shown of plans, runs and differences
    authoring     from a task in words to a harness with a plan
    analysis      where the time and the money of a run went, and what another way would have cost
    keeping       saved harnesses: versions, recorded answers, how their runs went, which one is for a task
    rehearsal     many runs with simulated agents, before any money is spent
    execution     a run and its resume from beginning to end, replay: start reading at `execution.run`
    forecasting   what a run will take before it is started
    steering      commands from other terminals to a run that goes on
    scheduling    when an agent starts, how many at a time, whether a fan-out may begin; who answers tools and questions
    agents        who answers agents: models, scripts, the offline model; and how often it is tried
    money         what a run may spend, and what things cost
    worktrees     agents in git worktrees of their own, and what becomes of their changes
    tools         what agents may do and who has granted it; what harnesses may look up
    project       the `.weft` folder, saved harnesses, `weft.toml`
    journal       what a run remembers, and what is folded from it
    (modules)     words that all of them share: errors, requests, time, schemas, settings

Names are loaded when they are first used, because the libraries behind some of them take long to import.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from weft.runtime.agents.adapters.command import CommandAgents
    from weft.runtime.agents.adapters.functions import Handoff, from_function
    from weft.runtime.agents.adapters.graphs import from_langgraph
    from weft.runtime.agents.adapters.route import route
    from weft.runtime.ceiling import Ceiling, Share
    from weft.runtime.execution.node import as_langgraph_node
    from weft.runtime.execution.replay import Replayed, replay
    from weft.runtime.execution.resume import resume
    from weft.runtime.execution.run import Run, run
    from weft.runtime.helping import Helper, HostReply, HostRequest
    from weft.runtime.journal import RunState, fold, read_journal
    from weft.runtime.project.config import Config, read_config
    from weft.runtime.project.folders import Project
    from weft.runtime.project.harness import Harness, parse_harness, read_harness
    from weft.runtime.rehearsal.rehearse import rehearsed
    from weft.runtime.rehearsal.report import Rehearsal
    from weft.runtime.request import AgentError, AgentReply, AgentRequest, Agents
    from weft.runtime.settings import Settings
    from weft.runtime.tools.functions import acts, as_tool
    from weft.runtime.tools.tool import Calling, Tool
    from weft.runtime.understood import Understood

__all__ = [
    "AgentError",
    "AgentReply",
    "AgentRequest",
    "Agents",
    "Calling",
    "Ceiling",
    "CommandAgents",
    "Config",
    "Handoff",
    "Harness",
    "Helper",
    "HostReply",
    "HostRequest",
    "Project",
    "Rehearsal",
    "Replayed",
    "Run",
    "RunState",
    "Settings",
    "Share",
    "Tool",
    "Understood",
    "acts",
    "as_langgraph_node",
    "as_tool",
    "fold",
    "from_function",
    "from_langgraph",
    "parse_harness",
    "read_config",
    "read_harness",
    "read_journal",
    "rehearsed",
    "replay",
    "resume",
    "route",
    "run",
]

_HOMES = {
    "agents.adapters.command": ("CommandAgents",),
    "agents.adapters.functions": ("Handoff", "from_function"),
    "agents.adapters.graphs": ("from_langgraph",),
    "agents.adapters.route": ("route",),
    "ceiling": ("Ceiling", "Share"),
    "execution.node": ("as_langgraph_node",),
    "execution.replay": ("Replayed", "replay"),
    "execution.resume": ("resume",),
    "execution.run": ("Run", "run"),
    "helping": ("Helper", "HostReply", "HostRequest"),
    "journal": ("RunState", "fold", "read_journal"),
    "project.config": ("Config", "read_config"),
    "project.folders": ("Project",),
    "project.harness": ("Harness", "parse_harness", "read_harness"),
    "rehearsal.rehearse": ("rehearsed",),
    "rehearsal.report": ("Rehearsal",),
    "request": ("AgentError", "AgentReply", "AgentRequest", "Agents"),
    "settings": ("Settings",),
    "tools.functions": ("acts", "as_tool"),
    "tools.tool": ("Calling", "Tool"),
    "understood": ("Understood",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
