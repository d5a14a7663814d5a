"""Videos made smaller: MP4 with H.264 and AAC, at the bit rate that the limit leaves."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame

from frontdesk.media.decoding.containers import (
    duration_of,
    frames_of,
    opened,
    picture_of,
    sound_of,
)
from frontdesk.media.decoding.limits import Limits, Unreadable, hours
from frontdesk.media.decoding.sound import Resampled
from frontdesk.media.decoding.video import check_size
from frontdesk.media.model import Made, Unconvertible

CONTENT_TYPE = "video/mp4"
SOUND_BITS, SOUND_RATE = 64_000, 44_100
LEAST_BITS, MOST_BITS = 80_000, 2_500_000
"""Of the picture, a second. Below the least nothing is to be recognised."""
SIDES = ((900_000, 1280), (400_000, 854), (180_000, 640), (0, 426))
"""The longer side, by the bits a second that there are for it."""
SHARES = (0.92, 0.75, 0.6)
"""Of the limit: the encoder keeps its bit rate on average only."""
MOST_FRAMES_A_SECOND = 30
CLOCK = 90_000


@dataclass(frozen=True, slots=True)
class Plan:
    bits: int
    side: int


def convert(path: Path, max_bytes: int, out: Path, limits: Limits) -> Made:
    made = out / "sent.mp4"
    with opened(path, "video") as source:
        stream = picture_of(source)
        if stream is None:
            raise Unreadable("There is no picture in the video.")
        check_size(stream, limits)
        seconds = duration_of(source, stream)
        has_sound = sound_of(source) is not None
    if not seconds or seconds > limits.video_seconds:
        raise Unconvertible(
            f"the video lasts {hours(seconds) if seconds else 'nobody knows how long'}; "
            f"those of up to {hours(limits.video_seconds)} are made smaller"
        )
    for share in SHARES:
        plan = _plan(seconds, int(max_bytes * share), has_sound)
        if plan is None:
            break
        try:
            size = _transcode(path, made, plan, limits)
        except FFmpegError as error:
            raise Unreadable("The video is damaged or incomplete.") from error
        if made.stat().st_size <= max_bytes:
            return Made("sent", made, CONTENT_TYPE, *size)
    raise Unconvertible(f"its {hours(seconds)} cannot be made {max_bytes:,} bytes or fewer")


def _plan(seconds: float, size: int, has_sound: bool) -> Plan | None:
    bits = min(MOST_BITS, int(size * 8 / max(seconds, 1) - SOUND_BITS * has_sound))
    if bits < LEAST_BITS:
        return None
    return Plan(bits, next(side for least, side in SIDES if bits >= least))


def _transcode(path: Path, made: Path, plan: Plan, limits: Limits) -> tuple[int, int]:
    """Answers width and height, as they are seen."""
    options = {"movflags": "+faststart"}
    with opened(path, "video") as source, av.open(str(made), "w", options=options) as sink:
        picture, sound = picture_of(source), sound_of(source)
        assert picture is not None
        writer = Writer(sink, plan, sound is not None, limits)
        writer.start = (source.start_time or 0) / av.time_base
        for packet in source.demux([each for each in (picture, sound) if each is not None]):
            for frame in frames_of(packet):
                if isinstance(frame, VideoFrame):
                    writer.see(frame)
                else:
                    writer.hear(frame)
        return writer.end()


class Writer:
    """The new file. Its first frame decides its form: only then is it known how it is turned."""

    def __init__(self, sink: OutputContainer, plan: Plan, has_sound: bool, limits: Limits) -> None:
        self._sink, self._plan, self._limits = sink, plan, limits
        self._has_sound = has_sound
        self._picture: av.VideoStream | None = None
        self._track: av.AudioStream | None = None
        self._resampled = Resampled(SOUND_RATE)
        self._waiting = list[AudioFrame]()
        self._heard: int | None = None
        """Samples so far."""
        self.start = 0.0
        """Seconds at which the source begins."""
        self._last = -1.0
        self._size = (0, 0)

    def see(self, frame: VideoFrame) -> None:
        picture = self._picture or self._begin(frame)
        time = self._last + 1 / MOST_FRAMES_A_SECOND
        if frame.pts is not None:
            time = max(0.0, frame.time - self.start)
        if time > self._limits.video_seconds + 1:
            raise Unconvertible("the video is longer than it says")
        if time < self._last + 0.9 / MOST_FRAMES_A_SECOND:
            return
        self._last = time
        small = frame.reformat(picture.width, picture.height, "yuv420p")
        small.pts, small.time_base = round(time * CLOCK), Fraction(1, CLOCK)
        self._sink.mux(picture.encode(small))

    def hear(self, frame: AudioFrame) -> None:
        if self._heard is None:  # sound may begin after the picture, and goes on without gaps
            late = (frame.time or 0.0) - self.start if frame.pts is not None else 0.0
            self._heard = max(0, round(late * SOUND_RATE))
        for each in self._resampled.of(frame):
            self._hear(each)

    def end(self) -> tuple[int, int]:
        if self._picture is None:
            raise Unreadable("No picture of the video can be decoded.")
        for each in self._resampled.rest():
            self._hear(each)
        self._sink.mux(self._picture.encode(None))
        if self._track is not None:
            self._sink.mux(self._track.encode(None))
        return self._size

    def _begin(self, frame: VideoFrame) -> av.VideoStream:
        share = min(1.0, self._plan.side / max(frame.width, frame.height))
        picture = self._sink.add_stream("libx264", rate=MOST_FRAMES_A_SECOND)
        assert isinstance(picture, av.VideoStream)
        picture.width, picture.height = (
            max(2, round(side * share / 2) * 2) for side in (frame.width, frame.height)
        )
        picture.pix_fmt, picture.bit_rate = "yuv420p", self._plan.bits
        picture.codec_context.time_base = Fraction(1, CLOCK)
        picture.codec_context.thread_count = 2
        kilobits = self._plan.bits // 1000
        picture.codec_context.options = {
            "preset": "veryfast",
            "profile": "main",
            "maxrate": f"{kilobits * 3 // 2}k",
            "bufsize": f"{kilobits * 2}k",
        }
        self._size = (picture.width, picture.height)
        if frame.rotation:
            picture.set_display_rotation(frame.rotation)
            if frame.rotation % 180:
                self._size = (picture.height, picture.width)
        if self._has_sound:
            track = self._sink.add_stream("aac", rate=SOUND_RATE, layout="mono")
            assert isinstance(track, av.AudioStream)
            track.bit_rate, self._track = SOUND_BITS, track
        self._picture = picture
        for each in self._waiting:
            self._hear(each)
        self._waiting.clear()
        return picture

    def _hear(self, frame: AudioFrame) -> None:
        if self._track is None:
            if len(self._waiting) < 500:
                self._waiting.append(frame)
            return
        place = self._heard or 0
        frame.pts, frame.time_base = place, Fraction(1, SOUND_RATE)
        self._heard = place + frame.samples
        self._sink.mux(self._track.encode(frame))
