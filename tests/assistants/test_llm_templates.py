"""A language model answers with a template, and is asked again when it fills one in badly."""

import json
from dataclasses import replace

import pytest

from assistants.servers import Scripted, completes
from frontdesk.assistants.model import Assistant, AssistantFailed, Turn
from frontdesk.assistants.runtime import AssistantRuntime
from frontdesk.channels.templates_model import Template
from frontdesk.domains.model import Domain
from frontdesk.kernel.ids import new_id

TOOL = "send_template"


@pytest.fixture
def assistant(domain: Domain, web: Scripted) -> Assistant:
    return Assistant(domain.domain_id, "expert", "Expert", "openai:small", base_url=f"{web.url}/v1")


@pytest.fixture
def update(domain: Domain) -> Template:
    return Template(
        domain_id=domain.domain_id,
        template_id=new_id(),
        channel_id=new_id(),
        channel="wmsg",
        channel_address="+14155238886",
        carrier_id="HX1",
        name="order_update",
        language="en",
        category="utility",
        status="approved",
        status_reason=None,
        header=None,
        body="Hello {{1}}, your order {{2}} is ready.",
        footer="The shop",
        buttons=[],
        variables=[{"name": "1", "sample": "Ana"}, {"name": "2", "sample": "47"}],
        synced_at=None,
        updated_at=None,  # pyright: ignore[reportArgumentType]  # nothing here looks at it
    )


def call(name: str = "order_update", **variables: str) -> dict[str, object]:
    return {"name": TOOL, "arguments": {"name": name, "variables": variables}}


def asking(*templates: Template, language: str | None = None) -> Turn:
    return Turn(["Is it ready?"], templates=templates, language=language)


async def test_it_is_told_of_templates_and_answers_with_one(
    runtime: AssistantRuntime, assistant: Assistant, web: Scripted, update: Template
):
    web.will(completes(None, tool=call(**{"1": "Ana", "2": "4711"})))
    answer = await runtime.answer(assistant, asking(update))
    assert answer.text == "Hello Ana, your order 4711 is ready.\nThe shop"
    assert answer.template is not None
    assert answer.template.template is update
    assert not answer.hand_off
    request = web.requests[0]
    offered = [tool["function"]["name"] for tool in request["tools"]]
    assert offered == ["hand_off_to_person", TOOL]
    system = "\n".join(m["content"] for m in request["messages"] if m["role"] == "system")
    assert "order_update:en (variables 1, 2): Hello {{1}}, your order {{2}} is ready." in system
    assert [each.name for each in answer.tool_calls] == [TOOL]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (call(**{"1": "Ana"}), "needs {{2}}"),
        (call(**{"1": "Ana", "2": " "}), "{{2}} must not be empty"),
        (call(**{"1": "Ana", "2": "4\n7"}), "must not be not on one line"),
        (call("receipt", **{"1": "Ana", "2": "4711"}), "use one of order_update:en"),
    ],
)
async def test_one_that_is_filled_in_badly_goes_back_to_it_with_the_reason(
    runtime: AssistantRuntime,
    assistant: Assistant,
    web: Scripted,
    update: Template,
    wrong: dict[str, object],
    said: str,
):
    web.will(completes(None, tool=wrong), completes(None, tool=call(**{"1": "Ana", "2": "4711"})))
    answer = await runtime.answer(assistant, asking(update))
    assert answer.template is not None
    assert answer.template.variables == {"1": "Ana", "2": "4711"}
    assert len(web.requests) == 2
    assert said in json.dumps(web.requests[1]["messages"])


async def test_one_that_it_never_fills_in_is_no_answer(
    runtime: AssistantRuntime, assistant: Assistant, web: Scripted, update: Template
):
    web.will(completes(None, tool=call()))
    with pytest.raises(AssistantFailed, match="no answer"):
        await runtime.answer(assistant, asking(update))


async def test_of_a_name_in_several_languages_the_customers_is_sent(
    runtime: AssistantRuntime, assistant: Assistant, web: Scripted, update: Template
):
    spanish = replace(update, language="es_MX", body="Hola {{1}}, su pedido {{2}} está listo.")
    web.will(completes(None, tool=call(**{"1": "Ana", "2": "4711"})))
    answer = await runtime.answer(assistant, asking(update, spanish, language="es"))
    assert answer.text.startswith("Hola Ana")
    web.will(completes(None, tool=call("order_update:es_MX", **{"1": "Ana", "2": "4711"})))
    answer = await runtime.answer(assistant, asking(update, spanish, language="en"))
    assert answer.text.startswith("Hola Ana")


async def test_without_templates_there_is_no_such_tool(
    runtime: AssistantRuntime, assistant: Assistant, web: Scripted
):
    web.will(completes("Yes"))
    await runtime.answer(assistant, asking())
    assert [tool["function"]["name"] for tool in web.requests[0]["tools"]] == ["hand_off_to_person"]
    assert TOOL not in json.dumps(web.requests[0])
