"""What a project says of its models and profiles, in `weft.toml` or in `pyproject.toml` under `[tool.weft]`.

    [models."anthropic:claude-opus-5-5"]
    concurrency = 4
    requests_per_minute = 50
    input_tokens_per_minute = 30_000
    output_tokens_per_minute = 8_000
    fallback = ["anthropic:claude-sonnet-5-5"]
    price = { input = 5.0, output = 25.0 }

    [profiles.reviewer]
    concurrency = 2

    [pools]
    fast = ["reviewer", "anthropic:claude-haiku-5-5"]
    [budget]
    day_usd = 20.0
    project_usd = 300.0

    [embeddings]
    model = "openai:text-embedding-3-small"

    [otel]
    compat = ["langfuse"]

    [run]
    budget = 2.0
    stall = "1m"

What `[tools]`, `[mcp.NAME]` and `[facts]` say is `tooling`.
The table `budget` holds over all runs together, see `money.beyond`; it may stand in the user's own file too, and then
both hold. The table `run` holds for every run where the command says nothing else; its settings are those of
`settings.Settings`.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from weft.runtime.errors import UsageError
from weft.runtime.meant import did_you_mean
from weft.runtime.project.annotations import gives
from weft.runtime.project.files import read_text
from weft.runtime.project.profiles import Profiles
from weft.runtime.project.programs import KNOWN_PROGRAMS, ProgramConfig
from weft.runtime.project.told import told
from weft.runtime.project.tooling import FactsConfig, Function, FunctionConfig, FunctionName, ServerConfig, ServerName
from weft.runtime.settings import COMMAND, FLAGS, LOCAL, is_local, read_table

__all__ = [
    "BudgetConfig",
    "Config",
    "EmbeddingsConfig",
    "ModelConfig",
    "OtelConfig",
    "ProfileConfig",
    "Rate",
    "read_budget",
    "read_config",
]

MOST_BYTES = 1_000_000
"""What a configuration may have."""

Count = Annotated[int, Field(ge=1, strict=True)]
Dollars = Annotated[float, Field(ge=0, strict=True)]
Ceiling = Annotated[float, Field(gt=0, le=1e6, strict=True)]


class _Strict(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Rate(_Strict):
    """The price of a model, in US dollars for a million tokens."""

    input: Dollars
    output: Dollars


class ModelConfig(_Strict):
    """What is known of one model beforehand; what is left out is learned from its provider."""

    concurrency: Count | None = None
    """Most requests at the same time."""
    requests_per_minute: Count | None = None
    input_tokens_per_minute: Count | None = None
    output_tokens_per_minute: Count | None = None
    fallback: tuple[str, ...] = ()
    """Who is asked in turn where the provider of this model fails."""
    price: Rate | None = None
    """In place of the list price."""


class ProfileConfig(_Strict):
    """What holds for all agents of one profile, besides what its file says."""

    concurrency: Count | None = None
    """Most of them at work at the same time."""


class BudgetConfig(_Strict):
    """The most that many runs may spend together: of a day, of this project, of this user on this machine."""

    day_usd: Ceiling | None = None
    day_tokens: Count | None = None
    project_usd: Ceiling | None = None
    project_tokens: Count | None = None
    user_usd: Ceiling | None = None
    user_tokens: Count | None = None


class EmbeddingsConfig(_Strict):
    """How it is told whether texts say the same."""

    model: str
    """The model of embeddings, as in `openai:text-embedding-3-small`; without one their words are compared."""


class OtelConfig(_Strict):
    """How spans are sent, where they are."""

    compat: tuple[Literal["langfuse", "openinference"], ...] = ()
    """In whose names spans say some things again, besides those of OpenTelemetry."""


class Config(_Strict):
    """All that a project says."""

    run: Annotated[Mapping[str, Any], AfterValidator(read_table)] = {}
    """Settings of every run, by their names, as they are given to `Settings`."""
    models: Mapping[str, ModelConfig] = {}
    profiles: Mapping[str, ProfileConfig] = {}
    pools: Mapping[str, Annotated[tuple[str, ...], Field(min_length=1)]] = {}
    """Profiles and models of which the cheapest that fits is asked, by the name under which agents ask for them."""
    embeddings: EmbeddingsConfig | None = None
    agents: Mapping[str, ProgramConfig] = {}
    """Programs that answer agents where a person says so, by their names."""
    tools: Mapping[FunctionName, Function] = {}
    """Functions that agents and harnesses may call, by the names that they have there."""
    mcp: Mapping[ServerName, ServerConfig] = {}
    """Servers of tools, by their names."""
    facts: FactsConfig | None = None
    """Where its runs share facts; without it each run has its own."""

    budget: BudgetConfig = Field(default_factory=BudgetConfig)
    otel: OtelConfig = Field(default_factory=OtelConfig)

    @property
    def adds(self) -> tuple[str, ...]:
        """Return the names of the tools that it adds; of a server, whose tools are its own matter, `mcp:NAME.*`."""
        return (*self.tools, *(f"mcp:{name}.*" for name in self.mcp))

    _folder: Path | None = PrivateAttr(default=None)

    @cached_property
    def gives(self) -> Mapping[str, dict[str, Any]]:
        """The JSON Schema of what a tool gives that it adds, where that is known; nothing is imported or started."""
        if self._folder is None:
            return {}
        found = {name: gives(said.function, self._folder) for name, said in self.tools.items()}
        for server, said in self.mcp.items():
            found |= {f"mcp:{server}.{tool}": schema for tool, schema in told(self._folder, server, said).items()}
        return {name: schema for name, schema in found.items() if schema is not None}

    @cached_property
    def named(self) -> Profiles:
        """All profiles: those of this file, and those of the folders of the project and of the user."""
        configured = {name: profile.concurrency for name, profile in self.profiles.items()}
        return Profiles(self._folder, configured, self.pools)

    def within(self, folder: Path) -> Config:
        """Return it with the profiles of the folder that it is about."""
        config = self.model_copy()
        config._folder = folder
        return config

    def model(self, name: str) -> ModelConfig:
        """Return what is said of a model, which may be nothing; `local` speaks for all models of this machine."""
        return self.models.get(name) or self.models.get(LOCAL if is_local(name) else name, _NOTHING)


_NOTHING = ModelConfig.model_construct()


def read_config(folder: Path) -> Config:
    """Read what the project in a folder says; `weft.toml` counts where there are both files.

    Raises:
        UsageError: a file cannot be read, or says something that means nothing.
    """
    own, shared = folder / "weft.toml", folder / "pyproject.toml"
    if os.path.lexists(own):
        return _checked(_read(own), own, ()).within(folder)
    if os.path.lexists(shared):
        tools = _read(shared).get("tool")
        table = tools.get("weft", {}) if isinstance(tools, dict) else {}
        return _checked(table, shared, ("tool", "weft")).within(folder)
    return Config().within(folder)


def read_budget(home: Path) -> BudgetConfig:
    """Read what a user's own file says, in the folder of what the user has in every project; `[budget]` alone.

    Raises:
        UsageError: as for `read_config`.
    """
    path = home / "weft.toml"
    if not os.path.lexists(path):
        return BudgetConfig()
    data = _read(path)
    others = [name for name in data if name != "budget"]
    if others:
        raise UsageError(
            f"the user's own file has [budget] alone, and not {others[0]!r}",
            where=str(path),
            meaning="nothing was started",
            fix="what is for one project stands in weft.toml of that project",
        )
    return _checked(data, path, ()).budget


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(path, MOST_BYTES))
    except OSError as error:
        problem, where = str(error.strerror), str(path)
    except RecursionError:
        problem, where = "it is nested too deeply", str(path)
    except ValueError as error:  # a number of too many digits is one, besides what is no TOML or no UTF-8
        problem, where = f"it is not TOML: {error}", str(path)
        place = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", str(error), re.DOTALL)
        if place is not None:
            problem, where = f"it is not TOML: {place[1]}", f"{path}, line {place[2]}, column {place[3]}"
    raise UsageError(
        f"the configuration cannot be read: {problem}",
        where=where,
        meaning="nothing was started",
        fix="correct the file, or move it away",
    )


def _checked(data: Any, path: Path, table: tuple[str, ...]) -> Config:
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
    else:
        _check_reach(config, path)
        return config
    place = [*table, *map(str, first["loc"])]
    raise UsageError(
        f"the configuration does not mean anything: {_said(first)}",
        where=f"{path}, at {'.'.join(_quoted(part) for part in place) or 'the beginning'}",
        meaning="nothing was started",
        fix=_fix(first),
    )


def _check_reach(config: Config, path: Path) -> None:
    """Check that a file, which may be of somebody else's project, opens nothing outside of that, and grants nothing."""
    if config.run.get("allow"):
        raise UsageError(
            "the configuration grants tools to agents, which only a person can do",
            where=f"{path}, at run.allow",
            meaning="nothing was started",
            fix="--allow on the command line, where the plan shows it and a yes binds it",
        )
    if str(config.run.get("agents", "")).startswith(COMMAND):
        raise UsageError(
            "the configuration has a program answer agents, which only a person can do",
            where=f"{path}, at run.agents",
            meaning="nothing was started",
            fix=f"--agents {config.run['agents']} on the command line",
        )
    taken = sorted(config.agents.keys() & KNOWN_PROGRAMS.keys())
    if taken:
        raise UsageError(
            f"the configuration means something of its own by {taken[0]!r}, which is known",
            where=f"{path}, at agents.{taken[0]}",
            meaning="nothing was started",
            fix="another name",
        )
    project = path.parent.resolve()
    for folder in config.run.get("folders", ()):
        if not (project / folder).resolve().is_relative_to(project):
            raise UsageError(
                f"the configuration opens {str(folder)!r} to agents, which is outside of the project",
                where=f"{path}, at run.dir",
                meaning="nothing was started",
                fix="name folders of the project there; others are named on the command line, with --dir",
            )


