"""What faster-whisper's child process does, with the model that it keeps."""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from frontdesk.ports import RecognitionFailed


def transcribe(directory: Path, wav: Path, language: str | None) -> tuple[str, str]:
    """The text, and the language as the model names it. Raises RecognitionFailed."""
    model = _model(directory)
    try:
        # Without the voice detector, silence becomes made-up sentences.
        segments, told = model.transcribe(str(wav), language=language, vad_filter=True)
        return " ".join(segment.text.strip() for segment in segments), told.language
    except (RuntimeError, ValueError) as error:
        raise RecognitionFailed(
            f"the local Whisper model failed ({type(error).__name__})"
        ) from error


@cache
def _model(directory: Path) -> Any:
    """The model of the directory, and nothing from the network."""
    try:
        library: Any = import_module("faster_whisper")
    except ImportError as error:
        raise RecognitionFailed(f"the extra `whisper` is not usable: {error}") from error
    try:
        # `auto` takes the fastest arithmetic that the machine has, or its graphics card.
        return library.WhisperModel(
            str(directory), device="auto", compute_type="auto", local_files_only=True
        )
    except MemoryError:
        raise
    except Exception as error:
        raise RecognitionFailed(
            f"the local Whisper model cannot be loaded ({type(error).__name__})"
        ) from error
