"""Speech to text on this machine, with a faster-whisper model in a directory of the operator's.

Nothing is ever downloaded. The model runs in a process of its own (`whisper_child`), one sound at
a time, and leaves memory when it is not asked for a while.
"""

import asyncio
import json
from importlib.util import find_spec
from pathlib import Path

from frontdesk.media.recognition import whisper_child
from frontdesk.media.recognition.languages import iso_639_1
from frontdesk.media.recognition.local import LocalEngine
from frontdesk.media.recognition.wav import seconds_of
from frontdesk.ports import RecognitionFailed, Transcript

INSTALL = "a local Whisper model is run by the extra `whisper`: pip install 'frontdesk[whisper]'"
NEEDED = ("config.json", "model.bin", "tokenizer.json")
"""Without the tokenizer's file, faster-whisper would fetch one from the internet."""
VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
MARK = b"WhisperSpec"
"""Stands near the beginning of a `model.bin` of CTranslate2."""
HOW = (
    "use a directory of a faster-whisper model, such as a copy of Systran/faster-whisper-small: "
    f"{', '.join(NEEDED)} and {' or '.join(VOCABULARIES)}"
)
LEAST_SECONDS = 120.0
SECONDS_PER_SECOND = 4.0
"""Of a sound: a large model on few cores is slower than speech."""
IDLE_SECONDS = 600.0


def installed() -> bool:
    return find_spec("faster_whisper") is not None


def check_directory(directory: Path) -> None:
    """Raises RecognitionFailed, saying what to do, unless it looks like a model's directory."""
    try:
        if not directory.is_dir():
            raise _refused(directory, "does not exist or is no directory")
        missing = [name for name in NEEDED if not (directory / name).is_file()]
        if missing:
            raise _refused(directory, f"has no {', '.join(missing)}")
        if not any((directory / name).is_file() for name in VOCABULARIES):
            raise _refused(directory, f"has no {' or '.join(VOCABULARIES)}")
        if not isinstance(json.loads((directory / "config.json").read_text("utf-8")), dict):
            raise _refused(directory, "has a config.json that is no object")
        with (directory / "model.bin").open("rb") as file:
            if MARK not in file.read(64):
                raise _refused(directory, "has a model.bin that is not in CTranslate2's format")
    except ValueError as error:
        raise _refused(directory, "has a config.json that is not JSON") from error
    except OSError as error:
        raise _refused(directory, f"cannot be read ({error.strerror})") from error


def _refused(directory: Path, what: str) -> RecognitionFailed:
    # Attachments show it to everybody of a domain: the last part of the path is enough.
    return RecognitionFailed(f"the Whisper model directory …/{directory.name} {what}; {HOW}")


class WhisperTranscriber:
    """One per directory and process; `close` it at the end."""

    def __init__(self, directory: Path | str) -> None:
        self.directory = Path(directory).expanduser().resolve()
        self._engine = LocalEngine("the local Whisper model", idle_seconds=IDLE_SECONDS)

    async def transcribe(self, wav: Path, language: str | None) -> Transcript:
        await asyncio.to_thread(check_directory, self.directory)
        if not installed():
            raise RecognitionFailed(INSTALL)
        duration = await asyncio.to_thread(seconds_of, wav)
        if duration == 0:
            return Transcript("", duration=0.0)
        said, spoken = await self._engine.ask(
            whisper_child.transcribe,
            self.directory,
            wav,
            iso_639_1(language),
            seconds=LEAST_SECONDS + SECONDS_PER_SECOND * duration,
        )
        text = str(said).replace("\x00", "").strip()
        # The language of silence is a guess.
        heard = iso_639_1(spoken) if text else None
        return Transcript(text, heard, duration)

    async def close(self) -> None:
        await self._engine.close()
