"""The model libraries' HTTP (httpx2) carried by the guarded client.

Imported only where a model is called, as it brings the model libraries' HTTP stack along.
"""

from collections.abc import AsyncIterator, Generator
from contextlib import AsyncExitStack, contextmanager

import aiohttp
import httpx2

from frontdesk.web.egress import REDIRECTS, Egress, EgressFailed

MAX_RESPONSE_BYTES = 16 * 1024 * 1024
CONNECT_SECONDS = 10.0

# aiohttp writes these itself, from the URL and the body.
OWN_HEADERS = {"host", "content-length", "transfer-encoding", "connection", "accept-encoding"}

# What aiohttp has undone when it hands the body over.
ENDED_HERE = {b"content-encoding", b"content-length", b"transfer-encoding"}


@contextmanager
def _as_httpx(request: httpx2.Request) -> Generator[None]:
    """Raises aiohttp's errors as httpx's, which the libraries know how to judge."""
    try:
        yield
    except aiohttp.ConnectionTimeoutError as error:
        raise httpx2.ConnectTimeout(str(error), request=request) from error
    except (aiohttp.ServerTimeoutError, TimeoutError) as error:
        raise httpx2.ReadTimeout(str(error), request=request) from error
    except aiohttp.ClientConnectorError as error:
        raise httpx2.ConnectError(str(error), request=request) from error
    except aiohttp.ClientError as error:
        raise httpx2.RemoteProtocolError(str(error), request=request) from error


def _headers(request: httpx2.Request) -> list[tuple[str, str]]:
    named = [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw
    ]
    kept = [(name, value) for name, value in named if name.lower() not in OWN_HEADERS]
    # Not asked for compressed bodies: they may swell.
    return [*kept, ("Accept-Encoding", "identity")]


class _Body(httpx2.AsyncByteStream):
    def __init__(
        self, request: httpx2.Request, response: aiohttp.ClientResponse, opened: AsyncExitStack
    ) -> None:
        self._request = request
        self._response = response
        self._opened = opened

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        with _as_httpx(self._request):
            async for chunk in self._response.content.iter_any():
                size += len(chunk)
                if size > MAX_RESPONSE_BYTES:
                    raise EgressFailed(
                        f"{self._response.url.host} answered with more than the "
                        f"{MAX_RESPONSE_BYTES} bytes allowed"
                    )
                yield chunk

    async def aclose(self) -> None:
        await self._opened.aclose()


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Connects where the egress client may connect, and nowhere else. Follows no redirect."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        limits = request.extensions.get("timeout", {})
        body = await request.aread()
        with _as_httpx(request):
            async with AsyncExitStack() as stack:
                response = await stack.enter_async_context(
                    self._egress.open(
                        request.method,
                        str(request.url),
                        timeout=aiohttp.ClientTimeout(
                            total=None,
                            sock_connect=min(limits.get("connect") or 60, CONNECT_SECONDS),
                            sock_read=limits.get("read"),
                        ),
                        headers=_headers(request),
                        data=body or None,
                    )
                )
                if response.status in REDIRECTS:
                    raise EgressFailed(
                        f"{response.url.host} redirected the request, which is not followed: "
                        "it holds the key; give the address that it redirects to"
                    )
                return httpx2.Response(
                    response.status,
                    headers=[
                        (name, value)
                        for name, value in response.raw_headers
                        if name.lower() not in ENDED_HERE
                    ],
                    stream=_Body(request, response, stack.pop_all()),
                    request=request,
                )
        raise AssertionError("unreachable: the stack swallows no exception")


def client(egress: Egress) -> httpx2.AsyncClient:
    """An HTTP client for the model libraries, over the guarded one."""
    return httpx2.AsyncClient(
        transport=GuardedTransport(egress), trust_env=False, follow_redirects=False
    )
