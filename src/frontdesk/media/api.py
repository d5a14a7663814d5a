"""Files over HTTP: shown to members of the domain, handed to carriers, deleted."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Security
from fastapi.responses import Response
from fastapi.security import HTTPAuthorizationCredentials
from pydantic import BaseModel, Field

from frontdesk.domains import auth
from frontdesk.domains.auth import CallerDep
from frontdesk.domains.model import Caller
from frontdesk.kernel.clock import iso
from frontdesk.kernel.errors import NotFound
from frontdesk.media.model import Media
from frontdesk.media.naming import safe_filename
from frontdesk.media.retention import Retention
from frontdesk.media.service import PREFIX, MediaService
from frontdesk.media.understanding import MOST_TEXT
from frontdesk.ports import MediaKind
from frontdesk.settings import Settings
from frontdesk.web.files import serve

router = APIRouter(tags=["media"])

AttachmentStatus = Literal["pending", "processing", "ready", "failed", "deleted"]
MOST_LISTED = 10_000
"""Characters of a file's text in lists: pages ask for them every few seconds."""
WAV_NAME = "voice.wav"
INLINE = ("image/", "audio/", "video/")
MEMBERS_CACHE = "private, max-age=86400"
SIGNED_CACHE = "private, max-age=300"


class AttachmentOut(BaseModel):
    """A file of a message; the fields that do not apply are null."""

    media_id: str
    kind: MediaKind = Field(examples=["image"])
    content_type: str = Field(examples=["image/jpeg"])
    filename: str = Field(examples=["image.jpg"])
    size: int | None = Field(examples=[1234567])
    url: str | None
    thumbnail_url: str | None
    wav_url: str | None
    duration: float | None = Field(description="Seconds")
    width: int | None
    height: int | None
    pages: int | None
    peaks: list[int] | None = Field(description="The waveform: loudness from 0 to 100")
    transcript: str | None
    language: str | None = Field(examples=["en"])
    description: str | None
    text: str | None
    status: AttachmentStatus = Field(
        description="pending (still at the carrier), processing (here, not looked into yet), "
        "ready, failed, deleted",
        examples=["ready"],
    )
    truncated: bool = Field(
        description="Whether transcript or text are cut here: GET /api/v1/media/{media_id} has "
        "them whole"
    )
    error: str | None
    created_at: str | None


class RetentionReportOut(BaseModel):
    at: str | None = Field(examples=["2026-02-03T12:00:00Z"])
    media_before: str | None = Field(description="Files older than this were deleted")
    transcripts_before: str | None
    media_deleted: int = Field(description="Files, those of campaigns' uploads included")
    bytes_deleted: int
    transcripts_deleted: int


class RetentionReports(BaseModel):
    items: list[RetentionReportOut]
    next: str | None = None


def service(request: Request) -> MediaService:
    return request.app.state.media


def base_url(request: Request) -> str:
    settings: Settings = request.app.state.settings
    return settings.public_url


def status_of(media: Media) -> AttachmentStatus:
    if media.state == "stored":
        return "ready" if media.understood_at else "processing"
    return "pending" if media.state == "uploading" else media.state


def attachment_out(media: Media, base: str, most: int = MOST_LISTED) -> AttachmentOut:
    """What a client is told of a file, with `most` characters of each text.

    A picture's `url` is the one that may be shown.
    """
    here = media.state == "stored"
    own = f"{base}/media/{media.media_id}"

    def made(name: str, at: str) -> str | None:
        return f"{own}/{at}" if here and media.rendition(name) else None

    return AttachmentOut(
        media_id=str(media.media_id),
        kind=media.kind,
        content_type=media.content_type,
        filename=media.filename,
        size=media.size,
        url=made("shown", "shown") or (own if here else None),
        thumbnail_url=made("thumbnail", "thumbnail"),
        wav_url=made("wav", WAV_NAME),
        duration=media.duration,
        width=media.width,
        height=media.height,
        pages=media.pages,
        peaks=media.peaks,
        transcript=_cut(media.transcript, most),
        language=media.language,
        description=media.description,
        text=_cut(media.text, most),
        status=status_of(media),
        truncated=max(len(media.transcript or ""), len(media.text or "")) > most,
        error=media.error,
        created_at=iso(media.created_at),
    )


def _cut(text: str | None, most: int) -> str | None:
    return text and text[:most]


async def viewer(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(auth.bearer)],
    session: Annotated[str | None, Security(auth.session_cookie)],
    expires: Annotated[str | None, Query(max_length=20)] = None,
    signature: Annotated[str | None, Query(max_length=128)] = None,
) -> Caller | None:
    """Who looks: a member, or None for whoever has an address that we signed for this file."""
    if signature is not None:
        service(request).signer.check(request.url.path, expires or "", signature)
        return None
    return await auth.caller(request, credentials, session)


