"""Every event a run remembers. What is shown anywhere, live or later, is a fold of these and nothing else.

The completions among them (`AgentFinished`, `AgentLost`, `HostAnswered`, `WorkflowLoaded`) are also the record of what
was delivered to the harness, and in which order: each is durable before the harness sees it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from weft.primitives.calls import UNLIMITED, Allowance, FanOutKind
from weft.primitives.lost import NOTHING_SPENT, Lost, Spent
from weft.primitives.rounds import LoopEnd, LoopHelper
from weft.runtime.change import Base, Kept
from weft.runtime.held import Held
from weft.runtime.journal.acted import ToolBegan, ToolEnded
from weft.runtime.journal.facts import FactRemembered
from weft.runtime.journal.helped import RoundBegan, VerdictReached
from weft.runtime.journal.hosted import HostAnswered, HostCalled, HostCancelled
from weft.runtime.journal.moved import MoneyMoved, Reserved, Settled
from weft.runtime.journal.told import Interrupted, Steered, Verb
from weft.runtime.journal.waited import AgentAsksAgain, AgentGoesOn, AgentQuiet, AgentWaits
from weft.runtime.pause import PauseReason
from weft.runtime.request import AgentRequest
from weft.runtime.settings import Settings
from weft.runtime.trail import NO_TRAIL, Trail
from weft.runtime.understood import Understood
from weft.sandbox.protocol import WALLS

__all__ = [
    "CALLS",
    "COMPLETIONS",
    "Again",
    "AgentAsksAgain",
    "AgentCalled",
    "AgentCancelled",
    "AgentFinished",
    "AgentGoesOn",
    "AgentLost",
    "AgentQuiet",
    "AgentWaits",
    "AgentsStarted",
    "BranchRaised",
    "Completion",
    "Event",
    "FactRemembered",
    "FanOutBegan",
    "FanOutEnded",
    "FindingReported",
    "Health",
    "HostAnswered",
    "HostCalled",
    "HostCancelled",
    "Interrupted",
    "Logged",
    "LoopEnded",
    "MoneyMoved",
    "Outcome",
    "PhaseBegan",
    "Problem",
    "Reserved",
    "RoundBegan",
    "RunEnded",
    "RunStarted",
    "SandboxReady",
    "Settled",
    "Steered",
    "ToolBegan",
    "ToolEnded",
    "UnderstandingReported",
    "Verb",
    "VerdictReached",
    "WorkflowCalled",
    "WorkflowLoaded",
]

Outcome = Literal["completed", "error", "paused"]
"""How a run ended. `completed` says that `main` returned, not that nothing was lost: that is `health`."""

Health = Literal["clean", "degraded"]

Again = Literal["missing", "all"]
"""Who is asked where another model is named than has answered so far: those without an answer, or all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong with the run itself."""

    type: str
    message: str
    line: int | None = None
    """The line of the harness."""
    code: tuple[str, ...] = ()
    """The source up to that line, which is the last of these."""
    trace: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """An execution begins: the first event of every journal, and once more for each time the run is resumed."""

    type: ClassVar[str] = "run_started"
    run: str
    name: str
    """What the harness is called."""
    task: str
    digest: str
    """SHA-256 of the harness."""
    args: Any
    now: str
    """Wall-clock start, ISO 8601; what `now()` gives."""
    settings: Settings
    spent: Spent = NOTHING_SPENT
    """What was spent before: on writing the harness, and in the executions before this one."""
    source: str = ""
    """The harness."""
    file: str = ""
    """The file that it was read from, as people would name it."""
    owner: str = ""
    """The process that executes it, as `PID on HOST since TIME`."""
    bound: int | None = None
    """The most agents that it can start, as the linter proved for these arguments; `None` where nothing is proved."""
    again: Again = "missing"
    """Whether this execution and those after it ask again whom other models had answered before it."""
    base: Base | None = None
    """With which commit worktrees of agents begin, where there may be some."""
    language: int = 1
    """The version of the language that the run began with, see `weft.primitives.limits.LANGUAGE`; the first in journals
    that do not say."""
    held: Mapping[str, Held] = field(default_factory=dict)
    """Of each limit that the harness itself sets, what either side says, by the name of the setting; `settings` has
    what holds of it."""
    approved: Mapping[str, int] | None = None
    """How wide it may become before somebody is asked, see `weft.runtime.scheduling.widths`; `None` for any width."""
    tools: tuple[str, ...] = ()
    """The tools that the project or a program adds, which the harness may call; of a server, `mcp:NAME.*`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxReady:
    """The process that executes the harness is there."""

    type: ClassVar[str] = "sandbox_ready"
    walls: tuple[str, ...]
    """What the operating system confines it with, see `weft.sandbox.confine`."""

    @property
    def missing(self) -> list[str]:
        """Return the walls that this system does not offer."""
        return [wall for wall in WALLS if wall not in self.walls]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseBegan:
    """The harness began a phase."""

    type: ClassVar[str] = "phase_began"
    title: str
    path: str = ""
    """The call path it began on, which tells whether in a saved harness; as in journals that do not say, in none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """The harness said something."""

    type: ClassVar[str] = "logged"
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingReported:
    """The harness published an intermediate finding."""

    type: ClassVar[str] = "finding_reported"
    data: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderstandingReported:
    """The harness said how much of what there was it could make something of."""

    type: ClassVar[str] = "understanding_reported"
    understood: Understood


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopEnded:
    """A loop of rounds came to its end; one that was left by `break` does not."""

    type: ClassVar[str] = "loop_ended"
    path: str
    line: int | None
    helper: LoopHelper
    ended: LoopEnd
    rounds: int
    """How many it took."""
    phase: str | None = None
    """In which it ended."""
    free: bool = False
    """Whether there was no ceiling, so that nothing but `max_rounds` could end it: then nothing was cut off."""
    found: int | None = None
    """How much its last round said that it found; `None` where it did not say, as in journals of before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOutBegan:
    """The harness began a fan-out; see the message of the same name in `weft.sandbox.protocol`."""

    type: ClassVar[str] = "fan_out_began"
    path: str
    line: int | None
    kind: FanOutKind
    width: int
    agents: int = 0
    quorum: int | None = None
    chain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOutEnded:
    """A fan-out is over; see the message of the same name in `weft.sandbox.protocol`."""

    type: ClassVar[str] = "fan_out_ended"
    path: str
    lost: tuple[int, ...] = ()
    dropped: tuple[int, ...] = ()
    cancelled: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchRaised:
    """A branch of a fan-out raised an error of its own; its slot is `None`."""

    type: ClassVar[str] = "branch_raised"
    path: str
    index: int
    message: str
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCalled:
    """The harness reached an agent; it waits for its turn."""

    type: ClassVar[str] = "agent_called"
    path: str
    line: int | None
    key: str
    occurrence: int = 0
    """How many calls with the same key came before it on the same call path."""
    request: AgentRequest
    slice: int | None = None
    """The call of the saved harness on whose part of the budget it draws, see `WorkflowCalled.budget`."""

    @property
    def id(self) -> int:
        """Return the number of the call."""
        return self.request.id


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsStarted:
    """Agents got their turn together, in this order."""

    type: ClassVar[str] = "agent_started"
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFinished:
    """An agent answered, and the answer fits."""

    type: ClassVar[str] = "agent_finished"
    id: int
    value: Any
    attempts: int = 1
    spent: Spent = NOTHING_SPENT
    by_model: Mapping[str, Spent] = field(default_factory=dict)
    """That by the models that were asked, where it was not the one alone that answered."""
    touched: tuple[str, ...] | None = ()
    """What its tools opened; `None` where that is not on record."""
    transcript: tuple[dict[str, Any], ...] = ()
    answered_by: str | None = None
    """The model that answered, where it was another one than asked for."""
    allowance: Allowance = UNLIMITED
    """The budget as delivered with it."""
    slices: tuple[Allowance, ...] = ()
    """The same of each slice of the budget that it draws on, outermost first."""
    understood: Understood | None = None
    """How much of what it was asked about it could make something of, where it says so."""
    reused: bool = False
    """The answer is that of an earlier execution, and so is what it cost: nothing was spent on it again."""
    kept: Kept | None = None
    """Where what it has changed in a worktree of its own is kept."""
    trail: Trail = NO_TRAIL
    """What it did with times, in this execution; nothing in journals of before, as in the two events below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLost:
    """An agent failed for good."""

    type: ClassVar[str] = "agent_lost"
    id: int
    lost: Lost
    allowance: Allowance
    slices: tuple[Allowance, ...] = ()
    """As for `AgentFinished`."""
    by_model: Mapping[str, Spent] = field(default_factory=dict)
    """What it has cost by the models that were asked, where it was not the one alone that its call names."""
    touched: tuple[str, ...] | None = None
    """What its tools had opened by then; `None` where that is not on record."""
    transcript: tuple[dict[str, Any], ...] = ()
    """What was said by then."""
    trail: Trail = NO_TRAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCancelled:
    """Nobody waited for an agent any more, or the run stopped; it was ended before it answered."""

    type: ClassVar[str] = "agent_cancelled"
    id: int
    spent: Spent
    by_model: Mapping[str, Spent] = field(default_factory=dict)
    """As for `AgentLost`."""
    trail: Trail = NO_TRAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowCalled:
    """The harness reached a saved harness."""

    type: ClassVar[str] = "workflow_called"
    id: int
    path: str
    line: int | None
    name: str
    args: Any
    budget: float | None = None
    """The slice of the budget that it may use: a fraction of what the harness that calls it has left."""
    slice: int | None = None
    """The call of the saved harness on whose slice it draws itself."""
    returning: bool = False
    """Whether it has ended, and `args` is what it returned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowLoaded:
    """A saved harness was handed to the run, or refused; or what it returned was checked."""

    type: ClassVar[str] = "workflow_loaded"
    id: int
    source: str | None
    args: Any
    refused: str | None
    allowance: Allowance
    slices: tuple[Allowance, ...] = ()
    """As for `AgentFinished`; the last is its own, where its call asks for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """The last event of a journal whose run was not killed."""

    type: ClassVar[str] = "run_ended"
    outcome: Outcome
    result: Any = None
    """What `main` returned; also where that does not fit `RESULT`, which is then the problem."""
    problem: Problem | None = None
    pause: PauseReason | None = None
    spent: Spent
    wall_s: float
    """Seconds on the run's clock."""


Completion = AgentFinished | AgentLost | HostAnswered | WorkflowLoaded
COMPLETIONS = (AgentFinished, AgentLost, HostAnswered, WorkflowLoaded)

CALLS = (AgentCalled, HostCalled, WorkflowCalled)
"""The events of calls, which are numbered together."""

Event = (
    RunStarted
    | SandboxReady
    | PhaseBegan
    | Logged
    | FindingReported
    | UnderstandingReported
    | RoundBegan
    | LoopEnded
    | VerdictReached
    | FanOutBegan
    | FanOutEnded
    | BranchRaised
    | AgentCalled
    | AgentsStarted
    | AgentWaits
    | AgentGoesOn
    | AgentAsksAgain
    | AgentQuiet
    | MoneyMoved
    | AgentFinished
    | AgentLost
    | AgentCancelled
    | ToolBegan
    | ToolEnded
    | FactRemembered
    | HostCalled
    | HostAnswered
    | HostCancelled
    | WorkflowCalled
    | WorkflowLoaded
    | Interrupted
    | Steered
    | RunEnded
)
