"""Why recipients get nothing: a text for each code that holds for all rows which have it."""

TEXTS = {
    "assistant": "the assistant could not write the message",
    "bad_number": "the phone number cannot be used",
    "bad_row": "there is neither a template nor an instruction, or the row cannot be read",
    "bad_variables": "a variable of the template is empty, too long or of several lines",
    "blocked": "the contact is blocked",
    "canceled": "the campaign was canceled",
    "duplicate": "the number comes twice",
    "no_window": "the customer wrote too long ago, or never, and there is no template",
    "nothing_to_say": "there is no template and no instruction",
    "opted_out": "the customer has opted out",
    "template": "the template is not approved, or is one of another channel",
    "unknown_channel": "the domain has no such channel",
}


def of_all(code: str | None, example: str | None, *, differ: bool) -> str | None:
    """What is said of several rows: their own text where it is the same for all of them."""
    return TEXTS.get(code or "", example) if differ else example
