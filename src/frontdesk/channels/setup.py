"""What is to be done at the carrier for a channel, and whether it works: the set-up's page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from frontdesk.channels.model import SECTIONS, ChannelRow, lacks
from frontdesk.channels.service import ChannelService, Webhook
from frontdesk.ports import Carrier, Channel, ChannelKind, SendError
from frontdesk.web.addresses import embedded, is_public, literal

INNER = (".local", ".localhost", ".internal", ".lan", ".home", ".test", ".invalid", ".home.arpa")
"""Names that no server of the internet has."""


@dataclass(frozen=True, slots=True)
class Setup:
    """A channel's set-up. None: it is not known."""

    webhook_url: str
    status_url: str
    public: bool
    public_reason: str | None
    last_inbound_at: datetime | None
    last_status_at: datetime | None
    signature_ok: bool | None
    credentials_ok: bool | None
    problem: str | None
    """What is wrong and what to do, the most important thing alone."""
    verify_token: str | None = None
    """What the carrier is to name when it asks whether the webhook's address is ours."""


@dataclass(frozen=True)
class SetupService:
    channels: ChannelService
    carriers: Mapping[str, Carrier]
    public_url: str

    async def of(self, row: ChannelRow, *, ask: bool = False) -> Setup:
        """`ask`: the carrier is asked now whether the credentials are good."""
        channel = await self.channels.get(row.domain_id, row.channel_id)
        inbound, status = await self.channels.heard(row.domain_id, row.channel_id)
        heard = self.channels.webhook(row.channel_id)
        credentials_ok, refusal = await self._credentials(channel, ask=ask)
        signature_ok = _signature_ok(heard, status)
        public_reason = _hidden(self.public_url)
        near = _is_near(channel)
        problem = None
        if channel.kind not in self.carriers[row.carrier].capabilities:
            problem = f"{row.carrier} is not connected for {row.kind} in this version"
        elif row.state == "stopped":
            problem = f"The channel is stopped: {row.state_reason or 'no reason was noted'}"
        elif refusal:
            problem = refusal
        elif public_reason and not near:
            problem = public_reason
        elif signature_ok is False:
            problem = f"The last webhook was refused: {heard.refusal}"
        if public_reason and near:
            public_reason += f" The carrier of this channel, at {channel.base_url}, reaches it."
        webhook_path, status_path = self._paths(row)
        return Setup(
            webhook_url=self.public_url + webhook_path,
            status_url=self.public_url + status_path,
            public=public_reason is None,
            public_reason=public_reason,
            last_inbound_at=inbound,
            last_status_at=status,
            signature_ok=signature_ok,
            credentials_ok=credentials_ok,
            problem=problem,
            verify_token=channel.details.get("verify_token"),
        )

    def takes(self, carrier: str, kind: ChannelKind) -> bool:
        known = self.carriers.get(carrier)
        return known is not None and kind in known.capabilities

    def _paths(self, row: ChannelRow) -> tuple[str, str]:
        """Where the carrier calls about messages, and about what became of ours."""
        known = self.carriers[row.carrier].capabilities.get(row.kind)
        if known is not None and known.webhook_path:
            return known.webhook_path, known.webhook_path
        section = SECTIONS.get(row.kind, row.kind)
        return f"/{section}/webhook", f"/{section}/status"

    async def _credentials(self, channel: Channel, *, ask: bool) -> tuple[bool | None, str]:
        """Whether they are good, and what is wrong."""
        if lacking := lacks(channel):
            return False, lacking
        if not ask:
            return None, ""
        try:
            await self.carriers[channel.carrier].check(channel)
        except SendError as error:
            return (False if error.remedy == "stop_channel" else None), error.text
        return True, ""


def _signature_ok(webhook: Webhook, status_at: datetime | None) -> bool | None:
    """By the latest webhook. Statuses come by webhooks alone, so one that is stored was signed."""
    known = [moment for moment in (webhook.signed_at, status_at) if moment is not None]
    if webhook.refused_at is not None and all(moment < webhook.refused_at for moment in known):
        return False
    return True if known else None


def _hidden(public_url: str) -> str | None:
    """Why the internet does not reach an address, by its look; None when it may."""
    parts = urlsplit(public_url)
    host = (parts.hostname or "").rstrip(".").lower()
    address = literal(host)
    inner = "." not in host or host.endswith(INNER)
    if (address is None and inner) or (address is not None and not is_public(embedded(address))):
        return (
            f"{public_url} leads to this machine or its own network, where no carrier comes. "
            "Set FRONTDESK_PUBLIC_URL to the https address under which the internet reaches "
            "this server."
        )
    if parts.scheme != "https":
        return (
            f"{public_url} is not encrypted. Set FRONTDESK_PUBLIC_URL to an address that begins "
            "with https://."
        )
    return None


def _is_near(channel: Channel) -> bool:
    """Whether the carrier is a sandbox on this machine or network."""
    host = (urlsplit(channel.base_url).hostname or "").lower()
    address = literal(host)
    if address is not None:
        return not is_public(embedded(address))
    return bool(host) and ("." not in host or host.endswith(INNER))
