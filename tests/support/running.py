"""Running harnesses for real, in this process, with scripted agents and in virtual time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio

from weft.runtime.agents.stub import Script
from weft.runtime.execution.resume import resume
from weft.runtime.execution.run import Run, run
from weft.runtime.journal import Past, Watcher
from weft.runtime.project.config import Config
from weft.runtime.project.files import write_atomically
from weft.runtime.project.folders import Project, RunFolder
from weft.runtime.project.harness import parse_harness
from weft.runtime.request import Agents
from weft.runtime.settings import Settings

__all__ = ["resume_source", "run_source", "run_with"]


def run_source(
    source: str,
    folder: Path,
    *,
    args: Any = None,
    stub: dict[str, Any] | None = None,
    script: Path | None = None,
    agents: Agents | None = None,
    watchers: tuple[Watcher, ...] = (),
    config: Config | None = None,
    **settings: Any,
) -> Run:
    """Run a harness with a stub script, as data or in a file, or with other agents; in virtual time."""
    if script is None:
        folder.mkdir(parents=True, exist_ok=True)
        script = folder / "stub.json"
        write_atomically(script, Script.model_validate(stub or {}).model_dump(mode="json", exclude_unset=True))
    return run_with(
        source,
        folder,
        Settings(**{"agents": f"stub:{script}", "virtual_time": True, **settings}),
        args,
        agents,
        watchers,
        config,
    )


def resume_source(
    done: Run | RunFolder,
    folder: Path,
    *,
    source: str | None = None,
    file: str = "test.py",
    stub: dict[str, Any] | None = None,
    **more: Any,
) -> Run:
    """Resume a run with another stub script, and with an edited harness if one is given; in virtual time."""
    script = folder / "again.json"
    write_atomically(script, Script.model_validate(stub or {}).model_dump(mode="json", exclude_unset=True))
    harness = None if source is None else parse_harness(source, name=Path(file).stem, filename=file)
    passed = {name: more.pop(name) for name in ("agents", "asked", "saved", "again", "config") if name in more}
    settings = Settings(**{"agents": f"stub:{script}", "virtual_time": True, **more})
    run_folder = done.folder if isinstance(done, Run) else done

    async def go() -> Run:
        return await resume(run_folder, settings, Project(folder), harness=harness, **passed)

    return anyio.run(go)


def run_with(
    source: str,
    folder: Path,
    settings: Settings,
    args: Any = None,
    agents: Agents | None = None,
    watchers: tuple[Watcher, ...] = (),
    config: Config | None = None,
    past: Past | None = None,
) -> Run:
    """Run a harness with these settings."""
    harness = parse_harness(source, name="test", filename="h.py")

    async def go() -> Run:
        return await run(
            harness,
            {} if args is None else args,
            settings,
            Project(folder),
            agents=agents,
            watchers=watchers,
            config=config,
            past=past,
        )

    return anyio.run(go)
