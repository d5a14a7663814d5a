"""The links that `frontdesk` prints sign people in."""

import http.client
import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from cli.command import Running, answer, frontdesk
from cli.test_up import port


def spend(link: str, port: int) -> tuple[int, str]:
    """What the page behind the link does: the status and the cookie that comes back."""
    token = parse_qs(urlsplit(link).query)["token"][0]
    call = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Origin": f"http://127.0.0.1:{port}", "Content-Type": "application/json"}
    call.request("POST", "/api/v1/session/link", json.dumps({"token": token}), headers)
    response = call.getresponse()
    response.read()
    call.close()
    return response.status, response.headers.get("Set-Cookie", "")


def test_up_and_people_sign_in_print_links_that_work_once(data: Path) -> None:
    number = port()
    env = {"FRONTDESK_DATA": str(data), "FRONTDESK_PORT": str(number)}
    with Running("up", env=env, log=data.parent / "up.log") as up:
        lines: list[str] = []
        while "Stop it" not in "".join(lines):
            lines.append(up.line())
        printed = next(line for line in lines if "Sign in" in line).split()[-1]
        asked = answer("people", "sign-in", env=env)["sign_in"]
        for link in (printed, asked):
            assert link.startswith(f"http://localhost:{number}/sign-in?token=")
            status, cookie = spend(link, number)
            assert status == 200
            assert cookie.startswith("frontdesk_session=")
            assert spend(link, number) == (403, "")
        assert any("API" in line and line.strip().endswith("/api") for line in lines)
        assert not list(data.glob("greeting.*"))
        assert up.stop() == 0


@pytest.mark.parametrize("email", ["nobody@example.com", "no address"])
def test_a_link_is_for_members_only(dsn: str, tmp_path: Path, email: str) -> None:
    env = {"FRONTDESK_DATABASE_URL": dsn, "FRONTDESK_DATA": str(tmp_path)}
    refused = frontdesk("people", "sign-in", email, env=env)
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert f"{email} is not a member" in refused.stderr
