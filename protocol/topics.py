"""The MQTT topics, as design.md's table has them: at most 7 slashes, ids without wildcards.

    tf/1/{store}/dev/{device}/ev          events, QoS 1
    tf/1/{store}/dev/{device}/status      retained: birth and last will
    tf/1/{store}/dev/{device}/telemetry   QoS 0: the watermark
    tf/1/{store}/dev/{device}/evidence    clips that the cloud has asked for, QoS 1
    tf/1/{store}/cmd/{device}/ack         the cloud's cumulative ack
    tf/1/{store}/cmd/{device}/do          commands, QoS 1, said again until an event answers them
    tf/1/{store}/cmd/{device}/config      retained

A topic says only where a message came along: the cloud takes a device's store from its registry.
"""

import re
from dataclasses import dataclass
from typing import Literal

from protocol.errors import TillfreeError
from protocol.model import ID_PATTERN

Kind = Literal["ev", "status", "telemetry", "evidence", "ack", "do", "config"]
UP: tuple[Kind, ...] = ("ev", "status", "telemetry", "evidence")
DOWN: tuple[Kind, ...] = ("ack", "do", "config")
PAYLOAD_BYTES_MAX = 128 * 1024
"""AWS IoT Core's limit; a larger message would be refused there, so nothing here makes one."""

_ID = re.compile(ID_PATTERN)
_PARTS = 6


class TopicError(TillfreeError):
    """A topic that is none of ours."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One device's channel of one kind."""

    store: str
    device: str
    kind: Kind

    def __post_init__(self) -> None:
        """Refuse ids that could reach into another's topics."""
        for name in (self.store, self.device):
            if not _ID.fullmatch(name):
                raise TopicError(f"{name!r} cannot stand in a topic: ids match {ID_PATTERN}")

    def __str__(self) -> str:
        branch = "dev" if self.kind in UP else "cmd"
        return f"tf/1/{self.store}/{branch}/{self.device}/{self.kind}"


def parse(topic: str) -> Topic:
    """The Topic that `topic` writes out; TopicError where it is none of ours."""
    parts = topic.split("/")
    if len(parts) == _PARTS and parts[:2] == ["tf", "1"]:
        store, branch, device, kind = parts[2:]
        for known in UP if branch == "dev" else DOWN if branch == "cmd" else ():
            if kind == known:
                return Topic(store, device, known)
    raise TopicError(f"{topic!r} is not a Tillfree topic (tf/1/STORE/dev|cmd/DEVICE/KIND)")


def every_store(kind: Kind) -> str:
    """The filter that receives `kind` from every device of every store."""
    return f"tf/1/+/{'dev' if kind in UP else 'cmd'}/+/{kind}"
