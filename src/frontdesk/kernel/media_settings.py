"""What a domain's people and whoever runs Frontdesk say of media: the setting `media`, variables.

A domain names servers on the network only. What reads this machine's files (`whisper:`) or spends
its credentials (`aws:`) is named by the environment alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from frontdesk.kernel.errors import Invalid, Unprocessable

Stickers = Literal["describe", "keep"]
OFF = "none"
"""As a transcriber or a vision model: not even the one of the environment."""

VISION_PROVIDERS = frozenset(
    [
        "openai",
        "openai-chat",
        "openai-responses",
        "anthropic",
        "deepseek",
        "openrouter",
        "together",
        "fireworks",
        "cerebras",
        "moonshotai",
        "nebius",
        "ovhcloud",
        "sambanova",
        "ollama",
        "vllm",
    ]
)
"""The providers that assistants may have; a test holds the two lists equal."""

MODEL_NAME = re.compile(r"[A-Za-z0-9][\w./:@+-]{0,199}", re.ASCII)
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w.=+-]{1,100}){0,8}/?", re.ASCII)
LONGEST_URL = 2_000
MOST_DAYS = 36_500

SECRETS = ("transcriber_api_key", "vision_api_key")
"""Their names in a domain's `technical_json`."""

OPENAI_FORM = "openai:<model> such as openai:whisper-1"
VISION_FORM = f"<provider>:<model> with provider one of {', '.join(sorted(VISION_PROVIDERS))}"
URL_FORM = "an address such as https://models.example.com/v1, without user name and password"


@dataclass(frozen=True)
class MediaSettings:
    """A domain's setting `media`, read."""

    transcriber: str | None = None
    transcriber_base_url: str | None = None
    vision: str | None = None
    vision_base_url: str | None = None
    ocr: bool | None = None
    """None: where it is installed."""
    stickers: Stickers = "keep"
    keep_media_days: int | None = None
    """None: as long as the conversation."""
    keep_transcripts_days: int | None = None


NAMES = tuple(MediaSettings.__dataclass_fields__)


def check_media_settings(value: object) -> None:
    """Raises Unprocessable naming the setting, its value and what is allowed."""
    read_media_settings(value)


def read_media_settings(value: object) -> MediaSettings:
    """Reads the setting `media`; None is all defaults. Raises Unprocessable."""
    if value is None:
        return MediaSettings()
    if not isinstance(value, Mapping):
        raise Unprocessable(
            f"settings.media is {value!r:.80}; use an object with {', '.join(NAMES)}"
        )
    accepted: dict[str, Any] = {}
    for key, item in value.items():
        if key in SECRETS:
            raise Unprocessable(
                f"settings.media has {key!r}, which is a secret; send it in technical_json"
            )
        if key not in NAMES:
            raise Unprocessable(f"settings.media has {key!r:.80}; use {', '.join(NAMES)}")
        if item is not None:
            accepted[key] = _READERS[key](f"settings.media.{key}", item)
    for name in ("transcriber", "vision"):
        if f"{name}_base_url" in accepted and accepted.get(name, OFF) == OFF:
            raise Unprocessable(
                f"settings.media.{name}_base_url needs settings.media.{name}, the model that is "
                "asked there"
            )
    return MediaSettings(**accepted)


def _refused(name: str, value: object, allowed: str) -> Unprocessable:
    return Unprocessable(f"{name} is {value!r:.200}; use {allowed}")


def _transcriber(name: str, value: object) -> str:
    kind, _, model = value.partition(":") if isinstance(value, str) else ("", "", "")
    if kind in ("whisper", "aws"):
        raise Unprocessable(
            f"{name} is {value!r:.200}; only whoever runs Frontdesk may set that, with "
            f"FRONTDESK_TRANSCRIBER; use {OPENAI_FORM}, or {OFF!r}"
        )
    if value != OFF and (kind != "openai" or not MODEL_NAME.fullmatch(model)):
        raise _refused(name, value, f"{OPENAI_FORM}, or {OFF!r}")
    return str(value)


