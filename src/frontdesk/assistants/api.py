"""Assistants over HTTP: the registry, and the /vac contract."""

from collections.abc import AsyncGenerator, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
import structlog
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from frontdesk.assistants.model import (
    Answer,
    Assistant,
    AssistantFailed,
    HistoryItem,
    Options,
    Turn,
)
from frontdesk.assistants.service import AssistantService
from frontdesk.domains.auth import CallerDep
from frontdesk.kernel.clock import iso
from frontdesk.kernel.errors import FrontdeskError, Unprocessable
from frontdesk.kernel.ids import new_id

log = structlog.get_logger()
router = APIRouter(tags=["assistants"])

LONGEST_INPUT = 32_000
MOST_HISTORY = 1_000
LONGEST_HISTORY_ITEM = 100_000

DomainName = Annotated[
    str | None,
    Query(alias="domain_name", description="The domain; without it the token's own."),
]
Domain = Annotated[str | None, Query(alias="domain", description="The same as `domain_name`.")]


class AssistantChange(BaseModel):
    """What is given is changed. `api_key` is write-only; null removes it."""

    # Fields that do not exist are refused by name, and without their value, which may be a key.
    model_config = ConfigDict(extra="allow", protected_namespaces=())

    domain_name: str | None = Field(
        None, validation_alias=AliasChoices("domain_name", "domain"), examples=["default"]
    )
    name: str | None = Field(None, examples=["Python Expert"])
    description: str | None = Field(None, examples=["Answers questions about Python."])
    model: str | None = Field(
        None,
        description="`builtin:knowledge`, `builtin:echo`, `<provider>:<name>` or `remote:<URL>`",
        examples=["builtin:knowledge"],
    )
    instructions: str | None = Field(None, examples=["Answer with a short example."])
    language: str | None = Field(None, examples=["en"])
    base_url: str | None = Field(
        None,
        description="Another server that speaks the provider's API",
        examples=["https://models.example.com/v1"],
    )
    # Any: an error about a wrong type would repeat the value.
    api_key: Any = Field(None, description="Kept encrypted, never returned")
    options: dict[str, Any] | None = Field(
        None,
        description=(
            "timeout_seconds, retries, max_output_tokens, max_history_messages, "
            "max_history_chars, pause_seconds, documents; null restores the default"
        ),
        examples=[{"timeout_seconds": 30, "retries": 2}],
    )

    def changes(self) -> dict[str, Any]:
        if self.model_extra:
            allowed = sorted(set(type(self).model_fields))
            raise Unprocessable(
                f"unknown field {sorted(self.model_extra)[0][:80]!r}; use {', '.join(allowed)}"
            )
        given = self.model_fields_set - {"domain_name", "assistant_id"}
        return {name: getattr(self, name) for name in given}


class AssistantCreate(AssistantChange):
    assistant_id: str = Field(
        validation_alias=AliasChoices("assistant_id", "agent_id"), examples=["python-expert"]
    )
    name: str | None = Field(examples=["Python Expert"])
    model: str | None = Field(examples=["builtin:knowledge"])


class AssistantOut(BaseModel):
    model_config = ConfigDict(protected_namespaces=())

    domain_name: str = Field(examples=["default"])
    assistant_id: str = Field(examples=["python-expert"])
    name: str = Field(examples=["Python Expert"])
    description: str = Field(examples=["Answers questions about Python."])
    model: str = Field(examples=["builtin:knowledge"])
    instructions: str = Field(examples=["Answer with a short example."])
    language: str = Field(examples=["en"])
    base_url: str | None = Field(examples=[None])
    has_api_key: bool = Field(examples=[False])
    options: dict[str, Any] = Field(examples=[{"timeout_seconds": 30.0, "retries": 2}])
    is_default: bool = Field(examples=[False])
    created_at: str | None = Field(examples=["2026-02-03T12:00:00Z"])
    updated_at: str | None = Field(examples=["2026-02-03T12:00:00Z"])

    @classmethod
    def of(cls, assistant: Assistant, domain_name: str, default_id: str | None) -> "AssistantOut":
        return cls(
            domain_name=domain_name,
            assistant_id=assistant.assistant_id,
            name=assistant.name,
            description=assistant.description,
            model=assistant.model,
            instructions=assistant.instructions,
            language=assistant.language,
            base_url=assistant.base_url,
            has_api_key=assistant.has_key,
            options={
                name: getattr(assistant.options, name) for name in Options.__dataclass_fields__
            },
            is_default=assistant.assistant_id == default_id,
            created_at=iso(assistant.created_at),
            updated_at=iso(assistant.updated_at),
        )


