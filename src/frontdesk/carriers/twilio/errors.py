"""What Twilio's error codes mean here: a remedy, and a text for the person who reads it.

https://www.twilio.com/docs/api/errors
https://www.twilio.com/docs/whatsapp/api/error-code-mapping

The same codes come in the answer to a send and in a status callback. Twilio adds codes without
notice; one that is not listed is judged by its HTTP status and shown with Twilio's own words.
"""

from typing import NamedTuple

from frontdesk.ports import Remedy


class Meaning(NamedTuple):
    remedy: Remedy
    text: str


def meaning(code: str, message: str) -> Meaning:
    """`message` is what the carrier wrote, for a code that is not in the table."""
    known = ERRORS.get(code)
    if known is not None:
        return known
    said = f": {message}" if message else ""
    return Meaning("give_up", f"Twilio could not deliver the message (error {code}){said}")


_CREDENTIALS = "Twilio does not accept the account SID and auth token of this channel. Correct them"
_SENDER = "This number cannot send from this Twilio account. Check the channel's number and account"
_RECIPIENT = "This number cannot receive messages. Check it with the customer"
_TEMPLATE = "The template cannot be used as it stands. Check it in Twilio's content editor"
_VALUES = "The values for the template do not fit it: each needs one, on one line"
_OPTED_OUT = "The customer has opted out of messages from this number"
_RATE = "Twilio takes no more messages from this channel just now. It is sent again later"
_PASSING = "The message could not be handed on because of a fault at the carrier"
_MEDIA = "Twilio could not use the attached file. Check its type, size and address"
_UNREADABLE = "Twilio could not fetch the attached file. Check that it reaches FRONTDESK_PUBLIC_URL"
_FILE_SIZE = "The attached file is too large for this channel. Send a smaller one"
_FILE_TYPE = "Files of this type cannot be sent here. Send another format, such as JPEG or PDF"
_REGISTER = "This number is not registered for business texting in the customer's country"
_WHATSAPP_SENDER = "The WhatsApp sender is not set up correctly. Check it in Twilio's console"
_SUSPENDED = "The Twilio account is suspended or closed. Contact Twilio"

