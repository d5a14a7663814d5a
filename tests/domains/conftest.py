"""Browsers whose cookies are their own."""

from collections.abc import AsyncGenerator

import aiohttp
import pytest

from domains.browser import ANA, Browser, member
from pipeline.desk import Desk


@pytest.fixture
async def site(web: Desk) -> AsyncGenerator[Desk]:
    """A desk that several browsers call: the client keeps no cookies of its own."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        await web.http.close()
        web.http = http
        yield web


@pytest.fixture
async def ana(site: Desk) -> Browser:
    """The browser of an admin who has not signed in."""
    await member(site, ANA, "admin")
    return Browser(site)
