"""`weft doctor`: what this machine and this project offer a run. Starts a sandbox, and no agent."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weft.runtime.cli.output import print_json, show
from weft.runtime.cli.tooling import allow_option, tools_here
from weft.runtime.errors import ExitCode
from weft.runtime.page import Line, Span, named, shortened
from weft.runtime.plain import plain

if TYPE_CHECKING:
    from weft.runtime.errors import RuntimeFailure
    from weft.runtime.tools.listing import Listed

__all__ = ["doctor", "doctor_page"]

KEYS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL")

LIBRARIES = ("pydantic-ai-slim", "anthropic", "openai", "RestrictedPython")
"""Those whose versions decide how models are asked and what a harness may say."""

LITTLE_SPACE = 100_000_000
"""Bytes below which a run may not have the room for its journal."""

MOST_MODELS_SHOWN = 8

NAMES = 10
"""Columns of the names of what is told."""


@click.command()
@allow_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON only.")
def doctor(allow: tuple[str, ...], as_json: bool) -> None:
    """Tell what this machine and this project offer a run: walls, models, tools, a place to write, a configuration.

    The MCP servers and functions of the project that are allowed are tried: started, asked for their tools, imported.

    Worktrees that killed runs have left are removed.

    Exit code 1 when no run can be started here as things are, or something that is saved here cannot be read.
    """
    import anyio

    found = anyio.run(_found, allow)
    print_json(found) if as_json else show(doctor_page(found))
    broken = any(one["problem"] for one in found["tools"])
    broken = broken or found["problem"] or found["configuration"] or found["unreadable"] or not found["writable"]
    raise SystemExit(ExitCode.ERROR if broken or found["free_bytes"] < LITTLE_SPACE else ExitCode.CLEAN)


async def _found(allow: tuple[str, ...]) -> dict[str, Any]:
    """Return all that is to be told, as JSON data."""
    from weft.runtime.agents.local import find_servers, looked_at
    from weft.runtime.tools.contained import walls as commands_walls
    from weft.sandbox.errors import SandboxError

    try:
        walls, problem = list(await _walls()), None
    except (SandboxError, OSError) as error:
        walls, problem = [], str(error)
    here = Path.cwd()
    return {
        "weft": version("weft"),
        "libraries": {name: version(name) for name in LIBRARIES},
        "python": f"{platform.python_version()} ({sys.executable})",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "walls": walls,
        "commands": await commands_walls(),
        "problem": problem,
        "environment": [name for name in KEYS if os.environ.get(name)],
        "servers": [
            {"kind": server.kind, "address": server.address, "models": list(server.models)}
            for server in await find_servers()
        ],
        "looked_at": looked_at(),
        "writable": _writable(here),
        "free_bytes": shutil.disk_usage(here).free,
        "configuration": _configuration(here),
        "tools": await _tools(here, allow),
        "unreadable": _unreadable(here),
        "swept": _swept(here),
    }


async def _walls() -> tuple[str, ...]:
    from weft.sandbox.process import open_sandbox
    from weft.sandbox.protocol import Limits

    async with open_sandbox(Limits()) as sandbox:
        return (await sandbox.ready()).walls


def _writable(folder: Path) -> bool:
    """Whether runs can be kept in a folder, or in the `.weft` folder that it has."""
    kept = [path for path in (folder / ".weft" / "runs", folder / ".weft") if path.exists()]
    return os.access(kept[0] if kept else folder, os.W_OK | os.X_OK)


def _configuration(folder: Path) -> dict[str, str | None] | None:
    """Return what is wrong with the configuration of a folder, if anything is."""
    from weft.runtime.errors import UsageError
    from weft.runtime.project.config import read_config

    try:
        read_config(folder)
    except UsageError as error:
        where = (error.where or "").removeprefix(f"{folder}{os.sep}")
        return {"message": error.what, "where": where, "fix": error.fix}
    return None


async def _tools(folder: Path, allow: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return where the tools come from that the project adds, and what became of trying those that are allowed."""
    from weft.runtime.errors import UsageError

    try:
        found = [one for one in await tools_here(folder, allow) if one.source is not None]
    except UsageError:  # which the configuration tells
        return []
    sources = dict.fromkeys(one.source for one in found)
    return [_source(str(name), [one for one in found if one.source == name]) for name in sources]


def _source(name: str, found: list[Listed]) -> dict[str, Any]:
    tools = [one.name for one in found if one.acts is not None]
    looked_at = bool(tools) or any(one.problem for one in found)
    about = next((one.about for one in found if one.acts is None), "")
    problem = next((one.problem for one in found if one.problem), None)
    return {
        "name": name,
        "about": about,
        "tried": looked_at,
        "tools": tools,
        "version": found[0].version,
        "problem": problem,
    }


def _unreadable(folder: Path) -> list[dict[str, str]]:
    """Return which saved harnesses of a folder cannot be read, and why."""
    from weft.runtime.errors import RuntimeFailure
    from weft.runtime.project.harness import read_harness

    broken = []
    for path in sorted((folder / ".weft" / "workflows").glob("*.py")):
        try:
            read_harness(path)
        except RuntimeFailure as error:
            broken.append({"path": os.path.relpath(path, folder), "message": _reason(error, path)})
    return broken


