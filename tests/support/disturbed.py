"""Agents that answer by the request alone, and of which some are lost and one stops the run."""

from __future__ import annotations

import random
from typing import Any

import anyio

from weft.runtime.pause import Pause
from weft.runtime.request import AgentError, AgentReply, AgentRequest

__all__ = ["Disturbed"]


class Disturbed:
    """Answers by the request alone; loses some agents, and stops the run at the `stop`-th."""

    def __init__(self, seed: int, lose: float, stop: int | None) -> None:
        self._seed = seed
        self._lose = lose
        self._left = stop

    async def __call__(self, request: AgentRequest) -> AgentReply:
        luck = random.Random(f"{self._seed} {request.key()}")
        for _ in range(luck.randrange(4)):
            await anyio.lowlevel.checkpoint()
        if self._left is not None:
            self._left -= 1
            if self._left <= 0:
                raise Pause("user", "stopped here")
        if random.Random(f"{self._seed} {request.id}").random() < self._lose:
            raise AgentError("refused", "made up")
        return AgentReply(value=made_up(request.schema or {"type": "string"}, luck))


def made_up(schema: dict[str, Any], luck: random.Random) -> Any:
    match schema.get("type"):
        case "object":
            return {key: made_up(inner, luck) for key, inner in schema["properties"].items()}
        case "array" if schema.get("uniqueItems"):
            items = schema["items"]
            return luck.sample(range(items["minimum"], items["maximum"] + 1), schema["minItems"])
        case "array":
            return [made_up(schema["items"], luck) for _ in range(luck.randint(0, 3))]
        case "boolean":
            return luck.random() < 0.5
        case "integer":
            return luck.randint(0, 3)
    return luck.choice(schema["enum"]) if "enum" in schema else luck.choice("ab") * luck.randint(1, 9)
