"""What the tests of campaigns have in common: uploads over HTTP, and waiting for an import."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from aiohttp import FormData

from pipeline.desk import Answer, Desk, until

NUMBERS = [f"+3461234{place:04d}" for place in range(200)]


def csv_of(numbers: Sequence[str], **columns: str) -> bytes:
    """A file with these numbers, and the same cells in each row."""
    lines = [",".join(["phone_number", *columns])]
    lines += [",".join([number, *columns.values()]) for number in numbers]
    return "\n".join(lines).encode() + b"\n"


async def upload(
    desk: Desk, content: bytes, path: str = "/api/v1/campaigns/upload?channel=sms", **more: Any
) -> Answer:
    form = FormData()
    form.add_field("file", BytesIO(content), filename="people.csv", content_type="text/csv")
    return await desk.call("POST", path, data=form, **more)


async def uploaded(desk: Desk, content: bytes, **query: str) -> dict[str, Any]:
    """A campaign of the file, imported."""
    asked = "&".join(f"{name}={value}" for name, value in {"channel": "sms", **query}.items())
    answer = await upload(desk, content, f"/api/v1/campaigns/upload?{asked}")
    assert answer.status == 201, answer.text
    return await imported(desk, answer.json["campaign"]["campaign_id"])


async def imported(desk: Desk, campaign_id: str) -> dict[str, Any]:
    return await reached(desk, campaign_id, "ready", "running", "done", "failed", "scheduled")


async def reached(desk: Desk, campaign_id: str, *statuses: str) -> dict[str, Any]:
    """The campaign as soon as it has one of these."""

    async def there() -> dict[str, Any] | None:
        answer = await desk.call("GET", f"/api/v1/campaigns/{campaign_id}")
        assert answer.status == 200, answer.text
        return answer.json if answer.json["status"] in statuses else None

    found = await until(there)
    assert found is not None
    return found


async def recipients(desk: Desk, campaign_id: str, **query: str) -> list[dict[str, Any]]:
    answer = await desk.call(
        "GET", f"/api/v1/campaigns/{campaign_id}/recipients", params={"limit": "200", **query}
    )
    assert answer.status == 200, answer.text
    return answer.json["items"]


async def post(desk: Desk, campaign_id: str, action: str, **body: Any) -> Answer:
    return await desk.call("POST", f"/api/v1/campaigns/{campaign_id}/{action}", json=body or None)


async def change(desk: Desk, campaign_id: str, **body: Any) -> Answer:
    return await desk.call("PATCH", f"/api/v1/campaigns/{campaign_id}", json=body)
