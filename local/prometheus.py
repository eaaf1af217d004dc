"""Prometheus and promtool: found, configured, run; blocks of history made before the start."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path

from local.debian import find_tool
from local.keys import write_private
from local.machine import CannotStart
from local.processes import Program, answers, completed

NAME = "Prometheus"


def binary() -> Path:
    return find_tool("prometheus", "prometheus", "PROMETHEUS_URL")


def promtool() -> Path:
    return find_tool("promtool", "prometheus", "PROMETHEUS_URL")


def configuration(  # nosec B107 # empty until given
    targets: Mapping[str, str],
    rules: Path,
    alertmanager: str | None,
    every_seconds: int = 5,
    token: str = "",
) -> str:
    """`targets`: job → host:port. The label `instance` is the job's name, so that series outlive ports."""
    lines = [
        "global:",
        f"  scrape_interval: {every_seconds}s",
        f"  scrape_timeout: {min(every_seconds, 4)}s",
        f"  evaluation_interval: {every_seconds}s",
        "rule_files:",
        f"  - {rules}/*.yml",
    ]
    if alertmanager:
        lines += ["alerting:", "  alertmanagers:", "    - static_configs:"]
        lines += [f"        - targets: ['{alertmanager}']"]
    lines += ["scrape_configs:"] if targets else ["scrape_configs: []"]
    for job, target in targets.items():
        lines += [f"  - job_name: {job}", "    static_configs:", f"      - targets: ['{target}']"]
        lines += [f"        labels: {{instance: {job}}}"]
        if token:
            lines += [f"    authorization: {{credentials: {json.dumps(token)}}}"]
    return "\n".join(lines) + "\n"


def program(folder: Path, port: int, configuration_text: str, *, resend_seconds: int = 2) -> Program:
    """Listens on this machine only: its admin API deletes series (needed to take demo data away)."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    settings = folder / "prometheus.yml"
    write_private(settings, configuration_text)  # it may hold the token of /metrics
    options = [
        f"--config.file={settings}",
        f"--storage.tsdb.path={data}",
        "--storage.tsdb.retention.time=90d",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.enable-lifecycle",
        "--web.enable-admin-api",
        f"--rules.alert.resend-delay={resend_seconds}s",
        "--log.level=warn",
    ]
    return Program(
        "prometheus",
        (str(binary()), *options),
        ready=lambda: answers(f"http://127.0.0.1:{port}/-/ready"),
        env={"PATH": os.environ.get("PATH", ""), "GOGC": "50", "GOMAXPROCS": "2"},
        folder=folder,
        orphan_signal=signal.SIGTERM,  # puts its data away
    )


def make_blocks(samples: Path, data: Path) -> None:
    """Turns a file of OpenMetrics text into blocks. Prometheus must not be running on `data`."""
    part = data.with_name(f"{data.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    command = [str(promtool()), "tsdb", "create-blocks-from", "--max-block-duration=744h", "--quiet"]
    command += ["openmetrics", str(samples), str(part)]
    done = completed(command)
    if done.returncode != 0:
        raise CannotStart(f"promtool could not make blocks of {samples}: {done.stderr.strip()[-800:]}")
    data.mkdir(parents=True, exist_ok=True)
    for block in part.iterdir():
        block.rename(data / block.name)
    part.rmdir()
