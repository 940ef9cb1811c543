"""The wall of the operating system: code that got past the language finds nothing; here no policy is in the way at all.

Each wall is tried alone, and all together, by code that runs unrestricted in a fork of a process started exactly like
the one that children are forked from.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from waiting import lives, until

from weft.sandbox.launcher import _roots
from weft.sandbox.protocol import WALLS, Wall

FILES = {
    "read": "open('/etc/passwd').read()",
    "list": "os.listdir('/')",
    "create": "os.open('/tmp/weft-escape', os.O_CREAT | os.O_WRONLY)",
    "the host's environment": "open(f'/proc/{os.getppid()}/environ').read()",
    "the host's memory": "open(f'/proc/{os.getppid()}/mem', 'rb')",
    "start a program": "os.execv('/bin/true', ['true'])",
}
NETWORK = {
    "connect": "socket.socket().connect((b'127.0.0.1', {port}))",
    "datagram": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', (b'127.0.0.1', {port}))",
    "abstract socket": "socket.socket(socket.AF_UNIX).connect('\\0weft-{port}')",
}
PROCESSES = {
    "fork": "os.fork()",
    "thread": "_thread.start_new_thread(print, ())",
}
OTHERS = {
    "signal the host": "os.kill(os.getppid(), 0)",
    "signal a thread of the host": (
        "checked(libc.syscall({'x86_64': 234}.get(platform.machine(), 131), os.getppid(), os.getppid(), 0))"
    ),
}
REST = {
    "trace the host": "checked(libc.ptrace(0x4206, os.getppid(), 0, 0))",
    "raise a limit": "resource.setrlimit(resource.RLIMIT_NOFILE, (99, 99))",
    "become root": "os.setuid(0)",
    "a pipe": "os.pipe()",
    "memory file": "os.memfd_create('x')",
    "executable memory": "mmap.mmap(-1, 4096, prot=7)",
    "another user's namespace": "checked(libc.unshare(0x10000000))",
}
ALL = {**FILES, **NETWORK, **PROCESSES, **OTHERS, **REST}

FROM_A_FRAME = {
    "read": "open('/etc/passwd').read()",
    "fork": "load('os').fork()",
    "kill": "load('os').kill(load('os').getppid(), 0)",
    "connect": "load('socket').socket().connect((b'127.0.0.1', {port}))",
}
"""What a harness could try that has got hold of a frame: from there it is four steps to the real `os`."""

HOST = """
import json, mmap, os, platform, resource, signal, socket, sys, _thread
from weft.sandbox.confine import NOBODY, confine
from weft.sandbox.system import checked, libc
from weft.sandbox.protocol import Limits
if os.geteuid() == 0:  # a host that is the same user as the child, as it is for everybody but root
    os.setgroups([]), os.setgid(NOBODY), os.setuid(NOBODY)
    checked(libc.prctl(4, 1, 0, 0, 0))
