"""What a person decides about a run: each setting stated once, with its option, its default and what it means.

The options of the command line, the table `[run]` of `weft.toml`, the form in the journal and the command that runs a
plan are all read off the fields of `Settings`. What a project says of its models and profiles is `project.config`.
"""

from __future__ import annotations

import math
import re
import resource
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, get_args

from weft.primitives.language import MAX_AGENTS, MAX_WORKFLOW_DEPTH
from weft.runtime.ceiling import Ceiling, OnBudget, Share, exact, read_hold
from weft.runtime.errors import UsageError
from weft.runtime.granted import read_grant
from weft.runtime.meant import did_you_mean

__all__ = [
    "COMMAND",
    "DEFAULT_MODEL",
    "DEFAULT_TOOLS",
    "FLAGS",
    "LOCAL",
    "MODELS",
    "OFFLINE",
    "STUB",
    "Flag",
    "Settings",
    "is_local",
    "read_table",
    "seconds",
]

OFFLINE = "offline"
"""The model that answers on this machine; it costs nothing and counts no tokens."""

LOCAL = "local"
"""A model of a server on this machine: the first there is; `local:NAME`, or `local:HOST:PORT/NAME`, for a certain one.
It costs nothing, and counts tokens."""

DEFAULT_MODEL = "anthropic:claude-sonnet-5-5"
"""The model where there is a key for it and no other is named; also the one whose price stub agents are given."""

MODELS = "models"
"""Who answers agents where no script does."""

STUB = "stub:"
"""What the name of a script that answers agents begins with."""

COMMAND = "command:"
"""What the name of a program that answers agents begins with."""

DEFAULT_TOOLS = ("read_file", "list_files", "search_text")
"""What agents may use that name no tools. A tool that is added later is for those that name it: what an agent may use
is part of what its answer is known by, and journals of older versions leave this out."""

TIMEOUT = 1800.0
"""Seconds for an agent of a model that names no timeout."""

MOST_AT_WORK, MOST_AT_WORK_HERE, MOST_AT_WORK_LOCAL = 64, 16, 4
"""How many agents may be at work where nobody says: of a provider's model; scripted and offline ones, which share this
machine's processor; of a model server on it, which answers a few at a time and lets the others wait in silence, or of
a program, which takes much memory."""


def is_local(model: str) -> bool:
    """Whether a name is that of a model of a server on this machine."""
    return model.partition(":")[0] == LOCAL


def _text(text: str) -> str:
    if not text:
        raise ValueError("it is empty.")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """How a setting is written on the command line and in `weft.toml`."""

    name: str
    """The option, as in `--max-agents`."""
    help: str
    metavar: str | None = None
    """What stands for its value; `None` for one without a value, which is there or not."""
    read: Callable[[str], Any] = _text
    """Makes a value of its text; raises `ValueError` with what is wrong."""
    gather: Callable[[Iterable[str]], Any] | None = None
    """Makes one value of the texts of an option that may be repeated; raises `UsageError`."""
    show: Callable[[Any], str] = str
    """Makes text of a value, as `read` takes it."""

    @property
    def key(self) -> str:
        """Return how it is called in `weft.toml`."""
        return self.name.removeprefix("--").replace("-", "_")

    @property
    def off(self) -> str:
        """Return the option that says that one without a value does not hold."""
        return f"--no-{self.name.removeprefix('--')}"

    def words(self, value: Any) -> list[str]:
        """Return the words of a command that say it has this value; none where it says nothing."""
        if self.metavar is None and value is not None:
            return [self.name if value else self.off]
        if not value:
            return []
        if self.gather is None:
            return [self.name, self.show(value)]
        texts = [f"{name}={part}" for name, part in value.items()] if isinstance(value, Mapping) else map(str, value)
        return [word for text in texts for word in (self.name, text)]

    def of_table(self, value: Any) -> Any:
        """Return what a value of `weft.toml` means.

        Raises:
            ValueError, UsageError: it means nothing.
        """
        if self.metavar is None:
            if isinstance(value, bool):
                return value
            raise ValueError("true or false")
        if self.gather is not None:
            texts = value if isinstance(value, list) else [value]
            if not all(isinstance(text, str) for text in texts):
                raise ValueError(f"{value!r} is no {self.metavar}, nor a list of them")
            return self.gather(texts)
        if isinstance(value, (bool, list, dict)):
            raise ValueError(f"{value!r} is no {self.metavar}")
        return self.read(str(value))


def _whole(text: str) -> int:
    if not re.fullmatch(r"\d{1,18}", text) or int(text) < 1:
        raise ValueError(f"{text!r} is not a whole number from 1 on.")
    return int(text)