def _said(error: Any) -> str:
    return (
        "there is no such key"
        if error["type"] == "extra_forbidden"
        else str(error["msg"]).removeprefix("Value error, ")
    )


def _quoted(part: str) -> str:
    return part if part.replace("_", "").replace("-", "").isalnum() else f'"{part}"'


def _fix(error: Any) -> str:
    """Return what may stand where an error was found, and which key may be meant by one that is not there."""
    allowed = f"allowed there: {_allowed(error['loc'])}"
    if error["type"] != "extra_forbidden":
        return allowed
    match error["loc"]:
        case (key,):
            fields = Config.model_fields
        case ("models", _, key):
            fields = ModelConfig.model_fields
        case ("models", _, "price", key):
            fields = Rate.model_fields
        case ("mcp", _, key):
            fields = ServerConfig.model_fields
        case ("tools", _, key):
            fields = FunctionConfig.model_fields
        case ("facts", key):
            fields = FactsConfig.model_fields
        case ("budget", key):
            fields = BudgetConfig.model_fields
        case ("otel", key):
            fields = OtelConfig.model_fields
        case (*_, key):
            fields = ProfileConfig.model_fields
    return did_you_mean(str(key), fields.keys(), allowed)


_MAY_STAND_IN = {
    "agents": 'command = ["program", "word", …], format = "text", "json", "claude" or "codex", acts = "manual"',
    "facts": 'redis = "redis://HOST:6379/0", or "${NAME}" for a variable of the environment; and name = "NAME"',
    "mcp": "[mcp.NAME] with command, args, env, cwd, or with url, headers; and acts, timeout",
    "otel": 'compat = ["langfuse", "openinference"], or one of them',
    "pools": 'fast = ["PROFILE", "provider:model", …]',
    "tools": 'NAME = "module:function", or NAME = { function = "module:function", acts = "reads" }',
}
"""What may stand in a table, by its name, wherever in it."""


