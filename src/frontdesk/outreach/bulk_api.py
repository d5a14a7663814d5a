"""Bulk uploads over HTTP: a CSV that is imported, and sent, in one request."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from frontdesk.domains.auth import CallerDep
from frontdesk.domains.model import check_json
from frontdesk.outreach.campaign import CampaignStatus, Plan
from frontdesk.outreach.campaign_shapes import Outcome, ProgressOut, progress_out
from frontdesk.outreach.campaigns_api import FORM, owned, services
from frontdesk.outreach.recipients import COLUMNS
from frontdesk.web.csv_stream import csv_response
from frontdesk.web.multipart import file_part

router = APIRouter(tags=["campaigns"])

MOST_ROWS = 100


class BatchOut(BaseModel):
    success: bool
    batch_id: str
    status: Literal["importing"] = Field(examples=["importing"])


class BatchCountsOut(BaseModel):
    rows: int = Field(examples=[100])
    valid: int = Field(description="Those that can be written to", examples=[98])
    skipped: int = Field(examples=[2])
    waiting: int = Field(examples=[0])
    sent: int = Field(examples=[97])
    delivered: int = Field(examples=[95])
    read: int = Field(examples=[60])
    failed: int = Field(examples=[1])
    answered: int = Field(examples=[12])
    canceled: int = Field(examples=[0])


class BatchRowOut(BaseModel):
    line: int = Field(examples=[2])
    phone_number: str = Field(examples=["+34612345678"])
    status: Outcome = Field(examples=["delivered"])
    reason: str | None


class BatchStateOut(BaseModel):
    batch_id: str
    status: CampaignStatus = Field(examples=["running"])
    status_reason: str | None
    counts: BatchCountsOut
    progress: ProgressOut
    rows: list[BatchRowOut] = Field(description="The first 100; result_csv has all")
    result_csv: str


@router.post("/bulk-upload", status_code=202, openapi_extra=FORM)
async def bulk_upload(
    request: Request,
    caller: CallerDep,
    domain_name: Annotated[str | None, Query(examples=["default"])] = None,
    name: Annotated[str, Query(max_length=200, examples=["Spring offer"])] = "",
    channel: Annotated[str, Query(max_length=20, examples=["wmsg"])] = "wmsg",
    template: Annotated[
        str | None, Query(max_length=300, description="Its name, name:language or template_id")
    ] = None,
    start: Annotated[bool, Query(description="Send as soon as it is imported")] = True,
    confirm: Annotated[bool, Query(description="Although the same file was sent before")] = False,
) -> BatchOut:
    """A CSV of phone_number, name, email, instruction, call_type, channel and columns for a
    template's variables. 409 for the same file within 90 days, unless `confirm`."""
    domain_id = caller.domain(domain_name, "admin").domain_id
    check_json("the query", [name, template])
    part = await file_part(request, "file")
    plan = Plan(name, channel)  # pyright: ignore[reportArgumentType]  # checked when it is added
    campaigns = services(request).campaigns
    plan = await campaigns.with_template(domain_id, plan, template)
    uploaded = await services(request).uploads.upload(
        domain_id, plan, part.filename, part.chunks, caller,
        start=start, confirm=confirm, whole=True,
    )  # fmt: skip
    return BatchOut(success=True, batch_id=str(uploaded.campaign.campaign_id), status="importing")


@router.get("/bulk-upload/{batch_id}")
async def get_bulk_upload(request: Request, caller: CallerDep, batch_id: UUID) -> BatchStateOut:
    campaign = await owned(request, caller, batch_id)
    counts = (await services(request).counting.of(campaign)).counts
    rows, _ = await services(request).recipients.page(campaign.domain_id, batch_id, most=MOST_ROWS)
    kept = {name: counts[name] for name in BatchCountsOut.model_fields if name in counts}
    kept["waiting"] += counts["writing"]
    return BatchStateOut(
        batch_id=str(batch_id),
        status=campaign.status,
        status_reason=campaign.status_reason,
        counts=BatchCountsOut(valid=counts["rows"] - counts["skipped"], **kept),
        progress=progress_out(campaign),
        rows=[
            BatchRowOut.model_validate(
                {
                    "line": row.line,
                    "phone_number": row.phone_number,
                    "status": row.status,
                    "reason": row.reason,
                }
            )
            for row in rows
        ],
        result_csv=f"/bulk-upload/{batch_id}/result.csv",
    )


@router.get("/bulk-upload/{batch_id}/result.csv", response_class=Response)
async def bulk_upload_result(request: Request, caller: CallerDep, batch_id: UUID) -> Response:
    """What came of each row."""
    campaign = await owned(request, caller, batch_id)
    pages = services(request).recipients.all(campaign.domain_id, batch_id)
    return csv_response(f"result-{batch_id}.csv", COLUMNS, pages)
