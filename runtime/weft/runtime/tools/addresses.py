"""Addresses of the web, read in one way only, and patterns of them. Where they lead is `connecting`."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from weft.runtime.granted import fits
from weft.runtime.tools.refusing import ToolRefused

__all__ = ["USUAL_PORTS", "Address", "address_of", "addresses_meant", "is_address", "read_address"]

LONGEST = 4_000
"""Characters of an address."""

USUAL_PORTS = {"http": 80, "https": 443}

_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.IGNORECASE)
"""A last part of a name by which it is no name, but a number that some programs take for an address."""

_SAFE = "/%:@!$&'()*+,;=~-._?"


class Address(NamedTuple):
    """An address of the web, as it is asked for."""

    scheme: str
    host: str
    """In small letters of ASCII; of version 6 without brackets."""
    port: int
    target: str
    """Path and query."""

    @property
    def site(self) -> str:
        """Return host and port, where that is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == USUAL_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def rest(self) -> str:
        """Return all of it but the scheme."""
        return f"{self.site}{self.target}"

    @property
    def text(self) -> str:
        """Return it as people write it."""
        return f"{self.scheme}://{self.rest}"


def address_of(arguments: Mapping[str, Any]) -> str:
    """Return what a call fetches, as permissions know it: the whole address.

    Raises:
        ToolRefused: it is no address.
    """
    return read_address(str(arguments["url"])).text


def read_address(text: str) -> Address:
    """Read an address.

    Raises:
        ToolRefused: it is none of the web, or one that not everybody reads in the same way.
    """
    if len(text) > LONGEST or not text.isprintable() or re.search(r"[\s\\]", text):
        raise ToolRefused(f"that is no address: at most {LONGEST:,} characters, without spaces and backslashes")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ToolRefused(f"{text!r} is no address: {error}") from None
    if parts.scheme not in USUAL_PORTS or not parts.hostname:
        raise ToolRefused(f"{text!r} is no address that begins with http:// or https://")
    if "@" in parts.netloc:
        raise ToolRefused("an address must not hold a user or a password")
    path = parts.path or "/"
    if any(_leads_elsewhere(part) for part in re.split(r"[/\\]", _unquoted(path))):
        raise ToolRefused("an address must not hold `.` or `..` as a part of its path; write where it leads")
    target = quote(path + (f"?{parts.query}" if parts.query else ""), safe=_SAFE)
    return Address(parts.scheme, _host(parts.hostname), port or USUAL_PORTS[parts.scheme], target)


def _unquoted(path: str) -> str:
    """Return a path as whoever unquotes it most often reads it."""
    while (plain := unquote(path)) != path:
        path = plain
    return path


def _leads_elsewhere(part: str) -> bool:
    """Whether some servers read a part of a path as `.` or `..`: without what stands behind a `;`, or is not seen."""
    seen = "".join(letter for letter in part.partition(";")[0] if letter.isprintable())
    return seen.strip() in (".", "..")


def _host(name: str) -> str:
    """Return a host as it is resolved.

    Raises:
        ToolRefused: it is no name, and an address in a spelling that not everybody reads in the same way.
    """
    if ":" in name:
        try:
            if "%" in name:  # which of this machine's networks is meant
                raise ValueError
            return str(ipaddress.IPv6Address(name))
        except ValueError:
            raise ToolRefused(f"{name!r} is no address of version 6") from None
    try:
        host = name.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        raise ToolRefused(f"{name!r} is no name of a host") from None
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            raise ToolRefused(f"{name!r} is a number; write an address as in 192.0.2.1") from None
    if not re.fullmatch(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", host):
        raise ToolRefused(f"{name!r} is no name of a host")
    return host


def is_address(pattern: str, address: str) -> bool:
    """Whether a pattern of a permission is about an address."""
    return fits(addresses_meant(pattern), address)


def addresses_meant(pattern: str) -> str:
    """Return what a pattern means: all of a host where it names no path, else all that begins so.

    One without a scheme is about both.
    """
    scheme, found, rest = pattern.partition("://")
    scheme, rest = (scheme, rest) if found else ("*", pattern)
    if "/" not in rest:
        host = re.sub(r"(?<=[^.*:])\*+$", "", rest)  # else `example.org*` would be about example.org.evil.com
        rest = f"{host}/**"
    elif rest.endswith("*") and not rest.endswith("**"):
        rest = f"{rest}*"
    return f"{scheme}://{rest}"
