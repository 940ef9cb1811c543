"""Many agents through the real stack against a provider that limits, refuses, ignores and cuts: nobody is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from models import run_model
from provider import Allowed, provider, read_log

from weft.runtime.money.budget import Ceiling

pytestmark = pytest.mark.slow

AGENTS = 40
HARNESS = """
async def main(args):
    return await parallel([agent(f"Say that you are number {n}.", tools=[]) for n in range(40)])
"""
ALLOWED = Allowed(requests=1_200, input_tokens=400_000, output_tokens=60_000, faults=0.2, latency=0.02, seed=1)


@pytest.mark.parametrize("ceiling", [Ceiling(), Ceiling(tokens=30_000), Ceiling(usd=0.05)])
def test_all_are_answered_or_the_run_pauses_within_its_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ceiling: Ceiling
) -> None:
    with provider(ALLOWED) as url:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "none-needed")
        model = "anthropic:claude-haiku-4-5"
        done = run_model(
            tmp_path,
            HARNESS,
            model=model,
            budget_tokens=ceiling.tokens,
            budget_usd=ceiling.usd,
            stall=2.0,
            virtual_time=False,
            concurrency=16,
        )
        log = read_log(url)
    assert not done.state.lost
    served = log.input_tokens + log.output_tokens
    assert served <= done.state.spent.tokens
    if ceiling == Ceiling():
        assert (done.state.health, done.state.count("done")) == ("clean", AGENTS)
        # More where this machine is too busy to hear an answer in time, and asks again.
        assert log.answered >= AGENTS
        assert sum(log.refused.values()) + sum(log.failed.values()) > 0
    else:
        assert done.state.outcome == "paused"
        assert done.state.spent.tokens <= (ceiling.tokens or done.state.spent.tokens)
        assert done.state.spent.usd <= (ceiling.usd or done.state.spent.usd)
