"""What each command does to a run that goes on. How it gets here from another terminal is `socket`.

pause       no further agents start, those at work finish, and the process waits for `continue`
pause now   agents at work are ended, and so is the execution; the run is paused, to be resumed
continue    agents start again
stop        as the second Ctrl-C; or only one agent is ended, which is lost
retry       agents at work finish, then the harness is executed again, which asks those again that were lost
budget      another ceiling, for whoever waits for room under it and whoever comes after
limits      how many agents may be at work, of all, of a model, of a profile; none of them is ended
answer      a question of the harness is answered

With `dry_run` each is checked the same way, and said; nothing is done, and nothing recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from math import inf
from typing import Any

from weft.primitives.calls import Question
from weft.primitives.lost import Spent
from weft.runtime.ceiling import Ceiling
from weft.runtime.errors import Refused
from weft.runtime.held import whose_text
from weft.runtime.helping import HostReply, fitting
from weft.runtime.journal import Recorder, RunState
from weft.runtime.journal.callpath import askers
from weft.runtime.journal.events import HostCalled, Steered
from weft.runtime.meant import did_you_mean
from weft.runtime.money.budget import Budget
from weft.runtime.pause import Pause, PauseReason
from weft.runtime.scheduling.desk import Desk
from weft.runtime.scheduling.scheduler import Scheduler
from weft.runtime.steering.socket import (
    AnswerQuestion,
    ChangeBudget,
    ChangeLimits,
    Command,
    ContinueRun,
    PauseRun,
    Receipt,
    RetryRun,
    StopRun,
)

__all__ = ["Steering"]


class Steering:
    """Carries out commands during one execution of a harness. Each is on record before anything comes of it."""

    def __init__(
        self, run: str, state: RunState, scheduler: Scheduler, desk: Desk, budget: Budget, recorder: Recorder
    ) -> None:
        self._run = run
        self._state = state
        self._scheduler = scheduler
        self._desk = desk
        self._budget = budget
        self._recorder = recorder

    def apply(self, command: Command, by: str) -> Receipt:
        """Do what a command says, as `by` tells it.

        Raises:
            RuntimeFailure: that cannot be done; nothing has changed.
            JournalError: it cannot be recorded, so the run must not go on.
        """
        match command:
            case PauseRun(now=True):
                return self._end(command, by, "command", "paused")
            case PauseRun():
                return self._pause(command, by)
            case ContinueRun():
                return self._go_on(command, by)
            case StopRun(agent=None):
                return self._end(command, by, "user", "stopped")
            case StopRun(agent=str(agent)):
                return self._stop(command, by, agent)
            case RetryRun():
                return self._retry(command, by)
            case ChangeBudget():
                return self._change_budget(command, by)
            case ChangeLimits():
                return self._change_limits(command, by)
            case AnswerQuestion():
                return self._answer(command, by)
        raise AssertionError(command)

    def _pause(self, command: PauseRun, by: str) -> Receipt:
        self._check_going_on()
        if self._scheduler.suspended is not None:
            raise Refused(
                f"it is paused already, by {self._scheduler.suspended}", fix=f"weft continue {self._run} lets it go on"
            )
        detail = f"no further agents start; {_agents(self._scheduler.running)} at work may finish"
        changed = {"state": ("running", "paused")}
        return self._carried_out(command, by, detail, changed, lambda: self._scheduler.suspend(_said(command, by)))

    def _go_on(self, command: ContinueRun, by: str) -> Receipt:
        self._check_going_on()
        if self._scheduler.suspended is None:
            raise Refused("it is not paused, so there is nothing to continue")
        self._check_yes(command)
        detail = f"{_agents(self._scheduler.queued)} waiting for a turn"
        return self._carried_out(command, by, detail, {"state": ("paused", "running")}, self._scheduler.go_on)

    def _end(self, command: PauseRun | StopRun, by: str, reason: PauseReason, word: str) -> Receipt:
        detail = f"{_agents(self._scheduler.running)} at work ended, everything finished is kept"
        pause = Pause(reason, f"{word} by {_said(command, by)}")
        changed = {"state": (self._standing, word)}
        return self._carried_out(command, by, detail, changed, lambda: self._scheduler.end(pause))

    def _stop(self, command: StopRun, by: str, reference: str) -> Receipt:
        agent = self._state.find_agent(reference)
        number, name, before = agent.called.id, agent.called.request.name, agent.standing
        if not self._scheduler.has(number):
            raise Refused(
                f"agent {number} {name!r} is {before}: only one that is at work or waits for its turn can be stopped",
                fix=f"weft show {self._run} lists its agents",
            )
        why = f"stopped by a person: {command.reason}" if command.reason else "stopped by a person"
        changed, detail = {"state": (before, "lost")}, f"agent {number} {name!r} is ended"
        return self._carried_out(command, by, detail, changed, lambda: self._scheduler.stop(number, why), agent=number)

    def _retry(self, command: RetryRun, by: str) -> Receipt:
        self._check_going_on()
        lost = len(self._state.lost)
        if not lost:
            raise Refused("no agent has been lost so far, so there is nothing to retry")
        self._check_yes(command)
        lost_below = {asker for agent in self._state.lost for asker in askers(agent.called.path)}
        above = lost_below - {agent.called.id for agent in self._state.lost}
        told = f", with {_agents(len(above))} that had asked" if above else ""
        detail = f"{_agents(lost)} to be asked again{told}; {_agents(self._scheduler.running)} at work may finish first"

        def again() -> None:
            self._scheduler.pause("retry", f"lost agents are asked again, says {_said(command, by)}")
            self._scheduler.go_on()

        return self._carried_out(command, by, detail, {"state": (self._standing, "retrying")}, again)

    def _change_budget(self, command: ChangeBudget, by: str) -> Receipt:
        before = self._budget.ceiling
        after = Ceiling(
            tokens=_moved("tokens", before.tokens, command.tokens, command.add_tokens),
            usd=_moved("usd", before.usd, command.usd, command.add_usd),
        )
        if after == before:
            return self._as_it_was(command, f"the ceiling is {_ceiling(before)} already; nothing has changed")
        self._check_harness(after)
        self._budget.check(after)
        spent, reserved = _amount(self._budget.spent), _amount(self._budget.reserved)
        detail = f"ceiling {_ceiling(before)} → {_ceiling(after)}; {spent} spent, {reserved} reserved"
        ending = self._scheduler.paused
        if ending is not None and ending.reason != "retry":
            detail += f"; all the same this run ends when agents at work have, then weft resume {self._run} goes on"
        changed: dict[str, tuple[Any, Any]] = {}
        if after.usd != before.usd:
            changed["budget_usd"] = (before.usd, after.usd)
        if after.tokens != before.tokens:
            changed["budget_tokens"] = (before.tokens, after.tokens)
        return self._carried_out(command, by, detail, changed, lambda: self._budget.raise_to(after))

    def _check_harness(self, ceiling: Ceiling) -> None:
        """Check that a ceiling is no higher than the harness itself sets it.

        Raises:
            Refused: it is.
        """
        held = self._state.started.held if self._state.started is not None else {}
        wanted = {"budget_usd": ceiling.usd, "budget_tokens": ceiling.tokens}
        over = {name: both for name, both in held.items() if name in wanted and both.harness < (wanted[name] or inf)}
        if over:
            raise Refused(
                f"BUDGET of the harness is lower, and the lower one holds: {'; '.join(whose_text(over))}",
                meaning="the ceiling is as it was, and the run goes on",
                fix=f"a higher BUDGET in a copy of the harness, then weft resume {self._run} --script FILE.py",
            )

    def _change_limits(self, command: ChangeLimits, by: str) -> Receipt:
        caps = self._scheduler.caps
        wanted = {} if command.concurrency is None else {"concurrency": (caps.concurrency, command.concurrency)}
        requests = [agent.called.request for agent in self._state.agents.values()]
        own = () if self._state.started is None else (self._state.started.settings.model,)
        models = {*caps.models, *own, *(request.model for request in requests)}
        profiles = {*caps.profiles, *(request.profile for request in requests if request.profile)}
        changed: dict[str, tuple[Any, Any]] = {
            **wanted,
            **{f"model:{name}": (caps.models.get(name), most) for name, most in command.models.items()},
            **{f"profile:{name}": (caps.profiles.get(name), most) for name, most in command.profiles.items()},
        }
        _check_known("model", command.models, models)
        _check_known("profile", command.profiles, profiles)
        changed = {name: (before, now) for name, (before, now) in changed.items() if before != now}
        if not changed:
            return self._as_it_was(command, "the limits are so already; nothing has changed")
        words = [f"{name} {'any' if before is None else before} → {now}" for name, (before, now) in changed.items()]
        detail = f"{', '.join(words)}; {_agents(self._scheduler.running)} at work, {self._scheduler.queued} waiting"
        retuned = {name: now for name, (_, now) in changed.items()}
        return self._carried_out(command, by, detail, changed, lambda: self._scheduler.retune(retuned))

    def _answer(self, command: AnswerQuestion, by: str) -> Receipt:
        called = self._asked(command.ask)
        question, name = called.request.call, f"question {called.id} {called.request.name!r}"
        assert isinstance(question, Question)
        answer = fitting(question, command.value)
        if answer is None:
            offered = " or ".join(question.choices or ("a text that is not empty",))
            raise Refused(f"{command.value!r} is no answer to {name}", fix=f"weft answer {self._run} VALUE: {offered}")
        reply = HostReply(value=answer, by="command", who=by)
        changed = {"answer": (None, answer)}
        return self._carried_out(command, by, f"{name}: {answer}", changed, lambda: self._desk.answer(called.id, reply))

    def _asked(self, reference: str | None) -> HostCalled:
        """Return the open question with that number, or the only one.

        Raises:
            Refused: there is none, or more than one.
        """
        asked = {str(called.id): called for called in self._desk.questions}
        if reference is None and len(asked) == 1:
            return next(iter(asked.values()))
        if reference in asked:
            return asked[reference]
        named = ", ".join(f"{number} {called.request.name!r}" for number, called in asked.items())
        held = {str(called.id) for called in self._desk.held}
        if reference in held or (held and not asked):
            raise Refused("the question is asked once the run goes on", fix=f"weft continue {self._run}, then answer")
        if not asked:
            raise Refused("no question is open", fix=f"weft show {self._run} shows those that were answered")
        if reference is None:
            raise Refused(f"{len(asked)} questions are open: {named}", fix=f"weft answer {self._run} NUMBER VALUE")
        raise Refused(f"question {reference!r} is not open", fix=f"open is {named}")

    def _check_going_on(self) -> None:
        """Check that agents may still start in this execution.

        Raises:
            Refused: they may not.
        """
        ending = self._scheduler.paused
        if ending is not None:
            raise Refused(
                f"no agent starts any more: {ending.message}", fix=f"weft show {self._run} tells what comes of it"
            )

    def _check_yes(self, command: ContinueRun | RetryRun) -> None:
        """Check that what waits for the yes of a person is let go on by one.

        Raises:
            Refused: a program would.
        """
        if self._scheduler.going_on is not None and not command.approves:
            raise Refused(
                f"it waits for the yes of a person: {self._scheduler.suspended}",
                fix=f"a person lets it go on with weft continue {self._run}",
            )

    @property
    def _standing(self) -> str:
        return "running" if self._scheduler.suspended is None else "paused"

    def _as_it_was(self, command: Command, detail: str) -> Receipt:
        """Return what is told where all is as it is wanted already."""
        dry = command.dry_run
        return Receipt(target=self._run, verb=command.verb, applied=not dry, dry_run=dry, detail=detail)

    def _carried_out(
        self,
        command: Command,
        by: str,
        detail: str,
        changed: dict[str, tuple[Any, Any]],
        act: Callable[[], object],
        *,
        agent: int | None = None,
    ) -> Receipt:
        """Put what was checked on record, and do it; in a dry run, only say what would be done."""
        target, dry = self._run if agent is None else f"{self._run}/{agent}", command.dry_run
        if not dry:
            self._recorder.add(
                Steered(verb=command.verb, detail=detail, changed=changed, reason=command.reason, by=by, agent=agent)
            )
            self._recorder.commit()
            act()
        return Receipt(target=target, verb=command.verb, applied=not dry, changed=changed, dry_run=dry, detail=detail)


def _said(command: Command, by: str) -> str:
    return f"{by}: {command.reason}" if command.reason else by


def _agents(number: int) -> str:
    return f"{number} agent{'s' * (number != 1)}"


def _check_known(kind: str, limits: Mapping[str, int], known: set[str]) -> None:
    """Check that there is what limits are set for.

    Raises:
        Refused: one of them no agent has so far.
    """
    for name in limits:
        if name not in known:
            lists = f"there are {', '.join(sorted(known))}" if known else f"none of them has a {kind}"
            raise Refused(
                f"no agent of this run has had the {kind} {name!r} so far", fix=did_you_mean(name, sorted(known), lists)
            )


def _moved(unit: str, before: Any, absolute: Any, more: Any) -> Any:
    """Return a part of the ceiling as a command wants it.

    Raises:
        Refused: it adds to a ceiling that is not there.
    """
    if more is None:
        return before if absolute is None else absolute
    if before is None:
        name = "dollars" if unit == "usd" else unit
        raise Refused(f"there is no ceiling in {name} to add to", fix=f"--{unit} N sets one")
    return type(before)(Decimal(str(before)) + Decimal(str(more)))  # 0.1 and 0.2 are 0.3


def _ceiling(ceiling: Ceiling) -> str:
    parts = [f"${ceiling.usd:g}"] if ceiling.usd is not None else []
    parts += [f"{ceiling.tokens:,} tokens"] if ceiling.tokens is not None else []
    return " and ".join(parts) or "none"


def _amount(spent: Spent) -> str:
    return f"${spent.usd:.4f} ({spent.tokens:,} tokens)"
