"""Git as a process: bounded in time and output, and without running what a repository's configuration names."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

__all__ = ["AS_WEFT", "Git", "GitFailed", "open_repository"]

MOST_SECONDS = 600.0
"""Seconds that one call of git may take: the longest is writing all files of a large repository."""

MOST_BYTES = 64 * 1024 * 1024
"""Bytes of output of one call that are taken."""

MOST_SAID = 2_000
"""Characters of what git says is wrong."""

PASSED_ON = ("GIT_CONFIG_", "GIT_EXEC_PATH", "GIT_SSL_")
"""Beginnings of the variables for git that it keeps. Others may be those of another repository, as in one of its hooks,
and would lead it there."""

HARMLESS = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.attributesFile": os.devnull,
    "core.sparseCheckout": "false",
    "core.quotePath": "true",
    "core.safecrlf": "false",
    "core.untrackedCache": "false",
    "submodule.recurse": "false",
    "log.showSignature": "false",
    "merge.default": "text",
    "safe.bareRepository": "explicit",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "i18n.commitEncoding": "UTF-8",
    "advice.detachedHead": "false",
}
"""What holds whatever the configuration says: no hook and no monitor runs, nothing is taken for a repository that only
looks like one, and nothing is cleaned up beside us."""

AS_TEXT = "git merge-file --marker-size=%L %A %O %B"
"""What a merge driver does that is none of a user's."""

AS_WEFT = {
    "GIT_AUTHOR_NAME": "weft",
    "GIT_AUTHOR_EMAIL": "weft@localhost",
    "GIT_COMMITTER_NAME": "weft",
    "GIT_COMMITTER_EMAIL": "weft@localhost",
}
"""Who commits where nobody else does."""


