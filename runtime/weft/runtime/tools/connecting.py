"""Connecting to what an address stands for: to machines of the public internet, and to what a person has granted.

A name is resolved once, and connected to is what was checked, so a name that leads elsewhere the next time gains
nothing. What is fetched, and how it is read, is `fetching`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from httpcore2 import SOCKET_OPTION, AnyIOBackend, AsyncNetworkBackend, AsyncNetworkStream, ConnectError

from weft.runtime.granted import Grant
from weft.runtime.tools.addresses import USUAL_PORTS, addresses_meant
from weft.runtime.tools.refusing import ToolRefused

__all__ = ["Guarded"]

_WITHIN = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::/96"))
"""Addresses of version 6 whose last 32 bits are one of version 4."""

_OURS = (ipaddress.ip_network("64:ff9b:1::/48"), ipaddress.ip_network("fec0::/10"))
"""Private ones that Python does not count among those."""

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class Guarded(AsyncNetworkBackend):
    """Connects to machines of the public internet, and to those whose very address a person has granted."""

    def __init__(self, grants: Iterable[Grant]) -> None:
        patterns = [grant.pattern for grant in grants if grant.tool == "fetch_url" and grant.pattern]
        self._granted = {place for pattern in patterns for place in _literal(addresses_meant(pattern))}
        self._plain = AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """Connect to a host, where what its name stands for is no machine that is to be kept from agents.

        Raises:
            ToolRefused: it is one, or there is none of this name.
            ConnectError: none of its addresses answers.
        """
        failed: Exception | None = None
        for address in await self._addresses(host, port):
            try:
                return await self._plain.connect_tcp(address, port, timeout, local_address, socket_options)
            except ConnectError as error:
                failed = error
        raise failed or ConnectError(f"{host} has no address")

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise ToolRefused(f"{host} cannot be found: {error}") from None
        addresses = [str(address) for *_, (address, *_) in found]
        allowed = [address for address in dict.fromkeys(addresses) if self._allows(address, port)]
        if not allowed:
            private = addresses[0]
            shown = f"[{private}]" if ":" in private else private
            named = host if host == private else f"{host} is {private}"
            raise ToolRefused(
                f"{named}, which is not on the public internet; a person can allow it by "
                f"--allow fetch_url:{shown}{'' if port in USUAL_PORTS.values() else f':{port}'}/*"
            )
        return allowed

    def _allows(self, text: str, port: int) -> bool:
        address = ipaddress.ip_address(text)
        if all(map(_public, _every(address))):
            return True
        names = {str(one) for one in _every(address)} | ({"localhost"} if address.is_loopback else set())
        return any((name, port) in self._granted for name in names)


def _literal(pattern: str) -> list[tuple[str, int]]:
    """Return the address and the ports that a pattern names letter by letter, if it names any."""
    try:
        site = urlsplit(pattern.removeprefix("*:"))
        host = site.hostname or ""
        known = host if host == "localhost" else str(ipaddress.ip_address(host))
        usual = [port for scheme, port in USUAL_PORTS.items() if site.scheme in ("", scheme)]
        return [(known, port) for port in ([site.port] if site.port else usual)]
    except ValueError:
        return []


def _every(address: IPAddress) -> list[IPAddress]:
    """Return an address with those of version 4 that it stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _WITHIN):
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    known = [one for one in inner if one is not None]
    return known if address.ipv4_mapped is not None else [address, *known]


def _public(address: IPAddress) -> bool:
    own = any(address in network for network in _OURS if network.version == address.version)
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified or own)
