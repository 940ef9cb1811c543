"""Plans: what would be done for a task, or to go on with a run, and what that may cost; approved, and started.

Each is made, and its run executed, by the command `weft` in a process of its own, in the folder of its project: what it
shows, asks and refuses is what a person at a terminal would see. A run that was started goes on when nothing is served
any more; who writes a plan is ended with the server, for nobody would see it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any, Literal

from weft.runtime.errors import JournalError, NotFound, Refused, RuntimeFailure, UsageError
from weft.runtime.project.folders import is_name
from weft.runtime.project.harness import read_harness
from weft.runtime.serving.projects import Served
from weft.runtime.settings import FLAGS, read_table

__all__ = ["Plan", "Plans", "Wanted"]

MOST_PLANS = 50
"""How many plans are remembered, the latest."""
MOST_WRITTEN = 4
"""How many may be written at the same time."""
MOST_BYTES = 16_000_000
"""How much of what a command prints is read."""
SAID = 20
"""How many lines of what it says meanwhile are told."""
CHOICES = ("interrupted", "saved", "again")
"""What is decided before a run is gone on with: options of `weft resume`, which says what they may be."""

SAVING_S = 60.0
"""How long keeping a harness under a name may take."""

PlanState = Literal["planning", "ready", "refused", "cancelled", "starting", "started", "failed"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be planned, as words of the command, and under which options."""

    target: str
    """A task, the name of a saved harness, the file of one, or a run."""
    args: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)
    """Settings by their names in `weft.toml`."""
    revises: str | None = None
    """The file of the harness that is to be changed; then the target says how."""
    fixes: bool = False
    """Whether the safe fixes of the linter are to be applied to it first."""
    resumes: bool = False
    """Whether the target is a run that is to be gone on with."""
    before: str | None = None
    """The plan that this one is a changed version of."""
    about: str = ""
    """What the first of those was of, in words of a person."""
    task: str | None = None
    """The task that the first of those was written for, if it was."""
    source: str | None = None
    """The harness, where a person has written it."""
    choices: Mapping[str, str] = field(default_factory=dict)
    """What a person has decided about a run that is gone on with, by the names in `CHOICES`."""

    @property
    def saved(self) -> str | None:
        """Return the name of the saved harness that it is of, as it is."""
        changed = self.resumes or self.fixes or self.revises is not None
        return self.target if is_name(self.target) and not changed else None

    def planning(self) -> list[str]:
        """Return the words of the command that plans it.

        Raises:
            UsageError: one of the options means nothing.
        """
        if self.resumes:
            return ["resume", "--plan", *self.options_words()]
        revising = [] if self.revises is None else ["--revise", self.revises]
        return ["plan", *revising, *(["--fix"] if self.fixes else []), *self.options_words()]

    def options_words(self) -> list[str]:
        """Return settings and choices as words of a command.

        Raises:
            UsageError: one of them means nothing.
        """
        try:
            stated = read_table(self.options)
        except ValueError as error:
            raise UsageError(f"options: {error}", meaning="nothing was started") from None
        unknown = [name for name in self.choices if not (self.resumes and name in CHOICES)]
        if unknown:
            raise UsageError(
                f"choices: {unknown[0]!r} is none",
                meaning="nothing was started",
                fix=f"of a resume: {', '.join(CHOICES)}",
            )
        chosen = (f"--{name}={value}" for name, value in self.choices.items())
        return [*chosen, *(word for name, value in stated.items() for word in FLAGS[name].words(value))]


