"""Files coming in: streamed into the store while their size, kind and checksum are taken.

A place is noted before the first byte is stored. Whatever ends an upload early takes the place and
the bytes away again, and what a crash leaves is taken away by upkeep.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from uuid import UUID

import asyncpg
import structlog

from frontdesk.db import queue
from frontdesk.db.tenancy import Database
from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.errors import Conflict, Invalid, NotFound, TooLarge, UnsupportedMedia
from frontdesk.kernel.ids import new_id
from frontdesk.media._store import deletion, files, places
from frontdesk.media.decoding.pool import Decoders
from frontdesk.media.model import File, FileType, Media, Unconvertible, kind_of
from frontdesk.media.naming import key_name, safe_filename
from frontdesk.media.service import PREFIX, unavailable
from frontdesk.media.sniffing import HEAD, sniff
from frontdesk.ports import Download, FetchError, MediaKind, MediaLimit, ObjectStore, StoreError

log = structlog.get_logger()

MEGABYTE = 1024 * 1024
MOST_TO_FIT = 100 * MEGABYTE
"""The largest file that is taken in to be made smaller."""
LONGEST_SILENCE = 60.0
"""Seconds that a person's program may say nothing in the middle of its file."""
MOST_RECEIVED = 100 * MEGABYTE
"""The largest file that any carrier passes on."""
ACCEPTED = (
    "the file is of no kind that is accepted; send JPEG, PNG, GIF, WebP, MP3, OGG, WAV, M4A, AAC, "
    "AMR, MP4, MPEG, MOV, AVI, 3GP, WebM, PDF, TXT, CSV, DOC(X), XLS(X), PPT(X) or RTF"
)
PATH_TRIES = 5
UNKNOWN = FileType("document", "application/octet-stream", ".bin")


@dataclass(frozen=True)
class Destination:
    """Where a person's file goes."""

    domain_id: UUID
    conversation_id: UUID | None
    """None: the library, whose files are copied into conversations, or no conversation yet."""
    person_id: UUID | None
    """None: the file came from a customer, in an e-mail."""
    agent_id: str


@dataclass(frozen=True)
class Uploaded:
    media: Media
    fitted: bool
    """Whether it was made smaller to fit the channel's limit."""


