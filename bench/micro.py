"""Single functions on the hot path, each against what one would use in its place."""

import textwrap
import time
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from markdown_it import MarkdownIt
from twilio.request_validator import RequestValidator

from bench import webhook
from bench.figures import Figure, Goal, compared
from bench.stack import ACCOUNT, NUMBER, TOKEN, Bench
from frontdesk.carriers.twilio import signature
from frontdesk.carriers.twilio.webhook import parse
from frontdesk.kernel.markup import to_whatsapp
from frontdesk.kernel.split import split
from frontdesk.ports import Channel, WebhookRequest

NO_SLOWER = Goal("≤", 1, "ratio")
URL = f"https://desk.example.com{webhook.PATH}"
LIMIT = 1_600
REPLY = """\
## Your order

Thanks for asking, **Ana**! Order *4711* left our warehouse this morning:

- 2 × tea, 250 g
- 1 × [teapot](https://shop.example.com/items/teapot), blue

It should reach you **tomorrow before noon**. Track it at https://shop.example.com/track/4711.
If nobody is at home, the courier leaves it with a neighbour; write `/human` to talk to us.
"""

Pair = tuple[str, Callable[[], object], Callable[[], object], str, Goal | None]
"""What, the floor, ours, what the floor is, the goal."""


async def measure(bench: Bench) -> list[Figure]:
    bench.tell("micro")
    figures: list[Figure] = []
    for name, floor, ours, note, goal in (_webhook(), _markup(), _plain(), _split()):
        pairs = [
            (_microseconds(floor, bench), _microseconds(ours, bench))
            for _ in range(bench.pick(7, 3))
        ]
        figures.append(compared(name, "µs", pairs, goal, note))
    return figures


def _webhook() -> Pair:
    fields = webhook.fields_of(ACCOUNT, "+14155550123", NUMBER, "Is my order on its way?")
    signed = webhook.signature_of(URL, TOKEN, fields)
    body = urlencode(fields).encode()
    headers = {
        "x-twilio-signature": signed,
        "content-type": "application/x-www-form-urlencoded",
    }
    nobody = UUID(int=0)
    channel = Channel(nobody, nobody, "wmsg", "twilio", NUMBER, ACCOUNT, TOKEN, "", 80)
    validator = RequestValidator(TOKEN)

    def floor() -> None:
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        assert validator.validate(URL, form, signed)

    def ours() -> None:
        request = WebhookRequest("POST", (URL,), headers, body)
        parse("wmsg", request)
        signature.verify(request, channel.secret)

    note = "the floor is parse_qsl and Twilio's RequestValidator"
    return "webhook: read, parse and verify", floor, ours, note, NO_SLOWER


def _markup() -> Pair:
    renderer = MarkdownIt("commonmark")
    note = "the floor is markdown-it's HTML of the same text"
    return (
        "Markdown to WhatsApp",
        lambda: renderer.render(REPLY),
        lambda: to_whatsapp(REPLY),
        note,
        None,
    )


def _plain() -> Pair:
    text = "Your order is on its way and should reach you tomorrow before noon."
    renderer = MarkdownIt("commonmark")
    note = "a reply without markup"
    return (
        "plain text to WhatsApp",
        lambda: renderer.render(text),
        lambda: to_whatsapp(text),
        note,
        None,
    )


def _split() -> Pair:
    text = "\n".join([to_whatsapp(REPLY)] * 8)
    floor = lambda: textwrap.wrap(text, LIMIT, replace_whitespace=False)  # noqa: E731
    note = f"{len(text):,} characters; the floor is textwrap.wrap"
    return "splitting a long reply", floor, lambda: split(text, LIMIT), note, None


def _microseconds(call: Callable[[], object], bench: Bench) -> float:
    """The mean of as many calls as fit into a moment."""
    calls, moment = 0, bench.pick(0.15, 0.03)
    began = time.perf_counter()
    while (now := time.perf_counter()) - began < moment:
        for _ in range(10):
            call()
        calls += 10
    return (now - began) / calls * 1e6
