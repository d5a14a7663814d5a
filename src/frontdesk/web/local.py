"""Requests from this machine itself: what only its owner may do without proving who they are."""

from ipaddress import ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
"""Headers that a proxy or a tunnel on this machine adds to what it passes on."""


def is_loopback(scope: Scope) -> bool:
    client = scope.get("client")
    try:
        return client is not None and ip_address(client[0]).is_loopback
    except ValueError:
        return False


class LocalOnly:
    """Passes on what comes from this machine directly, and refuses the rest."""

    def __init__(self, inner: ASGIApp, what: str) -> None:
        self.inner = inner
        self.what = what

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        names = {name.decode("latin-1") for name, _ in scope.get("headers", ())}
        if scope["type"] != "http" or (is_loopback(scope) and names.isdisjoint(FORWARDED)):
            await self.inner(scope, receive, send)
            return
        from starlette.responses import JSONResponse

        detail = f"{self.what} answers this machine only, not through a proxy or a tunnel"
        await JSONResponse({"detail": detail}, status_code=403)(scope, receive, send)
