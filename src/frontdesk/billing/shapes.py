"""The shapes in which credit and prices cross the wire."""

import re
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, PlainSerializer, WithJsonSchema

from frontdesk.billing.model import (
    DEFAULTS,
    MOST_CREDITS,
    MOST_PRICE,
    MOST_PRICES,
    Account,
    Day,
    Direction,
    Entry,
    EntryKind,
    MonthReport,
    Price,
    PriceChannel,
    Total,
    Unit,
)
from frontdesk.kernel.clock import iso


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _country(value: str | None) -> str | None:
    if value is None:
        return None
    if not re.fullmatch(r"[A-Za-z]{2}", value):
        raise ValueError("use two letters of ISO 3166, such as ES")
    return value.upper()


Credits = Annotated[
    Decimal,
    PlainSerializer(_number, return_type=float, when_used="json"),
    WithJsonSchema({"type": "number", "examples": [497]}),
]
"""Up to four decimals, as a JSON number."""


def text_of(value: UUID | None) -> str | None:
    return None if value is None else str(value)


Name = Annotated[str | None, Field(max_length=200)]


class TopUpCreate(BaseModel):
    amount: Annotated[Decimal, Field(ge=-MOST_CREDITS, le=MOST_CREDITS, decimal_places=4)] = Field(
        description="Credits; less than 0 corrects an earlier one", examples=[500]
    )
    reason: str = Field("", max_length=500, examples=["Invoice 2026-117"])


class CreditChange(BaseModel):
    low_balance: Annotated[Decimal, Field(ge=0, le=MOST_CREDITS, decimal_places=4)] | None = Field(
        description="People are told when the balance falls below; null: never", examples=[50]
    )


class EntryOut(BaseModel):
    entry_id: str
    kind: EntryKind = Field(examples=["charge"])
    amount: Credits = Field(description="What comes in is positive", examples=[-3])
    channel: str | None = Field(examples=["wmsg"])
    direction: str | None = Field(examples=["out"])
    call_type: str | None = Field(examples=["reminder"])
    category: str | None = Field(description="The template's, or the model", examples=["utility"])
    country: str | None = Field(description="ISO 3166, of the customer's number", examples=["ES"])
    quantity: Credits = Field(description="Messages, minutes or thousands of tokens")
    message_id: str | None
    chat_id: str | None
    campaign_id: str | None
    reason: str = Field(examples=["Invoice 2026-117"])
    at: str
    balance_after: Credits | None = Field(
        None, description="Null in a list that leaves entries out", examples=[497]
    )

    @classmethod
    def of(cls, entry: Entry) -> "EntryOut":
        return cls(
            entry_id=str(entry.entry_id),
            kind=entry.kind,
            amount=entry.amount,
            channel=entry.channel,
            direction=entry.direction,
            call_type=entry.call_type,
            category=entry.category,
            country=entry.country,
            quantity=entry.quantity,
            message_id=text_of(entry.message_id),
            chat_id=text_of(entry.conversation_id),
            campaign_id=text_of(entry.campaign_id),
            reason=entry.reason,
            at=iso(entry.at) or "",
            balance_after=entry.balance_after,
        )


class ToppedUpOut(BaseModel):
    balance: Credits = Field(examples=[500])
    entry: EntryOut


class AccountOut(BaseModel):
    balance: Credits = Field(examples=[497])
    billed: bool = Field(description="False before the first top-up: the domain sends freely")
    low_balance: Credits | None = Field(examples=[50])

    @classmethod
    def of(cls, account: Account) -> "AccountOut":
        return cls(balance=account.balance, billed=account.billed, low_balance=account.low_balance)


class CreditsOut(AccountOut):
    entries: list[EntryOut] = Field(description="The newest first")
    next: str | None = None