ERRORS: dict[str, Meaning] = {
    # The account and its credentials
    "10001": Meaning("stop_channel", _SUSPENDED),
    "20003": Meaning("stop_channel", _CREDENTIALS),
    "20005": Meaning("stop_channel", _SUSPENDED),
    "20006": Meaning("stop_channel", "These credentials may not send messages. Use the main token"),
    "20008": Meaning("stop_channel", "These are Twilio's test credentials: they cannot send"),
    "20403": Meaning("stop_channel", "Twilio forbids this account to send messages"),
    "20404": Meaning("stop_channel", "Twilio knows no account with this SID. Correct it"),
    "30002": Meaning("stop_channel", _SUSPENDED),
    "63020": Meaning("stop_channel", "The Meta business account has not accepted Twilio's invite"),
    "63112": Meaning("stop_channel", "Meta has disabled this WhatsApp sender or its account"),
    # Rates
    "14107": Meaning("wait", _RATE),
    "20429": Meaning("wait", _RATE),
    "21611": Meaning("wait", "Twilio's queue for this number is full. It is sent again later"),
    "30001": Meaning("wait", "Twilio's queue for this number overflowed"),
    "30022": Meaning("wait", "The network's rate for this number is exceeded"),
    "30023": Meaning("wait", "The network's daily limit for this brand is reached"),
    "63017": Meaning("wait", _RATE),
    "63018": Meaning("wait", "WhatsApp takes no more messages from this number just now"),
    "63038": Meaning("wait", "The account's daily message limit is reached"),
    # Consent
    "21610": Meaning("stop_contact", _OPTED_OUT),
    "63014": Meaning("stop_contact", "The customer has blocked messages from this number"),
    "63033": Meaning("stop_contact", "The customer has blocked messages from this number"),
    # Our sender
    "21212": Meaning("stop_channel", _SENDER),
    "21603": Meaning("stop_channel", _SENDER),
    "21606": Meaning("stop_channel", _SENDER),
    "21609": Meaning(
        "stop_channel", "Twilio cannot reach this server. Set FRONTDESK_PUBLIC_URL to its address"
    ),
    "21616": Meaning("stop_channel", _SENDER),
    "21659": Meaning("stop_channel", _SENDER),
    "21660": Meaning("stop_channel", _SENDER),
    "21661": Meaning("stop_channel", _SENDER),
    "30024": Meaning("stop_channel", _REGISTER),
    "30032": Meaning("stop_channel", "This toll-free number is not verified yet"),
    "30034": Meaning("stop_channel", _REGISTER),
    "63001": Meaning("stop_channel", _WHATSAPP_SENDER),
    "63002": Meaning("stop_channel", _WHATSAPP_SENDER),
    "63007": Meaning("stop_channel", "This number is no WhatsApp sender of this Twilio account"),
    "63008": Meaning("stop_channel", _WHATSAPP_SENDER),
    "63022": Meaning("stop_channel", "The display name of the WhatsApp sender is not approved"),
    # The recipient
    "21211": Meaning("give_up", _RECIPIENT),
    "21214": Meaning("give_up", _RECIPIENT),
    "21217": Meaning("give_up", _RECIPIENT),
    "21265": Meaning("give_up", "Twilio does not send to short codes"),
    "21266": Meaning("give_up", "Sender and recipient are the same number"),
    "21401": Meaning("give_up", _RECIPIENT),
    "21408": Meaning("give_up", "Sending to this country is switched off in the Twilio account"),
    "21604": Meaning("give_up", "The message has no recipient"),
    "21608": Meaning("give_up", "A Twilio trial account sends to verified numbers only"),
    "21612": Meaning("give_up", "Twilio has no route from this channel's number to the customer's"),
    "21614": Meaning("give_up", "This is not a mobile number"),
    "21635": Meaning("give_up", "This is a landline: it cannot receive messages"),
    "30003": Meaning("give_up", "The phone is switched off, out of reach or does not take texts"),
    "30004": Meaning("give_up", "The customer's network or phone blocks this message"),
    "30005": Meaning("give_up", "This number is not in use"),
    "30006": Meaning("give_up", "This is a landline, or its network cannot be reached"),
    "63003": Meaning("give_up", "This address is not, or no longer, in use on WhatsApp"),
    "63015": Meaning(
        "give_up", "Twilio's WhatsApp sandbox reaches only phones that joined it with its code"
    ),
    "63024": Meaning("give_up", "This number cannot receive WhatsApp messages"),
    "63031": Meaning("give_up", "Sender and recipient are the same number"),
    "63032": Meaning("give_up", "WhatsApp limits messages to this customer just now"),
    "63049": Meaning("give_up", "Meta chose not to deliver this marketing message"),
    # WhatsApp's 24 hours
    "63016": Meaning(
        "give_up", "The customer last wrote over 24 hours ago. Only an approved template gets there"
    ),
    # The message
    # Twilio fetches files from us: these say how that failed
    "11100": Meaning("give_up", _MEDIA),
    "11200": Meaning("give_up", _UNREADABLE),
    "11205": Meaning("give_up", _UNREADABLE),
    "11206": Meaning("give_up", _UNREADABLE),
    "11210": Meaning("give_up", _UNREADABLE),
    "11215": Meaning("give_up", _UNREADABLE),
    "11220": Meaning("give_up", _UNREADABLE),
    "11235": Meaning("give_up", _UNREADABLE),
    "11236": Meaning("give_up", _UNREADABLE),
    "11237": Meaning("give_up", _UNREADABLE),
    "11751": Meaning("give_up", _FILE_SIZE),
    "12300": Meaning("give_up", _FILE_TYPE),
    "21602": Meaning("give_up", "The message is empty"),
    "21617": Meaning("give_up", "The message is longer than 1600 characters"),
    "21619": Meaning("give_up", "The message is empty"),
    "21620": Meaning("give_up", _MEDIA),
    "21623": Meaning("give_up", "The message has more files than Twilio takes"),
    "21654": Meaning("give_up", "There are values for a template, but no template"),
    "21655": Meaning("give_up", "The template does not exist in this Twilio account any more"),
    "21656": Meaning("give_up", _VALUES),
    "21658": Meaning("give_up", "A part of the message is longer than Twilio takes"),
    "30007": Meaning("give_up", "The message was filtered as unwanted by Twilio or the network"),
    "30011": Meaning("give_up", "Pictures and files cannot be sent to this number by text message"),
    "30019": Meaning("give_up", "The attached file is too large for the customer's network"),
    "30036": Meaning("give_up", "The message was not delivered before it expired"),
    "63005": Meaning("give_up", "WhatsApp did not accept the message. Check its text and its file"),
    "63006": Meaning("give_up", "The message cannot be put into a form that WhatsApp takes"),
    "63013": Meaning("give_up", "WhatsApp refused the message under its policies"),
    "63019": Meaning("give_up", _UNREADABLE),
    "63021": Meaning("give_up", "WhatsApp cannot show this message. Check its text and its file"),
    "63027": Meaning("give_up", "The template does not exist in this language"),
    "63028": Meaning("give_up", _VALUES),
    "63029": Meaning("give_up", "The customer's phone could not load the template"),
    "63030": Meaning("give_up", "The message uses something that WhatsApp does not support"),
    "63040": Meaning("give_up", _TEMPLATE),
    "63041": Meaning("give_up", "WhatsApp has paused the template because of its quality"),
    "63042": Meaning("give_up", "WhatsApp has disabled the template because of its quality"),
    # Lost after it was handed on: a copy may still arrive, so it is not sent again by itself
    "30008": Meaning("give_up", "The message was lost on its way, for a reason the network keeps"),
    "30017": Meaning("give_up", "The customer's network is congested"),
    "30410": Meaning("give_up", "The customer's network did not answer in time"),
    # Faults that pass
    "63009": Meaning("retry", _PASSING),
    "63010": Meaning("retry", _PASSING),
    "63012": Meaning("retry", _PASSING),
    "63023": Meaning("retry", _PASSING),
}
