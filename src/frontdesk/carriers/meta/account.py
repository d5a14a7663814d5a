"""The number behind a channel: whether the credentials are good, and whether they are its own.

https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/phone-numbers

GET /v23.0/106540352242922?fields=id,display_phone_number,verified_name  →  200
    {"id": "106540352242922", "display_phone_number": "+1 555-078-3881", "verified_name": "Shop"}
"""

from frontdesk.carriers.meta.api import Api
from frontdesk.carriers.meta.webhook import displayed_number
from frontdesk.ports import Channel, SendError

FIELDS = "id,display_phone_number,verified_name"


async def check(api: Api, channel: Channel) -> None:
    answer = await api.get(f"/{api.own(channel.account)}?fields={FIELDS}", channel)
    number = displayed_number(answer.get("display_phone_number"))
    if number and number != channel.address:
        raise SendError(
            "stop_channel",
            "another-number",
            f"The phone number ID is the one of {number}, not of {channel.address}. Correct it",
        )
    if not channel.details.get("business_account_id"):
        raise SendError(
            "stop_channel",
            "no-account",
            "The channel has no WhatsApp business account ID, so templates cannot be had",
        )
