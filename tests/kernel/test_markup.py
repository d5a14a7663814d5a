"""Markdown becomes what the phone shows, and no word is lost on the way."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.kernel.markup import LONGEST, to_plain, to_whatsapp

CASES = [
    ("**bold** and __bold__", "*bold* and *bold*", "bold and bold"),
    ("*it* and _it_", "_it_ and _it_", "it and it"),
    ("~~gone~~", "~gone~", "gone"),
    ("***both***", "_*both*_", "both"),
    ("**a **b** c**", "*a b c*", "a b c"),
    ("use `x = 1` here", "use `x = 1` here", "use x = 1 here"),
    ("`` a`b ``", "```a`b```", "a`b"),
    ("```python\nx = 1\n```", "```\nx = 1\n```", "x = 1"),
    ("```\n  kept  \n\n  indent\n```", "```\n  kept  \n\n  indent\n```", "  kept  \n\n  indent"),
    ("# Title", "*Title*", "Title"),
    ("## A **b** c", "*A b c*", "A b c"),
    ("Title\n=====\ntext", "*Title*\ntext", "Title\ntext"),
    ("- a\n- b\n  - c\n- d", "• a\n• b\n  • c\n• d", "- a\n- b\n  - c\n- d"),
    ("1. a\n2. b\n   - c", "1. a\n2. b\n   • c", "1. a\n2. b\n   - c"),
    ("1. a\n1. b\n1. c", "1. a\n2. b\n3. c", "1. a\n2. b\n3. c"),
    ("7. a\n9. b", "7. a\n9. b", "7. a\n9. b"),
    ("- a\n\n- b", "• a\n\n• b", "- a\n\n- b"),
    ("[site](https://a.b/c)", "site (https://a.b/c)", "site (https://a.b/c)"),
    ("[https://a.b](https://a.b)", "https://a.b", "https://a.b"),
    ("[a.b](https://a.b)", "https://a.b", "https://a.b"),
    ("<https://a.b> <me@a.b>", "https://a.b me@a.b", "https://a.b me@a.b"),
    ("[ü](https://a.b/ü?q=é)", "ü (https://a.b/ü?q=é)", "ü (https://a.b/ü?q=é)"),
    ('[a](https://b.c "why")', 'a (https://b.c "why")', 'a (https://b.c "why")'),
    ("![a cat](https://a.b/c.png)", "a cat (https://a.b/c.png)", "a cat (https://a.b/c.png)"),
    ("![](https://a.b/c.png)", "https://a.b/c.png", "https://a.b/c.png"),
    ("> a\n> b\n>\n> c", "> a\n> b\n>\n> c", "> a\n> b\n>\n> c"),
    ("a\n\n---\n\nb", "a\n\n———\n\nb", "a\n\n---\n\nb"),
    ("a\\\nb  \nc", "a\nb\nc", "a\nb\nc"),
    ("**a\nb**", "*a*\n*b*", "a\nb"),
    ("Intro:\n- a\n- b\n\nEnd", "Intro:\n• a\n• b\n\nEnd", "Intro:\n- a\n- b\n\nEnd"),
    (
        "| Tea | Price |\n|---|--:|\n| Oolong | 3 |\n| 茶 | **12** |",
        "```\nTea    | Price\n-------|------\nOolong |     3\n茶     |    12\n```",
        "Tea    | Price\n-------|------\nOolong |     3\n茶     |    12",
    ),
    (
        "|a|b|\n|:-:|-|\n|1|2|3|4|",
        "```\na | b\n--|----------\n1 | 2 | 3 | 4\n```",
        "a | b\n--|----------\n1 | 2 | 3 | 4",
    ),
]


@pytest.mark.parametrize(("markdown", "whatsapp", "plain"), CASES)
def test_markdown_reads_well_on_whatsapp_and_in_an_sms(
    markdown: str, whatsapp: str, plain: str
) -> None:
    assert to_whatsapp(markdown) == whatsapp
    assert to_plain(markdown) == plain


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello!",
        "2 * 3 * 4 = 24",
        "snake_case_name and a_b",
        "a\nb\n\nc",
        "👩‍👩‍👧 says hi 🇩🇪",
        "1) x\n2) y",
        "a <b>bold</b> & <br> &copy; x < y > z",
        "[name]: https://a.b\n[name]",
        "[x](javascript:alert(1))",
        "#hashtag and #5",
        "-5 degrees, +49 151, = ok",
        "  indented\n    more",
        "5 > 3",
        "it costs 3~4 euro",
        "[ ] open [x] done",
        "   ",
    ],
)
def test_a_text_that_is_no_markdown_stays_as_it_is(text: str) -> None:
    assert to_whatsapp(text).split() == text.split()
    assert to_plain(text).split() == text.split()
    assert to_whatsapp(text).count("\n") == text.count("\n")


@pytest.mark.parametrize("text", ["#", "-", "1.", ">", "```", "[]()", "![]()", "---", "**", "|"])
def test_a_text_of_marks_alone_is_not_swallowed(text: str) -> None:
    assert to_whatsapp(text).strip()
    assert to_plain(text).strip()


def test_the_language_of_a_code_block_is_left_out_but_other_words_there_are_kept() -> None:
    assert "json" not in to_whatsapp("```json\n{}\n```")
    assert to_whatsapp("```hello there\nworld\n```") == "```\nhello there\nworld\n```"


def test_code_that_holds_a_fence_loses_nothing() -> None:
    assert to_whatsapp("````\n```\ncode\n```\n````") == "```\ncode\n```"


@pytest.mark.parametrize("nest", ["> ", "- ", "1. ", ">- "])
def test_words_survive_nesting_beyond_any_sense(nest: str) -> None:
    assert to_whatsapp(nest * 200 + "deep").endswith("deep")


def test_a_very_long_text_is_passed_on_as_it_is() -> None:
    text = "**b** " * LONGEST
    assert to_whatsapp(text) == text


def test_null_bytes_and_lone_surrogates_are_survived() -> None:
    assert to_whatsapp("a\0 **b\ud800** [x](http://\udfff)").endswith("*b\ud800* x (http://\udfff)")
    assert to_whatsapp("a\0b").startswith("a")


PROPERTY = settings(deadline=None, max_examples=300)
MARKS = st.text(st.sampled_from("ab é好*_~`#>-+=|[]()!<:\\ \n\n\t1.&;\"'\0"), max_size=80)
LINES = st.lists(
    st.tuples(
        st.sampled_from(
            ["", "# ", "- ", "  - ", "1. ", "> ", "| ", "|-|-|", "```", "    ", ">> ", "* ", "~~~"]
        ),
        st.sampled_from(["", "ab", "**c**", "`d`", "e | f | g", "[h](i)", "_j", "![k](l)"]),
    ).map("".join),
    max_size=12,
).map("\n".join)


def letters(text: str) -> str:
    return re.sub(r"[\W_\d]", "", text)


@given(st.one_of(st.text(max_size=200), MARKS, LINES))
@PROPERTY
def test_every_letter_comes_out_in_its_order(text: str) -> None:
    for rendered in (to_whatsapp(text), to_plain(text)):
        kept = letters(rendered)
        if kept != letters(text):
            # only a link whose text is its address says it once: [a](a)
            assert "](" in text
            assert set(re.findall(r"[^\W_\d]+", text)) <= set(re.findall(r"[^\W_\d]+", rendered))
        assert bool(rendered.strip()) == bool(text.strip())


@given(st.lists(st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True), max_size=8), st.data())
@PROPERTY
def test_every_word_comes_out_whatever_marks_are_around_it(
    words: list[str], data: st.DataObject
) -> None:
    around = st.sampled_from(["", "*", "**", "_", "~~", "`", "[", "](u)", "\n- ", "\n> ", "\n\n"])
    text = "".join(f" {data.draw(around)}{word}{data.draw(around)} " for word in words)
    for rendered in (to_whatsapp(text), to_plain(text)):
        for word in words:
            assert word in rendered
