"""From where somebody signs in, as much as its owner needs to recognise it and no more. Pure."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

# The first that fits wins: most browsers also claim to be the ones after them.
BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
KEPT_BITS = {4: 24, 6: 48}  # of an address: a town or a provider, not a home


@dataclass(frozen=True)
class Device:
    name: str  # "Firefox · Linux"; "" where none of it is known
    network: str  # "198.51.100.0/24"; "" where there is no address


def device(agent: str, address: str) -> Device:
    return Device(device_name(agent), shortened(address))


def device_name(agent: str) -> str:
    """Only the names above are shown of what a browser says of itself: a stranger may say anything."""
    known = [next((name for sign, name in table if sign in agent), "") for table in (BROWSERS, SYSTEMS)]
    return " · ".join(name for name in known if name)


def shortened(address: str) -> str:
    """The network around an address."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ipaddress.ip_network((ip, KEPT_BITS[ip.version]), strict=False))
