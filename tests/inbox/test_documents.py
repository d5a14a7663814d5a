"""The knowledge base as people look after it in the application."""

import asyncio
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp

from frontdesk.kernel.ids import new_id
from inbox.people import Colleague, audited, colleague
from media import samples
from pipeline.desk import Desk, another_domain

PATH = "/api/v1/documents"
HOURS = "# Opening hours\n\nWe are open from 9 to 17.\n\n## Christmas\n\nClosed at Christmas."


async def upload(person: Colleague, name: str, content: bytes, status: int = 201) -> dict[str, Any]:
    form = aiohttp.FormData()
    form.add_field("file", BytesIO(content), filename=name)
    return await person.call("POST", PATH, status, data=form)


async def test_a_document_is_uploaded_found_replaced_and_deleted(web: Desk) -> None:
    grace = await colleague(web, "admin", "Grace")
    before = len((await grace.call("GET", PATH))["items"])
    made = await upload(grace, "hours.md", HOURS.encode())
    assert made == {
        "document_id": made["document_id"],
        "name": "hours.md",
        "size": len(HOURS),
        "passages": 2,
        "created_at": made["created_at"],
    }
    found = await grace.call("GET", f"{PATH}/search", params={"q": "Is it closed at Christmas?"})
    assert found["items"][0]["name"] == "hours.md"
    assert "Christmas" in found["items"][0]["heading"] + found["items"][0]["content"]
    again = await upload(grace, "hours.md", b"\xef\xbb\xbfAlways open.")
    assert (again["document_id"], again["passages"]) == (made["document_id"], 1)
    same = await upload(grace, "hours.md", b"Always open.")
    assert same == again
    await grace.call("DELETE", f"{PATH}/{made['document_id']}", 204)
    await grace.call("DELETE", f"{PATH}/{made['document_id']}", 404)
    assert len((await grace.call("GET", PATH))["items"]) == before
    assert [entry["target"] for entry in await audited(web, "document.remove")] == ["hours.md"]


async def test_a_pdf_is_read_and_answered_from(web: Desk, tmp_path: Path) -> None:
    grace = await colleague(web, "admin")
    file = samples.pdf(tmp_path, ["We are open on Sundays from ten to noon."])
    made = await upload(grace, "hours.pdf", file.read_bytes())
    assert made["passages"] == 1
    found = await grace.call("GET", f"{PATH}/search", params={"q": "open on Sundays"})
    passage = next(each for each in found["items"] if each["name"] == "hours.pdf")
    assert passage["heading"] == "page 1"
    assert "ten to noon" in passage["content"]


async def test_what_is_no_text_is_refused_with_what_is_taken(web: Desk) -> None:
    grace = await colleague(web, "admin")
    told = await upload(grace, "hours.exe", b"MZ\x90\x00\x03", 415)
    assert "PDF" in told["detail"]
    assert "damaged" in (await upload(grace, "hours.pdf", b"%PDF-1.7", 422))["detail"]
    assert "UTF-8" in (await upload(grace, "hours.txt", b"caf\xe9", 415))["detail"]
    assert "no text" in (await upload(grace, "hours.txt", b"  \n ", 422))["detail"]
    assert "2 MB" in (await upload(grace, "big.txt", b"x " * 1024 * 1025, 413))["detail"]
    await grace.refused("POST", PATH, 415, json={"name": "hours.md"})


async def test_agents_read_and_admins_change(web: Desk) -> None:
    grace, ann = await colleague(web, "admin"), await colleague(web, "agent")
    viewer = await colleague(web, "viewer")
    made = await upload(grace, "hours.md", HOURS.encode())
    assert made in (await ann.call("GET", PATH))["items"]
    assert "agent" in (await upload(ann, "mine.md", b"Mine", 403))["detail"]
    assert "agent" in await ann.refused("DELETE", f"{PATH}/{made['document_id']}", 403)
    assert "viewer" in await viewer.refused("GET", PATH, 403)


async def test_another_domains_documents_do_not_exist(web: Desk) -> None:
    grace = await colleague(web, "admin")
    made = await upload(grace, "hours.md", HOURS.encode())
    _, rival = await another_domain(web)
    assert (await web.call("GET", PATH, rival)).json["items"] == []
    found = await web.call("GET", f"{PATH}/search", rival, params={"q": "Christmas"})
    assert found.json["items"] == []
    mine = await web.call("DELETE", f"{PATH}/{made['document_id']}", rival)
    none = await web.call("DELETE", f"{PATH}/{new_id()}", rival)
    assert mine.status == none.status == 404


async def test_uploads_of_one_name_at_once_leave_one_document(web: Desk) -> None:
    grace = await colleague(web, "admin")
    made = await asyncio.gather(
        *(upload(grace, "hours.md", f"Open on {day}.".encode()) for day in ("Monday", "Tuesday"))
    )
    assert len({each["document_id"] for each in made}) == 1
    names = [each["name"] for each in (await grace.call("GET", PATH))["items"]]
    assert names.count("hours.md") == 1
