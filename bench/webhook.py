"""Signed Twilio webhooks as raw requests, made before anything is timed."""

from base64 import b64encode
from hashlib import sha1
from hmac import digest
from urllib.parse import urlencode
from uuid import uuid4

PATH = "/whatsapp/webhook"


def fields_of(account: str, sender: str, to: str, text: str) -> dict[str, str]:
    """What Twilio sends with a WhatsApp text."""
    sid = f"SM{uuid4().hex}"
    return {
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ProfileName": "Ana Silva",
        "MessageType": "text",
        "SmsSid": sid,
        "WaId": sender.removeprefix("+"),
        "SmsStatus": "received",
        "Body": text,
        "To": f"whatsapp:{to}",
        "NumSegments": "1",
        "ReferralNumMedia": "0",
        "MessageSid": sid,
        "AccountSid": account,
        "From": f"whatsapp:{sender}",
        "ApiVersion": "2010-04-01",
    }


def signature_of(url: str, token: str, fields: dict[str, str]) -> str:
    """https://www.twilio.com/docs/usage/security#validating-requests"""
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    return b64encode(digest(token.encode(), signed.encode(), sha1)).decode()


def request(port: int, token: str, fields: dict[str, str]) -> bytes:
    """One signed request to a process on this machine, whole, as bytes."""
    host = f"127.0.0.1:{port}"
    signature = signature_of(f"http://{host}{PATH}", token, fields)
    body = urlencode(fields).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nX-Twilio-Signature: {signature}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
