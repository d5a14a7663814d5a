"""Settings: parsed once from the environment, frozen, passed along. No global instance."""

import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.media_settings import RecognitionEnvironment

PORT_FILE = "port"
TRUTHY = {"1", "true", "yes", "on"}
FALSY = {"", "0", "false", "no", "off"}


@dataclass(frozen=True)
class OidcSettings:
    """The OpenID Connect provider that people may sign in with."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    """Empty for a public client: PKCE proves who asks."""
    name: str
    """As the button says it."""


@dataclass(frozen=True)
class Settings:
    """Everything that the environment decides. The variables are in the README's table."""

    data: Path
    database_url: str | None
    public_url: str
    port: int
    secret_key: bytes
    owner_token: str | None
    allow_unsigned: bool
    trusted_hosts: tuple[str, ...]
    debug: bool
    twilio_account_sid: str
    twilio_auth_token: str
    twilio_whatsapp_number: str
    twilio_api_base_url: str
    meta_graph_base_url: str
    """Empty: Meta itself."""
    google_cloud_project: bool
    sandbox: bool
    media_url: str
    """Where files are: `file:///…`, `s3://bucket/prefix`, `gs://…`, `az://…`."""
    recognition: RecognitionEnvironment
    answer_max_age: timedelta
    """Caught-up messages older than this are stored, but not answered by the assistant."""
    oidc: OidcSettings | None


def load(env: Mapping[str, str] | None = None) -> Settings:
    """Reads the environment. Raises Invalid naming the variable, its value and what is allowed."""
    env = os.environ if env is None else env
    data = Path(env.get("FRONTDESK_DATA") or "data").expanduser().resolve()
    port = _whole(env, "FRONTDESK_PORT", running_port(data), 1, 65_535)
    return Settings(
        data=data,
        database_url=_database_url(env),
        public_url=_url(env, "FRONTDESK_PUBLIC_URL") or f"http://localhost:{port}",
        port=port,
        secret_key=_secret_key(env, data),
        owner_token=env.get("FRONTDESK_OWNER_TOKEN") or None,
        allow_unsigned=_flag(env, "FRONTDESK_ALLOW_UNSIGNED"),
        trusted_hosts=tuple(
            host.strip()
            for host in env.get("FRONTDESK_TRUSTED_HOSTS", "").split(",")
            if host.strip()
        ),
        debug=_flag(env, "FRONTDESK_DEBUG") or _flag(env, "WHATSAPP_DEBUG"),
        twilio_account_sid=env.get("TWILIO_ACCOUNT_SID", ""),
        twilio_auth_token=env.get("TWILIO_AUTH_TOKEN", ""),
        twilio_whatsapp_number=env.get("TWILIO_WHATSAPP_NUMBER", ""),
        twilio_api_base_url=_url(env, "TWILIO_API_BASE_URL") or "https://api.twilio.com",
        meta_graph_base_url=_url(env, "META_GRAPH_BASE_URL"),
        google_cloud_project=bool(env.get("GOOGLE_CLOUD_PROJECT")),
        sandbox=_flag(env, "FRONTDESK_SANDBOX"),
        media_url=_media_url(env, data),
        recognition=RecognitionEnvironment.of(env),
        answer_max_age=timedelta(
            hours=_whole(env, "FRONTDESK_ANSWER_MAX_AGE_HOURS", 12, 0, 24 * 365)
        ),
        oidc=_oidc(env),
    )


def running_port(data: Path) -> int:
    """Where `frontdesk up` runs on this data directory, for the commands beside it."""
    try:
        return int((data / PORT_FILE).read_text("ascii"))
    except (OSError, ValueError):
        return 1956


def _flag(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "").strip().lower()
    if value in TRUTHY:
        return True
    if value in FALSY:
        return False
    raise Invalid(f"{name} is {value!r}; use 1 or 0")


def _whole(env: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = env.get(name, "").strip() or str(default)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise Invalid(f"{name} is {text!r}; use a whole number from {least} to {most}")
    return int(text)


def _url(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "").strip().rstrip("/")
    if value and not value.startswith(("http://", "https://")):
        raise Invalid(f"{name} is {value!r}; use an address that starts with http:// or https://")
    return value


def _database_url(env: Mapping[str, str]) -> str | None:
    value = env.get("FRONTDESK_DATABASE_URL", "").strip()
    if value and not value.startswith(("postgresql://", "postgres://")):
        # The value may hold a password: name the scheme only.
        scheme = value.partition(":")[0][:20]
        raise Invalid(f"FRONTDESK_DATABASE_URL starts with {scheme!r}; use postgresql://…")
    return value or None


def _oidc(env: Mapping[str, str]) -> OidcSettings | None:
    issuer = _url(env, "FRONTDESK_OIDC_ISSUER")
    client_id = env.get("FRONTDESK_OIDC_CLIENT_ID", "").strip()
    if not issuer and not client_id:
        return None
    if not issuer or not client_id:
        missing = "FRONTDESK_OIDC_CLIENT_ID" if issuer else "FRONTDESK_OIDC_ISSUER"
        raise Invalid(f"{missing} is not set; OpenID Connect needs an issuer and a client id")
    host = urlsplit(issuer).hostname or ""
    return OidcSettings(
        issuer=issuer,
        client_id=client_id,
        client_secret=env.get("FRONTDESK_OIDC_CLIENT_SECRET", "").strip(),
        name=env.get("FRONTDESK_OIDC_NAME", "").strip()[:60] or host,
    )


def _media_url(env: Mapping[str, str], data: Path) -> str:
    """The bucket of AWS_S3_PINECONE is for installations that were set up for another system."""
    value = env.get("FRONTDESK_MEDIA_URL", "").strip()
    bucket = env.get("AWS_S3_PINECONE", "").strip()
    if value and not value.startswith(("file://", "s3://", "gs://", "az://")):
        raise Invalid(
            f"FRONTDESK_MEDIA_URL is {value!r:.200}; use file:///path, s3://bucket/prefix, "
            "gs://bucket/prefix or az://container/prefix"
        )
    return value or (f"s3://{bucket}" if bucket else (data / "media").as_uri())


def _secret_key(env: Mapping[str, str], data: Path) -> bytes:
    """32 bytes from FRONTDESK_SECRET_KEY, or made once and kept in the data directory."""
    text = env.get("FRONTDESK_SECRET_KEY", "").strip()
    if not text:
        path = data / "secret.key"
        if not path.exists():
            _write_once(path, urlsafe_b64encode(secrets.token_bytes(32)))
        text = path.read_text("ascii").strip()
    try:
        key = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        key = b""
    if len(key) != 32:
        raise Invalid(
            "FRONTDESK_SECRET_KEY must be 32 bytes in URL-safe base64 (43 characters); "
            "make one with: "
            'python -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    return key


def _write_once(path: Path, content: bytes) -> None:
    """Creates the file with mode 0600, whole or not at all; an existing one stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
