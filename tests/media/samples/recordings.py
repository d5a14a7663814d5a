"""Sound and moving pictures."""

from array import array
from collections.abc import Iterator
from fractions import Fraction
from math import pi, sin
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.video.frame import VideoFrame
from PIL import ImageDraw

from media.samples.making import sample
from media.samples.pictures import picture


def _tone(rate: int, seconds: float) -> Iterator[AudioFrame]:
    """440 Hz, mono: loud in the first half, quiet in the second."""
    total = round(rate * seconds)
    period = [sin(2 * pi * 440 * each / rate) for each in range(rate)]
    loud = array("h", [round(24_000 * each) for each in period]).tobytes()
    quiet = array("h", [round(1_500 * each) for each in period]).tobytes()
    place = 0
    while place < total:
        # A frame lies within a second and within a half, whatever those are.
        half = total // 2 if place < total // 2 else total
        count = min(960, half - place, rate - place % rate)
        source = loud if place < total // 2 else quiet
        begin = place % rate * 2
        frame = AudioFrame(format="s16", layout="mono", samples=count)
        frame.planes[0].update(
            source[begin : begin + count * 2].ljust(frame.planes[0].buffer_size, b"\0")
        )
        frame.sample_rate, frame.pts, frame.time_base = rate, place, Fraction(1, rate)
        yield frame
        place += count


def _sound(path: Path, codec: str, rate: int, seconds: float, form: str | None = None) -> None:
    with av.open(str(path), "w", format=form) as out:
        _add_sound(out, codec, rate, seconds)


def _add_sound(out: OutputContainer, codec: str, rate: int, seconds: float) -> None:
    stream = out.add_stream(codec, rate=rate, layout="mono")
    assert isinstance(stream, av.AudioStream)
    for frame in _tone(rate, seconds):
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


@sample("note.ogg")
def ogg_opus(path: Path, seconds: float = 2) -> None:
    """A voice note as WhatsApp has it."""
    _sound(path, "libopus", 48_000, seconds, "ogg")


@sample("sound.wav")
def wav(path: Path, seconds: float = 2, *, rate: int = 16_000) -> None:
    _sound(path, "pcm_s16le", rate, seconds)


@sample("song.mp3")
def mp3(path: Path, seconds: float = 2) -> None:
    _sound(path, "libmp3lame", 44_100, seconds)


@sample("note.m4a")
def m4a(path: Path, seconds: float = 2) -> None:
    _sound(path, "aac", 44_100, seconds, "ipod")


@sample("sound.aac")
def aac(path: Path, seconds: float = 2) -> None:
    _sound(path, "aac", 44_100, seconds, "adts")


@sample("note.amr")
def amr(path: Path, seconds: float = 2) -> None:
    _sound(path, "libopencore_amrnb", 8_000, seconds)


SOUND_RATES = {"libopus": 48_000, "libopencore_amrnb": 8_000}


def _video(
    path: Path,
    codecs: tuple[str, str],
    seconds: float,
    sound: bool,
    form: str | None = None,
    size: tuple[int, int] = (352, 288),
    rotation: int = 0,
    bit_rate: int = 0,
) -> None:
    """Four coloured corners under a white bar that wanders. 25 frames a second, the oldest codecs
    know no fewer.
    """
    picture_codec, sound_codec = codecs
    grain = bit_rate > 0
    with av.open(str(path), "w", format=form) as out:
        stream = out.add_stream(picture_codec, rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = bit_rate or 400_000
        stream.codec_context.thread_count = 1
        if rotation:
            stream.set_display_rotation(rotation)
        track, rate = None, SOUND_RATES.get(sound_codec, 44_100)
        if sound:
            track = out.add_stream(sound_codec, rate=rate, layout="mono")
        ground = picture(*size, grain=grain)
        for number in range(max(1, round(seconds * 25))):
            image = ground.rotate(180) if grain and number % 2 else ground.copy()
            at = number % 25 * size[0] // 25
            ImageDraw.Draw(image).rectangle((at, 0, at + 4, size[1]), fill=(255, 255, 255))
            frame = VideoFrame.from_image(image)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if track is not None:
            assert isinstance(track, av.AudioStream)
            for each in _tone(rate, seconds):
                out.mux(track.encode(each))
            out.mux(track.encode(None))


@sample("clip.mp4")
def mp4(
    path: Path,
    seconds: float = 2,
    *,
    sound: bool = True,
    width: int = 352,
    height: int = 288,
    rotation: int = 0,
    bit_rate: int = 0,
) -> None:
    """`rotation`: degrees, noted as telephones do. `bit_rate`: full of grain, so that it is met."""
    size = (width, height)
    _video(path, ("libx264", "aac"), seconds, sound, None, size, rotation, bit_rate)


@sample("long.mp4")
def long_mp4(path: Path, *, hours: float = 10) -> None:
    """A silent video that lasts for hours: a picture every five seconds."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        frame = VideoFrame.from_image(picture(320, 240)).reformat(format="yuv420p")
        for number in range(round(hours * 720) + 1):
            frame.pts, frame.time_base = number * 5_000, Fraction(1, 1000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


@sample("clip.webm")
def webm(path: Path, seconds: float = 2, *, sound: bool = True) -> None:
    _video(path, ("libvpx", "libopus"), seconds, sound)


@sample("clip.mov")
def mov(path: Path, seconds: float = 2, *, sound: bool = True) -> None:
    _video(path, ("libx264", "aac"), seconds, sound, "mov")


@sample("clip.avi")
def avi(path: Path, seconds: float = 2, *, sound: bool = True) -> None:
    _video(path, ("mpeg4", "libmp3lame"), seconds, sound)


@sample("clip.3gp")
def three_gp(path: Path, seconds: float = 2, *, sound: bool = True) -> None:
    _video(path, ("h263", "libopencore_amrnb"), seconds, sound, "3gp")


@sample("clip.mpeg")
def mpeg(path: Path, seconds: float = 2, *, sound: bool = True) -> None:
    _video(path, ("mpeg1video", "mp2"), seconds, sound, "mpeg")