class AssistantPage(BaseModel):
    items: list[AssistantOut]
    next: str | None = None


def service(request: Request) -> AssistantService:
    return request.app.state.assistants


@router.get("/api/v1/assistants")
async def list_assistants(
    request: Request, caller: CallerDep, domain_name: DomainName = None, domain: Domain = None
) -> AssistantPage:
    """The domain's assistants, its default first."""
    membership = caller.domain(domain_name or domain)
    found = await service(request).all_of(membership.domain_id)
    return AssistantPage(items=await _out(request, membership.domain_id, membership.name, found))


@router.post("/api/v1/assistants", status_code=201)
async def create_assistant(
    request: Request,
    caller: CallerDep,
    body: AssistantCreate,
    domain_name: DomainName = None,
    domain: Domain = None,
) -> AssistantOut:
    """Makes an assistant. The first one of a domain becomes its default."""
    membership = caller.domain(body.domain_name or domain_name or domain, "admin")
    made = await service(request).create(
        membership.domain_id, body.assistant_id, body.changes(), caller
    )
    return (await _out(request, membership.domain_id, membership.name, [made]))[0]


@router.get("/api/v1/assistants/{assistant_id}")
async def get_assistant(
    request: Request,
    caller: CallerDep,
    assistant_id: str,
    domain_name: DomainName = None,
    domain: Domain = None,
) -> AssistantOut:
    membership = caller.domain(domain_name or domain)
    found = await service(request).get(membership.domain_id, assistant_id)
    return (await _out(request, membership.domain_id, membership.name, [found]))[0]


@router.patch("/api/v1/assistants/{assistant_id}")
async def change_assistant(
    request: Request,
    caller: CallerDep,
    assistant_id: str,
    body: AssistantChange,
    domain_name: DomainName = None,
    domain: Domain = None,
) -> AssistantOut:
    """Changes what is given and leaves the rest; options are merged."""
    membership = caller.domain(body.domain_name or domain_name or domain, "admin")
    changed = await service(request).change(
        membership.domain_id, assistant_id, body.changes(), caller
    )
    return (await _out(request, membership.domain_id, membership.name, [changed]))[0]


@router.delete("/api/v1/assistants/{assistant_id}", status_code=204)
async def delete_assistant(
    request: Request,
    caller: CallerDep,
    assistant_id: str,
    domain_name: DomainName = None,
    domain: Domain = None,
) -> Response:
    """Removes an assistant; its conversations go to the default. 409 for the default itself."""
    membership = caller.domain(domain_name or domain, "admin")
    await service(request).delete(membership.domain_id, assistant_id, caller)
    return Response(status_code=204)


async def _out(
    request: Request, domain_id: UUID, name: str, assistants: Sequence[Assistant]
) -> list[AssistantOut]:
    default_id = await service(request).default_id(domain_id)
    return [AssistantOut.of(each, name, default_id) for each in assistants]


# --- the /vac contract ------------------------------------------------------------------------


class VacMessage(BaseModel):
    name: Literal["Human", "AI"]
    content: str = Field(max_length=LONGEST_HISTORY_ITEM)


class VacUser(BaseModel):
    email: str = Field("", max_length=320, examples=["ana@example.com"])


class VacRequest(BaseModel):
    user_input: str = Field(
        min_length=1, max_length=LONGEST_INPUT, pattern=r"\S", examples=["What is Frontdesk?"]
    )
    chat_history: list[VacMessage] = Field(
        default_factory=list[VacMessage],
        max_length=MOST_HISTORY,
        examples=[[{"name": "Human", "content": "Hello"}, {"name": "AI", "content": "Hello!"}]],
    )
    user: VacUser = VacUser(email="")
    session_id: str = Field(
        "", max_length=200, description="Made up when missing", examples=["session-1"]
    )
    stream: bool = Field(False, description="Answer with server-sent events")


class VacToolCall(BaseModel):
    name: str = Field(examples=["hand_off_to_person"])
    arguments: Any = Field(examples=[{"reason": "asks for a refund"}])
    result: Any = Field(None, examples=["A person was asked to take over."])


