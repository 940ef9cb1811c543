"""Harnesses that come with Weft, on the command line: their demonstrations, and which of them take a model.

What a demonstration consists of is `project.shipped`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from weft.runtime.cli.output import show
from weft.runtime.errors import Refused, UsageError
from weft.runtime.page import line
from weft.runtime.plain import plain

if TYPE_CHECKING:
    from weft.runtime.project.harness import Harness
    from weft.runtime.project.shipped import Demo
    from weft.runtime.settings import Settings

__all__ = ["demonstration", "offline_refusal"]

OWN = {"arguments": "--args", "agents": "--agents", "model": "--model", "folders": "--dir"}
"""What a demonstration brings with it, by name, and the option that says it otherwise."""


def demonstration(target: str, harness: Harness | None, given: dict[str, Any]) -> Demo:
    """Return the demonstration of what was named, and say that it is one.

    Raises:
        UsageError: it has none, or something is given that the demonstration has of its own.
    """
    from weft.runtime.project.shipped import builtin_harnesses, demo_of

    demo = None if harness is None else demo_of(harness)
    if demo is None:
        shown = [shipped.name for shipped in builtin_harnesses() if demo_of(shipped) is not None]
        raise UsageError(
            f"{target!r} has no demonstration",
            where=f"these have one: {', '.join(shown)}",
            meaning="nothing was started",
            fix="without --demo it is run as it is",
        )
    stated = [option for name, option in OWN.items() if given[name]] + [*given["words"]][:1]
    if stated:
        raise UsageError(
            f"--demo has its own arguments, files and agents, so {stated[0]} cannot be given with it",
            meaning="nothing was started",
            fix=f"weft run {target} --demo, or {stated[0]} without --demo",
        )
    said = "scripted agents over files that come with Weft. No model is asked, nothing is spent, time is simulated."
    show([line(("demonstration: ", "dim"), plain(said), hang=15)], err=True)
    return demo


def offline_refusal(harness: Harness, settings: Settings) -> Refused | None:
    """Return why the offline model is not asked for what it cannot do; `None` where it is not, or can.

    What a harness takes is known of those that come with Weft.
    """
    from weft.runtime.project.shipped import is_builtin, shelves
    from weft.runtime.settings import LOCAL, OFFLINE

    asked = settings.model == OFFLINE and settings.stub is None and settings.command is None
    if not asked or harness.name in shelves().offline or not is_builtin(harness):
        return None
    return Refused(
        f"{harness.name} needs a model: its agents judge and write, and the offline model only finds and quotes",
        where=f"these work offline: {', '.join(sorted(shelves().offline))}",
        meaning="nothing was started",
        fix=f"set ANTHROPIC_API_KEY, or --model {LOCAL} for a model of this machine; "
        f"weft run {harness.name} --demo shows it without one",
    )
