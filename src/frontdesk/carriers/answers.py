"""What carriers' HTTP answers have in common: bounded bodies, when to come again, their hosts."""

import math
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

import aiohttp

MAX_RETRY_AFTER = timedelta(days=1).total_seconds()


async def read(response: aiohttp.ClientResponse, most: int) -> bytes | None:
    """The body; None when it has more bytes than `most`."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > most:
            response.close()
            return None
    return bytes(body)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds, from seconds or an HTTP date (RFC 9110, section 10.2.3)."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - now).total_seconds()
    return min(max(seconds, 0.0), MAX_RETRY_AFTER) if math.isfinite(seconds) else None


def host_of(base: str) -> str:
    """Without what may be credentials."""
    return base.partition("://")[2].partition("/")[0].rpartition("@")[2]


def hostname(url: str) -> str:
    """Empty where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_this_machine(host: str) -> bool:
    """Whether a host by its name is none that a carrier could reach."""
    return host in ("", "localhost") or host.endswith(".localhost")


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
