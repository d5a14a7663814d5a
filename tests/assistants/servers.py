"""Servers that speak what assistants call: OpenAI's chat completions, and our /vac contract."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer

Step = Callable[[web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]


@dataclass
class Scripted:
    """Answers each request with the next step; the last step stays for all that follow."""

    url: str = ""
    steps: list[Step] = field(default_factory=list[Step])
    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    paths: list[str] = field(default_factory=list[str])
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def will(self, *steps: Step) -> None:
        self.steps = list(steps)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        body: dict[str, Any] = orjson.loads(raw) if raw else {}
        self.requests.append(body)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        self.paths.append(request.path)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        return await step(request, body)

    async def hang(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        """Does not answer while the test runs."""
        del request, body
        await self.ended.wait()
        return web.Response()


@asynccontextmanager
async def scripted() -> AsyncGenerator[Scripted]:
    server = Scripted()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    test_server = TestServer(app, host="127.0.0.1")
    await test_server.start_server()
    server.url = str(test_server.make_url("")).rstrip("/")
    yield server
    server.ended.set()
    await test_server.close()


def responds(status: int = 200, json: Any = None, **headers: str) -> Step:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def step(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        del request, body
        return web.Response(
            status=status,
            body=orjson.dumps(json if json is not None else {}),
            content_type="application/json",
            headers=named,
        )

    return step


def garbage(content: bytes = b"<html>not JSON", content_type: str = "application/json") -> Step:
    async def step(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        del request, body
        return web.Response(body=content, content_type=content_type)

    return step


async def reset(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    """Ends the connection without a word."""
    del body
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def completes(
    text: str | None = None,
    *,
    reasoning: str | None = None,
    tool: dict[str, Any] | None = None,
    finish: str | None = None,
    cut_after: int | None = None,
    packed: bool = False,
) -> Step:
    """A chat completion, streamed word by word when the request asks for that.

    `tool` holds a call's name and arguments; `cut_after` breaks a stream after so many chunks;
    `packed` compresses whether or not the request allows it.
    """

    async def step(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        reason = finish or ("tool_calls" if tool else "stop")
        if body.get("stream"):
            return await _streamed(request, body, text, reasoning, tool, reason, cut_after)
        message: dict[str, Any] = {"role": "assistant", "content": text}
        if reasoning:
            message["reasoning_content"] = reasoning
        if tool:
            message["tool_calls"] = [_call(tool)]
        response = web.json_response(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 1_780_000_000,
                "model": body["model"],
                "choices": [{"index": 0, "message": message, "finish_reason": reason}],
                "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
            }
        )
        if packed:
            response.enable_compression(web.ContentCoding.gzip)
        return response

    return step


def _call(tool: dict[str, Any]) -> dict[str, Any]:
    arguments = tool["arguments"]
    text = arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
    return {
        "id": "call_1",
        "type": "function",
        "function": {"name": tool["name"], "arguments": text},
    }


async def _streamed(
    request: web.Request,
    body: dict[str, Any],
    text: str | None,
    reasoning: str | None,
    tool: dict[str, Any] | None,
    reason: str,
    cut_after: int | None,
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    if reasoning:
        deltas.append({"reasoning_content": reasoning})
    deltas += [{"content": word} for word in (text or "").split(" ") for word in (word, " ")][:-1]
    if tool:
        deltas.append({"tool_calls": [{"index": 0, **_call(tool)}]})
    for number, delta in enumerate(deltas):
        if number == cut_after:
            assert request.transport is not None
            request.transport.abort()
            return response
        await _chunk(response, body, [{"index": 0, "delta": delta, "finish_reason": None}])
    await _chunk(response, body, [{"index": 0, "delta": {}, "finish_reason": reason}])
    usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
    await _chunk(response, body, [], usage=usage)
    await response.write(b"data: [DONE]\n\n")
    return response


async def _chunk(
    response: web.StreamResponse, body: dict[str, Any], choices: list[Any], **more: Any
) -> None:
    event = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_780_000_000,
        "model": body["model"],
        "choices": choices,
        **more,
    }
    await response.write(b"data: " + orjson.dumps(event) + b"\n\n")
