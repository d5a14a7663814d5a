"""What a model thinks is kept apart from what it says, however the text arrives."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.kernel.thinking import ThinkingFilter, separate_thinking


@pytest.mark.parametrize(
    ("text", "visible", "thinking"),
    [
        ("Hello", "Hello", None),
        ("", "", None),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2", None),
        ("<think>hm</think>\n\nHello", "Hello", "hm"),
        ("<THINKING>\nhm\n</Thinking>Hello", "Hello", "hm"),
        ("<think>\n\n</think>\n\nHello", "Hello", None),
        ("Hello <think>never closed", "Hello", "never closed"),
        ("<think>a</think>One. <think>b</think>Two.", "One. Two.", "a\n\nb"),
        ("a template opened it</think>Hello", "Hello", "a template opened it"),
        ("<think>a</think>Hello</think>", "Hello", "a"),
        ("<think>a < b ``` c</think>Hello", "Hello", "a < b ``` c"),
        ("<think>a<think>b</think>Hello", "Hello", "a<think>b"),
        ("Write `<think>` and `</think>` there", "Write `<think>` and `</think>` there", None),
        ("Like `this`<think>a</think> one", "Like `this` one", "a"),
        ("```xml\n<think>x</think>\n```", "```xml\n<think>x</think>\n```", None),
        ("```x```<think>a</think>Hello", "```x```Hello", "a"),
        ("<thinker> <think", "<thinker> <think", None),
    ],
)
def test_thinking_is_kept_apart(text: str, visible: str, thinking: str | None) -> None:
    assert separate_thinking(text) == (visible, thinking)


def stream(chunks: list[str], *, opened: bool = False) -> tuple[str, str]:
    sieve = ThinkingFilter(opened=opened)
    taken = [sieve.feed(chunk) for chunk in chunks] + [sieve.close()]
    return "".join(visible for visible, _ in taken), "".join(thought for _, thought in taken)


PIECES = st.sampled_from(
    [
        *("<think>", "</think>", "<Thinking>", "</thinking>", "<thi", "nk>", "<", "/", ">"),
        *("`", "``", "```", "\n", " ", "word", "é", "\0", "\ud800", "<b>"),
    ]
)
TEXTS = st.lists(PIECES, max_size=25).map("".join)


@given(TEXTS, st.lists(st.integers(0, 100), max_size=20), st.booleans())
@settings(deadline=None, max_examples=500)
def test_where_chunks_are_cut_makes_no_difference(
    text: str, places: list[int], opened: bool
) -> None:
    bounds = [0, *sorted(min(place, len(text)) for place in places), len(text)]
    chunks = [text[start:end] for start, end in pairwise(bounds)]
    assert stream(chunks, opened=opened) == stream([text], opened=opened)
    assert stream(list(text), opened=opened) == stream([text], opened=opened)


@given(TEXTS)
@settings(deadline=None, max_examples=300)
def test_no_letter_is_lost_between_the_two(text: str) -> None:
    visible, thinking = separate_thinking(text)
    out = visible + (thinking or "")
    assert out.count("word") == text.count("word")
    assert out.count("é") == text.count("é")


def test_visible_text_is_passed_on_at_once() -> None:
    sieve = ThinkingFilter()
    assert sieve.feed("Hello <b") == ("Hello <b", "")
    assert sieve.feed("> <thi") == ("> ", "")
    assert sieve.feed("nking>hm</") == ("", "hm")
    assert sieve.feed("think> you") == (" you", "")
    assert sieve.feed(" <") == (" ", "")
    assert sieve.close() == ("<", "")


def test_a_stream_that_begins_inside_thinking_says_so() -> None:
    unaware = ThinkingFilter()
    unaware.feed("hm</think>Hello")
    assert unaware.began_inside
    assert stream(["hm</thi", "nk>Hello"], opened=True) == ("Hello", "hm")