def _allowed(place: tuple[int | str, ...]) -> str:
    """Return what may stand where an error was found."""
    match place:
        case ("models", _, *_):
            return _allowed_of_model(place)
        case ("profiles", _, "concurrency"):
            return "a whole number, from 1"
        case ("profiles", _, *_):
            return f"{', '.join(ProfileConfig.model_fields)}; all else in .weft/agents/NAME.md"
        case ("mcp", _, "acts", *_) | ("tools", _, "acts"):
            return "reads, idempotent, reconcile or manual"
        case ("models" | "profiles", *_):
            return f'[{place[0]}."NAME"]'
        case ("budget", *_):
            return _allowed_of_budget(place)
        case ("run", *_):
            return ", ".join(flag.key for name, flag in FLAGS.items() if name != "allow")  # see _check_reach
        case (str(table), *_) if table in _MAY_STAND_IN:
            return _MAY_STAND_IN[table]
        case _:
            named = '[models."provider:model"], [profiles.NAME], [pools], [agents.NAME], [embeddings]'
            return f"[run], [budget], [otel], {named}, [facts], [tools] and [mcp.NAME]"


def _allowed_of_model(place: tuple[int | str, ...]) -> str:
    match place:
        case ("models", _, "price", *_):
            return "price = { input = 3.0, output = 15.0 }, in dollars for a million tokens"
        case ("models", _, "fallback", *_):
            return 'fallback = ["provider:model", …]'
        case ("models", _, name) if name in ModelConfig.model_fields:
            return "a whole number, from 1"
        case _:
            return ", ".join(ModelConfig.model_fields)


def _allowed_of_budget(place: tuple[int | str, ...]) -> str:
    match place:
        case ("budget", str(name)) if name.endswith("_tokens"):
            return "a whole number of tokens, from 1"
        case ("budget", str(name)) if name in BudgetConfig.model_fields:
            return "an amount in dollars, as in 20.0, above nothing and at most a million"
        case _:
            return ", ".join(BudgetConfig.model_fields)