class TotalOut(BaseModel):
    day: str = Field(examples=["2026-11-21"])
    channel: str | None = Field(examples=["wmsg"])
    direction: str | None = Field(examples=["out"])
    category: str | None = Field(examples=["marketing"])
    country: str | None = Field(examples=["ES"])
    call_type: str | None = Field(examples=["reminder"])
    quantity: Credits
    messages: int = Field(examples=[120])
    amount: Credits = Field(description="Spent, less what came back", examples=[360])

    @classmethod
    def of(cls, total: Total) -> "TotalOut":
        return cls(
            day=total.day.isoformat(),
            channel=total.channel,
            direction=total.direction,
            category=total.category,
            country=total.country,
            call_type=total.call_type,
            quantity=total.quantity,
            messages=total.messages,
            amount=total.amount,
        )


class ReportOut(BaseModel):
    month: str = Field(examples=["2026-11"])
    timezone: str = Field(
        description="In which its days are: that of the domain's business hours, else UTC",
        examples=["Europe/Madrid"],
    )
    totals: list[TotalOut]
    top_ups: Credits = Field(examples=[500])
    spent: Credits = Field(examples=[360])
    messages: int = Field(examples=[120])

    @classmethod
    def of(cls, report: MonthReport) -> "ReportOut":
        return cls(
            month=report.month,
            timezone=report.timezone,
            totals=[TotalOut.of(each) for each in report.totals],
            top_ups=report.top_ups,
            spent=report.spent,
            messages=report.messages,
        )


class DayOut(BaseModel):
    day: str = Field(examples=["2026-11-21"])
    spent: Credits = Field(examples=[360])
    topped_up: Credits = Field(examples=[500])
    balance: Credits = Field(description="At the day's end", examples=[140])

    @classmethod
    def of(cls, day: Day) -> "DayOut":
        return cls(
            day=day.day.isoformat(),
            spent=day.spent,
            topped_up=day.topped_up,
            balance=day.balance,
        )


class DailyOut(BaseModel):
    timezone: str = Field(
        description="In which the days are: that of the domain's business hours, else UTC",
        examples=["Europe/Madrid"],
    )
    items: list[DayOut] = Field(description="The oldest first", examples=[[]])
    next: str | None = None


class PriceShape(BaseModel):
    """What is null matches everything; the price with the most set that match holds."""

    channel: PriceChannel | None = Field(None, examples=["wmsg"])
    direction: Direction | None = Field(
        None,
        description="Messages that customers send cost only what a price for `in` says. Of a "
        "model, `in` are the tokens that it reads, `out` those that it writes",
        examples=["out"],
    )
    call_type: Name = Field(None, examples=["reminder"])
    category: Name = Field(
        None, description="A template's category, or a model", examples=["marketing"]
    )
    country: Annotated[str | None, AfterValidator(_country)] = Field(
        None, description="ISO 3166, of the customer's number", examples=["ES"]
    )
    unit: Unit = Field("message", examples=["message"])
    price: Annotated[
        Decimal,
        Field(ge=0, le=MOST_PRICE, decimal_places=4),
        PlainSerializer(_number, return_type=float, when_used="json"),
    ] = Field(examples=[4.5])

    @classmethod
    def of(cls, price: Price) -> "PriceShape":
        return cls(
            channel=price.channel,
            direction=price.direction,
            call_type=price.call_type,
            category=price.category,
            country=price.country,
            unit=price.unit,
            price=price.price,
        )

    def value(self) -> Price:
        return Price(
            self.price,
            self.unit,
            self.channel,
            self.direction,
            self.call_type,
            self.category,
            self.country,
        )


class PricesChange(BaseModel):
    items: list[PriceShape] = Field(
        max_length=MOST_PRICES, examples=[[{"channel": "wmsg", "country": "ES", "price": 4.5}]]
    )


class PricesOut(BaseModel):
    items: list[PriceShape] = Field(examples=[[]])
    next: str | None = None
    defaults: list[PriceShape] = Field(description="What holds where none of the items matches")

    @classmethod
    def of(cls, prices: list[Price]) -> "PricesOut":
        return cls(
            items=[PriceShape.of(each) for each in prices],
            defaults=[PriceShape.of(each) for each in DEFAULTS],
        )