class Tally:
    """Counts and hashes chunks on their way, and stops them at a limit."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self.digest = hashlib.sha256()

    async def of(self, head: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        self._take(head)
        yield head
        async for chunk in chunks:
            self._take(chunk)
            yield chunk

    def _take(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size > self.most:
            raise TooLarge(f"File size exceeds {self.most / MEGABYTE:g}MB limit")
        self.digest.update(chunk)


@dataclass(frozen=True)
class Incoming:
    db: Database
    store: ObjectStore
    decoders: Decoders
    clock: Clock = utc_now

    # A person's files -------------------------------------------------------------------------

    async def upload(
        self,
        to: Destination,
        filename: str,
        chunks: AsyncIterator[bytes],
        limits: Mapping[MediaKind, MediaLimit],
        *,
        fit: bool = False,
    ) -> Uploaded:
        """Stores a person's file within the channel's limits.

        Raises Invalid when it is empty, UnsupportedMedia, TooLarge, Unavailable.
        """
        head, chunks = await _begin(_flowing(chunks))
        if not head:
            raise Invalid("the file is empty")
        file_type = sniff(head, filename)
        if file_type is None:
            raise UnsupportedMedia(ACCEPTED)
        limit = self._limit(file_type, limits)
        tally = Tally(MOST_TO_FIT if fit and self._may_fit(file_type, limit) else limit.max_bytes)
        media = await self._reserve(to, file_type, safe_filename(filename, file_type.extension))
        try:
            return await self._store(media, file_type, tally, head, chunks, limit)
        except StoreError as error:
            await self._undo(media)
            raise unavailable(error) from error
        except BaseException:
            await asyncio.shield(self._undo(media))
            raise

    def _limit(self, file_type: FileType, limits: Mapping[MediaKind, MediaLimit]) -> MediaLimit:
        """What the channel takes of this kind. Raises UnsupportedMedia."""
        limit = limits.get(file_type.kind)
        if limit is None:
            raise UnsupportedMedia(
                f"this channel takes no {file_type.kind} ({file_type.content_type}); "
                f"it takes {', '.join(limits) or 'no files'}"
            )
        goes = file_type.content_type in limit.content_types
        if not goes and not self.decoders.is_convertible(file_type, limit, 0):
            raise UnsupportedMedia(
                f"this channel takes no {file_type.content_type}; "
                f"of this kind it takes {', '.join(limit.content_types)}"
            )
        return limit

    def _may_fit(self, file_type: FileType, limit: MediaLimit) -> bool:
        fits = file_type.kind in ("image", "video")
        return fits and self.decoders.is_convertible(file_type, limit, limit.max_bytes + 1)

    async def _store(
        self,
        media: Media,
        file_type: FileType,
        tally: Tally,
        head: bytes,
        chunks: AsyncIterator[bytes],
        limit: MediaLimit,
    ) -> Uploaded:
        await self.store.put(media.path, tally.of(head, chunks), file_type.content_type)
        file = _file(media.path, tally, file_type)
        fitted = file.size > limit.max_bytes
        if fitted:
            media, file = await self._fit(media, file_type, limit)
        await self._place(media, file, uploaded=True)
        stored = replace(
            media,
            state="stored",
            kind=file.kind,
            content_type=file.content_type,
            checksum=file.checksum,
            size=file.size,
        )
        return Uploaded(stored, fitted)

    async def _fit(
        self, media: Media, file_type: FileType, limit: MediaLimit
    ) -> tuple[Media, File]:
        """The file made small enough, instead of the one that is not."""
        with tempfile.TemporaryDirectory(prefix="frontdesk-") as folder:
            async with self.store.local(media.path) as local:
                try:
                    made = await self.decoders.convert(local, file_type, limit, Path(folder))
                except Unconvertible as error:
                    megabytes = limit.max_bytes / MEGABYTE
                    raise TooLarge(
                        f"File size exceeds {megabytes:g}MB limit, and it could not be made "
                        f"smaller: {error.text}"
                    ) from error
            if made.path.suffix != PurePosixPath(media.path).suffix:
                media = await self._moved(media, made.path.suffix)
            content = await asyncio.to_thread(_checksum, made.path)
            size = await self.store.put_file(media.path, made.path, made.content_type)
        return media, File(content, media.path, size, kind_of(made.content_type), made.content_type)

    async def _moved(self, media: Media, suffix: str) -> Media:
        """The upload at a path with another extension; nothing stays at the old one."""
        # First, because the path is anybody's as soon as the place has another one.
        await self.store.delete([media.path])
        old = PurePosixPath(media.path)
        # No other upload of the same second has the second name.
        for path in (
            old.with_suffix(suffix),
            old.with_name(f"{old.stem}-{media.media_id.hex[-8:]}{suffix}"),
        ):
            with suppress(asyncpg.UniqueViolationError):
                async with self.db.tenant_tx(media.domain_id) as connection:
                    await places.move(connection, media.domain_id, media.media_id, str(path))
                filename = str(PurePosixPath(media.filename).with_suffix(suffix))
                return replace(media, path=str(path), filename=filename)
        raise Conflict(f"{old.name} was uploaded several times at once; try again")

    async def _reserve(self, to: Destination, file_type: FileType, filename: str) -> Media:
        """A place of its own for the file: the path is nobody else's."""
        now = self.clock()
        folder = f"{PREFIX}{to.person_id or 'customer'}/{key_name(to.agent_id)}"
        if to.conversation_id is not None:
            folder += f"/{to.conversation_id}"
        name = PurePosixPath(f"{now:%Y%m%d_%H%M%S}_{key_name(filename)}")
        for number in range(PATH_TRIES):
            # Another file of this name came within the same second.
            suffix = f"-{new_id().hex[-8:]}" if number else ""
            media = Media(
                domain_id=to.domain_id,
                media_id=new_id(),
                conversation_id=to.conversation_id,
                message_id=None,
                person_id=to.person_id,
                place=0,
                state="uploading",
                kind=file_type.kind,
                content_type=file_type.content_type,
                filename=filename,
                path=f"{folder}/{name.stem}{suffix}{name.suffix}",
                checksum=None,
                source_url=None,
                error=None,
                attempts=0,
                created_at=now,
                updated_at=now,
            )
            async with self.db.tenant_tx(to.domain_id) as connection:
                if await places.reserve(connection, media):
                    return media
        raise Conflict(f"{filename} is being stored at this moment; try again")

    async def _undo(self, media: Media) -> None:
        """Nothing of an upload that did not end stays; one that is stored stays whole.

        The bytes go before the place does: its path is anybody's from then on.
        """
        domain_id, media_id = media.domain_id, media.media_id
        with suppress(Exception):  # what raised first is told; upkeep takes away what is left
            async with self.db.tenant_tx(domain_id) as connection:
                path = await places.uploading(connection, domain_id, media_id)
            if path is None:
                return
            try:
                await self.store.delete([path])
            except StoreError as error:
                log.warning("not deleted yet", error=error.text)
                async with self.db.tenant_tx(domain_id) as connection:
                    await deletion.discard(connection, domain_id, [path])
                    await places.forget(connection, domain_id, media_id)
                return
            async with self.db.tenant_tx(domain_id) as connection:
                await places.forget(connection, domain_id, media_id)

    # A customer's files -----------------------------------------------------------------------

    async def receive(self, media: Media, download: Download) -> None:
        """Stores what the carrier has. Raises FetchError, StoreError."""
        head, chunks = await _begin(download.chunks)
        if not head:
            raise FetchError("the carrier's file is empty", again=False)
        claimed = download.filename or ""
        file_type = sniff(head, claimed) or UNKNOWN
        if media.kind == "sticker" and file_type.kind == "image":
            file_type = replace(file_type, kind="sticker")
        name = safe_filename(claimed or file_type.kind, file_type.extension)
        path = (
            f"{PREFIX}customer/inbound/{media.conversation_id}/"
            f"{media.created_at:%Y%m%d_%H%M%S}_{media.media_id.hex[-12:]}_{key_name(name)}"
        )
        tally = Tally(MOST_RECEIVED)
        try:
            await self.store.put(path, tally.of(head, chunks), file_type.content_type)
        except TooLarge as error:
            raise FetchError(error.detail, again=False) from error
        placed = replace(media, filename=name, path=path)
        await self._place(placed, _file(path, tally, file_type), uploaded=False)

    async def _place(self, media: Media, file: File, *, uploaded: bool) -> None:
        """Notes that the bytes are here, and has an uploaded file understood."""
        domain_id = media.domain_id
        path = file.key if uploaded else media.path
        try:
            async with self.db.tenant_tx(domain_id) as connection:
                key = await files.keep_file(connection, domain_id, file)
                if not await places.place(
                    connection, domain_id, media.media_id, file, media.filename, path
                ):
                    raise NotFound("the file was deleted while it came in")
                if key != file.key:
                    # The domain has these bytes already: a crash leaves no second copy.
                    await deletion.discard(connection, domain_id, [file.key])
                changed = await files.touch_messages(connection, domain_id, [file.checksum])
                if uploaded:
                    await queue.enqueue(connection, "media", domain_id, media.media_id)
        except NotFound:
            await self._discard(domain_id, [file.key])
            raise
        for place in changed:
            self.db.changes.tell(domain_id, *place)
        if key != file.key and not await self._mended(domain_id, key, file):
            await self._discard(domain_id, [file.key])

    async def _mended(self, domain_id: UUID, key: str, file: File) -> bool:
        """Whether the bytes that the domain had were lost, and these took their place."""
        try:
            await self.store.size(key)
        except StoreError as error:
            if error.missing:
                async with self.db.tenant_tx(domain_id) as connection:
                    await deletion.removed(connection, domain_id, [file.key])
                    return await files.replace_key(connection, domain_id, file, key)
        return False

    async def _discard(self, domain_id: UUID, keys: list[str]) -> None:
        """Deletes objects that nothing names; what cannot be deleted now is deleted later."""
        try:
            await self.store.delete(keys)
        except StoreError as error:
            log.warning("not deleted yet", error=error.text)
            async with self.db.tenant_tx(domain_id) as connection:
                await deletion.discard(connection, domain_id, keys)
        else:
            async with self.db.tenant_tx(domain_id) as connection:
                await deletion.removed(connection, domain_id, keys)


async def _flowing(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """The chunks, as long as they keep coming. Raises Invalid."""
    while True:
        try:
            async with asyncio.timeout(LONGEST_SILENCE):
                chunk = await anext(chunks, None)
        except TimeoutError:
            raise Invalid(f"nothing of the file came for {LONGEST_SILENCE:g} seconds") from None
        if chunk is None:
            return
        yield chunk


async def _begin(chunks: AsyncIterator[bytes]) -> tuple[bytes, AsyncIterator[bytes]]:
    """The first bytes, enough to tell the kind, and the rest."""
    head = bytearray()
    async for chunk in chunks:
        head += chunk
        if len(head) >= HEAD:
            break
    return bytes(head), chunks


def _file(key: str, tally: Tally, file_type: FileType) -> File:
    return File(tally.digest.digest(), key, tally.size, file_type.kind, file_type.content_type)


def _checksum(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
