"""How a long-running command hears that it shall end."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from frontdesk.cli import exits


@asynccontextmanager
async def stopping() -> AsyncGenerator[asyncio.Event]:
    """An event that SIGTERM or SIGINT sets; a second signal ends the process at once."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    hear = (signal.SIGTERM, signal.SIGINT)

    def heard() -> None:
        if stop.is_set():
            os._exit(exits.INTERRUPTED)
        stop.set()

    for number in hear:
        loop.add_signal_handler(number, heard)
    try:
        yield stop
    finally:
        for number in hear:
            loop.remove_signal_handler(number)
