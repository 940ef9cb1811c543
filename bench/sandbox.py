"""What the sandbox costs: starting a child, its memory, and the speed of plain Python under the language of a harness.

python bench/sandbox.py [ROUNDS]

A cold start is that of the first child in a process, which starts the fork server; all others are warm. Beside them
stands a bare interpreter, started with the same options to do nothing.
Speed is told as a ratio to the same code under plain CPython, timed in turn within one process. It should be near 1.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import anyio

from weft.sandbox import launcher
from weft.sandbox.policy import compile_harness
from weft.sandbox.process import open_sandbox
from weft.sandbox.protocol import Limits
from weft.sandbox.world import build_world

PROGRAMS = {
    "loops": """
def work():
    total = 0
    for i in range(60_000):
        if i % 3:
            total += i * i
    return total
""",
    "sorting": """
def work():
    rows = [(i * 7919 % 1000, str(i)) for i in range(6_000)]
    rows.sort(key=lambda row: (row[0], row[1]))
    return rows[0]
""",
    "text": """
def work():
    parts = []
    for i in range(8_000):
        parts.append(f"{i}: {i * 2!r}".upper())
    return len("\\n".join(parts))
""",
    "calls": """
def work():
    def fibonacci(n):
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)
    return fibonacci(18)
""",
    "objects": """
class Point:
    def __init__(self, x):
        self.x = x
        self._y = x
    def norm(self):
        return self.x + self._y
def work():
    points = [Point(i) for i in range(6_000)]
    return sum(point.norm() for point in points)
""",
    "patterns": """
from dataclasses import dataclass
@dataclass
class Point:
    x: int
    y: int
def work():
    total = 0
    for shape in [Point(1, 2), {"kind": "line", "to": [3, 4]}, 5, "text"] * 2_000:
        match shape:
            case Point(0, y): total += y
            case Point(x, y): total += x + y
            case {"kind": "line", "to": [x, y]}: total += x + y
            case int(n) if n > 3: total += n
            case str(): total += 1
    return total
""",
    "expressions": """
import re
def work():
    word = re.compile(r"(\\w+)-(\\w+)")
    return sum(len(word.sub(r"\\2 \\1", f"left-right {i}")) for i in range(3_000))
""",
    "copies": """
import copy
def work():
    rows = [{"name": str(i), "tags": ["a", "b"], "at": (i, i)} for i in range(300)]
    return len(copy.deepcopy(rows))
""",
    "dictionaries": """
def work():
    counts = {}
    for i in range(20_000):
        counts[i % 97] = counts.get(i % 97, 0) + 1
    return len(counts)
""",
}


def plain(source: str) -> Callable[[], Any]:
    """Return `work` as Python has it."""
    names: dict[str, Any] = {}
    exec(compile(source, "bench.py", "exec"), names)
    work: Callable[[], Any] = names["work"]
    return work


def harness(source: str) -> Callable[[], Any]:
    """Return `work` as a harness has it."""
    names = build_world({})
    exec(compile_harness(source, "bench.py"), names)
    work: Callable[[], Any] = names["work"]
    return work


def ratio(source: str, rounds: int) -> float:
    """Return how much slower a harness is; the least of many rounds on both sides, taken in turn."""
    sides = plain(source), harness(source)
    best = [float("inf")] * 2
    for _ in range(rounds * 5):
        for side, work in enumerate(sides):
            begun = time.perf_counter()
            work()
            best[side] = min(best[side], time.perf_counter() - begun)
    return best[1] / best[0]


async def start() -> tuple[float, float]:
    """Return the seconds until a child is ready, and the megabytes that are its own."""
    begun = time.perf_counter()
    async with open_sandbox(Limits()) as sandbox:
        await sandbox.ready()
        seconds = time.perf_counter() - begun
        with open(f"/proc/{sandbox._process.pid}/smaps_rollup") as file:
            sizes = {line.split()[0]: int(line.split()[1]) for line in file if line.endswith(" kB\n")}
    return seconds, (sizes["Private_Clean:"] + sizes["Private_Dirty:"]) / 1024


def cold() -> tuple[float, float]:
    """Return the same for the first child in a process."""
    launcher.end_server()
    return anyio.run(start)


def bare() -> float:
    """Return the seconds that a bare interpreter takes from start to end."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-s", "-P", "-S", "-c", "pass"], check=True, env={"PYTHONHASHSEED": "0"})
    return time.perf_counter() - begun


def main() -> None:
    """Print start, memory, and the ratio for each program."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    cold(), bare()  # the first ones fill caches
    turns = [(bare(), *cold(), *anyio.run(start)) for _ in range(rounds)]
    plain_start, *starts = (statistics.median(column) for column in zip(*turns, strict=True))
    sys.stdout.write(f"bare Python    {plain_start * 1000:7.1f} ms\n")
    for name, seconds, megabytes in (("cold child", *starts[:2]), ("warm child", *starts[2:])):
        relative = f"{seconds / plain_start:5.1f} x bare Python"
        sys.stdout.write(f"{name:<14} {seconds * 1000:7.1f} ms {relative} {megabytes:5.1f} MB of its own\n")
    ratios = {name: ratio(source, rounds) for name, source in PROGRAMS.items()}
    for name, value in ratios.items():
        sys.stdout.write(f"{name:<14} {value:7.2f} x plain Python\n")
    sys.stdout.write(f"{'all':<14} {statistics.geometric_mean(ratios.values()):7.2f} x plain Python\n")


if __name__ == "__main__":
    main()
