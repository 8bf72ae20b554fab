"""Which web addresses may be requested: https on the public internet, and 127.0.0.1 where profile `local` runs."""

from __future__ import annotations

import pytest

from orderwright.domain.web_address import fault_of_url, network_of

PUBLIC = (
    "93.184.215.14",
    "1.1.1.1",
    "100.63.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "2606:2800:21f:cb07::1",
    "2001:4860::88",
)
NOT_PUBLIC = {
    "this machine": ("127.0.0.1", "127.8.8.8", "::1"),
    "a link-local network": ("169.254.169.254", "169.254.170.2", "fe80::1", "fe80::1%eth0"),
    "a private or reserved network": (
        "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fd00::1", "fd00:ec2::254", "fc00::1",  # private
        "0.0.0.0", "0.1.2.3", "::",  # this network
        "100.64.0.1", "100.127.255.255",  # behind a provider's NAT
        "192.0.0.8", "192.0.0.170", "192.88.99.1", "198.18.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1",
        "224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1",  # multicast
        "240.0.0.1", "255.255.255.255",
        "::ffff:169.254.169.254", "::ffff:93.184.215.14", "::10.0.0.1",  # IPv4 in IPv6
        "64:ff9b::a9fe:a9fe", "64:ff9b::5db8:d70e", "64:ff9b:1::1",  # NAT64
        "2002:a9fe:a9fe::1", "2002:5db8:d70e::1",  # 6to4
        "2001::1", "2001:0:53aa:64c::1", "2001:db8::1", "3fff::1", "100::1", "4000::1", "5f00::1", "fec0::1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("ip", PUBLIC)
def test_a_public_unicast_address_is_public(ip: str) -> None:
    assert network_of(ip) == ""


@pytest.mark.parametrize(("network", "ip"), [(network, ip) for network, ips in NOT_PUBLIC.items() for ip in ips])
def test_any_other_address_is_named_by_the_kind_of_its_network(network: str, ip: str) -> None:
    assert network_of(ip) == network


@pytest.mark.parametrize("profile", ["aws", "local"])
@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example.com",
        "https://shop.example.com:8443/admin?x=a@b",
        "HTTPS://Shop.Example.com/",
        "https://1.1.1.1/stock.csv",
        "https://[2606:2800:21f:cb07::1]/",
        "https://10.example.com/",
        "https://localhost.example.com/",
    ],
)
def test_https_to_a_name_or_a_public_address_is_fine(profile: str, url: str) -> None:
    assert fault_of_url(url, profile) is None


@pytest.mark.parametrize("profile", ["aws", "local"])
@pytest.mark.parametrize(
    ("code", "url"),
    [
        ("ADDRESS_NOT_HTTPS", "http://shop.example.com/"),
        ("ADDRESS_NOT_HTTPS", "HTTP://shop.example.com/"),
        ("ADDRESS_NOT_HTTPS", "http://127.0.0.2/"),
        ("ADDRESS_NOT_HTTPS", "http://localhost/"),
        ("ADDRESS_NOT_HTTPS", "http://[::1]/"),
        ("ADDRESS_NOT_HTTPS", "http://127.0.0.1.example.com/"),
        ("ADDRESS_NOT_HTTPS", "ftp://127.0.0.1/stock.csv"),
        ("ADDRESS_NOT_HTTPS", "//shop.example.com/"),
        ("ADDRESS_NOT_PUBLIC", "https://169.254.169.254/latest/meta-data/"),
        ("ADDRESS_NOT_PUBLIC", "https://10.1.2.3/"),
        ("ADDRESS_NOT_PUBLIC", "https://10.1.2.3./"),
        ("ADDRESS_NOT_PUBLIC", "https://[::1]:8443/"),
        ("ADDRESS_NOT_PUBLIC", "https://[fd00::1]/"),
        ("ADDRESS_NOT_PUBLIC", "https://[::ffff:169.254.169.254]/"),
        ("ADDRESS_NOT_PUBLIC", "https://[::ffff:a9fe:a9fe]/"),
        ("ADDRESS_NOT_PUBLIC", "https://0.0.0.0/"),
        ("ADDRESS_NOT_PUBLIC", "https://0/"),
        ("ADDRESS_NOT_PUBLIC", "https://2852039166/"),  # 169.254.169.254, decimal
        ("ADDRESS_NOT_PUBLIC", "https://0xa9fea9fe/"),
        ("ADDRESS_NOT_PUBLIC", "https://0xA9.0xFE.0xA9.0xFE/"),
        ("ADDRESS_NOT_PUBLIC", "https://0251.0376.0251.0376/"),
        ("ADDRESS_NOT_PUBLIC", "https://0177.0.0.1/"),
        ("ADDRESS_NOT_PUBLIC", "https://127.1/"),
        ("ADDRESS_NOT_PUBLIC", "https://10.258/"),
        ("ADDRESS_NOT_PUBLIC", "https://\uff11\uff10.0.0.1/"),  # full-width digits
        ("ADDRESS_NOT_PUBLIC", "https://10\u30020\uff610.1/"),  # ideographic full stops
        ("ADDRESS_NOT_PUBLIC", "https://localhost/"),
        ("ADDRESS_NOT_PUBLIC", "https://shop.localhost./"),
        ("ADDRESS_HOLDS_PASSWORD", "https://user:s3cret@shop.example.com/"),
        ("ADDRESS_HOLDS_PASSWORD", "https://user@shop.example.com/"),
        ("ADDRESS_HOLDS_PASSWORD", "https://@shop.example.com/"),
        ("ADDRESS_HOLDS_PASSWORD", "http://user:s3cret@127.0.0.1/"),
        ("ADDRESS_UNREADABLE", "https:///stock.csv"),
        ("ADDRESS_UNREADABLE", "https://[::1/"),
        ("ADDRESS_UNREADABLE", "https://[shop.example.com]/"),
        ("ADDRESS_UNREADABLE", "https://shop.example.com:port/"),
        ("ADDRESS_UNREADABLE", "https://shop.example.com:99999/"),
        ("ADDRESS_UNREADABLE", "shop.example.com"),
        ("ADDRESS_UNREADABLE", ""),
    ],
)
def test_any_other_address_is_refused_by_what_it_shows(profile: str, code: str, url: str) -> None:
    fault = fault_of_url(url, profile)
    assert fault is not None
    assert fault.code == code
    assert fault.fix
    assert "s3cret" not in str(fault)


@pytest.mark.parametrize("url", ["http://127.0.0.1:4010/cj", "https://127.0.0.1/"])
def test_profile_local_alone_may_ask_the_sandbox(url: str) -> None:
    assert fault_of_url(url, "local") is None
    for profile in ("aws", "", "LOCAL"):
        assert fault_of_url(url, profile) is not None
