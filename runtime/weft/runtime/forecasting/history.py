"""What agents of earlier runs were expected to use and did use: read off the journals of a project, each once.

What was read is kept in `.weft/runs/usage.json`, which can be deleted at any time. Runs with scripted agents teach
nothing, nor does the offline model, which counts no tokens.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from weft.runtime.errors import JournalError, NotFound, UsageError
from weft.runtime.forecasting.cells import Call, Cell, Kind, alike_in
from weft.runtime.forecasting.chains import course_of, unequal
from weft.runtime.forecasting.cold import Cold, Use
from weft.runtime.forecasting.fullness import fullness
from weft.runtime.forecasting.material import Material
from weft.runtime.journal.agentstate import AgentState
from weft.runtime.journal.events import RunStarted
from weft.runtime.journal.fold import RunState
from weft.runtime.project.files import read_regular, write_atomically
from weft.runtime.settings import OFFLINE
from weft.runtime.tools.folders import Folders

if TYPE_CHECKING:
    from weft.runtime.project.config import Config
    from weft.runtime.project.folders import Project, RunFolder

__all__ = ["Measured", "Recorded", "alike", "read_history", "recorded"]

VERSION = 1
"""Raised when agents are counted otherwise, so that all journals are read anew."""

LATEST, LOOKED_AT = 60, 200
"""How many runs are learned from, the latest that teach something, and how many are looked at for that."""

MOST_BYTES = 32_000_000
"""What journals may have, together, that are read in one go; the others come next time."""

MOST_TOKENS = 10**9
"""What no agent can have used; whoever says so is not believed."""

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Agents of one run that are alike: what was counted beforehand, and what they did use, all of them together."""

    phase: str | None
    kind: Kind
    agents: Annotated[int, Field(ge=1)]
    counted_input: Amount
    counted_output: Amount
    counted_seconds: Amount
    turns: Amount
    input: Amount
    output: Amount
    usd: Amount
    apart: Amount = 0.0
    """The sum of the squared relative deviations of the agents, by all tokens, from their mean."""

    def cell(self, cold: Cold) -> Cell:
        """Return the same agents as they were counted, at the prices of today."""
        use = Use(
            self.counted_input,
            self.counted_output,
            self.turns,
            self.counted_seconds,
            cold.usd(self.kind[0], self.counted_input, self.counted_output, self.turns),
        )
        return Cell(self.phase, self.kind, self.agents, use)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An earlier run."""

    run: str
    harness: str
    alike: tuple[str, ...]
    """One of these is the same in runs of one harness that were to do the same amount of work, see `alike`."""
    cells: tuple[Measured, ...]
    whole: bool = True
    """Whether it came to its end by itself and in one execution, so that its width says something."""
    full: Annotated[float, Field(ge=0, le=1)] | None = None
    """How full the lists in its answers were, see `fullness`."""
    counted_s: Amount = 0.0
    """How long it was expected to take."""
    measured_s: Amount = 0.0
    """How long it took; nothing where that says little."""
    phases_s: tuple[tuple[str | None, Amount], ...] = ()
    """How long each of its phases was expected to take."""

    @property
    def agents(self) -> int:
        """How many agents it had."""
        return sum(cell.agents for cell in self.cells)


@dataclass(frozen=True, slots=True)
class _Kept:
    size: int
    """Of its journal, by which it is known to be the same."""
    run: Recorded | None
    """`None` for one that teaches nothing."""


_FILE = TypeAdapter(tuple[int, dict[str, _Kept]], config=ConfigDict(defer_build=True))


def alike(harness: str, bound: int | None, args: Any) -> tuple[str, ...]:
    """Return what runs have in common that have the same work: the harness, and its arguments or its proved bound."""
    digest = sha256(json.dumps(args, sort_keys=True).encode()).hexdigest()
    given = f"{harness} with {digest[:16]}"
    return (given,) if bound is None else (given, f"{harness} for at most {bound}")


def read_history(project: Project, config: Config) -> tuple[Recorded, ...]:
    """Return the latest runs of a project that teach something, the oldest first."""
    try:
        folders = project.runs()[-LOOKED_AT:]
    except UsageError:  # who cannot read them has nothing to learn from
        return ()
    if not folders:
        return ()
    path = project.root / "runs" / "usage.json"
    try:
        version, before = _FILE.validate_json(read_regular(path))
    except (OSError, ValidationError):
        version, before = VERSION, {}
    kept = _kept(folders, before if version == VERSION else {}, config)
    if kept != before:
        with suppress(OSError):  # then they are read again next time
            write_atomically(path, _FILE.dump_python((VERSION, kept), mode="json"))
    runs = (kept[folder.id].run for folder in folders if folder.id in kept)
    return tuple(run for run in runs if run is not None)[-LATEST:]


def _kept(folders: Sequence[RunFolder], before: dict[str, _Kept], config: Config) -> dict[str, _Kept]:
    kept: dict[str, _Kept] = {}
    left = MOST_BYTES
    materials: dict[Any, Material] = {}
    for folder in reversed(folders):
        size = sum(_size(folder, suffix) for suffix in ("", "-wal"))
        known = before.get(folder.id)
        if known is not None and known.size == size:
            kept[folder.id] = known
            continue
        try:
            if not _teaches(folder.start()):
                kept[folder.id] = _Kept(size, None)
            elif size <= left:
                left -= size
                state = folder.state()
                if state.outcome != "running":
                    kept[folder.id] = _Kept(size, recorded(folder.id, state, config, materials))
        except (JournalError, NotFound, OSError):  # to say so is for whoever asks for that run
            continue
    return kept


def _teaches(started: RunStarted) -> bool:
    settings = started.settings
    return settings.stub is None and settings.command is None and not settings.virtual_time


def _size(folder: RunFolder, suffix: str) -> int:
    try:
        return folder.journal.with_name(f"{folder.journal.name}{suffix}").stat().st_size
    except OSError:
        return 0


def recorded(run: str, state: RunState, config: Config, materials: dict[Any, Material]) -> Recorded | None:
    """Return what a run that is over teaches, if anything; `materials` has what folders weigh, and others are added."""
    started = state.started
    if started is None or not _teaches(started):
        return None
    asked = [agent for agent in state.agents.values() if _tells(agent)]
    if not asked:
        return None
    folders = started.settings.folders
    if folders not in materials:
        materials[folders] = _material(folders)
    cold = Cold(materials[folders], config)
    uses = {agent.called.id: cold.use(agent.called.request) for agent in asked}
    calls = [_call(agent) for agent in asked]
    course = course_of(
        calls,
        lambda call: uses[call.request.id].seconds * unequal(call.request.id),
        started.settings.concurrency or 1,
    )
    whole = state.outcome == "completed" and state.execution == 1 and not state.reused_agents
    timed = whole and not state.host_calls.questions and len(asked) == len(state.agents)
    return Recorded(
        run=run,
        harness=started.name,
        alike=alike(started.name, started.bound, started.args),
        cells=tuple(_cells(asked, uses, started.name)),
        whole=whole,
        full=fullness(calls),
        counted_s=course.seconds,
        measured_s=state.wall_s if timed else 0.0,
        phases_s=tuple(course.phases.items()),
    )


def _call(agent: AgentState) -> Call:
    answer = agent.finished
    return Call(agent.called.request, agent.called.path, answer is not None, None if answer is None else answer.value)


def _tells(agent: AgentState) -> bool:
    return 0 < agent.spent.tokens <= MOST_TOKENS and not agent.reused and agent.called.request.model != OFFLINE


def _material(folders: Any) -> Material:
    try:
        return Material(Folders(folders))
    except UsageError:  # they are no more
        return Material()


def _cells(asked: Sequence[AgentState], uses: dict[int, Use], harness: str) -> Iterator[Measured]:
    paid = {agent.called.id: agent.spent for agent in asked}
    for (phase, kind), agents in alike_in((agent.called.request for agent in asked), harness).items():
        counted = [uses[agent.id] for agent in agents]
        spent = [paid[agent.id] for agent in agents]
        factors = [have.tokens / max(1.0, use.input + use.output) for have, use in zip(spent, counted, strict=True)]
        mean = sum(factors) / len(factors)
        yield Measured(
            phase=phase,
            kind=kind,
            agents=len(agents),
            counted_input=sum(use.input for use in counted),
            counted_output=sum(use.output for use in counted),
            counted_seconds=sum(use.seconds for use in counted),
            turns=sum(use.turns for use in counted),
            input=sum(have.input_tokens for have in spent),
            output=sum(have.output_tokens for have in spent),
            usd=sum(have.usd for have in spent),
            apart=sum((factor / mean - 1) ** 2 for factor in factors),
        )
