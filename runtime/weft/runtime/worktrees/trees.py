"""A worktree for each agent that is to have one: made when it starts, and taken away whatever becomes of it."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import anyio.to_thread

from weft.runtime.border import clean
from weft.runtime.change import Base, Change
from weft.runtime.pause import Pause
from weft.runtime.request import AgentError, AgentReply, AgentRequest, Agents
from weft.runtime.schemas.fitting import misfit
from weft.runtime.schemas.validating import UnusableSchema
from weft.runtime.worktrees.base import Pinned
from weft.runtime.worktrees.git import Git, GitFailed, open_repository
from weft.runtime.worktrees.leftovers import IGNORED, REPOSITORY, forget, leave, take_away
from weft.runtime.worktrees.patches import BRANCHES, Work, branches_of, taken
from weft.sandbox.files import remove_tree

__all__ = ["Isolated", "isolating"]

LOG = logging.getLogger(__name__)

AT_ONCE = 4
"""How many calls of git write or read whole working trees at the same time."""

BLOCK, SPARE = 4096, 1 << 20
"""Bytes that a file takes on the disk besides its own, and that there should be besides those of a worktree."""

MOST_HEADLINE = 72
"""Characters of the first line of a commit."""


@asynccontextmanager
async def isolating(
    agents: Agents,
    pinned: Pinned,
    place: Path,
    on_record: Callable[[], Iterable[str]],
) -> AsyncIterator[Agents]:
    """Have agents that are to have a worktree work in one while the block lasts.

    Args:
        agents: Who answers.
        pinned: Where worktrees begin, or why there are none.
        place: Where the worktrees of the run are; its name is that of the run.
        on_record: Tells which branches the journal has.
    """
    if pinned.base is None:
        yield Isolated(agents, None, pinned.why_not)
        return
    trees = Trees(pinned.base, pinned.folders, place.resolve(), on_record)
    try:
        yield Isolated(agents, trees)
    finally:
        await trees.end()


class Isolated:
    """Answers agents, those in a worktree that are to have one."""

    def __init__(self, agents: Agents, trees: Trees | None, why_not: str = "") -> None:
        self._agents = agents
        self._trees = trees
        self._why_not = why_not

    async def __call__(self, request: AgentRequest) -> AgentReply:
        """Answer one attempt; of one in a worktree, what it has changed is kept, if its answer fits.

        Raises:
            AgentError: the agent is lost, also where it cannot have a worktree.
            Pause: the disk is full.
        """
        if request.isolation is None:
            return await self._agents(request)
        if self._trees is None:
            raise AgentError("crashed", f"it cannot have a worktree: {self._why_not}")
        try:
            tree = await self._trees.made(request.id)
        except (GitFailed, OSError) as failed:
            raise await self._trees.without(f"its worktree cannot be made: {failed}") from None
        try:
            reply = await self._agents(replace(request, folders=tree.folders))
            if not await _fits(reply, request):
                return reply  # whoever asked says what is wrong with it
            try:
                return replace(reply, change=await self._trees.taken(tree, request))
            except (GitFailed, OSError) as failed:
                raise await self._trees.without(f"what it has changed cannot be kept: {failed}") from None
        finally:
            self._trees.leave(tree)


async def _fits(reply: AgentReply, request: AgentRequest) -> bool:
    try:
        return isinstance(reply, AgentReply) and await misfit(clean(reply.value), request.schema) is None
    except UnusableSchema:
        return False


@dataclass(frozen=True, slots=True)
class Tree:
    """One worktree."""

    path: Path
    """Its top."""
    index: Path
    """What was in it at first, out of reach of its agent."""
    entry: Path
    """What the repository keeps of it."""
    folders: tuple[Path, ...]
    """What the agent sees."""


class Trees:
    """The worktrees of one run."""

    def __init__(
        self, base: Base, folders: Sequence[Path], place: Path, on_record: Callable[[], Iterable[str]]
    ) -> None:
        self._base = base
        self._on_record = on_record
        self._folders = [folder.resolve() for folder in folders]
        self._place = place
        self._git: Git | None = None
        self._one = asyncio.Lock()
        """Held where git takes a lock of the whole repository, so that none of us fails for another."""
        self._room = asyncio.Semaphore(AT_ONCE)
        self._leaving: set[asyncio.Task[None]] = set()

    async def made(self, number: int) -> Tree:
        """Make a worktree for an agent.

        Raises:
            GitFailed, OSError: it cannot be made, and nothing is left of it.
        """
        git = await self._repository()
        top = Path(self._base.repository)
        outside = [str(folder) for folder in self._folders if not folder.is_relative_to(top)]
        if outside:
            raise GitFailed(f"{', '.join(outside)} is not in {top}, of which the worktrees of this run are")
        inside = [folder.relative_to(top) for folder in self._folders]
        folder = self._free(number)
        path = folder / (top.name or "root")
        try:
            async with self._one:
                await git("worktree", "add", "--quiet", "--detach", "--no-checkout", str(path), self._base.commit)
            entry = Path((path / ".git").read_text("utf-8").removeprefix("gitdir:").strip())
            entry = (path / entry).resolve()
            index = folder.with_name(f"{folder.name}.index")
            async with self._room:
                own = replace(git, folder=path, directory=entry, tree=path)
                await own("read-tree", "--reset", "-u", self._base.commit)
            shutil.copyfile(entry / "index", index)
            return Tree(path, index, entry, tuple(path / part for part in inside))
        except BaseException:
            self._later(partial(_removed, folder, None))
            raise

    async def taken(self, tree: Tree, request: AgentRequest) -> Change:
        """Keep what was changed in a worktree.

        Raises:
            GitFailed, OSError: it cannot be kept.
        """
        git = await self._repository()
        run = self._place.name
        if tree.path.is_symlink():  # to what agents may not see
            raise GitFailed("there is a link in place of its worktree")
        headline = clean(" ".join(request.name.split()))[:MOST_HEADLINE] or f"agent {request.id}"
        work = Work(
            git=git.using(tree=tree.path, index=tree.index),
            commit=self._base.commit,
            branch=f"{run}/{request.id}",
            message=f"{headline}\n\nWeft-Agent: {run}/{request.id}\n",
            one=self._one,
        )
        async with self._room:
            return await taken(work)

    async def without(self, problem: str) -> AgentError | Pause:
        """Return what becomes of an agent whose worktree has failed: where the disk is full, it would of all others."""
        size = SPARE
        with suppress(GitFailed, OSError):
            git = await self._repository()
            rows = await git("ls-tree", "-r", "-l", "-z", "--full-tree", self._base.commit)
            sizes = [row.split(b"\t")[0].split()[-1] for row in rows.split(b"\0") if row]
            size += sum(BLOCK + int(size) for size in sizes if size.isdigit())
        free = shutil.disk_usage(self._base.repository).free
        return Pause("journal", f"the disk is full; {problem}") if free < size else AgentError("crashed", problem)

    def leave(self, tree: Tree) -> None:
        """Take a worktree away; the agent's end does not wait for it."""
        self._later(partial(_removed, tree.path.parent, tree.entry))

    async def end(self) -> None:
        """Take all that is left away: worktrees, and branches of agents that ended before they were on record."""
        while self._leaving:
            await asyncio.wait(self._leaving)
        if self._git is None:
            return
        await anyio.to_thread.run_sync(forget, self._place)
        leave(self._place.parent)
        await self._forget_unknown(self._git)

    async def _forget_unknown(self, git: Git) -> None:
        """Remove branches of agents that ended, or were killed, before they were on record."""
        with suppress(GitFailed):
            there = await branches_of(git, self._place.name)
            for branch in {*there} - {*self._on_record()} if there else ():
                await git("update-ref", "-d", f"{BRANCHES}{branch}")

    def _later(self, removal: Callable[[], None]) -> None:
        task = asyncio.get_running_loop().create_task(anyio.to_thread.run_sync(removal))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    def _free(self, number: int) -> Path:
        """Make a folder for a worktree: of an agent that is asked again, that of before may still be going away."""
        names = (str(number) if again == 1 else f"{number}.{again}" for again in range(1, 1_000))
        for name in names:
            try:
                (self._place / name).mkdir()
            except FileExistsError:
                continue
            return self._place / name
        raise FileExistsError(f"there are too many worktrees of agent {number}")

    async def _repository(self) -> Git:
        async with self._one:
            if self._git is None:
                git = await open_repository(Path(self._base.repository))
                if not await git.has(self._base.commit):
                    raise GitFailed(
                        f"{self._base.repository} no longer has the commit {self._base.commit[:12]}, with which the "
                        "worktrees of this run begin"
                    )
                common = await git.text("rev-parse", "--path-format=absolute", "--git-common-dir")
                self._place.mkdir(parents=True, exist_ok=True)
                (self._place.parent / IGNORED).write_text("*\n", encoding="utf-8")
                (self._place / REPOSITORY).write_text(common, encoding="utf-8")
                await self._forget_unknown(git)
                self._git = git
            return self._git


def _removed(folder: Path, entry: Path | None) -> None:
    """Remove one worktree, and what the repository keeps of it; what is not known yet goes with the run's others."""
    take_away(folder)
    for suffix in ("index", "attributes"):
        folder.with_name(f"{folder.name}.{suffix}").unlink(missing_ok=True)
    if entry is not None:
        remove_tree(entry)
