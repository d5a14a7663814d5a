"""Prices: the one that says most of what is sent holds, in Python as in the delivery's SQL."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.billing.model import DEFAULTS, Price, PriceList, message_key, plain, rank, short_of
from frontdesk.billing.prices import check
from frontdesk.kernel.errors import Unprocessable
from frontdesk.kernel.ids import new_id


def test_a_domain_without_prices_pays_the_defaults() -> None:
    prices = PriceList()
    assert prices.price("wmsg") == 3
    assert prices.price("sms", country="ES", category="marketing") == 3
    assert prices.price("wmsg", "in") == 0
    assert prices.price("phone", unit="minute") == 10
    assert prices.price("wvoice", "in", unit="minute") == 10
    assert prices.price("model", category="openai:gpt-5", unit="thousand_tokens") == 0


def test_the_price_that_says_most_holds() -> None:
    prices = PriceList(
        [
            Price(Decimal(1)),
            Price(Decimal(2), channel="wmsg"),
            Price(Decimal(4), channel="wmsg", direction="out"),
            Price(Decimal(5), channel="wmsg", category="marketing"),
            Price(Decimal(6), country="ES", category="marketing", channel="wmsg"),
        ]
    )
    assert prices.price("sms") == 1
    assert prices.price("wmsg", "in") == 0, "customers write when they like"
    assert prices.price("wmsg") == 4
    assert prices.price("wmsg", category="marketing") == 5, "a category says more than a direction"
    assert prices.price("wmsg", category="marketing", country="ES") == 6
    assert prices.price("wmsg", category="marketing", country="FR") == 5
    assert prices.price("wmsg", unit="minute") == 0, "what is counted differently is another thing"


def test_what_is_received_costs_only_what_a_price_for_it_says() -> None:
    prices = PriceList(
        [
            Price(Decimal(1), direction="in"),
            Price(Decimal(2), channel="wmsg", country="ES"),
            Price(Decimal(3), channel="sms", direction="in", country="ES"),
        ]
    )
    assert prices.price("wmsg", "in", country="ES") == 1
    assert prices.price("sms", "in", country="ES") == 3
    assert prices.price("wmsg", "in") == 1
    assert prices.price("phone", "in", unit="minute") == 10, "a call has one price for both"
    assert prices.has_received
    assert not PriceList(prices.prices[1:2]).has_received
    assert not PriceList([Price(Decimal(0), direction="in")]).has_received
    assert not PriceList([Price(Decimal(1), "thousand_tokens", direction="in")]).has_received


def test_a_price_of_nothing_is_a_price() -> None:
    assert PriceList([Price(Decimal(0), channel="wmsg")]).price("wmsg") == 0


def some(values: list[str]) -> st.SearchStrategy[str | None]:
    return st.one_of(st.none(), st.sampled_from(values))


PLACES = st.tuples(
    some(["wmsg", "sms"]),
    some(["in", "out"]),
    some(["reminder", "survey"]),
    some(["utility", "marketing"]),
    some(["ES", "FR"]),
)


@given(st.lists(PLACES, unique=True, max_size=12), st.randoms())
def test_no_two_prices_that_match_are_as_good_and_their_order_says_nothing(
    places: list[tuple[str | None, ...]], random: object
) -> None:
    prices = [
        Price(Decimal(number), "message", *place)  # pyright: ignore[reportArgumentType]  # values of the literals
        for number, place in enumerate(places)
    ]
    asked = ("wmsg", "out", "reminder", "utility", "ES")
    matching = [
        price
        for price, place in zip(prices, places, strict=True)
        if all(mine in (None, value) for mine, value in zip(place, asked, strict=True))
    ]
    assert len({rank(price) for price in matching}) == len(matching)
    best = PriceList(prices).price(*asked)  # pyright: ignore[reportArgumentType]  # values of the literals
    assert best == PriceList(prices[::-1]).price(*asked)  # pyright: ignore[reportArgumentType]  # the same
    if matching:
        most = max(sum(value is not None for value in price.place) for price in matching)
        won = next(price for price in prices if price.price == best)
        assert sum(value is not None for value in won.place) == most


@pytest.mark.parametrize(
    ("prices", "why"),
    [
        ([Price(Decimal(-1))], "line 1: price is -1"),
        ([Price(Decimal("0.00001"))], "4 decimals"),
        ([Price(Decimal(1), "minute", "sms")], "line 1: sms is counted in message"),
        ([Price(Decimal(1)), Price(Decimal(2))], "line 2 has a price for the same as line 1"),
        ([Price(Decimal(1))] * 2_001, "up to 2,000"),
    ],
)
def test_prices_that_cannot_be_are_refused_by_their_line(prices: list[Price], why: str) -> None:
    with pytest.raises(Unprocessable, match=why):
        check(prices)


def test_the_defaults_are_prices_like_others() -> None:
    check(DEFAULTS)


def test_a_message_that_is_sent_anew_has_another_key() -> None:
    message_id = new_id()
    assert message_key(message_id) == message_key(message_id, {}) == f"message:{message_id}"
    assert message_key(message_id, {"resent": 1}) == f"message:{message_id}:2"


def test_credits_are_written_without_idle_zeros() -> None:
    assert [plain(Decimal(text)) for text in ("3.0000", "0.5000", "500", "1E+3", "-2.10")] == [
        "3", "0.5", "500", "1000", "-2.1",
    ]  # fmt: skip
    assert short_of(Decimal("1.5000"), Decimal(3), "aitana") == (
        "the balance of 1.5 credits does not cover 3; "
        "top up with POST /api/v1/domains/aitana/credits"
    )