def _dollars(text: str) -> float:
    try:
        amount = float(text)
    except ValueError:
        amount = math.nan
    if not 0 < amount < math.inf:
        raise ValueError(f"{text!r} is not an amount of money above 0.")
    return amount


def seconds(text: str) -> float:
    """Read seconds, or a number with `s`, `m` or `h` behind it."""
    found = re.fullmatch(r"(\d{1,12}(?:\.\d{1,12})?)([smh]?)", text)
    if found is None or not float(found[1]):
        raise ValueError(f"{text!r} is no time above zero, such as 90, 90s, 30m or 2h.")
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]


def _time(seconds: float) -> str:
    return f"{exact(seconds).normalize():f}s"


def _on_budget(text: str) -> OnBudget:
    known: dict[str, OnBudget] = {policy: policy for policy in get_args(OnBudget)}
    if text not in known:
        raise ValueError(f"{text!r} is not one of {', '.join(known)}.")
    return known[text]


def _folders(texts: Iterable[str]) -> tuple[Path, ...]:
    return tuple(Path(text) for text in texts)


def _grants(texts: Iterable[str]) -> tuple[str, ...]:
    try:
        return tuple(dict.fromkeys(read_grant(text).text for text in texts))
    except ValueError as error:
        raise UsageError(
            f"--allow: {error}",
            meaning="nothing was started",
            fix="name the tool, and behind a colon which paths, commands or addresses; `*` stands for anything",
        ) from None


