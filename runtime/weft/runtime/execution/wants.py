"""The tools and profiles that a harness wants, as its text names them, and what of them cannot be had.

Its text is that of the saved harnesses too that it calls. What it computes shows in rehearsal, see `authoring.wants`.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from weft.runtime.agents.cast import Cast
from weft.runtime.errors import ProviderError, Refused
from weft.runtime.execution.prepare import check_price
from weft.runtime.granted import COMMANDS_CONNECT, COMMANDS_READ, COMMANDS_WRITE
from weft.runtime.meant import did_you_mean
from weft.runtime.money.prices import price_of
from weft.runtime.project.config import Config
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import Harness, literal_calls, literal_profiles, literal_tools
from weft.runtime.project.profiles import check_profiles
from weft.runtime.project.saved import called_by
from weft.runtime.settings import Settings, is_local
from weft.runtime.tools.allowed import Allowed, example
from weft.runtime.tools.registry import Registry, UnknownTool

__all__ = [
    "FOR_AGENTS",
    "FOR_ITSELF",
    "Wanted",
    "check_granted",
    "check_meant",
    "check_models",
    "check_wants",
    "granting",
    "lack",
    "lacking",
    "together",
    "written",
]

FOR_AGENTS, FOR_ITSELF = "agents are to have", "the harness calls"
"""Who wants a tool, in words."""


class Wanted(NamedTuple):
    """A tool that somebody is to have."""

    said: str
    """Who: `FOR_AGENTS` or `FOR_ITSELF`."""
    name: str
    where: str


def together(harness: Harness, project: Project) -> list[Harness]:
    """Return a harness, and the saved ones that it calls."""
    return [harness, *called_by(harness, project.find_harness)]


def written(harness: Harness, config: Config, tools: Registry) -> Iterator[Wanted]:
    """Yield the tools that a harness names: where it gives agents some, calls them itself, or names a profile."""
    for line, name in literal_tools(harness):
        yield Wanted(FOR_AGENTS, name, f"{harness.filename}:{line}")
    for line, name, given in literal_profiles(harness):
        for profile in config.named.of(name) if "tools" not in given else ():
            for tool in profile.tools or ():
                yield Wanted(FOR_AGENTS, tool, f"{harness.filename}:{line}, profile {name!r}")
    for line, name in literal_calls(harness):
        if name in tools.added or tools.source(name):
            yield Wanted(FOR_ITSELF, name, f"{harness.filename}:{line}")


def check_wants(
    harnesses: Iterable[Harness],
    settings: Settings,
    config: Config,
    tools: Registry,
    *,
    agents: bool = True,
    models: bool = True,
) -> None:
    """Check that there is what harnesses name, and that it is granted. What they compute shows when it is used.

    Args:
        harnesses: What is to be run, with the saved harnesses that it calls.
        settings: With what is granted.
        config: With the profiles.
        tools: What there is for agents and harnesses to call.
        agents: Whether agents are asked who need tools and profiles; else only what harnesses call themselves counts.
        models: Whether the models of profiles are looked at.

    Raises:
        Refused: a profile or a tool is not there, or nobody has granted it; or the model of a profile has no price.
        ProviderError: no model of a profile can be asked.
    """
    harnesses = [*harnesses]
    for harness in harnesses if agents else ():
        check_profiles(harness, config.named)
    wanted = [one for harness in harnesses for one in written(harness, config, tools)]
    needed = [one for one in wanted if agents or one.said == FOR_ITSELF]
    check_granted(needed, settings, tools)
    default = [Wanted(FOR_AGENTS, name, "as no call says otherwise") for name in settings.tools if agents]
    _check_there([*needed, *default], tools)
    for harness in harnesses if agents and models else ():
        _check_cast(harness, settings, config)


def _check_cast(harness: Harness, settings: Settings, config: Config) -> None:
    """Check that the models can be asked of the profiles that a harness names."""
    cast = Cast(config, settings)
    for line, name, given in literal_profiles(harness):
        if "model" not in given:
            asked = cast.models(name)
            check_models(asked, config, f"{harness.filename}:{line}, profile {name!r}")
            if asked and all(price_of(model, config) is None for model in asked):
                check_price(replace(settings, model=asked[0]), config)


def check_meant(settings: Settings, tools: Registry) -> None:
    """Check that each grant by a whole name is of a tool that there is: one that is misspelt would grant nothing.

    Raises:
        Refused: there is no such tool.
    """
    known = (*tools.names, COMMANDS_CONNECT, COMMANDS_READ, COMMANDS_WRITE)
    for grant in Allowed(settings.allow).grants:
        if "*" not in grant.tool and grant.tool not in known and tools.source(grant.tool) is None:
            raise Refused(
                f"--allow {grant.text}: there is no tool {grant.tool!r}",
                meaning="nothing was started",
                fix=did_you_mean(grant.tool, known, "weft tools lists what there is"),
            )


def lacking(wanted: Iterable[Wanted], settings: Settings, tools: Registry) -> list[Wanted]:
    """Return those of some tools that nobody has granted, each once.

    Raises:
        Refused: there is no such tool.
    """
    allowed = Allowed(settings.allow)
    found: dict[str, Wanted] = {}
    for one in wanted:
        try:
            tool = None if tools.source(one.name) else tools[one.name]
        except UnknownTool as unknown:
            fix = "mend the name there; weft tools lists all"
            raise Refused(str(unknown), where=one.where, meaning="nothing was started", fix=fix) from None
        if not (allowed.reaches(one.name) if tool is None else allowed.has(tool)):
            found.setdefault(one.name, one)
    return [*found.values()]


def check_granted(wanted: Iterable[Wanted], settings: Settings, tools: Registry) -> None:
    """Check that there are these tools, and that they are granted; all that are not are told at once.

    Raises:
        Refused: one is not there, or nobody has granted it.
    """
    found = lacking(wanted, settings, tools)
    if found:
        raise Refused(
            f"{found[0].said} the tool {found[0].name!r}, which nobody has allowed",
            where=found[0].where,
            meaning="nothing was started",
            fix=_how([one.name for one in found], tools),
        )


def lack(name: str, tools: Registry) -> str | None:
    """Return why a tool cannot be had on this machine as it is; nothing where that does not show beforehand."""
    source = tools.source(name)
    return None if source is None else source.lacks()


def _check_there(wanted: Iterable[Wanted], tools: Registry) -> None:
    """Check that the machine has what tools of the project need: else each agent that is to have them would be lost.

    Raises:
        Refused: it lacks something.
    """
    for one in wanted:
        what = lack(one.name, tools)
        if what is not None:
            raise Refused(
                f"{one.said} the tool {one.name!r}, which cannot be had here: {what}",
                where=one.where,
                meaning="nothing was started",
                fix="set the variable, or install the library, as it says; weft doctor tries what is allowed",
            )


def granting(names: Iterable[str]) -> tuple[str, ...]:
    """Return by what options tools are granted: all of a source at once, where all of it is wanted."""
    names = [*names]
    whole = {name for name in names if name.endswith("*")}
    return tuple(name for name in names if not any(name != one and name.startswith(one[:-1]) for one in whole))


def _how(names: list[str], tools: Registry) -> str:
    """Return how tools are granted, and what those are that do not come with Weft."""
    sources = {name: tools.source(name) for name in granting(names)}
    options = " ".join(f"--allow {shlex.quote(name)}" for name in sources)
    shown = "".join(f"; {name} is {source.shown}" for name, source in sources.items() if source is not None)
    known = [tools[name] for name, source in sources.items() if source is None]
    as_in = f", with a pattern where one is not to do all it can, as in {example(known[0])}" if known else ""
    return options + as_in + shown


def check_models(models: Sequence[str], config: Config, where: str) -> None:
    """Check that one of these models can be asked, or one that is configured in its place.

    Raises:
        ProviderError: none of them can.
    """
    from weft.runtime.agents.providers import load_model

    problem: ProviderError | None = None
    for name in dict.fromkeys(one for model in models for one in (model, *config.model(model).fallback)):
        if is_local(name):  # which is looked for when it is asked
            return
        try:
            load_model(name)
        except ProviderError as error:
            problem = problem or error
        else:
            return
    if problem is not None:
        raise ProviderError(problem.what, where=where, meaning=problem.meaning, fix=problem.fix)
