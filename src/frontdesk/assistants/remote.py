"""remote:<URL>: an assistant that runs elsewhere and speaks our own /vac contract.

Sent, as JSON:

    {"user_input": "…", "chat_history": [{"name": "Human" | "AI", "content": "…"}],
     "user": {"email": "…"}, "session_id": "…", "stream": false}

Expected: `{"answer": "…", "metadata": {…}}` with status 200. `metadata.hand_off` true asks for a
person, with the reason in `metadata.hand_off_reason`.
"""

from typing import Any
from urllib.parse import urlsplit

import orjson

from frontdesk.assistants.model import Answer, Assistant, Options, Turn, recent
from frontdesk.assistants.retrying import AttemptFailed, Sleep, attempts
from frontdesk.kernel.thinking import separate_thinking
from frontdesk.web.egress import Blocked, Egress, EgressFailed, Response

MAX_ANSWER_BYTES = 1024 * 1024
RETRIED = {408, 425, 429, 500, 502, 503, 504}


async def answer(
    egress: Egress, assistant: Assistant, key: str | None, turn: Turn, sleep: Sleep
) -> Answer:
    """Asks the remote assistant. Raises AssistantFailed."""
    body = orjson.dumps(_payload(turn, assistant.options))
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        # The same over all attempts, so that the other side can tell a retry from a new question.
        "Idempotency-Key": turn.trace_id or turn.session_id,
    }
    if key:
        headers["Authorization"] = f"Bearer {key}"

    async def attempt(seconds: float) -> Answer:
        try:
            response = await egress.request(
                "POST",
                assistant.model_name,
                seconds=seconds,
                max_body=MAX_ANSWER_BYTES,
                headers=headers,
                body=body,
            )
        except Blocked as error:
            raise AttemptFailed(f"the remote assistant: {error.detail}", retry=False) from error
        except EgressFailed as error:
            raise AttemptFailed(f"the remote assistant: {error.detail}", retry=True) from error
        return _read(response)

    return await attempts(attempt, assistant.options, sleep)


def _payload(turn: Turn, options: Options) -> dict[str, Any]:
    return {
        "user_input": turn.text,
        "chat_history": [
            {"name": "Human" if item.role == "user" else "AI", "content": item.text}
            for item in recent(turn.history, options)
        ],
        "user": {"email": turn.user_email},
        "session_id": turn.session_id,
        "stream": False,
    }


def _read(response: Response) -> Answer:
    host = urlsplit(response.url).hostname
    if response.status != 200:
        raise AttemptFailed(
            f"the remote assistant at {host} answered with status {response.status}",
            retry=response.status in RETRIED,
            retry_after=_seconds(response.headers.get("Retry-After")),
        )
    try:
        reply: Any = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        reply = None
    text = reply.get("answer") if isinstance(reply, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise AttemptFailed(
            f"the remote assistant at {host} did not answer with "
            '{"answer": "…", "metadata": {…}}',
            retry=True,
        )
    metadata = reply.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    visible, thinking = separate_thinking(text)
    if not visible.strip():
        raise AttemptFailed(f"the remote assistant at {host} thought but said nothing", retry=True)
    reason = metadata.get("hand_off_reason")
    return Answer(
        visible,
        thinking=thinking,
        hand_off=metadata.get("hand_off") is True,
        hand_off_reason=str(reason)[:500] if reason else None,
        metadata={"remote": metadata},
    )


def _seconds(value: str | None) -> float | None:
    """Retry-After in seconds; its date form is left to our own backoff."""
    return float(value) if value and value.isascii() and value.isdigit() else None
