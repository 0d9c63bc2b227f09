"""The JSON Schemas of what Tillfree reads and says, generated from the models: `python -m protocol.schemas`."""

import json
from pathlib import Path

from pydantic import BaseModel

from protocol.commands import Admit, Command, EraseEvidence, FetchClip, SetMode
from protocol.events import (
    Commanded,
    Crowded,
    Entered,
    Exited,
    Faulted,
    FollowedIn,
    Interaction,
    Recovered,
    Refused,
    Traded,
)
from protocol.evidence import ClipSent
from protocol.messages import Ack, Envelope, Status, Watermark
from protocol.recording import GateLine, LookLine, ObservationLine, RecordingFile, TruthEvent
from protocol.store import Store

FOLDER = Path(__file__).parent
DIALECT = "https://json-schema.org/draft/2020-12/schema"

PUBLISHED: dict[str, type[BaseModel]] = {
    "store": Store,
    "recording": RecordingFile,
    "gate-line": GateLine,
    "look-line": LookLine,
    "observation-line": ObservationLine,
    "truth-event": TruthEvent,
    "envelope": Envelope,
    "watermark": Watermark,
    "ack": Ack,
    "status": Status,
    "event-entered": Entered,
    "event-exited": Exited,
    "event-interaction": Interaction,
    "event-faulted": Faulted,
    "event-recovered": Recovered,
    "event-refused": Refused,
    "event-followed_in": FollowedIn,
    "event-crowded": Crowded,
    "event-traded": Traded,
    "event-commanded": Commanded,
    "command": Command,
    "command-admit": Admit,
    "command-mode": SetMode,
    "command-fetch_clip": FetchClip,
    "command-erase_evidence": EraseEvidence,
    "clip-sent": ClipSent,
}


def schema_text(name: str) -> str:
    """The JSON Schema called `name`, as its file holds it."""
    schema = {"$schema": DIALECT, **PUBLISHED[name].model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
