"""What Meta's error codes mean here: a remedy, and a text for the person who reads it.

https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
https://developers.facebook.com/docs/graph-api/guides/error-handling

The same codes come in the answer to a send and in a status webhook. Meta adds codes without
notice; one that is not listed is judged by its HTTP status and shown with Meta's own words.
"""

from typing import NamedTuple

from frontdesk.ports import Remedy


class Meaning(NamedTuple):
    remedy: Remedy
    text: str


def meaning(code: str, message: str) -> Meaning:
    """`message` is what the carrier wrote, for a code that is not in the table."""
    known = ERRORS.get(code)
    if known is None and len(code) == 3 and code.startswith("2"):
        known = ERRORS["200"]
    if known is not None:
        return known
    said = f": {message}" if message else ""
    return Meaning("give_up", f"WhatsApp could not deliver the message (error {code}){said}")


PAIR_SECONDS = 6.0
"""After a burst WhatsApp takes one message in so many seconds from one number to another."""

_CREDENTIALS = (
    "Meta does not accept the access token of this channel. Make a new one and fill it in"
)
_PERMISSION = (
    "The access token may not use this WhatsApp account. It needs whatsapp_business_messaging and "
    "whatsapp_business_management"
)
_NUMBER = "Meta knows no such number with this access token. Check the phone number ID"
_LOCKED = "Meta has restricted this WhatsApp account. See the WhatsApp Manager"
_RATE = "Meta takes no more messages from this channel just now. It is sent again later"
_PASSING = "Meta has a fault of its own"
_RECIPIENT = (
    "WhatsApp does not deliver to this number: it is not on WhatsApp, runs an old version or has "
    "not accepted the terms"
)
_VALUES = "The values for the template do not fit it"
_TEMPLATE = "The template cannot be used as it stands. Check it in the WhatsApp Manager"
_UNREADABLE = (
    "WhatsApp could not use the attached file. Check its type and size, and that Meta reaches "
    "FRONTDESK_PUBLIC_URL"
)
_REGISTER = "The number is not registered with the Cloud API. Register it at Meta"
_REFUSED = "Meta refuses the message as it stands"

ERRORS: dict[str, Meaning] = {
    # The account and its credentials
    "0": Meaning("stop_channel", _CREDENTIALS),
    "3": Meaning("stop_channel", _PERMISSION),
    "10": Meaning("stop_channel", _PERMISSION),
    "33": Meaning("stop_channel", _NUMBER),
    "102": Meaning("stop_channel", _CREDENTIALS),
    "190": Meaning("stop_channel", _CREDENTIALS),
    "200": Meaning("stop_channel", _PERMISSION),
    "368": Meaning("stop_channel", "Meta has blocked this WhatsApp account for some time"),
    "131005": Meaning("stop_channel", _PERMISSION),
    "131031": Meaning("stop_channel", _LOCKED),
    "131042": Meaning("stop_channel", "Meta cannot charge this WhatsApp account. See its payments"),
    "131045": Meaning("stop_channel", _REGISTER),
    "133010": Meaning("stop_channel", _REGISTER),
    # Rates
    "4": Meaning("wait", _RATE),
    "80007": Meaning("wait", _RATE),
    "130429": Meaning("wait", _RATE),
    "131048": Meaning("wait", "Meta limits this number, as many of its messages were unwanted"),
    "131056": Meaning("wait", "WhatsApp takes no more messages to this customer just now"),
    "131057": Meaning("wait", "Meta maintains the WhatsApp account just now"),
    # Consent
    "131050": Meaning("stop_contact", "The customer has opted out of messages from this number"),
    # WhatsApp's 24 hours
    "131047": Meaning(
        "give_up", "The customer last wrote over 24 hours ago. Only an approved template gets there"
    ),
    # The recipient
    "130472": Meaning("give_up", "Meta withholds marketing from this customer for an experiment"),
    "130497": Meaning("give_up", "This business may not write to customers in this country"),
    "131021": Meaning("give_up", "Sender and recipient are the same number"),
    "131026": Meaning("give_up", _RECIPIENT),
    "131030": Meaning(
        "give_up", "A test number of Meta's reaches only the numbers that were allowed there"
    ),
    "131049": Meaning("give_up", "Meta chose not to deliver this marketing message"),
    # The message
    "100": Meaning("give_up", _REFUSED),
    "131008": Meaning("give_up", _REFUSED),
    "131009": Meaning("give_up", _REFUSED),
    "131051": Meaning("give_up", "WhatsApp does not support this type of message"),
    "131052": Meaning("give_up", _UNREADABLE),
    "131053": Meaning("give_up", _UNREADABLE),
    "131062": Meaning("give_up", "This message needs the customer's phone number"),
    "135000": Meaning("give_up", _REFUSED),
    # Templates
    "132000": Meaning("give_up", f"{_VALUES}: their number differs"),
    "132001": Meaning(
        "give_up", "The template does not exist in this language, or is not approved"
    ),
    "132005": Meaning("give_up", "The message from the template is too long with these values"),
    "132007": Meaning("give_up", "The template breaks WhatsApp's policy"),
    "132008": Meaning("give_up", _VALUES),
    "132012": Meaning("give_up", f"{_VALUES}: one is of another kind"),
    "132015": Meaning("give_up", "WhatsApp has paused the template because of its quality"),
    "132016": Meaning("give_up", "WhatsApp has disabled the template because of its quality"),
    "132068": Meaning("give_up", _TEMPLATE),
    "132069": Meaning("give_up", _TEMPLATE),
    "2388019": Meaning("give_up", "The WhatsApp account has as many templates as it may have"),
    "2388023": Meaning("give_up", "A template of this name is being deleted. Use another name"),
    "2388024": Meaning("give_up", "There is a template of this name in this language already"),
    # Faults that pass: not taken, as Meta says
    "131016": Meaning("retry", _PASSING),
    "133004": Meaning("retry", _PASSING),
    # Faults of which nobody says whether the message was taken
    "1": Meaning("ask", _PASSING),
    "2": Meaning("ask", _PASSING),
    "131000": Meaning("ask", _PASSING),
}
