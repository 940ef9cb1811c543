"""Harnesses that were written for another product with the same words: which one, and what is to be changed.

Nothing is translated: what such a text means is for whoever has written it to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Foreign", "foreign"]

_SCRIPT = re.compile(r"^[ \t]*export\s+const\s+meta\b", re.MULTILINE)
_REGISTERED = re.compile(r"^(?!\s*#).*?\bregister_workflow\s*\(", re.MULTILINE)

SCRIPT_WORDS = {
    "meta": "meta.description becomes the docstring; the name is given when it is saved: weft save FILE.py NAME",
    "await": "what stands at the top level goes into `async def main(args):`",
    "agent": "agent(prompt, {schema, label, model}) is `await agent(prompt, schema=…, label=…, model=…)`",
    "agentType": "agentType is `profile=`",
    "parallel": "parallel(xs.map(x => () => agent(…))) is `await parallel([agent(…) for x in xs])`",
    "pipeline": "pipeline(xs, stage) is `await pipeline(xs, stage)`; a stage takes (value) or (value, item, index)",
    "phase": 'phase("Find") stays as it is',
    "budget": "budget counts tokens in and out, or dollars, and not output tokens alone",
    "workflow": 'workflow("name", args) is `await workflow("name", args)`',
    "null": "null is None: a lost agent is None there too, and says why in `.lost`",
    "Date": "Date.now() is `now()`",
}
"""What each word of JavaScript harnesses becomes."""

PYTHON_WORDS = {
    "register_workflow": "leave register_workflow(meta) out: its description becomes the docstring of the file",
    "asyncio": "leave asyncio.run(main()) and `import asyncio` out: weft awaits `async def main(args)` itself",
    "agent": "agent, parallel, pipeline, phase, log come from weft.primitives, and are None where they were lost",
    "open": "open() and the like are not there: files are read by agents, or listed with `await tool(…)`",
    "environ": "the environment is not there: what a harness is told stands in ARGS",
    "print": "print(…) is log(…)",
}
"""What each word of Python harnesses becomes."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """A harness for another product."""

    what: str
    """What it is."""
    line: int
    """Where that shows."""
    changes: tuple[str, ...]
    """What is to be changed of what it has."""


def foreign(source: str) -> Foreign | None:
    """Return for which other product a text was written; `None` where that cannot be told."""
    found = _SCRIPT.search(source)
    if found is not None:
        return _told("a JavaScript workflow for another product (`export const meta`)", source, found, SCRIPT_WORDS)
    found = _REGISTERED.search(source)
    if found is not None and "weft.primitives" not in source:
        return _told("a Python workflow for another product (`register_workflow`)", source, found, PYTHON_WORDS)
    return None


def _told(what: str, source: str, found: re.Match[str], words: dict[str, str]) -> Foreign:
    changes = tuple(change for word, change in words.items() if re.search(rf"\b{word}\b", source))
    text = found.group()
    begins = found.start() + len(text) - len(text.lstrip())
    return Foreign(what, source.count("\n", 0, begins) + 1, changes)
