"""Speech to text by a server that speaks OpenAI's `POST /audio/transcriptions`.

OpenAI's own, and faster-whisper-server, speaches, vLLM, LocalAI, Groq and others beside it.
https://platform.openai.com/docs/api-reference/audio/createTranscription
"""

import asyncio
import re
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from frontdesk.kernel.errors import Unprocessable
from frontdesk.media.objects.streams import opened
from frontdesk.media.recognition.languages import iso_639_1
from frontdesk.media.recognition.wav import pieces, seconds_of
from frontdesk.ports import RecognitionFailed, Transcript
from frontdesk.web.egress import REDIRECTS, Blocked, Egress

OPENAI_URL = "https://api.openai.com/v1"
MOST_BYTES = 24 * 1024 * 1024
"""Of one request's file: OpenAI takes 25 MB. 16 kHz speech of 13 minutes."""
MOST_ANSWER = 4 * 1024 * 1024
LONGEST_DETAIL = 200
LONGEST_PAUSE = 20.0
"""Seconds that a server may ask for and still get the same file again at once."""
LEAST_SECONDS = 60.0
CONNECT_SECONDS = 10.0

SERVER = "the transcription server"
ADDRESS = re.compile(
    r"\w+://\S+"
    r"|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"
    r"|\[[0-9a-f:.]+\](?::\d+)?"
    r"|\b[\w-]+(?:\.[\w-]+)*:\d{2,5}\b"
    r"|\b[\w.-]+\.(?:internal|local|lan|svc|cluster|localhost)\b",
    re.IGNORECASE,
)
"""What may be an address of the inner network, in words of others."""
BUSY = frozenset((408, 409, 425, 429))
Sleep = Callable[[float], Awaitable[None]]


class _FormatRefused(Exception):
    """The server or the model does not know `verbose_json`."""


class _AskedToWait(RecognitionFailed):
    def __init__(self, text: str, seconds: float) -> None:
        super().__init__(text, again=True)
        self.seconds = seconds


