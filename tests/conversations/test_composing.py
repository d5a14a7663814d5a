"""A person's text and files, as the messages that a channel takes."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from frontdesk.carriers.twilio.capabilities import CAPABILITIES
from frontdesk.conversations import composing
from frontdesk.conversations.composing import Composed
from frontdesk.kernel.errors import Unprocessable
from frontdesk.kernel.ids import new_id
from frontdesk.media.model import Media
from frontdesk.ports import MediaKind

WHATSAPP, SMS = CAPABILITIES["wmsg"], CAPABILITIES["sms"]
MB = 1024 * 1024


def file(kind: MediaKind = "image", size: int = 1000) -> Media:
    now = datetime.now(UTC)
    return Media(
        domain_id=new_id(),
        media_id=new_id(),
        conversation_id=new_id(),
        message_id=None,
        person_id=new_id(),
        place=0,
        state="stored",
        kind=kind,
        content_type=f"{kind}/x",
        filename="a.x",
        path="a",
        checksum=b"",
        source_url=None,
        error=None,
        attempts=0,
        created_at=now,
        updated_at=now,
        size=size,
    )


def shape(composed: Composed) -> list[tuple[str, int]]:
    """Each message's text and number of files."""
    return [(p.content, len(composed.files.get(p.message_id, ()))) for p in composed.parts]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([], [("Hi", 0)]),
        (["image"], [("Hi", 1)]),
        (["video"], [("Hi", 1)]),
        # Twilio hands on no caption of these.
        (["document"], [("Hi", 0), ("", 1)]),
        (["audio"], [("Hi", 0), ("", 1)]),
        (["image", "image"], [("Hi", 1), ("", 1)]),
        (["image", "document"], [("Hi", 1), ("", 1)]),
        (["document", "image"], [("Hi", 0), ("", 1), ("", 1)]),
    ],
)
def test_whatsapp_has_one_file_a_message_and_captions_of_what_is_seen(
    kinds: list[Any], expected: list[tuple[str, int]]
) -> None:
    files = [file(kind) for kind in kinds]
    composed = composing.compose("Hi", files, WHATSAPP)
    assert shape(composed) == expected
    sent = [media_id for part in composed.files.values() for media_id in part]
    assert sent == [each.media_id for each in files]


def test_a_text_that_is_no_caption_goes_before_whole() -> None:
    at_limit = composing.compose("x" * 1024, [file()], WHATSAPP)
    assert shape(at_limit) == [("x" * 1024, 1)]
    over = composing.compose("x" * 1025, [file()], WHATSAPP)
    assert shape(over) == [("x" * 1025, 0), ("", 1)]
    long = composing.compose("word " * 700, [file()], WHATSAPP)
    assert [files for _, files in shape(long)] == [0, 0, 0, 1]
    assert all(len(text) <= 1600 for text, _ in shape(long))


def test_a_picture_message_has_as_many_files_as_fit_together() -> None:
    two = composing.compose("Hi", [file(size=2 * MB), file(size=3 * MB)], SMS)
    assert shape(two) == [("Hi", 2)]
    over = composing.compose("Hi", [file(size=2 * MB), file(size=3 * MB), file(size=1)], SMS)
    assert shape(over) == [("Hi", 2), ("", 1)]
    ten = composing.compose("", [file() for _ in range(10)], SMS)
    assert shape(ten) == [("", 10)]
    large = composing.compose("", [file(size=9 * MB), file()], SMS)
    assert shape(large) == [("", 1), ("", 1)], "what is made smaller later goes by itself"
    mixed = composing.compose("Hi", [file("image"), file("document")], SMS)
    assert shape(mixed) == [("Hi", 2)]


def test_markup_is_the_channels() -> None:
    assert shape(composing.compose("**Hi**", [], WHATSAPP)) == [("*Hi*", 0)]
    assert shape(composing.compose("**Hi**", [], SMS)) == [("Hi", 0)]


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("*Hi* there", "*Hi* there"),
        ("a *very bold* word", "a *very bold* word"),
        ("_slanted_ and ~gone~", "_slanted_ and ~gone~"),
        ("2*3*4", "2*3*4"),
        ("`*code*` *bold*", "`*code*` *bold*"),
    ],
)
def test_what_people_write_as_on_their_phones_stays(typed: str, sent: str) -> None:
    assert shape(composing.compose(typed, [], WHATSAPP)) == [(sent, 0)]


def test_the_first_message_has_the_id_that_was_asked_for() -> None:
    wanted = new_id()
    composed = composing.compose("Hi", [file("document")], WHATSAPP, wanted)
    assert composed.parts[0].message_id == wanted
    assert composed.parts[1].message_id != wanted
    assert len({part.trace_id for part in composed.parts}) == 1
    assert {part.source for part in composed.parts} == {"whatsapp_manual"}
    assert [part.part for part in composed.parts] == [0, 1]


def test_a_message_says_its_files_and_its_kind() -> None:
    photo, note = file(), file("audio")
    composed = composing.compose("", [photo, note], WHATSAPP)
    assert [part.kind for part in composed.parts] == ["image", "audio"]
    structured = composed.parts[0].structured
    assert structured == {"media": [{"media_id": str(photo.media_id), "content_type": "image/x"}]}


def test_what_the_channel_does_not_take_is_refused() -> None:
    with pytest.raises(Unprocessable, match=r"a\.x: this channel takes no sticker"):
        composing.compose("Hi", [file("sticker")], SMS)
    bare = replace(WHATSAPP, media={})
    with pytest.raises(Unprocessable, match="takes no image"):
        composing.compose("Hi", [file()], bare)
    with pytest.raises(Unprocessable, match="no text"):
        composing.compose("  ", [], WHATSAPP)


@pytest.mark.parametrize(
    ("content", "files", "why"),
    [
        ("", 0, "no text and no media"),
        (" \x00\n", 0, "no text and no media"),
        ("x" * 20_001, 0, "20001 characters; use up to 20000"),
        ("Hi", 11, "11 files; send up to 10"),
    ],
)
def test_what_is_too_little_or_too_much_is_refused(content: str, files: int, why: str) -> None:
    with pytest.raises(Unprocessable, match=why):
        composing.check(content, files)


def test_a_text_is_kept_without_what_cannot_be_stored() -> None:
    assert composing.check(" a\x00b ", 0) == "ab"
    assert composing.check("x" * 20_000, 10) == "x" * 20_000
