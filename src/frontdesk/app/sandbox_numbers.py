"""The numbers at Meta that the sandbox of this process plays: those whose channels call it."""

from urllib.parse import urlsplit

from frontdesk.app.wiring import App
from frontdesk.ports import Channel
from frontdesk.sandbox.model import WHATSAPP, BusinessNumber, GraphAccount
from frontdesk.settings import Settings

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


async def numbers_at_meta(app: App) -> list[tuple[BusinessNumber, GraphAccount]]:
    """Whatever ids and tokens the channels were given: the sandbox knows no others."""
    found: list[tuple[BusinessNumber, GraphAccount]] = []
    for domain in await app.domains.all():
        for row in await app.channels.of_domain(domain.domain_id):
            # Twilio's numbers have no other id, and the sandbox knows them from its settings.
            if row.carrier_address is None or row.state == "removed":
                continue
            channel = await app.channels.get(domain.domain_id, row.channel_id)
            if _calls_here(channel, app.settings):
                found.append(_number(channel, domain.display_name))
    return found


def _calls_here(channel: Channel, settings: Settings) -> bool:
    parts = urlsplit(channel.base_url)
    own = (settings.port, urlsplit(settings.public_url).port)
    here = (parts.hostname or "") in LOOPBACK and parts.port in own
    return here and parts.path.startswith("/sandbox") and bool(channel.account and channel.secret)


def _number(channel: Channel, name: str) -> tuple[BusinessNumber, GraphAccount]:
    account = channel.details.get("business_account_id") or channel.account
    number = BusinessNumber(
        WHATSAPP + channel.address, name, account, phone_number_id=channel.account
    )
    return number, GraphAccount(account, channel.secret, channel.details.get("app_secret", ""))
