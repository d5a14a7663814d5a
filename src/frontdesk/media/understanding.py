"""What is in a file, in words: looked into by decoders, then heard, seen or read by recognisers.

A failure is written on the file and costs it its text, nothing else.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import structlog

from frontdesk.db.tenancy import Database
from frontdesk.media._store import deletion, files
from frontdesk.media.decoding.pool import Decoders
from frontdesk.media.model import Findings, Made, Media, Rendition
from frontdesk.media.recognition.choice import NO_TRANSCRIBER, Recognisers
from frontdesk.ports import ObjectStore, RecognitionFailed

log = structlog.get_logger()

PAUSES = (1.0, 4.0)
"""Seconds before a recogniser is asked once more."""
MOST_TEXT = 500_000

Heard = TypeVar("Heard")


@dataclass(frozen=True)
class Understanding:
    db: Database
    store: ObjectStore
    decoders: Decoders
    recognisers: Callable[[UUID], Awaitable[Recognisers]]
    """Those of a domain. Raises RecognitionFailed when its settings cannot be used."""
    pauses: Sequence[float] = PAUSES

    async def of(self, media: Media) -> None:
        """Looks into the file and notes what was found. Raises StoreError."""
        assert media.key is not None
        assert media.checksum is not None
        with tempfile.TemporaryDirectory(prefix="frontdesk-") as folder:
            async with self.store.local(media.key) as local:
                findings = await self.decoders.inspect(local, media.file_type, Path(folder))
                said = await self._recognise(media, local, findings)
            renditions = [await self._keep(media.key, made) for made in findings.made]
        findings.text = (findings.text or "")[:MOST_TEXT] or None
        async with self.db.tenant_tx(media.domain_id) as connection:
            noted = await files.understood(
                connection, media.domain_id, media.checksum, findings, renditions, said
            )
            changed: list[tuple[UUID, UUID]] = []
            if noted:
                changed = await files.touch_messages(connection, media.domain_id, [media.checksum])
            else:
                keys = [rendition.key for rendition in renditions]
                await deletion.discard(connection, media.domain_id, keys)
        for place in changed:
            self.db.changes.tell(media.domain_id, *place)
        log.info(
            "understood",
            media_id=str(media.media_id),
            kind=media.kind,
            size=media.size,
            error=findings.error,
        )

    async def prepare(self, media: Media, decoders: Decoders) -> None:
        """Makes what a picture is shown and sent as, and asks nobody what it shows.

        Raises StoreError.
        """
        assert media.key is not None
        assert media.checksum is not None
        with tempfile.TemporaryDirectory(prefix="frontdesk-") as folder:
            async with self.store.local(media.key) as local:
                findings = await decoders.inspect(local, media.file_type, Path(folder))
            renditions = [await self._keep(media.key, made) for made in findings.made]
        domain_id = media.domain_id
        async with self.db.tenant_tx(domain_id) as connection:
            for rendition in renditions:
                if not await files.add_rendition(connection, domain_id, media.checksum, rendition):
                    await deletion.discard(connection, domain_id, [rendition.key])

    async def give_up(self, media: Media, error: str) -> None:
        """Notes why nothing can be known of the file."""
        assert media.checksum is not None
        async with self.db.tenant_tx(media.domain_id) as connection:
            await files.understood(
                connection, media.domain_id, media.checksum, Findings(error=error), [], {}
            )
            changed = await files.touch_messages(connection, media.domain_id, [media.checksum])
        for place in changed:
            self.db.changes.tell(media.domain_id, *place)

    async def _keep(self, key: str, made: Made) -> Rendition:
        under = f"{key}.{made.name}{made.path.suffix}"
        size = await self.store.put_file(under, made.path, made.content_type)
        return Rendition(made.name, under, made.content_type, size)

    async def _recognise(
        self, media: Media, local: Path, findings: Findings
    ) -> dict[str, str | None]:
        try:
            recognisers = await self.recognisers(media.domain_id)
            if (wav := findings.made_as("wav")) is not None:
                return await self._hear(wav.path, findings, recognisers)
            if media.kind == "image" or (media.kind == "sticker" and recognisers.stickers):
                return await self._see(media, local, findings, recognisers)
        except RecognitionFailed as error:
            findings.error = findings.error or error.text
        return {}

    async def _hear(
        self, wav: Path, findings: Findings, recognisers: Recognisers
    ) -> dict[str, str | None]:
        transcriber = recognisers.transcriber
        if transcriber is None:
            raise RecognitionFailed(NO_TRANSCRIBER)
        heard = await self._patiently(lambda: transcriber.transcribe(wav, None))
        findings.duration = findings.duration or heard.duration
        return {"transcript": heard.text[:MOST_TEXT], "language": heard.language}

    async def _see(
        self, media: Media, local: Path, findings: Findings, recognisers: Recognisers
    ) -> dict[str, str | None]:
        """A description where a model can see, else the text in the picture."""
        describer, reader = recognisers.describer, recognisers.reader
        shown = findings.made_as("shown")
        picture = shown.path if shown else local
        content_type = shown.content_type if shown else media.content_type
        if findings.width is None or (describer is None and reader is None):
            return {}
        if describer is not None:
            description = await self._patiently(
                lambda: describer.describe(picture, content_type, None)
            )
            return {"description": description[:MOST_TEXT]}
        assert reader is not None
        findings.text = await reader.read(picture) or None
        return {}

    async def _patiently(self, ask: Callable[[], Awaitable[Heard]]) -> Heard:
        """Asks once more where that may help."""
        for pause in self.pauses:
            try:
                return await ask()
            except RecognitionFailed as error:
                if not error.again:
                    raise
                await asyncio.sleep(pause)
        return await ask()
