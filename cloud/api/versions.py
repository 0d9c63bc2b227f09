"""Versions of what is edited: an ETag with every answer, and If-Match for who would not overwrite another's change."""

import hashlib
import re
from typing import Annotated

from fastapi import Header, Response
from pydantic import BaseModel

from cloud.api.problems import ApiError
from cloud.api.rim import Rim

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=1_000,
        description="The ETag that the change is meant for (or *: any). Where it is another by now: 412.",
    ),
]
_TAG = re.compile(r'(?:W/)?"([^"]*)"')


def version_of(resource: BaseModel) -> str:
    """The version of a resource; what changes by itself (a balance) is not part of it."""
    said = resource.model_dump_json(exclude={"balance_minor", "held_minor"})
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def tag(response: Response, resource: BaseModel) -> None:
    """Say the version of what is answered."""
    response.headers["ETag"] = f'"{version_of(resource)}"'


def edit(rim: Rim, if_match: str | None, before: BaseModel | None, after: BaseModel, response: Response) -> None:
    """412 where the change was meant for another version; else both versions go into the audit log.

    Called within the transaction of the change, which an error undoes.
    """
    version = version_of(before) if before is not None else None
    if if_match is not None:
        meant = set(_TAG.findall(if_match))
        if version is None or (if_match.strip() != "*" and version not in meant):
            raise ApiError(412, "changed-meanwhile", "it is another version by now: read it again, then change it")
    rim.audit(before=version, after=version_of(after))
    tag(response, after)
