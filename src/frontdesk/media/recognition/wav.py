"""Speech in WAV files: how long it is, and pieces of it that a server with a limit takes."""

import wave
from array import array
from collections.abc import Iterator
from pathlib import Path

from frontdesk.ports import RecognitionFailed

HEADER = 44
SOUGHT_SECONDS = 10
"""How far before its longest end a piece may end, so that it ends in a pause."""
WINDOWS_PER_SECOND = 10
COPIED_FRAMES = 256 * 1024


def seconds_of(path: Path) -> float:
    """The duration. Raises RecognitionFailed for a file that is not 16-bit mono PCM."""
    with _opened(path) as sound:
        return sound.getnframes() / sound.getframerate()


def pieces(path: Path, directory: Path, most_bytes: int) -> Iterator[Path]:
    """Files of at most `most_bytes` that make up the sound, made one after another.

    A sound that is short enough is its own one piece. Each file that was made is deleted when the
    next is asked for.
    """
    if path.stat().st_size <= most_bytes:
        yield path
        return
    piece = directory / "piece.wav"
    with _opened(path) as sound:
        most = (most_bytes - HEADER) // 2
        left = sound.getnframes()
        while left > 0:
            wanted = left if left <= most else _pause_before(sound, most)
            if not _copy(sound, wanted, piece):
                break  # the header promised more than there is
            left -= wanted
            yield piece
    piece.unlink(missing_ok=True)


def _copy(sound: wave.Wave_read, frames: int, piece: Path) -> int:
    """Writes the next frames to a file of their own; the number that there were."""
    copied = 0
    with wave.open(str(piece), "wb") as written:
        written.setparams((1, 2, sound.getframerate(), 0, "NONE", "not compressed"))
        while copied < frames and (read := sound.readframes(min(COPIED_FRAMES, frames - copied))):
            written.writeframesraw(read)
            copied += len(read) // 2
    return copied


def _pause_before(sound: wave.Wave_read, most: int) -> int:
    """After how many frames it is quietest, looking at the last seconds of the next `most`."""
    window = max(1, sound.getframerate() // WINDOWS_PER_SECOND)
    looked_at = min(SOUGHT_SECONDS * sound.getframerate(), most // 2)
    here = sound.tell()
    sound.setpos(here + most - looked_at)
    samples = array("h", sound.readframes(looked_at))
    sound.setpos(here)
    starts = range(0, len(samples) - window + 1, window)
    quietest = min(
        starts, key=lambda at: sum(map(abs, samples[at : at + window])), default=looked_at
    )
    return most - looked_at + min(quietest + window // 2, looked_at)


def _opened(path: Path) -> wave.Wave_read:
    try:
        sound = wave.open(str(path), "rb")  # noqa: SIM115 - the caller's `with` closes it
    except (wave.Error, EOFError, OSError) as error:
        raise RecognitionFailed(f"the sound cannot be read as WAV ({error})") from error
    if sound.getsampwidth() != 2 or sound.getnchannels() != 1:
        sound.close()
        raise RecognitionFailed("the sound is not 16-bit mono WAV")
    return sound
