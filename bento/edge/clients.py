"""Where a request comes from: this machine or another, and who counts as one client."""

import ipaddress
from functools import lru_cache

IPV6_NETWORK_BITS = 64
"""What one IPv6 customer is given at least; within it addresses cost nothing."""

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@lru_cache(maxsize=4096)
def is_loopback(client: str) -> bool:
    """Say whether an address is of this machine; none at all, as of a Unix socket, is."""
    if not client:
        return True
    address = _address(client)
    return address is not None and address.is_loopback


@lru_cache(maxsize=4096)
def is_loopback_name(host: str) -> bool:
    """Say whether a `Host` header means this machine; none at all does.

    A web page of elsewhere can let its name stand for 127.0.0.1 and have a browser ask
    (DNS rebinding); then its name is in the header.
    """
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    return name.lower() in ("", "localhost") or is_loopback(name.strip("[]"))


@lru_cache(maxsize=4096)
def network(client: str) -> str:
    """Give what a rate is counted by: an IPv4 address, or the network of an IPv6 one."""
    address = _address(client)
    if isinstance(address, ipaddress.IPv6Address):
        host_bits = address.max_prefixlen - IPV6_NETWORK_BITS
        return str(ipaddress.IPv6Address(int(address) >> host_bits << host_bits))
    return str(address or client)


def _address(client: str) -> _Address | None:
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
