"""Pictures: four coloured corners, so that a turned one is seen."""

import io
import random
import struct
import zlib
from pathlib import Path

from PIL import Image, ImageDraw

from media.samples.making import sample

Colour = tuple[int, int, int]

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 180, 60), (30, 60, 220), (240, 220, 40)
"""The corners of every picture: upper left, upper right, lower left, lower right."""


def picture(width: int, height: int, *, grain: bool = False) -> Image.Image:
    """Four coloured quarters; with `grain` also what a camera sees, which compresses badly."""
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    middle = (width // 2, height // 2)
    draw.rectangle((0, 0, *middle), fill=RED)
    draw.rectangle((middle[0], 0, width, middle[1]), fill=GREEN)
    draw.rectangle((0, middle[1], middle[0], height), fill=BLUE)
    draw.rectangle((*middle, width, height), fill=YELLOW)
    if not grain:
        return image
    coarse = (width // 2, height // 2)
    dots = random.Random(1).randbytes(coarse[0] * coarse[1] * 3)
    noise = Image.frombytes("RGB", coarse, dots).resize(image.size, Image.Resampling.BICUBIC)
    return Image.blend(image, noise, 0.5)


def _exif(orientation: int, place: bool) -> Image.Exif:
    exif = Image.Exif()
    if orientation != 1:
        exif[0x0112] = orientation
    if place:
        exif[0x010F] = "Camera of Ana"
        exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    return exif


@sample("photo.jpg")
def jpeg(
    path: Path,
    *,
    width: int = 640,
    height: int = 480,
    orientation: int = 1,
    place: bool = False,
    grain: bool = False,
    quality: int = 90,
) -> None:
    """`width` and `height` are as stored: 5 to 8 of `orientation` turn it on its side."""
    image = picture(width, height, grain=grain)
    image.save(path, "JPEG", quality=quality, exif=_exif(orientation, place))


@sample("drawing.png")
def png(path: Path, *, width: int = 640, height: int = 480, clear: bool = False) -> None:
    """With `clear` the upper left quarter lets through what is behind it."""
    image = picture(width, height)
    if clear:
        image = image.convert("RGBA")
        image.paste((0, 0, 0, 0), (0, 0, width // 2, height // 2))
    image.save(path, "PNG")


def _frames(width: int, height: int, count: int) -> list[Image.Image]:
    upright = picture(width, height)
    return [upright.rotate(90 * (each % 4)).convert("RGB") for each in range(count)]


@sample("moving.gif")
def gif(path: Path, *, width: int = 200, height: int = 200, frames: int = 3) -> None:
    first, *rest = _frames(width, height, frames)
    first.save(path, "GIF", save_all=True, append_images=rest, duration=100, loop=0)


@sample("sticker.webp")
def webp(path: Path, *, width: int = 512, height: int = 512, frames: int = 1) -> None:
    first, *rest = _frames(width, height, frames)
    if rest:
        first.save(path, "WEBP", save_all=True, append_images=rest, duration=100)
    else:
        first.save(path, "WEBP", quality=80)


@sample("bomb.png")
def bomb_png(path: Path, *, side: int = 30_000) -> None:
    """A few kilobytes that say, truly, that they are `side` × `side` pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    rows, row = zlib.compressobj(9), bytes(1 + (side + 7) // 8)
    body = b"".join(rows.compress(row) for _ in range(side)) + rows.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


@sample("cut.jpg")
def truncated_jpeg(path: Path) -> None:
    whole = io.BytesIO()
    picture(640, 480, grain=True).save(whole, "JPEG")
    path.write_bytes(whole.getvalue()[: whole.tell() // 3])