@dataclass(slots=True)
class Plan:
    """One plan, and what has become of it."""

    id: str
    served: Served
    wanted: Wanted
    said: IO[bytes]
    """What the command says while it writes."""
    state: PlanState = "planning"
    made: dict[str, Any] | None = None
    """What it printed: the plan, as `weft plan --json` does."""
    unsound: dict[str, Any] | None = None
    """The best attempt of an author of whom nothing sound came, and its arguments."""
    error: dict[str, Any] | None = None
    pid: int = 0
    """The process that executes its run."""
    run: str | None = None
    others: frozenset[str] = frozenset()
    """The runs that were there before, and are not it."""

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "id": self.id,
            "project": self.served.name,
            "state": self.state,
            "target": self.wanted.target,
            "about": self.wanted.about or self.wanted.target,
            "before": self.wanted.before,
            "saved": self.wanted.saved,
            "revises": self.wanted.revises,
            "resumes": self.wanted.resumes,
            "args": self.given,
            "options": dict(self.wanted.options),
            "choices": dict(self.wanted.choices),
            "source": self.source,
            "said": _last_lines(self.said),
            "plan": self.made,
            "error": self.error,
            "run": self.run,
        }

    @property
    def source(self) -> str | None:
        """Return the harness that it came to, or that was refused."""
        if self.made is not None and not self.wanted.resumes:
            return str(self.made["source"])
        return self.wanted.source if self.unsound is None else str(self.unsound["source"])

    @property
    def given(self) -> Any:
        """Return the arguments of its harness."""
        if self.made is not None and not self.wanted.resumes:
            return self.made["args"]
        return self.wanted.args if self.unsound is None else self.unsound["args"]

    @property
    def harness(self) -> str:
        """Return what its harness goes by in a command: its name where it is a saved one as it is, else its file.

        Raises:
            Refused: there is none.
        """
        if self.made is None or self.wanted.resumes:
            raise Refused(
                f"the plan is {self.state}, and has no harness", meaning="nothing was started", fix="look at the plan"
            )
        return self.wanted.saved or str(self.made["path"])

    def check_seen(self) -> None:
        """Check that its harness is still what the plan shows: a file may be another one meanwhile.

        Raises:
            Refused, NotFound: there is none, or it is not.
        """
        saved, path = self.wanted.saved, self.served.folder / self.harness
        harness = read_harness(path) if saved is None else self.served.project.find_harness(saved)
        if harness is None or harness.source != self.source:
            raise Refused(
                "the harness is not the one of the plan any more",
                where=self.harness,
                meaning="nothing was saved",
                fix="plan it again, and look at that",
            )

    def find_run(self) -> None:
        """Look for the run that was started, by the process that is on record as executing it."""
        if self.state != "starting" or self.run is not None:
            return
        for folder in reversed(self.served.project.runs()):
            if folder.id in self.others:
                continue
            with suppress(JournalError, NotFound):  # one that is only beginning has no beginning yet
                if folder.start().owner.startswith(f"process {self.pid} on "):
                    self.run, self.state = folder.id, "started"
                    return


