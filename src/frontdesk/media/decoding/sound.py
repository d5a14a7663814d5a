"""Sound: decoded into what recognisers take, or encoded as carriers take it."""

import wave
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from av.error import FFmpegError

from frontdesk.media.decoding.containers import duration_of, frames_of, opened, sound_of
from frontdesk.media.decoding.limits import Limits, Unreadable, hours
from frontdesk.media.model import PEAKS, Findings, Made, Unconvertible

WAV_RATE = 16_000
WINDOW = WAV_RATE // 50
"""Samples whose loudness is one value, before those are gathered into bars."""
STRIDE = 8
"""Every eighth sample tells how loud a window is, at an eighth of the time."""
BATCH = 48_000
"""Samples that are resampled at once: frame by frame, of 20 ms each, a note takes half as long
again."""
QUIET = 200
"""A mean amplitude, of 32 767, below which nothing is scaled up to look loud."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How one content type is made."""

    codec: str
    form: str
    extension: str
    rate: int
    bit_rates: tuple[int, ...]
    """The best first."""


ENCODINGS = {
    "audio/ogg": Encoding("libopus", "ogg", ".ogg", 48_000, (32_000, 24_000, 16_000, 10_000)),
    "audio/mpeg": Encoding("libmp3lame", "mp3", ".mp3", 24_000, (64_000, 48_000, 32_000, 16_000)),
    "audio/mp4": Encoding("aac", "ipod", ".m4a", 44_100, (64_000, 48_000, 32_000)),
    "audio/aac": Encoding("aac", "adts", ".aac", 44_100, (64_000, 48_000, 32_000)),
    "audio/amr": Encoding("libopencore_amrnb", "amr", ".amr", 8_000, (12_200, 7_950, 4_750)),
}
OVERHEAD = 1.06
"""Of containers; for the first guess only, the size is looked at afterwards."""