ViewerDep = Annotated[Caller | None, Depends(viewer)]


@router.head("/media/{media_id}", response_class=Response, include_in_schema=False)
@router.get("/media/{media_id}", response_class=Response)
async def get_media(request: Request, viewer: ViewerDep, media_id: UUID) -> Response:
    """The file, for members of its domain and for signed addresses; with ranges and ETag."""
    media = await service(request).find(viewer and viewer.domain_ids, media_id)
    return _served(request, media, None, signed=viewer is None)


@router.head("/media/{media_id}/{name}", response_class=Response, include_in_schema=False)
@router.get("/media/{media_id}/{name}", response_class=Response)
async def get_rendition(request: Request, viewer: ViewerDep, media_id: UUID, name: str) -> Response:
    """What was made of the file: `thumbnail`, `shown`, `voice.wav`."""
    media = await service(request).find(viewer and viewer.domain_ids, media_id)
    return _served(request, media, "wav" if name == WAV_NAME else name, signed=viewer is None)


@router.head(f"/{PREFIX}{{path:path}}", response_class=Response, include_in_schema=False)
@router.get(f"/{PREFIX}{{path:path}}", response_class=Response)
async def get_by_path(request: Request, caller: CallerDep, path: str) -> Response:
    """The file at the address that an upload was answered with."""
    media = await service(request).find_path(caller.domain_ids, PREFIX + path)
    return _served(request, media, None, signed=False)


@router.get("/api/v1/media/{media_id}")
async def describe_media(request: Request, caller: CallerDep, media_id: UUID) -> AttachmentOut:
    """What is known of the file."""
    media = await service(request).find(caller.domain_ids, media_id)
    return attachment_out(media, base_url(request), MOST_TEXT)


@router.delete("/api/v1/media/{media_id}", status_code=204)
async def delete_media(request: Request, caller: CallerDep, media_id: UUID) -> None:
    """Deletes the file from the store. Its message stays, and says so."""
    media = await service(request).find(caller.domain_ids, media_id)
    caller.member_of(media.domain_id, "agent")
    await service(request).delete(media.domain_id, media_id)


@router.get("/api/v1/domains/{name}/retention")
async def retention_reports(
    request: Request,
    caller: CallerDep,
    name: str,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RetentionReports:
    """What was deleted because of its age, the latest first. The days are settings of the
    domain: `media.keep_media_days` and `media.keep_transcripts_days`."""
    retention: Retention = request.app.state.retention
    rows = await retention.reports(caller.domain(name, "admin").domain_id, limit)
    return RetentionReports(
        items=[
            RetentionReportOut(
                at=iso(row["at"]),
                media_before=iso(row["media_before"]),
                transcripts_before=iso(row["transcripts_before"]),
                media_deleted=row["media_deleted"],
                bytes_deleted=row["bytes_deleted"],
                transcripts_deleted=row["transcripts_deleted"],
            )
            for row in rows
        ]
    )


def _served(request: Request, media: Media, name: str | None, *, signed: bool) -> Response:
    rendition = media.rendition(name) if name else None
    if media.state != "stored" or media.key is None or (name and rendition is None):
        raise NotFound(f"media {media.media_id} {_why(media, name)}")
    assert media.checksum is not None
    assert media.size is not None
    key, size, content_type = media.key, media.size, media.content_type
    filename, etag = media.filename, media.checksum.hex()
    if rendition is not None:
        key, size, content_type = rendition.key, rendition.size, rendition.content_type
        filename = (
            WAV_NAME if name == "wav" else safe_filename(filename, f".{key.rpartition('.')[2]}")
        )
        etag = f"{etag}-{rendition.name}"

    def read(start: int, end: int) -> AsyncIterator[bytes]:
        return service(request).read(key, start, end)

    return serve(
        request,
        read=read,
        size=size,
        content_type=content_type,
        filename=filename,
        etag=etag,
        modified=media.created_at,
        inline=content_type.startswith(INLINE) or content_type == "application/pdf",
        cache=SIGNED_CACHE if signed else MEMBERS_CACHE,
    )


def _why(media: Media, name: str | None) -> str:
    if media.state == "stored" and name:
        return f"has no {name[:40]!r}; it may have thumbnail, shown or {WAV_NAME}"
    states = {"pending": "has not arrived yet", "failed": "could not be had"}
    return states.get(media.state, "does not exist")
