"""Use cases of the people who look after the knowledge base."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from uuid import UUID

from frontdesk.assistants import _store
from frontdesk.assistants.languages import configuration, detect, searchable
from frontdesk.assistants.model import Document
from frontdesk.assistants.service import MAX_DOCUMENT_BYTES, AssistantService
from frontdesk.db.tenancy import Database
from frontdesk.domains.model import Caller
from frontdesk.kernel.errors import Conflict, NotFound, TooLarge, UnsupportedMedia
from frontdesk.media.extracting import TextExtractor

SUFFIXES = (".md", ".markdown", ".txt", ".text")
MAX_DOCUMENTS = 5_000
MEGABYTE = 1024 * 1024
MAX_UPLOAD_BYTES = MAX_DOCUMENT_BYTES
MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A piece of a document that holds words of a question."""

    document_id: UUID
    name: str
    number: int
    heading: str
    content: str


@dataclass(frozen=True)
class DocumentService:
    """Documents by their ids. What they are made of is the assistants' business."""

    assistants: AssistantService
    extractor: TextExtractor

    @property
    def db(self) -> Database:
        return self.assistants.domains.db

    async def domain_of(self, domain_ids: Sequence[UUID], document_id: UUID) -> UUID:
        """Which of the caller's domains has the document. Raises NotFound."""
        for domain_id in domain_ids:
            async with self.db.tenant_tx(domain_id) as connection:
                if await _store.document(connection, domain_id, document_id) is not None:
                    return domain_id
        raise NotFound(f"document {document_id} does not exist")

    async def all_of(self, domain_id: UUID) -> list[Document]:
        return await self.assistants.documents(domain_id)

    async def upload(
        self, domain_id: UUID, filename: str, chunks: AsyncIterator[bytes], by: Caller
    ) -> Document:
        """Adds a document, or replaces the one of that name.

        Raises UnsupportedMedia, TooLarge, Unprocessable.
        """
        name = PurePosixPath(filename.replace("\\", "/")).name.strip()
        if name.lower().endswith(SUFFIXES):
            text = await _text(name, chunks)
        else:
            text = await self.extractor.text_of(name, chunks)
        async with self.db.tenant_tx(domain_id) as connection:
            known = await _store.document_named(connection, domain_id, name)
            if (
                known is None
                and len(await _store.documents(connection, domain_id)) >= MAX_DOCUMENTS
            ):
                raise Conflict(f"the domain has {MAX_DOCUMENTS} documents already, the most")
        await self.assistants.add_document(domain_id, name, text, by)
        async with self.db.tenant_tx(domain_id) as connection:
            document_id = await _store.document_named(connection, domain_id, name)
            found = document_id and await _store.document(connection, domain_id, document_id)
        if not found:
            raise Conflict(f"{name} was removed at this moment; try again")
        return found

    async def remove(self, domain_id: UUID, document_id: UUID, by: Caller) -> None:
        async with self.db.tenant_tx(domain_id) as connection:
            found = await _store.document(connection, domain_id, document_id)
        if found is None:
            raise NotFound(f"document {document_id} does not exist")
        await self.assistants.remove_document(domain_id, found.name, by)

    async def search(self, domain_id: UUID, question: str) -> list[FoundPassage]:
        """The passages that hold most of the question's words, as assistants look for them."""
        asked = searchable(question)
        found: dict[tuple[UUID, int], FoundPassage] = {}
        async with self.db.tenant_tx(domain_id) as connection:
            for reading in dict.fromkeys(
                configuration(each) for each in (detect(question), "en", None)
            ):
                for row in await _store.candidates(connection, domain_id, reading, asked, ()):
                    passage = FoundPassage(
                        row["document_id"],
                        row["name"],
                        row["number"],
                        row["heading"],
                        row["content"],
                    )
                    found.setdefault((passage.document_id, passage.number), passage)
        return list(found.values())[:MOST_FOUND]


async def _text(name: str, chunks: AsyncIterator[bytes]) -> str:
    content = bytearray()
    async for chunk in chunks:
        content += chunk
        if len(content) > MAX_UPLOAD_BYTES:
            raise TooLarge(f"{name[:80]!r} is over {MAX_UPLOAD_BYTES / MEGABYTE:g} MB of text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnsupportedMedia(
            f"{name[:80]!r} is not UTF-8 text (byte {error.start}); save it as UTF-8"
        ) from error
