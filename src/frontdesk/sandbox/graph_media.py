"""Files at Meta: what is taken of the business's, and how customers' files are read by their id.

https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
"""

import asyncio
import hashlib
import mimetypes
import re
import secrets
import shutil
from datetime import datetime, timedelta
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from frontdesk.kernel.errors import FrontdeskError, NotFound
from frontdesk.sandbox.cdn import Cdn
from frontdesk.sandbox.exchange import Exchange, new_number_id
from frontdesk.sandbox.faults import Asked
from frontdesk.sandbox.filetypes import MB, OPENXML, UPLOAD_LIMIT, essence
from frontdesk.sandbox.graph_errors import CODES, GraphError, no_such
from frontdesk.sandbox.model import Media, MediaKind, Message
from frontdesk.sandbox.uploads import read_form
from frontdesk.sandbox.views import json_response

ADDRESS_LASTS = timedelta(minutes=5)
HANDLE = re.compile(r"handle-[0-9a-f]{32}\.[a-z0-9]{1,5}")

TYPES: dict[str, frozenset[str]] = {
    "image": frozenset({"image/jpeg", "image/png"}),
    "audio": frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}),
    "video": frozenset({"video/mp4", "video/3gpp"}),
    "sticker": frozenset({"image/webp"}),
    "document": frozenset(
        {
            "text/plain", "application/pdf", "application/msword", "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint", f"{OPENXML}.wordprocessingml.document",
            f"{OPENXML}.presentationml.presentation", f"{OPENXML}.spreadsheetml.sheet",
        }
    ),
}  # fmt: skip
KINDS: dict[str, MediaKind] = {
    "image": "image", "audio": "audio", "video": "video", "sticker": "sticker",
    "document": "document",
}  # fmt: skip
LIMITS = {
    "image": 5 * MB, "audio": 16 * MB, "voice": 16 * MB, "video": 16 * MB,
    "document": 100 * MB, "sticker": MB // 2,
}  # fmt: skip


class GraphRules:
    """What Meta takes by link: the type of the message says what the file must be."""

    agent = "facebookexternalua"
    unreachable = wrong_type = too_large = 131053
    checks_content = True

    def takes(self, item: Media, content_type: str) -> bool:
        return content_type in TYPES.get(item.kind, frozenset())

    def limit(self, item: Media, content_type: str) -> int:
        return LIMITS.get(item.kind, UPLOAD_LIMIT)

    def kind(self, item: Media, content_type: str) -> MediaKind:
        return "voice" if content_type == "audio/ogg" else item.kind

    def text(self, code: int) -> str:
        return CODES[code].title


