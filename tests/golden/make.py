"""Makes the recorded runs in this folder; what was made once is kept, for ever.

    python tests/golden/make.py NAME …

A new version of the journal adds records under new names; those that are there were written by the weft of their
time, and never change: today's must read, show, replay and resume them. `version-1` was made so by the last weft that
wrote version 1; `sliced` is the first of version 3, `together` of version 4, `unsettled` of version 5. `language-1` is
the last of the first language: it says in that language what later ones say otherwise. `language-2` says the same in
the second, and is the first of version 6.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "support")]

from running import run_source  # noqa: E402

HARNESS = '''\
"""Ask around, in branches that share what they have seen."""
seen = Seen()


async def ask(n):
    first = await agent(f"find {n}", label=f"find:{n}", schema={"type": "object", "required": ["text"]})
    if n == 3:
        raise ValueError("three is too many")
    fresh = seen.add([first["text"] if first else "lost"])
    return await agent(f"look at {fresh}", label=f"look:{n}")


async def main(args):
    phase("Find")
    found = await parallel([ask(n) for n in range(4)])
    log(f"{len(found)} found")
    finding({"found": len(found)})
    phase("Vote")
    votes = await parallel([agent(f"vote {n}", label=f"vote:{n}") for n in range(3)], quorum=2)
    inner = await workflow("inner", {"n": 1})
    if args.get("fail"):
        return {"never": 1 / 0}
    return {"found": list(found), "votes": list(votes), "inner": inner, "seen": len(seen), "at": len(now())}
'''
INNER = 'async def main(args):\n    return await agent(f"inner {args}", label="inner")\n'

OLD = '''\
"""Say all that the first language says otherwise than later ones."""


async def main(args):
    left = [budget.total, budget.spent(), budget.remaining()]
    verdict = await verify({"claim": "the sky is green", "source": "sky.md:3"}, lenses=["a", "b", "c"], \
subject="sky.md")
    weak = await verify("grass is blue", lenses=["d", "lost"], quorum=1)
    ended = []
    for round in (rounds := until_dry(max_rounds=4)):
        found = await parallel([agent(f"hunt {round.number}", label="lost:hunt")])
        round.found([one for one in found if one])
    ended.append(rounds.ended)
    for round in (rounds := while_budget(reserve=60, max_rounds=9)):
        await agent(f"spend {round.number}", label="spend")
    ended.append(rounds.ended)
    inner = await workflow("inner", {"n": 2})
    return {"left": left, "verdict": verdict, "weak": weak, "ended": ended, "inner": inner, "now": budget.remaining()}
'''
OLD_INNER = """\
async def main(args):
    verdict = await verify("water is dry", lenses=["e", "f"], quorum=2)
    listed = await agent("list", label="list", schema={"type": "array", "maxItems": 2, "items": {"type": "string"}})
    return [verdict["survives"], verdict["independence"], listed, type(listed).__name__]
"""

NEW = '''\
"""Say in the second language what the first one says otherwise."""
BUDGET = {"tokens": 400}


async def main(args):
    left = [budget.total("tokens"), budget.spent("tokens"), budget.remaining("tokens"), budget.share_left]
    claim = {"claim": "the sky is green", "source": "sky.md:3", "why": "it says so"}
    other = {"model": "anthropic:claude-haiku-4-5"}
    verdict = await verify(claim, lenses=["a", "b", "c"], veto=False, tie_breaker=other)
    weak = await verify("grass is blue", lenses=["d", "lost"], quorum=1, subject=["sky.md"])
    early = await verify("water is dry", votes=5, veto=False, early=True)
    ended = []
    for round in (rounds := until_dry(max_rounds=4)):
        found = await parallel([agent(f"hunt {round.number}", label="lost:hunt")])
        round.found([one for one in found if one])
    ended.append(rounds.ended)
    for round in (rounds := while_budget(reserve=0.1, max_rounds=9)):
        await agent(f"spend {round.number}", label="spend")
    ended.append(rounds.ended)
    inner = await workflow("inner", {"n": 2})
    return {"left": left, "verdicts": [verdict, weak, early], "ended": ended, "inner": inner}
'''
NEW_INNER = """\
async def main(args):
    verdict = await verify("water is dry", lenses=["e", "f"])
    listed = await agent("list", label="list", schema={"type": "array", "maxItems": 2, "items": {"type": "string"}})
    return [verdict["outcome"], verdict["independence"], listed, listed.full]
