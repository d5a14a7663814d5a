"""A long reply is cut into messages where a reader would cut it, and nothing is lost."""

from itertools import accumulate

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.kernel.split import Unit, split

FAMILY = "👨‍👩‍👧‍👦"


def test_a_text_within_the_limit_is_one_part() -> None:
    assert split("Hello", 5) == ["Hello"]


@pytest.mark.parametrize("text", ["", "  ", "\n\n\t"])
def test_a_blank_text_has_no_parts(text: str) -> None:
    assert split(text, 10) == []


@pytest.mark.parametrize(("limit", "unit"), [(0, "character"), (-1, "character"), (1, "utf16")])
def test_a_limit_that_holds_nothing_is_refused(limit: int, unit: Unit) -> None:
    with pytest.raises(ValueError, match=f"limit is {limit}"):
        split("x", limit, unit=unit)


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("One. Two.\n\nThree. Four. Five.", 24, ["One. Two.", "Three. Four. Five."]),
        ("One two three. Four five six.", 20, ["One two three.", "Four five six."]),
        ("One two\nthree four five", 18, ["One two", "three four five"]),
        ("one two three four", 9, ["one two", "three", "four"]),
        ("“Yes!” said she. (No.) Then", 20, ["“Yes!” said she.", "(No.) Then"]),
        ("1. one item\n2. two items", 14, ["1. one item", "2. two items"]),
        ("你好。今天很好！明天呢？", 9, ["你好。今天很好！", "明天呢？"]),
        ("今天很好，明天也很好的", 7, ["今天很好，", "明天也很好的"]),
        ("नमस्ते। आप कैसे हैं", 14, ["नमस्ते।", "आप कैसे हैं"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("price 10\u00a0000\u00a0EUR now", 14, ["price", "10\u00a0000\u00a0EUR now"]),
    ],
)
def test_parts_end_at_the_best_place(text: str, limit: int, parts: list[str]) -> None:
    assert split(text, limit) == parts


@pytest.mark.parametrize(
    "whole",
    [
        "https://example.com/a,b?c=d.e#f",
        "www.example.com/very/long",
        "`code span with. spaces`",
        "``two ` ticks here``",
        "```fenced. code here```",
        "```\na = 1\n\nb = 2\n```",
    ],
)
@pytest.mark.parametrize("before", ["words. and words ", "字字字字字字字字字字"])
def test_links_and_code_stay_whole(whole: str, before: str) -> None:
    assert whole in split(f"{before}{whole} and some more words to follow", len(whole) + 2)


def test_a_formatted_run_is_cut_around_not_through() -> None:
    assert split("Please do not *forget this thing* today", 22) == [
        "Please do not",
        "*forget this thing*",
        "today",
    ]


def test_a_formatted_run_longer_than_a_part_is_cut_between_its_words() -> None:
    assert split("*one two three four*", 12) == ["*one two", "three four*"]


def test_a_name_in_snake_case_is_no_formatting() -> None:
    assert split("set max_size and min_size now", 16) == ["set max_size and", "min_size now"]


def test_a_long_fenced_block_is_closed_and_opened_again() -> None:
    code = "\n".join(f"    line {number}" for number in range(12))
    parts = split(f"Look:\n```\n{code}\n```\nDone.", 60)
    assert all(len(part) <= 60 and part.count("```") == 2 for part in parts)
    assert parts[0].startswith("Look:\n```\n    line 0\n")
    assert parts[-1].endswith("\n```\nDone.")
    lines = [line for part in parts for line in part.split("\n") if line.startswith("    ")]
    assert "\n".join(lines) == code


def test_a_long_fenced_block_keeps_its_language() -> None:
    parts = split("```python\n" + "x = 1\n" * 20 + "```", 50)
    assert len(parts) > 1
    assert all(part.startswith("```python\nx = 1\n") and part.endswith("\n```") for part in parts)


def test_a_line_of_code_longer_than_a_part_is_cut_and_fenced() -> None:
    parts = split("```" + "x" * 100 + "```", 30)
    assert all(len(part) <= 30 and part[:3] == part[-3:] == "```" for part in parts)
    assert "".join(part.strip("`") for part in parts) == "x" * 100


def test_a_fence_that_does_not_fit_with_its_marks_is_cut_as_text() -> None:
    parts = split("```\nab cd ef\n```", 5)
    assert "".join("".join(parts).split()) == "```abcdef```"


