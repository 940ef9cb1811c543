"""`weft tools`: what agents and harnesses can do here, how it acts on the world, and what of it is granted."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weft.runtime.cli.columns import columns
from weft.runtime.cli.options import json_option
from weft.runtime.cli.output import errors_as_json, print_json, show
from weft.runtime.errors import ExitCode
from weft.runtime.plain import on_one_line

if TYPE_CHECKING:
    from weft.runtime.tools.listing import Listed

__all__ = ["allow_option", "tools", "tools_here"]

LONGEST = 100
"""Letters that are shown of what a tool is for."""

allow_option = click.option(
    "--allow",
    multiple=True,
    metavar="TOOL[:PATTERN]",
    help="What is granted, as for `weft run`: what the project adds is started or imported only then. Repeatable.",
)


@click.command("tools")
@allow_option
@json_option
def tools(allow: tuple[str, ...], as_json: bool) -> None:
    """List the tools that agents can be given: those of Weft, functions and MCP servers of this project.

    Of each it says what it does to the world: nothing (reads), the same once and twice (idempotent), something that can
    be looked at before it is repeated (reconcile), or what only a person repeats (manual); and whether it is granted.

    \b
    Examples:
      weft tools
      weft tools --allow 'mcp:github.*'

    Exit code 1 when a server or a function that is granted cannot be had.
    """
    import anyio

    with errors_as_json(as_json):
        found = anyio.run(tools_here, Path.cwd(), allow)
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        show(columns([("", [_row(one) for one in found])]))
    raise SystemExit(ExitCode.ERROR if any(one.problem for one in found) else ExitCode.CLEAN)


def _row(one: Listed) -> tuple[str, str]:
    acts = one.acts or ("BROKEN" if one.problem else "unknown")
    granted = "granted" if one.granted else "not granted"
    about = one.about[:LONGEST] if one.acts else one.problem or one.about  # what is started is shown whole
    return one.name, f"{acts:<10}  {granted:<11}  {on_one_line(about)}"


async def tools_here(folder: Path, allow: tuple[str, ...]) -> list[Listed]:
    """Return the tools of the project in a folder, where so much is granted.

    Raises:
        UsageError: its configuration, or what is granted, means nothing.
    """
    from weft.runtime.project.config import read_config
    from weft.runtime.settings import FLAGS
    from weft.runtime.tools.added import registry_of
    from weft.runtime.tools.allowed import Allowed
    from weft.runtime.tools.listing import listed

    gather: Any = FLAGS["allow"].gather
    async with aclosing(registry_of(read_config(folder), folder)) as registry:
        return await listed(registry, Allowed(gather(allow)))
