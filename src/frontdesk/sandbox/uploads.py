"""A customer's files: read from a form onto the disk, made into what a phone sends."""

import asyncio
import base64
import binascii
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, get_args
from urllib.parse import urlsplit

import orjson
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from frontdesk.kernel.errors import Forbidden, Invalid, TooLarge
from frontdesk.sandbox.convert import to_photo, to_sticker, to_voice
from frontdesk.sandbox.files import MediaFiles
from frontdesk.sandbox.filetypes import UPLOAD_LIMIT, essence, guessed, is_mono_opus, kind_of
from frontdesk.sandbox.model import Channel, Media, MediaKind

FORM_ROOM = 1024 * 1024
"""For the form's other fields, boundaries and headers."""
MOST_FILES = 10
FILENAME_LIMIT = 300


@asynccontextmanager
async def read_form(request: Request) -> AsyncGenerator[tuple[dict[str, Any], list[UploadFile]]]:
    """The fields, as `read_json` would answer them, and the files, which are on the disk until
    the end of the block."""
    _check_origin(request)
    parser = MultiPartParser(request.headers, _limited(request), max_files=MOST_FILES)
    try:
        form = await parser.parse()
    except MultiPartException as wrong:
        if "larger" in wrong.message:
            raise TooLarge(wrong.message) from wrong
        raise Invalid(f"the form cannot be read: {wrong.message}") from wrong
    try:
        files = [part for part in form.getlist("file") if isinstance(part, UploadFile)]
        yield _fields(form), files
    finally:
        await form.close()


def _fields(form: FormData) -> dict[str, Any]:
    raw: dict[str, Any] = {name: v for name, v in form.items() if isinstance(v, str)}
    raw["wait"] = raw.get("wait") == "true"
    raw["convert"] = raw.get("convert") != "false"
    if "fields" in raw:
        try:
            raw["fields"] = orjson.loads(raw["fields"])
        except orjson.JSONDecodeError as wrong:
            raise Invalid(f"fields is a JSON object: {wrong}") from wrong
    return raw


def _check_origin(request: Request) -> None:
    """A browser sends forms to other sites unasked, so a page elsewhere could write here."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Forbidden(f"a page of {origin} may not write as a customer")


async def _limited(request: Request) -> AsyncGenerator[bytes]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > UPLOAD_LIMIT + FORM_ROOM:
            # The one exception after which the parser closes its files.
            raise MultiPartException(f"the upload is larger than {UPLOAD_LIMIT} bytes")
        yield chunk


async def keep_upload(
    files: MediaFiles, upload: UploadFile, channel: Channel, raw: dict[str, Any], sid: str
) -> Media:
    """Stores one file as the phone sends it: `as` says what it is meant to be, and with
    `convert` false the very bytes go out."""
    name = (upload.filename or "").replace("\x00", "")[:FILENAME_LIMIT]
    content_type = essence(upload.content_type or "")
    if content_type in ("", "application/octet-stream"):
        content_type = guessed(name)
    kind = _meant(raw.get("as"), content_type, channel)
    item = Media(sid, content_type, kind=kind, filename=name or None)
    convert = raw["convert"] and channel == "whatsapp"
    await asyncio.to_thread(_store, files, upload, item, convert)
    return item


def _meant(asked: object, content_type: str, channel: Channel) -> MediaKind:
    kind = kind_of(content_type, channel)
    if asked in (None, ""):
        # A WebP that a person picks is a photo; stickers are asked for.
        return "image" if kind == "sticker" else kind
    for known in get_args(MediaKind):
        if asked == known:
            return known
    raise Invalid(f"as {asked!r} is unknown; it is one of {get_args(MediaKind)}")


def _store(files: MediaFiles, upload: UploadFile, item: Media, convert: bool) -> None:
    source = upload.file
    source.seek(0)
    head = source.read(512)
    source.seek(0)
    if not head:
        raise Invalid(f"{item.filename or 'the file'} is empty")
    recorded = item.kind == "voice" or item.content_type == "audio/webm"
    with files.writing(item.sid) as target:
        if convert and item.kind == "image":
            to_photo(source, target)
            item.content_type = "image/jpeg"
        elif convert and item.kind == "sticker":
            to_sticker(source, target)
            item.content_type = "image/webp"
        else:
            shutil.copyfileobj(source, target)
    if convert and recorded:
        if not is_mono_opus(head):
            _remake_as_voice(files, item)
        # Carriers leave out the codec of a file.
        item.content_type, item.kind, item.filename = "audio/ogg", "voice", None
    item.size = files.path(item.sid).stat().st_size


def _remake_as_voice(files: MediaFiles, item: Media) -> None:
    original = files.path(item.sid)
    note = original.with_name(f"{item.sid}.note.part")
    try:
        to_voice(original, note)
        note.chmod(0o600)
        note.replace(original)
    except Invalid:
        files.drop(item.sid)
        raise
    finally:
        note.unlink(missing_ok=True)


def keep_json(files: MediaFiles, raw: object, channel: Channel, sid: str) -> Media:
    """`{"content_type", "url"}`, or `"base64"` in place of `url`; the very bytes go out."""
    if not isinstance(raw, dict) or not isinstance(raw.get("content_type"), str):
        raise Invalid("an attachment is an object with content_type, and url or base64")
    item = Media(sid, raw["content_type"], kind=kind_of(raw["content_type"], channel))
    item.filename = str(raw["filename"])[:FILENAME_LIMIT] if raw.get("filename") else None
    url, encoded = raw.get("url"), raw.get("base64")
    if isinstance(url, str) and urlsplit(url).scheme in ("http", "https"):
        item.url = url
        return item
    if not isinstance(encoded, str):
        raise Invalid("an attachment has an http(s) url, or its bytes in base64")
    try:
        content = base64.b64decode(encoded, validate=True)
    except binascii.Error as wrong:
        raise Invalid(f"an attachment's base64 is broken: {wrong}") from wrong
    files.put(item.sid, content)
    item.size = len(content)
    return item