@pytest.mark.parametrize(
    "grapheme", [FAMILY, "🇩🇪", "👍🏽", "e\u0301", "\u1112\u1161\u11ab", "\r\n", "क्षि", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]
)
@pytest.mark.parametrize("extra", range(4))
def test_graphemes_stay_whole(grapheme: str, extra: int) -> None:
    size = max(len(match) for match in regex.findall(r"\X", grapheme))
    parts = split("x" + grapheme * 9, size + extra)
    original = [match for match in regex.findall(r"\X", "x" + grapheme * 9) if match.strip()]
    assert [match for part in parts for match in regex.findall(r"\X", part)] == original


def test_a_grapheme_longer_than_the_limit_is_cut_where_each_part_shows_something() -> None:
    assert split(FAMILY, 3) == ["👨\u200d", "👩\u200d", "👧\u200d👦"]
    assert split("e" + "\u0301" * 5, 2) == ["e\u0301", "\u0301\u0301", "\u0301\u0301"]


def test_a_limit_in_utf16_counts_an_emoji_twice() -> None:
    assert split("🙂🙂🙂", 3) == ["🙂🙂🙂"]
    assert split("🙂🙂🙂", 4, unit="utf16") == ["🙂🙂", "🙂"]
    assert split("🙂🙂🙂", 5, unit="utf16") == ["🙂🙂", "🙂"]


PROPERTY = settings(deadline=None, max_examples=300)
PIECES = st.sampled_from(
    [
        *("word", "Sentence.", "a", " ", "  ", "\n", "\n\n", ". ", "! ", "1. ", "• "),
        *("好", "你好。", "！", "，", "\u3000", "한국", "\u1112\u1161\u11ab", "נ", "क्षि"),
        *(
            FAMILY,
            "🇩🇪",
            "🇩",
            "👍🏽",
            "❤️",
            "e\u0301",
            "\u0301",
            "\u200d",
            "\u0600",
            "\r\n",
            "\u00a0",
        ),
        *("*bold one*", "_it_", "~s~", "*", "_", "`", "``", "```", "`co de`", "```x\ny```", "\0"),
        *("https://a.b/c?d=e", "(www.a.b)", "\ud800", "\udc00", "🙂"),
    ]
)
TEXTS = st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=120))
LIMITS = st.integers(1, 40)


def solid(text: str) -> str:
    return "".join(text.split())


def without_fences(text: str) -> str:
    return solid(text).replace("`", "")


@given(TEXTS, LIMITS)
@PROPERTY
def test_nothing_is_over_the_limit_blank_or_lost(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(part.strip() and len(part) <= limit for part in parts)
    # a long fenced block is reopened with its own first line, so it may only gain
    if "```" in text:
        kept = iter(without_fences("".join(parts)))
        assert all(char in kept for char in without_fences(text))
    else:
        assert solid("".join(parts)) == solid(text)


@given(TEXTS, st.integers(2, 40))
@PROPERTY
def test_nothing_is_over_the_limit_in_utf16(text: str, limit: int) -> None:
    for part in split(text, limit, unit="utf16"):
        assert len(part.encode("utf-16-le", "surrogatepass")) // 2 <= limit


@given(TEXTS.filter(lambda text: "```" not in text), LIMITS)
@PROPERTY
def test_a_cut_is_never_inside_a_grapheme_that_fits(text: str, limit: int) -> None:
    graphemes = regex.findall(r"\X", text)
    ends = set(accumulate(len(solid(grapheme)) for grapheme in graphemes))
    if max(map(len, graphemes), default=0) <= limit:
        assert ends.issuperset(accumulate(len(solid(part)) for part in split(text, limit)))


WORDS = st.sampled_from(["word", "Stop.", "好的。", "👍🏽", "\n\n", "\n", "why?", "a-b"])
WHOLES = st.sampled_from(["https://a.b/c.d,e?f=g", "`co de. x`", "www.a.b/好", "``a ` b. c``"])


@given(st.lists(st.one_of(WORDS, WHOLES), max_size=30), st.integers(22, 60))
@PROPERTY
def test_links_and_code_spans_that_fit_are_never_cut(pieces: list[str], limit: int) -> None:
    parts = split(" ".join(pieces), limit)
    for whole in {piece for piece in pieces if len(piece) > 7}:
        assert sum(part.count(whole) for part in parts) == pieces.count(whole)


@given(st.lists(st.sampled_from(["word", "*bold run*", "_it al_", "~no ne~"]), max_size=30))
@PROPERTY
def test_no_part_ends_inside_a_formatted_run_that_fits(pieces: list[str]) -> None:
    for part in split(" ".join(pieces), 14):
        assert all(part.count(mark) % 2 == 0 for mark in "*_~")


@given(st.text("好한나日", min_size=1, max_size=100), LIMITS)
@PROPERTY
def test_scripts_without_spaces_fill_their_parts(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert [len(part) for part in parts[:-1]] == [limit] * ((len(text) - 1) // limit)
    assert "".join(parts) == text
