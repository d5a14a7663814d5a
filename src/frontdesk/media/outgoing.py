"""Files going out: as the carrier takes them, at an address that it can fetch for a while."""

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from frontdesk.db.tenancy import Database
from frontdesk.media._store import deletion, files
from frontdesk.media.decoding.pool import Decoders
from frontdesk.media.model import FileType, Media, Rendition, Unconvertible
from frontdesk.media.service import MediaService
from frontdesk.media.signing import UrlSigner
from frontdesk.media.understanding import Understanding
from frontdesk.ports import Enclosed, MediaKind, MediaLimit, ObjectStore

DELETED = "the file was deleted before it was sent"
ADDRESS_SECONDS = 6 * 60 * 60
"""Carriers fetch within minutes, also when they hold a message back for a while."""


class Unsendable(Exception):
    """The file cannot go to this carrier. `text` is for the person who sent it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True)
class Outgoing:
    db: Database
    store: ObjectStore
    decoders: Decoders
    media: MediaService
    understanding: Understanding
    signer: UrlSigner

    async def files(
        self,
        domain_id: UUID,
        media_ids: Sequence[UUID],
        limits: Mapping[MediaKind, MediaLimit],
    ) -> list[tuple[str, Enclosed]]:
        """Addresses of the files, made to fit, and what each is. Raises Unsendable, StoreError."""
        found = await self.media.listed(domain_id, media_ids)
        files: list[tuple[str, Enclosed]] = []
        for media in map(found.get, media_ids):
            if media is None:
                raise Unsendable(DELETED)
            url = await self._url(media, limits)
            files.append((url, Enclosed(media.kind, media.filename)))
        return files

    async def _url(self, media: Media, limits: Mapping[MediaKind, MediaLimit]) -> str:
        if media.state != "stored" or media.key is None:
            raise Unsendable(DELETED)
        limit = limits.get(media.kind)
        if limit is None:
            raise Unsendable(f"this channel takes no {media.kind}")
        if media.kind == "image" and media.understood_at is None:
            # Only then is it known whether the picture tells where it was taken.
            await self.understanding.prepare(media, self.decoders)
            media = await self.media.get(media.domain_id, media.media_id)
        sent = media.rendition("shown") if media.kind == "image" else None
        assert media.size is not None
        content_type, size = media.content_type, media.size
        if sent is not None:
            content_type, size = sent.content_type, sent.size
        fits = content_type in limit.content_types and size <= limit.max_bytes
        if media.kind == "image" and media.rendition("thumbnail") is None:
            # What could not be opened may hold anything: it goes as a copy, or not at all.
            fits = False
        if not fits:
            sent = await self._made_to_fit(media, limit)
        assert media.key is not None
        return await self._sign(media, media.key if sent is None else sent.key, sent)

    async def _sign(self, media: Media, key: str, sent: Rendition | None) -> str:
        signed = await self.store.signed_url(key, ADDRESS_SECONDS)
        if signed is not None:
            return signed
        path = f"/media/{media.media_id}"
        return self.signer.url(path if sent is None else f"{path}/{sent.name}", ADDRESS_SECONDS)

    async def _made_to_fit(self, media: Media, limit: MediaLimit) -> Rendition:
        """What was made for a limit like this one before, or is made now."""
        name = f"sent-{_fingerprint(limit)}"
        known = media.rendition(name)
        if known is not None:
            return known
        assert media.key is not None
        assert media.checksum is not None
        file_type = FileType(media.kind, media.content_type, media.file_type.extension)
        with tempfile.TemporaryDirectory(prefix="frontdesk-") as folder:
            async with self.store.local(media.key) as local:
                try:
                    made = await self.decoders.convert(local, file_type, limit, Path(folder))
                except Unconvertible as error:
                    raise Unsendable(f"{media.filename}: {error.text}") from error
            key = f"{media.key}.{name}{made.path.suffix}"
            size = await self.store.put_file(key, made.path, made.content_type)
        rendition = Rendition(name, key, made.content_type, size)
        async with self.db.tenant_tx(media.domain_id) as connection:
            if await files.add_rendition(connection, media.domain_id, media.checksum, rendition):
                return rendition
            await deletion.discard(connection, media.domain_id, [key])
        raise Unsendable(DELETED)


def _fingerprint(limit: MediaLimit) -> str:
    told = f"{limit.max_bytes} {' '.join(limit.content_types)}"
    return hashlib.sha256(told.encode()).hexdigest()[:8]
