"""How fast the command answers: medians of whole processes, and their ratio to a bare interpreter in the same run.

python bench/startup.py [ROUNDS]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
WEFT = str(Path(sys.executable).with_name("weft"))
HARNESS = str(ROOT / "runtime/weft/runtime/library/find_contradictions.py")
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "weft --help": [WEFT, "--help"],
    "weft check FILE": [WEFT, "check", HARNESS],
}


def main() -> None:
    """Run the commands in turn, so that drift of the machine hits all alike, and print a table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds + 1):
        for name, command in COMMANDS.items():
            begun = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            seconds[name].append(time.perf_counter() - begun)
    medians = {name: statistics.median(times[1:]) for name, times in seconds.items()}  # the first round warms up
    floor = medians["python -c pass"]
    sys.stdout.writelines(
        f"{name:<18} {median * 1000:7.1f} ms  {median / floor:5.1f} x a bare interpreter\n"
        for name, median in medians.items()
    )


if __name__ == "__main__":
    main()