def _vision(name: str, value: object) -> str:
    kind, _, model = value.partition(":") if isinstance(value, str) else ("", "", "")
    if value != OFF and (kind not in VISION_PROVIDERS or not MODEL_NAME.fullmatch(model)):
        raise _refused(name, value, f"{VISION_FORM}, or {OFF!r}")
    return str(value)


def _base_url(name: str, value: object) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not _is_url(text):
        # It may hold a password: not repeated.
        raise Unprocessable(f"{name} is not an address that can be called; use {URL_FORM}")
    return text.rstrip("/")


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and "@" not in parts.netloc
        and not parts.query
        and not parts.fragment
        and len(text) <= LONGEST_URL
        and text.isprintable()
        and " " not in text
    )


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _refused(name, value, "true or false")
    return value


def _stickers(name: str, value: object) -> str:
    if value not in get_args(Stickers):
        raise _refused(name, value, "describe or keep")
    return str(value)


def _days(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_DAYS:
        raise _refused(name, value, f"a whole number of days from 1 to {MOST_DAYS}, or null")
    return value


_READERS = {
    "transcriber": _transcriber,
    "transcriber_base_url": _base_url,
    "vision": _vision,
    "vision_base_url": _base_url,
    "ocr": _flag,
    "stickers": _stickers,
    "keep_media_days": _days,
    "keep_transcripts_days": _days,
}


@dataclass(frozen=True)
class RecognitionEnvironment:
    """What the process's environment says of recognisers: the defaults of every domain."""

    transcriber: str | None = None
    transcriber_url: str | None = None
    transcriber_key: str | None = field(default=None, repr=False)
    vision: str | None = None
    vision_url: str | None = None
    vision_key: str | None = field(default=None, repr=False)
    openai_url: str | None = None
    openai_key: str | None = field(default=None, repr=False)
    """Of OPENAI_BASE_URL and OPENAI_API_KEY: one belongs to the other."""

    @classmethod
    def of(cls, env: Mapping[str, str]) -> "RecognitionEnvironment":
        """Raises Invalid naming the variable and what is allowed."""
        return cls(
            transcriber=_operators_transcriber(env),
            transcriber_url=_operators_url(env, "FRONTDESK_TRANSCRIBER_URL"),
            transcriber_key=_text(env, "FRONTDESK_TRANSCRIBER_KEY"),
            vision=_operators_vision(env),
            vision_url=_operators_url(env, "FRONTDESK_VISION_URL"),
            vision_key=_text(env, "FRONTDESK_VISION_KEY"),
            openai_url=_text(env, "OPENAI_BASE_URL"),
            openai_key=_text(env, "OPENAI_API_KEY"),
        )


def _text(env: Mapping[str, str], name: str) -> str | None:
    return env.get(name, "").strip() or None


def _operators_url(env: Mapping[str, str], name: str) -> str | None:
    text = _text(env, name)
    if text and not _is_url(text):
        raise Invalid(f"{name} is not an address that can be called; use {URL_FORM}")
    return text.rstrip("/") if text else None


def _operators_transcriber(env: Mapping[str, str]) -> str | None:
    value = _text(env, "FRONTDESK_TRANSCRIBER")
    if value is None or value == OFF:
        return None
    kind, _, rest = value.partition(":")
    known = (
        (kind == "openai" and MODEL_NAME.fullmatch(rest))
        or (kind == "whisper" and rest and rest.isprintable())
        or (kind == "aws" and BUCKET.fullmatch(rest))
    )
    if not known:
        raise Invalid(
            f"FRONTDESK_TRANSCRIBER is {value!r:.200}; use {OPENAI_FORM}, "
            "whisper:<directory of a faster-whisper model>, or aws:<bucket>[/prefix]"
        )
    return value


def _operators_vision(env: Mapping[str, str]) -> str | None:
    value = _text(env, "FRONTDESK_VISION")
    if value is None or value == OFF:
        return None
    kind, _, model = value.partition(":")
    if kind not in VISION_PROVIDERS or not MODEL_NAME.fullmatch(model):
        raise Invalid(f"FRONTDESK_VISION is {value!r:.200}; use {VISION_FORM}")
    return value