"""

LONG = 'a long answer, with ünïcödé and \\ and "quotes" ' * 200
RULES: list[dict[str, Any]] = [
    {"match": {"label": f"find:{n}"}, "result": {"text": f"text {n % 2}"}, "latency": 4 - n} for n in range(4)
]
RULES += [{"match": {"label": f"vote:{n}"}, "result": f"vote {n}", "latency": 3 * n + 1} for n in range(3)]
RULES += [{"match": {"label": "look:0"}, "result": LONG, "usage": {"input": 10, "output": 5}}]
DEFAULT = {"result": "short", "usage": {"input": 7, "output": 3}}

OLD_RULES: list[dict[str, Any]] = [
    {"match": {"label": "lost"}, "lost": "refused"},
    {"match": {"label": "verify:b"}, "result": {"verdict": "refuted", "reason": "r", "evidence": []}},
    {
        "match": {"label": "verify"},
        "result": {
            "verdict": "supported",
            "reason": "so it says",
            "evidence": [{"source": "sky.md", "line": 3, "quote": "green"}],
        },
        "touched": ["sky.md:1-9"],
        "usage": {"input": 5, "output": 5},
    },
    {"match": {"label": "list"}, "result": ["x", "y"], "usage": {"input": 5, "output": 5}},
    {"match": {"label": "spend"}, "result": "spent", "usage": {"input": 30, "output": 10}},
]


def begun(folder: Path, *, source: str = HARNESS, lost: str | None = None, **more: Any) -> Path:
    """Run the harness; return the folder of the run."""
    saved = folder / ".weft" / "workflows" / "inner.py"
    saved.parent.mkdir(parents=True)
    saved.write_text(INNER)
    rules = [{"match": {"label": lost}, "lost": "refused", "latency": 2}, *RULES] if lost else RULES
    options = {"model": "anthropic:claude-sonnet-5-5", "args": {}, **more}
    return run_source(source, folder, stub={"rules": rules, "default": DEFAULT}, **options).folder.path


def resumed(folder: Path) -> Path:
    """Run, lose an agent, and go on twice: with an edited harness, and once more."""
    from running import resume_source
    from weft.runtime.store import RunFolder

    run = RunFolder(begun(folder, lost="find:1", max_agents=9))
    edited = HARNESS.replace('f"vote {n}"', 'f"vote again {n}"')
    stub = {"rules": RULES, "default": DEFAULT}
    resume_source(run, folder, source=edited, stub=stub, model="anthropic:claude-sonnet-5-5", max_agents=11)
    return resume_source(run, folder, stub=stub, model="anthropic:claude-sonnet-5-5").folder.path


def sliced(folder: Path) -> Path:
    """Give the saved harness a slice of the budget, lose an agent of it to that, and let others wait for room."""

    source = HARNESS.replace('{"n": 1})', '{"n": 1}, budget=0.01)')
    return begun(folder, source=source, budget_tokens=60)


def in_language(folder: Path, source: str, inner: str, **more: Any) -> Path:
    """Say what another language says otherwise."""
    saved = folder / ".weft" / "workflows" / "inner.py"
    saved.parent.mkdir(parents=True)
    saved.write_text(inner)
    options = {"model": "anthropic:claude-sonnet-5-5", "args": {}, **more}
    return run_source(source, folder, stub={"rules": OLD_RULES, "default": DEFAULT}, **options).folder.path


def killed(folder: Path) -> Path:
    """Cut the end off, as if the process had been killed."""
    path = begun(folder)
    cut(path, "30")
    return path


def unsettled(folder: Path) -> Path:
    """Cut everything off after some requests have left, as if the process had been killed while they were in flight."""
    path = begun(folder)
    cut(path, "(SELECT seq FROM event WHERE type = 'money_moved' ORDER BY seq LIMIT 1 OFFSET 2)")
    return path


def cut(path: Path, last: str) -> None:
    """Leave the events up to this one."""
    with sqlite3.connect(path / "run.db") as database:
        database.execute(f"DELETE FROM event WHERE seq > {last}")
        database.execute("UPDATE head SET (seq, crc) = (SELECT seq, crc FROM event ORDER BY seq DESC LIMIT 1)")
    database.close()


RECORDS: dict[str, Callable[[Path], Path]] = {
    "version-1": begun,
    "complete": begun,
    "degraded": lambda folder: begun(folder, lost="find:1"),
    "paused": lambda folder: begun(folder, max_agents=6),
    "failed": lambda folder: begun(folder, args={"fail": True}),
    "killed": killed,
    "resumed": resumed,
    "sliced": sliced,
    "together": begun,
    "unsettled": unsettled,
    "language-1": lambda folder: in_language(folder, OLD, OLD_INNER, budget_tokens=400),
    "language-2": lambda folder: in_language(folder, NEW, NEW_INNER),
}


def make(name: str) -> None:
    """Make a record, and write down what is to be read from it."""
    with tempfile.TemporaryDirectory() as temporary:
        made = RECORDS[name](Path(temporary))
        folder = HERE / name
        folder.mkdir()
        for file in ("run.db", "harness.py", "result.json"):
            shutil.copy(made / file, folder / file)
    with sqlite3.connect(folder / "run.db") as database:
        types = [row[0] for row in database.execute("SELECT type FROM event ORDER BY seq")]
    database.close()
    (folder / "types.json").write_text(json.dumps(types) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        make(wanted)
