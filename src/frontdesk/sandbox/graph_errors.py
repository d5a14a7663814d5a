"""Meta's refusals: the codes, their titles, their HTTP statuses, and the JSON of an error.

https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
"""

import secrets
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from frontdesk.sandbox.exchange import CarrierError
from frontdesk.sandbox.faults import Fault
from frontdesk.sandbox.model import Failure
from frontdesk.sandbox.views import json_response

UNKNOWN = 131000
HELP = (
    "https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes"
)


@dataclass(frozen=True, slots=True)
class Known:
    title: str
    status: int = 400
    at_once: bool = True
    """Whether the call is refused; else the message fails later."""
    details: str = ""


CODES = {
    0: Known("AuthException", 401),
    1: Known("API Unknown"),
    2: Known("API Service", 503),
    3: Known("API Method", 500),
    4: Known("Application request limit reached", 429),
    10: Known("Application does not have permission for this action", 403),
    33: Known("Parameter value is not valid"),
    100: Known("Invalid parameter"),
    190: Known("Access token has expired", 401),
    200: Known("Permissions error", 403),
    368: Known("Temporarily blocked for policies violations", 403),
    80007: Known("Rate limit issues", 429),
    130429: Known("Rate limit hit", 429, details="Message throughput has been reached."),
    130472: Known("User's number is part of an experiment", at_once=False),
    130497: Known("Business account is restricted from messaging users in this country", 403),
    131000: Known("Something went wrong", 500),
    131005: Known("Access denied", 403),
    131008: Known("Required parameter is missing"),
    131009: Known("Parameter value is not valid"),
    131016: Known("Service unavailable", 503),
    131021: Known("Recipient cannot be sender"),
    131026: Known(
        "Message undeliverable", at_once=False, details="The number may have no WhatsApp."
    ),
    131031: Known("Account has been locked", 403),
    131037: Known("WhatsApp provided number needs display name approval"),
    131042: Known("Business eligibility payment issue", at_once=False),
    131045: Known("Incorrect certificate", 500),
    131047: Known(
        "Re-engagement message",
        at_once=False,
        details="More than 24 hours have passed since the customer last replied to this number.",
    ),
    131048: Known("Spam rate limit hit", 429),
    131049: Known("Message not sent to maintain healthy ecosystem engagement", at_once=False),
    131050: Known(
        "Unable to deliver the message",
        at_once=False,
        details="The customer has stopped marketing messages from this business.",
    ),
    131051: Known("Unsupported message type"),
    131052: Known("Media download error", 500, at_once=False),
    131053: Known("Media upload error", at_once=False),
    131056: Known("(Business Account, Consumer Account) pair rate limit hit", 429),
    131057: Known("Account in maintenance mode", 500),
    132000: Known("Number of parameters does not match the expected number of params"),
    132001: Known("Template name does not exist in the translation", 404),
    132005: Known("Translated text too long"),
    132007: Known("Template format character policy violated"),
    132012: Known("Parameter format does not match format in the created template"),
    132015: Known("Template is paused"),
    132016: Known("Template is disabled"),
    132018: Known("There is an issue with the parameters in your template"),
    133010: Known("Phone number not registered"),
    135000: Known("Generic user error"),
}


class GraphError(CarrierError):
    """A refusal as Meta words it. `subcode` names the more exact ones of the Graph API."""

    def __init__(
        self,
        code: int,
        details: str = "",
        *,
        subcode: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        known = CODES.get(code, Known("Unknown error"))
        super().__init__(code, details or known.details, known.status, retry_after)
        self.title = known.title
        self.subcode = subcode


class GraphRefusals:
    def rate_limited(self, fault: Fault) -> GraphError:
        return GraphError(130429, retry_after=fault.retry_after)

    def error(self, fault: Fault) -> GraphError | None:
        known = CODES.get(fault.code or UNKNOWN, Known("Unknown error"))
        by_default = fault.code is not None and known.at_once
        at_once = by_default if fault.at_once is None else fault.at_once
        return GraphError(fault.code or UNKNOWN) if at_once else None


def failure(code: int | None) -> Failure:
    """Of a message that was accepted; its text is what `error_data` will hold as details."""
    code = code or UNKNOWN
    known = CODES.get(code, Known("Unknown error"))
    return Failure(code, known.details or known.title)


def status_error(code: int, details: str) -> dict[str, Any]:
    """One of the `errors` of a failed message's status."""
    title = CODES.get(code, Known("Unknown error")).title
    return {
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": details},
        "href": HELP,
    }


def no_such(node: str) -> GraphError:
    return GraphError(
        100,
        f"Object with ID '{node}' does not exist, cannot be loaded due to missing permissions, "
        "or does not support this operation",
        subcode=33,
    )


async def graph_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, GraphError)
    body: dict[str, Any] = {
        "message": f"(#{error.code}) {error.title}",
        "type": "OAuthException",
        "code": error.code,
        "error_data": {"messaging_product": "whatsapp", "details": error.detail},
        "fbtrace_id": "A" + secrets.token_urlsafe(16),
    }
    if error.subcode is not None:
        body["error_subcode"] = error.subcode
    answer = json_response({"error": body}, error.status)
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(int(error.retry_after))
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = 'OAuth "Facebook Platform" "invalid_token"'
    return answer
