"""A domain's words and texts for opt-outs: read where they are right, refused where not."""

from typing import Any

import pytest

from frontdesk.kernel.errors import Unprocessable
from frontdesk.kernel.optout import keyword
from frontdesk.kernel.optout_settings import DEFAULT, STOPPED_EVERYWHERE, read_opt_out


def test_nothing_said_is_what_is_usual() -> None:
    assert read_opt_out(None) == DEFAULT
    assert read_opt_out({}) == DEFAULT
    assert read_opt_out({"scope": None, "stopped_text": " "}) == DEFAULT


def test_what_is_said_counts() -> None:
    read = read_opt_out({"scope": "all", "double_opt_in": True, "help_text": "Call us"})
    assert (read.scope, read.double_opt_in, read.help_text) == ("all", True, "Call us")
    assert read.stopped_text == STOPPED_EVERYWHERE


@pytest.mark.parametrize(
    ("text", "meaning"),
    [("BAJA", "stop"), ("baja!", "stop"), ("Sí", "yes"), ("STOP", "stop"), ("ayuda", None)],
)
def test_a_domains_own_words_add_to_the_carriers(text: str, meaning: str | None) -> None:
    words = read_opt_out({"words": {"stop": ["Baja"], "yes": ["sí"]}}).words
    assert keyword(text, words) == meaning


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("all", "settings.opt_out is 'all'; use an object"),
        ({"scop": "all"}, "settings.opt_out.scop is 'all'; use one of scope"),
        ({"help_text": "\ud800"}, "use plain JSON"),
        ({"scope": "domain"}, "settings.opt_out.scope is 'domain'; use one of channel, all"),
        ({"double_opt_in": "yes"}, "settings.opt_out.double_opt_in is 'yes'; use true or false"),
        ({"stopped_text": 7}, "settings.opt_out.stopped_text is 7; use a text"),
        ({"stopped_text": "x" * 1001}, "use a text of up to 1000 characters"),
        ({"words": ["baja"]}, "settings.opt_out.words is ['baja']; use an object of stop"),
        ({"words": {"bye": []}}, "settings.opt_out.words.bye is []; use one of stop"),
        ({"words": {"stop": "baja"}}, "settings.opt_out.words.stop is 'baja'; use a list"),
        ({"words": {"stop": ["!"]}}, "use words of 1 to 40 letters"),
        ({"words": {"stop": ["Start"]}}, "use words other than those that mean start"),
        ({"words": {"stop": ["baja"], "start": ["baja"]}}, "other than those that mean stop"),
    ],
)
def test_what_is_wrong_is_refused_and_named(value: Any, told: str) -> None:
    with pytest.raises(Unprocessable) as refused:
        read_opt_out(value)
    assert told in refused.value.detail
