"""The text in pictures by RapidOCR, whose models come in its package: nothing is downloaded.

It runs in a process of its own (`ocr_child`), because the pictures are strangers'.
"""

from importlib.util import find_spec
from pathlib import Path

from frontdesk.media.recognition.local import LocalEngine
from frontdesk.ports import RecognitionFailed

SECONDS = 60.0
"""A full page takes several on two busy cores."""
MOST_MEMORY = 3 * 1024**3
"""Of address space, which is several times what it comes to use."""
IDLE_SECONDS = 60.0
LONGEST_TEXT = 20_000
INSTALL = "text in pictures is read by the extra `ocr`: pip install 'frontdesk[ocr]'"


def installed() -> bool:
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


class RapidOcrReader:
    """One per process; `close` it at the end."""

    def __init__(
        self,
        *,
        seconds: float = SECONDS,
        memory: int = MOST_MEMORY,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._seconds = seconds
        self._engine = LocalEngine(
            "reading the text in the picture", idle_seconds=idle_seconds, memory=memory
        )

    async def read(self, image: Path) -> str:
        """The text, line by line; empty when there is none. Raises RecognitionFailed."""
        if not installed():
            raise RecognitionFailed(INSTALL)
        text = await self._engine.ask(_read, image, seconds=self._seconds)
        return str(text).replace("\x00", "")[:LONGEST_TEXT]

    async def close(self) -> None:
        await self._engine.close()


def _read(image: Path) -> str:
    # In the child only.
    from frontdesk.media.recognition import ocr_child

    return ocr_child.read(image)
