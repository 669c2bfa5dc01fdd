"""Where webhooks may go: to the public internet, and nowhere near the servers that send them.

Whoever can name a URL could otherwise make us call the metadata service of a cloud, or a database.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any
from urllib.parse import SplitResult, urlsplit

from zeeguu_gamify.errors import GamifyError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: What is routed at all; all else is local, or reserved.
_ROUTED = IPv6Network("2000::/3")
#: Translated to the IPv4 address in its last bytes.
_NAT64 = IPv6Network("64:ff9b::/96")

PORTS = {"https": 443, "http": 80}


class Refused(GamifyError):
    """Nothing is sent to this URL."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that was looked at, with the addresses that it may be reached by."""

    url: SplitResult
    host: str
    port: int
    addresses: tuple[str, ...]


def target(url: str, allowed: Sequence[Network] = ()) -> Target:
    """Look at `url` and at all that its name stands for now; raises Refused.

    Call it before each try, and connect to these addresses: a name may stand for another one
    a moment later. allowed: networks that are all right though they are not public; only these
    may be sent to without TLS.
    """
    parts, host, port = _parts(url)
    found = tuple(_resolve(host, port))
    for address in found:
        known = any(address in network for network in allowed)
        if not (known or is_public(address)):
            named = host if host == str(address) else f"{host} is {address}, which"
            raise Refused(f"{named} is not a public address.")
        if parts.scheme != "https" and not known:
            raise Refused(f"{host} must be reached by https.")
    return Target(parts, host, port, tuple(map(str, found)))


def is_public(address: Address) -> bool:
    """Whether it is an address of the public internet, and so is the one that it stands for."""
    if isinstance(address, IPv4Address):
        return address.is_global and not (address.is_multicast or address.is_reserved)
    inner = list(_within(address))
    if inner and (address.ipv4_mapped or address in _NAT64):
        return all(map(is_public, inner))
    return address in _ROUTED and address.is_global and all(map(is_public, inner))


def networks(text: str) -> tuple[Network, ...]:
    """The networks in a list separated by commas; raises ValueError."""
    return tuple(ipaddress.ip_network(one.strip()) for one in text.split(",") if one.strip())


def _within(address: IPv6Address) -> Iterator[IPv4Address]:
    """The addresses of IPv4 that this one is translated to, or tunnelled by."""
    for inner in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())):
        if inner is not None:
            yield inner
    if address in _NAT64:
        yield IPv4Address(address.packed[-4:])


def _parts(url: str) -> tuple[SplitResult, str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Refused(f"{url!r} is not a URL: {error}") from error
    if parts.scheme not in PORTS or not host:
        raise Refused(f"{url!r} is not a URL of https.")
    written = url.isascii() and url.isprintable() and " " not in url
    if parts.username is not None or parts.fragment or not written:
        raise Refused("A URL has no user, no fragment, no blanks, and characters of ASCII only.")
    return parts, host, PORTS[parts.scheme] if port is None else port


def _resolve(host: str, port: int) -> list[Address]:
    try:
        found: list[Any] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused(f"{host} cannot be found.") from error
    if not found:
        raise Refused(f"{host} cannot be found.")
    return [ipaddress.ip_address(info[4][0].partition("%")[0]) for info in found]
