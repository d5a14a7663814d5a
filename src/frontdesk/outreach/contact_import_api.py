"""Importing contacts over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from frontdesk.domains.auth import CallerDep
from frontdesk.outreach.contact_import import ContactImport, ImportResult
from frontdesk.web.multipart import file_part

router = APIRouter(prefix="/api/v1/contacts", tags=["contacts"])

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


class ImportProblemOut(BaseModel):
    line: int = Field(description="Of the file, its header being 1", examples=[7])
    reason: str = Field(examples=["there is no phone number"])


class ContactImportOut(BaseModel):
    added: int = Field(examples=[120])
    changed: int = Field(examples=[8])
    unchanged: int = Field(examples=[2])
    problems: list[ImportProblemOut] = Field(description="The first 1 000")
    more_problems: int = Field(description="How many others there are", examples=[0])

    @classmethod
    def of(cls, result: ImportResult) -> "ContactImportOut":
        return cls(
            added=result.added,
            changed=result.changed,
            unchanged=result.unchanged,
            problems=[
                ImportProblemOut(line=each.line, reason=each.reason) for each in result.problems
            ],
            more_problems=result.more_problems,
        )


@router.post("/import", openapi_extra=FORM)
async def import_contacts(
    request: Request,
    caller: CallerDep,
    domain: DomainName = None,
    segment_id: Annotated[UUID | None, Query(description="A list to put them into")] = None,
    dry_run: Annotated[bool, Query(description="Tell what would be, and change nothing")] = False,
) -> ContactImportOut:
    """Contacts from a CSV of up to 100 000 rows.

    The columns phone_number, name, email and language are understood under many names; each other
    column is an attribute. What is empty changes nothing. A row that cannot be used is named with
    its line, and costs none of the others.
    """
    domain_id = caller.domain(domain, "agent").domain_id
    importing: ContactImport = request.app.state.contact_import
    part = await file_part(request, "file")
    return ContactImportOut.of(
        await importing.run(domain_id, part.chunks, caller, segment_id=segment_id, dry_run=dry_run)
    )
