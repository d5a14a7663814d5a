"""`frontdesk doctor`: what is configured, and what is wrong with it."""

import os
import shutil
import socket
import stat
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import typer

from frontdesk.cli import exits
from frontdesk.cli.acting import Data
from frontdesk.cli.output import Json, say
from frontdesk.kernel.errors import FrontdeskError

if TYPE_CHECKING:
    from frontdesk.app.wiring import App
    from frontdesk.settings import Settings

OVERRIDES = "#rc=5&rp=all"
"""Twilio repeats a webhook that failed only if its URL asks for it: 5 times, for any failure.

https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
"""
CREDENTIALS_HINT = (
    "save them in the settings of the inbox or with `frontdesk domains metadata put`; Twilio's may "
    "be TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (`frontdesk up` without them uses its sandbox)"
)
LITTLE_ROOM = 2 << 30
NO_ROOM = 200 << 20
LATE_SECONDS = 60.0
MOST_LETTERS = 1_000
CONNECT_SECONDS = 10


@dataclass(frozen=True)
class Check:
    name: str
    state: Literal["ok", "warn", "fail"]
    text: str


def doctor(data: Data = None, json: Json = False) -> None:
    """Say what is configured and what is wrong.

    Each line is ok, warn or fail; the exit code is 1 if any is fail. Nothing is changed, except
    that an embedded database which is not running is started for the moment.

    Example: frontdesk doctor
    """
    from frontdesk.cli import logs, node

    logs.configure("doctor", debug=False, quiet=True)
    try:
        settings = node.settings_of(data)
    except FrontdeskError as error:
        checks = [Check("settings", "fail", error.detail)]
    else:
        checks = [
            *_local(settings), *_database(settings), *_files(settings), *_public(settings)
        ]  # fmt: skip
    good = all(check.state != "fail" for check in checks)
    lines = [f"{check.state:4}  {check.name:10}  {check.text}" for check in checks]
    say(json, {"ok": good, "checks": [asdict(check) for check in checks]}, "\n".join(lines))
    if not good:
        raise typer.Exit(exits.FAILED)


def _local(settings: "Settings") -> Iterator[Check]:
    data = settings.data
    if not os.access(data, os.W_OK | os.X_OK):
        yield Check("data", "fail", f"{data} cannot be written; change its permissions")
    else:
        yield Check("data", "ok", str(data))
    free = shutil.disk_usage(data).free
    state = "fail" if free < NO_ROOM else "warn" if free < LITTLE_ROOM else "ok"
    yield Check("disk", state, f"{free / (1 << 30):.1f} GB are free there")
    if os.environ.get("FRONTDESK_SECRET_KEY"):
        yield Check("key", "ok", "from FRONTDESK_SECRET_KEY")
    else:
        yield _key(data / "secret.key")
    if settings.allow_unsigned:
        text = "FRONTDESK_ALLOW_UNSIGNED is set: programs on this machine may send unsigned"
        yield Check("webhooks", "warn", text)


def _key(path: Path) -> Check:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return Check("key", "fail", f"others may read {path} (mode {mode:o}); run: chmod 600")
    return Check("key", "ok", f"{path}, readable by you only; keep a copy of it in a safe place")


def _database(settings: "Settings") -> Iterator[Check]:
    from frontdesk.cli import node

    made = (settings.data / "postgres" / "cluster" / "PG_VERSION").exists()
    if settings.database_url is None and not made:
        yield Check("database", "warn", "not made yet; `frontdesk up` makes it")
        return
    try:
        with node.database(settings) as (dsn, _):
            from frontdesk.cli import loop

            yield from loop.run(_ask(settings, dsn))
    except FrontdeskError as error:
        yield Check("database", "fail", error.detail)


async def _ask(settings: "Settings", dsn: str) -> list[Check]:
    import asyncpg

    from frontdesk.app.wiring import running
    from frontdesk.db.migrate import pending

    connection = await asyncpg.connect(dsn, timeout=CONNECT_SECONDS)
    try:
        version = await connection.fetchval("SHOW server_version")
        workers = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'frontdesk life'"
        )
    finally:
        await connection.close()
    kind = "embedded" if settings.database_url is None else "from FRONTDESK_DATABASE_URL"
    checks = [Check("database", "ok", f"PostgreSQL {version.split()[0]}, {kind}")]
    if missing := await pending(dsn):
        text = f"lacks {', '.join(missing)}; run: frontdesk migrate"
        return [*checks, Check("schema", "warn", text)]
    checks.append(Check("schema", "ok", "up to date"))
    checks.append(_workers(workers))
    async with running(settings, dsn, pool_size=2, application="frontdesk command") as app:
        checks += [check async for check in _contents(app)]
    return checks


