"""Authentication: API keys, or without any, requests from this machine only.

A key is sent as `Authorization: Bearer KEY` or as `X-API-Key: KEY`.
"""

import hmac
import ipaddress
from collections.abc import Iterator, Sequence
from functools import lru_cache
from http import HTTPStatus

from bento.edge.context import RequestContext, RequestHeaders
from bento.edge.problems import RejectedError

IPV6_NETWORK_BITS = 64
"""The smallest network that an IPv6 customer gets; addresses within it cost nothing."""

_BEARER = b"bearer "

_SET_BY_PROXIES = (b"forwarded", b"via", b"x-real-ip")
"""Besides `X-Forwarded-For`, which uvicorn reads, so that the client has the address in it."""

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class ApiKeys:
    """The keys that open the service."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = [key.encode("ascii") for key in keys]

    def position_in(self, headers: RequestHeaders) -> int | None:
        """Return the position of the valid key that a request shows, if it shows one.

        Every key is compared with every value sent, in constant time, so that the time does not
        tell how much of a value is right.
        """
        position = None
        for value in _sent_keys(headers):
            for at, key in enumerate(self._keys):
                if hmac.compare_digest(value, key):
                    position = at
        return position


def check_same_machine(context: RequestContext) -> None:
    """Let through a request from this machine, to a name of this machine.

    A web page of elsewhere can let its name stand for 127.0.0.1 and have a browser send a request
    (DNS rebinding); then the `Host` header holds its name.

    A proxy on this machine that forwards nothing about its client can't be told from a client here.

    Raises:
        RejectedError: The address or the `Host` header is another one, or a proxy sent it.
    """
    hosts = context.headers.get(b"host", ())
    if (
        is_loopback(context.client)
        and all(_is_loopback_host(host) for host in hosts)
        and not any(name in context.headers for name in _SET_BY_PROXIES)
    ):
        return
    raise RejectedError(
        HTTPStatus.FORBIDDEN,
        "Only this machine is answered, and no proxy, because SPIKE_API_KEY is not set. "
        "Set it to one or more keys, and send one of them with each request",
    )


@lru_cache(maxsize=4096)
def is_loopback(client: str) -> bool:
    """Return whether an address is of this machine; an empty one, of a Unix socket, is."""
    if not client:
        return True
    address = _address(client)
    return address is not None and address.is_loopback


@lru_cache(maxsize=4096)
def client_network(client: str) -> str:
    """Return what a rate is counted by: an IPv4 address, or the network of an IPv6 one."""
    address = _address(client)
    if isinstance(address, ipaddress.IPv6Address):
        host_bits = address.max_prefixlen - IPV6_NETWORK_BITS
        return str(ipaddress.IPv6Address(int(address) >> host_bits << host_bits))
    return str(address or client)


@lru_cache(maxsize=4096)
def _is_loopback_host(value: bytes) -> bool:
    host = value.decode("latin-1")
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    return name.lower() in ("", "localhost") or is_loopback(name.strip("[]"))


def _sent_keys(headers: RequestHeaders) -> Iterator[bytes]:
    yield from headers.get(b"x-api-key", ())
    for value in headers.get(b"authorization", ()):
        if value[: len(_BEARER)].lower() == _BEARER:
            yield value[len(_BEARER) :].strip()


def _address(client: str) -> _Address | None:
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
