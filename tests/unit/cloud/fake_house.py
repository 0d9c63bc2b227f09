"""The fake gateway behind its own client, in one process and without a network."""

import json
from dataclasses import dataclass, field

import httpx

from cloud.adapters.gateways.fake import FakeGatewayClient
from cloud.fake_gateway.faults import FaultPlan
from cloud.fake_gateway.gateway import FakeGateway, Lost
from tests.unit.cloud.corner_shop import StandingClock


@dataclass
class FakeHouse:
    """`gateway` is what the other house knows; `client` is how we ask it. A lost answer is a time-out."""

    clock: StandingClock = field(default_factory=StandingClock)
    plan: FaultPlan = field(default_factory=FaultPlan)

    def __post_init__(self) -> None:
        self.gateway = FakeGateway(self.clock, self.plan)
        transport = httpx.MockTransport(self._answer)
        self.http = httpx.Client(transport=transport, base_url="http://gateway")
        self.client = FakeGatewayClient(self.http)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        key = request.headers.get("Idempotency-Key")
        path = request.url.path.removeprefix("/")
        answer = self.gateway.handle(request.method, path, dict(request.url.params), key, request.content)
        if isinstance(answer, Lost):
            raise httpx.ReadTimeout("no answer came", request=request)
        if isinstance(answer.body, str):
            return httpx.Response(answer.status, html=answer.body)
        headers = {"Idempotent-Replayed": "true"} if answer.replayed else {}
        return httpx.Response(answer.status, content=json.dumps(answer.body), headers=headers)

    def moved(self, kind: str) -> list[tuple[str, int]]:
        """What was paid for by movements of `kind`, and how much."""
        return [(each.pays_for, each.amount_minor) for each in self.gateway.book.movements if each.kind == kind]