def _flag(**parts: Any) -> dict[str, Flag]:
    return {"flag": Flag(**parts)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a run is allowed to do and with what.

    Older journals leave out what was the default; those defaults are still the same.
    """

    folders: tuple[Path, ...] = field(
        default=(),
        metadata=_flag(
            name="--dir",
            metavar="FOLDER",
            gather=_folders,
            help="What agents may read; repeatable. Without it, the working directory.",
        ),
    )
    """What agents may read."""
    allow: tuple[str, ...] = field(
        default=(),
        metadata=_flag(
            name="--allow",
            metavar="TOOL[:PATTERN]",
            gather=_grants,
            help="What agents may do besides reading, as in write_file:src/** or run_command:pytest*; repeatable.",
        ),
    )
    """What is granted to agents besides reading in the folders, see `granted`."""
    dirty: bool = field(
        default=False,
        metadata=_flag(
            name="--dirty",
            help="Let worktrees of agents begin with the last commit, though there are changes besides.",
        ),
    )
    """Let worktrees of agents begin with the last commit where files have changed since; they do not see that."""
    model: str = field(
        default=OFFLINE,
        metadata=_flag(
            name="--model",
            metavar="M",
            help=f"For author and agents; `{LOCAL}` for a server on this machine. Without it, {DEFAULT_MODEL} with a "
            "key, else offline.",
        ),
    )
    """For every agent that names none."""
    agents: str = field(
        default=MODELS,
        metadata=_flag(
            name="--agents",
            metavar="stub:FILE|command:NAME|models",
            help="Answer agents from a script, or by a program such as claude or codex, instead of a model.",
        ),
    )
    """Who answers: `models`, or the script that does, as `stub:FILE` (older journals have the file alone), or the
    program, as `command:NAME`."""
    budget_usd: float | None = field(
        default=None,
        metadata=_flag(
            name="--budget",
            metavar="USD",
            read=_dollars,
            help="Ceiling in dollars, at list price; none without it.",
        ),
    )
    budget_tokens: int | None = field(
        default=None,
        metadata=_flag(
            name="--budget-tokens",
            metavar="N",
            read=_whole,
            help="Ceiling in tokens, input and output together; none without it.",
        ),
    )
    hold: Mapping[str, Share] = field(
        default_factory=dict,
        metadata=_flag(
            name="--hold",
            metavar="PHASE=SHARE",
            gather=read_hold,
            help="Keep 10%, or an amount in the unit of the ceiling, for the agents of a phase, or for `critical` "
            "ones; repeatable.",
        ),
    )
    """Shares of the ceiling that are kept for the agents of a phase, or, as `critical`, for those that are critical."""
    on_budget: OnBudget = field(
        default="pause",
        metadata=_flag(
            name="--on-budget",
            metavar="pause|finish|stop",
            read=_on_budget,
            help="At the ceiling: pause, as without it; finish, and lose what does not fit; or stop, as an error.",
        ),
    )
    """What happens when an agent does not fit under the ceiling."""
    max_agents: int = field(
        default=MAX_AGENTS,
        metadata=_flag(
            name="--max-agents",
            metavar="N",
            read=_whole,
            help=f"Most agents the run may start; {MAX_AGENTS:,} without it.",
        ),
    )
    """The backstop."""
    concurrency: int | None = field(
        default=None,
        metadata=_flag(
            name="--concurrency",
            metavar="N",
            read=_whole,
            help=f"Most agents at work at the same time; without it {MOST_AT_WORK} with a provider's model, "
            f"{MOST_AT_WORK_LOCAL} with a local one, {MOST_AT_WORK_HERE} else.",
        ),
    )
    """Most agents at work at the same time; see `resolved` for what holds without it."""
    max_depth: int = field(
        default=MAX_WORKFLOW_DEPTH,
        metadata=_flag(
            name="--max-depth",
            metavar="N",
            read=_whole,
            help=f"How deep saved harnesses may call saved harnesses; {MAX_WORKFLOW_DEPTH} without it.",
        ),
    )
    deadline: float | None = field(
        default=None,
        metadata=_flag(
            name="--deadline",
            metavar="TIME",
            read=seconds,
            show=_time,
            help="Longest one execution may take, as in 30m; then the run is paused. A resume begins anew.",
        ),
    )
    """Seconds for one execution; then agents at work are ended, and the run is paused. `None` for no limit."""
    timeout: float | None = field(
        default=None,
        metadata=_flag(
            name="--timeout",
            metavar="TIME",
            read=seconds,
            show=_time,
            help="For agents that name none; without it 30m, and any time for stub agents.",
        ),
    )
    """Seconds for each agent that names none; `None` for no limit, see `resolved`."""
    stall: float = field(
        default=300.0,
        metadata=_flag(
            name="--stall",
            metavar="TIME",
            read=seconds,
            show=_time,
            help="Silence of a model after which a request is given up and sent again; 5m without it, "
            "and more for a model that thinks and sends no pings.",
        ),
    )
    """Seconds without a sign of life from a model after which a request is given up, and sent again."""
    virtual_time: bool = field(
        default=False, metadata=_flag(name="--virtual-time", help="Let the latency of stub agents pass in no time.")
    )
    """Let simulated latency pass on a virtual clock; for stub agents only."""
    otel: bool = field(
        default=False,
        metadata=_flag(
            name="--otel",
            help="Send spans and measures of the run, while it goes on, to OTEL_EXPORTER_OTLP_ENDPOINT.",
        ),
    )
    """Send what happens to a receiver of OpenTelemetry, without what agents are asked and answer."""
    retries: int = 2
    """How often an agent that names no number is asked again for an answer that fits."""
    tools: tuple[str, ...] = DEFAULT_TOOLS
    """For every agent that names none."""

    @property
    def stub(self) -> Path | None:
        """Return the script that answers agents, if one does."""
        other = self.agents == MODELS or self.command is not None
        return None if other else Path(self.agents.removeprefix(STUB))

    @property
    def command(self) -> str | None:
        """Return the name of the program that answers agents, if one does."""
        return self.agents.removeprefix(COMMAND) if self.agents.startswith(COMMAND) else None

    @property
    def ceiling(self) -> Ceiling:
        """Return the most that the run may spend."""
        return Ceiling(self.budget_tokens, self.budget_usd)

    def resolved(self) -> Settings:
        """Return them with what holds where nobody says: how many agents may be at work, and for how long each.

        A provider's limits are learned and kept below the first by `agents.limiter`; each agent at work takes up to
        two descriptors.
        """
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if self.stub is not None or (self.model == OFFLINE and self.command is None):
            most = MOST_AT_WORK_HERE
        elif is_local(self.model) or self.command is not None:
            most = MOST_AT_WORK_LOCAL
        else:
            most = max(1, min(MOST_AT_WORK, (descriptors - 64) // 2))
        timeout = None if self.stub is not None else TIMEOUT
        return replace(self, concurrency=self.concurrency or most, timeout=self.timeout or timeout)


FLAGS: dict[str, Flag] = {entry.name: entry.metadata["flag"] for entry in fields(Settings) if entry.metadata}
"""The option of each setting that has one, by the name of the setting."""


def read_table(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that the table `[run]` of a configuration states, by name.

    Raises:
        ValueError: one of them means nothing; it says which.
    """
    names = {flag.key: name for name, flag in FLAGS.items()}
    stated: dict[str, Any] = {}
    for key, value in table.items():
        if key not in names:
            meant = did_you_mean(key, names.keys(), f"there are {', '.join(names)}")
            raise ValueError(f"there is no setting {key!r}; {meant}")
        try:
            stated[names[key]] = FLAGS[names[key]].of_table(value)
        except (ValueError, UsageError) as error:
            raise ValueError(f"{key}: {error}") from None
    return stated
