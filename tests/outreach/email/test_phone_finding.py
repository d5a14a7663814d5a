"""The customer's number in a mail."""

import time

import pytest

from frontdesk.kernel.errors import Unprocessable
from frontdesk.outreach.email.phone_finding import answered, by_labels, by_rules, check_rules
from frontdesk.outreach.email.reading import Mail


def said(
    text: str,
    subject: str = "",
    links: list[str] | None = None,
    headers: dict[str, str] | None = None,
) -> Mail:
    address = "ana@example.com"
    return Mail("<a@b>", "Ana", address, subject, text, None, links or [], headers or {})


@pytest.mark.parametrize(
    "text",
    [
        "Phone: +34 600 111 222",
        "phone number - 600111222",
        "Tel.: 600-111-222",
        "Tel. 0034 600 111 222\nOrder 2026-11-20",
        "Teléfono: (600) 111 222",
        "Mobile\n600 111 222",
        "My WhatsApp is fine. WhatsApp: +34600111222.",
        "| Telefon | +34 600 111 222 |",
        "Téléphone : +34.600.111.222",
        "Phone: ٦٠٠١١١٢٢٢",
        "मोबाइल नंबर: 600111222",
        "هاتف: 600111222",
        "Write to https://wa.me/34600111222 please",
    ],
)
def test_a_number_behind_a_label_is_found(text: str) -> None:
    assert by_labels(said(text), "ES", ()) == "+34600111222"


@pytest.mark.parametrize(
    "link",
    ["tel:+34-600-111-222", "TEL:600111222;ext=5", "https://wa.me/34600111222?text=Hi",
     "https://api.whatsapp.com/send?phone=34600111222", "tel:%2B34600111222"],
)  # fmt: skip
def test_a_number_behind_a_link_is_found(link: str) -> None:
    assert by_labels(said("Call me", links=[link]), "ES", ()) == "+34600111222"


@pytest.mark.parametrize(
    "text",
    [
        "Order: 600111222",
        "Invoice 2026-11-20 of 600,11 EUR",
        "I sent the hotel 600111222 euros",
        "Phone: call me",
        "Phone: 12",
        "Fax: 600111222",
    ],
)
def test_other_numbers_are_none(text: str) -> None:
    assert by_labels(said(text, links=["https://example.com/600111222"]), "ES", ()) is None


def test_the_businesss_own_number_is_nobodys() -> None:
    text = "Tel.: +34600000000\nPhone: +34600111222"
    assert by_labels(said(text), "ES", {"+34600000000"}) == "+34600111222"


def test_patterns_look_in_the_text_the_subject_and_the_headers() -> None:
    rules = check_rules([r"ref/(?P<phone>\d{9})", r"^x-caller: (?P<phone>.+)$"])
    assert by_rules(said("see ref/600111222"), rules, "ES", ()) == "+34600111222"
    assert by_rules(said("", "ref/600111222"), rules, "ES", ()) == "+34600111222"
    assert by_rules(said("", headers={"x-caller": "600111222"}), rules, "ES", ()) == "+34600111222"
    assert by_rules(said("ref/12"), rules, "ES", ()) is None


@pytest.mark.parametrize("wrong", ["(", "no group", r"(?P<number>\d+)", "", "x" * 600, 5, None])
def test_a_pattern_that_finds_nothing_is_refused(wrong: object) -> None:
    with pytest.raises(Unprocessable, match=r"phone_rules\[1\]"):
        check_rules([wrong])


def test_a_careless_pattern_does_not_stop_the_worker() -> None:
    rules = check_rules([r"(?P<phone>(a+)+)$"])
    begun = time.monotonic()
    assert by_rules(said("a" * 50 + "!"), rules, "ES", ()) is None
    assert time.monotonic() - begun < 3


def test_labels_are_looked_for_in_time() -> None:
    begun = time.monotonic()
    for piece in ("phone ", "tel 1 ", "phone: (", "+1 ", "mobile- ", "9" * 28 + " "):
        by_labels(said(piece * 20_000), "ES", ())
    assert time.monotonic() - begun < 10


def test_an_assistants_answer_counts_when_the_number_stands_in_the_mail() -> None:
    mail = said("ring me at 600 111 222 tomorrow")
    assert answered("600111222", mail, "ES", ()) == "+34600111222"
    assert answered(" `600 111 222`.", mail, "ES", ()) == "+34600111222"
    assert answered("+34600999999", mail, "ES", ()) is None
    assert answered("NONE", mail, "ES", ()) is None
    assert answered("The number is 600 111 222", mail, "ES", ()) is None
