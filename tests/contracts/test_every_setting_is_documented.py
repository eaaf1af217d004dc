"""config.py, .env.example, compose.yaml and the Dockerfile speak of the same settings and files."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
import yaml

from config import COMMON, CONTROL_PLANE, STOREFRONT, Setting, control_plane_config, storefront_config
from local.machine import PORTS, ROOT

SETTINGS = {setting.name: setting for setting in (*CONTROL_PLANE, *STOREFRONT)}
LINE = re.compile(r"^(?P<name>[A-Z_]+)=(?P<value>\"[^\"]*\"|\S*)\s+# (?P<about>.+)$")


def example() -> dict[str, dict[str, str]]:
    """The sections of .env.example: title → name → value."""
    sections: dict[str, dict[str, str]] = {}
    title = ""
    for line in (ROOT / ".env.example").read_text().splitlines():
        if found := LINE.match(line):
            sections[title][found["name"]] = found["value"].strip('"')
        elif line.startswith("# "):
            title = line.removeprefix("# ").partition(":")[0].partition(" alone")[0]
            sections.setdefault(title, {})
        else:
            assert not line, f"not a setting with its line of text: {line}"
    return sections


def test_the_example_lists_every_setting_once():
    sections = example()
    listed = [name for title in ("Both services", "Control plane", "Storefront") for name in sections[title]]
    assert sorted(listed) == sorted(SETTINGS)
    assert set(sections["Both services"]) == {setting.name for setting in COMMON}


def test_the_example_lists_what_only_run_reads():
    assert set(example()["./run"]) == {*PORTS, "STATE_DIR", "SHOPPERS", "DEMO"}
    for name, port in PORTS.items():
        assert example()["./run"][name] == str(port)


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=lambda setting: setting.name)
def test_the_examples_value_is_allowed(setting: Setting):
    value = next(names[setting.name] for names in example().values() if setting.name in names)
    if value:
        setting.read(value)


def test_a_shell_can_read_the_example():
    done = subprocess.run(
        ["sh", "-ec", "set -a; . ./.env.example; env"], cwd=ROOT, capture_output=True, text=True
    )
    assert "MAIL_FROM=Hearth & Ladle <shop@hearth-and-ladle.example>" in done.stdout
    assert "SHOP_CURRENCY=EUR\n" in done.stdout


def compose() -> dict:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def filled_in(settings: dict[str, str]) -> dict[str, str]:
    """As compose fills them in, every secret long enough."""
    text = {name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(value)) for name, value in settings.items()}
    return {name: re.sub(r"\$\{\w+:\?[^}]*\}", "s" * 32, value) for name, value in text.items()}


def test_compose_starts_both_services_with_settings_that_are_allowed():
    services = compose()["services"]
    control_plane_config(filled_in(services["control"]["environment"]))
    storefront_config(filled_in(services["shop"]["environment"]))
    for service in services.values():
        unknown = set(service.get("environment", {})) - set(SETTINGS)
        assert not unknown or "image" in service


def test_every_setting_reaches_its_container_with_its_own_default():
    """Files and ports inside of a container are the image's own."""
    inside = {"PG_BIN", "PROMTOOL", "AMTOOL", "MAIL_DIR", "SHOP_DATA_DIR"}
    inside |= {"SCHEDULER_METRICS_PORT", "WORKER_METRICS_PORT"}
    services = compose()["services"]
    for name, settings in (("control", CONTROL_PLANE), ("shop", STOREFRONT)):
        given = services[name]["environment"]
        assert {setting.name for setting in settings} - set(given) <= inside
        for setting in settings:
            if setting.default and str(given.get(setting.name, "")).startswith(f"${{{setting.name}:-"):
                assert given[setting.name] == f"${{{setting.name}:-{setting.default}}}"


def test_every_variable_of_compose_is_in_the_example():
    used = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text()))
    assert used <= {name for names in example().values() for name in names}


def test_prometheus_in_containers_scrapes_what_it_scrapes_here():
    from local.prometheus import configuration

    ours = yaml.safe_load(
        configuration({"shop": "x", "shop-worker": "x", "control": "x", "scheduler": "x"}, "/r", "y")
    )
    theirs = yaml.safe_load(compose()["configs"]["prometheus"]["content"])

    def labels(settings: dict) -> dict:
        return {job["job_name"]: job["static_configs"][0]["labels"] for job in settings["scrape_configs"]}

    assert labels(ours) == labels(theirs)


@pytest.mark.parametrize(("target", "other"), [("control-plane", "storefront"), ("storefront", "app")])
def test_an_image_lacks_the_other_services_package(target: str, other: str):
    text = (ROOT / "Dockerfile").read_text()
    (stage,) = re.findall(rf"^FROM base AS {target}\n(.*?)(?=^FROM|\Z)", text, re.MULTILINE | re.DOTALL)
    copied = [
        line.split()[-2] for line in stage.splitlines() if line.startswith("COPY ") and "--" not in line
    ]
    assert copied
    assert not [path for path in copied if path.split("/")[0] == other]
    assert "HEALTHCHECK" in stage
    assert "USER root" not in text


def test_what_the_images_copy_is_there_and_is_sent_to_the_builder():
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        words = line.split()
        if words[:1] == ["COPY"] and not words[1].startswith("--"):
            for path in words[1:-1]:
                assert (ROOT / path).exists(), path
                assert any(path == one or path.startswith(f"{one}/") for one in kept), path


@pytest.mark.parametrize(
    ("keep", "factory"), [("app", "control_plane"), ("storefront", "storefront")], ids=["control", "shop"]
)
def test_each_service_starts_without_the_other_one(keep, factory, services, tmp_path):
    """The files of one image alone, and nothing else of ours to import."""
    lost = "storefront" if keep == "app" else "app"
    owner = "control" if keep == "app" else "storefront"
    for name in ("config.py", "wsgi.py", "translations", "docs", keep):
        (tmp_path / name).symlink_to(ROOT / name)
    chain = tmp_path / "migrations"
    chain.mkdir()
    for name in ("__init__.py", "__main__.py", "env.py", owner):
        (chain / name).symlink_to(ROOT / "migrations" / name)
    settings = compose()["services"]["control" if keep == "app" else "shop"]["environment"]
    database = {
        "CONTROL_DATABASE_URL": services.control_database_url,
        "SHOP_DATABASE_URL": services.shop_database_url,
    }
    environment = {**filled_in(settings), **database, "SHOP_DATA_DIR": str(tmp_path / "data")}
    code = f"import importlib.util, wsgi; wsgi.{factory}(); assert importlib.util.find_spec({lost!r}) is None"
    for command in (["-c", code], ["-m", "migrations", owner, "upgrade"]):
        done = subprocess.run(
            [sys.executable, *command],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], **environment},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
