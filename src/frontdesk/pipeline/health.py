"""Whether this node can do its work, for monitors and for Prometheus."""

import asyncio
from typing import Any

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from frontdesk import __version__
from frontdesk.db import queue
from frontdesk.db.tenancy import Database
from frontdesk.media.service import MediaService
from frontdesk.ports import StoreError
from frontdesk.settings import Settings
from frontdesk.web import metrics
from frontdesk.web.failures import DATABASE_AWAY

router = APIRouter(tags=["health"])

HEALTH_SECONDS = 3.0


async def _backlog(database: Database) -> tuple[int, float]:
    # A probe must answer soon also when every connection is busy.
    async with database.pool.acquire(timeout=HEALTH_SECONDS) as connection:
        return await queue.backlog(connection)


async def _media_store(media: MediaService) -> str:
    """Messages are taken in without it; their files wait."""
    try:
        async with asyncio.timeout(HEALTH_SECONDS):
            await media.store.check()
    except TimeoutError:
        return f"no answer within {HEALTH_SECONDS:g} s"
    except StoreError as error:
        return error.text
    return "ok"


@router.get("/whatsapp/health")
async def health(request: Request) -> Response:
    """200 while messages can be taken in; 503 with the reason when they cannot."""
    settings: Settings = request.app.state.settings
    configured = {
        "TWILIO_ACCOUNT_SID": bool(settings.twilio_account_sid),
        "TWILIO_AUTH_TOKEN": bool(settings.twilio_auth_token),
        "TWILIO_WHATSAPP_NUMBER": bool(settings.twilio_whatsapp_number),
        "GOOGLE_CLOUD_PROJECT": settings.google_cloud_project,
    }
    body: dict[str, Any] = {
        "status": "healthy",
        "twilio_configured": bool(settings.twilio_account_sid and settings.twilio_auth_token),
        "environment_vars": configured,
        "database": "ok",
        "queue": {"backlog": 0, "oldest_seconds": 0},
        "media_store": await _media_store(request.app.state.media),
        "version": __version__,
    }
    try:
        backlog, oldest = await _backlog(request.app.state.database)
    except (*DATABASE_AWAY, asyncpg.PostgresError) as error:
        reason = type(error).__name__
        body |= {
            "status": "unhealthy",
            "database": f"unreachable ({reason})",
            "queue": None,
            "detail": f"the database cannot be reached ({reason})",
        }
        return JSONResponse(body, status_code=503, headers={"Retry-After": "5"})
    body["queue"] = {"backlog": backlog, "oldest_seconds": round(oldest, 1)}
    return JSONResponse(body)


@router.get("/metrics", include_in_schema=False)
async def prometheus(request: Request) -> Response:
    """The counters of every process on this machine, and the queue's backlog."""
    gauges: dict[str, float] = {"database_up": 1.0}
    try:
        backlog, oldest = await _backlog(request.app.state.database)
        gauges |= {"queue_backlog": float(backlog), "queue_oldest_seconds": oldest}
    except (*DATABASE_AWAY, asyncpg.PostgresError):
        gauges["database_up"] = 0.0
    body, content_type = metrics.render(gauges)
    return Response(body, media_type=content_type)
