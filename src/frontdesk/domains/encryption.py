"""Secrets at rest: AES-256-GCM under the installation's key, bound to what they belong to."""

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from frontdesk.kernel.errors import Unavailable

VERSION = b"\x01"
NONCE_BYTES = 12


@dataclass(frozen=True)
class Cipher:
    """`context` names the row and column; a secret moved to another place does not open."""

    key: bytes = field(repr=False)

    def seal(self, text: str, context: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + nonce + AESGCM(self.key).encrypt(nonce, text.encode(), context.encode())

    def open(self, blob: bytes, context: str) -> str:
        """Raises Unavailable when the key is not the one that sealed it."""
        nonce, sealed = blob[1 : 1 + NONCE_BYTES], blob[1 + NONCE_BYTES :]
        try:
            return AESGCM(self.key).decrypt(nonce, sealed, context.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise Unavailable(
                f"the secret of {context} does not open with this FRONTDESK_SECRET_KEY; "
                "start with the key that it was saved with, or save it again"
            ) from error
