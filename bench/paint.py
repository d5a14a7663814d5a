"""Paint: what a person waits for in the browser, with a thousand conversations stored.

Chromium and the server share the machine. Each visit begins with an empty cache, at a server that
has been asked before. The goals are those of the inbox: 1 s, 100 ms, 250 kB.
"""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from bench.carrier import carrying
from bench.figures import Figure, Goal, percentile
from bench.filling import fill
from bench.stack import FRONTDESK, Bench, Node, installed
from frontdesk.web.dashboard import BUILT, FIRST

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
CONVERSATIONS = 1_000
COOKIE = "frontdesk_session"
ENTRY = "index.html"
TEXT = "Thank you, it is on its way. "

PAINTED = Goal("≤", 1, "value")
ANSWERED = Goal("≤", 100, "value")
SMALL = Goal("≤", 250, "value")

OBSERVE = """
window.__interactions = new Map();
new PerformanceObserver((list) => {
  for (const { interactionId, duration } of list.getEntries()) {
    if (interactionId === 0) continue;
    const longest = Math.max(duration, window.__interactions.get(interactionId) ?? 0);
    window.__interactions.set(interactionId, longest);
  }
}).observe({ type: "event", durationThreshold: 16, buffered: true });
"""
# What is shorter than the threshold is not told: those took less than a frame.
TAKE = "() => { const all = [...__interactions.values()]; __interactions.clear(); return all; }"
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
FRAMES = """
() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))
"""


@dataclass
class Visit:
    """Seconds from the address to the first words, and to the list; bytes of code till then."""

    painted: float
    listed: float
    code: int


@dataclass
class Interactions:
    """Milliseconds to the next paint of each that was longer than a frame, and how many it were."""

    name: str
    count: int = 0
    slow: list[float] = field(default_factory=list[float])

    def figure(self) -> Figure:
        # Interaction to next paint: the longest, but one in fifty may be longer.
        all_of_them = [0.0] * max(0, self.count - len(self.slow)) + self.slow
        found = percentile(all_of_them, 0.98)
        note = f"{len(self.slow)} of {self.count} took longer than 16 ms"
        return Figure(f"{self.name}, to the next paint, p98", found, "ms", goal=ANSWERED, note=note)


async def measure(bench: Bench) -> list[Figure]:
    if not CHROMIUM.exists():
        raise RuntimeError(f"there is no Chromium at {CHROMIUM}; install the package `chromium`")
    if not (BUILT / "index.html").exists():
        raise RuntimeError("the inbox is not built; run: make dashboard")
    async with carrying() as carrier, installed(bench, "paint", carrier) as node:
        bench.tell(f"paint: storing {CONVERSATIONS:,} conversations")
        await fill(node, bench.pick(CONVERSATIONS, 100))
        await node.web()
        session = await _session(node)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            visits = await _visits(bench, browser, node, session)
            opening, typing = await _interactions(bench, browser, node, session)
            await browser.close()
    painted = median(each.painted for each in visits)
    listed = median(each.listed for each in visits)
    code = median(each.code for each in visits) / 1000
    built = _built() / 1000
    rounds = f"{len(visits)} visits, the slowest {max(each.painted for each in visits):.2f} s"
    note = f"{built:.0f} kB in the build's files of entry and first page, Brotli"
    return [
        Figure("first contentful paint of the inbox", painted, "s", goal=PAINTED, note=rounds),
        Figure("until the list is there", listed, "s"),
        opening.figure(),
        typing.figure(),
        Figure("code until the list is there, over the wire", code, "kB", goal=SMALL, note=note),
    ]


