"""How many of the contradictions in ordinary documents the offline model finds, and what it claims that is none.

Each folder NAME lies beside NAME.answers.json, which says what is planted in it (`contradictions`: two places each, how
they differ and how hard they are) and what only looks like it (`not`). The real command is run over it.

python bench/offline.py [--misses] [FOLDER ...]      without folders: those in bench/folders/
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from weft.runtime.agents.offline.text import Sentence

__all__ = ["FOLDERS", "Score", "near", "planted_in", "score"]

FOLDERS = Path(__file__).parent / "folders"
QUESTION = "Which of these documents contradict each other?"
WEFT = str(Path(sys.executable).with_name("weft"))
NEAR = 2
"""How many lines a claim may be off on either side."""


@dataclass
class Score:
    """What was found in one folder."""

    planted: list[dict[str, Any]]
    claimed: list[dict[str, Any]]
    seconds: float = 0.0
    found: list[dict[str, Any]] = field(default_factory=list)
    missed: list[dict[str, Any]] = field(default_factory=list)
    false: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for pair in self.planted:
            (self.found if any(_same(claim, pair) for claim in self.claimed) else self.missed).append(pair)
        self.false = [claim for claim in self.claimed if not any(_same(claim, pair) for pair in self.planted)]


def planted_in(folder: Path) -> list[dict[str, Any]]:
    """Return the contradictions that are planted in a folder."""
    known = (folder.with_name(f"{folder.name}{ending}") for ending in (".answers.json", "-answers.json"))
    answers = next(path for path in known if path.exists())
    found: list[dict[str, Any]] = json.loads(answers.read_text(encoding="utf-8"))["contradictions"]
    return found


def score(folder: Path) -> Score:
    """Run the question over a folder, as a stranger would, and compare what it says with the answers."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        words = ["run", QUESTION, "--dir", str(folder.resolve()), "--model", "offline", "--yes", "--json"]
        done = subprocess.run([WEFT, *words], cwd=place, capture_output=True, text=True, check=False)
    result = json.loads(done.stdout)["result"]
    return Score(planted_in(folder), result["contradictions"], time.perf_counter() - begun)


def _same(claim: dict[str, Any], pair: dict[str, Any]) -> bool:
    sides = (claim["first"], claim["second"])
    return any(_near(one, pair["a"]) and _near(other, pair["b"]) for one, other in (sides, sides[::-1]))


def _near(said: dict[str, Any], planted: dict[str, Any]) -> bool:
    return near(Sentence(said["statement"], said["source"], said["line"]), planted)


def near(said: Sentence, planted: dict[str, Any]) -> bool:
    """Whether a statement stands where something is planted."""
    return bool(said.source == planted["file"] and abs(said.line - planted["line"]) <= NEAR)


def _shown(one: dict[str, Any], other: dict[str, Any]) -> str:
    sides = [
        f"      {side.get('file') or side['source']}:{side['line']}  {side.get('quote') or side['statement']}"
        for side in (one, other)
    ]
    return "\n".join(sides)


def _report(scores: dict[Path, Score], misses: bool) -> str:
    lines = []
    for folder, scored in scores.items():
        counted = f"{len(scored.found)} of {len(scored.planted)} found, {len(scored.false)} false"
        lines.append(f"{folder.name:28} {counted}, {scored.seconds:.1f} s")
        if misses:
            lines += [f"   missed ({p['how']}, {p['hard']})\n{_shown(p['a'], p['b'])}" for p in scored.missed]
            lines += [f"   false: {c['why']}\n{_shown(c['first'], c['second'])}" for c in scored.false]
    planted = [pair for scored in scores.values() for pair in scored.planted]
    found = [pair for scored in scores.values() for pair in scored.found]
    false = sum(len(scored.false) for scored in scores.values())
    lines.append(f"{'all':28} {len(found)} of {len(planted)} found, {false} false")
    for kind in ("how", "hard"):
        all_of, found_of = (Counter(str(pair[kind]) for pair in pairs) for pairs in (planted, found))
        lines.append(f"by {kind}: " + ", ".join(f"{name} {found_of[name]}/{all_of[name]}" for name in sorted(all_of)))
    return "\n".join(lines)


if __name__ == "__main__":
    given = [Path(word) for word in sys.argv[1:] if not word.startswith("-")]
    folders = given or sorted(path for path in FOLDERS.iterdir() if path.is_dir())
    sys.stdout.write(_report({folder: score(folder) for folder in folders}, "--misses" in sys.argv) + "\n")
