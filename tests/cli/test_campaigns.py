"""`frontdesk campaign`, run as a process beside a desk: a file's way from disk to its customers."""

import asyncio
import os
import pty
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from billing.sending import top_up
from cli.command import COMMAND, answer_aside, environment, frontdesk, frontdesk_aside
from frontdesk.outreach.uploads import FOLDER
from outreach.campaigning import NUMBERS, csv_of, post, reached, upload
from outreach.starting import REMINDER, template
from pipeline.desk import SMS_NUMBER, Desk, another_domain

pytestmark = pytest.mark.timeout(120)

ANA, BEA, CLEO = NUMBERS[:3]
FILE = f"phone_number,1,2\n{ANA},Ana,9:00\n612,Bob,9:15\n{BEA},Bea,9:30\n{ANA},Ana,9:45\n"
SMS = ("--channel", "sms")
HELLO = ("--instruction", "Say hello.")
NOBODY = "0198c0de-0000-7000-8000-000000000000"


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "people.csv"
    path.write_text(FILE)
    return str(path)


async def texts(desk: Desk) -> list[list[str]]:
    await desk.settled()
    return [[each["body"] for each in await desk.sent(who)] for who in (ANA, BEA)]


async def refused(*arguments: str, env: Mapping[str, str]) -> str:
    """The one line that says why."""
    done = await frontdesk_aside("campaign", *arguments, "--json", env=env)
    assert (done.returncode, done.stdout) == (1, ""), done.stdout
    [line] = done.stderr.splitlines()
    return line


async def test_a_file_is_imported_looked_at_run_and_reported(
    desk: Desk, env: dict[str, str], file: str
) -> None:
    await template(desk, kind="sms")
    told = await frontdesk_aside("campaign", "import", file, *SMS, "--template", REMINDER, env=env)
    assert (told.returncode, told.stderr) == (0, "")
    first, *reasons = told.stdout.splitlines()
    campaign_id, _, state = first.partition(" ")
    assert state == "people.csv: ready; rows 4, waiting 2, skipped 2"
    assert sorted(reasons) == [
        "  1 skipped: '612' has no country: begin with + and the country code",
        "  1 skipped: the same number is in line 2",
    ]
    assert await texts(desk) == [[], []]
    await answer_aside("campaign", "run", campaign_id, env=env)
    ended = await answer_aside("campaign", "status", campaign_id, "--watch", env=env)
    assert ended["status"] == "done"
    assert (ended["counts"]["sent"], ended["counts"]["skipped"]) == (2, 2)
    assert [each["code"] for each in ended["reasons"]] == ["bad_number", "duplicate"]
    assert await texts(desk) == [
        ["Hello Ana, you are expected at 9:00."],
        ["Hello Bea, you are expected at 9:30."],
    ]


async def test_start_sends_it_as_soon_as_it_is_imported(
    desk: Desk, env: dict[str, str], file: str
) -> None:
    await template(desk, kind="sms")
    given = (*SMS, "--template", f"{REMINDER}:en", "--start", "--name", "Reminders")
    made = await answer_aside("campaign", "import", file, *given, env=env)
    assert made["name"] == "Reminders"
    await reached(desk, made["campaign_id"], "done")
    assert [len(each) for each in await texts(desk)] == [1, 1]
    listed = (await answer_aside("campaign", "list", env=env))["items"]
    assert [(each["name"], each["status"]) for each in listed] == [("Reminders", "done")]


async def test_a_paused_campaign_writes_to_nobody_until_it_is_resumed(
    web: Desk, env: dict[str, str], file: str
) -> None:
    given = ("import", file, *SMS, *HELLO, "--type", "survey", "--start")
    made = await answer_aside("campaign", *given, env=env)
    assert made["status"] == "running"
    assert await web.db.fetchval("SELECT call_type FROM campaigns") == "survey"
    paused = await answer_aside("campaign", "pause", made["campaign_id"], env=env)
    assert paused["status"] == "paused"
    await web.start_worker()
    shown = await answer_aside("campaign", "status", made["campaign_id"], "--watch", env=env)
    assert (shown["status"], shown["counts"]["waiting"]) == ("paused", 2)
    assert await texts(web) == [[], []]
    resumed = await answer_aside("campaign", "resume", made["campaign_id"], env=env)
    assert resumed["status"] == "running"
    await reached(web, made["campaign_id"], "done")
    assert [len(each) for each in await texts(web)] == [1, 1]


async def test_the_same_file_is_sent_again_only_with_confirm(
    web: Desk, env: dict[str, str], file: str
) -> None:
    first = await answer_aside("campaign", "import", file, *SMS, *HELLO, env=env)
    line = await refused("import", file, *SMS, *HELLO, env=env)
    assert first["campaign_id"] in line
    assert "send it with --confirm to write to everybody in it again" in line
    again = await answer_aside("campaign", "import", file, *SMS, *HELLO, "--confirm", env=env)
    assert again["campaign_id"] != first["campaign_id"]
    assert await web.count("campaigns") == 2


