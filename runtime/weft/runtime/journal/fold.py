"""Events folded into the state of a run: the one source of what the terminal, JSON and reports show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from weft.primitives.lost import NOTHING_SPENT, Spent
from weft.runtime.errors import JournalError, NotFound
from weft.runtime.journal.accounts import NONE_UNSETTLED, Accounts, Unsettled
from weft.runtime.journal.acted import Acted
from weft.runtime.journal.agentstate import AgentState, Phase, Standing
from weft.runtime.journal.callpath import Homes, owner
from weft.runtime.journal.events import (
    AgentAsksAgain,
    AgentCalled,
    AgentCancelled,
    AgentFinished,
    AgentGoesOn,
    AgentLost,
    AgentsStarted,
    AgentWaits,
    BranchRaised,
    Event,
    FactRemembered,
    FanOutBegan,
    FanOutEnded,
    FindingReported,
    Health,
    HostAnswered,
    HostCalled,
    HostCancelled,
    Logged,
    LoopEnded,
    MoneyMoved,
    Outcome,
    PhaseBegan,
    RunEnded,
    RunStarted,
    SandboxReady,
    Steered,
    ToolBegan,
    ToolEnded,
    UnderstandingReported,
    WorkflowCalled,
)
from weft.runtime.journal.hoststate import HostCalls
from weft.runtime.journal.loops import Loops, Place, take_in
from weft.runtime.journal.returned import Return
from weft.runtime.journal.understanding import Understanding, added_up, together
from weft.runtime.journal.understanding import take_in as take_in_understood
from weft.runtime.meant import did_you_mean
from weft.runtime.understood import Understood

__all__ = ["FanOutState", "RunState", "fold"]

MOST_DIGITS = 9
"""How many digits the number of an agent may have."""


@dataclass(slots=True)
class FanOutState:
    """What is known of one fan-out."""

    began: FanOutBegan
    ended: FanOutEnded | None = None
    raised: dict[int, BranchRaised] = field(default_factory=dict)
    """By their numbers, the branches that raised an error."""


@dataclass(slots=True)
class RunState:
    """What is known of a run; grows with each event. Of a run that was resumed: what is known of its latest execution.

    What was spent and how long it took count from the first execution on, and the best that it returned stays.
    """

    started: RunStarted | None = None
    execution: int = 0
    """Which execution is the latest, from 1."""
    kept: Return | None = None
    """The best that the executions before it returned."""
    ended: RunEnded | None = None
    walls: tuple[str, ...] | None = None
    """What confines the harness; unknown before it has started."""
    phases: dict[Phase, None] = field(default_factory=dict)
    """In order of first appearance, those of saved harnesses among them."""
    homes: Homes = field(default_factory=Homes)
    """Which calls are those of saved harnesses."""
    agents: dict[int, AgentState] = field(default_factory=dict)
    host_calls: HostCalls = field(default_factory=HostCalls)
    logs: list[tuple[float, str]] = field(default_factory=list)
    findings: list[Any] = field(default_factory=list)
    understood: list[Understood] = field(default_factory=list)
    """What the harness itself has said of how much it understood; what agents say stands with their answers."""
    heard: dict[str, Understanding] = field(default_factory=dict)
    """What its agents say of that, by kinds of things, added up in the order in which they ended."""
    hurt: bool = False
    """Whether anything was lost or cut off so far."""
    loops: dict[Place, Loops] = field(default_factory=dict)
    """How loops have ended, by place and way, in the order in which the first of each did."""
    fan_outs: dict[str, FanOutState] = field(default_factory=dict)
    """By their call paths, in the order in which they began."""
    latest_fan_out: dict[str, FanOutState] = field(default_factory=dict)
    """The fan-out that began last on each call path; a task is in one at a time."""
    raised: list[BranchRaised] = field(default_factory=list)
    steered: list[tuple[float, Steered]] = field(default_factory=list)
    """What people have told the run from other terminals, from the first execution on."""
    limits: dict[str, int] = field(default_factory=dict)
    """How many agents of a `model:NAME` or `profile:NAME` may be at work, where people have said so on the way."""
    suspended: Steered | None = None
    """The command that holds it, which no other has let go on since."""
    facts: dict[str, FactRemembered] = field(default_factory=dict)
    """What its agents have told each other, by key, from the first execution on."""
    remembered: dict[str, int] = field(default_factory=dict)
    """The version of a fact that each of their calls has set."""
    spent: Spent = NOTHING_SPENT
    """What counts against the ceiling."""
    unsettled: Unsettled = NONE_UNSETTLED
    """What of that is the most that requests can have cost whose end nobody knows."""
    accounts: Accounts = field(default_factory=Accounts)
    """Of agents at work."""
    at: float = 0.0
    """Time of the latest event."""
    events: int = 0
    """How many events of the execution were taken in."""
    began_at: float = 0.0
    """Time at which the execution began."""
    killed: bool = False
    """Nobody executes it, and it could not say how it ended. No event tells; whoever looks at the run's folder does."""
    worked_s: float = 0.0
    """Seconds that the executions before took."""

    def apply(self, at: float, event: Event) -> None:
        """Take in one more event."""
        self.at = at
        self.events += 1
        match event:
            # First, since most events are of agents.
            case AgentCalled():
                around, asked = self.homes.names(event.path), event.request
                self.agents[asked.id] = AgentState(event, self._phase(asked.phase, around), around, queued_at=at)
            case AgentFinished() | AgentLost() | AgentCancelled():
                self._end(at, event)
            case AgentsStarted() | AgentWaits() | AgentAsksAgain() | AgentGoesOn() | ToolBegan() | ToolEnded():
                self._go_on(at, event)
            case RunStarted():
                self._begin(at, event)
            case SandboxReady(walls=walls):
                self.walls = walls
            case PhaseBegan(title=title, path=path):
                self.phases.setdefault(Phase(title, self.homes.names(path)))
            case Logged() | FindingReported() | UnderstandingReported() | FactRemembered():
                self._say(at, event)
            case HostCalled() | HostAnswered() | HostCancelled():
                self.host_calls.apply(at, event)
                self.hurt |= self.host_calls.failures > 0
            case FanOutBegan() | FanOutEnded() | BranchRaised() | WorkflowCalled() | LoopEnded():
                self._apply_to_tree(event)
            case Steered():
                self._steer(at, event)
            case MoneyMoved() | RunEnded():
                self._settle(event)
            case _:  # it tells of the moment, or of what `analysis` adds up
                pass

    def _end(self, at: float, event: AgentFinished | AgentLost | AgentCancelled) -> None:
        agent = self.agents[event.id]
        self.accounts.ended(event.id)
        agent.ended_at, agent.by_model, agent.trail = at, event.by_model, event.trail
        if not isinstance(event, AgentCancelled):
            agent.waits, agent.transcript, agent.touched = None, event.transcript, event.touched
        match event:
            case AgentFinished():
                agent.standing, agent.finished, agent.spent = "done", event, event.spent
                if event.understood is not None:
                    take_in_understood(self.heard, event.understood, agent.called.request.name)
            case AgentLost():
                self.hurt = True
                agent.standing, agent.lost, agent.spent = "lost", event.lost, event.lost.spent
            case AgentCancelled():
                agent.standing, agent.spent = "cancelled", event.spent
        if not agent.reused:  # else it was paid for in the execution that it comes from
            self.spent += agent.spent

    def _go_on(
        self, at: float, event: AgentsStarted | AgentWaits | AgentAsksAgain | AgentGoesOn | ToolBegan | ToolEnded
    ) -> None:
        match event:
            case AgentsStarted(ids=numbers):
                for number in numbers:
                    self.agents[number].standing, self.agents[number].started_at = "running", at
            case AgentWaits(id=number):
                self.agents[number].standing, self.agents[number].waits = "waiting", event
                self.agents[number].waits_at = at
            case AgentAsksAgain(id=number):
                self.agents[number].waits, self.agents[number].waits_at = event, at
            case AgentGoesOn(id=number):
                self.agents[number].standing, self.agents[number].waits = "running", None
            case ToolBegan(id=number) if number in self.agents:  # else it is a call of the harness itself
                self.agents[number].acts[event.number] = Acted(event)
                self.accounts.began(event)
            case ToolEnded(id=number) if number in self.agents:
                self.agents[number].acts[event.number].ended = event

    def _settle(self, event: MoneyMoved | RunEnded) -> None:
        match event:
            case MoneyMoved():
                self.accounts.moved(event)
            case RunEnded():
                self.ended, self.spent, self.accounts = event, event.spent, Accounts()

    def _phase(self, title: str | None, around: tuple[str, ...]) -> Phase:
        """Return the phase that an agent is in: of the innermost harness around it that has begun one of that title."""
        outwards = [Phase(title, around[:depth]) for depth in range(len(around), -1, -1)]
        phase = next((phase for phase in outwards if phase in self.phases), outwards[0])
        self.phases.setdefault(phase)
        return phase

    def _say(self, at: float, event: Logged | FindingReported | UnderstandingReported | FactRemembered) -> None:
        match event:
            case Logged(message=message):
                self.logs.append((at, message))
            case FactRemembered(key=key, version=version, call=call):
                self.remembered[call] = version
                if key not in self.facts or self.facts[key].version < version:  # in a shared store others may be faster
                    self.facts[key] = event
            case FindingReported(data=data):
                self.findings.append(data)
            case UnderstandingReported(understood=understood):
                self.understood.append(understood)

    def _apply_to_tree(self, event: FanOutBegan | FanOutEnded | BranchRaised | WorkflowCalled | LoopEnded) -> None:
        match event:
            case WorkflowCalled(path=path, name=name):
                self.homes.workflow_called(path, name)
            case FanOutBegan(path=path):
                self.homes.fan_out_began(path)
                self.fan_outs[path] = self.latest_fan_out[owner(path)] = FanOutState(event)
            case FanOutEnded(path=path, lost=lost):
                self.fan_outs[path].ended = event
                # What a branch failed with is the harness's to say, and that it failed is not.
                self.hurt |= bool(lost)
            case BranchRaised():
                self._raise(event)
            case LoopEnded(path=path):
                self.hurt |= take_in(self.loops, event, next(reversed(self.homes.names(path)), None)).cut_off

    def _raise(self, event: BranchRaised) -> None:
        self.raised.append(event)
        self.hurt = True
        latest = self.latest_fan_out.get(event.path)
        if latest is not None and latest.ended is None:
            latest.raised[event.index] = event

    def _steer(self, at: float, event: Steered) -> None:
        self.steered.append((at, event))
        if event.verb in ("pause", "continue"):
            self.suspended = event if event.verb == "pause" else None
        elif event.verb == "limits" and self.started is not None:
            told = {name: now for name, (_, now) in event.changed.items()}
            most = told.pop("concurrency", self.started.settings.concurrency)
            self.started = replace(self.started, settings=replace(self.started.settings, concurrency=most))
            self.limits |= told
        elif event.verb == "budget" and self.started is not None:
            after: dict[str, Any] = {name: now for name, (_, now) in event.changed.items()}
            held = {
                name: replace(both, person=after.get(name, both.person)) for name, both in self.started.held.items()
            }
            self.started = replace(self.started, settings=replace(self.started.settings, **after), held=held)

    def write_off(self) -> None:
        """Take note that nobody executes it, so that nobody will say any more what came of requests in flight.

        From here on each counts as spent, at the most that it can have cost.
        """
        for number, account in self.accounts.written_off().items():
            agent = self.agents[number]
            agent.spent = account.most
            agent.by_model = {model or agent.model: spent for model, spent in account.by_model.items()}
            self.spent += account.most
            self.unsettled += account.unsettled

    def _begin(self, at: float, event: RunStarted) -> None:
        self.write_off()
        fresh = RunState(
            started=event,
            execution=self.execution + 1,
            kept=self.best,
            steered=self.steered,
            limits=self.limits,
            facts=self.facts,
            remembered=self.remembered,
            spent=event.spent,
            unsettled=self.unsettled,
            at=at,
            began_at=at,
            worked_s=self.wall_s,
        )
        for part in fields(fresh):
            setattr(self, part.name, getattr(fresh, part.name))

    @property
    def returned(self) -> Return | None:
        """What the harness returned in this execution, if it came to that."""
        if self.ended is None or (self.ended.outcome != "completed" and self.ended.result is None):
            return None
        return Return(
            execution=self.execution,
            digest=self.started.digest if self.started else "",
            outcome=self.ended.outcome,
            health=self.health,
            value=self.ended.result,
            done=self.count("done"),
            lost=len(self.lost) + len(self.host_calls.lost) + len(self.raised),
        )

    @property
    def best(self) -> Return | None:
        """The best that the harness has returned in any execution."""
        returned = self.returned
        return self.kept if returned is None else returned.better(self.kept)

    @property
    def others(self) -> list[Return]:
        """What else the harness has returned, that is known of: in this execution, or the best of those before."""
        found = [one for one in (self.kept, self.returned) if one is not None and one != self.best]
        return [one for one in found if self.best is not None and one.value != self.best.value]

    @property
    def wall_s(self) -> float:
        """How long it has taken so far, in seconds on the run's clock."""
        return self.worked_s + (self.ended.wall_s if self.ended else self.at - self.began_at)

    def count(self, *standings: Standing) -> int:
        """Return how many agents stand like that."""
        return sum(agent.standing in standings for agent in self.agents.values())

    @property
    def started_agents(self) -> int:
        """How many agents got a turn."""
        return sum(agent.started_at is not None for agent in self.agents.values())

    @property
    def reused_agents(self) -> int:
        """How many agents' answers are those of earlier executions."""
        return sum(agent.reused for agent in self.agents.values())

    @property
    def models(self) -> Counter[str]:
        """How many agents each model has answered."""
        return Counter(agent.model for agent in self.agents.values() if agent.finished is not None)

    @property
    def lost(self) -> list[AgentState]:
        """The agents that were lost, in the order of their calls."""
        return [agent for agent in self.agents.values() if agent.lost is not None]

    @property
    def understanding(self) -> list[Understanding]:
        """How much of each kind of thing was understood, by what the harness and its agents say."""
        agents = ((agent.called.request.name, agent.understood) for agent in self.agents.values())
        return added_up(self.understood, [(name, said) for name, said in agents if said is not None])

    def find_agent(self, reference: str) -> AgentState:
        """Return the agent with that number or label; of several with one label, the first.

        Raises:
            NotFound: there is none.
        """
        # Longer ones are no numbers of agents, and the longest none that Python reads.
        digits = reference.isascii() and reference.isdigit() and len(reference) <= MOST_DIGITS
        by_label = (agent for agent in self.agents.values() if agent.called.request.name == reference)
        found = (self.agents.get(int(reference)) if digits else None) or next(by_label, None)
        if found is None:
            run = self.started.run if self.started else "this run"
            labels = [agent.called.request.name for agent in self.agents.values()]
            fix = did_you_mean(reference, labels, f"weft show {run} lists them")
            raise NotFound(f"there is no agent {reference!r} in {run}", fix=fix)
        return found

    @property
    def outcome(self) -> Outcome | Literal["running", "killed"]:
        """How it ended, if it did."""
        if self.ended:
            return self.ended.outcome
        return "killed" if self.killed else "running"

    @property
    def health(self) -> Health:
        """`degraded` as soon as anything was lost, cut off or not understood, or the run ended before the harness."""
        whole = self.outcome in ("completed", "running") and not self.hurt
        return "clean" if whole and all(one.whole for one in together(self.understood, self.heard)) else "degraded"


def fold(events: Iterable[tuple[float, Event]], onto: RunState | None = None) -> RunState:
    """Return the state after these events; where one is given to go on with, that one.

    Raises:
        JournalError: they contradict each other.
    """
    state = RunState() if onto is None else onto
    try:
        for at, event in events:
            state.apply(at, event)
    except KeyError as error:
        what = f"the journal contradicts itself: agent or fan-out {error} was never called"
        raise JournalError(what, meaning="nothing in it is guessed at; other runs are not affected") from None
    return state
