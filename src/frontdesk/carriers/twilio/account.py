"""The account behind a channel: whether its credentials are good.

https://www.twilio.com/docs/iam/api/account

GET /2010-04-01/Accounts/AC….json  →  200
    {"sid": "AC…", "friendly_name": "Example", "status": "active", "type": "Full", …}
"""

from urllib.parse import quote

from frontdesk.carriers.twilio.api import Api
from frontdesk.ports import Channel, SendError


async def check(api: Api, channel: Channel) -> None:
    answer = await api.get(f"/2010-04-01/Accounts/{quote(channel.account, safe='')}.json", channel)
    status = answer.get("status")
    if status != "active":
        raise SendError(
            "stop_channel",
            "account",
            f"The Twilio account is {str(status)[:40]!r}, so it neither sends nor receives. "
            "Look at it in Twilio's console",
        )
