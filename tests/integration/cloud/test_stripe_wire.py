"""Our Stripe adapter against localstripe: that the calls are understood and the answers read.

Only the wire is checked. localstripe ignores idempotency keys, lets one refund too much, takes refused cards and does
not list by customer; what must hold is tested on our own fake gateway. It needs an environment of its own:
`python -m venv DIR && DIR/bin/pip install localstripe`, and TILLFREE_LOCALSTRIPE=DIR/bin/localstripe.
"""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloud.domain.errors import GatewayError
from cloud.domain.money import Money
from cloud.domain.payment import Declined, Done, Order

stripe = pytest.importorskip("stripe", reason="needs tillfree[stripe]")

PROGRAM = os.environ.get("TILLFREE_LOCALSTRIPE", "")
pytestmark = pytest.mark.skipif(not Path(PROGRAM).is_file(), reason="TILLFREE_LOCALSTRIPE names no localstripe")

STORE = "corner"
CARD = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    port = free_port()
    command = [PROGRAM, "--port", str(port), "--from-scratch"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    give_up_s = time.monotonic() + 30
    while time.monotonic() < give_up_s:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(timeout=10)


@pytest.fixture(scope="module")
def client(address: str) -> Any:
    return stripe.StripeClient("sk_test_123", base_addresses={"api": address}, max_network_retries=0)


@pytest.fixture(scope="module")
def payer(client: Any) -> str:
    method = client.v1.payment_methods.create({"type": "card", "card": CARD})
    customer = client.v1.customers.create({"name": "Alice", "payment_method": method.id})
    return f"{customer.id}:{method.id}"


@pytest.fixture
def gateway(address: str) -> Any:
    from cloud.adapters.gateways.stripe import stripe_gateway

    return stripe_gateway("sk_test_123", address)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def test_hold_capture_and_refund(gateway: Any, payer: str) -> None:
    held = gateway.hold(STORE, payer, eur(500), f"{STORE}/v/hold/1")
    assert isinstance(held, Done)
    assert held.expires_at is not None
    assert f"{STORE}/v/hold/1" in {each.key for each in gateway.open_holds(STORE)}
    assert gateway.ask(Order(STORE, "capture", "c", held.reference, eur(300))) is None
    captured = gateway.capture(STORE, held.reference, eur(300), f"{STORE}/v/capture/1")
    assert captured == Done(held.reference)
    assert gateway.ask(Order(STORE, "capture", "c", held.reference, eur(300))) == captured
    refunded = gateway.refund(STORE, held.reference, eur(100), f"{STORE}/v/refund/1")
    assert isinstance(refunded, Done)


def test_a_release_frees_the_hold(gateway: Any, payer: str) -> None:
    held = gateway.hold(STORE, payer, eur(500), "h/2")
    assert isinstance(held, Done)
    assert gateway.release(STORE, held.reference, "x/2") == Done(held.reference)
    assert gateway.ask(Order(STORE, "release", "x/2", held.reference, eur(0))) == Done(held.reference)
    assert gateway.capture(STORE, held.reference, eur(1), "c/2") == Declined("hold_expired")


def test_what_is_not_there_is_declined(gateway: Any) -> None:
    assert gateway.capture(STORE, "pi_nothing", eur(1), "c/3") == Declined("unknown_hold")
    assert isinstance(gateway.hold(STORE, "cus_nobody:pm_none", eur(1), "h/3"), Declined)


def test_a_stripe_that_is_away_gives_no_answer() -> None:
    from cloud.adapters.gateways.stripe import stripe_gateway

    away = stripe_gateway("sk_test_123", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(GatewayError, match="APIConnectionError"):
        away.hold(STORE, "cus:pm", eur(1), "h")
