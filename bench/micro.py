"""Single functions on the hot path, each against what one would use in its place."""

import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from markdown_it import MarkdownIt
from twilio.request_validator import RequestValidator

from bench import webhook
from bench.figures import Figure, Goal, compared
from bench.stack import ACCOUNT, NUMBER, TOKEN, Bench
from frontdesk.carriers.twilio.signature import verify
from frontdesk.carriers.twilio.webhook import parse
from frontdesk.kernel.markup import to_whatsapp
from frontdesk.kernel.split import split
from frontdesk.ports import WebhookRequest

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


@dataclass(frozen=True)
class Pair:
    """A function of ours, and the floor that `note` describes."""

    name: str
    floor: Callable[[], object]
    ours: Callable[[], object]
    note: str
    goal: Goal | None = None


async def measure(bench: Bench) -> list[Figure]:
    bench.tell("micro")
    figures: list[Figure] = []
    for pair in (_webhook(), _markup(), _plain(), _split()):
        rounds = [
            (_microseconds(pair.floor, bench), _microseconds(pair.ours, bench))
            for _ in range(bench.pick(7, 3))
        ]
        figures.append(compared(pair.name, "µs", rounds, pair.goal, pair.note))
    return figures


def _webhook() -> Pair:
    fields = webhook.fields_of(ACCOUNT, "+14155550123", NUMBER, "Is my order on its way?")
    signed = webhook.signature_of(URL, TOKEN, fields)
    body = urlencode(fields).encode()
    headers = {
        "x-twilio-signature": signed,
        "content-type": "application/x-www-form-urlencoded",
    }
    validator = RequestValidator(TOKEN)

    def floor() -> None:
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        if not validator.validate(URL, form, signed):
            raise RuntimeError("Twilio's validator refuses the bench's own signature")

    def ours() -> None:
        request = WebhookRequest("POST", (URL,), headers, body)
        parse("wmsg", request)
        verify(request, TOKEN)

    note = "the floor: parse_qsl and Twilio's RequestValidator"
    return Pair("webhook: read, parse, verify", floor, ours, note, NO_SLOWER)


def _markup() -> Pair:
    html = MarkdownIt("commonmark")
    note = "the floor: markdown-it's HTML of the same text"
    return Pair(
        "Markdown to WhatsApp", lambda: html.render(REPLY), lambda: to_whatsapp(REPLY), note
    )


def _plain() -> Pair:
    text = "Your order is on its way and should reach you tomorrow before noon."
    html = MarkdownIt("commonmark")
    note = "a reply without markup; the floor as above"
    return Pair("plain to WhatsApp", lambda: html.render(text), lambda: to_whatsapp(text), note)


def _split() -> Pair:
    text = "\n".join([to_whatsapp(REPLY)] * 8)
    note = f"{len(text):,} characters; the floor: textwrap.wrap, which minds none of the rules"
    return Pair(
        "splitting a long reply",
        lambda: textwrap.wrap(text, LIMIT, replace_whitespace=False),
        lambda: split(text, LIMIT),
        note,
    )


def _microseconds(call: Callable[[], object], bench: Bench) -> float:
    """The mean of as many calls as fit into a moment."""
    calls, moment = 0, bench.pick(0.15, 0.03)
    began = time.perf_counter()
    while (now := time.perf_counter()) - began < moment:
        for _ in range(10):
            call()
        calls += 10
    return (now - began) / calls * 1e6
