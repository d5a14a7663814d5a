"""What RapidOCR's child process does; nothing else imports this module, which brings Pillow."""

import os
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from frontdesk.media.recognition.lines import Piece, joined
from frontdesk.ports import RecognitionFailed

MOST_PIXELS = 50_000_000
LONGEST_SIDE = 1_600
"""In pixels: larger pictures are made smaller before they are read."""
MOST_THREADS = 4


def read(image: Path) -> str:
    """The text in the picture, line by line. Raises RecognitionFailed."""
    engine, numpy = _engine()
    with _picture(image) as picture:
        # The engine takes arrays in the order of OpenCV: blue, green, red.
        found = engine(numpy.asarray(picture)[:, :, ::-1])
    return joined(_pieces(found))


@cache
def _engine() -> tuple[Any, Any]:
    """With its models read, and the library of its arrays."""
    try:
        rapidocr: Any = import_module("rapidocr")
        numpy: Any = import_module("numpy")
    except ImportError as error:
        raise RecognitionFailed(f"the extra `ocr` is not usable: {error}") from error
    engine = rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": min(MOST_THREADS, os.cpu_count() or 1),
        }
    )
    return engine, numpy


def _picture(path: Path) -> Image.Image:
    """The picture upright, on white, of a bounded size."""
    Image.MAX_IMAGE_PIXELS = None  # the limit below is ours, and tells its number
    try:
        with Image.open(path) as opened:
            width, height = opened.size
            if width * height > MOST_PIXELS:
                raise RecognitionFailed(
                    f"the picture has {width} x {height} pixels; text is read in up to "
                    f"{MOST_PIXELS // 1_000_000} million"
                )
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded smaller
            opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(opened)
            colored = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except (OSError, ValueError, SyntaxError) as error:
        raise RecognitionFailed(f"the picture cannot be opened ({type(error).__name__})") from error
    if colored.mode == "RGB":
        return colored
    white = Image.new("RGB", colored.size, "white")
    white.paste(colored, mask=colored.getchannel("A"))
    return white


def _pieces(found: Any) -> list[Piece]:
    if found.boxes is None:
        return []
    return [
        Piece(
            text,
            float(score),
            left=float(min(point[0] for point in box)),
            top=float(min(point[1] for point in box)),
            bottom=float(max(point[1] for point in box)),
        )
        for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
    ]