async def _session(node: Node) -> str:
    """The owner's cookie, by a link as the command line prints it."""
    process = await asyncio.create_subprocess_exec(
        *FRONTDESK,
        "people",
        "sign-in",
        "--json",
        env=dict(node.env),
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    token = json.loads(printed)["sign_in"].partition("token=")[2]
    url = _url(node)
    async with (
        aiohttp.ClientSession(headers={"Origin": url}) as http,
        http.post(f"{url}/api/v1/session/link", json={"token": token}) as answer,
    ):
        answer.raise_for_status()
        return answer.cookies[COOKIE].value


def _url(node: Node) -> str:
    return f"http://127.0.0.1:{node.port}"


@asynccontextmanager
async def _window(browser: Browser, node: Node, session: str) -> AsyncGenerator[Page]:
    """With nothing in its cache."""
    context: BrowserContext = await browser.new_context(viewport={"width": 1440, "height": 900})
    await context.add_cookies([{"name": COOKIE, "value": session, "url": _url(node)}])
    yield await context.new_page()
    await context.close()


async def _visits(bench: Bench, browser: Browser, node: Node, session: str) -> list[Visit]:
    visits: list[Visit] = []
    for number in range(bench.pick(9, 3)):
        bench.tell(f"paint: visit {number}")
        async with _window(browser, node, session) as page:
            visits.append(await _visit(page, node))
    # The first one warms the server, and the browser's own code.
    return visits[1:]


async def _visit(page: Page, node: Node) -> Visit:
    code: dict[str, int] = {}
    scripts: set[str] = set()
    network = await page.context.new_cdp_session(page)

    def responded(event: dict[str, Any]) -> None:
        if event["type"] == "Script":
            scripts.add(event["requestId"])

    def finished(event: dict[str, Any]) -> None:
        code[event["requestId"]] = int(event["encodedDataLength"])

    network.on("Network.responseReceived", responded)
    network.on("Network.loadingFinished", finished)
    await network.send("Network.enable")
    await page.goto(f"{_url(node)}/inbox", wait_until="commit")
    await page.get_by_role("option").first.wait_for()
    listed = float(await page.evaluate("performance.now()"))
    sent = sum(size for request, size in code.items() if request in scripts)
    painted = await page.evaluate(PAINT)
    if painted is None:
        raise RuntimeError("Chromium did not tell when it painted first")
    return Visit(float(painted) / 1000, listed / 1000, sent)


async def _interactions(
    bench: Bench, browser: Browser, node: Node, session: str
) -> tuple[Interactions, Interactions]:
    opening, typing = Interactions("opening a conversation"), Interactions("typing a letter")
    async with _window(browser, node, session) as page:
        await page.add_init_script(OBSERVE)
        await page.goto(f"{_url(node)}/inbox")
        rows = page.get_by_role("option")
        await rows.first.wait_for()
        # The first two load the thread's code, and are not what somebody does all day.
        for number in range(bench.pick(40, 10) + 2):
            bench.tell(f"paint: opening conversation {number}")
            if number == 2:
                await page.evaluate(TAKE)
                opening.count = 0
            row = rows.nth(number % 8)
            await row.click()
            await page.get_by_role("log").get_by_role("article").first.wait_for()
            await page.evaluate(FRAMES)
            opening.count += 1
        opening.slow = await page.evaluate(TAKE)
        bench.tell("paint: typing")
        # A note can be written in every conversation.
        await page.get_by_role("tab", name="Private note").click()
        box = page.get_by_role("tabpanel").get_by_role("textbox")
        await box.click()
        await page.evaluate(TAKE)
        text = TEXT * bench.pick(5, 1)
        await box.press_sequentially(text, delay=20)
        await page.evaluate(FRAMES)
        typing.count = len(text)
        typing.slow = await page.evaluate(TAKE)
    return opening, typing


def _built() -> int:
    """Bytes of the compressed files that the first view imports, by what the build says."""
    manifest: dict[str, dict[str, Any]] = json.loads((BUILT / "manifest.json").read_text())
    files: set[str] = set()
    waiting = [ENTRY, FIRST]
    while waiting:
        chunk = manifest[waiting.pop()]
        if chunk["file"] not in files:
            files.add(chunk["file"])
            waiting += chunk.get("imports", [])
    return sum(_size(BUILT / file) for file in files if file.endswith(".js"))


def _size(path: Path) -> int:
    """Small files are sent as they are."""
    packed = path.with_name(f"{path.name}.br")
    return (packed if packed.exists() else path).stat().st_size