@pytest.mark.parametrize(
    ("content", "more", "named"),
    [
        (None, (), "cannot be read: No such file or directory"),
        ("name,city\nAna,Oslo\n", (), "name one phone_number; the columns are name, city"),
        (FILE, ("--template", "unheard_of"), "'unheard_of'"),
        (FILE, ("--channel", "telegram"), "'telegram'; use one of wmsg"),
        (FILE, ("--start",), "neither a template nor an instruction"),
    ],
)
async def test_what_cannot_be_imported_leaves_nothing_behind(
    web: Desk,
    env: dict[str, str],
    tmp_path: Path,
    content: str | None,
    more: tuple[str, ...],
    named: str,
) -> None:
    path = tmp_path / "odd.csv"
    if content is not None:
        path.write_text(content)
    assert named in await refused("import", str(path), *SMS, *more, env=env)
    assert (await web.count("campaigns"), await web.count("outreach")) == (0, 0)


async def test_a_folder_is_no_file(web: Desk, env: dict[str, str], tmp_path: Path) -> None:
    line = await refused("import", str(tmp_path), *SMS, *HELLO, env=env)
    assert line == f"frontdesk: {tmp_path} cannot be read: Is a directory"
    assert await web.count("campaigns") == 0


async def test_without_credit_for_one_message_nothing_starts(
    web: Desk, env: dict[str, str], file: str
) -> None:
    await top_up(web, 2)
    line = await refused("import", file, *SMS, *HELLO, "--start", env=env)
    assert "the balance of 2 credits does not cover 3" in line
    assert await web.count("campaigns") == 0
    made = await answer_aside("campaign", "import", file, *SMS, *HELLO, env=env)
    assert "does not cover 3" in await refused("run", made["campaign_id"], env=env)
    assert await web.db.fetchval("SELECT status FROM campaigns") == "ready"


async def test_whoever_said_stop_is_reported_and_the_others_are_written_to(
    desk: Desk, env: dict[str, str], file: str
) -> None:
    await desk.write("STOP", from_=ANA, to=SMS_NUMBER)
    before, _ = await texts(desk)
    made = await answer_aside("campaign", "import", file, *SMS, *HELLO, "--start", env=env)
    ended = await answer_aside("campaign", "status", made["campaign_id"], "--watch", env=env)
    codes = {each["code"]: each["count"] for each in ended["reasons"]}
    assert codes == {"opted_out": 1, "bad_number": 1, "duplicate": 1}
    ana, bea = await texts(desk)
    assert (ana, len(bea)) == (before, 1)


async def test_whoever_watches_a_campaign_that_fails_learns_it_from_the_exit_code(
    web: Desk, env: dict[str, str], tmp_path: Path
) -> None:
    made = await upload(web, csv_of([CLEO]))
    campaign_id: str = made.json["campaign"]["campaign_id"]
    [stored] = tmp_path.rglob(f"{FOLDER}*/{campaign_id}.csv")
    stored.unlink()
    await web.start_worker()
    done = await frontdesk_aside("campaign", "status", campaign_id, "--watch", env=env)
    assert done.returncode == 1
    assert "failed (the uploaded file is no longer there)" in done.stdout


async def test_campaigns_of_others_and_of_nobody_are_unknown(
    web: Desk, env: dict[str, str]
) -> None:
    assert "does not exist" in await refused("pause", NOBODY, env=env)
    assert "see: frontdesk campaign list" in await refused("run", "people.csv", env=env)
    made = await upload(web, csv_of([CLEO]))
    await another_domain(web, "bakery")
    theirs = ("status", made.json["campaign"]["campaign_id"], "--domain", "bakery")
    assert "does not exist" in await refused(*theirs, env=env)


async def test_what_has_ended_is_run_no_more(desk: Desk, env: dict[str, str]) -> None:
    made = await upload(desk, csv_of([CLEO]))
    campaign_id: str = made.json["campaign"]["campaign_id"]
    assert (await post(desk, campaign_id, "cancel")).status == 200
    assert "is canceled" in await refused("run", campaign_id, env=env)


async def test_a_person_sees_a_bar_and_a_script_does_not(
    web: Desk, env: dict[str, str], file: str
) -> None:
    given = ("campaign", "import", file, *SMS, *HELLO)
    code, out, terminal = await asyncio.to_thread(_on_a_terminal, *given, env=env)
    assert code == 0, terminal
    assert UUID(out.split()[0]) == await web.db.fetchval("SELECT campaign_id FROM campaigns")
    assert "Importing" in terminal
    piped = await frontdesk_aside(*given, "--confirm", env=env)
    assert (piped.returncode, piped.stderr) == (0, "")


def _on_a_terminal(*arguments: str, env: Mapping[str, str]) -> tuple[int, str, str]:
    """The exit code, standard output, and what a terminal at standard error showed."""
    shows, terminal = pty.openpty()
    given: dict[str, Any] = {"env": environment({**env, "TERM": "xterm"}), "stderr": terminal}
    with subprocess.Popen(
        [*COMMAND, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, **given
    ) as process:
        os.close(terminal)
        with os.fdopen(shows, "rb", buffering=0) as screen:
            seen = b"".join(iter(lambda: _read(screen.fileno()), b""))
        assert process.stdout is not None
        out = process.stdout.read()
    return process.returncode, out, seen.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # on Linux, a terminal that nobody writes to any more
        return b""


def test_the_help_says_what_one_needs_to_know_first() -> None:
    help_ = " ".join(frontdesk("campaign", "import", "--help", env={}).stdout.split())
    for taught in ("phone_number", "variable of the template", "campaign run", "Exit code 1"):
        assert taught in help_
