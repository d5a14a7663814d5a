"""Videos: size, length, a picture from near the beginning, and their sound."""

from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from PIL import Image

from frontdesk.media.decoding.containers import (
    duration_of,
    frames_of,
    opened,
    picture_of,
    sound_of,
)
from frontdesk.media.decoding.images import THUMBNAIL, thumbnail
from frontdesk.media.decoding.limits import Limits, Unreadable
from frontdesk.media.decoding.sound import hear, too_long
from frontdesk.media.model import Findings

MOMENT = 1.0
"""Seconds into the video: many begin in black."""
MOST_FRAMES = 120
"""That are decoded to get to the moment; the last of them will do."""


def inspect(path: Path, out: Path, limits: Limits, findings: Findings) -> None:
    with opened(path, "video") as container:
        stream = picture_of(container)
        if stream is None:
            raise Unreadable("There is no picture in the video.")
        findings.width, findings.height = stream.width or None, stream.height or None
        findings.duration = duration_of(container, stream)
        check_size(stream, limits)
        frame = _frame(container, stream, min(MOMENT, (findings.duration or 0) / 2))
        if frame is None:
            findings.error = "No picture of the video can be decoded."
        else:
            if frame.rotation % 180:
                findings.width, findings.height = findings.height, findings.width
            findings.made.append(thumbnail(_image(frame), out))
    _listen(path, out, limits, findings)


def check_size(stream: av.VideoStream, limits: Limits) -> None:
    if stream.width * stream.height > limits.pixels:
        raise Unreadable(
            f"The video has {stream.width:,} × {stream.height:,} pixels; "
            f"at most {limits.pixels / 1e6:,.0f} million are decoded."
        )


def _listen(path: Path, out: Path, limits: Limits, findings: Findings) -> None:
    with opened(path, "video") as container:
        stream = sound_of(container)
        if stream is None:
            return
        if findings.duration and findings.duration > limits.sound_seconds:
            raise too_long(findings.duration, limits)
        hear(container, stream, out, limits, findings)


def _frame(container: InputContainer, stream: av.VideoStream, moment: float) -> VideoFrame | None:
    stream.codec_context.thread_count = 1  # each further one holds frames of its own
    start = float((stream.start_time or 0) * (stream.time_base or 0))
    try:
        container.seek(round((start + moment) * av.time_base))
    except FFmpegError:
        container.seek(0)
    found, count = None, 0
    for packet in container.demux(stream):
        for frame in frames_of(packet):
            if isinstance(frame, VideoFrame):
                found, count = frame, count + 1
                if frame.pts is None or frame.time >= start + moment or count >= MOST_FRAMES:
                    return found
    return found


def _image(frame: VideoFrame) -> Image.Image:
    """Upright, and small before its colours are converted."""
    share = min(1.0, 2 * THUMBNAIL / max(frame.width, frame.height))
    size = (max(1, round(frame.width * share)), max(1, round(frame.height * share)))
    image: Image.Image = frame.to_image(width=size[0], height=size[1])
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image
