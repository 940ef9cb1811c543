"""Runs harnesses for the tests of the language wall: each in a forked child with limits on CPU and memory only.

Reads lines `{"id", "source", "args"?}`, writes lines `{"id", "how", "what"}`. There is no wall of the operating system
here: what the language lets through, gets through. Agents answer "reply:" and the first 50 characters of the prompt;
the run is stopped, not told, when it asks for the 21st.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections import deque
from typing import Any, NoReturn

from weft.primitives import calls
from weft.primitives.language.vocabulary import vocabulary
from weft.primitives.lost import Spent
from weft.sandbox import world
from weft.sandbox.errors import PolicyError
from weft.sandbox.policy import compile_harness

AGENTS, NOTES = 20, 1000
MEMORY = 1 << 30
CPU_SECONDS = float(sys.argv[1])


class Gate:
    """A run without a host: every request is answered at once, branches run one after the other."""

    now = "2026-01-01T00:00:00+00:00"

    def __init__(self, args: Any) -> None:
        self.args = args
        self.agents = self.notes = 0
        self.allowance, self.heard = calls.Allowance(tokens=AGENTS), calls.Heard()

    def tell(self, note: calls.Note) -> None:
        self.notes += 1
        if self.notes > NOTES:
            report("stopped", "too many notes")

    def line(self) -> None:
        return None

    def open_group(self, fan_out: Any = None) -> Group:
        return Group(self)

    def enter_stage(self, number: int) -> None:
        pass

    def drive(self, coroutine: Any) -> Any:
        answer = None
        while True:
            try:
                request = coroutine.send(answer)
            except StopIteration as stop:
                return stop.value
            answer = request.group.ended.popleft() if isinstance(request, calls.NextEnded) else self.agent(request)

    def agent(self, request: calls.AgentCall) -> calls.Reply:
        self.agents += 1
        if self.agents > AGENTS:
            report("stopped", "the budget is spent")
        self.allowance = calls.Allowance(tokens=AGENTS, spent=Spent(output_tokens=self.agents))
        return calls.Reply(value="reply:" + request.prompt[:50])


class Group:
    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.ended: deque[calls.Ended] = deque()

    @property
    def running(self) -> int:
        return len(self.ended)

    def start(self, index: int, branch: Any) -> None:
        try:
            self.ended.append(calls.Ended(index, self.gate.drive(branch)))
        except Exception as error:  # noqa: BLE001 - it belongs to the harness
            self.ended.append(calls.Ended(index, error=error))

    def close(self) -> None:
        self.ended.clear()


def report(how: str, what: object) -> NoReturn:
    os.write(OUT, json.dumps({"how": how, "what": what}).encode())
    os._exit(0)


def run(source: str, args: Any) -> NoReturn:
    try:
        code = compile_harness(source, "harness.py")
    except (PolicyError, SyntaxError) as error:
        report(type(error).__name__, str(error))
    gate = Gate(args)
    calls.install(gate)
    names = world.build_world(vocabulary() | {"args": args})
    try:
        exec(code, names)
        report("returned", gate.drive(names["main"](args)))
    except BaseException as error:  # noqa: BLE001 - the message is the outcome
        report("raised", f"{type(error).__name__}: {error}")


def confined(source: str, args: Any) -> dict[str, Any]:
    """Run one harness in a child."""
    global OUT
    read, OUT = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # `re` can be told to print
        signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)  # unhandled, it kills
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        run(source, args)
    os.close(OUT)
    with os.fdopen(read, "rb") as pipe:
        said = pipe.read()
    status = os.waitpid(child, 0)[1]
    return json.loads(said) if said else {"how": "killed", "what": f"status {status}"}


OUT = -1

if __name__ == "__main__":
    sys.setrecursionlimit(1000)
    world.warm()
    for line in sys.stdin:
        case = json.loads(line)
        outcome = confined(case["source"], case.get("args") or {})
        sys.stdout.write(json.dumps({"id": case["id"], **outcome}) + "\n")
        sys.stdout.flush()
