"""What every carrier must do: run by each carrier against a vendor's double over real HTTP.

A carrier's test subclasses `CarrierContract` and gives two fixtures, `carrier` and `vendor`; one
that can be asked for messages subclasses `AskableContract`.
"""

import asyncio
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontdesk.ports import (
    Carrier,
    Channel,
    Download,
    FetchError,
    Inbound,
    Outbound,
    Refused,
    SendError,
    Sent,
    StatusUpdate,
    WebhookRequest,
)

Fault = Literal["rate_limit", "server_error", "lost_before", "lost_after", "opted_out"]
"""`lost_before` and `lost_after` break the connection before and after the vendor has accepted."""


@dataclass(frozen=True)
class Accepted:
    """A message as the vendor took it, addresses without prefix."""

    carrier_id: str
    to: str
    sender: str
    text: str
    files: int = 0


class Vendor(Protocol):
    """A vendor's double, or a sandbox that speaks its wire."""

    @property
    def channel(self) -> Channel:
        """A channel that the vendor knows, with the right secret."""
        ...

    @property
    def customer(self) -> str: ...

    def message_webhook(self, text: str, carrier_id: str) -> WebhookRequest:
        """Signed with the channel's secret."""
        ...

    def status_webhook(self, message: Outbound, sent: Sent) -> WebhookRequest:
        """That the message was delivered, signed, at the address that the vendor was given."""
        ...

    async def fail_next(self, fault: Fault) -> None: ...

    async def accepted(self) -> list[Accepted]:
        """The messages that the vendor took from us, in order."""
        ...

    async def write(self, text: str) -> str:
        """The customer writes while we are away: no webhook. Returns the vendor's id."""
        ...

    @property
    def file_url(self) -> str:
        """An address of a JPEG that the vendor takes in a message."""
        ...

    async def give(self, content: bytes, content_type: str) -> str:
        """The customer sends a file. Returns its address, as the vendor tells it to us."""
        ...

    async def withdraw(self, url: str) -> None:
        """The vendor deletes that file."""
        ...


def outbound(vendor: Vendor, text: str = "Your table is ready") -> Outbound:
    return Outbound(message_id=uuid4(), to=vendor.customer, text=text)


def picture(vendor: Vendor, text: str = "") -> Outbound:
    return replace(outbound(vendor, text), media_urls=[vendor.file_url])


def with_secret(channel: Channel, secret: str) -> Channel:
    """The channel with another secret, whichever of its secrets is meant."""
    details = {
        name: secret if name == "app_secret" else channel.details[name] for name in channel.details
    }
    return replace(channel, secret=secret, details=details)


def again(message: Outbound) -> Outbound:
    """The same message, of which an earlier attempt may have got through."""
    return replace(message, since=datetime.now(UTC) - timedelta(seconds=2))


