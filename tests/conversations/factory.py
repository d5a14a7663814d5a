"""Arrivals and reports as the carriers' door makes them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from frontdesk.conversations.model import Arrival, Report
from frontdesk.kernel.ids import new_id
from frontdesk.ports import Status


def arrival(
    domain_id: UUID, channel_id: UUID, address: str, sid: str, text: str = "Hello", **more: Any
) -> Arrival:
    values: dict[str, Any] = {
        "domain_id": domain_id,
        "channel_id": channel_id,
        "carrier_id": sid,
        "body": b"",
        "received_at": datetime.now(UTC),
        "address": address,
        "contact_address": address,
        "external_user_id": None,
        "profile_name": None,
        "kind": "text",
        "source": "whatsapp",
        "text": text,
        "structured": None,
        "reply_to": None,
        "sent_at": None,
        "message_id": new_id(),
    }
    return Arrival(**{**values, **more})


def report(domain_id: UUID, channel_id: UUID, sid: str, status: Status, **more: Any) -> Report:
    values: dict[str, Any] = {
        "domain_id": domain_id,
        "channel_id": channel_id,
        "carrier_id": sid,
        "message_id": None,
        "status": status,
        "carrier_status": status.value,
        "error_code": None,
        "error": None,
        "stops_contact": False,
        "at": datetime.now(UTC),
    }
    return Report(**{**values, **more})