class VacMetadata(BaseModel):
    """`hand_off` and its reason appear only when the assistant asks for a person; `thinking` and
    `tool_calls` only when there are any: they are for people, not for customers."""

    assistant_id: str = Field(examples=["default-assistant"])
    session_id: str = Field(examples=["session-1"])
    trace_id: str = Field(examples=["0197f3a2-7c3e-7d7a-9a51-3f6f1c2b4d5e"])
    source: Literal["api"] = "api"
    hand_off: bool | None = Field(None, examples=[None])
    hand_off_reason: str | None = Field(None, examples=[None])
    thinking: str | None = Field(None, examples=[None])
    tool_calls: list[VacToolCall] | None = Field(None, examples=[None])


class VacAnswer(BaseModel):
    answer: str = Field(examples=["Frontdesk is the self-hosted front desk of a business."])
    metadata: VacMetadata


STREAM_EXAMPLE = """\
data: "Frontdesk is "

data: "the self-hosted front desk."

event: done
data: {"metadata": {"assistant_id": "default-assistant", "session_id": "session-1", \
"trace_id": "0197f3a2-7c3e-7d7a-9a51-3f6f1c2b4d5e", "source": "api"}}

"""


@router.post(
    "/vac/assistant/{assistant_id}",
    response_model=VacAnswer,
    response_model_exclude_none=True,
    responses={
        200: {
            "description": (
                "The answer; with `stream`, events whose data is a text chunk as a JSON string, "
                "then one event `done` with the metadata. An event `error` with `detail` ends a "
                "stream that failed."
            ),
            "content": {"text/event-stream": {"example": STREAM_EXAMPLE}},
        },
        503: {"description": "The assistant could not answer; `detail` says why."},
    },
)
async def ask(
    request: Request,
    caller: CallerDep,
    assistant_id: str,
    body: VacRequest,
    domain_name: DomainName = None,
    domain: Domain = None,
) -> Any:
    """Asks an assistant, by the same runtime that answers customers. Nothing is stored."""
    membership = caller.domain(domain_name or domain, "agent")
    turn = Turn(
        [body.user_input.replace("\x00", "")],
        history=[
            HistoryItem("user" if item.name == "Human" else "assistant", item.content)
            for item in body.chat_history
        ],
        session_id=body.session_id or f"api-{new_id()}",
        user_email=body.user.email,
        trace_id=str(new_id()),
    )
    if not body.stream:
        answer = await service(request).answer(membership.domain_id, assistant_id, turn)
        return VacAnswer(answer=answer.text, metadata=_metadata(assistant_id, turn, answer))
    items = service(request).stream(membership.domain_id, assistant_id, turn)
    # What fails before the first chunk is still an ordinary error with its status.
    first = await anext(items)
    return StreamingResponse(
        _events(first, items, assistant_id, turn),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _metadata(assistant_id: str, turn: Turn, answer: Answer) -> VacMetadata:
    return VacMetadata(
        assistant_id=assistant_id,
        session_id=turn.session_id,
        trace_id=turn.trace_id,
        hand_off=answer.hand_off or None,
        hand_off_reason=answer.hand_off_reason,
        thinking=answer.thinking,
        tool_calls=[
            VacToolCall(name=each.name, arguments=each.arguments, result=each.result)
            for each in answer.tool_calls
        ]
        or None,
    )


async def _events(
    first: str | Answer, rest: AsyncGenerator[str | Answer], assistant_id: str, turn: Turn
) -> AsyncGenerator[bytes]:
    item: str | Answer | None = first
    try:
        while item is not None:
            if isinstance(item, Answer):
                metadata = _metadata(assistant_id, turn, item).model_dump(exclude_none=True)
                yield _event({"metadata": metadata}, "done")
            elif item:
                yield _event(item)
            item = await anext(rest, None)
    except AssistantFailed as error:
        yield _event({"detail": error.detail}, "error")
    except FrontdeskError as error:
        log.warning("stream failed", assistant_id=assistant_id, detail=error.detail)
        yield _event({"detail": error.detail}, "error")
    finally:
        # The model is not asked further for a reader who has left.
        await rest.aclose()


def _event(content: Any, name: str | None = None) -> bytes:
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + orjson.dumps(content) + b"\n\n"
