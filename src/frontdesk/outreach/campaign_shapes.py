"""The shapes in which campaigns come in and go out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from frontdesk.domains.shapes import PersonRefOut
from frontdesk.kernel.clock import iso
from frontdesk.outreach._store.recipients import Recipient
from frontdesk.outreach.campaign import Campaign, CampaignSource, CampaignStatus, Plan
from frontdesk.outreach.checking import Report
from frontdesk.outreach.counting import Numbers, Reason
from frontdesk.outreach.uploads import Looked
from frontdesk.ports import ChannelKind

Outcome = Literal[
    "waiting", "writing", "sent", "delivered", "read", "failed", "skipped", "canceled"
]
Text = Annotated[str, StringConstraints(max_length=10_000)]
Short = Annotated[str, StringConstraints(max_length=300)]
CLEARED = ("name", "channel", "type", "variables", "mapping")
"""Fields that cannot be null: a null leaves them as they are."""


class QuietHoursIn(BaseModel):
    """Nobody is written to between these, in the wall time of their number's country."""

    model_config = ConfigDict(extra="forbid")

    from_: str = Field(alias="from", max_length=5, examples=["21:00"])
    to: str = Field(max_length=5, examples=["08:00"])

    def stored(self) -> dict[str, str]:
        return {"from": self.from_, "to": self.to}


class CampaignFollowUpIn(BaseModel):
    """Sent to those who have not answered by then."""

    model_config = ConfigDict(extra="forbid")

    after_hours: float = Field(examples=[24])
    template_id: UUID
    variables: dict[Short, dict[Short, Text]] = Field({}, examples=[{"1": {"column": "name"}}])

    def stored(self) -> dict[str, Any]:
        return {
            "after_hours": self.after_hours,
            "template_id": str(self.template_id),
            "variables": self.variables,
        }


class CampaignChange(BaseModel):
    """What is not given stays."""

    model_config = ConfigDict(extra="forbid")

    name: Short | None = Field(None, examples=["Spring offer"])
    channel: Short | None = Field(None, description="wmsg or sms", examples=["wmsg"])
    channel_id: UUID | None = Field(None, description="None: the domain's first of that kind")
    segment_id: UUID | None = None
    type: Short | None = Field(None, examples=["informational"])
    instruction: Text | None = Field(
        None, description="What the assistant writes about", examples=["Ask about the order"]
    )
    template_id: UUID | None = None
    variables: dict[Short, dict[Short, Text]] | None = Field(
        None,
        description="A template's variable → {column: name} or {value: text}",
        examples=[{"1": {"column": "name"}}],
    )
    assistant_id: Short | None = Field(None, examples=["default-assistant"])
    rate: float | None = Field(None, description="Messages a second", examples=[10])
    quiet_hours: QuietHoursIn | None = None
    follow_up: CampaignFollowUpIn | None = None
    start_at: datetime | None = None
    mapping: dict[Short, Short | None] | None = Field(
        None, description="Our field → the file's column", examples=[{"phone_number": "Mobile"}]
    )

    def values(self) -> dict[str, Any]:
        """Columns by name, of what was given."""
        values: dict[str, Any] = {}
        for name in self.model_fields_set:
            value = getattr(self, name)
            if value is None and name in CLEARED:
                continue
            if isinstance(value, QuietHoursIn | CampaignFollowUpIn):
                value = value.stored()
            values["call_type" if name == "type" else name] = value
        return values


class CampaignCreate(CampaignChange):
    """A campaign to a segment; a file's campaign is made by its upload."""

    name: Short = Field(examples=["Spring offer"])  # pyright: ignore[reportIncompatibleVariableOverride]  # required here
    channel: Short = Field("wmsg", examples=["wmsg"])  # pyright: ignore[reportIncompatibleVariableOverride]  # required here
    segment_id: UUID = Field(examples=["0197f3a2-7c3e-7d7a-9a51-3f6f1c2b4d5e"])  # pyright: ignore[reportIncompatibleVariableOverride, reportGeneralTypeIssues]  # required here

    def plan(self) -> Plan:
        values = self.values()
        values.pop("start_at", None)
        values.pop("mapping", None)
        return Plan(**values)


