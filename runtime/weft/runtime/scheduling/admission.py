"""Admission control: whether a fan-out, or one more agent, may begin. Who starts when is `scheduler`.

Of agents only what is sure counts: a fan-out that may still turn out to fit is let through; if it does not, the
backstop ends it. Of money nothing is sure, so the pause is a question: whoever resumes the run as it is lets it go on,
and the ceiling holds all the same. What is compared:

    backstop   the agents that wait, and those that come       ≤  what the run may still start
    bound      the agents called so far, and those that come   ≤  what the linter proved for these arguments; at each
               agent too, wherever it is called
    budget     those that come, each as cheap as the cheapest  ≤  what is left to spend

The last is for runs that pause at their ceiling; others know what to do there. Those that come are those it needs if
nothing fails, and those that fan-outs before it have not called yet. Within a fan-out that a quorum may end early
nothing is sure, and nothing is checked. Answers that earlier executions have left need no agent: as many of them as
nobody has asked for yet are taken off what it needs.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

from weft.primitives.lost import Spent
from weft.runtime.journal.callpath import steps
from weft.runtime.journal.past import Past
from weft.runtime.money.budget import Budget
from weft.runtime.pause import Pause
from weft.runtime.scheduling.scheduler import Scheduler
from weft.sandbox.protocol import CallAgent, FanOutBegan

if TYPE_CHECKING:
    from weft.linter import Bound

__all__ = ["Admission", "proved"]

ALL_THE_SAME = "a resume without that goes on all the same, up to the ceiling"
NOT_BEGUN = "none of them has started"
WHOSE_FAULT = "the harness does what the linter did not foresee"


def proved(bound: Bound | None, args: Any) -> int | None:
    """Return the most agents that a run with these arguments can start; `None` where nothing is proved."""
    most = bound.evaluate(args) if bound is not None else None
    return most if isinstance(most, int) else None


class Admission:
    """Looks at each fan-out of a run before it begins."""

    def __init__(self, budget: Budget, past: Past, bound: Bound | None, args: Any) -> None:
        """Prepare to look at fan-outs.

        Args:
            budget: Knows what it may still spend.
            past: What earlier executions have left.
            bound: What the linter knows of the harness. Without it only branches that are one agent each are counted.
            args: The arguments of the run.
        """
        self._budget = budget
        self._past = past
        self._bound = bound
        self._args = args
        self._proved = proved(bound, args)
        self._called = 0
        self._elective: set[str] = set()
        """The open fan-outs that a quorum may end early."""
        self._uncalled: dict[str, int] = {}
        """By the other open ones, how many of their branches are one agent each that has not been called yet."""
        self._coming = 0
        """All of those together."""
        self._least_tokens, self._least_usd = 0, 0.0
        """What the cheapest agent so far has cost, of those that cost anything; nothing before there is one."""
        for _, answer in past.finished:
            self.finished(answer.spent)

    def called(self, call: CallAgent) -> Pause | None:
        """Count an agent that was called, whoever answers it; return why it must not start, if so."""
        over = self._over_bound(1, "this one is", "it has not started")
        self._called += 1
        fan_out = call.path.rpartition(".")[0]
        if self._uncalled.get(fan_out, 0) > 0:
            self._uncalled[fan_out] -= 1
            self._coming -= 1
        return Pause("width", f"an agent at line {call.line}; {over}") if over else None

    def finished(self, spent: Spent) -> None:
        """Learn what an agent has cost."""
        if not (spent.tokens or spent.usd):
            return
        self._least_tokens = min(spent.tokens or self._least_tokens, self._least_tokens or spent.tokens)
        self._least_usd = min(spent.usd or self._least_usd, self._least_usd or spent.usd)

    def began(self, fan_out: FanOutBegan, scheduler: Scheduler) -> Pause | None:
        """Return why a fan-out must not begin, if so; the scheduler knows what the run may still start."""
        sure = not any(step.fan_out in self._elective for step in steps(fan_out.path))
        pause = self._pause(fan_out, scheduler) if sure else None
        if fan_out.quorum is not None and fan_out.quorum < fan_out.width:
            self._elective.add(fan_out.path)
        elif sure:
            self._uncalled[fan_out.path] = fan_out.agents
            self._coming += fan_out.agents
        return pause

    def ended(self, path: str) -> None:
        """Take note that a fan-out is over."""
        self._elective.discard(path)
        self._coming -= self._uncalled.pop(path, 0)

    def _pause(self, fan_out: FanOutBegan, scheduler: Scheduler) -> Pause | None:
        needed = self._needed(fan_out)
        coming = needed + self._coming
        fresh = max(0, coming - self._past.unasked)
        if over := self._over_backstop(fresh, scheduler) or self._over_bound(coming):
            return Pause("width", f"{_described(fan_out, needed)}; {over}")
        if over := self._over_budget(fresh):
            return Pause("price", f"{_described(fan_out, needed)}; {over}; {ALL_THE_SAME}")
        return None

    def _needed(self, fan_out: FanOutBegan) -> int:
        """Return how many agents a fan-out starts at least if nothing fails: those of its cheapest branches."""
        each = 0
        if self._bound is not None and fan_out.line is not None and not fan_out.chain:
            each = self._bound.least_per_branch(fan_out.line, self._args)
        branches, others = fan_out.quorum or fan_out.width, fan_out.width - fan_out.agents
        if each == 0:
            return max(0, branches - others)
        single = min(branches, fan_out.agents)
        return single + (branches - single) * each

    def _over_backstop(self, fresh: int, scheduler: Scheduler) -> str | None:
        waiting = 0 if self._elective else scheduler.queued
        if waiting + fresh <= scheduler.startable:
            return None
        others = f", and {waiting} wait" if waiting else ""
        most = scheduler.started + waiting + fresh
        return f"the run may start {scheduler.startable}{others}; {NOT_BEGUN}; fix: --max-agents {most} or more"

    def _over_bound(self, coming: int, these: str = "these are", not_begun: str = NOT_BEGUN) -> str | None:
        if self._proved is None or self._called + coming <= self._proved:
            return None
        return (
            f"with the {self._called} called before {these} more than the {self._proved} that were proved and "
            f"approved; {not_begun}; {WHOSE_FAULT}; fix: look at the harness, then go on with it as it is"
        )

    def _over_budget(self, fresh: int) -> str | None:
        if self._budget.on_budget != "pause" or self._past.paused == "price":
            return None
        ceiling, spent, unsettled = self._budget.ceiling, self._budget.spent, self._budget.unsettled
        counts = f" (what is spent counts {unsettled})" if unsettled.requests else ""
        if ceiling.tokens is not None:
            least, left = fresh * self._least_tokens, max(0, ceiling.tokens - spent.tokens)
            if least > left:
                price = f"at the {self._least_tokens:,} tokens of the cheapest so far they take {least:,}"
                fix = f"--budget-tokens {spent.tokens + least} or more"
                return f"{price}, and {left:,} are left{counts}; {NOT_BEGUN}; fix: {fix}"
        if ceiling.usd is not None:
            cost, rest = fresh * self._least_usd, max(0.0, ceiling.usd - spent.usd)
            if cost > rest:
                most = ceil((spent.usd + cost) * 100) / 100
                price = f"at the ${self._least_usd:.4f} of the cheapest so far they cost ${cost:.4f}"
                return f"{price}, and ${rest:.4f} is left{counts}; {NOT_BEGUN}; fix: --budget {most:.2f} or more"
        return None


def _described(fan_out: FanOutBegan, needed: int) -> str:
    parts = "branches" if fan_out.kind == "parallel" else "items"
    where = f"the {fan_out.kind} at line {fan_out.line}" + (f" of {fan_out.chain[-1]}" if fan_out.chain else "")
    return f"{where} has {fan_out.width} {parts} and needs {needed} agents or more"
