"""Webhooks of Stripe, as its own library checks them, with our clock and several live secrets."""

from datetime import timedelta

import pytest

from cloud.domain.signature import sign, wrong_with
from tests.unit.cloud.corner_shop import NOW

stripe = pytest.importorskip("stripe", reason="needs tillfree[stripe]")

BODY = b'{"id": "evt_1"}'
SECRETS = ("whsec_old", "whsec_new")


def wrong(header: str, body: bytes = BODY, secrets: tuple[str, ...] = SECRETS) -> str | None:
    from cloud.adapters.gateways.stripe_signature import wrong_with_stripe

    return wrong_with_stripe(header, body, secrets, NOW)


def stripes(body: bytes = BODY, secret: str = "whsec_new", late_s: float = 0) -> str:
    made = stripe.WebhookSignature.generate_signature_header(body.decode(), secret, int(NOW.timestamp() - late_s))
    assert isinstance(made, str)
    return made


@pytest.mark.parametrize("secret", SECRETS)
def test_any_live_secret_will_do(secret: str) -> None:
    assert wrong(stripes(secret=secret)) is None


def test_it_is_the_scheme_of_our_own_webhooks() -> None:
    assert wrong(sign(BODY, SECRETS, NOW), secrets=("whsec_new",)) is None
    assert sign(BODY, ("whsec_new",), NOW) == stripes()


@pytest.mark.parametrize("late_s", [-301, 301, 3_600, -86_400])
def test_what_is_too_old_or_too_new_by_our_clock_is_refused(late_s: float) -> None:
    assert "more than 300 s" in str(wrong(stripes(late_s=late_s)))


@pytest.mark.parametrize("late_s", [-299, 0, 299])
def test_a_little_late_is_not(late_s: float) -> None:
    assert wrong(stripes(late_s=late_s)) is None


def bad_headers() -> list[str]:
    old, fresh = stripes(late_s=9_000), f"t={int(NOW.timestamp())}"
    return [
        "",
        "t=1",
        "v1=abc",
        "t=,v1=",
        "t=x,v1=abc",
        "t=-5,v1=abc",
        "t=١٢,v1=abc",
        "=,=,=",
        "t=1,v1=é",
        stripes(secret="whsec_other"),
        stripes(body=b"{}"),
        stripes().replace("v1=", "v0="),
        # A signature that was heard long ago, under two times: neither order makes it good.
        f"{old},{fresh}",
        f"{fresh},{old}",
        "t=" + "9" * 13 + ",v1=abc",
        stripes() + "," * 3_000,
    ]


@pytest.mark.parametrize("which", range(16))
def test_what_is_no_good_signature_is_refused_here_and_by_our_own_checker(which: int) -> None:
    header = bad_headers()[which]
    assert wrong(header) is not None
    assert wrong_with(header, BODY, SECRETS, NOW) is not None or header.endswith(",")


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", BODY + b" "])
def test_another_body_is_refused(body: bytes) -> None:
    assert wrong(stripes(), body) is not None


def test_without_a_secret_nobody_is_believed() -> None:
    assert wrong(stripes(), secrets=()) is not None
    assert wrong_with(stripes(), BODY, (), NOW + timedelta(seconds=1)) is not None
