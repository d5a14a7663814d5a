"""Videos: a picture, a length, their sound, and smaller ones of them."""

from time import process_time
from typing import Any

import av
import pytest
from PIL import Image

from frontdesk.media.model import Unconvertible
from media import samples
from media.decoding.workbench import Workbench

KINDS = [
    samples.mp4,
    samples.mov,
    samples.webm,
    samples.avi,
    samples.three_gp,
    samples.mpeg,
]


@pytest.mark.parametrize("make", KINDS)
async def test_a_video_has_its_size_length_picture_and_sound(bench: Workbench, make: Any) -> None:
    found = await bench.inspect(make(bench.files, 2), "video")

    assert (found.width, found.height, found.error) == (352, 288, None)
    assert found.duration == pytest.approx(2, abs=0.1)
    assert [each.name for each in found.made] == ["thumbnail", "wav"]
    assert found.peaks is not None
    with Image.open(found.made[0].path) as image:
        assert image.size == (352, 288)
        red: Any = image.convert("RGB").getpixel((40, 40))
    assert red[0] > 150
    assert max(red[1:]) < 100


@pytest.mark.parametrize("make", KINDS)
async def test_a_silent_video_has_no_sound(bench: Workbench, make: Any) -> None:
    found = await bench.inspect(make(bench.files, 1, sound=False), "video")

    assert found.error is None
    assert [each.name for each in found.made] == ["thumbnail"]


async def test_a_video_that_a_telephone_noted_as_turned_is_seen_upright(bench: Workbench) -> None:
    # 90 degrees against the clock: what is lower left in the file is seen lower right.
    found = await bench.inspect(samples.mp4(bench.files, 2, rotation=90), "video")

    assert (found.width, found.height) == (288, 352)
    with Image.open(found.made[0].path) as image:
        assert image.size == (288, 352)
        corner: Any = image.convert("RGB").getpixel((270, 330))
    assert corner[2] > 150
    assert max(corner[:2]) < 120


async def test_ten_silent_hours_cost_next_to_nothing(bench: Workbench) -> None:
    path = samples.long_mp4(bench.files)
    await bench.inspect(samples.mp4(bench.files, 1), "video")  # the decoder is warm

    before = await bench.decoders.run(process_time)
    found = await bench.inspect(path, "video")
    spent = await bench.decoders.run(process_time) - before

    assert found.duration == pytest.approx(36_000, abs=1)
    assert found.error is None
    assert [each.name for each in found.made] == ["thumbnail"]
    # Of the decoder's processor. To decode all of its 7,201 frames takes 0.5 s.
    assert spent < 0.2


@pytest.mark.parametrize("magic", ["mp4", "avi"])
async def test_garbage_with_a_video_s_first_bytes_is_an_error(
    bench: Workbench, magic: samples.Magic
) -> None:
    found = await bench.inspect(samples.garbage(bench.files, magic), "video")

    assert found.error is not None
    assert found.made == []


async def test_a_cut_off_video_is_seen_as_far_as_it_goes(bench: Workbench) -> None:
    path = samples.mpeg(bench.files, 2)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    found = await bench.inspect(path, "video")

    assert found.made_as("thumbnail") is not None


@pytest.mark.parametrize("make", [samples.avi, samples.webm, samples.mpeg])
async def test_a_video_becomes_an_mp4_that_every_telephone_plays(
    bench: Workbench, make: Any
) -> None:
    path = make(bench.files, 2)

    made = await bench.convert(path, "video", "video/any", 5_000_000, "video/mp4")

    assert (made.name, made.content_type) == ("sent", "video/mp4")
    assert (made.width, made.height) == (352, 288)
    with av.open(str(made.path)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        assert container.streams.video[0].pix_fmt == "yuv420p"
        assert container.streams.audio[0].codec_context.name == "aac"
        assert container.duration is not None
        assert container.duration / 1e6 == pytest.approx(2, abs=0.2)


async def test_a_video_is_made_to_fit_and_stays_upright(bench: Workbench) -> None:
    path = samples.mp4(bench.files, 2, width=640, height=360, bit_rate=6_000_000, rotation=90)
    assert path.stat().st_size > 1_000_000

    made = await bench.convert(path, "video", "video/mp4", 160_000, "video/mp4")

    assert made.path.stat().st_size <= 160_000
    assert made.width is not None
    assert made.height is not None
    assert made.height > made.width
    found = await bench.inspect(made.path, "video")
    assert (found.width, found.height) == (made.width, made.height)


async def test_a_video_that_is_too_long_or_the_limit_too_small_says_so(bench: Workbench) -> None:
    long = samples.long_mp4(bench.files)
    with pytest.raises(Unconvertible, match="lasts 10 h; those of up to 10 min"):
        await bench.convert(long, "video", "video/mp4", 1_000_000, "video/mp4")
    short = samples.mp4(bench.files, 2)
    with pytest.raises(Unconvertible, match="cannot be made 10,000 bytes or fewer"):
        await bench.convert(short, "video", "video/mp4", 10_000, "video/mp4")
