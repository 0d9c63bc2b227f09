"""The fake gateway as a process of its own, asked over a real socket."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cloud.adapters.gateways.fake import FakeGatewayClient
from cloud.domain.errors import GatewayError
from cloud.domain.money import Money
from cloud.domain.payment import Declined, Done, Order

TILLFREE = Path(sys.executable).with_name("tillfree")


def serve(*arguments: str, **variables: str) -> "subprocess.Popen[str]":
    command = [str(TILLFREE), "cloud", "fake-gateway", "--port", "0", "--hang-s", "30", *arguments]
    environment = {**os.environ, **variables}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


@pytest.fixture
def faulty() -> Iterator[str]:
    """The address of one that gets nothing right."""
    process = serve("--faults", "0.5", "--seed", "3")
    assert process.stdout is not None
    yield json.loads(process.stdout.readline())["gateway"]
    process.terminate()
    process.communicate(timeout=10)


def test_a_call_whose_answers_are_lost_is_made_once(faulty: str) -> None:
    with httpx.Client(base_url=faulty, timeout=0.3) as http:
        gateway = FakeGatewayClient(http)
        amount = Money(500, "EUR")
        for number in range(6):
            order = Order("corner", "hold", f"h{number}", "card", amount)
            for tried in range(40):
                try:
                    outcome = gateway.ask(order) if tried else None
                    outcome = outcome or gateway.hold("corner", "card", amount, order.key)
                    break
                except GatewayError:
                    continue
            else:
                raise AssertionError(f"no outcome of {order.key}")
        for _ in range(40):
            try:
                held = [each.key for each in gateway.open_holds("corner")]
                break
            except GatewayError:
                continue
    assert outcome == Declined("card_declined") or isinstance(outcome, Done)
    assert len(held) == len(set(held))
    assert held


def test_webhooks_need_a_secret() -> None:
    process = serve("--webhooks", "http://127.0.0.1:9/webhooks/fake", TILLFREE_FAKE_GATEWAY_SECRETS="")
    _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "TILLFREE_FAKE_GATEWAY_SECRETS" in said
