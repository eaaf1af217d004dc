"""Receivers are on this machine, so tests allow what an installation would not."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

import pytest

from tests.integration.webhooks.receiver import receiving


@pytest.fixture
def control_config(control_config):
    return replace(control_config, webhook_allowed_networks=(ip_network("127.0.0.0/8"),))


@pytest.fixture
def receiver():
    with receiving() as running:
        yield running
