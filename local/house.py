"""Every program of the house: with which command, on which port, and when it counts as ready."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from local import alertmanager, postgres, prometheus, valkey
from local.environment import Given, of_process
from local.keys import Keys, write_private
from local.machine import ROOT, CannotStart, Machine
from local.postgres import Cluster
from local.processes import Program, answers

# Page views a second of the demo shoppers, where nobody has said otherwise, and at most.
DEFAULT_RATE = "20"
HIGHEST_RATE = 100
SHOPPERS_PER_RATE = 3  # each asks for a page about every three seconds


@dataclass(frozen=True)
class House:
    machine: Machine
    keys: Keys
    given: Given
    settings: Mapping[str, str]

    @property
    def state(self) -> Path:
        return self.machine.state

    @property
    def port(self) -> Mapping[str, int]:
        return self.machine.ports

    @cached_property
    def cluster(self) -> Cluster:
        port = self.port["POSTGRES_PORT"]
        return postgres.make_cluster(self.state / "postgres", port, self.keys["postgres"])

    def stores(self) -> list[Program]:
        """What keeps data."""
        found = []
        if not self.given.databases:
            found.append(self.cluster.program())
        if not self.given.redis:
            found.append(valkey.program(self.state / "redis", self.port["REDIS_PORT"]))
        return found

    def watchers(self) -> list[Program]:
        """What measures and wakes."""
        found = []
        rules = Path(self.settings["RULES_DIR"])
        rules.mkdir(parents=True, exist_ok=True)
        if not self.given.prometheus:
            beside = self.settings["ALERTMANAGER_URL"].partition("://")[2]
            text = prometheus.configuration(
                self._targets(), rules, beside, token=self.settings.get("METRICS_TOKEN", "")
            )
            found.append(prometheus.program(self.state / "prometheus", self.port["PROMETHEUS_PORT"], text))
        if not self.given.alertmanager:
            webhook = f"http://127.0.0.1:{self.port['CONTROL_PORT']}/api/v1/alerts/webhook"
            text = alertmanager.configuration(webhook, self.settings["ALERT_WEBHOOK_TOKEN"])
            found.append(
                alertmanager.program(
                    self.state / "alertmanager", self.port["ALERTMANAGER_PORT"], text, keep=True
                )
            )
        return found

    def _targets(self) -> dict[str, str]:
        ports = {
            "shop": "SHOP_PORT",
            "shop-worker": "worker",
            "control": "CONTROL_PORT",
            "scheduler": "scheduler",
        }
        return {job: f"127.0.0.1:{self.port[name]}" for job, name in ports.items()}

    def gateway(self) -> list[Program]:
        if self.given.gateway:
            return []
        health = f"{self.settings['GATEWAY_URL']}/healthz"
        return [self._python("gateway", "storefront.payments.sandbox", health)]

    def services(self) -> list[Program]:
        """The two web services and what works beside them."""
        worker, scheduler = self.port["worker"], self.port["scheduler"]
        return [
            self._web("control", "app", "control_plane", self.port["CONTROL_PORT"]),
            self._web("shop", "storefront", "storefront", self.port["SHOP_PORT"]),
            self._python("worker", "storefront.worker", f"http://127.0.0.1:{worker}/healthz"),
            self._python("scheduler", "app.scheduler", f"http://127.0.0.1:{scheduler}/metrics"),
        ]

    def shoppers(self) -> list[Program]:
        """Demo shoppers; how many is read from a file, again and again, so that it can be changed."""
        locust = (sys.executable, "-m", "locust", "-f", "local/shoppers.py", "--headless", "--only-summary")
        wanted = self._wanted_shoppers()
        if wanted.read_text() == "0":
            return []
        return [
            Program(
                "shoppers",
                (*locust, "--host", f"http://127.0.0.1:{self.port['SHOP_PORT']}"),
                env={**self.environment, "SHOPPERS_FILE": str(wanted)},
                folder=ROOT,
            )
        ]

    def _wanted_shoppers(self) -> Path:
        """What the environment says, else what was said last, else a few."""
        file = shoppers_file(self.state)
        if rate := os.environ.get("SHOPPERS"):
            file.write_text(shoppers_for("SHOPPERS", rate))
        elif not file.exists():
            file.write_text(shoppers_for("SHOPPERS", DEFAULT_RATE))
        return file

    def _python(self, name: str, module: str, health: str) -> Program:
        return Program(
            name,
            (sys.executable, "-m", module),
            ready=lambda: answers(health),
            env=self.environment,
            folder=ROOT,
        )

    def _web(self, name: str, package: str, factory: str, port: int) -> Program:
        """gunicorn. The folder of its metrics is emptied before the start, and only then."""
        metrics = self.state / "metrics" / name

        def empty() -> None:
            shutil.rmtree(metrics, ignore_errors=True)
            metrics.mkdir(parents=True)

        command = ("-m", "gunicorn", "-c", f"{package}/gunicorn_conf.py", "-b", f"127.0.0.1:{port}")
        return Program(
            name,
            (sys.executable, *command, f"wsgi:{factory}()"),
            ready=lambda: answers(f"http://127.0.0.1:{port}/healthz"),
            env={**self.environment, "PROMETHEUS_MULTIPROC_DIR": str(metrics)},
            folder=ROOT,
            before=empty,
            orphan_signal=signal.SIGTERM,  # takes its workers along, at the latest after its grace period
        )

    @property
    def environment(self) -> dict[str, str]:
        return of_process(self.settings)


def shoppers_file(state: Path) -> Path:
    return state / "shoppers"


def shoppers_for(name: str, text: str) -> str:
    """How many shoppers make so many page views a second; `name` is the setting that a wrong text came by."""
    try:
        rate = float(text)
    except ValueError:
        rate = -1
    if not 0 <= rate <= HIGHEST_RATE:
        raise CannotStart(f"{name} has the wrong value {text!r}. Allowed: 0 to {HIGHEST_RATE}.")
    return f"{rate * SHOPPERS_PER_RATE:.0f}"


def settings_file(state: Path) -> Path:
    return state / "settings.json"


def remember(house: House) -> None:
    """For `./run backroom` and whoever else talks to what runs."""
    write_private(settings_file(house.state), json.dumps(dict(house.settings), indent=2))
