"""Runs `frontdesk` as people and scripts do: as a process of its own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

COMMAND = (sys.executable, "-m", "frontdesk")
PATIENCE = 100.0


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without any setting of Frontdesk, and what is given."""
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("FRONTDESK_", "TWILIO_", "PROMETHEUS_"))
    }
    return {**own, **given}


def lives(pid: int) -> bool:
    """Whether the process runs; one that nobody has reaped yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def frontdesk(
    *arguments: str, env: Mapping[str, str], stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(env),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def answer(*arguments: str, env: Mapping[str, str], stdin: str = "") -> Any:
    """What a command that succeeds prints with `--json`."""
    done = frontdesk(*arguments, "--json", env=env, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


async def frontdesk_aside(
    *arguments: str, env: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """`frontdesk`, while the desk in this process goes on."""
    return await asyncio.to_thread(frontdesk, *arguments, env=env)


async def answer_aside(*arguments: str, env: Mapping[str, str]) -> Any:
    """`answer`, while the desk in this process goes on."""
    return await asyncio.to_thread(answer, *arguments, env=env)


class Running:
    """A command that runs until it is stopped; its standard error goes to a file."""

    def __init__(self, *arguments: str, env: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as stderr:
            self.process = subprocess.Popen(
                [*COMMAND, *arguments],
                env=environment(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )

    def __enter__(self) -> "Running":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def line(self) -> str:
        """The next line that it prints."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.log.read_text()
        return line

    def until_logged(self, text: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while text not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, f"{text!r} was not logged:\n{self.log.read_text()}"
            time.sleep(0.02)

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)
