"""Opening sound and video: only the formats that are taken, and nothing but the file itself."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.error import FFmpegError, InvalidDataError
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame

from frontdesk.media.decoding.limits import Unreadable

FORMATS = "aac,amr,avi,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpeg,mpegts,mpegvideo,ogg,wav"
"""FFmpeg knows playlists, too, which name other files and addresses."""
OPTIONS = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
MOST_STREAMS = 16


def opened(path: Path, noun: str) -> InputContainer:
    try:
        # A name with a colon would be read as an address.
        container = av.open(f"file:{path}", "r", options=OPTIONS)
    except FFmpegError:
        raise Unreadable(f"The {noun} cannot be read: it is damaged or incomplete.") from None
    if len(container.streams) > MOST_STREAMS:
        container.close()
        raise Unreadable(
            f"The {noun} has {len(container.streams)} tracks; {MOST_STREAMS} are read."
        )
    return container


def sound_of(container: InputContainer) -> av.AudioStream | None:
    return next(iter(container.streams.audio), None)


def picture_of(container: InputContainer) -> av.VideoStream | None:
    """A cover picture is no video."""
    covers = Disposition.attached_pic
    return next((each for each in container.streams.video if not each.disposition & covers), None)


def duration_of(container: InputContainer, stream: Stream) -> float | None:
    """Seconds, as the file says, else as its packets do; nothing is decoded."""
    if container.duration and container.duration > 0:
        return container.duration / av.time_base
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    if stream.time_base is None:
        return None
    end = 0
    with suppress(FFmpegError):
        for packet in container.demux(stream):
            if packet.pts is not None:
                end = max(end, packet.pts + (packet.duration or 0))
    with suppress(FFmpegError):
        container.seek(0)
    return float((end - (stream.start_time or 0)) * stream.time_base) or None


def frames_of(packet: "Packet[Any]") -> Iterator[AudioFrame | VideoFrame]:
    """A damaged packet costs its own frames only, as in players."""
    with suppress(InvalidDataError):
        for frame in packet.decode():
            if isinstance(frame, AudioFrame | VideoFrame):
                yield frame