class QuietHoursOut(BaseModel):
    from_: str = Field(serialization_alias="from", examples=["21:00"])
    to: str = Field(examples=["08:00"])


class ProgressOut(BaseModel):
    bytes: int = Field(examples=[4096])
    of: int | None = Field(examples=[8192])
    lines: int = Field(examples=[120])


class CampaignCountsOut(BaseModel):
    """rows = waiting + writing + sent + failed + skipped + canceled; those who got it delivered
    are among the sent, who read it among those, and who answered, too."""

    rows: int = Field(examples=[100])
    waiting: int = Field(examples=[0])
    writing: int = Field(examples=[0])
    sent: int = Field(examples=[97])
    delivered: int = Field(examples=[95])
    read: int = Field(examples=[60])
    answered: int = Field(examples=[12])
    failed: int = Field(examples=[1])
    skipped: int = Field(examples=[2])
    canceled: int = Field(examples=[0])


class ReasonOut(BaseModel):
    """Why recipients got nothing."""

    status: Outcome = Field(examples=["skipped"])
    code: str | None = Field(examples=["opted_out"])
    reason: str | None = Field(examples=["The customer has opted out of messages."])
    count: int = Field(examples=[2])


class CampaignOut(BaseModel):
    campaign_id: str
    name: str = Field(examples=["Spring offer"])
    source: CampaignSource = Field(examples=["csv"])
    status: CampaignStatus = Field(examples=["running"])
    status_reason: str | None
    channel: ChannelKind = Field(examples=["wmsg"])
    channel_id: str | None
    type: str = Field(examples=["informational"])
    instruction: str | None
    template_id: str | None
    template_name: str | None = Field(examples=["spring_offer"])
    variables: dict[str, dict[str, str]]
    assistant_id: str | None
    segment_id: str | None
    rate: float | None
    quiet_hours: QuietHoursOut | None
    follow_up: dict[str, Any] | None
    start_at: str | None
    started_at: str | None
    finished_at: str | None
    filename: str | None = Field(examples=["customers.csv"])
    columns: list[str] = Field(examples=[["Mobile", "Name"]])
    mapping: dict[str, str] = Field(examples=[{"phone_number": "Mobile"}])
    started_by_hand: bool = Field(
        description="False: it runs as soon as it is imported, or its time has come",
        examples=[True],
    )
    progress: ProgressOut
    counts: CampaignCountsOut
    reasons: list[ReasonOut] | None = Field(
        None, description="Only where one campaign is asked for"
    )
    cost: float = Field(description="Credits", examples=[291])
    created_by: PersonRefOut | None
    created_at: str | None


class PreviewRowOut(BaseModel):
    line: int = Field(examples=[2])
    values: dict[str, str] = Field(examples=[{"Mobile": "+34612345678", "Name": "Ana"}])
    problems: list[str]


class UploadedOut(BaseModel):
    campaign: CampaignOut
    columns: list[str] = Field(examples=[["Mobile", "Name"]])
    preview: list[PreviewRowOut]


class CampaignPreviewOut(BaseModel):
    columns: list[str] = Field(examples=[["Mobile", "Name"]])
    preview: list[PreviewRowOut]


class SampleOut(BaseModel):
    line: int | None = Field(examples=[7])
    phone_number: str = Field(examples=["+34612345678"])
    reason: str = Field(examples=["the customer has opted out"])


class CheckOut(BaseModel):
    """A dry run: an estimate, because all of it is judged again when it is sent."""

    rows: int = Field(examples=[100])
    would_send: int = Field(examples=[97])
    skipped: dict[str, int] = Field(examples=[{"opted_out": 2, "bad_number": 1}])
    cost: float = Field(examples=[291])
    balance: float | None = Field(description="None: the domain is not billed", examples=[500])
    per_channel: dict[str, int] = Field(examples=[{"wmsg": 97}])
    samples: list[SampleOut]


