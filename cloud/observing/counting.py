"""What a process counts as it works, for Prometheus. Labels have few values: ids are in logs and traces.

The counters are the process's own, as Prometheus has it, so each role shows what it did itself; what stands in the
database is in `standing`, the same whichever process is asked.
"""

from prometheus_client import Counter, Histogram

EVENTS = Counter("tillfree_events_committed", "Events committed to the inbox that were not known before.")
ASIDE = Counter("tillfree_messages_aside", "Messages put into quarantine.")
APPLIED = Counter("tillfree_events_applied", "Events applied to their visits.", ["type"])
INGEST_LAG = Histogram(
    "tillfree_ingest_lag_seconds",
    "From an event's receipt to its being applied.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60),
)
SETTLED = Counter(
    "tillfree_settlements",
    "Carts decided, by whether something is charged and whether all that was observed had come.",
    ["charged", "complete"],
)
LINES = Counter("tillfree_settlement_lines", "Lines of decided carts.", ["decision"])
GATEWAY_CALLS = Counter(
    "tillfree_gateway_calls", "Calls to payment gateways, by what came of them.", ["gateway", "kind", "result"]
)
GATEWAY_SECONDS = Histogram(
    "tillfree_gateway_call_seconds",
    "How long payment gateways take to answer, or not to.",
    ["gateway", "kind"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
WEBHOOKS_IN = Counter("tillfree_webhooks_received", "Webhooks of payment gateways.", ["gateway", "result"])
WEBHOOKS_OUT = Counter("tillfree_webhooks_sent", "Webhooks to the retailer, by what came of the try.", ["result"])
REQUESTS = Counter("tillfree_api_requests", "Requests to the API, by route and status.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "tillfree_api_request_seconds",
    "How long the API took to begin its answer.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
