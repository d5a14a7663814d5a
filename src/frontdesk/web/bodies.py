"""How long a request's body may be, before anything reads it into memory.

Forms with files are left alone: what takes them writes them to disk and has limits of its own.
"""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from frontdesk.web.errors import answer

MOST_BODY = 2 * 2**20
"""Ample for the longest JSON that any endpoint takes, and little enough from a stranger."""
STREAMED = b"multipart/form-data"


@dataclass(frozen=True)
class BodyLimit:
    """Answers 413 to what is longer, also where the length was not told before."""

    app: ASGIApp
    most: int = MOST_BODY
    besides: tuple[str, ...] = ()
    """Paths, with all below them, that look after it themselves."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self.besides):
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if headers.get(b"content-type", b"").lower().startswith(STREAMED):
            await self.app(scope, receive, send)
            return
        told = headers.get(b"content-length", b"")
        if told.isdigit() and (len(told) > 20 or int(told) > self.most):
            await answer(413, self._detail)(scope, receive, send)
            return
        await self.app(scope, self._counting(receive), send)

    def _counting(self, receive: Receive) -> Receive:
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self.most:
                raise HTTPException(413, self._detail)
            return message

        return counted

    @property
    def _detail(self) -> str:
        return f"the request's body may have {self.most} bytes at most"
