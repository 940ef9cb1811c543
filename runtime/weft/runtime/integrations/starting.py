"""How a server plans harnesses and starts runs for an agent: within what a person has granted, and with their yes.

What was granted is `granted`; the yes to a plan is looked up in the user's own folder, where no project can put one.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path
from typing import Any

import anyio
from anyio import to_thread

from weft.runtime.ceiling import Ceiling
from weft.runtime.errors import JournalError, NotFound, Refused, Unapproved, UsageError
from weft.runtime.integrations.commands import Child, CommandFailed
from weft.runtime.integrations.granted import Granted, Part, Purse
from weft.runtime.project.approvals import Approvals
from weft.runtime.project.config import read_config
from weft.runtime.project.files import read_text
from weft.runtime.project.folders import Project, RunFolder, is_name, is_path

__all__ = ["Starting", "as_words"]

GLANCE_S = 0.1
"""Seconds between two looks at whether a run has begun."""

MOST_WAITED_FOR = 4
"""How many commands a client may wait for at a time; more wait for their turn."""


class Starting:
    """Plans and starts for whoever speaks to one server."""

    def __init__(self, folder: Path, granted: Granted) -> None:
        """Take what a person has granted, and the configuration of the project as they have seen it."""
        self._folder = folder
        self._project = Project(folder)
        self._granted = granted
        self._config = read_config(folder)
        self._purse = Purse(granted.ceiling)
        self._turn = anyio.Lock()
        self._places = anyio.Semaphore(MOST_WAITED_FOR)

    async def plan(self, target: str, args: dict[str, Any] | None) -> dict[str, Any]:
        """Return the plan of a harness, or of one that is written for a task, as `weft plan --json` has it.

        Raises:
            RuntimeFailure: there is none.
        """
        target = as_words(target)
        writes = not (is_path(target) or is_name(target))
        if not writes:
            self._check_inside(target)
        part = await self._take(Ceiling()) if writes else Part(self._granted.ceiling)
        async with self._places:
            child = await self._begun(part, ["plan", "--json"], target, args)
            await child.end(goes_on=writes)  # what it spends counts, though nobody should wait for it any more
        made: dict[str, Any] = child.answer()
        return made

    async def listed(self, words: list[str]) -> Any:
        """Return what `weft list --json` says of the harnesses that there are, or may be for a task."""
        async with self._places:
            child = Child(self._folder, ["list", "--json", "--", *words])
            await child.end()
        return child.answer()

    async def run(self, harness: str, args: dict[str, Any] | None, digest: str | None, wanted: Ceiling) -> str:
        """Start a run in a process of its own, and return its name once it has begun.

        Raises:
            Unapproved: it needs the yes of a person.
            RuntimeFailure: it could not begin.
        """
        target = as_words(harness)
        if not (is_path(target) or is_name(target)):
            raise UsageError(
                "a task in words cannot be run: its harness is planned first",
                meaning="nothing was started",
                fix="plan it; then run the path of the plan with its args and digest",
            )
        self._check_inside(target)
        yes = self._yes(digest)
        if digest is not None and "--approve" not in yes:  # nothing else would look whether it is that of this plan
            await self._check_digest(target, args, digest)
        part = await self._take(wanted)
        before = {run.id for run in await to_thread.run_sync(self._project.runs)}
        child = await self._begun(part, ["run", "--json", *yes], target, args)
        try:
            return await self._name(child, part, before)
        except CommandFailed as error:
            if error.type == "Unapproved":
                raise self._unapproved(target, args, None if yes else digest, error) from None
            raise

    async def _check_digest(self, target: str, args: dict[str, Any] | None, digest: str) -> None:
        """Check that a digest is that of the plan of a harness.

        Raises:
            Unapproved: it is that of another.
        """
        made = await self.plan(target, args)
        if made["digest"] != digest:
            raise Unapproved(
                "the digest is that of another plan",
                where=f"{target}: {made['digest'] or 'no digest, for its plan has errors'}",
                meaning="nothing was started: the harness, its arguments or what it may do is not what was planned",
                fix="plan it again with these args, look at what is different, and run it with the digest of that plan",
            )

    def _yes(self, digest: str | None) -> list[str]:
        """Return the yes of a person, as options of `weft run`; none where there is none."""
        if self._granted.yes:
            return ["--yes"]
        if digest is None:
            return []
        found = re.fullmatch(r"sha256:([0-9a-f]{64})", digest)
        if found is None:
            raise UsageError("that is no digest of a plan", meaning="nothing was started", fix="plan tells it, in full")
        return ["--approve", digest] if found[1] in Approvals() else []

    async def _take(self, wanted: Ceiling) -> Part:
        async with self._turn:
            return await to_thread.run_sync(self._purse.take, wanted)

    async def _begun(self, part: Part, command: list[str], target: str, args: dict[str, Any] | None) -> Child:
        """Start a command within its part of the ceiling.

        Raises:
            Refused: what the project says of models, tools and limits is not what it was.
        """
        try:
            if await to_thread.run_sync(read_config, self._folder) != self._config:
                raise Refused(
                    "the configuration of this project (weft.toml) has changed since this server was started",
                    meaning="what was granted may be another thing by now, so nothing was started",
                    fix="the person who started the server looks at the change, and starts it again",
                )
            given = [] if args is None else ["--args", "@/dev/stdin"]
            words = [*command, *self._granted.options, *part.options, *given, "--", target]
            part.child = Child(self._folder, words, args)
        except (Refused, OSError):
            self._purse.give_back(part)
            raise
        return part.child

    async def _name(self, child: Child, part: Part, before: set[str]) -> str:
        """Return the name of the run that a process executes, once it is on record."""
        while not child.ended:
            part.run = await to_thread.run_sync(self._found, child.number, before)
            if part.run is not None:
                return part.run.id
            await anyio.sleep(GLANCE_S)
        name: str = child.answer()["run"]  # it has ended at once
        part.run = self._project.find_run(name)
        return name

    def _found(self, process: int, before: set[str]) -> RunFolder | None:
        for run in self._project.runs():
            if run.id not in before and _started_by(run, process):
                return run
        return None

    def _check_inside(self, target: str) -> None:
        """Check that a file is one of this project.

        Raises:
            Refused: it is another's.
        """
        if is_path(target) and not Path(self._folder, target).resolve().is_relative_to(self._folder.resolve()):
            raise Refused(
                "that file is not in this project",
                where=target,
                meaning="nothing was started",
                fix=f"a harness in {self._folder}, by its path, or a saved one by its name",
            )

    def _unapproved(
        self, target: str, args: dict[str, Any] | None, digest: str | None, error: CommandFailed
    ) -> Unapproved:
        """Return the error of a run that lacks the yes of a person, with the command by which it is given.

        `digest` is that of its plan; `None` where none was given, or there is a yes to it and this is another plan.
        """
        if digest is None:
            fix = "plan it with these args, and run it with the digest of that plan, to which a person has said yes"
        else:
            given = [] if args is None else ["--args", self._argument(target, args)]
            words = ["weft", "plan", target, *given, *self._granted.options, "--approve", digest]
            fix = f"show the plan to a person, who says yes by   {shlex.join(words)}   ; then run it again"
        return Unapproved(
            "it may cost something, or is a harness that nobody has approved: it needs the yes of a person",
            where=error.where,
            meaning="nothing was started",
            fix=fix,
        )

    def _argument(self, target: str, args: dict[str, Any]) -> str:
        """Return arguments as a word of a command: by the file beside a plan, where they are in it."""
        beside = Path(self._folder, target).with_suffix(".json")
        try:
            if is_path(target) and json.loads(read_text(beside)) == args:
                return f"@{os.path.relpath(beside, self._folder)}"
        except (OSError, ValueError, RecursionError):
            pass  # they are other ones
        return json.dumps(args)


def _started_by(run: RunFolder, process: int) -> bool:
    try:
        return run.start().owner.startswith(f"process {process} on ")
    except (JournalError, NotFound, OSError):  # it has just begun
        return False


def as_words(target: str) -> str:
    """Return what a client names, once it can be one word of a command.

    Raises:
        UsageError: it cannot.
    """
    if not target.strip() or target.startswith(("-", "@")) or "\0" in target or len(target) > 50_000:
        raise UsageError(
            "that names no harness and is no task",
            where=target[:100],
            meaning="nothing was started",
            fix="the name of a saved harness, the path of one, or a task in words",
        )
    return target
