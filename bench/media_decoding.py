"""Files of customers: a voice note as a WAV against the ffmpeg command, and a photo's thumbnail."""

import asyncio
import os
import random
import shutil
import subprocess
import tempfile
import time
import wave
from array import array
from fractions import Fraction
from math import pi, sin
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from PIL import Image
from rich.console import Console

from bench.figures import Figure, Goal, compared, percentile
from bench.stack import Bench
from frontdesk.media.decoding.pool import Decoders
from frontdesk.media.model import FileType

NOTE_SECONDS = 10
RATE = 48_000
PHOTO = (4000, 3000)
OGG = FileType("audio", "audio/ogg; codecs=opus", ".ogg")
JPEG = FileType("image", "image/jpeg", ".jpg")
FASTER = Goal("≤", 0.333, "ratio")


async def measure(bench: Bench) -> list[Figure]:
    bench.tell("media_decoding")
    decoders = Decoders(processes=1)
    with tempfile.TemporaryDirectory(prefix="frontdesk-bench-") as folder:
        try:
            where = Path(folder)
            note = await _note(bench, decoders, where)
            return [*note, await _photo(bench, decoders, where)]
        finally:
            await decoders.close()


async def _note(bench: Bench, decoders: Decoders, where: Path) -> list[Figure]:
    """Of ours everything is counted: the way to the process and back, WAV, waveform."""
    name = f"voice note of {NOTE_SECONDS} s to WAV"
    note, ours = make_note(where / "note.ogg"), where / "voice.wav"
    ffmpeg, theirs = shutil.which("ffmpeg"), where / "floor.wav"
    await decoders.inspect(note, OGG, where)  # the process is warm, and the libraries are loaded
    command = [
        *(str(ffmpeg), "-nostdin", "-v", "error", "-y", "-i", str(note)),
        *("-ar", "16000", "-ac", "1", "-c:a", "pcm_s16le", str(theirs)),
    ]
    rounds = list[tuple[float, float]]()
    for _ in range(bench.pick(31, 5)):
        floor = 0.0
        if ffmpeg is not None:
            began = time.perf_counter()
            await asyncio.to_thread(subprocess.run, command, check=True, preexec_fn=_as_nice)
            floor = time.perf_counter() - began
        began = time.perf_counter()
        found = await decoders.inspect(note, OGG, where)
        rounds.append((floor * 1e3, (time.perf_counter() - began) * 1e3))
        if found.error is not None:
            raise RuntimeError(found.error)
        if ffmpeg is not None and _samples(ours) != _samples(theirs):
            raise RuntimeError(
                f"ffmpeg made {_samples(theirs)} samples of the note, we made {_samples(ours)}"
            )
    if ffmpeg is None:
        Console(stderr=True).print(
            "There is no ffmpeg command here: the voice note has no floor.", style="yellow"
        )
        value = percentile([own for _, own in rounds], 0.5)
        return [Figure(name, value, "ms", note="no floor: the ffmpeg command is not installed")]
    note_text = f"{_samples(ours):,} samples each; with the waveform; the floor: the ffmpeg command"
    return [compared(name, "ms", rounds, FASTER, note_text)]


async def _photo(bench: Bench, decoders: Decoders, where: Path) -> Figure:
    photo, times = make_photo(where / "photo.jpg"), list[float]()
    for _ in range(bench.pick(21, 5)):
        began = time.perf_counter()
        found = await decoders.inspect(photo, JPEG, where)
        times.append((time.perf_counter() - began) * 1e3)
        if found.made_as("thumbnail") is None:
            raise RuntimeError(f"no thumbnail: {found.error}")
    size = photo.stat().st_size / 1e6
    note = f"{PHOTO[0]} × {PHOTO[1]}, {size:.1f} MB; p90 {percentile(times, 0.9):.0f} ms"
    return Figure("thumbnail of a 12 MP JPEG, p50", percentile(times, 0.5), "ms", note=note)


def _as_nice() -> None:
    """The floor has the priority that our decoders have."""
    os.nice(10)


def _samples(path: Path) -> int:
    with wave.open(str(path)) as sound:
        return sound.getnframes()


def make_note(path: Path) -> Path:
    """Opus, mono, as telephones send it: a tone with some noise, which costs what speech does."""
    grain = random.Random(1)
    with av.open(str(path), "w", format="ogg") as out:
        stream = out.add_stream("libopus", rate=RATE, layout="mono")
        assert isinstance(stream, av.AudioStream)
        stream.bit_rate = 24_000
        for place in range(0, NOTE_SECONDS * RATE, 960):
            samples = [
                round(9_000 * sin(2 * pi * 220 * at / RATE) + grain.uniform(-2_000, 2_000))
                for at in range(place, place + 960)
            ]
            frame = AudioFrame(format="s16", layout="mono", samples=960)
            frame.planes[0].update(array("h", samples).tobytes())
            frame.sample_rate, frame.pts, frame.time_base = RATE, place, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def make_photo(path: Path) -> Path:
    """Grain of a fifth of the size, enlarged: about what a camera's JPEG weighs."""
    width, height = PHOTO[0] // 5, PHOTO[1] // 5
    coarse = Image.frombytes("RGB", (width, height), random.Random(1).randbytes(width * height * 3))
    coarse.resize(PHOTO, Image.Resampling.BICUBIC).save(path, "JPEG", quality=88)
    return path
