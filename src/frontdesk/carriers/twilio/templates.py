"""Twilio's Content API: the account's templates, and WhatsApp's approval of them.

https://www.twilio.com/docs/content/content-api-resources
https://www.twilio.com/docs/content/create-and-send-your-first-content-api-template

GET /v1/ContentAndApprovals?PageSize=100  →  {"contents": […],
    "meta": {"next_page_url": "https://content.twilio.com/v1/…", "key": "contents", …}}
POST /v1/Content  {"friendly_name", "language", "variables", "types"}  →  201  {"sid": "HX…", …}
POST /v1/Content/HX…/ApprovalRequests/whatsapp  {"name", "category"}  →  201  {"status":
    "received", "rejection_reason": "", …}
DELETE /v1/Content/HX…  →  204
"""

from contextlib import suppress
from urllib.parse import quote

from frontdesk.carriers.twilio import contents
from frontdesk.carriers.twilio.api import Api, garbled
from frontdesk.carriers.twilio.webhook import ID_LIMIT
from frontdesk.kernel.templates import CarrierTemplate, TemplateStatus
from frontdesk.ports import Channel, SendError

CONTENT_BASE = "https://content.twilio.com"
ROOT = "/v1/"
PAGE_SIZE = 100
PAGES = 60
"""WhatsApp has at most 6 000 templates of one business."""


async def listed(api: Api, channel: Channel) -> list[CarrierTemplate]:
    found: list[CarrierTemplate] = []
    uri: str = f"{ROOT}ContentAndApprovals?PageSize={PAGE_SIZE}"
    seen: set[str] = set()
    while uri and uri not in seen and len(seen) < PAGES:
        seen.add(uri)
        page = await api.get(uri, channel)
        rows: object = page.get("contents")
        if not isinstance(rows, list):
            raise garbled("Twilio's answer is not a list of templates", remedy="retry")
        items: list[object] = rows
        found += [each for item in items if (each := contents.read(item)) is not None]
        meta: object = page.get("meta")
        uri = _own(str((meta.get("next_page_url") if isinstance(meta, dict) else None) or ""))
    return found


async def submit(
    api: Api, template: CarrierTemplate, channel: Channel
) -> tuple[str, TemplateStatus]:
    """Makes the content and hands it in. What is not handed in does not stay behind."""
    answer = await api.post_json(f"{ROOT}Content", contents.write(template), channel)
    sid: object = answer.get("sid")
    if not isinstance(sid, str) or not sid.isalnum() or len(sid) > ID_LIMIT:
        raise garbled("Twilio's answer does not name the template. It may have been made")
    asked = {"name": template.name, "category": template.category.upper()}
    try:
        uri = f"{ROOT}Content/{sid}/ApprovalRequests/whatsapp"
        approval = await api.post_json(uri, asked, channel)
    except SendError:
        with suppress(SendError):
            await delete(api, sid, channel)
        raise
    return sid, contents.status_of(approval)


async def delete(api: Api, carrier_id: str, channel: Channel) -> None:
    try:
        await api.delete(f"{ROOT}Content/{quote(carrier_id, safe='')}", channel)
    except SendError as error:
        if error.code not in ("20404", "http-404"):
            raise


def _own(url: str) -> str:
    """The address of a next page on the channel's own host, whatever host it names."""
    at = url.find(ROOT)
    return url[at:] if at >= 0 else ""
