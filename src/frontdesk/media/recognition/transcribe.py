"""Speech to text by AWS Transcribe: the sound through a bucket, a job, its result from the bucket.

Credentials, region and AWS_ENDPOINT_URL are the process's own, as every AWS program reads them.
https://docs.aws.amazon.com/transcribe/latest/APIReference/API_StartTranscriptionJob.html
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import structlog

from frontdesk.media.objects.streams import opened
from frontdesk.media.recognition.languages import iso_639_1
from frontdesk.media.recognition.wav import seconds_of
from frontdesk.ports import RecognitionFailed, Transcript

log = structlog.get_logger()

INSTALL = "AWS Transcribe is asked by the extra `aws`: pip install 'frontdesk[aws]'"
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 5.0
LEAST_SECONDS = 300.0
"""A job waits in a queue of the account's."""
CLEANUP_SECONDS = 15.0
CALL_SECONDS = 30

DIALECTS = {
    iso: tag
    for tag in [
        "af-ZA",
        "ar-SA",
        "bg-BG",
        "ca-ES",
        "cs-CZ",
        "da-DK",
        "de-DE",
        "el-GR",
        "en-US",
        "es-ES",
        "et-EE",
        "eu-ES",
        "fa-IR",
        "fi-FI",
        "fr-FR",
        "gl-ES",
        "he-IL",
        "hi-IN",
        "hr-HR",
        "hu-HU",
        "id-ID",
        "is-IS",
        "it-IT",
        "ja-JP",
        "ko-KR",
        "lt-LT",
        "lv-LV",
        "ms-MY",
        "nl-NL",
        "no-NO",
        "pl-PL",
        "pt-BR",
        "ro-RO",
        "ru-RU",
        "sk-SK",
        "sl-SI",
        "sr-RS",
        "sv-SE",
        "ta-IN",
        "te-IN",
        "th-TH",
        "tl-PH",
        "tr-TR",
        "uk-UA",
        "vi-VN",
        "zh-CN",
        "zu-ZA",
    ]
    if (iso := tag.partition("-")[0])
}
"""Transcribe knows languages with their country only; others are left to be identified.
https://docs.aws.amazon.com/transcribe/latest/dg/supported-languages.html"""

PASSING = frozenset(
    [
        "LimitExceededException",
        "InternalFailureException",
        "ServiceUnavailable",
        "ThrottlingException",
        "Throttling",
        "TooManyRequestsException",
        "RequestTimeout",
        "RequestTimeTooSkewed",
        "SlowDown",
        "InternalError",
        "InternalServerException",
    ]
)
REFUSALS = {
    "AccessDenied": "may not do this; its policy needs s3:PutObject, s3:GetObject, s3:DeleteObject "
    "on the bucket and transcribe:Start-, Get- and DeleteTranscriptionJob",
    "InvalidAccessKeyId": "are not known",
    "UnrecognizedClientException": "are not known",
    "SignatureDoesNotMatch": "do not fit: the secret key is wrong",
    "ExpiredToken": "have expired",
    "ExpiredTokenException": "have expired",
}
REFUSALS["AccessDeniedException"] = REFUSALS["AccessDenied"]
Sleep = Callable[[float], Awaitable[None]]


def installed() -> bool:
    return find_spec("aiobotocore") is not None


@dataclass(frozen=True)
class _Clients:
    s3: Any
    transcribe: Any


