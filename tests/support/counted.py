"""Runs a harness on the real primitives with made-up agents, and counts how many agents it starts."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Awaitable, Coroutine
from typing import Any

import weft.primitives as primitives
from weft.primitives.calls import AgentCall, Allowance, Ended, NextEnded, Note, Reply, install
from weft.primitives.errors import AgentFailed
from weft.primitives.lost import Lost


class Branches:
    """The branches of one fan-out, each run to its end when it starts."""

    def __init__(self, gate: Agents) -> None:
        self.running = 0
        self._gate = gate
        self._ended: list[Ended] = []

    def start(self, index: int, branch: Awaitable[Any]) -> None:
        self.running += 1
        try:
            self._ended.append(Ended(index, self._gate.run(branch)))  # type: ignore[arg-type]
        except AgentFailed as error:
            self._ended.append(Ended(index, error=error, lost=error.lost))
        except Exception as error:  # noqa: BLE001 - whatever a branch raises is its result
            self._ended.append(Ended(index, error=error))

    def close(self) -> None:
        self.running -= len(self._ended)
        self._ended.clear()

    def next(self) -> Ended:
        self.running -= 1
        return self._ended.pop(0)


class Agents:
    """Answers every call at once: with the longest lists, or with anything a schema allows and now and then nothing."""

    now = "2025-01-01T00:00:00+00:00"

    def __init__(self, args: Any, seed: int | None) -> None:
        self.args = args
        self.allowance = Allowance()
        self.started = 0
        self._luck = None if seed is None else random.Random(seed)

    def tell(self, note: Note) -> None: ...

    def enter_stage(self, number: int) -> None: ...

    def line(self) -> None: ...

    def open_group(self, fan_out: Any = None) -> Branches:
        return Branches(self)

    def run_workflow(self, name: str, source: str, args: Any) -> Awaitable[Any]:
        raise NotImplementedError

    def run(self, task: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine to its end."""
        answer: Any = None
        while True:
            try:
                request = task.send(answer)
            except StopIteration as done:
                return done.value
            answer = request.group.next() if isinstance(request, NextEnded) else self._reply(request)

    def _reply(self, call: AgentCall) -> Reply:
        self.started += 1
        if self._luck is not None and self._luck.random() < 0.15:
            return Reply(lost=Lost(cause="timeout", message="made up"))
        return Reply(self._answer(call.schema or {"type": "string"}))

    def _answer(self, schema: dict[str, Any]) -> Any:
        match schema.get("type"):
            case "object":
                return {key: self._answer(inner) for key, inner in schema["properties"].items()}
            case "array":
                most = schema["maxItems"]
                size = most if self._luck is None else self._luck.randint(schema.get("minItems", 0), most)
                return [self._answer(schema["items"]) for _ in range(size)]
            case "boolean":
                return self._luck is not None and self._luck.random() < 0.5
            case "integer":
                low, high = schema.get("minimum", -3), schema.get("maximum", 3)
                return high if self._luck is None else self._luck.randint(low, high)
        if "enum" in schema:
            return schema["enum"][0]
        return f"text {self.started}" if self._luck is None else self._luck.choice(["a", "b", f"text {self.started}"])


def agents_started(source: str, args: Any, seed: int | None = None) -> int:
    """Run a harness and return how many agents it starts; without a seed, nothing fails and every list is longest."""
    world: dict[str, Any] = {name: getattr(primitives, name) for name in primitives.__all__}
    gate = Agents(args, seed)
    install(gate)
    try:
        exec(compile(source, "harness.py", "exec"), world)
        with contextlib.suppress(Exception):  # what was started counts, however the run ends
            gate.run(world["main"](args))
    finally:
        install(None)
    return gate.started