@dataclass
class OpenAiTranscriber:
    """Asks `base_url` for the words of a sound file. Only guarded addresses are called."""

    egress: Egress
    model: str
    base_url: str = OPENAI_URL
    api_key: str | None = field(default=None, repr=False)
    seconds: float | None = None
    """For one request; without it a minute and the duration of the sound."""
    most_bytes: int = MOST_BYTES
    sleep: Sleep = asyncio.sleep
    _format: str = field(default="verbose_json", init=False, repr=False)

    async def transcribe(self, wav: Path, language: str | None) -> Transcript:
        duration = await asyncio.to_thread(seconds_of, wav)
        if duration == 0:
            return Transcript("", duration=0.0)
        texts: list[str] = []
        heard: str | None = None
        with tempfile.TemporaryDirectory(prefix="frontdesk-speech-") as directory:
            parts = pieces(wav, Path(directory), self.most_bytes)
            while (part := await asyncio.to_thread(next, parts, None)) is not None:
                answer = await self._asked_twice(part, language or heard)
                texts.append(_text(answer))
                heard = heard or iso_639_1(answer.get("language"))
        return Transcript(
            " ".join(filter(None, texts)), language=heard or iso_639_1(language), duration=duration
        )

    async def _asked_twice(self, part: Path, language: str | None) -> Mapping[str, Any]:
        try:
            return await self._in_known_format(part, language)
        except _AskedToWait as wait:
            if wait.seconds > LONGEST_PAUSE:
                raise
            await self.sleep(wait.seconds)
        return await self._in_known_format(part, language)

    async def _in_known_format(self, part: Path, language: str | None) -> Mapping[str, Any]:
        try:
            return await self._ask(part, language, self._format)
        except _FormatRefused:
            # Some models answer `json` only, and tell no language then.
            self._format = "json"
            return await self._ask(part, language, self._format)

    async def _ask(self, part: Path, language: str | None, form: str) -> Mapping[str, Any]:
        seconds = self.seconds or LEAST_SECONDS + await asyncio.to_thread(seconds_of, part)
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if self.api_key:
            headers["Authorization"] = f"Bearer {self.api_key}"
        limit = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
        file = await opened(lambda: part.open("rb"))
        try:
            async with (
                asyncio.timeout(seconds),
                self.egress.open(
                    "POST",
                    f"{self.base_url.rstrip('/')}/audio/transcriptions",
                    timeout=limit,
                    headers=headers,
                    data=self._form(file, language, form),
                ) as response,
            ):
                return self._judged(response, await _read(response), form)
        except TimeoutError:
            raise RecognitionFailed(
                f"{SERVER} did not answer within {seconds:.0f} s", again=True
            ) from None
        except Blocked:
            raise RecognitionFailed(
                f"{SERVER} is not at a public address; whoever runs Frontdesk may allow it with "
                "FRONTDESK_TRUSTED_HOSTS"
            ) from None
        except Unprocessable:
            raise RecognitionFailed(f"the address of {SERVER} is not an http(s) URL") from None
        except (aiohttp.ClientError, OSError):
            raise RecognitionFailed(f"{SERVER} cannot be reached", again=True) from None
        finally:
            file.close()

    def _form(self, file: Any, language: str | None, form: str) -> aiohttp.FormData:
        # aiohttp reads the open file as it sends, off the loop, and knows its length beforehand.
        data = aiohttp.FormData()
        data.add_field("model", self.model)
        data.add_field("response_format", form)
        if language:
            data.add_field("language", language)
        data.add_field("file", file, filename="voice.wav", content_type="audio/wav")
        return data

    def _judged(
        self, response: aiohttp.ClientResponse, body: bytes, form: str
    ) -> Mapping[str, Any]:
        """The answer's fields. Raises RecognitionFailed, or _FormatRefused."""
        status = response.status
        try:
            answer: Any = orjson.loads(body)
        except ValueError:
            answer = None
        if status == 200:
            if isinstance(answer, dict) and isinstance(answer.get("text"), str):
                return answer
            raise RecognitionFailed(f"{SERVER} answered with something that is no transcript")
        reason, code = _reason(answer)
        refused = f"{reason} {code}"
        if form == "verbose_json" and status in (400, 422) and _about_format(refused):
            raise _FormatRefused
        raise self._failure(status, code, self._scrubbed(reason), _retry_after(response))

    def _failure(
        self, status: int, code: str, reason: str, wait: float | None
    ) -> RecognitionFailed:
        told = f": {reason}" if reason else ""
        if status in (401, 403):
            return RecognitionFailed(f"{SERVER} refused the API key (status {status})")
        if code == "insufficient_quota":
            return RecognitionFailed(f"the account at {SERVER} has no credit left")
        if status == 404:
            return RecognitionFailed(
                f"{SERVER} knows no model {self.model!r}, or has no /audio/transcriptions below "
                f"its base URL (status 404{told})"
            )
        if status in REDIRECTS:
            return RecognitionFailed(
                f"{SERVER} redirected the request, which is not followed: it holds the key; "
                "give the address that it redirects to"
            )
        if status not in BUSY and status < 500:
            return RecognitionFailed(f"{SERVER} refused the sound (status {status}{told})")
        text = (
            f"{SERVER} is limiting requests"
            if status == 429
            else f"{SERVER} failed (status {status})"
        )
        if wait is None:
            return RecognitionFailed(text, again=True)
        return _AskedToWait(f"{text}; it asked to wait {wait:.0f} s", wait)

    def _scrubbed(self, text: str) -> str:
        """Words of others: short, in one line, without the key and without addresses."""
        shown = " ".join(text.split())
        if self.api_key:
            shown = shown.replace(self.api_key, "•••")
        return ADDRESS.sub("•••", shown)[:LONGEST_DETAIL]


def _text(answer: Mapping[str, Any]) -> str:
    return str(answer["text"]).replace("\x00", "").strip()


def _about_format(text: str) -> bool:
    return "response_format" in text or "verbose_json" in text


def _reason(answer: Any) -> tuple[str, str]:
    """A refusal's words and code, from OpenAI's shape or FastAPI's."""
    if not isinstance(answer, dict):
        return "", ""
    error = answer.get("error", answer)
    if isinstance(error, dict):
        words = error.get("message") or error.get("detail") or ""
        return _plain(words), f"{error.get('code') or ''}"
    return _plain(error), ""


def _plain(words: Any) -> str:
    return words if isinstance(words, str) else orjson.dumps(words).decode()


def _retry_after(response: aiohttp.ClientResponse) -> float | None:
    text = response.headers.get("Retry-After", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 <= seconds < 86_400 else None


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MOST_ANSWER:
            raise RecognitionFailed(
                f"{SERVER} answered with more than the {MOST_ANSWER} bytes allowed"
            )
    return bytes(body)
