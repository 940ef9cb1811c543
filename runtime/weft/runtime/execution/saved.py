"""Saved harnesses that a harness calls: found, checked, given a slice of the budget, and handed to the child."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from weft.primitives.calls import Allowance
from weft.primitives.language.ceilings import CeilingUnit
from weft.primitives.lost import Lost
from weft.runtime.ceiling import Ceiling
from weft.runtime.errors import Refused, Unapproved
from weft.runtime.execution.allowances import Told, fraction
from weft.runtime.journal import Past, Recorder
from weft.runtime.journal.events import WorkflowCalled, WorkflowLoaded
from weft.runtime.journal.loads import Loaded
from weft.runtime.money.budget import Budget
from weft.runtime.project.harness import Harness, ceilings_of, check_args, parse_harness
from weft.runtime.schemas.fitting import misfit
from weft.runtime.schemas.unfit import told_at_once
from weft.runtime.schemas.validating import UnusableSchema
from weft.runtime.schemas.worker import apart
from weft.sandbox.protocol import CallWorkflow, Result

__all__ = ["SavedHarnesses", "loaded"]

TURN = 0.05
"""Seconds, of real time, after which the rest of the calls waits for the next turn: meanwhile nobody else has one."""


class SavedHarnesses:
    """Answers the calls of saved harnesses in one execution."""

    def __init__(
        self,
        caller: str,
        find: Callable[[str], Harness | None],
        max_depth: int,
        *,
        language: int,
        past: Past,
        budget: Budget,
        recorder: Recorder,
        told: Told,
        holds: bool = True,
    ) -> None:
        """Prepare to hand out saved harnesses.

        Args:
            caller: The name of the harness that is executed, which must not come to call itself.
            find: Returns the saved harness of a name, if there is one.
            max_depth: How deep they may call each other.
            language: The version of the language that the run speaks.
            past: Knows what earlier executions have loaded.
            budget: Gives slices to those that ask for one.
            recorder: Told what was called and loaded.
            told: Knows what the harness is told of the budget.
            holds: Whether one that nobody has approved holds up the run; where an agent asks for it, it is refused.
        """
        self._holds = holds
        self._caller = caller
        self._find = find
        self._max_depth = max_depth
        self._language = language
        self._past = past
        self._budget = budget
        self._recorder = recorder
        self._told = told
        self._waiting: dict[int, tuple[CallWorkflow, Loaded]] = {}
        self._looked_up: dict[int, Harness | Refused | None] = {}
        """What there is to answer to those that wait, by their numbers."""
        self.unapproved: dict[int, str] = {}
        """Which of them nobody has approved, and why they must not begin."""
        self._declared: dict[str, dict[str, Any] | None] = {}
        """The `RESULT` of each that was handed out."""

    def __bool__(self) -> bool:
        """Whether there are calls to answer."""
        return bool(self._waiting)

    def called(self, call: CallWorkflow) -> None:
        """Record a call, to be answered by `load`."""
        called = WorkflowCalled(
            id=call.id,
            path=call.path,
            line=call.line,
            name=call.name,
            args=call.args,
            budget=call.budget,
            slice=call.slice,
            returning=call.returning,
        )
        self._recorder.add(called)
        known = Loaded() if call.returning else self._past.workflow(called)
        self._waiting[call.id] = (call, known)

    async def look_up(self, *, returning: bool) -> None:
        """Find out what there is to answer to calls that wait, to as many as there is time for in a turn.

        Nothing of it is on record yet, since it may take a while, and may be broken off.

        Args:
            returning: Look at those that have ended, not at those that are to begin.
        """
        until = time.monotonic() + TURN
        for call, known in [*self._waiting.values()]:
            if call.returning != returning or call.id in self._looked_up or call.id in self.unapproved:
                continue
            try:
                self._looked_up[call.id] = await self._find_out(call, known)
            except Unapproved as error:
                if self._holds:
                    self.unapproved[call.id] = f"{error.what}: {error.where}"
                else:
                    self._looked_up[call.id] = error
            except Refused as error:
                self._looked_up[call.id] = error
            if time.monotonic() > until:
                break

    async def _find_out(self, call: CallWorkflow, known: Loaded) -> Harness | None:
        if call.returning:
            await self._check_result(call)
            return None
        harness = await self._found(call, self._past.recorded_source(known))
        ceilings_of(harness, self._language)  # or say what is wrong with them
        args = {} if call.args is None else call.args
        if harness.args_schema is None or told_at_once(args, harness.args_schema):
            check_args(harness, args)
        else:
            await apart(check_args, harness, args)
        return harness

    def load(self, *, only_returning: bool) -> list[Result]:
        """Answer the calls of which it is known what there is to answer.

        Args:
            only_returning: Answer only those that have ended, and let none begin.
        """
        results: list[Result] = []
        for call, known in [*self._waiting.values()]:
            if call.id in self._looked_up and (call.returning or not only_returning):
                del self._waiting[call.id]
                results.append(self._load(call, known))
        return results

    def _load(self, call: CallWorkflow, known: Loaded) -> Result:
        source, args, refused = None, {} if call.args is None else call.args, None
        own: Mapping[CeilingUnit, float] = {}
        match self._looked_up.pop(call.id):
            case Refused() as error:
                refused = ": ".join(part for part in (error.what, error.where) if part)
            case Harness() as harness:
                source, args = harness.source, harness.arguments(args, self._language)
                own = ceilings_of(harness, self._language)
                self._declared[call.name] = harness.result_schema
            case None:
                args = None  # the call has it
        allowances = self._told.within(self._open_slice(call, known, own), known.event)
        event = WorkflowLoaded(id=call.id, source=source, args=args, refused=refused, **allowances)
        self._recorder.add(event)
        self._past.follow(event)
        return loaded(call.id, source, args, refused, **allowances)

    def _open_slice(self, call: CallWorkflow, known: Loaded, own: Mapping[CeilingUnit, float]) -> int | None:
        """Open the slice that a call asks for, or its harness itself; return the innermost one that it stands in."""
        if call.budget is None and not own:
            return call.slice
        around = self._told.within(call.slice)
        if known.event is not None and len(known.event.slices) > len(around["slices"]):
            # What it was told then holds, so that it replays.
            ceiling = Ceiling(known.event.slices[-1].tokens, known.event.slices[-1].usd)
        else:
            ceiling = fraction(call.budget or 1.0, [around["allowance"], *around["slices"]][-1])
            tokens = own.get("tokens")
            ceiling = ceiling.lower(Ceiling(None if tokens is None else int(tokens), own.get("usd")))
        self._budget.slices.open(
            call.id,
            f"saved harness {call.name!r}",
            ceiling,
            within=call.slice,
            spent=known.spent,
            unsettled=known.unsettled,
            agents=own.get("agents"),
        )
        return call.id

    async def _found(self, call: CallWorkflow, recorded: str | None) -> Harness:
        chain = (self._caller, *call.chain)
        if call.name in chain:
            raise Refused(f"saved harness {call.name!r} would call itself: {' → '.join([*chain, call.name])}")
        if len(call.chain) >= self._max_depth:
            raise Refused(f"saved harness {call.name!r} would run deeper than {self._max_depth} levels")
        harness = await apart(self._chosen, call.name, recorded)
        if harness is None:
            raise Refused(f"there is no saved harness {call.name!r}")
        return harness

    def _chosen(self, name: str, recorded: str | None) -> Harness | None:
        """Return a saved harness as earlier executions loaded it, or as it is saved now, where that is wanted."""
        now = self._find(name) if recorded is None or self._past.saved == "now" else None
        if now is not None or recorded is None:
            return now
        return parse_harness(recorded, name=name, filename=name)

    async def _check_result(self, call: CallWorkflow) -> None:
        schema = self._declared.get(call.name)
        try:
            problem = None if schema is None else await misfit(call.args, schema)
        except UnusableSchema as unusable:
            problem = str(unusable)
        if problem is not None:
            raise Refused(f"what saved harness {call.name!r} returned does not fit its RESULT: {problem}")


def loaded(
    number: int,
    source: str | None,
    args: Any,
    refused: str | None,
    allowance: Allowance,
    slices: tuple[Allowance, ...],
) -> Result:
    """Return the answer to a call of a saved harness: its source, or why there is none."""
    if refused is not None:
        lost = Lost(cause="crashed", message=refused)
        return Result(id=number, lost=lost, allowance=allowance, slices=slices)
    return Result(id=number, value={"source": source, "args": args}, allowance=allowance, slices=slices)
