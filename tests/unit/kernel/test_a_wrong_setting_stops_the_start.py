from __future__ import annotations

import pytest

from config import CONTROL_PLANE, STOREFRONT, WrongSetting, control_plane_config, storefront_config

COMMON = {
    "SECRET_KEY": "0123456789abcdef",
    "REDIS_URL": "redis://127.0.0.1:6380/0",
    "SHOP_URL": "http://shop.test/",
}
CONTROL = COMMON | {
    "CONTROL_DATABASE_URL": "postgresql+psycopg://backroom@127.0.0.1/backroom",
    "REPORTING_DATABASE_URL": "postgresql+psycopg://reporting@127.0.0.1/shop",
    "PROMETHEUS_URL": "http://127.0.0.1:9090",
    "ALERTMANAGER_URL": "http://127.0.0.1:9093",
    "ENCRYPTION_KEYS": "0123456789abcdef0123456789abcdef",
    "CONTROL_URL": "http://control.test",
    "ALERT_WEBHOOK_TOKEN": "0123456789abcdef",
}
SHOP = COMMON | {
    "SHOP_DATABASE_URL": "postgresql+psycopg://shop@127.0.0.1/shop",
    "GATEWAY_URL": "http://127.0.0.1:8090",
    "GATEWAY_SECRET": "0123456789abcdef",
}


def test_the_least_that_must_be_given_is_enough():
    config = control_plane_config(CONTROL)
    assert config.shop_url == "http://shop.test"
    assert config.secure_cookies is True
    assert config.rules_dir is None


def test_the_broker_is_redis_unless_another_is_named():
    assert storefront_config(SHOP).broker_url == SHOP["REDIS_URL"]
    rabbit = "amqp://guest:guest@127.0.0.1:5672"
    assert storefront_config(SHOP | {"BROKER_URL": rabbit}).broker_url == rabbit


def test_locales_are_a_list_with_the_default_first():
    assert storefront_config(SHOP | {"SHOP_LOCALES": "de, pt-BR"}).locales == ("de", "pt-BR")


@pytest.mark.parametrize("setting", [s for s in CONTROL_PLANE if s.default is None], ids=lambda s: s.name)
def test_a_missing_setting_is_named_with_what_is_allowed(setting):
    with pytest.raises(WrongSetting) as stop:
        control_plane_config({k: v for k, v in CONTROL.items() if k != setting.name})
    assert setting.name in str(stop.value)
    assert "is not set" in str(stop.value)
    assert setting.allowed in str(stop.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "prod"),
        ("LOG_LEVEL", "loud"),
        ("SECRET_KEY", "short"),
        ("SECURE_COOKIES", "maybe"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "two"),
        ("REDIS_URL", "http://127.0.0.1"),
        ("SHOP_DATABASE_URL", "mysql://127.0.0.1/shop"),
        ("FLAGS_POLL_SECONDS", "nan"),
        ("FLAGS_POLL_SECONDS", "0"),
        ("SHOP_LOCALES", "../../etc"),
        ("SHOP_LOCALES", ""),
        ("SHOP_CURRENCY", "euro"),
        ("WORKER_METRICS_PORT", "65536"),
        ("SMTP_URL", "ftp://mail"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(name, value):
    with pytest.raises(WrongSetting) as stop:
        storefront_config(SHOP | {name: value})
    allowed = next(s.allowed for s in STOREFRONT if s.name == name)
    assert name in str(stop.value)
    assert repr(value) in str(stop.value)
    assert allowed in str(stop.value)


def test_secrets_are_not_shown_when_the_settings_are_printed():
    shown = repr(storefront_config(SHOP | {"FLAGS_TOKEN": "*:production.verysecret"}))
    assert "verysecret" not in shown
    assert SHOP["SECRET_KEY"] not in shown
