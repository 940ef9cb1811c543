"""A harness that rates files, runs of it with scripted agents, and what is kept of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from command import Done, weft

RATING = '''"""Rate each file for how risky it is."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {
        "files": {"type": "array", "items": {"type": "string"}, "maxItems": 9},
        "least": {"type": "integer", "minimum": 0},
    },
    "required": ["files", "least"],
}
RISK = {"type": "object", "properties": {"risk": {"type": "integer"}}, "required": ["risk"]}


async def main(args):
    files = args["files"][:9]
    found = await parallel([agent(f"Rate {file}", schema=RISK, label=file) for file in files])
    rated = [(file, one["risk"]) for file, one in zip(files, found) if one]
    return {"risky": [file for file, risk in rated if risk >= args["least"]], "lost": len(found.lost)}
'''

SCRIPT: dict[str, Any] = {
    "rules": [
        {"match": {"label": "b"}, "lost": "refused"},
        {"match": {"label": "a"}, "result": {"risk": 7}, "usage": {"input": 90, "output": 9}},
    ],
    "default": {"from_schema": True},
}

ARGS = {"files": ["a.py", "b.py", "c.py"], "least": 3}


def rated(folder: Path, source: str = RATING, args: Any = None, script: Any = None) -> str:
    """Run it in a folder, as a file there, and return the name of the run."""
    (folder / "rating.py").write_text(source)
    (folder / "stub.json").write_text(json.dumps(SCRIPT if script is None else script))
    given = (
        "--agents",
        "stub:stub.json",
        "--virtual-time",
        "--max-agents",
        "20",
        "--json",
        "--args",
        json.dumps(args or ARGS),
    )
    done = weft(folder, "run", "rating.py", *given)
    return str(done.json["run"])


def saved(folder: Path, *words: str) -> Done:
    """Run it, and save that run as `rating`."""
    done = weft(folder, "save", rated(folder), "rating", *words)
    assert done.code == 0, done.err
    return done
