"""Meta's signature on a webhook, and the question that it asks before the first one.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview

POST  X-Hub-Signature-256: sha256=<HMAC-SHA256 of the raw body with the app's secret, in hex>
GET   ?hub.mode=subscribe&hub.verify_token=<ours>&hub.challenge=1158201444  →  200  1158201444
"""

import hmac
from urllib.parse import parse_qs

from frontdesk.ports import Challenge, Refused, WebhookRequest

HEADER = "x-hub-signature-256"
PREFIX = "sha256="
CHALLENGE_LIMIT = 256
"""Characters. Meta's have about ten digits."""
TOKEN_LIMIT = 1_000
MOST_FIELDS = 20


def verify(request: WebhookRequest, secret: str) -> None:
    given = request.headers.get(HEADER, "")
    if not given:
        raise Refused(403, "The X-Hub-Signature-256 header is missing")
    if not secret:
        raise Refused(403, "The channel has no app secret, so no signature can be checked")
    digest = PREFIX + hmac.digest(secret.encode(), request.body, "sha256").hex()
    if not hmac.compare_digest(digest.encode(), given.encode("utf-8", "replace")):
        raise Refused(
            403,
            "X-Hub-Signature-256 does not fit this request: the app secret differs from the "
            "channel's",
        )


def challenge(request: WebhookRequest) -> Challenge:
    query = request.urls[0].partition("?")[2] if request.urls else ""
    try:
        fields = parse_qs(query, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Refused(400, f"The query cannot be read: {error}") from None
    mode, token, asked = (
        fields.get(f"hub.{name}", [""])[0] for name in ("mode", "verify_token", "challenge")
    )
    if mode != "subscribe" or not 0 < len(token) <= TOKEN_LIMIT:
        raise Refused(403, "hub.mode must be subscribe, with the channel's hub.verify_token")
    if not 0 < len(asked) <= CHALLENGE_LIMIT or not asked.isprintable():
        raise Refused(403, f"hub.challenge must have 1 to {CHALLENGE_LIMIT} printable characters")
    return Challenge(token, asked.encode())
