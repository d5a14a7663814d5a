"""What is found does not depend on case, accents and punctuation, and is marked where it stands."""

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kernel.searching import (
    SNIPPET,
    Part,
    fold,
    grams,
    halves,
    likeness,
    snippet,
    whole_words,
    words,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("José's ABC-1234", ["jose", "s", "abc", "1234"]),
        ("ana@example.com", ["ana", "example", "com"]),
        ("Straße, ÇA VA", ["straße", "ca", "va"]),
        ("東京タワー", ["東", "京", "タ", "ワ", "ー"]),
        ("ﬁne №5", ["fine", "no5"]),
        ("… — !?", []),
    ],
)
def test_words_are_compared_without_case_accents_and_punctuation(
    text: str, expected: list[str]
) -> None:
    assert words(text) == expected


def marked(text: str, typed: str) -> str:
    return "".join(f"[{part.text}]" if part.match else part.text for part in snippet(text, typed))


@pytest.mark.parametrize(
    ("text", "typed", "expected"),
    [
        ("Where is my Invoice?", "invoice", "Where is my [Invoice]?"),
        ("Wo ist meine Überweisung", "uber", "Wo ist meine [Über]weisung"),
        ("Nothing of it", "else", "Nothing of it"),
        ("order ABC-1234 of Ana", "1234 abc", "order [ABC]-[1234] of Ana"),
        ("<b>bold</b>", "bold", "<b>[bold]</b>"),
        ("私は東京です", "東京", "私は[東][京]です"),
        ("ﬁnely", "fi", "[ﬁ]nely"),
    ],
)
def test_what_matched_is_marked_in_the_text_as_it_was_written(
    text: str, typed: str, expected: str
) -> None:
    assert marked(text, typed) == expected


def test_a_long_text_is_shown_around_its_first_match() -> None:
    text = "a word " * 100 + "needle" + " and more" * 100
    shown = snippet(text, "needle")
    assert shown[0] == Part("…", False)
    assert shown[-1] == Part("…", False)
    assert Part("needle", True) in shown
    assert len("".join(part.text for part in shown)) <= SNIPPET + 2


@given(st.text(max_size=300), st.text(max_size=20))
def test_a_snippet_is_a_part_of_the_text_and_nothing_else(text: str, typed: str) -> None:
    shown = [part for part in snippet(text, typed) if part.text != "…" or "…" in text]
    assert "".join(part.text for part in shown) in text
    assert all(part.text for part in shown)


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert words(fold(text)) == words(text)


def test_a_name_has_the_grams_of_its_parts() -> None:
    assert set(grams("ohns")) <= set(grams("Johnson"))
    assert set(whole_words("johnson")).isdisjoint(grams("Johnson"))


@pytest.mark.parametrize("typed", ["Jonson", "Johnsen", "Jhonson", "Jihnson"])
def test_one_mistype_leaves_half_of_a_name_and_most_of_its_likeness(typed: str) -> None:
    name = set(grams("Johnson")) | {" jo"}
    assert any(set(half) <= name for half in halves(typed))
    assert likeness(typed, "Johnson") > likeness(typed, "Thompson")


@pytest.mark.parametrize(
    "text",
    [
        "José's ABC-1234_x/y.z@a:b+c#d\\e’f",
        "Müller ÅNGSTRÖM ŁÓDŹ",
        "東京タワー café",
        "İstanbul ẞ ﬁne",
        "हिन्दी में",
        "שָׁלוֹם مَرْحَبًا",
    ],
)
async def test_the_database_folds_as_this_does(dsn: str, text: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        stored = await connection.fetchval("SELECT search_fold($1)", text)
        assert stored.split() == fold(text).split()
    finally:
        await connection.close()
