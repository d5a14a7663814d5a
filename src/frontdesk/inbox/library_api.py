"""The library: files of canned replies, uploaded before there is a conversation for them."""

from collections.abc import Iterable, Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request

from frontdesk.conversations.manual_api import UploadOut
from frontdesk.domains.auth import CallerDep
from frontdesk.media.api import base_url
from frontdesk.media.incoming import Destination, Incoming
from frontdesk.ports import Carrier, MediaKind, MediaLimit
from frontdesk.web.multipart import file_part

router = APIRouter(tags=["canned replies"])

FOLDER = "library"
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


@router.post("/upload/library-media", openapi_extra=FORM)
async def upload_library_media(
    request: Request,
    caller: CallerDep,
    domain: Annotated[str | None, Query(examples=["default"])] = None,
) -> UploadOut:
    """Stores a file for canned replies. One that is in none after a day goes again.

    What fits some channel is taken; a channel's own limits count when it is sent.
    """
    domain_id = caller.domain(domain, "agent").domain_id
    carriers: Mapping[str, Carrier] = request.app.state.carriers
    incoming: Incoming = request.app.state.incoming
    part = await file_part(request, "file")
    uploaded = await incoming.upload(
        Destination(domain_id, None, caller.person_id, FOLDER),
        part.filename,
        part.chunks,
        widest(carriers.values()),
    )
    return UploadOut.of(uploaded, base_url(request))


def widest(carriers: Iterable[Carrier]) -> dict[MediaKind, MediaLimit]:
    """Of each kind of file, what any channel of any carrier takes."""
    found: dict[MediaKind, MediaLimit] = {}
    for carrier in carriers:
        for capabilities in carrier.capabilities.values():
            for kind, limit in capabilities.media.items():
                known = found.get(kind, MediaLimit(0, ()))
                types = dict.fromkeys((*known.content_types, *limit.content_types))
                found[kind] = MediaLimit(max(known.max_bytes, limit.max_bytes), tuple(types))
    return found
