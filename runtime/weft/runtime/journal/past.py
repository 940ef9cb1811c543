"""What the executions of a run before the present one have left: answers to use again, and why others are not.

A call is known by its content, and where several have the same by its place; see `AgentRequest.key`, `alike`, `places`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from operator import attrgetter
from typing import Literal

from weft.primitives.calls import OnInterrupt
from weft.primitives.lost import Spent
from weft.runtime.journal.accounts import NONE_UNSETTLED, Accounts, Unsettled
from weft.runtime.journal.alike import Alike
from weft.runtime.journal.callpath import askers
from weft.runtime.journal.events import (
    CALLS,
    Again,
    AgentCalled,
    AgentCancelled,
    AgentFinished,
    AgentLost,
    AgentsStarted,
    Event,
    HostCalled,
    MoneyMoved,
    RunEnded,
    RunStarted,
    ToolBegan,
    WorkflowCalled,
    WorkflowLoaded,
)
from weft.runtime.journal.executions import parts_of
from weft.runtime.journal.known import Known, Standing, Why, changed_fields, counterparts, ending, follow, note_below
from weft.runtime.journal.loads import Drawn, Loaded, Loads
from weft.runtime.journal.places import Places
from weft.runtime.journal.recalled import Recalled, Recollection
from weft.runtime.pause import PauseReason
from weft.runtime.request import AgentRequest
from weft.runtime.settings import LOCAL

__all__ = ["Past", "Saved"]

Saved = Literal["recorded", "now"]
"""As what saved harnesses are executed: as they were loaded before, or as they are saved now."""


class Past:
    """Everything that earlier executions have left."""

    def __init__(
        self,
        events: Iterable[Event] = (),
        *,
        asked: OnInterrupt = "ask",
        saved: Saved = "recorded",
        digest: str | None = None,
        model: str | None = None,
        again: Again = "missing",
    ) -> None:
        """Index the events of earlier executions.

        Args:
            events: The journal up to now.
            asked: See the attribute; `ask` for nothing yet.
            saved: See the attribute.
            digest: That of the harness that is executed now; as before without one.
            model: Who is asked now, where the harness names no model; as before without one.
            again: Whether those whom another model has answered are asked again.
        """
        self.asked: OnInterrupt = asked
        """What a person has decided about calls with `on_interrupt="ask"`."""
        self.saved: Saved = saved
        """As what saved harnesses are executed that were loaded before."""
        self.used: list[Known] = []
        """Finished calls whose answers are used again, in the order in which this execution asked for them."""
        self.decided: list[AgentCalled | HostCalled] = []
        """Calls that had started, and say that a person must decide whether to make them again."""
        self.paid: list[tuple[AgentRequest, Spent]] = []
        """What each agent has cost, however it ended; of one that was killed, the most that it can have cost."""
        self.unsettled = NONE_UNSETTLED
        """What requests can have cost at most that were in flight when the run was killed."""
        self.agents_started = 0
        """How many agents all executions have started."""
        self.paused: PauseReason | None = None
        """Why the latest execution was paused, if it was."""
        self.local: str | None = None
        """The exact name of the model of this machine that answered last where it was asked for as `local`."""
        self.first_spent: Spent | None = None
        """What had been spent when the first execution began."""
        self._answers: list[Known] = []
        """All that was answered, each once, where it stood last."""
        self._open: list[Known] = []
        """Calls that have no answer."""
        self._settled: Counter[Identity] = Counter()
        """How often an agent was asked in each place, and something came of it: an answer, or a loss."""
        self._loads = Loads()
        self._recollection = Recollection()
        self._begin(list(events), digest, model, again)

    def _begin(self, events: list[Event], digest: str | None, model: str | None, again: Again) -> None:
        """Read what was, and get ready for what this execution asks."""
        began = [event for event in events if isinstance(event, RunStarted)]
        models = {event.settings.model for event in began}
        self._model = model or (began[-1].settings.model if began else "")
        self._several = len(models | {self._model}) > 1
        first = 0
        for part in parts_of(events):
            self._add_up(part, self._read(part, first))
            first += len(part)
        if again == "all":
            self._forget_models()
        self._open += [known for known in self._answers if self._rests_on_loss(known)]
        self._answers = [known for known in self._answers if not self._rests_on_loss(known)]
        self._answered = sum(not askers(known.called.path) for known in self._answers)
        self._asked = 0
        self._alike, self._unanswered = Alike(self._answers), Alike(self._open)
        self._places = Places(digest or (began[-1].digest if began else ""))
        self._loads.begin()
        self._standings: dict[int, Standing[AgentCalled]] = {}
        """The calls of this execution, by their numbers, as far as there is anything to compare them with."""
        self._before: dict[int, Known] = {}
        """By the number of a call that has no answer, the same one of an earlier execution."""
        self._identities: dict[int, str] = {}
        self._given: set[str] = set()
        """These by themselves."""
        self._there: dict[str, list[Known]] = defaultdict(list)
        """What stood in each place, by its name and by its call path."""
        for known in (*self._answers, *self._open):
            for where in {known.place, known.called.path}:
                self._there[where].append(known)

    # ------------------------------------------------------------------------------------------ reading

    def _read(self, part: Sequence[Event], first: int) -> dict[int, Known]:
        """Take in one execution, of which the first event has the number `first`; return its calls by their numbers."""
        calls: dict[int, Known] = {}
        made, started = 0, part[0]
        assert isinstance(started, RunStarted)
        places = Places(started.digest)
        self.first_spent = started.spent if self.first_spent is None else self.first_spent
        if started.again == "all":
            self._forget_models()
        for order, event in enumerate(part, first):
            made += isinstance(event, CALLS) and not askers(event.path)
            places.follow(event)
            self._recollection.read(event, places, order, made)
            match event:
                case AgentCalled(request=request):
                    keys = self._keys(event, started.settings.model)
                    calls[event.id] = Known(event, places.of(event.path), keys, request)
                case AgentFinished(id=number):
                    known = calls[number]
                    known.order, known.calls, known.finished = order, made, event
                case AgentsStarted(ids=numbers):
                    self.agents_started += len(numbers)
                    for number in numbers:
                        calls[number].begin()
                case RunEnded():
                    self.paused = event.pause
                    for known in calls.values():
                        known.run_ended = ending(event)
                case _:
                    follow(event, calls)
        note_below(calls)
        self._take_in(list(calls.values()))
        self._recollection.next_execution()
        return calls

    def _take_in(self, calls: list[Known]) -> None:
        """Let the calls of one more execution stand for those that they were."""
        left, of_others = self._used_again([known for known in calls if known.reused])
        # Who never got a turn because there was an answer is nothing new.
        waiting = [known for known in calls if not (known.begun or known.reused)]
        served = Alike(left).match(waiting) if waiting else {}
        for known in served.values():
            known.taken = False
        others = [known for known in calls if not known.reused and known.called.id not in served]
        resting = [known for known in left if known.again_below]
        before = Alike([*self._open, *resting]).match(others)
        for known in others:
            if known.called.id in before:
                known.follow(before[known.called.id])
        self._open = [known for known in self._open if not known.taken]
        self._answers = [known for known in self._answers if not known.taken]
        self._open += [known for known in others if known.finished is None]
        for known in (*of_others, *others):
            self._settle(known)

    def _rests_on_loss(self, known: Known) -> bool:
        """Whether an agent is asked again that has answered: not where its effects are not to be repeated."""
        wanted = known.called.request.on_interrupt
        asked = self.asked if known.to_decide(wanted) else wanted
        return bool(known.again_below) and asked != "skip"

    def _settle(self, known: Known) -> None:
        """Count what came of an agent that was asked."""
        if known.finished is not None:
            self._answers.append(known)
            if known.asked.model == LOCAL and known.finished.answered_by is not None:
                self.local = known.finished.answered_by
        if known.finished is not None or (known.begun and known.lost is not None):
            self._settled[_identity(known.called)] += 1

    def _used_again(self, again: list[Known]) -> tuple[list[Known], list[Known]]:
        """Let answers that were used again stand where they stand now; return the others, and those of other runs."""
        here = {(key, known.spot): known for known in self._answers if again for key in known.keys}
        there: dict[str, list[Known]] = defaultdict(list)
        for known in self._answers if again else ():
            for key in known.keys:
                there[key].append(known)
        moved: set[int] = set()
        of_others: list[Known] = []
        for now in again:
            stood = (here[key, now.spot] for key in now.keys if (key, now.spot) in here)
            candidates = chain(stood, (known for key in now.keys for known in there[key]))
            then = next((one for one in candidates if id(one) not in moved and _same_answer(one, now)), None)
            if then is None:
                of_others.append(now)
                continue
            then.called, then.place, then.finished = now.called, now.place, now.finished
            then.order, then.calls = now.order, now.calls
            moved.add(id(then))
        return [known for known in self._answers if id(known) not in moved], of_others

    def _keys(self, called: AgentCalled, model: str) -> tuple[str, ...]:
        """Return by what an answer to this call is found, where `model` is asked by all that name none."""
        if not self._several or called.request.model != model:
            return (called.key,)
        return (called.key, replace(called.request, model="").key())

    def _forget_models(self) -> None:
        """Find what was answered so far by the model that answered it alone."""
        for known in (*self._answers, *self._open):
            known.keys = known.keys[:1]

    def _add_up(self, part: Sequence[Event], agents: dict[int, Known]) -> None:
        """Learn how saved harnesses were loaded, what agents have cost, and on whose slices that was drawn."""
        loads: dict[int, Loaded] = {}
        assert isinstance(part[0], RunStarted)
        places, accounts = Places(part[0].digest), Accounts()
        self._loads.begin()
        for event in part:
            places.follow(event)
            match event:
                case AgentCalled(id=number, slice=slice_):
                    agents[number].below.around = _slice(slice_, agents, loads)
                case WorkflowCalled(returning=False):
                    load = loads[event.id] = self._loads.claim(event, places.of(event.path))
                    load.around = _slice(event.slice, agents, loads)
                case WorkflowLoaded(id=number, source=source) if source is not None:
                    self._loads.loaded(loads[number], event)
                case MoneyMoved():
                    accounts.moved(event)
                case ToolBegan(id=number) if number in agents:
                    accounts.began(event)
                case AgentFinished(id=number, spent=spent, reused=False) | AgentCancelled(id=number, spent=spent):
                    accounts.ended(number)
                    self._pay(agents[number], spent)
                case AgentLost(id=number, lost=lost):
                    accounts.ended(number)
                    self._pay(agents[number], lost.spent)
                case _:
                    pass
            if isinstance(event, AgentFinished | AgentLost) and event.slices:
                drawn = agents[event.id].below.around
                assert drawn is not None
                drawn.limit = drawn.limit or event.slices[-1]
        killed = not any(isinstance(event, RunEnded) for event in part)
        self._write_off(accounts, agents, killed=killed)

    def _write_off(self, accounts: Accounts, agents: dict[int, Known], *, killed: bool) -> None:
        """Count what agents can have cost that never came to an end; of a run that was killed, nobody knows better."""
        for number, account in accounts.written_off().items():
            unsettled = account.unsettled if killed else NONE_UNSETTLED
            self.unsettled += unsettled
            self._pay(agents[number], account.most, unsettled)

    def _pay(self, known: Known, spent: Spent, unsettled: Unsettled = NONE_UNSETTLED) -> None:
        self.paid.append((known.called.request, spent))
        slice_ = known.below.around
        while slice_ is not None:
            slice_.spent += spent
            slice_.unsettled += unsettled
            slice_ = slice_.around

    # ------------------------------------------------------------------------------------------ this execution

    def follow(self, event: Event) -> None:
        """Take note of where something happens in this execution."""
        self._places.follow(event)

    def workflow(self, called: WorkflowCalled) -> Loaded:
        """Return the saved harness as earlier executions loaded it; to be asked once for each call, as it is made."""
        self._places.follow(called)
        return self._loads.claim(called, self._places.of(called.path))

    def recorded_source(self, load: Loaded) -> str | None:
        """Return as what a saved harness was loaded by earlier executions; the same call of it, else any."""
        sources = self.sources.get(load.name)
        return load.source or (sources[-1] if sources else None)

    @property
    def sources(self) -> dict[str, tuple[str, ...]]:
        """As what each saved harness was loaded, the latest last."""
        return self._loads.sources

    def host_answers(self, calls: Sequence[HostCalled]) -> dict[int, Recalled]:
        """Return, by their numbers, the answered ones that these calls of the host are which were made together."""
        return self._recollection.answers(calls, self._places)

    def host_on_interrupt(self, called: HostCalled) -> OnInterrupt:
        """Return what to do with a call of the host that has no answer to use again, as `on_interrupt` does."""
        if not self._recollection.interrupted(called):
            return "rerun"
        self.decided.append(called)
        return self.asked

    def answers(self, calls: Sequence[AgentCalled]) -> list[Known | None]:
        """Return for each of these calls, made together, the finished one that it is, if there is one left."""
        if not (self._answers or self._open):
            return [None] * len(calls)
        now = [Standing(called, self._places.of(called.path), self._keys(called, self._model)) for called in calls]
        self._standings |= {call.called.id: call for call in now}
        found = self._alike.match(now, from_the_end=self._unanswered.in_place)
        self._before |= self._unanswered.match([call for call in now if call.called.id not in found])
        for call in now:
            known = found.get(call.called.id)
            if known is not None:
                known.moved = known.spot != call.spot and _identity(known.called) != _identity(call.called)
                known.other_model = None if known.asked.model == call.called.request.model else known.asked.model
                self.used.append(known)
                self._asked += not askers(known.called.path)
        return [found.get(called.id) for called in calls]

    def identity(self, called: AgentCalled) -> str:
        """Return what tells an asking of this call from every other one of the run.

        One that was lost is asked anew; one that was interrupted may find its answer at the provider.
        """
        if called.id not in self._identities:
            before = self._before.get(called.id)
            path, key, occurrence = spot = _identity(called if before is None else before.called)
            identity = f"{path}:{key}:{occurrence}:{self._settled[spot]}"
            if identity in self._given:  # by one that stands elsewhere now
                identity += f":{called.id}"
            self._given.add(identity)
            self._identities[called.id] = identity
        return self._identities[called.id]

    def on_interrupt(self, called: AgentCalled, wanted: OnInterrupt) -> OnInterrupt:
        """Return what to do with a call that has no answer to use again.

        Where it has begun what only a person may repeat, it is not simply made again, whatever the harness wants.
        """
        known = self._before.get(called.id)
        if known is None or not known.started or known.lost:
            return "rerun"
        if known.to_decide(wanted):
            self.decided.append(called)
            return self.asked
        return wanted

    def drawn(self, called: AgentCalled) -> Drawn:
        """Return what those below an agent have drawn on its slice of the budget, as often as it was asked before."""
        known = self._before.get(called.id)
        return Drawn() if known is None else known.below

    def acted(self, called: AgentCalled) -> tuple[str, ...]:
        """Return what an earlier attempt of an agent did to the world before it was interrupted, a line for each."""
        known = self._before.get(called.id)
        return () if known is None else known.acted

    def why(self, called: AgentCalled) -> Why:
        """Return why a call has no answer to use again."""
        return self.whys([called])[0]

    def whys(self, calls: Sequence[AgentCalled]) -> list[Why]:
        """Return why each of these calls has no answer to use again; no two of them take the place of the same one."""
        left = [self._standings.get(called.id) for called in calls if called.id not in self._before]
        others = [call for call in left if call is not None]
        around = [where for call in others for where in (call.place, call.called.path)]
        there = [known for where in dict.fromkeys(around) for known in self._there[where] if not known.taken]
        free = {id(known.called): known for known in there}
        places = {id(call.called): call.place for call in (*free.values(), *others)}
        before = counterparts(
            [known.called for known in free.values()],
            [call.called for call in others],
            lambda called: places[id(called)],
            attrgetter("path"),
        )
        known_of = {number: free[id(old)] for number, old in before.items()}
        return [self._why(called, known_of.get(called.id)) for called in calls]

    def _why(self, called: AgentCalled, before: Known | None) -> Why:
        same = self._before.get(called.id)
        if same is not None:
            return Why(same.reason, same)
        if before is None:
            return Why("new")
        return Why("changed", before, changed_fields(before.asked, called.request))

    @property
    def finished(self) -> list[tuple[AgentRequest, AgentFinished]]:
        """All finished calls, with what was asked and what came of it."""
        known = (*self._answers, *self._open)
        return [(one.asked, one.finished) for one in known if one.finished is not None]

    @property
    def unasked(self) -> int:
        """How many finished calls of the harness are left whose answers were not used again so far."""
        return self._answered - self._asked

    def unused(self) -> list[Known]:
        """Return the finished calls whose answers were not used again so far."""
        return [known for known in self._answers if not known.taken]


Identity = tuple[str, str, int]


def _identity(called: AgentCalled) -> Identity:
    return called.path, called.key, called.occurrence


def _slice(slice_: int | None, agents: dict[int, Known], loads: dict[int, Loaded]) -> Drawn | None:
    """Return the slice that the call of this number has opened, an agent's or a saved harness's."""
    if slice_ is None:
        return None
    return agents[slice_].below if slice_ in agents else loads[slice_]


def _same_answer(one: Known, other: Known) -> bool:
    here, there = one.finished, other.finished
    assert here is not None and there is not None
    return (here.value, here.spent, here.attempts, here.transcript) == (
        there.value,
        there.spent,
        there.attempts,
        there.transcript,
    )
