"""Servers that speak what recognisers call: OpenAI's transcriptions; S3's REST and Transcribe."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web
from aiohttp.multipart import BodyPartReader
from aiohttp.test_utils import TestServer

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
MOST = 64 * 1024 * 1024


@asynccontextmanager
async def serving(handler: Handler) -> AsyncGenerator[str]:
    app = web.Application(client_max_size=MOST)
    app.router.add_route("*", "/{path:.*}", handler)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    yield str(server.make_url("")).rstrip("/")
    await server.close()


@dataclass
class Heard:
    """One request for a transcript, as it came over the wire."""

    path: str
    headers: dict[str, str]
    fields: dict[str, str]
    file: bytes
    file_headers: dict[str, str]


@dataclass
class TranscriptionServer:
    """Answers each request with the next step; the last step stays for all that follow."""

    url: str = ""
    steps: list[Callable[[Heard], web.Response] | str] = field(
        default_factory=list[Callable[[Heard], web.Response] | str]
    )
    heard: list[Heard] = field(default_factory=list[Heard])
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def will(self, *steps: Callable[[Heard], web.Response] | str) -> None:
        """Steps: a function of the request, or `hang`, or `reset`."""
        self.steps = list(steps)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        fields: dict[str, str] = {}
        file, file_headers = b"", {}
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            content = bytes(await part.read())
            if part.name == "file":
                file = content
                file_headers = {name.lower(): value for name, value in part.headers.items()}
            else:
                fields[part.name or ""] = content.decode()
        headers = {name.lower(): value for name, value in request.headers.items()}
        heard = Heard(request.path, headers, fields, file, file_headers)
        self.heard.append(heard)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if step == "hang":
            await self.ended.wait()
            return web.Response()
        if step == "reset":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        assert callable(step)
        return step(heard)


def says(text: str, language: str | None = "english") -> Callable[[Heard], web.Response]:
    """A transcript as the reference server gives it: `json` has the text alone."""

    def step(heard: Heard) -> web.Response:
        if heard.fields["response_format"] == "json":
            return web.json_response({"text": text})
        return web.json_response(
            {"task": "transcribe", "language": language, "duration": 1.0, "text": text}
        )

    return step


def answers(status: int, body: Any = None, **headers: str) -> Callable[[Heard], web.Response]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def step(heard: Heard) -> web.Response:
        del heard
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        return web.Response(status=status, body=raw, content_type="application/json", headers=named)

    return step


def refuses(
    status: int, message: str, code: str | None = None, **headers: str
) -> Callable[[Heard], web.Response]:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return answers(status, {"error": error}, **headers)


@dataclass
class Aws:
    """A bucket, and jobs that are done when they have been asked for `polls` times."""

    objects: dict[str, bytes] = field(default_factory=dict[str, bytes])
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    uploaded: list[bytes] = field(default_factory=list[bytes])
    started: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    authorizations: list[str] = field(default_factory=list[str])
    text: str = "Hola, ¿tienen mesa?"
    language: str = "es-US"
    polls: int = 3
    failure: str | None = None
    refuse: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    """By operation: the status and the error code."""

    async def handle(self, request: web.Request) -> web.Response:
        self.authorizations.append(request.headers.get("Authorization", ""))
        target = request.headers.get("X-Amz-Target", "")
        if target:
            assert request.content_type == "application/x-amz-json-1.1"
            return self._job(target, orjson.loads(await request.read()))
        return self._object(request, await request.read())

    def _object(self, request: web.Request, body: bytes) -> web.Response:
        operation = {"PUT": "PutObject", "GET": "GetObject", "DELETE": "DeleteObject"}
        refusal = self.refuse.get(operation[request.method])
        if refusal:
            xml = f"<Error><Code>{refusal[1]}</Code><Message>no</Message></Error>"
            return web.Response(status=refusal[0], text=xml, content_type="application/xml")
        if request.method == "PUT":
            self.objects[request.path] = body
            self.uploaded.append(body)
            return web.Response(headers={"ETag": '"1"'})
        if request.method == "GET":
            return web.Response(body=self.objects[request.path])
        self.objects.pop(request.path, None)
        return web.Response(status=204)

    def _job(self, target: str, asked: dict[str, Any]) -> web.Response:
        service, _, operation = target.partition(".")
        assert service == "Transcribe"
        name = asked["TranscriptionJobName"]
        if operation in self.refuse:
            status, code = self.refuse[operation]
            return _json({"__type": code, "Message": "no"}, status)
        if operation == "StartTranscriptionJob":
            assert asked["Media"]["MediaFileUri"].removeprefix("s3:/") in self.objects
            self.started.append(asked)
            self.jobs[name] = {"polls": 0, **asked}
        elif operation == "DeleteTranscriptionJob":
            del self.jobs[name]
            return _json({})
        return _json({"TranscriptionJob": self._state(name)})

    def _state(self, name: str) -> dict[str, Any]:
        job = self.jobs[name]
        job["polls"] += 1
        state = {"TranscriptionJobName": name, "TranscriptionJobStatus": "IN_PROGRESS"}
        if job["polls"] <= self.polls:
            return state
        if self.failure:
            return {**state, "TranscriptionJobStatus": "FAILED", "FailureReason": self.failure}
        place = f"/{job['OutputBucketName']}/{job['OutputKey']}"
        self.objects[place] = orjson.dumps(
            {"jobName": name, "results": {"transcripts": [{"transcript": self.text}]}}
        )
        language = job.get("LanguageCode") or self.language
        return {**state, "TranscriptionJobStatus": "COMPLETED", "LanguageCode": language}


def _json(body: dict[str, Any], status: int = 200) -> web.Response:
    return web.Response(
        status=status, body=orjson.dumps(body), content_type="application/x-amz-json-1.1"
    )
