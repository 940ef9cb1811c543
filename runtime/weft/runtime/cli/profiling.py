"""`weft profiles`: what agents can go by here, where it comes from, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weft.runtime.cli.columns import columns
from weft.runtime.cli.options import json_option
from weft.runtime.cli.output import errors_as_json, print_json, show

if TYPE_CHECKING:
    from weft.runtime.project.profiles import Known, Origin, Profiles
    from weft.runtime.tools.registry import Registry

__all__ = ["profiles"]

TITLES: dict[Origin, str] = {
    "project": "Of this project (.weft/agents)",
    "claude": "Of this project, for another product (.claude/agents)",
    "user": "Yours, in every project (~/.weft/agents)",
    "config": "Limits alone (weft.toml)",
    "pool": "Pools (weft.toml): the cheapest that fits",
}

NONE = "there are none; write .weft/agents/NAME.md, which begins with `---`, `description: …`, `---`"


@click.command()
@json_option
def profiles(as_json: bool) -> None:
    """List the profiles that agents can go by, as in agent(…, profile="NAME").

    Exit code 1 where nobody can go by one of them.
    """
    from weft.runtime.project.config import read_config
    from weft.runtime.tools.added import registry_of

    with errors_as_json(as_json):
        config = read_config(Path.cwd())
        named, tools = config.named, registry_of(config, Path.cwd())
        found = [(known, named.problem(known.name) or _unknown(known, named, tools)) for known in named.all.values()]
    if as_json:
        print_json([_data(known, problem) for known, problem in found])
    elif found:
        show(columns([(title, _rows(origin, found)) for origin, title in TITLES.items() if _rows(origin, found)]))
    else:
        show([NONE], err=True)
    if any(problem is not None for _, problem in found):
        raise click.exceptions.Exit(1)


def _unknown(known: Known, named: Profiles, tools: Registry) -> str | None:
    """Return which tool of a profile, or of one of a pool, there is not: by that no run is started."""
    from weft.runtime.tools.registry import UnknownTool

    for profile in named.of(known.name):
        try:
            for name in profile.tools or ():
                if tools.source(name) is None:
                    tools[name]
        except UnknownTool as unknown:
            return f"the profile {profile.name!r} cannot be used: {unknown}"
    return None


def _rows(origin: Origin, found: list[tuple[Known, str | None]]) -> list[tuple[str, str]]:
    return [(known.name, _said(known, problem)) for known, problem in found if known.origin == origin]


def _said(known: Known, problem: str | None) -> str:
    """Return one profile in a line."""
    if problem is not None:
        return f"BROKEN: {problem}"
    profile = known.profile
    parts = [known.description[:100].rstrip("."), ", ".join(known.members)]
    if profile is not None:
        parts += [profile.model or "the model of the run", (profile.effort and f"effort {profile.effort}") or ""]
        parts += [", ".join(profile.tools) or "no tools"] if profile.tools is not None else []
    parts += [f"{known.concurrency} at once"] if known.concurrency is not None else []
    parts += [f"left out: {', '.join(known.left_out)}"] if known.left_out else []
    return "; ".join(filter(None, parts))


def _data(known: Known, problem: str | None) -> dict[str, Any]:
    profile = known.profile
    return {
        "name": known.name,
        "from": known.origin,
        "where": known.where,
        "description": known.description,
        "model": profile and profile.model,
        "effort": profile and profile.effort,
        "tools": None if profile is None or profile.tools is None else [*profile.tools],
        "instructions": len(profile.instructions or "") if profile is not None else 0,
        "members": [*known.members],
        "concurrency": known.concurrency,
        "digest": profile and f"sha256:{profile.digest}",
        "left_out": [*known.left_out],
        "problem": problem,
    }
