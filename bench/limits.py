"""How much of what a provider allows is used, and what is refused on the way: 1,000 agents through the real stack.

    python bench/limits.py [AGENTS] [FAULTS]

A fake provider (`provider.py`) allows so many requests and tokens for each minute, and refuses, ignores or cuts a share
of the requests. "used" is what it admitted, of what its limits would have allowed in the time from the first request to
the last. For comparison: a fixed number of requests at the same time, and the client's own retries.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import anyio
from provider import Allowed, Log, provider, read_log

from weft.runtime import Project, Settings, parse_harness, run
from weft.runtime.money.budget import Ceiling

MODEL = "anthropic:claude-haiku-4-5"

HARNESS = """
async def main(args):
    return [len(await parallel([agent(f"Say that you are number {n}.", tools=[]) for n in range(args["n"])]))]
"""


@dataclass
class Outcome:
    """What came of all agents, or requests."""

    done: int
    lost: Counter[str]
    seconds: float
    ended: str
    spent: int = 0


def with_weft(agents: int, ceiling: Ceiling) -> Outcome:
    """Ask through the real stack: sandbox, scheduler, journal, budget, limiter, client."""
    harness = parse_harness(HARNESS, name="bench", filename="bench.py")
    options = Settings(model=MODEL, budget_tokens=ceiling.tokens, budget_usd=ceiling.usd, max_agents=agents, stall=2.0)
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        done = anyio.run(lambda: run(harness, {"n": agents}, options, Project(Path(folder))))
        state = done.state
        lost = Counter(agent.lost.cause for agent in state.lost if agent.lost)
        return Outcome(state.count("done"), lost, time.perf_counter() - begun, str(state.outcome), state.spent.tokens)


def with_client_retries(agents: int, at_once: int) -> Outcome:
    """Ask with the provider's client alone: so many at the same time, and its own two retries."""
    from anthropic import APIError, AsyncAnthropic

    lost: Counter[str] = Counter()

    async def ask_all() -> None:
        slots = anyio.Semaphore(at_once)

        async def ask(number: int) -> None:
            async with slots:
                try:
                    async with client.messages.stream(
                        model="claude-haiku-4-5",
                        max_tokens=8_192,
                        messages=[{"role": "user", "content": f"Say that you are number {number}." + " " * 900}],
                    ) as stream:
                        await stream.get_final_message()
                except (APIError, OSError, AssertionError) as error:
                    lost[type(error).__name__] += 1
                except Exception as error:  # noqa: BLE001 - whatever its client raises for a stream that was cut
                    lost[type(error).__name__] += 1

        async with AsyncAnthropic(timeout=2.0) as client, anyio.create_task_group() as tasks:
            for number in range(agents):
                tasks.start_soon(ask, number)

    begun = time.perf_counter()
    anyio.run(ask_all)
    return Outcome(agents - lost.total(), lost, time.perf_counter() - begun, "")


def used(log: Log, allowed: Allowed) -> float:
    """Return the share of what the tightest limit allowed in that time."""
    asked = {"requests": log.admitted, "input-tokens": log.input_tokens, "output-tokens": log.output_tokens}
    return max(asked[kind] / (limit * (1 + log.seconds / 60)) for kind, limit in allowed.by_kind().items())


def show(name: str, outcome: Outcome, log: Log, allowed: Allowed) -> None:
    """Print one line."""
    refused = ", ".join(f"{count} {why}" for why, count in sorted(log.refused.items())) or "none"
    lost = ", ".join(f"{count} {why}" for why, count in sorted(outcome.lost.items())) or "none"
    sys.stdout.write(
        f"{name:<34} {outcome.seconds:5.1f} s  done {outcome.done:>4}  lost: {lost}\n"
        f"{'':<34} admitted {log.admitted} = {used(log, allowed):.0%} of what is allowed; refused: {refused};"
        f" failed: {sum(log.failed.values())}  {outcome.ended}\n"
    )


def main() -> None:
    """Print what each way of asking comes to."""
    agents = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    faults = float(sys.argv[2]) if len(sys.argv) > 2 else 0.2
    os.environ["ANTHROPIC_API_KEY"] = "none-needed"
    # The buckets hold a minute's worth at the beginning: two thirds of the agents, and the rest in half a minute.
    allowed = Allowed(requests=agents * 2 // 3, input_tokens=agents * 2_000, output_tokens=agents * 100, faults=faults)
    for name, ceiling in [("weft", Ceiling()), ("weft, with a budget for a part", Ceiling(tokens=agents * 400))]:
        with provider(allowed) as url:
            os.environ["ANTHROPIC_BASE_URL"] = url
            outcome, log = with_weft(agents, ceiling), read_log(url)
        show(name, outcome, log, allowed)
        if ceiling.tokens is not None:
            beyond = max(0, log.input_tokens + log.output_tokens - ceiling.tokens)
            sys.stdout.write(f"{'':<34} served beyond the budget of {ceiling.tokens:,} tokens: {beyond}\n")
    for at_once in (4, 16, 64):
        with provider(allowed) as url:
            os.environ["ANTHROPIC_BASE_URL"] = url
            outcome, log = with_client_retries(agents, at_once), read_log(url)
        show(f"client's retries, {at_once} at the same time", outcome, log, allowed)


if __name__ == "__main__":
    main()
