"""Which addresses this server may call: those of the open internet, and those it was told to trust.

Everything here judges what is written; names are judged by what they resolve to, in `egress`.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from yarl import URL

from frontdesk.kernel.errors import Unprocessable
from frontdesk.web.trust import Address, Trust

NAT64 = ip_network("64:ff9b::/96")
LOCAL_NAT64 = ip_network("64:ff9b:1::/48")
"""RFC 8215: what is behind it is the network's own affair."""
SIIT = ip_network("::ffff:0:0:0/96")
"""RFC 7915: the IPv4 address is in the last 32 bits."""
NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\.?", re.IGNORECASE)


class Blocked(Unprocessable):
    """The address is not one that may be called."""


def embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 one carries and routes to, else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address.sixtofour:
        return address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if address in NAT64 or address in SIIT:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    if int(address) < 1 << 32 and int(address) > 1:  # the retired ::a.b.c.d form
        return IPv4Address(int(address))
    return address


def is_public(address: Address) -> bool:
    """Whether the address is one of the open internet's.

    `is_global` leaves out private, loopback, link-local, shared (CGNAT) and documentation ranges;
    multicast and the old site-local range are global by its reckoning.
    """
    reached = embedded(address)
    site_local = isinstance(reached, IPv6Address) and reached.is_site_local
    if (
        reached in LOCAL_NAT64
        or reached.is_multicast
        or reached.is_reserved
        or reached.is_unspecified
        or site_local
    ):
        return False
    return reached.is_global


def literal(host: str) -> Address | None:
    """The address that a host is, when it is written as one."""
    try:
        return ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


def is_odd_number(host: str) -> bool:
    """Whether a host is an IPv4 address in a spelling that only some programs read as one.

    `2130706433`, `0x7f.1`, `0177.0.0.1` and `127.1` are loopback to inet_aton. No name of the
    internet ends in a number, so what does is an address or nothing.
    """
    label = host.rstrip(".").rpartition(".")[2]
    return bool(NUMBER.fullmatch(label)) and literal(host) is None


def check_url(url: str, trust: Trust = Trust()) -> URL:  # noqa: B008 - Trust is frozen
    """Refuses what can be seen to be wrong without asking the network.

    Raises Unprocessable for a URL that is none, Blocked for a private address or `localhost`.
    """
    try:
        parsed = URL(url)
        host = parsed.host
        _ = parsed.port
    except ValueError:
        raise Unprocessable(f"{url!r} is not a URL; use https://host/path") from None
    if parsed.scheme not in ("http", "https") or not host:
        raise Unprocessable(f"{url!r} is not an http(s) URL; use https://host/path")
    if parsed.user is not None or parsed.password is not None:
        raise Unprocessable("the URL holds a user name or password; leave them out of it")
    if is_odd_number(host):
        raise Unprocessable(f"{host} is not a host; write an IPv4 address as four numbers")
    address = literal(host)
    if trust.names(host):
        return parsed
    if address is not None:
        if not (trust.covers(embedded(address)) or is_public(address)):
            raise blocked(host)
    elif _is_localhost(host) and not _trusts_loopback(trust):
        raise blocked(host)
    return parsed


def _is_localhost(host: str) -> bool:
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost")


def _trusts_loopback(trust: Trust) -> bool:
    return trust.covers(IPv4Address("127.0.0.1")) or trust.covers(IPv6Address("::1"))


def blocked(host: str) -> Blocked:
    # The address that a name led to is not told: it would map the network for the asker.
    return Blocked(
        f"{host} is not a public address; if this server may call it, add the host or its network "
        "to FRONTDESK_TRUSTED_HOSTS"
    )
