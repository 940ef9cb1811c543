"""The host: it writes harnesses, runs them, pays for their agents and remembers everything. Start reading at `run`.

    from weft.runtime import Options, Project, read_harness, run

Names are loaded when they are first used, because the libraries behind some of them take long to import.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from weft.runtime.agents import AgentError, AgentReply, AgentRequest, Agents
    from weft.runtime.ceiling import Ceiling, Share
    from weft.runtime.config import Config, read_config
    from weft.runtime.harness import Harness, parse_harness, read_harness
    from weft.runtime.journal import RunState, fold, read_journal
    from weft.runtime.replay import Replayed, replay
    from weft.runtime.run import Options, Run, resume, run
    from weft.runtime.store import Project

__all__ = [
    "AgentError",
    "AgentReply",
    "AgentRequest",
    "Agents",
    "Ceiling",
    "Config",
    "Harness",
    "Options",
    "Project",
    "Replayed",
    "Run",
    "RunState",
    "Share",
    "fold",
    "parse_harness",
    "read_config",
    "read_harness",
    "read_journal",
    "replay",
    "resume",
    "run",
]

_HOMES = {
    "agents": ("AgentError", "AgentReply", "AgentRequest", "Agents"),
    "ceiling": ("Ceiling", "Share"),
    "config": ("Config", "read_config"),
    "harness": ("Harness", "parse_harness", "read_harness"),
    "journal": ("RunState", "fold", "read_journal"),
    "replay": ("Replayed", "replay"),
    "run": ("Options", "Run", "resume", "run"),
    "store": ("Project",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


class _Package(ModuleType):
    """Lets `run` and `replay` be the functions, although they live in modules of these names."""

    def __getattr__(self, name: str) -> Any:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)

    def __setattr__(self, name: str, value: Any) -> None:
        # The import system binds a module to its package when it is loaded; the function comes first here.
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
