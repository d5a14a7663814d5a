"""Pictures: seen upright, small, and without their maker's secrets."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from frontdesk.media.model import Unconvertible
from media import samples
from media.decoding.workbench import Workbench

GPS, MAKE = 0x8825, 0x010F


def near(found: Any, wanted: samples.Colour) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(found[:3], wanted, strict=True))


def corners(path: Path) -> list[Any]:
    with Image.open(path) as image:
        right, low = image.width - 10, image.height - 10
        rgb = image.convert("RGB")
    return [rgb.getpixel(at) for at in ((10, 10), (right, 10), (10, low), (right, low))]


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (samples.jpeg, (640, 480)),
        (samples.png, (640, 480)),
        (samples.gif, (200, 200)),
        (samples.webp, (512, 512)),
    ],
)
async def test_a_picture_has_its_size_and_a_small_webp(
    bench: Workbench, make: Any, size: tuple[int, int]
) -> None:
    found = await bench.inspect(make(bench.files), "image")

    assert (found.width, found.height, found.error) == (*size, None)
    assert [each.name for each in found.made] == ["thumbnail"]
    with Image.open(found.made[0].path) as thumbnail:
        assert thumbnail.format == "WEBP"
        assert max(thumbnail.size) == min(400, max(size))
        assert thumbnail.size == (found.made[0].width, found.made[0].height)
    wanted = (samples.RED, samples.GREEN, samples.BLUE, samples.YELLOW)
    assert all(map(near, corners(found.made[0].path), wanted))


@pytest.mark.parametrize("make", [samples.gif, samples.webp])
async def test_of_a_moving_picture_the_first_frame_is_the_thumbnail(
    bench: Workbench, make: Any
) -> None:
    found = await bench.inspect(make(bench.files, frames=4), "image")

    assert near(corners(found.made[0].path)[0], samples.RED)


async def test_a_sideways_photo_is_shown_upright_and_tells_neither_place_nor_camera(
    bench: Workbench,
) -> None:
    photo = samples.jpeg(bench.files, orientation=6, place=True)
    with Image.open(photo) as image:
        assert GPS in image.getexif()

    found = await bench.inspect(photo, "image")

    assert (found.width, found.height) == (480, 640)
    shown, thumbnail = found.made_as("shown"), found.made_as("thumbnail")
    assert shown is not None
    assert thumbnail is not None
    assert shown.content_type == "image/jpeg"
    assert (shown.width, shown.height) == (480, 640)
    for made in (shown, thumbnail):
        # Turned right: what was lower left is upper left.
        assert near(corners(made.path)[0], samples.BLUE)
        assert near(corners(made.path)[1], samples.RED)
        with Image.open(made.path) as image:
            assert not dict(image.getexif())
        assert b"Camera of Ana" not in made.path.read_bytes()


@pytest.mark.parametrize("form", ["png", "webp"])
async def test_other_formats_tell_no_place_either(bench: Workbench, form: str) -> None:
    path = bench.files / f"with-place.{form}"
    exif = Image.Exif()
    exif[MAKE] = "Camera of Ana"
    exif.get_ifd(GPS).update({1: "N", 2: (52.0, 31.0, 12.0)})
    samples.picture(300, 200).save(path, exif=exif)
    assert b"Camera of Ana" in path.read_bytes()

    found = await bench.inspect(path, "image")

    shown = found.made_as("shown")
    assert shown is not None
    assert shown.content_type == f"image/{form}"
    assert b"Camera of Ana" not in shown.path.read_bytes()


async def test_a_moving_sticker_keeps_its_frames_when_it_loses_its_place(bench: Workbench) -> None:
    path = bench.files / "moving.webp"
    frames = [samples.picture(64, 64).rotate(angle) for angle in (0, 90, 180)]
    exif = Image.Exif()
    exif[MAKE] = "Camera of Ana"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=70, exif=exif)

    found = await bench.inspect(path, "sticker")

    shown = found.made_as("shown")
    assert shown is not None
    assert b"Camera of Ana" not in shown.path.read_bytes()
    with Image.open(shown.path) as image:
        assert getattr(image, "n_frames", 1) == 3


async def test_a_bomb_is_refused_before_it_is_decoded(bench: Workbench) -> None:
    bomb = samples.bomb_png(bench.files)
    # Were it decoded, 112 MB of it would be missing here.
    decoders = replace(bench.decoders, memory=380 * 1024 * 1024)
    try:
        found = await Workbench(decoders, bench.files, bench.out).inspect(bomb, "image")
    finally:
        await decoders.close()

    assert (found.width, found.height, found.made) == (30_000, 30_000, [])
    assert found.error == (
        "The picture has 30,000 × 30,000 pixels, 900 million; at most 60 million are decoded."
    )
    assert bomb.stat().st_size < 200_000


async def test_of_a_cut_off_photo_the_size_is_known_and_the_damage_said(bench: Workbench) -> None:
    found = await bench.inspect(samples.truncated_jpeg(bench.files), "image")

    assert (found.width, found.height, found.made) == (640, 480, [])
    assert found.error == "The picture cannot be read: it is damaged or incomplete."


@pytest.mark.parametrize("magic", ["jpg", "png", "gif", "webp"])
async def test_garbage_with_a_picture_s_first_bytes_is_an_error(
    bench: Workbench, magic: samples.Magic
) -> None:
    found = await bench.inspect(samples.garbage(bench.files, magic), "image")

    assert found.error is not None
    assert found.error.startswith("The picture ")
    assert found.made == []


async def test_a_photo_is_made_to_fit_with_less_quality_first(bench: Workbench) -> None:
    photo = samples.jpeg(bench.files, width=1200, height=900, grain=True, orientation=6, place=True)
    assert photo.stat().st_size > 500_000

    made = await bench.convert(photo, "image", "image/jpeg", 500_000, "image/jpeg", "image/png")
    smaller = await bench.convert(photo, "image", "image/jpeg", 40_000, "image/jpeg")

    assert (made.name, made.content_type) == ("sent", "image/jpeg")
    assert (made.width, made.height) == (900, 1200)
    assert smaller.width is not None
    assert smaller.width < 900
    assert smaller.path.stat().st_size <= 40_000
    with Image.open(smaller.path) as image:
        assert not dict(image.getexif())


async def test_what_shines_through_becomes_white_in_a_jpeg(bench: Workbench) -> None:
    drawing = samples.png(bench.files, clear=True)

    made = await bench.convert(drawing, "image", "image/png", 1_000_000, "image/jpeg")

    assert made.path.suffix == ".jpg"
    assert near(corners(made.path)[0], (255, 255, 255))
    assert near(corners(made.path)[1], samples.GREEN)


async def test_a_sticker_gets_the_size_that_stickers_have(bench: Workbench) -> None:
    wide = samples.webp(bench.files, width=900, height=300)

    made = await bench.convert(wide, "sticker", "image/webp", 100_000, "image/webp")

    assert (made.content_type, made.width, made.height) == ("image/webp", 512, 512)
    assert made.path.stat().st_size <= 100_000


async def test_what_no_picture_can_fit_into_says_so(bench: Workbench) -> None:
    photo = samples.jpeg(bench.files)

    with pytest.raises(Unconvertible, match="300 bytes or fewer"):
        await bench.convert(photo, "image", "image/jpeg", 300, "image/jpeg")
    bomb = samples.bomb_png(bench.files)
    with pytest.raises(Unconvertible, match="at most 60 million"):
        await bench.convert(bomb, "image", "image/png", 1_000_000, "image/jpeg")