def _swept(folder: Path) -> list[str]:
    """Remove worktrees that runs of a folder have left which were killed, and return which runs these are."""
    from weft.runtime.project.folders import Project
    from weft.runtime.worktrees.leftovers import sweep

    return sweep(Project(folder).trees)


def _reason(error: RuntimeFailure, path: Path) -> str:
    """Return why a file cannot be read, whose path is told beside it."""
    return error.where if error.where and error.where != str(path) else error.what


MEANINGS = {
    "limits": "no files, network or processes; bounded memory and time",
    "landlock": "no files, network or signals, a second time",
    "seccomp": "no other system call at all; whoever tries is ended",
}


def doctor_page(found: dict[str, Any]) -> list[Line]:
    """Return what was found as a page."""
    versions = ", ".join(f"{name} {of}" for name, of in found["libraries"].items())
    return [
        _row("weft", f"{found['weft']} ({versions})"),
        _row("python", found["python"]),
        _row("system", found["system"]),
        *_sandbox(found),
        *_commands(found),
        *_models(found),
        *_project(found),
        *_added(found),
    ]


def _row(name: str, *said: str | Span) -> Line:
    spans: list[Span] = [(part, "plain") if isinstance(part, str) else part for part in said]
    return named(name, *((plain(part.replace("\n", " ")), role) for part, role in spans), width=NAMES)


def _sandbox(found: dict[str, Any]) -> list[Line]:
    if found["problem"]:
        return [_row("sandbox", ("cannot be started", "lost"), f": {found['problem']}")]
    rows = [
        _row("sandbox", ("holds", "ok") if wall in found["walls"] else ("MISSING", "warning"), f" {wall}: {meaning}")
        for wall, meaning in MEANINGS.items()
    ]
    if len(found["walls"]) < len(MEANINGS):
        rows.append(_row("", "runs go on without what is missing, say so at their start and keep it in their journal"))
    return rows


def _commands(found: dict[str, Any]) -> list[Line]:
    """Return what the commands of agents, where they are granted, are kept from."""
    held = found["commands"]
    if not {"files", "network"} <= {*held}:
        return [
            _row(
                "commands",
                ("cannot be contained", "warning"),
                ", so agents run none without command_writes, command_network",
            )
        ]
    alone = "" if "processes" in held else "; they see other processes, and could change .git/hooks"
    return [_row("commands", ("are kept", "ok"), f" from files outside of their folder, and from the network{alone}")]


def _models(found: dict[str, Any]) -> list[Line]:
    from weft.runtime.agents.local import MOST_SHOWN

    rows = [_row("models", ", ".join(found["environment"]) or "no ANTHROPIC_API_KEY: the offline model is the default")]
    for server in found["servers"]:
        names = server["models"][:MOST_MODELS_SHOWN]
        more = len(server["models"]) - len(names)
        listed = ", ".join(shortened(name, MOST_SHOWN) for name in names) + (f" and {more} more" if more > 0 else "")
        rows.append(_row("local", f"{server['kind']} at {server['address']}: {listed or 'it has no models yet'}"))
    usable = [name for server in found["servers"] for name in server["models"]]
    if usable:
        rows.append(
            _row(
                "",
                f"--model local asks {shortened(usable[0], MOST_SHOWN)}"
                + (", --model local:NAME another" if usable[1:] else ""),
            )
        )
    else:
        looked = f"no model server (Ollama, llama.cpp, LM Studio, vLLM) answers; looked at {found['looked_at']}"
        rows.append(_row("local", looked))
    return rows


def _project(found: dict[str, Any]) -> list[Line]:
    free = found["free_bytes"]
    enough = free >= LITTLE_SPACE
    room: Span = (f"{free / 1e9:,.1f} GB free", "plain") if enough else (f"ONLY {free / 1e6:,.0f} MB free", "lost")
    writable: Span = ("can", "plain") if found["writable"] else ("CANNOT", "lost")
    rows = [_row("project", f"{Path.cwd()} ", writable, " be written to; ", room)]
    if not found["writable"]:
        rows.append(_row("", "no run can be kept here: change its rights, or go to another folder"))
    wrong = found["configuration"]
    if wrong:
        rows.append(_row("config", ("BROKEN", "lost"), f" {wrong['where']}: {wrong['message']}"))
        rows.append(_row("", f"no run starts here before it is mended: {wrong['fix']}"))
    rows += [
        _row("saved", ("BROKEN", "lost"), f" {one['path']}: {one['message']}. Neither can it be run, nor called")
        for one in found["unreadable"]
    ]
    if found["swept"]:
        rows.append(_row("worktrees", f"left by {', '.join(found['swept'])}, which was killed; removed now"))
    return rows


def _added(found: dict[str, Any]) -> list[Line]:
    """Return what became of the tools that the project adds."""
    rows = []
    for number, one in enumerate(found["tools"]):
        name = "" if number else "tools"
        if one["problem"]:
            rows.append(_row(name, f"{one['name']} ", ("BROKEN", "lost"), f": {one['problem']}"))
        elif one["tried"]:
            count = f"{len(one['tools'])} {'tool' if len(one['tools']) == 1 else 'tools'}"
            said = f": {one['version']}, {count}" if one["version"] else f": {count}"
            rows.append(_row(name, f"{one['name']} ", ("works", "ok"), said))
        else:
            rows.append(_row(name, f"{one['name']} is {one['about']}; not tried: --allow '{one['name']}'"))
    return rows