class GitFailed(Exception):
    """Git did not do what it was told; the message is what it said."""

    def __init__(self, message: str, output: bytes = b"") -> None:
        super().__init__(message)
        self.message = message
        self.output = output

    @property
    def on_one_line(self) -> str:
        """Return what it said as a part of an error of ours."""
        return " ".join(self.message.split()).removeprefix("fatal: ").removeprefix("error: ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """Git in one repository."""

    folder: Path
    """Where it is called."""
    directory: Path | None = None
    """The `.git` folder; found from `folder` without. Where an agent could write there, it must not be looked for."""
    tree: Path | None = None
    """The working tree, where `directory` is given."""
    index: Path | None = None
    """A file to use as the index, in place of the one of the working tree."""
    options: tuple[tuple[str, str], ...] = tuple(HARMLESS.items())
    """Configuration that holds whatever else is said."""

    def using(self, *, tree: Path, index: Path) -> Git:
        """Return git for another working tree of the same repository, called there, with an index of its own."""
        return replace(self, folder=tree, tree=tree, index=index)

    def configured(self, name: str, value: str) -> Git:
        """Return git with one more option that holds whatever the configuration says."""
        return replace(self, options=(*self.options, (name, value)))

    def filtering(self) -> Git:
        """Return git as its user has it, with the filters that are configured: for files that are the user's own."""
        own = tuple(HARMLESS.items())
        return replace(self, options=tuple(option for option in own if option[0] != "core.attributesFile"))

    async def __call__(
        self,
        *words: str,
        stdin: bytes | None = None,
        most: int = MOST_BYTES,
        env: Mapping[str, str] | None = None,
    ) -> bytes:
        """Call it and return what it prints.

        Args:
            words: The command with its arguments.
            stdin: What it reads.
            most: Bytes of output after which it is ended.
            env: Variables besides those of the environment.

        Raises:
            GitFailed: it is not there, ends with an error, takes too long or prints too much.
        """
        environment = self._environment() | dict(env or {})
        try:
            process = await asyncio.create_subprocess_exec(
                "git",
                *words,
                cwd=self.folder,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL if stdin is None else asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            gone = "git is not there" if error.filename in ("git", None) else f"{error.filename} cannot be entered"
            raise GitFailed(f"{gone}: {error.strerror}") from None
        try:
            async with asyncio.timeout(MOST_SECONDS):
                output, said = await _talk(process, stdin, most)
        except TimeoutError:
            raise GitFailed(f"git {words[0]} took more than {MOST_SECONDS:g} s") from None
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        if len(output) > most:
            raise GitFailed(f"git {words[0]} prints more than {most:,} bytes")
        if process.returncode:
            raise GitFailed(said or f"git {words[0]} ended with {process.returncode}", output)
        return output

    async def text(self, *words: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None) -> str:
        """Call it and return what it prints, of which the last line ends."""
        return os.fsdecode(await self(*words, stdin=stdin, env=env)).removesuffix("\n")

    async def has(self, commit: str) -> bool:
        """Whether there is such a commit."""
        try:
            await self("cat-file", "-e", f"{commit}^{{commit}}")
        except GitFailed:
            return False
        return True

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("GIT_") or name.startswith(PASSED_ON)
        }
        # Not from the folder that it is called in: agents may have put a program of this name there.
        kept["PATH"] = os.pathsep.join(filter(os.path.isabs, kept.get("PATH", os.defpath).split(os.pathsep)))
        count = int(kept.get("GIT_CONFIG_COUNT") or 0)
        kept |= {
            "LC_ALL": "C",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ALLOW_PROTOCOL": "none",  # nothing is fetched, not even what a partial clone lacks
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_CONFIG_COUNT": str(count + len(self.options)),
        }
        for number, (name, value) in enumerate(self.options, start=count):
            kept |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
        places = {"GIT_DIR": self.directory, "GIT_WORK_TREE": self.tree, "GIT_INDEX_FILE": self.index}
        return kept | {name: str(path) for name, path in places.items() if path is not None}


async def open_repository(folder: Path) -> Git:
    """Return git for the repository that a folder is in, called at its top, with no filter and no driver for merges.

    These would be commands: what an agent writes into `.gitattributes` must not choose one.

    Raises:
        GitFailed: there is no repository with a working tree, or git is not there.
    """
    found = Git(folder=folder)
    bare, inside, directory = (await found.text(*SHAPE)).split("\n", 2)
    if bare not in ("true", "false"):  # it takes no configuration from us either, so that it might run anything
        raise GitFailed("git is older than 2.31, which worktrees take")
    if "true" in (bare, inside):
        raise GitFailed("it has no working tree" if bare == "true" else "this is inside of a .git folder")
    top = Path(await found.text("rev-parse", "--show-toplevel"))
    try:
        named = os.fsdecode(await found("config", "--name-only", "--null", "--get-regexp", r"^(filter|merge)\..*\."))
    except GitFailed:  # there are none
        named = ""
    sections = {name.rpartition(".")[0] for name in named.split("\0") if name}
    filters = {name for name in sections if name.startswith("filter.")}
    off = {f"{name}.{part}": "" for name in filters for part in ("clean", "smudge", "process")}
    off |= {f"{name}.required": "false" for name in filters}
    off |= {f"{name}.driver": AS_TEXT for name in sections - filters}
    return Git(folder=top, directory=Path(directory), tree=top, options=(*HARMLESS.items(), *sorted(off.items())))


SHAPE = ("rev-parse", "--path-format=absolute", "--is-bare-repository", "--is-inside-git-dir", "--absolute-git-dir")


async def _talk(process: asyncio.subprocess.Process, stdin: bytes | None, most: int) -> tuple[bytes, str]:
    """Feed a process and take what it prints until it ends, or has printed too much."""
    assert process.stdout is not None
    assert process.stderr is not None

    async def feed() -> None:
        if stdin is not None and process.stdin is not None:
            process.stdin.write(stdin)
            with suppress(BrokenPipeError, ConnectionResetError):
                await process.stdin.drain()
            process.stdin.close()

    async def taken() -> bytes:
        parts: list[bytes] = []
        size = 0
        while size <= most and (part := await process.stdout.read(1 << 20)):  # type: ignore[union-attr]
            parts.append(part)
            size += len(part)
        if size > most:
            process.kill()
        return b"".join(parts)

    async def said() -> str:
        text = ""
        while part := await process.stderr.read(1 << 16):  # type: ignore[union-attr]
            text = (text + part.decode("utf-8", "replace"))[-4 * MOST_SAID :]
        return text.strip()[-MOST_SAID:]

    _, output, complaint = await asyncio.gather(feed(), taken(), said())
    await process.wait()
    return output, complaint
