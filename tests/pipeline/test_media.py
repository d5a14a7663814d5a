"""Files both ways: from the customer's phone into the conversation, and back to it."""

from pathlib import Path
from typing import Any

import pytest

from media import samples
from pipeline.desk import ADA, Answer, Desk, another_domain, until

FILE = "conversation-media/"


async def thread(desk: Desk) -> list[dict[str, Any]]:
    row = await desk.conversation()
    answer = await desk.call("GET", f"/api/v1/conversations/{row['conversation_id']}/messages")
    assert answer.status == 200, answer.text
    return answer.json["items"]


async def settled_attachments(desk: Desk) -> list[dict[str, Any]]:
    """The first message's files, once nothing more will be known of them."""

    async def ready() -> list[dict[str, Any]] | None:
        attachments = (await thread(desk))[0]["attachments"]
        done = attachments and all(a["status"] in ("ready", "failed") for a in attachments)
        return attachments if done else None

    found = await until(ready, 30)
    assert found is not None
    return found


async def test_a_photo_is_in_the_conversation_with_what_is_known_of_it(
    desk: Desk, tmp_path: Path
) -> None:
    photo = samples.jpeg(tmp_path)
    import base64

    await desk.write(
        "",
        media=[
            {
                "content_type": "image/jpeg",
                "base64": base64.b64encode(photo.read_bytes()).decode(),
            }
        ],
    )
    (image,) = await settled_attachments(desk)
    assert image["status"] == "ready", image
    assert image["kind"] == "image"
    assert image["width"]
    assert image["thumbnail_url"]
    print(image)

