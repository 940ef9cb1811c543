"""The commands that open Weft to other programs: `mcp` and `skill`. What they do is `weft.runtime.integrations`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from weft.runtime.cli.options import option_words, read_settings, run_options
from weft.runtime.cli.output import print_text, show

__all__ = ["mcp", "skill"]


@click.command()
@run_options
@click.option("--yes", is_flag=True, help="Approve every plan, within the ceiling of --budget or --budget-tokens.")
def mcp(yes: bool, **given: Any) -> None:
    """Let another agent plan, run and steer harnesses: an MCP server on standard input and output.

    The options hold for all that it starts, and the ceiling for all of it together. Without --yes a run that may cost
    something needs a plan to which a person has said yes: weft plan … --approve sha256:DIGEST.
    """
    from weft.runtime.ceiling import Ceiling
    from weft.runtime.errors import UsageError

    settings, _ = read_settings(given)
    if yes and settings.ceiling == Ceiling():
        raise UsageError(
            "--yes approves whatever an agent comes to, so it needs a ceiling",
            meaning="no server was started",
            fix="weft mcp --yes --budget USD, or --budget-tokens N; without --yes, a person approves each plan",
        )
    try:
        from weft.runtime.integrations.mcp_server import serve
    except ModuleNotFoundError as error:
        raise UsageError(
            "the library that speaks MCP is not installed",
            where=f"no module named {error.name}",
            meaning="no server was started",
            fix="pip install 'weft[mcp]'",
        ) from error
    from weft.runtime.integrations.granted import Granted

    options = option_words({**given, "budget_usd": None, "budget_tokens": None})
    serve(Path.cwd(), Granted(tuple(options), settings.ceiling, yes))


@click.command()
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Write SKILL.md into this folder.")
def skill(out: Path | None) -> None:
    """Tell agents that write code how to use Weft: prints a SKILL.md, or writes it where they look for skills.

    \b
    Examples:
      weft skill --out .claude/skills/weft
    """
    from weft.runtime.integrations.skill import skill_text, write_skill
    from weft.runtime.project.files import shown_path

    if out is None:
        print_text(skill_text())
    else:
        show([f"Wrote {shown_path(write_skill(out))}"])
