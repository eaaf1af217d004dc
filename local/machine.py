"""What `./run` is told by the environment: where state is kept and which ports are used."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".tools"
# The authorities that this machine trusts: some programs bring a list of their own and would ignore them.
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")

# Fixed numbers that others script against; everything else takes a free port and remembers it.
PORTS = {
    "CONTROL_PORT": 8000,
    "SHOP_PORT": 8080,
    "PROMETHEUS_PORT": 9090,
    "ALERTMANAGER_PORT": 9093,
    "POSTGRES_PORT": 5433,
    "REDIS_PORT": 6380,
}
INNER_PORTS = ("gateway", "worker", "scheduler")


class CannotStart(SystemExit):
    """Stops the start with one clear message."""


@dataclass(frozen=True)
class Machine:
    state: Path
    ports: Mapping[str, int]  # by the name of the setting, and of the inner process

    @property
    def log(self) -> Path:
        return self.state / "log"


def read_machine(environ: Mapping[str, str] = os.environ) -> Machine:
    """Ports and the state folder. A relative STATE_DIR lies in the checkout, wherever one calls from."""
    ports = {name: _port(name, environ.get(name), default) for name, default in PORTS.items()}
    _refuse_twins(ports)
    return Machine(ROOT / environ.get("STATE_DIR", ".run"), ports)


def _port(name: str, text: str | None, default: int) -> int:
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise CannotStart(f"Setting {name} has the wrong value {text!r}. Allowed: 1 to 65535.")
    return int(text)


def _refuse_twins(ports: Mapping[str, int]) -> None:
    seen: dict[int, str] = {}
    for name, port in ports.items():
        if port in seen:
            raise CannotStart(f"Settings {seen[port]} and {name} are both {port}. Give each its own port.")
        seen[port] = name


def is_free(port: int) -> bool:
    """Nothing listens there. SO_REUSEADDR, so that connections that are closing do not count."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def refuse_taken_ports(ports: Mapping[str, int], names: list[str]) -> None:
    for name in names:
        if not is_free(ports[name]):
            raise CannotStart(
                f"Port {ports[name]} is taken. Stop what listens there, or choose another one:"
                f" {name}={free_port()} ./run"
            )


def with_inner_ports(machine: Machine) -> Machine:
    """Adds a port for each inner process: the one of the last start, or another where that is taken."""
    kept = machine.state / "ports.json"
    before = json.loads(kept.read_text()) if kept.exists() else {}
    chosen: dict[str, int] = {}
    for name in INNER_PORTS:
        port = before.get(name)
        if not isinstance(port, int) or port in machine.ports.values() or not is_free(port):
            port = free_port()
        chosen[name] = port
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(chosen))
    return Machine(machine.state, {**machine.ports, **chosen})
