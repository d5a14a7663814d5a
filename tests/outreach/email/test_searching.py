"""What may be configured as an IMAP search, and how it is sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kernel.errors import Unprocessable
from frontdesk.outreach.email.searching import check_search


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("unseen", "UNSEEN"),
        ('UNSEEN SUBJECT "New order"', 'UNSEEN SUBJECT "New order"'),
        ("from shop@example.com", 'FROM "shop@example.com"'),
        ("since 1-nov-2026 not (seen or old new)", "SINCE 1-nov-2026 NOT (SEEN OR OLD NEW)"),
        ('HEADER X-Form "contact"', 'HEADER X-Form "contact"'),
        ('SUBJECT "a \\"quoted\\" \\\\ word"', 'SUBJECT "a \\"quoted\\" \\\\ word"'),
        ("LARGER 1000 KEYWORD $Form", "LARGER 1000 KEYWORD $Form"),
    ],
)  # fmt: skip
def test_search_keys_are_written_anew(given: str, sent: str) -> None:
    assert check_search(given) == sent
    assert check_search(sent) == sent


@pytest.mark.parametrize(
    "wrong",
    [
        "", "DELETE", "UID 1:*", "1:5", "UNSEEN\r\nA1 DELETE INBOX", 'SUBJECT "open', "(UNSEEN",
        "UNSEEN)", "OR SEEN", "SINCE yesterday", "LARGER many", "HEADER", 'HEADER "a b" c',
        "SUBJECT Größe", "SUBJECT (a)", "(" * 40 + "ALL" + ")" * 40, "ALL " * 200, None, 5,
        "SUBJECT {3}\x00", "KEYWORD a(b",
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_words(wrong: object) -> None:
    with pytest.raises(Unprocessable, match="search"):
        check_search(wrong)


@given(st.text(alphabet='AUNSEORT()"\\ {}\r\nl1*:', max_size=40))
def test_no_search_ends_its_command_or_opens_a_literal(text: str) -> None:
    try:
        sent = check_search(text)
    except Unprocessable:
        return
    assert sent.isascii()
    assert sent.isprintable()
    assert check_search(sent) == sent
    outside = sent.split('"')[::2] if "\\" not in sent else []
    assert not any(char in part for part in outside for char in "{}*:")
