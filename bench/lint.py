"""How fast the linter is: each file in this process, and the slowest of them as a command, with a bare interpreter.

python bench/lint.py [FOLDER ...]      without folders: the harnesses of examples/ and of the library
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from weft.linter import lint

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
        ]
    )


if __name__ == "__main__":
    main()
