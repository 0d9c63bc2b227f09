"""What a cloud process is told when it starts."""

from dataclasses import dataclass, field
from pathlib import Path

from protocol.home import data_home


def default_database() -> str:
    """An SQLite file in Tillfree's data folder."""
    return f"sqlite:///{data_home() / 'cloud.db'}"


def default_evidence_key() -> Path:
    """A file in Tillfree's data folder."""
    return data_home() / "evidence.key"


@dataclass(frozen=True, slots=True)
class Settings:
    """One value for the whole process; times in seconds, sizes in bytes."""

    database_url: str
    broker_url: str = "mqtt://127.0.0.1:1883"
    api_key: str | None = None
    ingest_client_id: str = "tillfree-ingest"
    """Names the persistent session at the broker: the same after every restart, another for each cloud."""
    body_bytes_max: int = 1_000_000
    fake_gateway_url: str | None = None
    """Where our fake gateway listens; None: it is not there."""
    fake_gateway_secrets: tuple[str, ...] = ()
    """What it signs its webhooks with; any of them will do."""
    stripe_key: str | None = None
    """The secret key of the Stripe account; None: nobody pays by Stripe."""
    stripe_secrets: tuple[str, ...] = ()
    """What Stripe signs its webhooks with."""
    stripe_store: str | None = None
    """The store that the Stripe account belongs to: its webhooks do not all say."""
    role: str = "all"
    """What the process is, in traces: all, serve, ingest or work."""
    metrics_at: str | None = None
    """Where machines may read metrics and health, HOST:PORT; None: nowhere."""
    metrics_token: str | None = None
    """What they show beyond loopback."""
    evidence_key: str | None = field(default=None, repr=False)
    """What clips are sealed with, in hex; None: the key in `evidence_key_file`, which is made where there is none."""
    evidence_key_file: Path = field(default_factory=default_evidence_key)
    poll_s: float = 0.2
    """How long the worker sleeps where no ingester in the same process wakes it."""
