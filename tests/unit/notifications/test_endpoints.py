"""Which addresses are refused when somebody types them, and what secrets look like when kept."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.notifications.rules import endpoints
from shared.domain.notifications.rules.endpoints import AddressRefused, Kind, Secrets

NOW = datetime(2025, 6, 10, tzinfo=UTC)
INNER = (
    *("127.0.0.1", "[::1]", "0.0.0.0", "localhost", "localhost.", "printer.local"),
    *("10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "[fc00::1]", "[fe80::1]"),
    *("169.254.169.254", "[fe80::a9fe:a9fe]", "metadata.google.internal", "224.0.0.1"),
    *("2130706433", "0177.0.0.1", "0x7f.1", "127.1", "0"),
    *("[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[64:ff9b:1::1]"),
    *("[::7f00:1]", "[::ffff:0:7f00:1]", "[fec0::1]", "[fd00:ec2::254]", "[2001:0:7f00:1::]"),
    *("100.100.100.200", "168.63.129.16", "192.0.0.9", "198.18.0.1", "255.255.255.255"),
    *("127.0.0.1.", "0x7f000001", "017700000001", "127.0.1", "[::]", "[fe80::1%25eth0]"),
)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/a?b=c",
        "https://hooks.example.com:8443/",
        "https://xn--fiq228c.example.com/",
        "https://93.184.216.34/hook",
        "https://[2606:4700::1111]/hook",
    ],
)
def test_a_public_https_address_may_be_used(url: str) -> None:
    endpoints.check_address(url)


@pytest.mark.parametrize(
    "url",
    [
        *(f"https://{host}/" for host in INNER),
        *(f"https://hooks.example.com:{port}/" for port in (22, 25, 80, 5432, 5672, 0, 70000)),
        "http://hooks.example.com/",
        "file:///etc/passwd",
        "gopher://hooks.example.com/",
        "ftp://hooks.example.com/",
        "https://user:secret@hooks.example.com/",
        "https://hooks.example.com\\@127.0.0.1/",
        "https://hooks.example.com/#x",
        "https://hooks.example.com/\r\nHost: x",
        "https://钩子.example.com/",
        "https://single/",
        "https://",
        "",
        "https://[::1",
    ],
)
def test_any_other_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        endpoints.check_address(url)


def test_an_inner_receiver_may_be_allowed_by_the_operator_with_its_port() -> None:
    allowed = ("127.0.0.1:9000",)
    endpoints.check_address("http://127.0.0.1:9000/x", allowed=allowed)
    for url in ("http://127.0.0.1:9001/x", "http://127.0.0.1/x", "ftp://127.0.0.1:9000/"):
        with pytest.raises(AddressRefused):
            endpoints.check_address(url, allowed=allowed)


def test_a_robots_key_is_a_key_and_not_an_address() -> None:
    key = "a1b2c3d4-1111-2222-3333-444455556666"
    assert endpoints.robot_problems(Kind.WECOM, key=key, secret="") == []
    assert endpoints.robot_problems(Kind.FEISHU, key=key, secret="SEC12345678") == []
    assert endpoints.robot_problems(Kind.DINGTALK, key="0f" * 32, secret="SEC12345678") == []
    for bad in ("", key + "&x=1", key.upper(), "../../x", f"{key}\n"):
        assert [p.field for p in endpoints.robot_problems(Kind.WECOM, key=bad, secret="")] == [
            "key"
        ]
    wrong = endpoints.robot_problems(Kind.WECOM, key=key, secret="SEC12345678")
    assert [p.field for p in wrong] == ["secret"]


def test_secrets_are_read_back_as_they_were_kept() -> None:
    kept = Secrets(key="k", secret="a").rotated("b", now=NOW)
    assert endpoints.unpacked(endpoints.packed(kept)) == kept
    assert kept.signing(NOW + timedelta(hours=23)) == ["b", "a"]
    assert kept.signing(NOW + timedelta(hours=24)) == ["b"]
    assert Secrets(secret="a").signing(NOW) == ["a"]
