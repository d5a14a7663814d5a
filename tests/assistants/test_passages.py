"""Cutting documents: no word is lost, none is said twice, pieces fit a chat."""

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.assistants.passages import TARGET, Passage, split

LINES = st.lists(
    st.one_of(
        st.sampled_from(["# Title", "## Section", "### Part", "", "", "```", "~~~", "- item"]),
        st.text(alphabet="ab .#`é😀\t", max_size=40),
        st.text(alphabet="word. ", max_size=2_000),
    ),
    max_size=30,
).map("\n".join)


def test_passages_stand_under_the_path_of_their_headings():
    text = "intro\n\n# Shop\n\nHello.\n\n## Hours #\n\nNine to five.\n\n# Other\n\nx"
    assert split(text) == [
        Passage("", "intro"),
        Passage("Shop", "Hello."),
        Passage("Shop › Hours", "Nine to five."),
        Passage("Other", "x"),
    ]


def test_a_heading_inside_a_code_block_is_code():
    assert split("# A\n\n```\n# not a heading\n\nx = 1\n```") == [
        Passage("A", "```\n# not a heading\n\nx = 1\n```")
    ]


def test_a_heading_with_nothing_under_it_is_a_passage():
    assert split("# A\n\n## B\n\n## C\n\ntext") == [
        Passage("A", "B"),
        Passage("A › C", "text"),
    ]
    assert split("# A") == [Passage("", "A")]


@given(LINES)
def test_pieces_are_short_and_none_is_empty(text: str):
    for passage in split(text):
        assert passage.content.strip()
        assert len(passage.content) <= TARGET


@given(st.lists(st.text(alphabet="abcdefgh", min_size=1, max_size=12), min_size=1, max_size=600))
def test_every_word_is_in_exactly_one_passage_and_in_order(words: list[str]):
    text = " ".join(words)
    assert " ".join(passage.content for passage in split(text)).split() == words
