"""Which recognisers a domain's files go to, by its settings and the process's environment.

Keys stay with their addresses: the environment's key goes to the environment's address or to
OpenAI's own, and never to one that a domain named.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from frontdesk.kernel.errors import Unprocessable
from frontdesk.kernel.media_settings import (
    OFF,
    MediaSettings,
    RecognitionEnvironment,
    read_media_settings,
)
from frontdesk.media.recognition import ocr
from frontdesk.media.recognition.openai_audio import OPENAI_URL, OpenAiTranscriber
from frontdesk.media.recognition.transcribe import AwsTranscriber
from frontdesk.media.recognition.whisper import WhisperTranscriber
from frontdesk.ports import Describer, RecognitionFailed, TextReader, Transcriber
from frontdesk.web.egress import Egress

NO_TRANSCRIBER = (
    "There is no transcript: no transcriber is set up. Whoever runs Frontdesk can set one for "
    "everybody, such as FRONTDESK_TRANSCRIBER=openai:whisper-1 with OPENAI_API_KEY, "
    "FRONTDESK_TRANSCRIBER=whisper:<model directory>, or FRONTDESK_TRANSCRIBER=aws:<bucket>; an "
    "admin can set one in the domain's settings: media.transcriber, with its key "
    "transcriber_api_key in technical_json."
)


@dataclass(frozen=True)
class Recognisers:
    """Those of one domain; None is not configured or switched off."""

    transcriber: Transcriber | None
    describer: Describer | None
    reader: TextReader | None
    stickers: bool = False
    """Whether stickers are looked at, too."""


@dataclass
class Engines:
    """The recognisers that run on this machine or on its account: one of each per process.

    Their models take hundreds of megabytes. They are made when first chosen; `close` at the end.
    """

    _transcribers: dict[str, WhisperTranscriber | AwsTranscriber] = field(
        default_factory=dict[str, WhisperTranscriber | AwsTranscriber]
    )
    _reader: ocr.RapidOcrReader | None = None

    def transcriber(self, name: str) -> WhisperTranscriber | AwsTranscriber:
        """By `whisper:<directory>` or `aws:<bucket>[/prefix]`."""
        if name not in self._transcribers:
            kind, _, rest = name.partition(":")
            made = WhisperTranscriber(rest) if kind == "whisper" else AwsTranscriber(rest)
            self._transcribers[name] = made
        return self._transcribers[name]

    def reader(self) -> ocr.RapidOcrReader:
        self._reader = self._reader or ocr.RapidOcrReader()
        return self._reader

    async def close(self) -> None:
        """Ends their processes; they start again when asked again."""
        if self._reader is not None:
            await self._reader.close()
        for transcriber in self._transcribers.values():
            if isinstance(transcriber, WhisperTranscriber):
                await transcriber.close()


def choose_transcriber(
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    environment: RecognitionEnvironment,
    egress: Egress,
    engines: Engines,
) -> Transcriber | None:
    """The domain's own, else the environment's.

    `settings` are the domain's, `secrets` its `technical_json`. Raises RecognitionFailed when
    what is set cannot be used.
    """
    media = read(settings)
    if media.transcriber == OFF:
        return None
    own_key = secrets.get("transcriber_api_key") or None
    if media.transcriber is not None:
        return _domains(media, own_key, environment, egress)
    if environment.transcriber is None:
        return None
    kind, _, model = environment.transcriber.partition(":")
    if kind != "openai":
        return engines.transcriber(environment.transcriber)
    url, key = _operators_openai(environment)
    return OpenAiTranscriber(egress, model, url, own_key or key)


def choose_reader(settings: Mapping[str, Any], engines: Engines) -> TextReader | None:
    """The reader of text in pictures, where it is installed and the domain did not refuse it."""
    wanted = read(settings).ocr
    if wanted is False or (wanted is None and not ocr.installed()):
        return None
    return engines.reader()


def read(settings: Mapping[str, Any]) -> MediaSettings:
    """The domain's setting `media`. Raises RecognitionFailed when what is stored is not allowed."""
    try:
        return read_media_settings(settings.get("media"))
    except Unprocessable as error:
        raise RecognitionFailed(error.detail) from error


def _domains(
    media: MediaSettings, own_key: str | None, environment: RecognitionEnvironment, egress: Egress
) -> Transcriber:
    model = (media.transcriber or "").partition(":")[2]
    if media.transcriber_base_url is not None:
        return OpenAiTranscriber(egress, model, media.transcriber_base_url, own_key)
    url, key = _operators_openai(environment)
    return OpenAiTranscriber(egress, model, url, own_key or key)


def _operators_openai(environment: RecognitionEnvironment) -> tuple[str, str | None]:
    """The address for domains that name none, with the key that belongs to it."""
    if environment.transcriber_url is not None:
        return environment.transcriber_url, environment.transcriber_key
    url = environment.openai_url or OPENAI_URL
    return url, environment.transcriber_key or environment.openai_key
