"""`frontdesk start`, run as a process beside a desk that has a worker."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from billing.sending import top_up
from cli.command import answer_aside, frontdesk, frontdesk_aside
from outreach.starting import ANA, REMINDER, bodies, channel_of, ended, row_of, template
from pipeline.desk import SMS_NUMBER, Desk

SMS = ("--channel", "sms")
HELLO = ("--instruction", "Say hello.")


async def test_a_template_reaches_the_customer_with_what_is_known_of_them(
    desk: Desk, env: dict[str, str]
) -> None:
    await template(desk, kind="sms")
    made: dict[str, Any] = await answer_aside(
        "start", ANA, *SMS, "--template", REMINDER, "--var", "1=Ana", "--var", "2=nine = 9:00",
        "--name", "Ana Ruiz", "--email", "ana@example.com", "--type", "reminder", env=env,
    )  # fmt: skip
    assert (made["channel"], made["status"]) == ("sms", "queued")
    row = await ended(desk, UUID(made["call_id"]))
    assert (row["status"], row["call_type"], row["email"]) == (
        "sent", "reminder", "ana@example.com",
    )  # fmt: skip
    assert await bodies(desk) == ["Hello Ana, you are expected at nine = 9:00."]


async def test_a_person_is_told_the_number_to_ask_for_it_with(
    desk: Desk, env: dict[str, str]
) -> None:
    done = await frontdesk_aside("start", "001 415 555 0199", *SMS, *HELLO, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    queued, call_id = done.stdout.strip().removesuffix(".").rsplit(" ", 1)
    assert queued == "Queued as"
    assert (await ended(desk, UUID(call_id)))["address"] == ANA


async def test_what_is_for_later_waits(web: Desk, env: dict[str, str]) -> None:
    later = web.app.dispatcher.clock() + timedelta(days=1)
    given = ("--send-at", later.isoformat())
    made = await answer_aside("start", ANA, *SMS, *HELLO, *given, env=env)
    row = await row_of(web, UUID(made["call_id"]))
    assert (row["status"], row["due_at"]) == ("waiting", later)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("612", *SMS, *HELLO), "'612' has no country: begin with + and the country code"),
        ((ANA, *SMS, "--template", "unheard_of"), "'unheard_of'"),
        ((ANA, "--channel", "telegram", *HELLO), "use one of wmsg, wvoice, sms, phone"),
        ((ANA, *SMS), "give an instruction or a template"),
        ((ANA, *SMS, *HELLO, "--send-at", "2020-01-01T00:00:00Z"), "which is past"),
        ((ANA, *SMS, *HELLO, "--domain", "nowhere"), "see: frontdesk domains list"),
    ],
)
async def test_what_is_refused_is_one_line_that_says_why(
    web: Desk, env: dict[str, str], arguments: tuple[str, ...], named: str
) -> None:
    done = await frontdesk_aside("start", *arguments, "--json", env=env)
    assert (done.returncode, done.stdout, await web.count("outreach")) == (1, "", 0)
    [line] = done.stderr.splitlines()
    assert line.startswith("frontdesk: ")
    assert named in line


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "Missing argument"),
        ((ANA, "--var", "Ana"), "use NAME=VALUE"),
        ((ANA, "--var", "=Ana"), "use NAME=VALUE"),
        ((ANA, "--send-at", "tomorrow"), "use a time as 2026-02-03T12:00:00Z"),
        ((ANA, "--send", "now"), "No such option"),
    ],
)
def test_wrong_usage_is_told_before_the_installation_is_touched(
    arguments: tuple[str, ...], named: str
) -> None:
    nowhere = {"FRONTDESK_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}
    done = frontdesk("start", *arguments, env=nowhere)
    assert done.returncode == 2
    assert named in done.stderr


async def test_every_variable_that_lacks_is_named(web: Desk, env: dict[str, str]) -> None:
    await template(web, kind="sms")
    done = await frontdesk_aside(
        "start", ANA, *SMS, "--template", REMINDER, "--var", "1=Ana", env=env
    )
    assert done.returncode == 1
    assert "{{2}}" in done.stderr
    assert await web.count("outreach") == 0


async def test_whoever_said_stop_is_not_written_to(desk: Desk, env: dict[str, str]) -> None:
    await desk.write("STOP", from_=ANA, to=SMS_NUMBER)
    await desk.settled()
    told = await bodies(desk)
    done = await frontdesk_aside("start", ANA, *SMS, *HELLO, env=env)
    assert done.returncode == 1
    assert "opted out" in done.stderr
    assert (await desk.count("outreach"), await bodies(desk)) == (0, told)


async def test_without_credit_nothing_is_queued(web: Desk, env: dict[str, str]) -> None:
    await top_up(web, 2)
    done = await frontdesk_aside("start", ANA, *SMS, *HELLO, env=env)
    assert done.returncode == 1
    assert done.stderr.startswith("frontdesk: the balance of 2 credits does not cover 3")
    assert await web.count("outreach") == 0


async def test_a_domain_without_the_channel_is_told_how_to_set_one_up(
    web: Desk, env: dict[str, str]
) -> None:
    channel_id = await channel_of(web, "sms")
    await web.db.execute("DELETE FROM channels WHERE channel_id = $1", channel_id)
    done = await frontdesk_aside("start", ANA, *SMS, *HELLO, env=env)
    assert done.returncode == 1
    assert "has no SMS channel" in done.stderr


def test_the_help_says_what_one_needs_to_know_first() -> None:
    help_ = " ".join(frontdesk("start", "--help", env={}).stdout.split())
    for taught in ("24-hour window", "worker must be running", "NAME=VALUE", "Exit code 1"):
        assert taught in help_
