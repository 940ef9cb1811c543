"""Runs that are begun on the command line with a script that loses some agents: what there is to resume."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from command import Done, weft

__all__ = ["READ", "answers", "begin"]

READ = """from weft.primitives import agent, parallel


async def main(args):
    return list(await parallel([agent(f"Read {name}", label=name) for name in "abc"]))
"""
"""Three agents, at the same time."""


def answers(folder: Path, result: Any, *lost: str) -> None:
    """Let agents answer this from now on, at a price, except those with these labels."""
    rules = [{"match": {"label": label}, "lost": "provider"} for label in lost]
    usage = {"input": 1000, "output": 100}
    (folder / "stub.json").write_text(json.dumps({"rules": rules, "default": {"result": result, "usage": usage}}))


def begin(folder: Path, source: str, **more: Any) -> Done:
    """Run a harness."""
    (folder / "h.py").write_text(source)
    return weft(folder, "run", "h.py", "--agents", "stub:stub.json", "--virtual-time", "--json", **more)
