"""Addresses of files that whoever has them may open for a while: carriers have no account here."""

import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import urlencode

from frontdesk.kernel.clock import Clock, utc_now
from frontdesk.kernel.errors import Forbidden

PURPOSE = b"frontdesk media addresses v1"


@dataclass(frozen=True)
class UrlSigner:
    """Signs a path under `public_url` together with the moment at which it ends."""

    public_url: str
    secret_key: bytes = field(repr=False)
    clock: Clock = utc_now

    def url(self, path: str, seconds: int) -> str:
        expires = int(self.clock().timestamp()) + seconds
        query = urlencode({"expires": expires, "signature": self._signature(path, expires)})
        return f"{self.public_url}{path}?{query}"

    def check(self, path: str, expires: str, signature: str) -> None:
        """Raises Forbidden for an address that is not ours, was changed, or has ended."""
        moment = int(expires) if expires.isascii() and expires.isdigit() else -1
        expected = self._signature(path, moment)
        if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
            raise Forbidden("the address is not signed by this server; ask for a new one")
        if moment < self.clock().timestamp():
            raise Forbidden("the address has expired; ask for a new one")

    def _signature(self, path: str, expires: int) -> str:
        key = hmac.digest(self.secret_key, PURPOSE, hashlib.sha256)
        return hmac.new(key, f"{path}\n{expires}".encode(), hashlib.sha256).hexdigest()