class CarrierContract:
    def test_names_its_channel_kinds_with_sensible_limits(self, carrier: Carrier, vendor: Vendor):
        capabilities = carrier.capabilities[vendor.channel.kind]
        assert carrier.name == vendor.channel.carrier
        assert capabilities.text_limit > 0
        assert capabilities.source
        assert capabilities.session_prefix

    def test_says_which_files_it_takes(self, carrier: Carrier, vendor: Vendor):
        capabilities = carrier.capabilities[vendor.channel.kind]
        assert "image" in capabilities.media
        assert set(capabilities.captioned) <= set(capabilities.media)
        assert capabilities.media_per_message > 0
        for limit in capabilities.media.values():
            assert limit.max_bytes > 0
            assert len(set(limit.content_types)) == len(limit.content_types) > 0
            assert all(one == one.lower() and "/" in one for one in limit.content_types)

    # Verify

    def test_accepts_what_the_vendor_signed(self, carrier: Carrier, vendor: Vendor):
        carrier.verify(vendor.message_webhook("Grüße, 你好 🌍 & more=1", "SM1"), vendor.channel)

    def test_refuses_a_changed_body(self, carrier: Carrier, vendor: Vendor):
        request = vendor.message_webhook("Hello", "SM1")
        changed = replace(request, body=request.body.replace(b"Hello", b"Hallo"))
        assert changed.body != request.body
        with refused(403):
            carrier.verify(changed, vendor.channel)

    def test_refuses_what_another_channels_secret_signed(self, carrier: Carrier, vendor: Vendor):
        request = vendor.message_webhook("Hello", "SM1")
        with refused(403):
            carrier.verify(request, with_secret(vendor.channel, "another secret"))

    def test_refuses_an_unsigned_request(self, carrier: Carrier, vendor: Vendor):
        request = replace(vendor.message_webhook("Hello", "SM1"), headers={})
        with refused(403):
            carrier.verify(request, vendor.channel)

    def test_an_empty_secret_verifies_nothing(self, carrier: Carrier, vendor: Vendor):
        request = vendor.message_webhook("Hello", "SM1")
        with refused(403):
            carrier.verify(request, with_secret(vendor.channel, ""))

    def test_a_refusal_tells_no_secret_and_no_signature(self, carrier: Carrier, vendor: Vendor):
        request = vendor.message_webhook("Hello", "SM1")
        changed = replace(request, body=request.body + b"&a=b")
        with pytest.raises(Refused) as caught:
            carrier.verify(changed, vendor.channel)
        told = repr(caught.value) + caught.value.detail
        assert vendor.channel.secret not in told
        for detail in vendor.channel.details.values():
            assert detail not in told
        for value in header_values(request.headers):
            assert value not in told

    # Parse

    def test_a_customers_message_is_one_event(self, carrier: Carrier, vendor: Vendor):
        request = vendor.message_webhook("Hello", "SM1")
        [event] = carrier.parse(vendor.channel.kind, request)
        assert isinstance(event, Inbound)
        assert (event.channel_kind, event.channel_address, event.contact_address) == (
            vendor.channel.kind,
            vendor.channel.address,
            vendor.customer,
        )
        assert (event.carrier_id, event.kind, event.text) == ("SM1", "text", "Hello")

    def test_a_status_names_our_message_and_theirs(self, carrier: Carrier, vendor: Vendor):
        message = outbound(vendor)
        request = vendor.status_webhook(message, Sent("SM9"))
        carrier.verify(request, vendor.channel)
        [event] = carrier.parse(vendor.channel.kind, request)
        assert isinstance(event, StatusUpdate)
        assert (event.carrier_id, event.message_id) == ("SM9", message.message_id)
        assert event.status == "delivered"
        assert event.channel_address == vendor.channel.address

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(body=st.binary(max_size=300))
    def test_any_body_is_events_or_a_refusal(self, carrier: Carrier, vendor: Vendor, body: bytes):
        request = replace(vendor.message_webhook("Hello", "SM1"), body=body)
        with suppress_refusal(400):
            for event in carrier.parse(vendor.channel.kind, request):
                assert isinstance(event, Inbound | StatusUpdate)

    # Send

    async def test_a_sent_message_reaches_the_vendor_once(self, carrier: Carrier, vendor: Vendor):
        text = "Grüße, 你好 🌍\n*bold* & 100 % + more"
        sent = await carrier.send(outbound(vendor, text), vendor.channel)
        channel = vendor.channel
        assert await vendor.accepted() == [
            Accepted(sent.carrier_id, vendor.customer, channel.address, text)
        ]
        assert sent.status in ("queued", "sending", "sent")

    async def test_a_wrong_secret_stops_the_channel(self, carrier: Carrier, vendor: Vendor):
        wrong = replace(vendor.channel, secret="wrong")
        error = await failure(carrier, outbound(vendor), wrong)
        assert error.remedy == "stop_channel"
        assert "wrong" not in str(error)
        assert await vendor.accepted() == []

    async def test_a_rate_limit_is_waited_for_as_long_as_asked(
        self, carrier: Carrier, vendor: Vendor
    ):
        await vendor.fail_next("rate_limit")
        error = await failure(carrier, outbound(vendor), vendor.channel)
        assert (error.remedy, error.retry_after) == ("wait", 7.0)

    async def test_an_opt_out_stops_the_contact(self, carrier: Carrier, vendor: Vendor):
        await vendor.fail_next("opted_out")
        error = await failure(carrier, outbound(vendor), vendor.channel)
        assert error.remedy == "stop_contact"
        assert "opted out" in error.text

    async def test_an_unreachable_vendor_has_certainly_not_sent(
        self, carrier: Carrier, vendor: Vendor
    ):
        nowhere = replace(vendor.channel, base_url="http://127.0.0.1:1")
        error = await failure(carrier, outbound(vendor), nowhere)
        assert error.remedy == "retry"

    @pytest.mark.parametrize("fault", ["server_error", "lost_before", "lost_after"])
    async def test_an_unclear_end_is_not_sent_again_blindly(
        self, carrier: Carrier, vendor: Vendor, fault: Fault
    ):
        await vendor.fail_next(fault)
        error = await failure(carrier, outbound(vendor), vendor.channel)
        assert error.remedy == "ask"
        assert len(await vendor.accepted()) == (fault == "lost_after")

    async def test_a_carrier_that_cannot_be_asked_never_says_that_nothing_was_sent(
        self, carrier: Carrier, vendor: Vendor
    ):
        message = outbound(vendor)
        await vendor.fail_next("lost_after")
        await failure(carrier, message, vendor.channel)
        if carrier.capabilities[vendor.channel.kind].askable:
            assert await carrier.find(again(message), vendor.channel, set()) is not None
            return
        with pytest.raises(SendError) as caught:
            await carrier.find(again(message), vendor.channel, set())
        assert caught.value.remedy == "ask"

    @pytest.mark.parametrize("text", ["", "Today's menu"])
    async def test_a_file_goes_out_with_its_text_or_without(
        self, carrier: Carrier, vendor: Vendor, text: str
    ):
        sent = await carrier.send(picture(vendor, text), vendor.channel)
        assert await vendor.accepted() == [
            Accepted(sent.carrier_id, vendor.customer, vendor.channel.address, text, files=1)
        ]

    async def test_a_message_of_nothing_is_given_up(self, carrier: Carrier, vendor: Vendor):
        error = await failure(carrier, outbound(vendor, ""), vendor.channel)
        assert error.remedy == "give_up"
        assert await vendor.accepted() == []

    # Fetch

    async def test_a_customers_file_comes_as_it_was_sent(self, carrier: Carrier, vendor: Vendor):
        content = bytes(range(256)) * 1024
        url = await vendor.give(content, "application/pdf")
        async with carrier.fetch(url, vendor.channel) as download:
            pieces = [piece async for piece in download.chunks]
        assert b"".join(pieces) == content
        assert max(map(len, pieces)) < len(content)
        assert download.content_type == "application/pdf"
        assert download.size in (None, len(content))

    async def test_a_file_that_is_not_read_to_its_end_leaves_the_carrier_usable(
        self, carrier: Carrier, vendor: Vendor
    ):
        url = await vendor.give(bytes(500_000), "application/pdf")
        for _ in range(3):
            async with carrier.fetch(url, vendor.channel) as download:
                assert await anext(download.chunks)

    async def test_a_file_is_not_given_for_a_wrong_secret(self, carrier: Carrier, vendor: Vendor):
        url = await vendor.give(b"%PDF-1.7", "application/pdf")
        error = await fetch_failure(carrier, url, replace(vendor.channel, secret="wrong"))
        # The secret may be corrected while the vendor still has the file.
        assert error.again
        assert "credentials" in error.text
        assert "wrong" not in str(error)

    async def test_a_file_that_is_gone_is_not_asked_for_again(
        self, carrier: Carrier, vendor: Vendor
    ):
        url = await vendor.give(b"%PDF-1.7", "application/pdf")
        await vendor.withdraw(url)
        error = await fetch_failure(carrier, url, vendor.channel)
        assert not error.again
        assert "no longer there" in error.text

    async def test_an_unreachable_vendor_may_give_the_file_later(
        self, carrier: Carrier, vendor: Vendor
    ):
        nowhere = "http://127.0.0.1:1"
        url = (await vendor.give(b"%PDF-1.7", "application/pdf")).replace(
            vendor.channel.base_url, nowhere
        )
        error = await fetch_failure(carrier, url, replace(vendor.channel, base_url=nowhere))
        assert error.again

    async def test_an_address_of_somebody_else_is_not_called(
        self, carrier: Carrier, vendor: Vendor
    ):
        calls: list[object] = []

        async def called(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            calls.append(reader)
            writer.close()

        server = await asyncio.start_server(called, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            url = f"http://127.0.0.1:{port}/file.pdf"
            error = await fetch_failure(carrier, url, vendor.channel)
        assert not error.again
        assert calls == []

    @pytest.mark.parametrize(
        "url", ["", "nonsense", "file:///etc/passwd", "http://[", "https://", "http://a:b/"]
    )
    async def test_what_is_no_address_is_refused(self, carrier: Carrier, vendor: Vendor, url: str):
        assert not (await fetch_failure(carrier, url, vendor.channel)).again


class AskableContract(CarrierContract):
    """Of carriers that keep a list of messages."""

    @pytest.mark.parametrize("fault", ["server_error", "lost_before", "lost_after"])
    async def test_an_unclear_end_is_asked_about_and_sent_once(
        self, carrier: Carrier, vendor: Vendor, fault: Fault
    ):
        message = outbound(vendor)
        await vendor.fail_next(fault)
        await failure(carrier, message, vendor.channel)
        found = await carrier.find(again(message), vendor.channel, set())
        if found is None:
            found = await carrier.send(message, vendor.channel)
        assert [one.carrier_id for one in await vendor.accepted()] == [found.carrier_id]

    # Find

    async def test_an_equal_text_that_is_known_is_not_taken_for_it(
        self, carrier: Carrier, vendor: Vendor
    ):
        message = outbound(vendor)
        first = await carrier.send(message, vendor.channel)
        second = await carrier.send(outbound(vendor), vendor.channel)
        asked = again(message)
        found = await carrier.find(asked, vendor.channel, {first.carrier_id})
        assert found is not None
        assert found.carrier_id == second.carrier_id
        known = {first.carrier_id, second.carrier_id}
        assert await carrier.find(asked, vendor.channel, known) is None

    async def test_another_text_or_an_earlier_time_is_not_found(
        self, carrier: Carrier, vendor: Vendor
    ):
        message = outbound(vendor)
        await carrier.send(message, vendor.channel)
        other = replace(again(message), text="Something else")
        assert await carrier.find(other, vendor.channel, set()) is None
        later = replace(message, since=datetime.now(UTC) + timedelta(minutes=1))
        assert await carrier.find(later, vendor.channel, set()) is None

    async def test_files_without_text_are_found_one_after_another(
        self, carrier: Carrier, vendor: Vendor
    ):
        known: set[str] = set()
        for _ in range(3):
            asked = again(picture(vendor))
            assert await carrier.find(asked, vendor.channel, known) is None
            await vendor.fail_next("lost_after")
            assert (await failure(carrier, asked, vendor.channel)).remedy == "ask"
            found = await carrier.find(asked, vendor.channel, known)
            assert found is not None
            known.add(found.carrier_id)
        assert known == {one.carrier_id for one in await vendor.accepted()}
        assert len(known) == 3

    async def test_a_text_and_a_file_of_the_same_text_are_told_apart(
        self, carrier: Carrier, vendor: Vendor
    ):
        text, file = outbound(vendor), picture(vendor, outbound(vendor).text)
        sent = await carrier.send(text, vendor.channel)
        assert await carrier.find(again(file), vendor.channel, set()) is None
        file_sent = await carrier.send(file, vendor.channel)
        for message, wanted in ((text, sent), (file, file_sent)):
            found = await carrier.find(again(message), vendor.channel, set())
            assert found is not None
            assert found.carrier_id == wanted.carrier_id

    # List

    async def test_what_was_missed_is_listed_oldest_first(self, carrier: Carrier, vendor: Vendor):
        before = datetime.now(UTC) - timedelta(seconds=1)
        ids = [await vendor.write(text) for text in ("one", "two", "three")]
        await carrier.send(outbound(vendor), vendor.channel)
        missed = await carrier.inbound_since(vendor.channel, before)
        assert [(m.carrier_id, m.text) for m in missed] == list(
            zip(ids, ["one", "two", "three"], strict=True)
        )
        for message in missed:
            assert message.contact_address == vendor.customer
            assert message.channel_address == vendor.channel.address
            assert message.sent_at is not None
            assert message.sent_at >= before.replace(microsecond=0)

    async def test_what_came_before_is_not_listed(self, carrier: Carrier, vendor: Vendor):
        await vendor.write("old")
        later = datetime.now(UTC) + timedelta(seconds=2)
        assert await carrier.inbound_since(vendor.channel, later) == []

    async def test_an_outage_while_listing_is_an_error_not_an_empty_list(
        self, carrier: Carrier, vendor: Vendor
    ):
        nowhere = replace(vendor.channel, base_url="http://127.0.0.1:1")
        with pytest.raises(SendError):
            await carrier.inbound_since(nowhere, datetime.now(UTC))
        with pytest.raises(SendError):
            await carrier.find(again(outbound(vendor)), nowhere, set())


def header_values(headers: Mapping[str, str]) -> list[str]:
    return [value for name, value in headers.items() if "signature" in name]


def refused(status: int) -> AbstractContextManager[object]:
    return pytest.raises(Refused, check=lambda error: error.status == status)


@contextmanager
def suppress_refusal(status: int) -> Generator[None]:
    try:
        yield
    except Refused as error:
        if error.status != status:
            raise


async def failure(carrier: Carrier, message: Outbound, channel: Channel) -> SendError:
    with pytest.raises(SendError) as caught:
        await carrier.send(message, channel)
    return caught.value


async def fetch_failure(carrier: Carrier, url: str, channel: Channel) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await fetched(carrier, url, channel)
    return caught.value


async def fetched(carrier: Carrier, url: str, channel: Channel) -> tuple[Download, bytes]:
    async with carrier.fetch(url, channel) as download:
        return download, b"".join([chunk async for chunk in download.chunks])
