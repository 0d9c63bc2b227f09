"""A clip on its way to whoever has to decide: short, small, heads unrecognisable, and known by its hash.

A clip is an animated WebP of a few pictures, at most CLIP_BYTES_MAX, so that it is one message. The store keeps it
encrypted and for a limited time, and sends it only when the cloud asks for it (`commands.FetchClip`).
"""

import hashlib
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from protocol.events import CLIP_BYTES_MAX
from protocol.model import Id, Message, Sha256

CLIP_TYPE = "image/webp"


class ClipSent(Message):
    """A clip, whole; a ValueError where its bytes are not those that its hash names. In JSON they are base64url."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_bytes="base64", val_json_bytes="base64")

    v: Literal[1] = 1
    device: Id
    sha256: Sha256
    clip: Annotated[bytes, Field(min_length=1, max_length=CLIP_BYTES_MAX)]

    @model_validator(mode="after")
    def _whole(self) -> "ClipSent":
        if digest_of(self.clip) != self.sha256:
            raise ValueError("these bytes are not the clip that the hash names: it was altered on its way")
        return self


def digest_of(clip: bytes) -> str:
    """The hash that a clip is known by."""
    return hashlib.sha256(clip).hexdigest()
