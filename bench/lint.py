"""How fast the linter is: each file in this process, the slowest of them as a command, and how it grows.

Growth is shown in steps, which are the same on any machine, and in milliseconds.

python bench/lint.py [FOLDER ...]      without folders: the harnesses of examples/ and of the library
"""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from weft.linter import lint
from weft.linter.facts import gather

ROOT = Path(__file__).parents[1]
FOLDERS = [ROOT / "examples", ROOT / "runtime/weft/runtime/library"]
WEFT = str(Path(sys.executable).with_name("weft"))
ROUNDS = 5


def milliseconds(work: Callable[[], object]) -> float:
    """Return the median of a few rounds, after one that warms up."""
    taken = []
    for _ in range(ROUNDS + 1):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken[1:])


def nest(depth: int) -> str:
    """Return a harness with loops in loops, each of which changes something."""
    loops = [f"{'    ' * (level + 1)}for n{level} in range(2):" for level in range(depth)]
    inner = "    " * (depth + 1)
    body = [f"{inner}total += 1", f'{inner}out.append(await agent(f"do {{total}}"))']
    return "\n".join(["async def main(args):", "    total, out = 0, []", *loops, *body, "    return out", ""])


def chain(length: int) -> str:
    """Return a harness with functions that each call the one before twice."""
    first = ["async def f0(x):", '    return await agent(f"do {x}")']
    others = [
        line
        for n in range(1, length)
        for line in (f"async def f{n}(x):", f"    a = await f{n - 1}(x)", f"    return [a, await f{n - 1}(x)]")
    ]
    return "\n".join([*first, *others, "async def main(args):", f'    return await f{length - 1}("the work")', ""])


def grown(name: str, make: Callable[[int], str], sizes: tuple[int, ...]) -> list[str]:
    """Return lines that show how the linter's work grows with the size of a harness."""
    lines = []
    for size in sizes:
        source = make(size)
        steps = gather(source, ast.parse(source)).steps
        lines.append(
            f"{name} {size:3}   {steps:6} steps   {milliseconds(lambda source=source: lint(source)):7.1f} ms\n"
        )  # type: ignore[misc]
    return lines


def main() -> None:
    """Measure and print a table."""
    folders = [Path(word) for word in sys.argv[1:]] or FOLDERS
    sources = {path: path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.glob("*.py"))}
    took = {path: milliseconds(lambda source=source: lint(source)) for path, source in sources.items()}  # type: ignore[misc]
    worst = max(took, key=lambda path: took[path])
    command = milliseconds(lambda: subprocess.run([WEFT, "check", worst], stdout=subprocess.DEVNULL, check=False))
    bare = milliseconds(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True))
    sys.stdout.writelines(
        [
            f"{len(took)} files in process   median {statistics.median(took.values()):6.1f} ms\n",
            f"the worst, {worst.name:<20} {took[worst]:6.1f} ms   aim: below 100\n",
            f"weft check {worst.name:<20} {command:6.1f} ms   aim: below 400\n",
            f"python -c pass                  {bare:6.1f} ms\n",
            *grown("loops in loops   ", nest, (2, 5, 10)),
            *grown("functions, twice ", chain, (5, 15, 30)),
        ]
    )


if __name__ == "__main__":
    main()
