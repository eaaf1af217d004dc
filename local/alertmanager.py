"""Alertmanager: at first it tells the control plane alone; from then on that writes its configuration."""

from __future__ import annotations

import os
from pathlib import Path

from local.debian import alertmanager_folder, find_tool
from local.processes import Program, answers


def configuration(webhook_url: str, token: str) -> str:
    """Short waits, because a demo is watched; a shop at night wants group_wait 30s and repeat 4h."""
    return f"""\
route:
  receiver: backroom
  group_by: [alertname, slo]
  group_wait: 1s
  group_interval: 5s
  repeat_interval: 1h
  routes:
    - matchers: ['alertname="Watchdog"']
      receiver: backroom
      group_wait: 0s
      group_interval: 15s
      repeat_interval: 30s
inhibit_rules:
  - source_matchers: ['severity="page"', 'slo!=""']
    target_matchers: ['severity="ticket"', 'slo!=""']
    equal: [slo]
receivers:
  - name: backroom
    webhook_configs:
      - url: {webhook_url}
        send_resolved: true
        http_config:
          authorization: {{type: Bearer, credentials: '{token}'}}
"""


def settings_file(folder: Path) -> Path:
    return folder / "alertmanager.yml"


def amtool() -> Path:
    return find_tool("amtool", "prometheus-alertmanager", "AMTOOL")


def program(folder: Path, port: int, configuration_text: str, *, keep: bool = False) -> Program:
    """`keep`: a configuration that the control plane has written there before stays."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    settings = settings_file(folder)
    settings.touch(0o600)
    if not keep or not settings.read_text():
        settings.write_text(configuration_text)
    options = [
        f"--config.file={settings}",
        f"--storage.path={data}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
        "--log.level=warn",
    ]
    return Program(
        "alertmanager",
        (str(find_tool("prometheus-alertmanager", "prometheus-alertmanager", "ALERTMANAGER_URL")), *options),
        ready=lambda: answers(f"http://127.0.0.1:{port}/-/ready"),
        env={"PATH": os.environ.get("PATH", ""), "GOGC": "50"},
        folder=alertmanager_folder(),
    )
