"""The sandbox that comes with an installation: its account, its numbers, its token."""

import hashlib

ACCOUNT = "AC" + hashlib.md5(b"frontdesk sandbox", usedforsecurity=False).hexdigest()
NUMBER = "+14155238886"
SMS_NUMBER = "+15005550006"


def token_of(secret_key: bytes) -> str:
    """The account's token: the installation's own, so that nobody else can sign."""
    return hashlib.sha256(b"sandbox " + secret_key).hexdigest()[:32]
