"""`weft doctor`: what this machine offers a run. Starts a sandbox, and no agent."""

from __future__ import annotations

import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

import click

from weft.runtime.errors import ExitCode

__all__ = ["doctor"]

KEYS = ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON only.")
def doctor(as_json: bool) -> None:
    """Tell what this machine offers a run: confinement, credentials, a place to write.

    Exit code 1 when a harness cannot be executed here at all.
    """
    import anyio

    from weft.sandbox.errors import SandboxError

    try:
        walls, problem = list(anyio.run(_walls)), None
    except (SandboxError, OSError) as error:
        walls, problem = [], str(error)
    found = {
        "python": f"{platform.python_version()} ({sys.executable})",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "walls": walls,
        "problem": problem,
        "environment": [name for name in KEYS if os.environ.get(name)],
        "writable": os.access(Path.cwd(), os.W_OK),
    }
    click.echo(json.dumps(found, indent=2) if as_json else _text(found))
    raise SystemExit(ExitCode.ERROR if problem else ExitCode.CLEAN)


async def _walls() -> tuple[str, ...]:
    from weft.sandbox.process import open_sandbox
    from weft.sandbox.protocol import Limits

    async with open_sandbox(Limits()) as sandbox:
        return (await sandbox.ready()).walls


MEANINGS = {
    "limits": "no files, no network, no processes, bounded memory and time",
    "landlock": "no files, no network, no signals to other processes, a second time",
    "seccomp": "no other system call at all; whoever tries is ended",
}


def _text(found: dict[str, Any]) -> str:
    lines = [f"python    {found['python']}", f"system    {found['system']}"]
    if found["problem"]:
        lines += [f"sandbox   cannot be started: {found['problem']}"]
    for wall, meaning in MEANINGS.items() if not found["problem"] else ():
        lines.append(f"sandbox   {'holds  ' if wall in found['walls'] else 'MISSING'} {wall:<9} {meaning}")
    if not found["problem"] and len(found["walls"]) < len(MEANINGS):
        lines.append("          runs go on without what is missing, say so at their start and keep it in their journal")
    lines.append(
        f"models    {', '.join(found['environment']) or 'no ANTHROPIC_API_KEY: the offline model is the default'}"
    )
    lines.append(f"project   {Path.cwd()} {'can' if found['writable'] else 'CANNOT'} be written to")
    return "\n".join(lines)
