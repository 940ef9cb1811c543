"""What leaves the agents for the journal, the screen and other models: no secrets, and only what can be written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

__all__ = ["clean", "masked", "without_user", "writable"]

SECRET_NAMES = ("_API_KEY", "_TOKEN", "_SECRET", "_PASSWORD")
"""Endings of the environment variables whose values are secrets."""

ADDRESS_NAMES = ("_URL", "_URI", "_DSN", "_ENDPOINT", "_PROXY")
"""Endings of those whose values are addresses; what stands before the host in one is a secret."""

HEADER_NAMES = ("_HEADERS",)
"""Endings of those whose values are headers, as `NAME=VALUE,NAME=VALUE` with letters that may be `%20`, or as lines of
`NAME: VALUE`; the values are secrets, and so is what stands in one behind the name of a scheme, as in `Bearer KEY`."""

SHORTEST_SECRET = 8
"""Shorter values are left: they would be found in innocent words."""

_KEYS = r"sk-ant-[A-Za-z0-9_-]{8,}"
"""Keys that give themselves away, wherever they come from."""

_USER_INFO = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:/+)?(?P<user>.+@)", re.DOTALL)
"""Up to the last @, for an address that is not well formed may hold more of them, or what ends a host elsewhere."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def masked(text: str) -> str:
    """Return text with `***` in place of every secret of the environment, and of what looks like an Anthropic key."""
    return _secrets().sub("***", text)


def without_user(address: str) -> str:
    """Return an address with `***` in place of the user and password it may have, however wrong the rest of it is."""
    found = _USER_INFO.match(address)
    return address if found is None else f"{address[: found.start('user')]}***@{address[found.end() :]}"


def writable(text: str) -> str:
    """Return text with `�` in place of lone surrogates, which no encoding of text can hold."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


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
    """Return what finds the secrets that the environment has now: code of agents may have set some just before."""
    global _scanned  # noqa: PLW0603 - the environment is the process's, and so is what is known of it
    environment, pattern = _scanned
    if environment != _ENVIRONMENT:
        environment = dict(_ENVIRONMENT)
        pattern = _any_of(frozenset(_values(environment)))
        _scanned = environment, pattern
    return pattern


def _values(environment: dict[bytes, bytes]) -> Iterator[str]:
    for name, value in environment.items():
        if os.fsdecode(name).upper().endswith(SECRET_NAMES):
            secret = os.fsdecode(value)
            if len(secret) >= SHORTEST_SECRET:
                yield secret
        elif os.fsdecode(name).upper().endswith(HEADER_NAMES):
            yield from (one for one in _of_headers(os.fsdecode(value)) if len(one) >= SHORTEST_SECRET)
        elif os.fsdecode(name).upper().endswith(ADDRESS_NAMES):
            found = _USER_INFO.match(os.fsdecode(value))
            if found is not None and ":" in found["user"]:  # a name alone, as in git@host, is no secret
                yield found["user"]


def _of_headers(text: str) -> Iterator[str]:
    for header in re.split(r"[,\n]", text):
        for said in re.split("[=:]", header, maxsplit=1)[1:]:  # of a name alone, nothing
            for value in (said.strip(), unquote(said.strip())):
                yield from (value, value.partition(" ")[2].strip())


def _any_of(secrets: frozenset[str]) -> re.Pattern[str]:
    # Longest first: one secret may begin with another.
    return re.compile("|".join([*map(re.escape, sorted(secrets, key=len, reverse=True)), _KEYS]))


_ENVIRONMENT: dict[bytes, bytes] = os.environb._data  # type: ignore[attr-defined]
"""What `os.environ` and `os.environb` are views of. Comparing it as a whole with what it was takes a fiftieth of the
time of going through it, which would be done for every answer; whatever was set by then is seen."""

_scanned: tuple[dict[bytes, bytes], re.Pattern[str]] = ({}, _any_of(frozenset()))
"""The environment as it was looked through last, and what was found."""
