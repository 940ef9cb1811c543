"""Agents that call tools as models do, in this process, and what they have others answer."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from weft.primitives.lost import Spent
from weft.runtime.execution.run import Run
from weft.runtime.request import AgentReply, AgentRequest
from weft.runtime.tools.allowed import Allowed
from weft.runtime.tools.folders import Folders
from weft.runtime.tools.registry import Registry
from weft.runtime.tools.tool import Calling
from weft.runtime.tools.toolbox import Toolbox

__all__ = ["Asked", "Caller", "Does", "lead_harness", "told"]

Does = Callable[["Caller"], Awaitable[Any]]


class Caller:
    """What an agent that has tools calls."""

    def __init__(self, request: AgentRequest) -> None:
        tools = [tool for tool in Registry() if tool.name in request.tools]
        self.box = Toolbox(tools, Allowed(()), Calling(request=request, folders=Folders(())))

    async def spawn(self, prompt: str, **more: Any) -> str:
        return await self._call("spawn_agent", prompt=prompt, **more)

    async def run(self, name: str, **args: Any) -> str:
        return await self._call("run_workflow", name=name, args=args)

    async def _call(self, called: str, /, **arguments: Any) -> str:
        (tool,) = [tool for tool in self.box.tools if tool.name == called]
        told = await self.box.call(tool, arguments)
        return told.split("\n", 1)[1].rpartition("\n</data")[0] if told.startswith("<data ") else told


class Asked:
    """Agents that do what is written for their prompts; others say their prompt. All that are asked are counted."""

    def __init__(self, **does: Does) -> None:
        self.does = does
        self.prompts: list[str] = []
        self.requests: list[AgentRequest] = []
        self.cost = Spent()

    async def __call__(self, request: AgentRequest) -> AgentReply:
        self.prompts.append(request.prompt)
        self.requests.append(request)
        does = self.does.get(request.prompt)
        if does is None:
            return AgentReply(value=f"said {request.prompt}", spent=self.cost, touched=(f"file of {request.prompt}",))
        caller = Caller(request)
        value = await does(caller)
        value = value if isinstance(value, str) else json.dumps(value)
        return AgentReply(value=value, spent=self.cost, touched=tuple(caller.box.calling.touched))


def lead_harness(options: str = "", prompt: str = "lead", tools: str = '"spawn_agent", "run_workflow"') -> str:
    """Return a harness that asks one agent, which has these tools."""
    return f"""
from weft.primitives import agent

async def main(args):
    return await agent("{prompt}", tools=[{tools}], label="lead", retries=0, timeout=60{options})
"""


def told(run: Run) -> Any:
    """Return the data that the agent of a run has answered as text."""
    return json.loads(run.result)
