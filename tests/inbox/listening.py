"""A window of the inbox, as far as live events go: it reads a stream over real HTTP."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from pipeline.desk import OWNER_TOKEN, PATIENCE, Desk


@dataclass(frozen=True)
class Event:
    name: str
    content: dict[str, Any]
    id: str | None


@dataclass
class Window:
    answer: aiohttp.ClientResponse
    seen: list[Event] = field(default_factory=list[Event])

    async def next(self) -> Event | None:
        """The next event; None when the server has ended the stream."""
        name, data, event_id = "message", "", None
        while line := await self.answer.content.readline():
            text = line.decode().rstrip("\n")
            key, _, value = text.partition(": ")
            if key == "event":
                name = value
            elif key == "data":
                data = value
            elif key == "id":
                event_id = value
            elif not text and data:
                event = Event(name, json.loads(data), event_id)
                self.seen.append(event)
                return event
        return None

    async def until(self, name: str, **wanted: Any) -> Event:
        """The next event of the name whose content has these values."""
        async with asyncio.timeout(PATIENCE):
            while (event := await self.next()) is not None:
                if event.name == name and wanted.items() <= event.content.items():
                    return event
        raise AssertionError(f"the stream ended before {name!r}: {self.seen}")

    async def until_message(self, **wanted: Any) -> dict[str, Any]:
        while True:
            message = (await self.until("message")).content["message"]
            if wanted.items() <= message.items():
                return message

    async def ended(self) -> list[str]:
        """The names of what still came before the server ended the stream."""
        names: list[str] = []
        async with asyncio.timeout(PATIENCE):
            while (event := await self.next()) is not None:
                names.append(event.name)
        return names


@asynccontextmanager
async def window(
    desk: Desk,
    token: str = OWNER_TOKEN,
    *,
    last_event_id: str | None = None,
    domain: str | None = None,
) -> AsyncGenerator[Window]:
    headers = {"Authorization": f"Bearer {token}"}
    if last_event_id is not None:
        headers["Last-Event-ID"] = last_event_id
    params = {"domain": domain} if domain else {}
    url = f"{desk.url}/api/v1/events"
    async with desk.http.get(url, headers=headers, params=params) as answer:
        assert answer.status == 200, await answer.text()
        yield Window(answer)