@dataclass
class AwsTranscriber:
    """`place` is `bucket` or `bucket/prefix`; what is put there is deleted again."""

    place: str
    sleep: Sleep = asyncio.sleep
    least_seconds: float = LEAST_SECONDS
    _session: Any = field(default=None, init=False, repr=False)

    async def transcribe(self, wav: Path, language: str | None) -> Transcript:
        if not installed():
            raise RecognitionFailed(INSTALL)
        duration = await asyncio.to_thread(seconds_of, wav)
        if duration == 0:
            return Transcript("", duration=0.0)
        seconds = self.least_seconds + duration
        bucket, _, prefix = self.place.strip("/").partition("/")
        name = f"frontdesk-{uuid4()}"
        key = f"{prefix}/{name}" if prefix else name
        errors: Any = await asyncio.to_thread(import_module, "botocore.exceptions")
        try:
            async with self._clients() as clients:
                try:
                    async with asyncio.timeout(seconds):
                        await _upload(clients, bucket, f"{key}.wav", wav)
                        await _start(clients, bucket, key, name, iso_639_1(language))
                        tag = await self._done(clients, name)
                        result = await _result(clients, bucket, f"{key}.json")
                finally:
                    await _clean_up(clients, bucket, key, name)
        except TimeoutError:
            raise RecognitionFailed(
                f"AWS Transcribe was not done within {seconds:.0f} s", again=True
            ) from None
        except (errors.BotoCoreError, errors.ClientError) as error:
            raise _failure(error, bucket) from error
        except OSError as error:
            raise RecognitionFailed("AWS cannot be reached", again=True) from error
        return Transcript(_text(result), iso_639_1(tag), duration)

    @asynccontextmanager
    async def _clients(self) -> AsyncGenerator[_Clients]:
        if self._session is None:
            self._session = (
                await asyncio.to_thread(import_module, "aiobotocore.session")
            ).get_session()
        config: Any = (await asyncio.to_thread(import_module, "aiobotocore.config")).AioConfig
        common: dict[str, Any] = {
            "connect_timeout": 10,
            "read_timeout": CALL_SECONDS,
            "retries": {"max_attempts": 2, "mode": "standard"},
            # Servers beside AWS's do not know the newer checksums.
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
        }
        if os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("AWS_ENDPOINT_URL_S3"):
            common["s3"] = {"addressing_style": "path"}
        async with AsyncExitStack() as stack:
            clients = [
                await stack.enter_async_context(
                    self._session.create_client(
                        service, region_name=os.environ.get("AWS_REGION"), config=config(**common)
                    )
                )
                for service in ("s3", "transcribe")
            ]
            yield _Clients(*clients)

    async def _done(self, clients: _Clients, name: str) -> str | None:
        """Waits for the job; the language it found."""
        pause = FIRST_PAUSE
        while True:
            answer = await clients.transcribe.get_transcription_job(TranscriptionJobName=name)
            job: Mapping[str, Any] = answer["TranscriptionJob"]
            match job["TranscriptionJobStatus"]:
                case "COMPLETED":
                    return job.get("LanguageCode")
                case "FAILED":
                    reason = " ".join(str(job.get("FailureReason", "no reason given")).split())
                    raise RecognitionFailed(f"AWS Transcribe failed: {reason[:200]}")
                case _:
                    await self.sleep(pause)
                    pause = min(LONGEST_PAUSE, pause * 1.5)


async def _upload(clients: _Clients, bucket: str, key: str, wav: Path) -> None:
    file = await opened(lambda: wav.open("rb"))
    try:
        await clients.s3.put_object(Bucket=bucket, Key=key, Body=file, ContentType="audio/wav")
    finally:
        file.close()


async def _start(clients: _Clients, bucket: str, key: str, name: str, language: str | None) -> None:
    dialect = DIALECTS.get(language or "")
    spoken = {"LanguageCode": dialect} if dialect else {"IdentifyLanguage": True}
    await clients.transcribe.start_transcription_job(
        TranscriptionJobName=name,
        Media={"MediaFileUri": f"s3://{bucket}/{key}.wav"},
        MediaFormat="wav",
        OutputBucketName=bucket,
        OutputKey=f"{key}.json",
        **spoken,
    )


async def _result(clients: _Clients, bucket: str, key: str) -> bytes:
    answer = await clients.s3.get_object(Bucket=bucket, Key=key)
    async with answer["Body"] as body:
        return await body.read()


async def _clean_up(clients: _Clients, bucket: str, key: str, name: str) -> None:
    """Deletes whatever there is of a job; what cannot be deleted is told in the log."""
    calls: list[tuple[str, Callable[[], Awaitable[Any]]]] = [
        (f"{key}.wav", lambda: clients.s3.delete_object(Bucket=bucket, Key=f"{key}.wav")),
        (f"{key}.json", lambda: clients.s3.delete_object(Bucket=bucket, Key=f"{key}.json")),
        (name, lambda: clients.transcribe.delete_transcription_job(TranscriptionJobName=name)),
    ]
    with suppress(TimeoutError):
        async with asyncio.timeout(CLEANUP_SECONDS):
            for what, delete in calls:
                try:
                    await delete()
                except Exception as error:
                    log.warning("transcribe.left_behind", what=what, error=type(error).__name__)


def _text(result: bytes) -> str:
    try:
        parts = orjson.loads(result)["results"]["transcripts"]
        return " ".join(part["transcript"] for part in parts).replace("\x00", "").strip()
    except (ValueError, KeyError, TypeError) as error:
        raise RecognitionFailed("AWS Transcribe's result cannot be read") from error


def _failure(error: Exception, bucket: str) -> RecognitionFailed:
    kind = type(error).__name__
    if kind in ("NoCredentialsError", "PartialCredentialsError", "NoRegionError"):
        return RecognitionFailed(
            "AWS Transcribe needs credentials and a region of this server's environment, such as "
            "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION"
        )
    response: Mapping[str, Any] = getattr(error, "response", {})
    code = str(response.get("Error", {}).get("Code", ""))
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in REFUSALS:
        return RecognitionFailed(f"AWS: the credentials of this server {REFUSALS[code]}")
    if code == "NoSuchBucket":
        return RecognitionFailed(f"AWS: there is no bucket {bucket!r}")
    if code in PASSING or status >= 500:
        return RecognitionFailed(f"AWS failed for now ({code or status})", again=True)
    if code:
        return RecognitionFailed(f"AWS refused the sound ({code})")
    return RecognitionFailed("AWS cannot be reached", again=True)