class GraphMedia:
    def __init__(self, exchange: Exchange, cdn: Cdn) -> None:
        self._exchange = exchange
        self._cdn = cdn
        self._addresses: dict[str, tuple[str, datetime]] = {}
        self._uploaded: dict[str, tuple[str, Media]] = {}
        """The account and the file of what the business uploaded, by id."""
        self._sessions: dict[str, str] = {}
        """The content type of each upload that was begun for a template's sample."""
        self._handles: dict[str, str] = {}

    # Customers' files, and those that the business uploaded -------------------------------------

    def find(self, account: str, media_id: str) -> tuple[Media, Message | None] | None:
        owner, item = self._uploaded.get(media_id, ("", None))
        if item is not None:
            return (item, None) if owner == account else None
        found = self._exchange.file(media_id)
        if found is None or found[0].account_sid != account or found[0].vendor != "meta":
            return None
        return found[1], found[0]

    async def told(self, request: Request, item: Media, asked: Asked) -> Response:
        """Where the bytes are for the next five minutes."""
        if "media_status" in asked:
            return Response("", asked["media_status"].status)
        address = item.url or ""
        shown: dict[str, Any] = {"messaging_product": "whatsapp", "id": item.sid}
        if item.size is not None:
            address = self._address(request, item)
            shown["sha256"] = await asyncio.to_thread(self.digest, item)
            shown["file_size"] = str(item.size)
        if "media_redirect" in asked:
            address = asked["media_redirect"].url or ""
        return json_response({**shown, "url": address, "mime_type": essence(item.content_type)})

    def digest(self, item: Media) -> str:
        with self._exchange.files.path(item.sid).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _address(self, request: Request, item: Media) -> str:
        token = secrets.token_urlsafe(24)
        until = self._exchange.clock() + ADDRESS_LASTS
        self._addresses[token] = (item.sid, until)
        # With the host and the mount prefix that the client reached this app by.
        prefix = request.url.path.partition("/v")[0]
        origin = f"{request.url.scheme}://{request.url.netloc}"
        return f"{origin}{prefix}/graph/media/{token}?mid={item.sid}&ext={int(until.timestamp())}"

    async def content(self, request: Request, account: str) -> Response:
        """The bytes, for who has the access token, while the address lasts."""
        now = self._exchange.clock()
        self._addresses = {token: kept for token, kept in self._addresses.items() if now < kept[1]}
        media_id, _ = self._addresses.get(request.path_params["token"], ("", now))
        found = self.find(account, media_id)
        if found is None:
            raise NotFound("there is no such file, or its address is older than five minutes")
        item, message = found
        return await self._cdn.serve(request, item, message)

    async def upload(self, request: Request, account: str) -> Response:
        try:
            async with read_form(request) as (form, files):
                if form.get("messaging_product") != "whatsapp" or not files:
                    raise GraphError(100, "messaging_product and file are required")
                item = await self._keep(files[0], essence(str(form.get("type") or "")))
        except GraphError:
            raise
        except FrontdeskError as wrong:
            raise GraphError(100, wrong.detail) from wrong
        self._uploaded[item.sid] = (account, item)
        return json_response({"id": item.sid})

    async def _keep(self, file: UploadFile, told: str) -> Media:
        content_type = told or essence(file.content_type or "")
        kind = next((name for name, known in TYPES.items() if content_type in known), None)
        if kind is None:
            raise GraphError(100, f"Param file must be a file of a supported type, not {told}")
        item = Media(new_number_id(), content_type, kind=KINDS[kind], filename=file.filename)

        def copy() -> None:
            with self._exchange.files.writing(item.sid) as target:
                shutil.copyfileobj(file.file, target)

        await asyncio.to_thread(copy)
        item.size = self._exchange.files.path(item.sid).stat().st_size
        if not 0 < item.size <= LIMITS[kind]:
            self._exchange.files.drop(item.sid)
            raise GraphError(100, f"Param file has {item.size} bytes; {LIMITS[kind]} are allowed")
        return item

    def delete(self, item: Media, message: Message | None) -> None:
        if message is not None:
            self._exchange.drop_media(message, item.sid)
        elif self._uploaded.pop(item.sid, None):
            self._exchange.files.drop(item.sid)

    # Samples of templates: https://developers.facebook.com/docs/graph-api/guides/upload ---------

    def begin(self, file_type: str | None) -> Response:
        if not file_type:
            raise GraphError(100, "file_type is required")
        session = f"upload:{secrets.token_urlsafe(24)}"
        self._sessions[session] = essence(file_type)
        return json_response({"id": session})

    async def finish(self, request: Request, session: str) -> Response:
        content_type = self._sessions.pop(session, None)
        if content_type is None:
            raise no_such(session)
        body = await request.body()
        if not body or request.headers.get("file_offset") != "0":
            raise GraphError(100, "send the whole file, with file_offset: 0")
        name = f"handle-{secrets.token_hex(16)}{mimetypes.guess_extension(content_type) or '.bin'}"
        self._exchange.files.put(name, body)
        handle = f"4::{secrets.token_urlsafe(40)}"
        self._handles[handle] = f"{self._exchange.config.public_url.rstrip('/')}/graph/files/{name}"
        return json_response({"h": handle})

    def sample(self, handle: str) -> str | None:
        """Where the file of a handle can be seen; what Meta lists in place of the handle."""
        return self._handles.get(handle)

    async def shown_sample(self, request: Request) -> Response:
        name = request.path_params["name"]
        if not HANDLE.fullmatch(name) or not (path := self._exchange.files.path(name)).is_file():
            raise NotFound("there is no such file")
        return FileResponse(path, headers={"X-Content-Type-Options": "nosniff"})
