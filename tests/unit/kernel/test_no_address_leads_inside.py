"""Every way to write an address of our own network is refused before anything is connected."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Refused
from app.outbound import NotAllowed, NotReached, aim, check_typed, is_public

PUBLIC = "93.184.216.34"


def leads_to(*addresses):
    return lambda host, port: list(addresses)


def never(host, port):
    raise AssertionError(f"{host} was looked up")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0.0.0.0",
        "0",
        "2130706433",
        "017700000001",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0x7f000001",
        "0x",
        "127.0.0.1.",
        "169.254.169.254",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "192.0.0.170",
        "192.88.99.1",
        "198.18.0.1",
        "224.0.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:8.8.8.8]",
        "[::7f00:1]",
        "[fe80::1]",
        "[fe80::1%25eth0]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[fec0::1]",
        "[ff02::1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::1]",
        "[2002:7f00:1::1]",
        "[2001::1]",
        "[2001:db8::1]",
    ],
)
def test_an_address_inside_is_refused_in_any_form(host):
    with pytest.raises(NotAllowed):
        aim(f"https://{host}/hook", resolve=never)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "//example.com/",
        "https:example.com",
        "https:///path",
        "https://user:pass@example.com/",
        "https://example.com@127.0.0.1/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://example.com:x/",
        "https://example.com/#part",
        "https://exa mple.com/",
        "https://example.com\\@127.0.0.1/",
        "https://example.com/\r\nHost: inside",
        "https://exämple.com/",
        "https://①②⑦.⓪.⓪.①/",
        "https://a..b/",
        "https://-a.example/",
        "https://" + "a" * 2000,
    ],
)
def test_what_is_no_plain_address_is_refused(url):
    with pytest.raises(NotAllowed):
        aim(url, resolve=leads_to(PUBLIC))


@pytest.mark.parametrize("inside", ["127.0.0.1", "::1", "169.254.169.254", "fe80::1%eth0", "::ffff:10.0.0.1"])
def test_a_name_is_refused_when_any_of_its_addresses_is_inside(inside):
    with pytest.raises(NotAllowed):
        aim("https://hooks.example/", resolve=leads_to(PUBLIC, inside))


def test_a_public_name_is_looked_up_once_and_called_where_it_led():
    asked = []

    def resolve(host, port):
        asked.append((host, port))
        return [PUBLIC]

    target = aim("https://hooks.example:8443/a?b=c", resolve=resolve)
    assert asked == [("hooks.example", 8443)]
    assert (target.address, target.host, target.port, target.path) == (
        PUBLIC,
        "hooks.example",
        8443,
        "/a?b=c",
    )


def test_without_tls_only_allowed_networks_are_called():
    with pytest.raises(NotAllowed):
        aim("http://hooks.example/", resolve=leads_to(PUBLIC))
    inside = (ip_network("10.1.2.0/24"),)
    assert aim("http://hooks.example/", inside, leads_to("10.1.2.3")).address == "10.1.2.3"
    with pytest.raises(NotAllowed):
        aim("http://hooks.example/", inside, leads_to("10.1.2.3", "10.1.3.1"))


def test_a_name_that_nobody_knows_is_told_apart_beside_the_field():
    def resolve(host, port):
        raise NotReached("no address")

    with pytest.raises(Refused) as unknown:
        check_typed("https://nowhere.example/", (), "url", resolve)
    with pytest.raises(Refused) as inside:
        check_typed("https://127.0.0.1/", (), "url", resolve)
    assert set(unknown.value.fields) == set(inside.value.fields) == {"url"}
    assert unknown.value.fields != inside.value.fields
    assert check_typed(" https://ok.example/x ", (), "url", leads_to(PUBLIC)) == "https://ok.example/x"


@given(st.integers(0, 2**32 - 1))
def test_whatever_python_calls_private_is_not_public(number):
    address = ip_address(number)
    assert not (is_public(address) and not address.is_global)


@given(st.integers(0, 2**32 - 1), st.sampled_from(["::ffff:0:0", "64:ff9b::", "::"]))
def test_an_ipv4_address_inside_of_an_ipv6_address_is_never_public(number, prefix):
    assert not is_public(IPv6Address(int(IPv6Address(prefix)) + number))