def _files(settings: "Settings") -> Iterator[Check]:
    """Where files are, and what understands them."""
    from frontdesk.cli import loop
    from frontdesk.media.objects import open_store
    from frontdesk.media.recognition import ocr
    from frontdesk.ports import StoreError

    where = settings.media_url.removeprefix("file://")
    try:
        loop.run(open_store(settings.media_url).check())
    except (FrontdeskError, StoreError) as error:
        yield Check("files", "fail", f"{where}: {error}; see FRONTDESK_MEDIA_URL")
    else:
        yield Check("files", "ok", where)
    chosen = settings.recognition
    speech = chosen.transcriber or "none; set FRONTDESK_TRANSCRIBER for transcripts"
    yield Check("speech", "ok", f"by default: {speech}")
    pictures = chosen.vision or ("OCR" if ocr.installed() else None)
    hint = "none; set FRONTDESK_VISION for descriptions, or install the extra `ocr`"
    yield Check("pictures", "ok", f"by default: {pictures or hint}")


def _workers(count: int) -> Check:
    if count:
        return Check("workers", "ok", f"{count} running")
    text = "none is running: messages wait; start one with `frontdesk up` or `frontdesk worker`"
    return Check("workers", "warn", text)


async def _contents(app: "App") -> AsyncIterator[Check]:
    from frontdesk.channels.model import lacks
    from frontdesk.db import queue
    from frontdesk.sandbox.installed import NUMBER, SMS_NUMBER

    async with app.database.system_tx() as connection:
        backlog, oldest = await queue.backlog(connection)
    late = oldest > LATE_SECONDS
    text = f"{backlog} jobs wait" + (f", the oldest for {oldest:.0f} s" if backlog else "")
    yield Check("queue", "warn" if late else "ok", text)
    for domain in await app.domains.all():
        letters = await app.conversations.dead_letters(domain.domain_id, MOST_LETTERS)
        if letters:
            more = "+" if len(letters) == MOST_LETTERS else ""
            text = f"{len(letters)}{more} in {domain.name}; see: frontdesk replay --list"
            yield Check("letters", "warn", f"{text} --domain {domain.name}")
        for row in await app.channels.of_domain(domain.domain_id):
            if row.state == "removed":
                continue
            channel = await app.channels.get(domain.domain_id, row.channel_id)
            where = f"{row.kind} {row.address} of {domain.name}"
            if row.state == "stopped":
                why = row.state_reason or "no reason was noted"
                yield Check(
                    "channel", "fail", f"{where} is stopped: {why}; frontdesk channels resume"
                )
            elif row.address in (NUMBER, SMS_NUMBER) and not channel.account:
                yield Check("channel", "ok", f"{where} is the sandbox's")
            elif lacking := lacks(channel):
                text = f"{where} has no credentials: {CREDENTIALS_HINT}. {lacking}"
                yield Check("channel", "warn", text)
            else:
                host = urlsplit(channel.base_url).hostname or channel.carrier.capitalize()
                yield Check("channel", "ok", f"{where}, account {channel.account[:6]}… at {host}")


def _public(settings: "Settings") -> Iterator[Check]:
    if bool(settings.twilio_account_sid) != bool(settings.twilio_auth_token):
        lack = "TWILIO_AUTH_TOKEN" if settings.twilio_account_sid else "TWILIO_ACCOUNT_SID"
        yield Check("twilio", "fail", f"{lack} is not set, although its counterpart is")
    url = settings.public_url
    host = urlsplit(url).hostname or ""
    if host in ("localhost", "::1") or host.startswith("127."):
        yield Check(
            "public URL",
            "warn" if settings.twilio_account_sid else "ok",
            f"{url} is this machine only, which is enough for the sandbox. Twilio needs a public "
            f"address: open a tunnel (`cloudflared tunnel --url http://localhost:{settings.port}`, "
            "ngrok, tailscale funnel) or a reverse proxy, and set FRONTDESK_PUBLIC_URL to it",
        )
    elif not url.startswith("https://"):
        yield Check("public URL", "warn", f"{url} is not encrypted; put a TLS proxy before it")
    else:
        yield Check("public URL", "ok", url)
    for kind, path in (("WhatsApp", "/whatsapp/webhook"), ("SMS", "/sms/webhook")):
        text = f"set at Twilio for {kind}, “When a message comes in”: {url}{path}{OVERRIDES}"
        yield Check("webhook", "ok", text)
    text = f"set at Meta for WhatsApp, “Callback URL”, field messages: {url}/meta/webhook"
    yield Check("webhook", "ok", text)
    yield _answering(settings.port)


def _answering(port: int) -> Check:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return Check("web", "warn", f"nothing listens on port {port}; start it: frontdesk up")
    return Check("web", "ok", f"something listens on port {port}")
