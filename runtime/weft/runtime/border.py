"""What leaves the agents for the journal, the screen and other models: no secrets, and only what can be written."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import Any

__all__ = ["clean", "masked", "writable"]

SECRET_NAMES = ("_API_KEY", "_TOKEN", "_SECRET", "_PASSWORD")
"""Endings of the environment variables whose values are secrets."""

SHORTEST_SECRET = 8
"""Shorter values are left: they would be found in innocent words."""

_KEYS = r"sk-ant-[A-Za-z0-9_-]{8,}"
"""Keys that give themselves away, wherever they come from."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def masked(text: str) -> str:
    """Return text with `***` in place of every secret of the environment, and of what looks like an Anthropic key."""
    return _secrets().sub("***", text)


def writable(text: str) -> str:
    """Return text with `�` in place of lone surrogates, which no encoding of text can hold."""
    return _SURROGATE.sub("\ufffd", text)


def clean(data: Any) -> Any:
    """Return data with every text in it `masked` and `writable`, keys included; what is no JSON data stays as it is."""
    return _clean(data, _secrets())


def _clean(data: Any, secrets: re.Pattern[str]) -> Any:
    if isinstance(data, str):
        return secrets.sub("***", writable(data))
    if isinstance(data, dict):
        return {_clean(key, secrets): _clean(value, secrets) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_clean(item, secrets) for item in data]
    return data


def _secrets() -> re.Pattern[str]:
    # Looked for anew each time, since code of agents may set some; as bytes, since this is done for every answer.
    values = [os.environ.get(name, "") for name in _secret_names(tuple(os.environb))]
    return _any_of(frozenset(value for value in values if len(value) >= SHORTEST_SECRET))


@lru_cache(maxsize=16)
def _secret_names(names: tuple[bytes, ...]) -> tuple[str, ...]:
    return tuple(name for name in map(os.fsdecode, names) if name.upper().endswith(SECRET_NAMES))


@lru_cache(maxsize=16)
def _any_of(secrets: frozenset[str]) -> re.Pattern[str]:
    # Longest first: one secret may begin with another.
    return re.compile("|".join([*map(re.escape, sorted(secrets, key=len, reverse=True)), _KEYS]))
