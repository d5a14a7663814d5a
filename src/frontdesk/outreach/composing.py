"""What is sent, as messages that a channel takes, with what each of them costs. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, cast
from uuid import UUID, uuid5

from frontdesk.billing.model import Charge, PriceList, message_key
from frontdesk.channels.model import ChannelRow
from frontdesk.channels.templates_model import Template, render, variables_in
from frontdesk.conversations.composing import groups_of, is_caption
from frontdesk.kernel.markup import to_plain, to_whatsapp
from frontdesk.kernel.phone import country_of
from frontdesk.kernel.split import split
from frontdesk.media.model import Media
from frontdesk.outreach.judging import Place
from frontdesk.ports import Capabilities, MessageKind


@dataclass(frozen=True, slots=True)
class Content:
    """Texts in their order, the first with what it was made from."""

    texts: Sequence[str]
    structured: dict[str, Any] | None = None
    kind: MessageKind = "text"
    category: str | None = None
    files: Sequence[Sequence[Media]] = ()
    """Of each text, where there are any."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A message to somebody who may be written to, ready to go."""

    key: UUID
    """Of the row that it is sent for."""
    channel: ChannelRow
    place: Place
    address: str
    content: Content
    message_id: UUID
    source: str
    begun_as: str = "open"
    """The status of a conversation that it begins."""
    name: str | None = None
    email: str | None = None
    assistant_id: str | None = None
    call_type: str | None = None
    outreach_id: UUID | None = None
    campaign_id: UUID | None = None

    @property
    def message_ids(self) -> list[UUID]:
        """The same at every attempt: the first is the row's, and names the others."""
        return [part_id(self.message_id, part) for part in range(len(self.content.texts))]


def part_id(message_id: UUID, part: int) -> UUID:
    return message_id if part == 0 else uuid5(message_id, str(part))


def spoken(text: str, capabilities: Capabilities) -> Content:
    """What an assistant or a person wrote, in Markdown."""
    convert = to_whatsapp if capabilities.markup == "whatsapp" else to_plain
    text = convert(text.replace("\x00", "")).strip()
    return Content(split(text, capabilities.text_limit))


def templated(
    template: Template, variables: Mapping[str, str], capabilities: Capabilities
) -> Content:
    """One message where the carrier knows templates, else plain text. Raises Unprocessable."""
    wanted = variables_in(template.header, template.body, template.footer, template.buttons)
    rendered = render(template, {name: variables[name] for name in wanted if name in variables})
    kind: MessageKind = "text"
    if rendered.header and rendered.header["kind"] in ("image", "video", "document"):
        kind = cast("MessageKind", rendered.header["kind"])
    texts = [rendered.text]
    if not capabilities.templates:
        texts = split(rendered.text, capabilities.text_limit)
    return Content(texts, rendered.structured, kind, template.category)


def with_files(content: Content, files: Sequence[Media], capabilities: Capabilities) -> Content:
    """The first text is the caption of the first file where it fits there, else it goes before.

    What the channel does not take is left out, and so is everything beside a carrier's template,
    which is a message of its own that may go where no other may.
    """
    if content.structured and capabilities.templates:
        return content
    taken = [each for each in files if each.kind in capabilities.media]
    groups = list(groups_of(taken, capabilities))
    if not groups:
        return content
    texts = list(content.texts)
    caption = texts[:1] if len(texts) == 1 and is_caption(texts[0], groups[0], capabilities) else []
    before = [] if caption else texts
    return replace(
        content,
        texts=[*before, *(caption or [""]), *[""] * (len(groups) - 1)],
        files=[*[()] * len(before), *groups],
    )


def left_out(content: Content, wanted: int) -> str | None:
    """What people are told of files that do not go along; None when all do."""
    lost = wanted - sum(map(len, content.files))
    if lost <= 0:
        return None
    why = "a template takes none"
    if not content.structured:
        why = "they are gone, or the channel takes none of their kind"
    return f"{lost} of {wanted} files were left out: {why}"


def charges(opening: Opening, prices: PriceList) -> list[Charge]:
    """One for each message."""
    country = country_of(opening.address)
    price = prices.price(
        opening.channel.kind,
        call_type=opening.call_type,
        category=opening.content.category,
        country=country,
    )
    return [
        Charge(
            key=message_key(message_id),
            amount=price,
            channel=opening.channel.kind,
            direction="out",
            call_type=opening.call_type,
            category=opening.content.category,
            country=country,
            message_id=message_id,
            conversation_id=opening.place.conversation_id,
            outreach_id=opening.outreach_id,
            campaign_id=opening.campaign_id,
            reason="",
        )
        for message_id in opening.message_ids
    ]


def total(charged: Sequence[Charge]) -> Decimal:
    return sum((each.amount for each in charged), Decimal(0))
