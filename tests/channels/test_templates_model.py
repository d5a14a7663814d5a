"""Templates say the same to everybody who fills them in, and name every variable that is wrong."""

import string
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from frontdesk.channels.templates_model import (
    Draft,
    Template,
    check_draft,
    render,
    template_use,
    variables_in,
)
from frontdesk.kernel.errors import Unprocessable

NAMES = st.text(string.ascii_lowercase + string.digits + "_", min_size=1, max_size=8)
PLAIN = st.text(st.characters(exclude_characters="{}\0", exclude_categories=["Cs"]), max_size=40)
FITTING = st.text(
    st.characters(exclude_characters="\n\r\t\0\u2028\u2029 ", exclude_categories=["Cs"]),
    min_size=1,
    max_size=40,
).filter(str.strip)
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def template(**fields: Any) -> Template:
    given: dict[str, Any] = {
        "domain_id": UUID(int=1),
        "template_id": UUID(int=2),
        "channel_id": UUID(int=3),
        "channel": "wmsg",
        "channel_address": "+14155238886",
        "carrier_id": "HX1",
        "name": "order_update",
        "language": "en",
        "category": "utility",
        "status": "approved",
        "status_reason": None,
        "header": None,
        "body": "Hello {{1}}, it is {{2}}.",
        "footer": None,
        "buttons": [],
        "variables": [],
        "synced_at": NOW,
        "updated_at": NOW,
    }
    return Template(**{**given, **fields})


def refused(template: Template, variables: dict[str, str]) -> str:
    with pytest.raises(Unprocessable) as caught:
        render(template, variables)
    return caught.value.detail


def test_a_customer_reads_header_body_and_footer_as_lines() -> None:
    shown = render(
        template(
            header={"kind": "text", "text": "Order {{order}}"},
            body="Hello {{ 1 }}!",
            footer="Bakery",
            buttons=[{"kind": "url", "text": "Track", "url": "https://shop.example/{{order}}"}],
        ),
        {"1": "Ana", "order": "A-7"},
    )
    assert shown.text == "Order A-7\nHello Ana!\nBakery"
    assert shown.header == {"kind": "text", "text": "Order A-7"}
    assert shown.buttons == [{"kind": "url", "text": "Track", "url": "https://shop.example/A-7"}]
    assert shown.structured["template"]["variables"] == {"1": "Ana", "order": "A-7"}


def test_the_carrier_is_told_of_the_template_and_not_of_the_text() -> None:
    header = {"kind": "image", "url": "https://shop.example/{{2}}.jpg"}
    kept = render(template(header=header), {"1": "Ana", "2": "noon"}).structured
    use = template_use(kept)
    assert use is not None
    assert (use.carrier_id, use.variables) == ("HX1", {"1": "Ana", "2": "noon"})
    assert use.header_media_url == "https://shop.example/noon.jpg"
    local = render(template(carrier_id=None), {"1": "Ana", "2": "noon"}).structured
    assert template_use(local) is None
    assert template_use({"media": []}) is None
    assert template_use(None) is None


@given(
    st.lists(st.tuples(PLAIN, NAMES), max_size=6),
    PLAIN,
    st.dictionaries(NAMES, FITTING, max_size=8),
)
def test_a_template_is_filled_in_or_says_exactly_what_is_wrong(
    pieces: list[tuple[str, str]], end: str, values: dict[str, str]
) -> None:
    body = "".join(f"{text}{{{{{name}}}}}" for text, name in pieces) + end
    wanted = {name for _, name in pieces}
    assume(body)
    if wanted == values.keys():
        assert render(template(body=body), values).text == (
            "".join(text + values[name] for text, name in pieces) + end
        )
    else:
        said = refused(template(body=body), values)
        for name in wanted ^ values.keys():
            assert f"{{{{{name}}}}}" in said


@given(FITTING, FITTING)
def test_a_value_that_looks_like_a_variable_stays_what_it_is(one: str, other: str) -> None:
    values = {"1": f"{{{{2}}}}{one}", "2": f"{{{{1}}}}{other}"}
    assert render(template(body="{{1}}|{{2}}"), values).text == f"{values['1']}|{values['2']}"


def test_every_variable_that_is_wrong_is_named_at_once() -> None:
    one = template(body="{{1}} {{2}} {{3}} {{4}} {{5}}")
    said = refused(one, {"2": " ", "3": "x" * 1025, "4": "a\nb", "5": "ok", "6": "?"})
    for part in ("needs {{1}}", "no variable {{6}}", "{{2}} must not be empty", "{{3}}", "{{4}}"):
        assert part in said
    assert "{{5}}" not in said


@pytest.mark.parametrize("value", ["a\nb", "a\tb", "a\rb", "a    b", "a\u2028b"])
def test_whatsapp_takes_a_variable_on_one_line_only(value: str) -> None:
    assert "{{1}}" in refused(template(body="{{1}}"), {"1": value})
    text_message = template(channel="sms", carrier_id=None, body="{{1}}")
    assert render(text_message, {"1": value}).text == value


def test_a_message_that_grows_too_long_is_refused() -> None:
    assert "1600" in refused(template(body="{{1}}{{2}}"), {"1": "x" * 1000, "2": "y" * 1000})


def draft(**fields: Any) -> Draft:
    given: dict[str, Any] = {
        "name": "order_update",
        "language": "en",
        "category": "utility",
        "body": "Hello {{1}}",
        "variables": [{"name": "1", "sample": "Ana"}],
    }
    return Draft(**{**given, **fields})


def test_a_draft_lists_its_variables_in_the_order_in_which_they_stand() -> None:
    header = {"kind": "text", "text": "For {{who}}"}
    samples = [{"name": "1", "sample": "Ana"}, {"name": "who", "sample": "you"}]
    checked = check_draft("wmsg", draft(header=header, variables=samples))
    assert [each["name"] for each in checked.variables] == ["who", "1"]
    assert variables_in(checked.header, checked.body) == ["who", "1"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "Not A Name"}, "small letters"),
        ({"language": "English"}, "pt_BR"),
        ({"body": "  "}, "body is empty"),
        ({"body": "x" * 1025}, "1024"),
        ({"body": "Hello {{1}} {{"}, "belong to no variable"),
        ({"body": "Hello {{}} {{1}}"}, "belong to no variable"),
        ({"footer": "{{1}}"}, "footer has a variable"),
        ({"header": {"kind": "text", "text": "two\nlines"}}, "one line"),
        ({"header": {"kind": "image", "url": "ftp://x"}}, "https://"),
        ({"buttons": [{"kind": "reply", "text": "x" * 26}]}, "25"),
        ({"buttons": [{"kind": "reply", "text": "x"}] * 11}, "up to 10"),
        ({"buttons": [{"kind": "url", "text": "x", "url": "javascript:x"}]}, "https://"),
        ({"buttons": [{"kind": "phone", "text": "x", "phone": "12"}]}, "7 to 15 digits"),
        ({"variables": []}, "no sample"),
        ({"variables": [{"name": "2", "sample": "?"}]}, "stands nowhere"),
    ],
)
def test_a_draft_that_whatsapp_would_refuse_is_refused_here(
    fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(Unprocessable) as caught:
        check_draft("wmsg", draft(**fields))
    assert said in caught.value.detail


def test_a_text_message_has_a_free_name_and_neither_header_nor_buttons() -> None:
    assert check_draft("sms", draft(name="Order update", variables=[])).name == "Order update"
    with pytest.raises(Unprocessable):
        check_draft("sms", draft(buttons=[{"kind": "reply", "text": "Yes"}]))
