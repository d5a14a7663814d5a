"""Whether Twilio takes a channel's credentials."""

import aiohttp
import pytest

from carriers.twilio.wire import ACCOUNT, answer, channel, listening
from frontdesk.carriers.twilio import Twilio
from frontdesk.ports import SendError


@pytest.mark.parametrize(
    ("given", "remedy", "told"),
    [
        (answer(401, {"code": 20003, "message": "Authenticate"}), "stop_channel", "auth token"),
        (answer(200, {"sid": ACCOUNT, "status": "suspended"}), "stop_channel", "suspended"),
        (answer(200, {"sid": ACCOUNT}), "stop_channel", "account"),
        (answer(500, {}), "retry", "fault of its own"),
        (answer(429, {"code": 20429}), "wait", ""),
    ],
)
async def test_what_is_wrong_with_an_account_is_told(given: bytes, remedy: str, told: str) -> None:
    async with listening() as wire, aiohttp.ClientSession() as http:
        wire.answers.append(given)
        with pytest.raises(SendError) as refused:
            await Twilio(http, "https://desk.example").check(channel(wire.url))
    assert refused.value.remedy == remedy
    assert told in refused.value.text


async def test_an_active_account_is_asked_for_once_and_is_good() -> None:
    async with listening() as wire, aiohttp.ClientSession() as http:
        wire.answers.append(answer(200, {"sid": ACCOUNT, "status": "active"}))
        await Twilio(http, "https://desk.example").check(channel(wire.url))
        [call] = wire.calls
    assert (call.method, call.target) == ("GET", f"/2010-04-01/Accounts/{ACCOUNT}.json")
    assert call.headers["authorization"].startswith("Basic ")
