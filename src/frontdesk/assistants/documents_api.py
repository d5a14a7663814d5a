"""The knowledge base over HTTP: the documents that builtin:knowledge answers from."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from frontdesk.assistants.documents import DocumentService, FoundPassage
from frontdesk.assistants.model import Document
from frontdesk.domains.auth import CallerDep
from frontdesk.kernel.clock import iso
from frontdesk.web.multipart import file_part
from frontdesk.web.typed import Typed

router = APIRouter(prefix="/api/v1/documents", tags=["knowledge"])

DomainName = Annotated[str | None, Query(alias="domain", examples=["default"])]
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


class DocumentOut(BaseModel):
    document_id: str
    name: str = Field(examples=["opening-hours.md"])
    size: int = Field(description="Bytes of text", examples=[2048])
    passages: int = Field(description="Pieces that are quoted", examples=[4])
    created_at: str

    @classmethod
    def of(cls, document: Document) -> "DocumentOut":
        return cls(
            document_id=str(document.document_id),
            name=document.name,
            size=document.size,
            passages=document.passages,
            created_at=iso(document.created_at) or "",
        )


class PassageOut(BaseModel):
    document_id: str
    name: str = Field(description="The document's", examples=["opening-hours.md"])
    number: int = Field(description="Its place in the document", examples=[1])
    heading: str = Field(examples=["Opening hours › Christmas"])
    content: str

    @classmethod
    def of(cls, passage: FoundPassage) -> "PassageOut":
        return cls(
            document_id=str(passage.document_id),
            name=passage.name,
            number=passage.number,
            heading=passage.heading,
            content=passage.content,
        )


class DocumentPage(BaseModel):
    items: list[DocumentOut]
    next: str | None = None


class PassagePage(BaseModel):
    items: list[PassageOut] = Field(description="The best first")
    next: str | None = None


def service(request: Request) -> DocumentService:
    return request.app.state.documents


@router.get("")
async def list_documents(
    request: Request, caller: CallerDep, domain: DomainName = None
) -> DocumentPage:
    found = await service(request).all_of(caller.domain(domain, "agent").domain_id)
    return DocumentPage(items=[DocumentOut.of(each) for each in found])


@router.post("", status_code=201, openapi_extra=FORM)
async def upload_document(
    request: Request, caller: CallerDep, domain: DomainName = None
) -> DocumentOut:
    """Adds a document, or replaces the one of that name.

    Markdown and plain text in UTF-8; of PDF, DOC(X), XLS(X), PPT(X), CSV and RTF up to 25 MB the
    text. It may have up to 2 MB.
    """
    domain_id = caller.domain(domain, "admin").domain_id
    part = await file_part(request, "file")
    return DocumentOut.of(
        await service(request).upload(domain_id, part.filename, part.chunks, caller)
    )


@router.get("/search")
async def search_documents(
    request: Request,
    caller: CallerDep,
    q: Annotated[Typed, Query(min_length=1, max_length=1_000, examples=["opening hours"])],
    domain: DomainName = None,
) -> PassagePage:
    """The passages that an assistant would look at for a question."""
    domain_id = caller.domain(domain, "agent").domain_id
    found = await service(request).search(domain_id, q)
    return PassagePage(items=[PassageOut.of(each) for each in found])


@router.delete("/{document_id}", status_code=204)
async def delete_document(request: Request, caller: CallerDep, document_id: UUID) -> None:
    domain_id = await service(request).domain_of(caller.domain_ids, document_id)
    caller.member_of(domain_id, "admin")
    await service(request).remove(domain_id, document_id, caller)
