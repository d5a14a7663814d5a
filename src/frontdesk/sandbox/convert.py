"""What a phone makes of a file before it sends it: photos and voice notes as WhatsApp's are."""

from pathlib import Path
from typing import Any, BinaryIO

import av
import av.error
from av.audio.resampler import AudioResampler
from PIL import Image, ImageOps, UnidentifiedImageError

from frontdesk.kernel.errors import Invalid

PHOTO_SIDE = 1600
PHOTO_QUALITY = 82
STICKER_SIDE = 512
VOICE_RATE = 48_000
VOICE_BITS = 32_000


def to_photo(source: BinaryIO, target: BinaryIO) -> None:
    """JPEG of at most 1600 pixels, upright, with nothing of the camera or the place in it."""
    try:
        with Image.open(source) as image:
            upright = ImageOps.exif_transpose(image)
            if "A" in upright.getbands() or "transparency" in upright.info:
                layer = upright.convert("RGBA")
                upright = Image.new("RGBA", layer.size, "white")
                upright.alpha_composite(layer)
            photo = upright.convert("RGB")
            photo.thumbnail((PHOTO_SIDE, PHOTO_SIDE))
            photo.info.clear()
            photo.save(target, "JPEG", quality=PHOTO_QUALITY, optimize=True)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as wrong:
        raise Invalid(f"the photo cannot be read ({wrong}): send it as a document") from wrong


def to_sticker(source: BinaryIO, target: BinaryIO) -> None:
    """WebP of 512 × 512 pixels, transparent around the picture."""
    try:
        with Image.open(source) as image:
            picture = ImageOps.contain(image.convert("RGBA"), (STICKER_SIDE, STICKER_SIDE))
            sticker = Image.new("RGBA", (STICKER_SIDE, STICKER_SIDE), (0, 0, 0, 0))
            place = ((STICKER_SIDE - picture.width) // 2, (STICKER_SIDE - picture.height) // 2)
            sticker.paste(picture, place)
            sticker.save(target, "WEBP", quality=80)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as wrong:
        raise Invalid(f"the sticker cannot be made ({wrong}): choose a picture") from wrong


def to_voice(source: Path, target: Path) -> None:
    """OGG/Opus with one channel, as every voice note of WhatsApp is."""
    try:
        with av.open(str(source)) as recorded, av.open(str(target), "w", format="ogg") as note:
            if not recorded.streams.audio:
                raise Invalid("the recording has no sound: allow the microphone, record again")
            _encode(recorded, note)
    except (av.error.FFmpegError, ValueError) as wrong:
        raise Invalid(f"the recording cannot be read ({wrong}): record it again") from wrong


def _encode(recorded: Any, note: Any) -> None:
    stream = note.add_stream("libopus", rate=VOICE_RATE, layout="mono")
    stream.bit_rate = VOICE_BITS
    resampler = AudioResampler("s16", "mono", VOICE_RATE, frame_size=960)
    for frame in recorded.decode(audio=0):
        # A recording's clock may begin anywhere; the note's begins at zero.
        frame.pts = None
        for piece in resampler.resample(frame):
            note.mux(stream.encode(piece))
    for piece in resampler.resample(None):
        note.mux(stream.encode(piece))
    note.mux(stream.encode(None))