for line in sys.stdin:
    walls, attempt = json.loads(line)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        os.dup2(write, 1), os.dup2(write, 2)
        assert set(confine(Limits(), tuple(walls))) == set(walls)
        try:
            exec(attempt)
        except (OSError, ValueError, RuntimeError):
            os.write(1, b"denied")
        else:
            os.write(1, b"ESCAPED")
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(json.dumps(said + (signal.Signals(-status).name if status < 0 else "")), flush=True)
"""
Attempt = Callable[[str, tuple[Wall, ...]], str]


@pytest.fixture(scope="module")
def attempt() -> Iterator[Attempt]:
    """Return `denied`, `ESCAPED`, or the signal that ended the process; there is something to connect to."""
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_UNIX) as abstract,
        subprocess.Popen(booted(HOST), env=ENV, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as host,
    ):
        port = str(tcp.getsockname()[1])
        abstract.bind(f"\0weft-{port}")
        abstract.listen()
        asks, answers = host.stdin, host.stdout
        assert asks is not None and answers is not None

        def tried(code: str, walls: tuple[Wall, ...]) -> str:
            asks.write(json.dumps([walls, code.replace("{port}", port)]) + "\n")
            asks.flush()
            return str(json.loads(answers.readline()))

        yield tried


ENV = {"PYTHONHASHSEED": "0"}


def booted(code: str) -> list[str]:
    """Return how a process is started exactly like a child that executes this code."""
    boot = f"import sys; sys.path[:0] = sys.argv[1:]\n{code}"
    return [sys.executable, "-s", "-P", "-S", "-X", "utf8", "-c", boot, *_roots()]


def run(code: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(booted(code), env=ENV, capture_output=True, check=False, timeout=60)


@cache
def landlock() -> int:
    """Return the version of Landlock that this system has."""
    code = "from weft.sandbox import system; system.forbid_new_privileges(); print(system.deny_files_and_sockets())"
    return int(run(code).stdout or 0)


@cache
def walls() -> tuple[Wall, ...]:
    """Return the walls that this system offers."""
    missing = {"landlock": landlock() == 0, "seccomp": platform.machine() not in ("x86_64", "aarch64")}
    return tuple(wall for wall in WALLS if not missing.get(wall))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all walls")
class TestWalls:
    def test_together_they_stand(self) -> None:
        """The least that a run can count on here; `weft doctor` says the same."""
        code = "from weft.sandbox.confine import confine; from weft.sandbox.protocol import Limits"
        assert run(f"import os; {code}; os.write(1, ' '.join(confine(Limits())).encode())").stdout.decode().split() == (
            sorted(walls(), key=["landlock", "limits", "seccomp"].index)
        )

    @pytest.mark.slow
    @pytest.mark.parametrize("what", ALL)
    def test_together_they_deny_everything(self, attempt: Attempt, what: str) -> None:
        assert attempt(ALL[what], walls()) in ("denied", "SIGSYS")

    @pytest.mark.slow
    @pytest.mark.parametrize("what", ALL)
    def test_without_any_each_is_possible(self, attempt: Attempt, what: str) -> None:
        """Otherwise the other tests would show nothing."""
        if what == "become root":
            pytest.skip("the user is given up with or without walls")
        assert attempt(ALL[what], ()) in ("ESCAPED", "ESCAPEDESCAPED", "")

    @pytest.mark.parametrize("what", [*FILES, *NETWORK, *PROCESSES])
    def test_limits_alone(self, attempt: Attempt, what: str) -> None:
        if what == "start a program":
            pytest.skip("a limit on processes does not keep one from becoming another program")
        assert attempt(ALL[what], ("limits",)) == "denied"

    @pytest.mark.parametrize("what", [*FILES, "connect", "abstract socket", *OTHERS])
    def test_landlock_alone(self, attempt: Attempt, what: str) -> None:
        needed = 1 if what in FILES else 4 if what == "connect" else 6
        if landlock() < needed:
            pytest.skip(f"this needs version {needed} of Landlock, and this system has {landlock() or 'none'}")
        assert attempt(ALL[what], ("landlock",)) == "denied"

    @pytest.mark.slow
    @pytest.mark.parametrize("what", ALL)
    def test_seccomp_alone(self, attempt: Attempt, what: str) -> None:
        assert attempt(ALL[what], ("seccomp",)) in ("denied", "SIGSYS")

    @pytest.mark.parametrize("what", FROM_A_FRAME)
    def test_a_harness_that_is_through_the_language_comes_no_further(self, attempt: Attempt, what: str) -> None:
        found = "there = (one for one in ()).gi_frame.f_builtins; load, open = there['__import__'], there['open']"
        assert attempt(f"{found}; {FROM_A_FRAME[what]}", walls()) in ("denied", "SIGSYS")

    def test_python_works_behind_them(self, attempt: Attempt) -> None:
        code = "assert len(bytearray(50 << 20)) and 'é'.encode('latin-1') and sorted(range(10**5))"
        assert attempt(code, walls()) == "ESCAPED"


@pytest.mark.parametrize(
    ("what", "limits", "ends"),
    [
        ("bytearray(2 << 30)", "Limits()", "MemoryError"),
        ("[bytes(1 << 20) for _ in range(1000)]", "Limits()", "MemoryError"),
        ("bytearray(100 << 20)", "Limits(memory_bytes=64 << 20)", "MemoryError"),
        ("resource.setrlimit(resource.RLIMIT_AS, (-1, -1)); bytearray(2 << 30)", "Limits()", "Error"),
    ],
)
def test_memory_ends_at_its_limit(what: str, limits: str, ends: str) -> None:
    code = "import resource\nfrom weft.sandbox.confine import confine\nfrom weft.sandbox.protocol import Limits\n"
    done = run(f"{code}confine({limits}, ('limits',))\n{what}")
    assert ends in done.stderr.decode().splitlines()[-1]


def test_a_limit_that_holds_already_stays_where_it_is_the_lower_one() -> None:
    code = """
import resource
from weft.sandbox.confine import confine
from weft.sandbox.protocol import Limits
for kind, most in ((resource.RLIMIT_AS, 400 << 20), (resource.RLIMIT_CPU, 5), (resource.RLIMIT_FSIZE, 1000)):
    resource.setrlimit(kind, (most, most))
confine(Limits(), ("limits",))
print(*(resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE)))
"""
    assert run(code).stdout.split() == [str(400 << 20).encode(), b"5", b"0"]


MISSING = """
import resource
from weft.sandbox import confine, system
from weft.sandbox.protocol import Limits
def missing(*_):
    raise OSError(38, "not here")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the other systems have no such walls")
def test_a_wall_that_the_system_lacks_is_left_out_and_told() -> None:
    code = MISSING + "system.deny_files_and_sockets = system.allow_system_calls = missing\n"
    done = run(code + "print(*confine.confine(Limits()))")
    assert done.stdout.decode().split() == ["limits"]


def test_without_the_limits_no_child_goes_on() -> None:
    done = run(MISSING + "resource.setrlimit = missing\nconfine.confine(Limits())\nprint('went on')")
    assert (done.stdout, done.returncode) == (b"", 1)
    assert b"not here" in done.stderr


def test_processor_time_ends_at_its_limit_also_for_code_that_ignores_timers() -> None:
    code = """
from weft.sandbox import confine
from weft.sandbox.protocol import Limits
confine.TOTAL_CPU_SECONDS = 1
confine.confine(Limits())
while True: pass
"""
    assert run(code).returncode in (-signal.SIGXCPU, -signal.SIGKILL)


def test_the_environment_is_empty() -> None:
    done = run("import os; os.write(1, repr(sorted(os.environ)).encode())")
    assert done.stdout == b"['LC_CTYPE', 'PYTHONHASHSEED']"


def test_a_child_does_not_outlive_its_host() -> None:
    """Also one that computes, and got past the language."""
    host = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-s", "-P", "-S", "-c", sys.argv[1], *sys.argv[2:]], stdout=subprocess.PIPE)
child.stdout.read(1)
print(child.pid, flush=True)
"""
    child = """
import sys; sys.path[:0] = sys.argv[1:]
import os
from weft.sandbox.confine import confine
from weft.sandbox.protocol import Limits
confine(Limits())
os.write(1, b"x")
while True: pass
"""
    done = subprocess.run(
        [sys.executable, "-c", host, child, *_roots()], capture_output=True, text=True, check=True, timeout=60
    )
    pid = int(done.stdout)
    until(lambda: not lives(pid))


def test_the_folder_of_roots_is_all_a_child_is_given() -> None:
    assert all(os.path.isdir(root) for root in _roots())
