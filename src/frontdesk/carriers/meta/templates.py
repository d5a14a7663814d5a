"""The account's templates, and Meta's approval of them.

https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/template-management

GET /v23.0/<account>/message_templates?fields=…&limit=100  →  {"data": […],
    "paging": {"cursors": {"before": "…", "after": "…"}, "next": "https://graph.facebook.com/…"}}
POST /v23.0/<account>/message_templates  {"name", "language", "category", "components"}  →  200
    {"id": "594425479261596", "status": "PENDING", "category": "UTILITY"}
DELETE /v23.0/<account>/message_templates?hsm_id=594425479261596&name=order_update  →  200
    {"success": true}
"""

from urllib.parse import urlencode

from frontdesk.carriers.meta import components
from frontdesk.carriers.meta.api import Api, garbled
from frontdesk.carriers.meta.contents import FIELD_LIMIT, items, part, text
from frontdesk.kernel.templates import CarrierTemplate, TemplateStatus
from frontdesk.ports import Channel, SendError

FIELDS = "id,name,language,category,status,rejected_reason,parameter_format,components"
PAGE_SIZE = 100
PAGES = 60
"""WhatsApp has at most 6 000 templates of one business."""
GONE = ("33", "http-404")


async def listed(api: Api, channel: Channel) -> list[CarrierTemplate]:
    found: list[CarrierTemplate] = []
    after, seen = "", set[str]()
    while after not in seen and len(seen) < PAGES:
        seen.add(after)
        query = {"fields": FIELDS, "limit": str(PAGE_SIZE)} | ({"after": after} if after else {})
        page = await api.get(f"{_path(api, channel)}?{urlencode(query)}", channel)
        if not isinstance(page.get("data"), list):
            raise garbled("Meta's answer is not a list of templates", remedy="retry")
        read = (components.read(row) for row in items(page, "data"))
        found += [each for each in read if each is not None]
        paging = part(page, "paging")
        # The cursor goes to the channel's own host, whatever address `next` has.
        after = text(part(paging, "cursors"), "after", FIELD_LIMIT) if paging.get("next") else ""
    return found


async def submit(
    api: Api, template: CarrierTemplate, channel: Channel
) -> tuple[str, TemplateStatus]:
    if (template.header or {}).get("url"):
        raise SendError(
            "give_up",
            "header-file",
            "Meta takes a header's picture, video or document only with a file that was uploaded "
            "to its app. Make this template in the WhatsApp Manager: it appears here by itself",
        )
    answer = await api.post(_path(api, channel), components.write(template), channel)
    carrier_id = text(answer, "id")
    if not carrier_id.isdigit():
        raise garbled("Meta's answer does not name the template. It may have been made")
    status = components.status_of(answer)[0] if "status" in answer else "pending"
    return carrier_id, status


async def delete(api: Api, carrier_id: str, channel: Channel) -> None:
    """Meta wants the name with the id, or else takes all languages of the name."""
    try:
        known = await api.get(f"/{api.own(carrier_id)}?fields=name", channel)
        query = urlencode({"hsm_id": carrier_id, "name": text(known, "name")})
        await api.delete(f"{_path(api, channel)}?{query}", channel)
    except SendError as error:
        if error.code not in GONE:
            raise


def _path(api: Api, channel: Channel) -> str:
    account = channel.details.get("business_account_id", "")
    if not account:
        raise SendError(
            "stop_channel",
            "no-account",
            "The channel has no WhatsApp business account ID. Fill it in for its templates",
        )
    return f"/{api.own(account)}/message_templates"