class RecipientOut(BaseModel):
    outreach_id: str
    line: int | None = Field(examples=[2])
    phone_number: str = Field(examples=["+34612345678"])
    name: str | None = Field(examples=["Ana"])
    status: Outcome = Field(examples=["delivered"])
    reason: str | None
    chat_id: str | None
    message_id: str | None
    answered: bool
    sent_at: str | None
    delivered_at: str | None
    read_at: str | None


def campaign_out(
    campaign: Campaign, numbers: Numbers, reasons: list[Reason] | None = None
) -> CampaignOut:
    by = campaign.person_id and PersonRefOut(
        person_id=str(campaign.person_id),
        name=campaign.person_name or "",
        email=campaign.person_email or "",
    )
    quiet = campaign.quiet_hours
    return CampaignOut(
        campaign_id=str(campaign.campaign_id),
        name=campaign.name,
        source=campaign.source,
        status=campaign.status,
        status_reason=campaign.status_reason,
        channel=campaign.channel,
        channel_id=_text(campaign.channel_id),
        type=campaign.call_type,
        instruction=campaign.instruction,
        template_id=_text(campaign.template_id),
        template_name=campaign.template_name,
        variables=dict(campaign.variables),
        assistant_id=campaign.assistant_id,
        segment_id=_text(campaign.segment_id),
        rate=campaign.rate,
        quiet_hours=QuietHoursOut(from_=quiet["from"], to=quiet["to"]) if quiet else None,
        follow_up=dict(campaign.follow_up) if campaign.follow_up else None,
        start_at=iso(campaign.start_at),
        started_at=iso(campaign.started_at),
        finished_at=iso(campaign.finished_at),
        filename=campaign.filename,
        columns=list(campaign.columns),
        mapping=dict(campaign.mapping),
        started_by_hand=campaign.started_by_hand,
        progress=progress_out(campaign),
        counts=CampaignCountsOut(**numbers.counts),
        reasons=None if reasons is None else [_reason(each) for each in reasons],
        cost=float(numbers.cost),
        created_by=by or None,
        created_at=iso(campaign.created_at),
    )


def progress_out(campaign: Campaign) -> ProgressOut:
    """Of an import. Its bytes are those of the text as UTF-8, which the file need not be in."""
    size, read = campaign.file_bytes, campaign.file_read
    if size is not None and campaign.status != "importing":
        read = size if campaign.lines_read else 0
    return ProgressOut(
        bytes=min(read, size) if size is not None else read, of=size, lines=campaign.lines_read
    )


def preview_out(looked: Looked) -> list[PreviewRowOut]:
    return [
        PreviewRowOut(line=each.line, values=each.values, problems=list(each.problems))
        for each in looked.preview
    ]


def check_out(report: Report) -> CheckOut:
    return CheckOut(
        rows=report.rows,
        would_send=report.would_send,
        skipped=dict(report.skipped),
        cost=float(report.cost),
        balance=None if report.balance is None else float(report.balance),
        per_channel=dict(report.per_channel),
        samples=[
            SampleOut(line=each.line, phone_number=each.phone_number, reason=each.reason)
            for each in report.samples
        ],
    )


def recipient_out(row: Recipient) -> RecipientOut:
    fields: Mapping[str, Any] = {
        "outreach_id": str(row.outreach_id),
        "line": row.line,
        "phone_number": row.phone_number,
        "name": row.name,
        "status": row.status,
        "reason": row.reason,
        "chat_id": _text(row.conversation_id),
        "message_id": _text(row.message_id),
        "answered": row.answered,
        "sent_at": iso(row.sent_at),
        "delivered_at": iso(row.delivered_at),
        "read_at": iso(row.read_at),
    }
    return RecipientOut(**fields)


def _reason(reason: Reason) -> ReasonOut:
    values: Mapping[str, Any] = {
        "status": reason.status,
        "code": reason.code,
        "reason": reason.reason,
        "count": reason.count,
    }
    return ReasonOut(**values)


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
