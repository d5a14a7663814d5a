"""Sound: as recognisers take it, as a waveform, and as carriers take it."""

import wave
from pathlib import Path
from typing import Any

import av
import pytest

from frontdesk.media.decoding.limits import Limits
from frontdesk.media.decoding.pool import Decoders
from frontdesk.media.model import PEAKS, Unconvertible
from media import samples
from media.decoding.workbench import Workbench


def samples_in(path: Path) -> int:
    with wave.open(str(path)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (16_000, 1, 2)
        return sound.getnframes()


def facts(path: Path) -> tuple[str, int, int, float]:
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        assert container.duration is not None
        return stream.codec_context.name, stream.rate, stream.channels, container.duration / 1e6


@pytest.mark.parametrize(
    ("make", "seconds", "count"),
    [
        # 48 kHz is thrice 16 kHz; Opus says how many samples there are, to the sample.
        (samples.ogg_opus, 2.0, 32_000),
        (samples.ogg_opus, 0.5, 8_000),
        (samples.ogg_opus, 10.0, 160_000),
        (samples.wav, 2.77, 44_320),
        (samples.mp3, 2.0, 32_000),
    ],
)
async def test_a_recording_becomes_a_wav_with_not_a_sample_more_or_less(
    bench: Workbench, make: Any, seconds: float, count: int
) -> None:
    found = await bench.inspect(make(bench.files, seconds), "audio")

    assert found.error is None
    assert found.duration == pytest.approx(seconds)
    (made,) = found.made
    assert (made.name, made.path.name, made.content_type) == ("wav", "voice.wav", "audio/wav")
    assert samples_in(made.path) == count


@pytest.mark.parametrize("make", [samples.m4a, samples.aac, samples.amr])
async def test_formats_of_whole_frames_may_add_one(bench: Workbench, make: Any) -> None:
    found = await bench.inspect(make(bench.files, 3), "audio")

    assert found.error is None
    made = found.made_as("wav")
    assert made is not None
    assert 48_000 <= samples_in(made.path) <= 48_000 + 16_000 * 0.08


async def test_the_waveform_is_loud_where_the_sound_is(bench: Workbench) -> None:
    found = await bench.inspect(samples.ogg_opus(bench.files, 4), "audio")

    assert found.peaks is not None
    assert len(found.peaks) == PEAKS
    assert max(found.peaks) == 100
    assert min(found.peaks[: PEAKS // 2 - 2]) > 80
    assert max(found.peaks[PEAKS // 2 + 2 :]) < 20


async def test_a_moment_of_sound_has_a_whole_waveform(bench: Workbench) -> None:
    found = await bench.inspect(samples.wav(bench.files, 0.05), "audio")

    assert found.error is None
    assert found.peaks is not None
    assert len(found.peaks) == PEAKS


async def test_more_sound_than_is_listened_to_keeps_its_length_and_says_the_limit(
    bench: Workbench,
) -> None:
    decoders = Decoders(processes=1, limits=Limits(sound_seconds=60))
    try:
        strict = Workbench(decoders, bench.files, bench.out)
        found = await strict.inspect(samples.ogg_opus(bench.files, 61), "audio")
    finally:
        await decoders.close()

    assert found.duration == pytest.approx(61, abs=0.1)
    assert found.error == "The sound lasts 1 min 1 s; at most 1 min are listened to."
    assert found.made == []


@pytest.mark.parametrize("magic", ["ogg", "wav", "mp3", "mp4"])
async def test_garbage_with_a_recording_s_first_bytes_is_an_error(
    bench: Workbench, magic: samples.Magic
) -> None:
    found = await bench.inspect(samples.garbage(bench.files, magic), "audio")

    assert found.error is not None
    assert found.made == []


async def test_a_playlist_is_not_followed_to_other_files(bench: Workbench) -> None:
    secret = samples.wav(bench.files)
    playlist = bench.files / "list.ogg"
    playlist.write_text(f"ffconcat version 1.0\nfile '{secret.name}'\n")
    stream = bench.files / "stream.ogg"
    stream.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{secret}\n#EXT-X-ENDLIST\n")

    for path in (playlist, stream):
        found = await bench.inspect(path, "audio")
        assert found.error == "The recording cannot be read: it is damaged or incomplete."


@pytest.mark.parametrize(
    ("to", "codec", "rate"),
    [
        ("audio/ogg; codecs=opus", "opus", 48_000),
        ("audio/mpeg", "mp3", 24_000),
        ("audio/mp4", "aac", 44_100),
    ],
)
async def test_a_recording_becomes_what_the_channel_takes_first(
    bench: Workbench, to: str, codec: str, rate: int
) -> None:
    sound = samples.wav(bench.files, 3)

    made = await bench.convert(sound, "audio", "audio/wav", 1_000_000, to, "audio/amr")

    assert (made.name, made.content_type) == ("sent", to)
    name, found_rate, channels, seconds = facts(made.path)
    assert name.startswith(codec)
    assert (found_rate, channels) == (rate, 1)
    assert seconds == pytest.approx(3, abs=0.1)


async def test_a_recording_is_made_smaller_by_its_bit_rate(bench: Workbench) -> None:
    sound = samples.wav(bench.files, 20)

    roomy = await bench.convert(sound, "audio", "audio/wav", 1_000_000, "audio/ogg; codecs=opus")
    size = roomy.path.stat().st_size
    tight = await bench.convert(sound, "audio", "audio/wav", size // 2, "audio/ogg; codecs=opus")

    assert tight.path.stat().st_size <= size // 2
    assert facts(tight.path)[3] == pytest.approx(20, abs=0.1)
    with pytest.raises(Unconvertible, match="20 s of sound cannot be made 2,000 bytes"):
        await bench.convert(sound, "audio", "audio/wav", 2_000, "audio/ogg; codecs=opus")


async def test_what_is_damaged_is_not_converted(bench: Workbench) -> None:
    garbage = samples.garbage(bench.files, "ogg")
    with pytest.raises(Unconvertible, match="damaged or incomplete"):
        await bench.convert(garbage, "audio", "audio/ogg", 1_000_000, "audio/mpeg")
