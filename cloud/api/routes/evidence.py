"""Clips of a visit's doubtful interactions, for whoever decides about it. Who looks at one is written down."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import Field

from cloud.adapters.database.evidence import clips_of, find_clip
from cloud.adapters.database.visits import find_visit
from cloud.adapters.evidence_seal import EvidenceSealError
from cloud.api.problems import ApiError, documented, not_found
from cloud.api.rim import Resource, RimOf, StorePath, VisitPath, require_store
from cloud.service.evidencing import fetch_clips
from protocol.evidence import CLIP_TYPE
from protocol.model import Instant, Sha256

router = APIRouter(tags=["Evidence"])

ClipPath = Annotated[Sha256, Path(description="The clip's SHA-256.")]


class ClipResource(Resource):
    """A clip: `here` to be looked at, still `in_store` (asking fetches it), or `gone`, and why."""

    sha256: str
    interaction: UUID
    camera: str
    size_bytes: int
    state: Literal["here", "in_store", "gone"]
    gone_because: Annotated[str | None, Field(description="Erased, expired, or what the store says.")]
    expires_at: Instant


class Clips(Resource):
    """The clips of a visit, the earliest first."""

    items: list[ClipResource]


class ClipResponse(Response):
    """A short film without sound that browsers show as a picture."""

    media_type = CLIP_TYPE


@router.get("/stores/{store}/visits/{visit}/evidence", responses=documented(404))
def list_evidence(store: StorePath, visit: VisitPath, rim: RimOf) -> Clips:
    """Which clips of a visit there are."""
    with rim.database.read() as connection:
        require_store(connection, store)
        if find_visit(connection, store, visit) is None:
            raise not_found(f"visit {str(visit)!r}")
        rows = clips_of(connection, store, visit)
    return Clips(
        items=[
            ClipResource(
                sha256=row.sha256,
                interaction=row.interaction_id,
                camera=row.camera,
                size_bytes=row.size_bytes,
                state="gone" if row.gone_at else ("here" if row.kept_at else "in_store"),
                gone_because=row.gone_because,
                expires_at=row.expires_at,
            )
            for row in rows
        ]
    )


@router.get(
    "/stores/{store}/visits/{visit}/evidence/{sha256}",
    response_class=ClipResponse,
    responses=documented(404, 409, 410),
)
def get_evidence(store: StorePath, visit: VisitPath, sha256: ClipPath, rim: RimOf) -> ClipResponse:
    """A clip. 409 while it is still in the store, which is then asked for it: ask again soon. 410 when it is gone."""
    # Written even where nothing is shown: who asked for whose film is what the log is for.
    with rim.database.write() as connection:
        require_store(connection, store)
        clip = find_clip(connection, store, sha256)
        if clip is None or clip.visit_id != visit:
            raise not_found(f"clip {sha256!r}")
        if clip.gone_at is None and clip.sealed is None:
            fetch_clips(connection, store, visit, by=rim.principal.id, now=rim.clock())
    if clip.gone_at is not None:
        raise ApiError(410, "clip-gone", f"this clip is gone: {clip.gone_because}")
    if clip.sealed is None:
        raise ApiError(409, "clip-in-store", "the clip is still in the store and has been asked for: ask again soon")
    seal = rim.seal()
    if seal is None:
        raise ApiError(503, "no-evidence-key", "this process does not have the key of evidence; its log says why")
    try:
        body = seal.open(store, sha256, clip.sealed)
    except EvidenceSealError as error:
        raise ApiError(410, "clip-gone", str(error)) from None
    shown = {"Cache-Control": "no-store", "Content-Disposition": "inline", "X-Content-Type-Options": "nosniff"}
    return ClipResponse(body, headers=shown)
