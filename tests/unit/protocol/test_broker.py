from pathlib import Path

import pytest

from protocol.broker import BrokerAddress, BrokerAddressError


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mqtt://broker", BrokerAddress("broker", 1883)),
        ("mqtt://127.0.0.1:4321/", BrokerAddress("127.0.0.1", 4321)),
        ("mqtts://broker", BrokerAddress("broker", 8883, tls=True)),
        ("mqtt://hub:p%40ss@broker:1", BrokerAddress("broker", 1, user="hub", password="p@ss")),
        ("mqtt://[::1]:1883", BrokerAddress("::1", 1883)),
    ],
)
def test_a_url_is_read(url: str, expected: BrokerAddress) -> None:
    assert BrokerAddress.parse(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "broker:1883",
        "http://hub:secret@broker",
        "mqtt://",
        "mqtt://hub:secret@broker:99999",
        "mqtt://hub:secret@broker/topic",
        "mqtt://broker:port",
        "",
    ],
)
def test_what_is_no_brokers_url_is_refused_without_showing_a_password(url: str) -> None:
    with pytest.raises(BrokerAddressError, match="mqtt://HOST:PORT") as refused:
        BrokerAddress.parse(url)
    assert "secret" not in str(refused.value)


def test_an_address_in_a_log_has_no_password() -> None:
    address = BrokerAddress.parse("mqtts://hub:secret@[::1]:8883")
    assert str(address) == "mqtts://hub@[::1]:8883"
    assert "secret" not in repr(address)


def test_certificates_are_files_that_are_there(tmp_path: Path) -> None:
    for name in ("ca.crt", "hub.crt", "hub.key"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    url = f"mqtts://broker?ca={tmp_path}/ca.crt&cert={tmp_path}/hub.crt&key={tmp_path}/hub.key"
    address = BrokerAddress.parse(url)
    assert (address.ca, address.cert, address.key) == tuple(tmp_path / n for n in ("ca.crt", "hub.crt", "hub.key"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("mqtts://broker?ca=/nowhere/ca.crt", "/nowhere/ca.crt"),
        ("mqtts://broker?cafile=x", "only ca="),
        ("mqtt://broker?ca=/dev/null", "mqtts://"),
        ("mqtts://broker?key={here}", "give cert="),
    ],
)
def test_certificates_that_cannot_be_meant_are_refused(query: str, said: str) -> None:
    with pytest.raises(BrokerAddressError, match=said):
        BrokerAddress.parse(query.format(here=__file__))
