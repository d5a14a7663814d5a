"""The commands that keep an installation, each run as a process over a real database."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import typer.main

from cli.command import answer, environment, frontdesk
from frontdesk.app.wiring import App
from frontdesk.cli.commands import app as commands
from frontdesk.domains.model import DEFAULT_DOMAIN
from frontdesk.kernel.clock import utc_now
from frontdesk.pipeline.ingest import arrival
from frontdesk.ports import Inbound

KEY = "sk-a-key-that-must-not-be-shown"
HEAVY = ("asyncpg", "fastapi", "pgqueuer", "pydantic", "rich", "structlog", "uvicorn")


def _helps(command: Any, path: str) -> Iterator[tuple[str, str]]:
    if hasattr(command, "commands"):
        for name, below in command.commands.items():
            yield from _helps(below, f"{path} {name}")
    else:
        yield path, command.help or ""


def test_the_help_of_every_command_has_an_example_of_it() -> None:
    helps = dict(_helps(typer.main.get_command(commands), "frontdesk"))
    assert len(helps) > 25
    lacking = [path for path, text in helps.items() if path not in text.partition("Example:")[2]]
    assert lacking == []


def test_help_and_a_worker_import_no_more_than_they_need() -> None:
    assert _imported("frontdesk.cli.commands", HEAVY) == []
    assert _imported("frontdesk.cli.up, frontdesk.cli.supervise", HEAVY) == []
    lazily = ("fastapi", "uvicorn", "openai", "anthropic", "pgqueuer", "pydantic_ai", "twilio")
    assert _imported("frontdesk.cli.loop", lazily) == []


def _imported(modules: str, unwanted: tuple[str, ...]) -> list[str]:
    code = f"import sys, {modules}; print(*(m for m in {unwanted} if m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment({}), capture_output=True, check=True
    )
    return done.stdout.decode().split()


def test_metadata_makes_a_domains_channels_and_shows_no_secret(env: dict[str, str]) -> None:
    assert answer("domains", "add", "bakery", env=env)["name"] == "bakery"
    technical = {"twilio_whatsapp_number": "+15551234567", "twilio_auth_token": KEY}
    saved = answer(
        "domains",
        "metadata",
        "put",
        "-",
        "--domain",
        "bakery",
        env=env,
        stdin=json.dumps(technical),
    )
    assert saved["twilio_whatsapp_number"] == "+15551234567"
    assert KEY not in json.dumps(saved)
    listed = answer("channels", "list", "--domain", "bakery", env=env)["items"]
    assert [(each["kind"], each["state"]) for each in listed] == [("wmsg", "active")]


async def test_a_stopped_channel_is_resumed_by_its_number(env: dict[str, str], app: App) -> None:
    domain = await app.domains.by_name(DEFAULT_DOMAIN)
    channel = (await app.channels.of_domain(domain.domain_id))[0]
    await app.channels.stop(domain.domain_id, channel.channel_id, "20003: wrong token")
    assert "is stopped: 20003: wrong token" in frontdesk("doctor", env=env).stdout
    assert answer("channels", "resume", channel.address, env=env)["resumed"] == [channel.address]
    assert (await app.channels.of_domain(domain.domain_id))[0].state == "active"


async def test_a_token_opens_the_domain_until_it_is_revoked(env: dict[str, str], app: App) -> None:
    answer("people", "add", "ana@example.com", "--role", "agent", env=env)
    token = answer("tokens", "add", "ana@example.com", "--days", "1", env=env)["token"]
    assert (await app.domains.authenticate(token)).email == "ana@example.com"
    listed = answer("tokens", "list", env=env)["items"]
    mine = next(each for each in listed if each["email"] == "ana@example.com")
    answer("tokens", "revoke", mine["token_id"], env=env)
    assert mine["token_id"] not in json.dumps(answer("tokens", "list", env=env))


def test_an_assistants_key_comes_from_standard_input_and_is_never_shown(
    env: dict[str, str],
) -> None:
    given = ("assistants", "add", "sales", "--model", "openai:gpt-4.1-mini", "--api-key")
    made = answer(*given, env=env, stdin=f"{KEY}\n")
    assert made["has_key"]
    assert KEY not in json.dumps(made)
    changed = answer("assistants", "set", "sales", "--option", "timeout_seconds=60", env=env)
    assert (changed["options"], changed["has_key"]) == ({"timeout_seconds": 60.0}, True)
    refused = frontdesk("assistants", "remove", "default-assistant", env=env)
    assert refused.returncode == 1
    assert "default assistant" in refused.stderr


def test_usage_and_refusals_have_exit_codes_of_their_own(env: dict[str, str]) -> None:
    assert frontdesk("domains", "nonsense", env=env).returncode == 2
    assert frontdesk("replay", env=env).returncode == 2
    unknown = frontdesk("people", "list", "--domain", "nowhere", env=env)
    assert unknown.returncode == 1
    assert unknown.stderr.splitlines() == [
        "frontdesk: domain 'nowhere' does not exist; see: frontdesk domains list"
    ]
    wrong = frontdesk("domains", "list", env={**env, "FRONTDESK_PORT": "many"})
    assert wrong.returncode == 1
    assert "FRONTDESK_PORT is 'many'" in wrong.stderr


async def test_replay_takes_in_what_could_not_be_stored(env: dict[str, str], app: App) -> None:
    domain_id, channel_id, address = await _channel(app)
    body = f"MessageSid=SMreplayed&From=whatsapp:%2B12345678901&To=whatsapp:{address}&Body=Hello"
    await app.conversations.dead_letter(
        domain_id,
        "ingest",
        "could not be stored",
        channel_id=channel_id,
        payload={"body": body.replace(":+", ":%2B"), "carrier_id": "SMreplayed"},
    )
    listed = answer("replay", "--list", env=env)["items"]
    assert [each["reason"] for each in listed] == ["could not be stored"]
    replayed = answer("replay", "--all", env=env)["items"]
    assert [each["outcome"] for each in replayed] == ["taken in"]
    page = await app.database.pool.fetch("SELECT last_message FROM conversations")
    assert [row["last_message"] for row in page] == ["Hello"]
    assert answer("replay", "--list", env=env)["items"] == []


async def test_what_fails_again_is_kept_as_a_new_letter(env: dict[str, str], app: App) -> None:
    domain_id, channel_id, _ = await _channel(app)
    await app.conversations.dead_letter(
        domain_id, "ingest", "odd", channel_id=channel_id, payload={"body": "", "carrier_id": "x"}
    )
    done = frontdesk("replay", "--all", env=env)
    assert done.returncode == 1
    (letter,) = await app.conversations.dead_letters(domain_id, 10)
    assert letter["reason"].startswith("replayed in vain: ")
    assert letter["payload"] == {"body": "", "carrier_id": "x"}


async def test_a_persons_long_message_waits_for_delivery_in_order(app: App) -> None:
    domain_id, conversation_id = await _conversation(app)
    ids = await app.manual.send(domain_id, conversation_id, "word " * 700)
    sent = await app.database.pool.fetch(
        "SELECT * FROM messages WHERE conversation_id = $1 AND sender = 'human'"
        " AND kind <> 'event' ORDER BY seq",
        conversation_id,
    )
    assert [row["message_id"] for row in sent] == ids
    assert len(sent) == 3
    assert {(row["status"], row["source"]) for row in sent} == {("queued", "whatsapp_manual")}
    jobs = await app.database.pool.fetch("SELECT entrypoint FROM queue.pgqueuer ORDER BY id")
    assert [job["entrypoint"] for job in jobs] == ["turn", "deliver"]


async def _channel(app: App) -> tuple[UUID, UUID, str]:
    domain = await app.domains.by_name(DEFAULT_DOMAIN)
    rows = await app.channels.of_domain(domain.domain_id)
    row = next(row for row in rows if row.kind == "wmsg")
    return domain.domain_id, row.channel_id, row.address


async def _conversation(app: App) -> tuple[UUID, UUID]:
    domain_id, channel_id, address = await _channel(app)
    channel = await app.channels.get(domain_id, channel_id)
    event = Inbound("wmsg", address, "+12345678901", f"SM{uuid4().hex}", "text", "Hello")
    capabilities = app.carriers[channel.carrier].capabilities["wmsg"]
    made = arrival(event, channel, capabilities, b"", utc_now())
    await app.conversations.record([made], [])
    (row,) = await app.database.pool.fetch("SELECT conversation_id FROM conversations")
    return domain_id, row["conversation_id"]


def test_a_traceback_in_the_log_shows_no_local_variables() -> None:
    code = f"""
import structlog
from frontdesk.cli import logs
logs.configure("web", debug=False)
def fail():
    token = "{KEY}"
    raise ValueError(len(token))
try:
    fail()
except ValueError as error:
    structlog.get_logger().error("failed", exc_info=error, trace_id="t1")
"""
    for people in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment({"FRONTDESK_LOGS_FOR_PEOPLE": people, "NO_COLOR": "1"}),
            capture_output=True,
            text=True,
            check=True,
        )
        assert "ValueError" in done.stderr
        assert KEY not in done.stderr.replace(f'token = "{KEY}"', "")
        if people == "0":
            entry = json.loads(done.stderr)
            assert (entry["event"], entry["trace_id"], entry["process"]) == ("failed", "t1", "web")


def test_the_description_of_the_api_needs_no_installation(tmp_path: Path) -> None:
    done = frontdesk("openapi", env={"FRONTDESK_DATA": str(tmp_path / "none")})
    described = json.loads(done.stdout)
    assert described["openapi"].startswith("3.1")
    assert "MeOut" in described["components"]["schemas"]
    assert not (tmp_path / "none").exists()