class Resampled:
    """Mono 16-bit samples at a rate, whatever comes in, also where it changes midway."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._resampler: AudioResampler | None = None
        self._waiting = AudioFifo()
        self._form: tuple[str, str, int] | None = None

    def of(self, frame: AudioFrame) -> Iterator[AudioFrame]:
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if form != self._form:
            yield from self.rest()
            self._form = form
            if form != ("s16", "mono", self.rate):
                self._resampler = AudioResampler("s16", "mono", self.rate)
        frame.pts = None  # where a recording has gaps, they are left out
        self._waiting.write(frame)
        if self._waiting.samples >= BATCH:
            yield from self._resample(self._waiting.read())

    def rest(self) -> Iterator[AudioFrame]:
        yield from self._resample(self._waiting.read())
        if self._resampler is not None:
            yield from self._resampler.resample(None)
        self._resampler, self._waiting = None, AudioFifo()

    def _resample(self, frame: AudioFrame | None) -> Iterator[AudioFrame]:
        if frame is not None:
            yield from [frame] if self._resampler is None else self._resampler.resample(frame)


def samples_of(
    container: InputContainer, stream: av.AudioStream, rate: int
) -> Iterator[AudioFrame]:
    resampled = Resampled(rate)
    for packet in container.demux(stream):
        for frame in frames_of(packet):
            if isinstance(frame, AudioFrame) and frame.samples:
                yield from resampled.of(frame)
    yield from resampled.rest()


def hear(
    container: InputContainer, stream: av.AudioStream, out: Path, limits: Limits, findings: Findings
) -> float:
    """Writes `voice.wav` and finds the peaks. Answers how long the sound is, in seconds."""
    path, loudness, count = out / "voice.wav", Loudness(), 0
    with path.open("wb") as file, wave.open(file, "wb") as sink:
        sink.setparams((1, 2, WAV_RATE, 0, "NONE", ""))
        for frame in samples_of(container, stream, WAV_RATE):
            samples = bytes(frame.planes[0])[: frame.samples * 2]
            sink.writeframesraw(samples)
            loudness.add(samples)
            count += frame.samples
            if count > limits.sound_seconds * WAV_RATE:
                break
    if count > limits.sound_seconds * WAV_RATE:
        path.unlink()
        raise too_long(None, limits)
    if not count:
        path.unlink()
        raise Unreadable("There is no sound in it that can be decoded.")
    findings.peaks = loudness.peaks()
    findings.made.append(Made("wav", path, "audio/wav"))
    return count / WAV_RATE


def too_long(seconds: float | None, limits: Limits) -> Unreadable:
    length = (
        f"lasts {hours(seconds)}" if seconds else f"is longer than {hours(limits.sound_seconds)}"
    )
    return Unreadable(f"The sound {length}; at most {hours(limits.sound_seconds)} are listened to.")


class Loudness:
    """Of windows of a fixed length, gathered into bars at the end, when the length is known."""

    def __init__(self) -> None:
        self._means = array("f")
        self._left = b""

    def add(self, samples: bytes) -> None:
        samples = self._left + samples
        whole = len(samples) - len(samples) % (WINDOW * 2)
        # Every value of the stride first, then the windows among them.
        heard, per = array("h", samples[:whole])[::STRIDE], WINDOW // STRIDE
        for at in range(0, len(heard), per):
            self._means.append(sum(map(abs, heard[at : at + per])) / per)
        self._left = samples[whole:]

    def peaks(self) -> list[int]:
        if self._left:
            heard = array("h", self._left)[::STRIDE]
            self._means.append(sum(map(abs, heard)) / max(1, len(heard)))
        count = len(self._means)
        bars = list[float]()
        for bar in range(PEAKS):
            begin = bar * count // PEAKS
            bars.append(max(self._means[begin : max(begin + 1, (bar + 1) * count // PEAKS)]))
        loudest = max(QUIET, *bars)
        return [round(100 * bar / loudest) for bar in bars]


def convert(path: Path, to: list[str], max_bytes: int, out: Path, limits: Limits) -> Made:
    """The first type of the list, at the best bit rate that fits."""
    content_type = to[0]
    encoding = ENCODINGS[content_type.partition(";")[0]]
    made = out / f"sent{encoding.extension}"
    with opened(path, "recording") as source:
        stream = sound_of(source)
        if stream is None:
            raise Unreadable("There is no sound in the file.")
        seconds = duration_of(source, stream)
    if seconds and seconds > limits.sound_seconds:
        raise too_long(seconds, limits)
    for bit_rate in encoding.bit_rates:
        if seconds and seconds * bit_rate / 8 * OVERHEAD > max_bytes:
            continue
        try:
            _encode(path, encoding, bit_rate, made, limits)
        except FFmpegError as error:
            raise Unreadable("The recording is damaged or incomplete.") from error
        if made.stat().st_size <= max_bytes:
            return Made("sent", made, content_type)
    long = f"its {hours(seconds)}" if seconds else "it"
    raise Unconvertible(f"{long} of sound cannot be made {max_bytes:,} bytes or fewer")


def _encode(path: Path, how: Encoding, bit_rate: int, made: Path, limits: Limits) -> None:
    with opened(path, "recording") as source, av.open(str(made), "w", format=how.form) as sink:
        stream = sound_of(source)
        assert stream is not None
        track = sink.add_stream(how.codec, rate=how.rate, layout="mono")
        assert isinstance(track, av.AudioStream)
        track.bit_rate = bit_rate
        place = 0
        for frame in samples_of(source, stream, how.rate):
            # From nought, without the gaps that a recording may have.
            frame.pts, frame.time_base = place, Fraction(1, how.rate)
            place += frame.samples
            if place > limits.sound_seconds * how.rate:
                raise too_long(None, limits)
            sink.mux(track.encode(frame))
        if not place:
            raise Unreadable("There is no sound in it that can be decoded.")
        sink.mux(track.encode(None))
