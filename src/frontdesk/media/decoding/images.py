"""Pictures: their size as seen, a thumbnail, and a copy that tells nothing of its maker."""

from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from frontdesk.media.decoding.limits import Limits, Unreadable
from frontdesk.media.model import Findings, Made, Unconvertible

FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
"""As files begin. A JPEG with further pictures behind the first is an MPO once it is open."""
TYPES = {
    "JPEG": ("image/jpeg", ".jpg"),
    "MPO": ("image/jpeg", ".jpg"),
    "PNG": ("image/png", ".png"),
    "WEBP": ("image/webp", ".webp"),
}
THUMBNAIL = 400
SHOWN_QUALITY = 90
ORIENTATION = 0x0112
HARMLESS = {ORIENTATION, 0x0100, 0x0101, 0x0102, 0x0103, 0x011A, 0x011B, 0x0128, 0x0213, 0x8769}
"""Sizes, resolution, and the pointer to the part that is looked into besides."""
HARMLESS_WITHIN = {0x9000, 0x9101, 0xA000, 0xA001, 0xA002, 0xA003}
TELLING = ("xmp", "XML:com.adobe.xmp", "photoshop", "comment", "Raw profile type exif")
STICKER = (512, 512)

Image.MAX_IMAGE_PIXELS = None  # ours is checked by `_opened`, for every format alike


def inspect(path: Path, out: Path, limits: Limits, findings: Findings) -> None:
    with _opened(path) as image:
        findings.width, findings.height = image.size
        _check(image, limits)  # first: the EXIF of a PNG may be behind its pixels
        if image.getexif().get(ORIENTATION, 1) >= 5:
            findings.width, findings.height = image.height, image.width
        if _tells(image) and (made := _shown(path, image, out, findings)):
            findings.made.append(made)
        # Behind the copy, which needs all pixels: a JPEG can be decoded small for a thumbnail.
    with _opened(path) as image:
        findings.made.insert(0, thumbnail(_first_small(image), out))


def thumbnail(image: Image.Image, out: Path) -> Made:
    """Of a picture that stands upright."""
    image.thumbnail((THUMBNAIL, THUMBNAIL), reducing_gap=2.0)
    path = out / "thumbnail.webp"
    _plain(image).save(path, "WEBP", quality=75, method=2)
    return Made("thumbnail", path, "image/webp", *image.size)


def convert(
    path: Path, to: list[str], max_bytes: int, out: Path, limits: Limits, sticker: bool
) -> Made:
    """Less quality first, then fewer pixels."""
    with _opened(path) as image:
        _check(image, limits)
        image.load()
        upright = _plain(ImageOps.exif_transpose(image))
        # One for printing inks says nothing of the colours that are left.
        profile = None if image.mode == "CMYK" else image.info.get("icc_profile")
    if sticker:
        upright = ImageOps.pad(upright.convert("RGBA"), STICKER, color=(0, 0, 0, 0))
    content_type = to[0]
    if content_type == "image/jpeg" and upright.mode == "RGBA":
        upright = _on_white(upright)
    for scale in (1,) if sticker else (1, 0.75, 0.5, 0.35, 0.25, 0.12):
        size = (max(1, round(upright.width * scale)), max(1, round(upright.height * scale)))
        image = upright if scale == 1 else upright.resize(size, reducing_gap=2.0)
        for quality in (90,) if content_type == "image/png" else (88, 75, 60, 45):
            body = _encoded(image, content_type, quality, profile)
            if len(body) <= max_bytes:
                made = out / f"sent.{content_type.partition('/')[2].replace('jpeg', 'jpg')}"
                made.write_bytes(body)
                return Made("sent", made, content_type, *size)
    raise Unconvertible(f"no smaller picture of it has {max_bytes:,} bytes or fewer")


def _opened(path: Path) -> Image.Image:
    try:
        return Image.open(path, formats=FORMATS)
    except Image.UnidentifiedImageError:
        raise Unreadable("The picture cannot be read: it is damaged or incomplete.") from None


def _check(image: Image.Image, limits: Limits) -> None:
    pixels = image.width * image.height
    if pixels > limits.pixels:
        raise Unreadable(
            f"The picture has {image.width:,} × {image.height:,} pixels, {pixels / 1e6:,.0f} "
            f"million; at most {limits.pixels / 1e6:,.0f} million are decoded."
        )


def _tells(image: Image.Image) -> bool:
    """Whether it must be turned, or says where, when, by whom or with what it was made."""
    exif = image.getexif()
    return (
        exif.get(ORIENTATION, 1) != 1
        or not HARMLESS.issuperset(exif)
        or not HARMLESS_WITHIN.issuperset(exif.get_ifd(0x8769))
        or any(name in image.info for name in TELLING)
        or bool(getattr(image, "text", None))
        or image.format == "MPO"  # further pictures behind the first, each with its own facts
    )


def _shown(path: Path, image: Image.Image, out: Path, findings: Findings) -> Made | None:
    if image.format not in TYPES:
        return None  # a GIF holds neither place nor orientation
    content_type, extension = TYPES[image.format]
    made = out / f"shown{extension}"
    if getattr(image, "is_animated", False) and image.format == "WEBP":
        made.write_bytes(_without_facts(path.read_bytes()))
    else:
        image.load()
        profile = image.info.get("icc_profile")
        upright = ImageOps.exif_transpose(image)
        upright.info = {k: v for k, v in upright.info.items() if k == "transparency"}
        made.write_bytes(_encoded(upright, content_type, SHOWN_QUALITY, profile))
    return Made("shown", made, content_type, findings.width, findings.height)


def _encoded(image: Image.Image, content_type: str, quality: int, profile: bytes | None) -> bytes:
    options: dict[str, Any] = {"icc_profile": profile} if profile else {}
    if content_type == "image/jpeg":
        options |= {"quality": quality, "optimize": quality < SHOWN_QUALITY}
    elif content_type == "image/webp":
        options |= {"quality": quality, "method": 3}
    body = BytesIO()
    image.save(body, content_type.partition("/")[2].upper(), **options)
    return body.getvalue()


def _first_small(image: Image.Image) -> Image.Image:
    """The first frame, upright."""
    image.draft("RGB", (THUMBNAIL * 2, THUMBNAIL * 2))
    image.thumbnail((THUMBNAIL, THUMBNAIL), reducing_gap=2.0)
    return ImageOps.exif_transpose(image)


def _plain(image: Image.Image) -> Image.Image:
    """As RGB, or RGBA where something shines through."""
    if image.mode in ("RGB", "RGBA"):
        return image
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    clear = image.mode in ("LA", "PA", "La", "RGBa") or "transparency" in image.info
    return image.convert("RGBA" if clear else "RGB")


def _on_white(image: Image.Image) -> Image.Image:
    ground = Image.new("RGB", image.size, (255, 255, 255))
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _without_facts(body: bytes) -> bytes:
    """A WebP without its EXIF and XMP chunks; its frames stay as they are.

    https://developers.google.com/speed/webp/docs/riff_container
    """
    kept, at = bytearray(), 12
    while at + 8 <= len(body):
        name, size = body[at : at + 4], int.from_bytes(body[at + 4 : at + 8], "little")
        chunk = bytearray(body[at : at + 8 + size + size % 2])
        if name == b"VP8X" and size:
            chunk[8] &= ~0b1100
        if name not in (b"EXIF", b"XMP "):
            kept += chunk
        at += 8 + size + size % 2
    return b"RIFF" + (len(kept) + 4).to_bytes(4, "little") + b"WEBP" + kept
