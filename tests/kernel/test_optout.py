"""A message that only says STOP, START or HELP is understood; any other is a message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kernel.optout import keyword

STOP = ["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"]
START = ["start", "unstop"]
HELP = ["help", "info"]
WORDS = [
    ("yes", "yes"),
    *((word, "stop") for word in STOP),
    *((word, "start") for word in START),
    *((word, "help") for word in HELP),
]


@pytest.mark.parametrize(("word", "meaning"), WORDS)
@pytest.mark.parametrize("form", ["{}", " {}\n", "{}.", "«{}»!", "*{}*", "{} 🛑", "\u200b{}\u00a0"])
def test_a_keyword_alone_counts_in_any_case(word: str, meaning: str, form: str) -> None:
    for spelling in (word, word.upper(), word.capitalize()):
        assert keyword(form.format(spelling)) == meaning


@pytest.mark.parametrize("text", ["OPT-OUT", "opt out", "Opt_Out", "STOP ALL", "ＳＴＯＰ"])
def test_other_spellings_of_stop_count(text: str) -> None:
    assert keyword(text) == "stop"


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "!", "please stop", "stop by at ten", "stop, start", "the end", "s t o p"),
        *(
            "yes please",
            "information",
            "unstoppable",
            "stop" * 2,
            "stop" + "!" * 100,
            "stop 1",
            "\0",
        ),
    ],
)
def test_anything_else_is_a_message(text: str) -> None:
    assert keyword(text) is None


@given(st.text())
def test_any_text_is_understood_or_not(text: str) -> None:
    assert keyword(text) in ("stop", "start", "yes", "help", None)
