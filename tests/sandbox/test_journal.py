"""The journal forgives a crash while writing, and nothing else."""

from pathlib import Path

import pytest

from frontdesk.kernel.errors import Invalid
from frontdesk.sandbox.app import SandboxConfig
from frontdesk.sandbox.exchange import Exchange

SHOP, ADA = "+14155550199", "+14155550101"


def opened(path: Path) -> Exchange:
    exchange = Exchange(SandboxConfig("http://s.test", {"AC1": "token"}, journal=path))
    exchange.open()
    return exchange


def test_a_broken_line_that_is_not_the_last_is_named(tmp_path: Path):
    path = tmp_path / "journal"
    path.write_bytes(b'{"deleted": "SM1"}\n{"sid": \n{"deleted": "SM2"}\n')
    with pytest.raises(Invalid, match="line 2 is no JSON"):
        opened(path)


def test_every_line_cut_short_costs_only_what_it_would_have_said(tmp_path: Path):
    path = tmp_path / "journal"
    exchange = opened(path)
    exchange.accept_inbound(ADA, SHOP, "first")
    whole = path.read_bytes()
    exchange.accept_inbound(ADA, SHOP, "second")
    line = path.read_bytes().removeprefix(whole)
    exchange.close()
    for cut in range(len(line) - 1):
        path.write_bytes(whole + line[:cut])
        again = opened(path)
        assert [message.body for message in again.all()] == ["first"]
        again.close()


def test_redacted_text_is_gone_from_the_disk_after_the_next_start(tmp_path: Path):
    path = tmp_path / "journal"
    exchange = opened(path)
    message = exchange.accept_inbound(ADA, SHOP, "my card is 4111")
    exchange.redact(message)
    exchange.close()
    opened(path).close()
    assert b"4111" not in path.read_bytes()
    assert message.sid.encode() in path.read_bytes()