class Plans:
    """The plans that were asked for since the server began."""

    def __init__(self) -> None:
        self._plans: OrderedDict[str, Plan] = OrderedDict()
        self._number = 0
        self._writing: dict[str, asyncio.subprocess.Process] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._begins, self._saves = asyncio.Lock(), asyncio.Lock()

    def of(self, served: Served) -> list[Plan]:
        """Return the plans of a project, the latest first."""
        return [plan for plan in reversed([*self._plans.values()]) if plan.served is served]

    def find(self, served: Served, name: str) -> Plan:
        """Return a plan of a project.

        Raises:
            NotFound: there is none of that name.
        """
        plan = self._plans.get(name)
        if plan is None or plan.served is not served:
            raise NotFound(f"there is no plan {name!r} in {served.name}", fix="plans are gone when the server ends")
        return plan

    async def make(self, served: Served, wanted: Wanted) -> Plan:
        """Begin to write a plan.

        Raises:
            UsageError: what is wanted means nothing.
            Refused: too many are being written.
            RuntimeFailure: the system starts no process.
        """
        words = wanted.planning()
        async with self._begins:  # one after the other, for each has to know of those before it
            if len(self._writing) >= MOST_WRITTEN:
                raise Refused(f"{MOST_WRITTEN} plans are being written already", fix="wait for one of them")
            self._number += 1
            plan = Plan(f"{self._number}-{os.urandom(4).hex()}", served, wanted, _nameless())
            try:
                process, out = await _begin(served, words, [wanted.target], wanted.args, plan.said)
            except BaseException:
                plan.said.close()
                raise
            self._plans[plan.id] = plan
            self._writing[plan.id] = process
        while len(self._plans) > MOST_PLANS:
            self._plans.popitem(last=False)[1].said.close()
        self._attend(self._written(plan, process, out))
        return plan

    def cancel(self, plan: Plan) -> None:
        """End who writes a plan.

        Raises:
            Refused: nobody does any more.
        """
        process = self._writing.get(plan.id)
        if process is None:
            raise Refused(f"the plan is {plan.state}, so there is nothing to cancel", meaning="nothing has changed")
        plan.state = "cancelled"
        with suppress(ProcessLookupError):
            process.terminate()

    async def save(self, plan: Plan, name: str) -> dict[str, Any]:
        """Keep the harness of a plan under a name, and return what `weft save --json` prints.

        Raises:
            Refused, NotFound: there is none, it is not what the plan shows, or it cannot have that name.
            RuntimeFailure: it cannot be kept.
        """
        async with self._saves:
            await asyncio.to_thread(plan.check_seen)
            process, out = await _begin(plan.served, ["save"], [plan.harness, name], None, None)
            try:
                async with asyncio.timeout(SAVING_S):
                    code = await process.wait()
            except BaseException as error:  # also where whoever asked has gone
                with suppress(ProcessLookupError):
                    process.kill()
                out.close()
                if isinstance(error, TimeoutError):
                    raise RuntimeFailure(f"it is not saved after {SAVING_S:g} s", meaning="it may be saved") from None
                raise
        told = await asyncio.to_thread(_printed, out)
        if told is None or "error" in told:
            said = _error(told, code)
            raise Refused(said["message"], where=said["where"], meaning=said["meaning"], fix=said["fix"])
        return told

    async def approve(self, plan: Plan, digest: str | None) -> None:
        """Start the run of a plan that somebody has seen, by its digest; that of a run to be gone on with has none.

        Raises:
            Refused: it is not ready, or the digest is not that of what it shows.
            RuntimeFailure: the system starts no process.
        """
        if plan.state != "ready" or plan.made is None:
            raise Refused(f"the plan is {plan.state}, and only one that is ready can be approved")
        if digest != plan.made.get("digest"):
            raise Refused("the digest is not that of this plan", meaning="nothing was started", fix="look at the plan")
        plan.state = "starting"
        target, args, options = plan.wanted.target, None, plan.wanted.options_words()
        if plan.wanted.resumes:
            words = ["resume", "--yes", *options]
        else:
            words, args = ["run", "--approve", str(digest), *options], plan.made["args"]
            target = plan.harness
        try:
            there = await asyncio.to_thread(plan.served.project.runs)
            plan.others = frozenset(run.id for run in there) - ({target} if plan.wanted.resumes else set())
            process, out = await _begin(plan.served, words, [target], args, None)
        except BaseException:
            plan.state = "ready"
            raise
        plan.pid = process.pid
        self._attend(self._carried_out(plan, process, out))

    def _attend(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _written(self, plan: Plan, process: asyncio.subprocess.Process, out: IO[bytes]) -> None:
        with out:  # also where the server ends before
            code = await process.wait()
            del self._writing[plan.id]
            told = await asyncio.to_thread(_printed, out)
        if plan.state == "cancelled":
            return
        if told is not None and "error" not in told:
            plan.made, plan.state = told, "ready" if plan.wanted.resumes or told["digest"] else "refused"
        else:
            plan.state, plan.error = "refused", _error(told, code)
            plan.unsound = None if told is None else told.get("unsound")

    async def _carried_out(self, plan: Plan, process: asyncio.subprocess.Process, out: IO[bytes]) -> None:
        with out:
            code = await process.wait()
            await asyncio.to_thread(plan.find_run)
            told = await asyncio.to_thread(_printed, out)
        if plan.run is None:
            plan.state, plan.error = "failed", _error(told, code)

    def close(self) -> None:
        """End whoever writes a plan, and forget all; runs go on."""
        for process in [*self._writing.values()]:
            with suppress(ProcessLookupError):
                process.terminate()
        for plan in self._plans.values():
            plan.said.close()


async def _begin(
    served: Served, words: Sequence[str], targets: Sequence[str], args: Any, said: IO[bytes] | None
) -> tuple[asyncio.subprocess.Process, IO[bytes]]:
    """Start `weft` in the folder of a project, and return its process and what it prints, which goes into a file.

    Into a pipe nobody would read when nothing is served any more; and what is in no folder is gone with the processes.

    Raises:
        RuntimeFailure: the system starts no process.
    """
    stated = [] if args is None else ["--args", "@/dev/stdin"]
    out = _nameless()
    try:
        with _nameless() as given:
            given.write(json.dumps(args).encode())
            given.seek(0)
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "weft", *words, *stated, "--json", "--", *targets),
                stdin=given,
                stdout=out,
                stderr=asyncio.subprocess.DEVNULL if said is None else said,
                cwd=served.folder,
                start_new_session=True,  # Ctrl-C is for the server
            )
    except OSError as error:
        out.close()
        raise RuntimeFailure(
            f"weft cannot be started: {error.strerror}", where=str(served.folder), meaning="nothing was started"
        ) from None
    return process, out


def _nameless() -> IO[bytes]:
    """Return a file without a name, which is there as long as somebody has it open."""
    return tempfile.TemporaryFile()


def _printed(out: IO[bytes]) -> dict[str, Any] | None:
    """Return the one object that a command has printed, if it has."""
    with out:
        out.seek(0)
        try:
            told = json.loads(out.read(MOST_BYTES))
        except (ValueError, RecursionError):
            return None
    return told if isinstance(told, dict) else None


def _error(told: dict[str, Any] | None, code: int) -> dict[str, Any]:
    if told is not None and isinstance(told.get("error"), dict):
        return dict(told["error"])
    return {
        "type": "RuntimeFailure",
        "message": f"the command ended with {code}",
        "where": None,
        "meaning": None,
        "fix": None,
    }


def _last_lines(said: IO[bytes]) -> list[str]:
    """Return the last lines of what a command has said so far."""
    if said.closed:  # the plan is forgotten meanwhile
        return []
    size = os.fstat(said.fileno()).st_size
    text = os.pread(said.fileno(), 16_384, max(0, size - 16_384)).decode("utf-8", "replace")
    return text.splitlines()[-SAID:]
