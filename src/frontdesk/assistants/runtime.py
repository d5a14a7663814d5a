"""The runtime: asks an assistant, whatever it is made of. Every channel and the API come here."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import TYPE_CHECKING

from frontdesk.assistants import echo, knowledge, remote
from frontdesk.assistants.model import Answer, Assistant, AssistantFailed, Turn
from frontdesk.assistants.retrying import AttemptFailed, Sleep, attempts
from frontdesk.db.tenancy import Database
from frontdesk.domains.encryption import Cipher
from frontdesk.kernel.errors import Unavailable
from frontdesk.web.egress import Egress

if TYPE_CHECKING:
    import httpx2


def key_context(assistant: Assistant) -> str:
    """What an assistant's sealed key is bound to."""
    return f"assistants.api_key:{assistant.domain_id}:{assistant.assistant_id}"


class AssistantRuntime:
    """Answers turns. One per process and event loop; `close` it at the end."""

    def __init__(
        self, database: Database, cipher: Cipher, egress: Egress, sleep: Sleep = asyncio.sleep
    ) -> None:
        self.egress = egress
        self.cipher = cipher
        self._database = database
        self._sleep = sleep
        self._http: httpx2.AsyncClient | None = None

    async def close(self) -> None:
        """Closes the model libraries' client; the egress client belongs to whoever made it."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def answer(self, assistant: Assistant, turn: Turn) -> Answer:
        """The assistant's answer. Raises AssistantFailed, whose detail is for people."""
        match assistant.model:
            case "builtin:echo":
                return echo.answer(turn)
            case "builtin:knowledge":
                return await knowledge.answer(self._database, assistant, turn)
            case _ if assistant.kind == "remote":
                key = self._key(assistant)
                return await remote.answer(self.egress, assistant, key, turn, self._sleep)
            case _:
                return await self._ask_model(assistant, turn, None)

    async def stream(self, assistant: Assistant, turn: Turn) -> AsyncGenerator[str | Answer]:
        """Chunks of visible text as they come, then the whole Answer, always last.

        Assistants that answer at once give one chunk. Raises AssistantFailed; only a failure
        before the first chunk was retried.
        """
        if assistant.kind in ("builtin", "remote"):
            answer = await self.answer(assistant, turn)
            yield answer.text
            yield answer
            return
        queue: asyncio.Queue[str | Answer | BaseException] = asyncio.Queue(maxsize=64)
        asking = asyncio.create_task(self._fill(queue, assistant, turn))
        try:
            while True:
                item = await queue.get()
                if isinstance(item, BaseException):
                    raise item
                yield item
                if isinstance(item, Answer):
                    return
        finally:
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await asking

    async def _fill(
        self, queue: "asyncio.Queue[str | Answer | BaseException]", assistant: Assistant, turn: Turn
    ) -> None:
        # The model is asked in a task of its own: its time limits belong to one task, while the
        # reader of a stream may change tasks between chunks.
        try:
            await queue.put(await self._ask_model(assistant, turn, queue))
        except Exception as error:
            await queue.put(error)

    async def _ask_model(
        self,
        assistant: Assistant,
        turn: Turn,
        queue: "asyncio.Queue[str | Answer | BaseException] | None",
    ) -> Answer:
        llm = await asyncio.to_thread(_load)
        if self._http is None:
            from frontdesk.assistants.transport import client

            self._http = client(self.egress)
        http, key = self._http, self._key(assistant)
        emitted = False

        async def emit(text: str) -> None:
            nonlocal emitted
            emitted = True
            assert queue is not None
            await queue.put(text)

        async def attempt(seconds: float) -> Answer:
            try:
                heard = emit if queue is not None else None
                return await llm.answer(assistant, key, turn, http, seconds, heard)
            except AttemptFailed as failure:
                # What the reader has seen cannot be taken back.
                failure.retry = failure.retry and not emitted
                raise

        return await attempts(attempt, assistant.options, self._sleep)

    def _key(self, assistant: Assistant) -> str | None:
        if assistant.sealed_key is None:
            return None
        try:
            return self.cipher.open(assistant.sealed_key, key_context(assistant))
        except Unavailable as error:
            raise AssistantFailed(f"the API key cannot be read: {error.detail}") from error


def _load():
    # Off the event loop: it takes seconds the first time.
    from frontdesk.assistants import llm

    return llm
