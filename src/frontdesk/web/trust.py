"""Which private hosts and networks the operator lets this server call."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from frontdesk.kernel.errors import Invalid

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Trust:
    """The hosts and networks that may be reached although they are not public."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[str]) -> "Trust":
        """Reads host names, addresses and networks. Raises Invalid naming a bad entry."""
        hosts: set[str] = set()
        networks: list[Network] = []
        for entry in entries:
            text = entry.strip().strip("[]").rstrip(".").lower()
            try:
                networks.append(ip_network(text, strict=False))
            except ValueError:
                if not text or set(text) & set("/:@ *"):
                    raise Invalid(
                        f"FRONTDESK_TRUSTED_HOSTS has {entry!r}; use host names, addresses or "
                        "networks such as models.internal, 10.0.0.7, 10.0.0.0/8"
                    ) from None
                hosts.add(text)
        return cls(frozenset(hosts), tuple(networks))

    def names(self, host: str) -> bool:
        return host.rstrip(".").lower() in self.hosts

    def covers(self, address: Address) -> bool:
        return any(address in network for network in self.networks)
