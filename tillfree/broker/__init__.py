"""A broker for a machine that has none: found, started on the loopback address, and stopped; or one given by URL."""

from tillfree.broker.embedded import EmbeddedBroker
from tillfree.broker.errors import BrokerError
from tillfree.broker.open_broker import open_broker

__all__ = ["BrokerError", "EmbeddedBroker", "open_broker"]
