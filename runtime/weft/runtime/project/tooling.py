"""What a project says of tools that it adds: functions of Python, and servers of the Model Context Protocol (MCP).

Where its runs share facts is said here too, for the tools of that are granted likewise.

    [tools]
    word_count = "project.tools:word_count"
    publish = { function = "project.tools:publish", acts = "manual" }

    [mcp.github]
    command = "npx"
    args = ["-y", "@modelcontextprotocol/server-github"]
    env = { GITHUB_TOKEN = "${GITHUB_TOKEN}" }
    acts = { search_issues = "reads" }

    [mcp.tracker]
    url = "https://tracker.example.org/mcp"
    headers = { Authorization = "Bearer ${TRACKER_TOKEN}" }

    [facts]
    redis = "${TEAM_REDIS_URL}"
    name = "survey"

Nothing of it is imported or started before somebody has granted it, see `weft.runtime.tools.registry`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator, model_validator

from weft.primitives.tools import Acts
from weft.runtime.border import without_user

__all__ = [
    "FactsConfig",
    "Function",
    "FunctionConfig",
    "FunctionName",
    "Missing",
    "ServerConfig",
    "ServerName",
    "filled_in",
    "missing_in",
]

_VARIABLE = re.compile(r"\$\{(\w+)\}")

_PRIVATE = re.compile(r"key|token|secret|pass|pwd|auth|cred|cookie|session", re.IGNORECASE)
"""Names of what may be secret."""

LONGEST_WORD = 8
"""Letters of what may stand beside a secret, as in `Bearer ${TOKEN}`, and is none itself."""

_RANDOM = re.compile(r"(?=[\w+=-]*\d)(?=[\w+=-]*[A-Za-z])[\w+=-]{20,}")
"""A text that may be a secret, whatever its name is."""

ServerName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
FunctionName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$")]

Seconds = Annotated[float, Field(gt=0, le=600)]


class _Strict(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, allow_inf_nan=False)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of all that is said.

        A part of it would not do: whoever writes both could find two configurations that share that.
        """
        said = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


class ServerConfig(_Strict):
    """One server: a command that speaks over its standard streams, or the address of one that is there."""

    command: str | None = None
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = {}
    """What it is told of the environment, besides where programs and the home folder are."""
    cwd: str | None = None
    """Where it works, from the project on."""
    url: str | None = None
    headers: Mapping[str, str] = {}
    acts: Mapping[str, Acts] = {}
    """What its tools do to the world, by their names; in place of what the server says of them."""
    timeout: Seconds = 120.0
    """Seconds that one call may take."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.command is None) == (self.url is None):
            raise ValueError("a server has either a command or a url")
        stray = [key for key in ("args", "env", "cwd") if getattr(self, key)] if self.url else []
        stray += ["headers"] if self.command and self.headers else []
        if stray:
            raise ValueError(f"{stray[0]} is not for a server with a {'url' if self.url else 'command'}")
        if self.url is not None and not self.url.startswith(("http://", "https://")):
            raise ValueError("a url begins with http:// or https://")
        return self

    @property
    def shown(self) -> str:
        """Return what is started or asked, as it is written: without what variables of the environment hold.

        Nor is a value shown that stands there itself and may be a secret.
        """
        given = ", ".join(_given(*one) for one in (*self.env.items(), *self.headers.items()))
        what = without_user(self.url) if self.url else " ".join((self.command or "", *self.args))
        return what + (f", in {self.cwd}" if self.cwd else "") + (f" (with {given})" if given else "")


class FunctionConfig(_Strict):
    """One function of Python."""

    function: Annotated[str, StringConstraints(pattern=r"^[\w.]+:[\w.]+$")]
    """Where it is, as `module:function`."""
    acts: Acts | None = None
    """What it does to the world; without it what the function says of itself, else `manual`."""


class FactsConfig(_Strict):
    """Where runs share facts."""

    redis: str
    """The address of a Redis server, as in `redis://host:6379/0`."""
    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    """What all who share them call them."""

    @field_validator("redis")
    @classmethod
    def _is_address(cls, redis: str) -> str:
        if not redis.startswith(("redis://", "rediss://", "unix://", "${")):
            raise ValueError("an address of Redis begins with redis://, rediss:// or unix://")
        written = urlsplit(_VARIABLE.sub("", redis))
        if written.password or "".join(parse_qs(written.query).get("password", ())):
            raise ValueError("a password does not stand in a file: ${NAME} is a variable of the environment")
        return redis

    @property
    def shown(self) -> str:
        """Return what is shared, and where, as it is written: without what variables of the environment hold."""
        return f"facts {self.name!r} in Redis at {without_user(self.redis)}"


def _given(name: str, value: str) -> str:
    """Return a variable or a header with its value, if that is no secret."""
    literal = _VARIABLE.sub("", value)
    private = (_PRIVATE.search(name) and len(literal) > LONGEST_WORD) or _RANDOM.search(literal)
    return name if private else f"{name}={without_user(value)}"


def _table(given: Any) -> Any:
    return {"function": given} if isinstance(given, str) else given


Function = Annotated[FunctionConfig, BeforeValidator(_table)]
"""A table, or the text of its `function` alone."""


def missing_in(texts: Iterable[str]) -> str | None:
    """Return which variable of the environment is not set that one of these texts names, as `filled_in` says it."""
    try:
        for text in texts:
            filled_in(text)
    except Missing as missing:
        return str(missing)
    return None


class Missing(ValueError):
    """A variable of the environment is not set."""


def filled_in(text: str) -> str:
    """Return a text with what variables of the environment hold in place of each `${NAME}`.

    Raises:
        Missing: one of them is not set.
    """

    def value(found: re.Match[str]) -> str:
        if found[1] not in os.environ:
            raise Missing(f"the environment has no {found[1]}, which weft.toml asks for")
        return os.environ[found[1]]

    return _VARIABLE.sub(value, text)
