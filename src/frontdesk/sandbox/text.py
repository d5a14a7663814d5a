"""What carriers count and check in a text or an address: segments, numbers, keywords."""

import re

_ADDRESS = re.compile(r"(whatsapp:)?\+[1-9]\d{6,14}|whatsapp:[A-Z]{2}\.[A-Za-z0-9]{1,128}")
_SENDER = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}|\d{3,8}")
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = frozenset("^{}\\[~]|€")

STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START = frozenset({"START", "YES", "UNSTOP"})


def is_address(text: str) -> bool:
    """`+E.164`, `whatsapp:+E.164`, or `whatsapp:` and a business-scoped user id."""
    return _ADDRESS.fullmatch(text) is not None


def is_sender(text: str) -> bool:
    """An address, or the short code or alphanumeric name that an SMS may come from."""
    return is_address(text) or _SENDER.fullmatch(text) is not None


def segments(body: str) -> int:
    """SMS parts: 160 or 70 characters alone, 153 or 67 when joined, by alphabet."""
    if all(char in _GSM or char in _GSM_EXTENDED for char in body):
        length = sum(2 if char in _GSM_EXTENDED else 1 for char in body)
        return 1 if length <= 160 else -(-length // 153)
    length = len(body.encode("utf-16-le")) // 2
    return 1 if length <= 70 else -(-length // 67)
