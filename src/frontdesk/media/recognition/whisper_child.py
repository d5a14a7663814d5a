"""The process in which faster-whisper runs, started with the model's directory."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from frontdesk.media.recognition.child import Answer, serve
from frontdesk.ports import RecognitionFailed


def load(arguments: Sequence[str]) -> Callable[[Answer], Answer]:
    """The model of the directory in `arguments`, and nothing from the network."""
    try:
        library: Any = import_module("faster_whisper")
    except ImportError as error:
        raise RecognitionFailed(f"the extra `whisper` is not usable: {error}") from error
    try:
        # `auto` takes the fastest arithmetic that the machine has, or its graphics card.
        model = library.WhisperModel(
            arguments[0], device="auto", compute_type="auto", local_files_only=True
        )
    except Exception as error:
        raise RecognitionFailed(
            f"the local Whisper model cannot be loaded ({type(error).__name__})"
        ) from error

    def transcribe(request: Answer) -> Answer:
        try:
            # Without the voice detector, silence becomes made-up sentences.
            segments, told = model.transcribe(
                request["wav"], language=request["language"], vad_filter=True
            )
            text = " ".join(segment.text.strip() for segment in segments)
        except (RuntimeError, ValueError) as error:
            raise RecognitionFailed(
                f"the local Whisper model failed ({type(error).__name__})"
            ) from error
        return {"text": text, "language": told.language}

    return transcribe


if __name__ == "__main__":
    serve(load)
