"""Commands of agents, executed by `weft.sandbox.contained`: what they see of this machine, and what is kept of them.

Which commands those are, and what agents are told of them, is `running`.
"""

from __future__ import annotations

import asyncio
import glob
import json
import os
import sys
from collections import deque
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from weft.runtime.watched import let_go, sandbox_roots
from weft.sandbox.contained import Command, Ended

__all__ = ["MOST_WRITTEN", "Output", "contained", "environment", "system_files", "walls"]

BOOT = "import sys; sys.path += sys.argv[1:]; from weft.sandbox.contained import main; main()"

MOST_BYTES = 512 * 1024
"""How much is kept from the beginning of what a command writes, and as much from its end."""

MOST_WRITTEN = 256 * 1024 * 1024
"""How many bytes a command may write before it is ended: all of it passes through this process."""

CHUNK = 64 * 1024

ENDING = 60.0
"""Seconds that it may take to end a command with all that it has started; it takes milliseconds."""

SYSTEM = (
    "/usr /bin /sbin /lib /lib32 /lib64 /libx32 /opt /nix/store /gnu/store /snap"
    " /sys/devices/system/cpu /System /Library"
).split()
"""Where programs are."""

SETTINGS = (
    "alternatives bash.bashrc ca-certificates crypto-policies debian_version fonts gai.conf gitconfig group host.conf"
    " hostname hosts inputrc java* ld.so.cache ld.so.conf ld.so.conf.d locale.alias locale.conf localtime lsb-release"
    " magic mime.types nsswitch.conf os-release passwd perl php pki/ca-trust pki/tls/certs profile protocols python3*"
    " resolv.conf services shells ssl/certs ssl/openssl.cnf ssl/cert.pem terminfo timezone xdg"
).split()
"""What programs read of `/etc`. All of it would hold secrets, where the user may read those."""

KEPT_AT_HOME = {
    ".pyenv": "PYENV_ROOT",
    ".rbenv": "RBENV_ROOT",
    ".asdf": "ASDF_DATA_DIR",
    ".nvm": "NVM_DIR",
    ".volta": "VOLTA_HOME",
    ".sdkman": "SDKMAN_DIR",
    ".rustup": "RUSTUP_HOME",
}
"""What people keep programs in at home, and no secrets, and the variable by which these find it."""

PASSED_ON = ("PATH", "LANG", "LANGUAGE", "TZ", "VIRTUAL_ENV", "JAVA_HOME", "GOROOT")
"""Variables of the environment that a command has, besides those of the locale."""


@dataclass(slots=True)
class Output:
    """What a command has written, with the middle left out where it is long, and how it ended."""

    ended: Ended = field(default_factory=Ended)
    first: bytearray = field(default_factory=bytearray)
    last: deque[bytes] = field(default_factory=deque)
    size: int = 0
    """Bytes that it wrote altogether."""
    _kept: int = 0

    def add(self, data: bytes) -> None:
        """Take note of what it has written."""
        self.size += len(data)
        room = MOST_BYTES - len(self.first)
        self.first += data[:room]
        rest = data[max(room, 0) :]
        if rest:
            self.last.append(rest)
            self._kept += len(rest)
        while self.last and self._kept - len(self.last[0]) >= MOST_BYTES:
            self._kept -= len(self.last.popleft())

    def text(self) -> str:
        """Return it as text."""
        dropped = self.size - len(self.first) - self._kept
        if not dropped:
            return (self.first + b"".join(self.last)).decode("utf-8", "replace")
        first, last = bytes(self.first).decode("utf-8", "replace"), b"".join(self.last).decode("utf-8", "replace")
        return f"{first}\n(… {dropped:,} bytes are not kept …)\n{last}"


async def contained(command: Command) -> Output:
    """Execute a command to its end. Where this is cancelled, it ends with all that it has started.

    Raises:
        OSError: no process could be started.
    """
    output = Output()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-s", "-P", "-S", "-X", "utf8", "-c", BOOT, *sandbox_roots()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={},
        cwd="/",
        start_new_session=True,
    )
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    try:
        process.stdin.write(json.dumps(asdict(command)).encode() + b"\n")
        report = asyncio.ensure_future(process.stderr.read())
        try:
            async with asyncio.timeout(command.seconds + ENDING):
                while data := await process.stdout.read(CHUNK):
                    output.add(data)
                    if output.size > MOST_WRITTEN:
                        process.stdin.close()
                said = await report
        except TimeoutError:
            said = b""
        finally:
            report.cancel()
    finally:
        await let_go(process, ENDING)
    output.ended = _read(said)
    return output


def _read(said: bytes) -> Ended:
    """Return how a command ended, as it was told."""
    try:
        return Ended(**json.loads(said.splitlines()[-1]))
    except (ValueError, IndexError, TypeError):
        return Ended(
            problem=said.decode("utf-8", "replace").strip()[-500:]
            or "whoever watched it was ended, and nobody knows how far it came"
        )


def environment() -> dict[str, str]:
    """Return the environment of commands: nothing that could be a secret."""
    kept = {name: value for name, value in os.environ.items() if name in PASSED_ON or name.startswith("LC_")}
    kept |= {name: path for name, path in _homes().items() if os.path.isdir(path)}
    kept["PATH"] = os.pathsep.join(_path())
    return kept | {"TERM": "dumb", "NO_COLOR": "1", "PAGER": "cat", "GIT_PAGER": "cat", "GIT_TERMINAL_PROMPT": "0"}


def _homes() -> dict[str, str]:
    return {name: os.environ.get(name, str(Path.home() / folder)) for folder, name in KEPT_AT_HOME.items()}


def _path() -> list[str]:
    """Return where programs are looked for: in no place that depends on the folder one is in; last beside Python."""
    folders = [*os.environ.get("PATH", os.defpath).split(os.pathsep), os.path.dirname(sys.executable)]
    return [folder for folder in dict.fromkeys(folders) if os.path.isabs(folder)]


def system_files() -> list[str]:
    """Return what of this machine commands may read, besides what they are about: programs, and what those need."""
    settings = [path for name in SETTINGS for path in glob.glob(f"/etc/{name}")]
    return [*SYSTEM, *settings, *_homes().values(), *_programs(tuple(_path()))]


@cache
def _programs(folders: tuple[str, ...]) -> tuple[str, ...]:
    """Return where the programs of these folders are, and their libraries.

    Looked up once: later a command may have put links there.
    """
    pythons = [os.path.realpath(os.path.join(folder, "python3")) for folder in folders]
    behind = [os.path.dirname(python) for python in pythons if os.path.basename(python).startswith("python3")]
    found: list[str] = []
    for folder in dict.fromkeys([*folders, *behind]):
        if Path.home().is_relative_to(folder):  # a home would come with all that is kept there
            continue
        found.append(folder)
        if os.path.basename(folder) == "bin":
            above = os.path.dirname(folder)
            found += [f"{above}/{name}" for name in ("lib", "lib64", "libexec", "include", "pyvenv.cfg")]
    return tuple(found)


async def walls() -> list[str]:
    """Return what commands are kept from on this machine, by trying; nothing where none can be executed."""
    nothing = Command(words=["true"], folder="/", readable=system_files(), writable=[], guarded=[])
    try:
        output = await contained(nothing)
    except OSError:
        return []
    return [*output.ended.walls] if output.ended.problem is None else []
