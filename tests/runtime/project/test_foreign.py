"""Harnesses for other products: told apart from broken ones, with what is to be changed of what they have."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import weft

from weft.runtime.project.foreign import foreign

SCRIPT = """// Audits routes.
export const meta = { name: "audit", description: "Audit routes" };
const found = await parallel(args.files.map(file => () => agent(`Read ${file}`, { agentType: "reader" })));
return found.filter(one => one !== null);
"""
REGISTERED = """import asyncio

from devin import agent, register_workflow


async def main():
    await register_workflow({"name": "audit"})
    return await agent("Read")


asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("name", "source", "line", "changes"),
    [
        ("audit.js", SCRIPT, 2, ("meta", "parallel", "profile", "None")),
        ("audit.py", SCRIPT, 2, ("async def main(args)", "agent(")),
        ("audit.py", REGISTERED, 7, ("register_workflow", "asyncio.run")),
    ],
)
def test_each_command_says_what_to_change(
    tmp_path: Path, name: str, source: str, line: int, changes: tuple[str, ...]
) -> None:
    (tmp_path / name).write_text(source)
    for words in (("run", name), ("save", name, "audit"), ("check", name)):
        done = weft(tmp_path, *words)
        assert done.code == (1 if words[0] == "check" else 3)
        assert "another product" in done.err and f"{name}:{line}" in done.err
        assert [part for part in changes if part not in done.err] == []
    assert not (tmp_path / ".weft").exists()


@pytest.mark.parametrize(
    "source",
    [
        "# register_workflow(meta) is what others call\nasync def main(args):\n    return 1\n",
        "from weft.primitives import agent\n\n\nasync def main(args):\n    return register_workflow()\n",
        "async def main(args):\n    return 'export const meta = {}'\n",
    ],
)
def test_what_only_speaks_of_it_is_ours(source: str) -> None:
    assert foreign(source) is None
