"""Who sends, as limits count it. Pure."""

from __future__ import annotations

import ipaddress


def network(address: str) -> str:
    """What one customer holds: of IPv6 a whole /64. IPv4 written as IPv6 is IPv4."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address  # a socket without one, as behind a pipe: all such senders are one
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))
