"""Where webhooks are never sent, however somebody writes it."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import Any

import pytest

from zeeguu_gamify.delivery.webhooks.guard import Refused, is_public, networks, target


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every name stand for these."""
    found: list[Any] = [(0, 0, 0, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kw: found)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1",
        "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::10.0.0.1",
        "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "2001:db8::1",
    ],
)  # fmt: skip
def test_what_is_not_the_public_internet_is_refused(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]
)
def test_what_is_public_is_not(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
        "https://2130706433/", "https://0x7f.1/", "https://127.1/", "https://localhost/",
        "https://169.254.169.254/latest/meta-data/",
    ],
)  # fmt: skip
def test_a_private_address_is_refused_however_it_is_written(url: str) -> None:
    with pytest.raises(Refused, match="not a public address"):
        target(url)


def test_an_address_is_not_said_to_be_itself() -> None:
    with pytest.raises(Refused, match=r"^127\.0\.0\.1 is not a public address\.$"):
        target("https://127.0.0.1/")


def test_a_name_that_stands_for_a_private_address_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolve_to(monkeypatch, "10.1.2.3")
    with pytest.raises(Refused, match=r"example\.com is 10\.1\.2\.3"):
        target("https://example.com/hook")


def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "8.8.8.8", "::ffff:10.0.0.1")
    with pytest.raises(Refused):
        target("https://example.com/hook")


def test_a_public_name_gives_the_addresses_to_connect_to(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "8.8.8.8", "2606:4700::1111")
    found = target("https://example.com/hook")
    assert (found.host, found.port) == ("example.com", 443)
    assert found.addresses == ("8.8.8.8", "2606:4700::1111")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/", "file:///etc/passwd", "https://", "https:///hook", "example.com",
        "https://me:secret@example.com/", "https://example.com/#part", "https://example.com:x/",
        "https://example.com/a b\r\nX: y", "https://exämple.com/", "https://[::1/",
        "https://example.com/a b", " https://example.com/",
    ],
)  # fmt: skip
def test_what_is_no_url_of_https_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "8.8.8.8")
    with pytest.raises(Refused):
        target(url)


def test_a_public_address_is_reached_by_tls_only(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "8.8.8.8")
    with pytest.raises(Refused, match="by https"):
        target("http://example.com/hook", networks("10.0.0.0/8"))


def test_a_network_of_the_allow_list_is_all_right_and_no_other() -> None:
    allowed = networks("127.0.0.0/8, 10.1.0.0/16")
    assert target("http://127.0.0.1:8080/hook", allowed).addresses == ("127.0.0.1",)
    with pytest.raises(Refused):
        target("http://10.2.0.1/hook", allowed)


def test_a_name_that_nobody_knows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: Any, **_kw: Any) -> None:
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Refused, match=r"^nowhere\.example cannot be found\.$"):
        target("https://nowhere.example/hook")
