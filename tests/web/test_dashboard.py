"""The inbox is served small, cached for ever, and under a policy that runs nothing else."""

import gzip
import json
import re
from collections.abc import AsyncGenerator
from pathlib import Path

import aiohttp
import pytest
import uvicorn
from fastapi import FastAPI

from frontdesk.web import dashboard, pages
from sandbox.servers import serving

SCRIPT = "console.log('hello');\n" * 100
INDEX = (
    '<!doctype html><html><head><meta name="csp-nonce" content="{{nonce}}">'
    '<script type="module" src="/assets/index-1.js"></script></head><body></body></html>'
)
MANIFEST = {
    "index.html": {"file": "assets/index-1.js", "isEntry": True},
    "_shared.js": {"file": "assets/shared-1.js", "imports": ["index.html"]},
    "src/features/inbox/inbox-page.tsx": {
        "file": "assets/inbox-page-1.js",
        "imports": ["_shared.js", "index.html"],
    },
    "src/features/session/sign-in-page.tsx": {"file": "assets/sign-in-page-1.js"},
}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    assets = tmp_path / "dashboard" / "assets"
    assets.mkdir(parents=True)
    (assets / "index-1.js").write_text(SCRIPT)
    (assets / "index-1.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (assets / "small-1.js").write_text("1;")
    (assets.parent / "index.html").write_text(INDEX)
    (assets.parent / "manifest.json").write_text(json.dumps(MANIFEST))
    return assets.parent


@pytest.fixture
async def site(built: Path) -> AsyncGenerator[aiohttp.ClientSession]:
    app = FastAPI()
    dashboard.install(app, built)
    app.mount("/static", pages.Assets(directory=pages.STATIC))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", ws="none"))
    with serving(server) as url:
        async with aiohttp.ClientSession(url, auto_decompress=False) as session:
            yield session


def policy_of(answer: aiohttp.ClientResponse) -> dict[str, list[str]]:
    directives = answer.headers["Content-Security-Policy"].split("; ")
    return {name: values for name, *values in (each.split(" ") for each in directives)}


@pytest.mark.parametrize(
    "path",
    ["/", "/inbox?unread=true", "/inbox/0198c0de", "/contacts/1", "/settings/labels", "/sign-in"],
)
async def test_each_address_of_the_application_answers_its_page(
    site: aiohttp.ClientSession, path: str
) -> None:
    async with site.get(path) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/html"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "/assets/index-1.js" in await answer.text()


async def test_other_addresses_are_not_the_application(site: aiohttp.ClientSession) -> None:
    for path in ("/api/v1/nothing", "/inboxes", "/assets/index-2.js", "/assets/../index.html"):
        async with site.get(path) as answer:
            assert answer.status == 404


async def test_the_policy_runs_and_shows_own_files_only(site: aiohttp.ClientSession) -> None:
    async with site.get("/inbox") as answer:
        policy = policy_of(answer)
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'"]
    assert policy["require-trusted-types-for"] == ["'script'"]
    for name in ("base-uri", "object-src", "frame-ancestors"):
        assert policy[name] == ["'none'"]
    everything = {value for values in policy.values() for value in values}
    for loose in ("'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:"):
        assert loose not in everything
    assert "data:" not in policy["script-src"] + policy["style-src"] + policy["connect-src"]


async def test_each_answer_has_a_nonce_of_its_own(site: aiohttp.ClientSession) -> None:
    seen: set[str] = set()
    for _ in range(2):
        async with site.get("/inbox") as answer:
            in_page = re.search(r'content="([\w-]{20,})"', await answer.text())
            assert in_page is not None
            assert f"'nonce-{in_page[1]}'" in policy_of(answer)["style-src"]
            seen.add(in_page[1])
    assert len(seen) == 2


async def test_the_code_of_the_page_is_loaded_ahead(site: aiohttp.ClientSession) -> None:
    async with site.get("/inbox/1") as answer:
        inbox = await answer.text()
    ahead = re.findall(r'rel="modulepreload" crossorigin href="([^"]+)"', inbox)
    assert ahead == ["/assets/inbox-page-1.js", "/assets/shared-1.js"]
    assert 'href="/api/v1/me"' in inbox
    async with site.get("/sign-in") as answer:
        outside = await answer.text()
    assert "/assets/sign-in-page-1.js" in outside
    assert "/assets/inbox-page-1.js" not in outside
    assert "/api/v1/me" not in outside


async def test_files_are_kept_for_ever_and_sent_compressed(site: aiohttp.ClientSession) -> None:
    async with site.get("/assets/index-1.js", headers={"Accept-Encoding": "gzip, br"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.content_type == "text/javascript"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert gzip.decompress(await answer.read()).decode() == SCRIPT


@pytest.mark.parametrize("taken", ["", "identity", "zstd", "gzip;q=0"])
async def test_a_browser_that_takes_no_compressed_files_gets_plain_ones(
    site: aiohttp.ClientSession, taken: str
) -> None:
    async with site.get("/assets/index-1.js", headers={"Accept-Encoding": taken}) as answer:
        assert "Content-Encoding" not in answer.headers
        assert await answer.text() == SCRIPT
    async with site.get("/assets/small-1.js", headers={"Accept-Encoding": "gzip"}) as answer:
        assert "Content-Encoding" not in answer.headers
        assert answer.headers["Vary"] == "Accept-Encoding"


async def test_a_new_build_shows_at_once(site: aiohttp.ClientSession, built: Path) -> None:
    async with site.get("/inbox") as answer:
        assert "index-2.js" not in await answer.text()
    (built / "index.html").write_text(INDEX.replace("index-1", "index-2"))
    async with site.get("/inbox") as answer:
        assert "index-2.js" in await answer.text()


async def test_a_checkout_that_was_not_built_says_how(
    site: aiohttp.ClientSession, built: Path
) -> None:
    (built / "index.html").unlink()
    async with site.get("/inbox") as answer:
        assert answer.status == 503
        assert "make up" in await answer.text()
