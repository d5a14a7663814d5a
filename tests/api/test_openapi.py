"""The API's description is true: whatever it allows is answered, and never with a fault of ours."""

import json
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as examples

from pipeline.desk import Desk


async def test_the_description_is_valid_and_has_examples(web: Desk) -> None:
    schema = (await web.call("GET", "/openapi.json", None)).json
    assert schema["openapi"].startswith("3.")
    ids = [
        operation["operationId"] for item in schema["paths"].values() for operation in item.values()
    ]
    assert len(ids) == len(set(ids))
    for name, model in schema["components"]["schemas"].items():
        if name.endswith(("Out", "Create", "Change")):
            fields = model["properties"].values()
            assert any(field.get("examples") for field in fields), f"{name} has no example"


@pytest.mark.timeout(300)
async def test_every_operation_answers_whatever_is_sent_without_a_fault(web: Desk) -> None:
    raw = (await web.call("GET", "/openapi.json", None)).json
    schema = schemathesis.openapi.from_dict(raw)
    names = {"name": "default", "assistant_id": "echo"}
    seen = 0
    cases: list[Any] = []
    for result in schema.get_all_operations():
        operation: Any = result.ok()  # pyright: ignore[reportAttributeAccessIssue]  # raises if not

        @examples(
            max_examples=3,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=[
                HealthCheck.too_slow,
                HealthCheck.filter_too_much,
                HealthCheck.data_too_large,
            ],
        )
        @given(case=operation.as_strategy())
        def collect(case: Any) -> None:
            cases.append(case)

        collect()
    for case in cases:
        for known in ({}, names):
            seen += 1
            arguments = case.as_transport_kwargs(base_url=web.url)
            url = arguments["url"]
            for name, value in known.items():
                if name in (case.path_parameters or {}):
                    url = url.replace(case.formatted_path, case.path.replace(f"{{{name}}}", value))
            answer = await web.call(
                arguments["method"],
                url.removeprefix(web.url),
                params=arguments.get("params"),
                json=arguments.get("json"),
            )
            assert answer.status < 500, f"{arguments}: {answer.text}"
    assert seen > 100


ODD = ["a\x00b", "\ud800", "x" * 10_000, "../..", "%00", "💥", "' OR 1=1 --", ""]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
async def test_odd_texts_in_any_place_are_never_a_fault_of_ours(web: Desk, odd: str) -> None:
    inner: dict[str, Any] = {"a": odd}
    bodies: list[tuple[str, str, Any]] = [
        ("POST", "/api/v1/domains", {"name": odd, "display_name": odd}),
        ("POST", "/api/v1/domains", {"name": "good", "display_name": odd}),
        ("PUT", "/api/v1/domains/default", {"display_name": odd}),
        ("PUT", "/api/v1/domains/default", {"default_assistant_id": odd}),
        ("PUT", "/api/v1/domains/default", {"settings": {odd: odd}}),
        ("PUT", "/api/v1/domains/default/metadata", {odd: odd}),
        ("PUT", "/api/v1/domains/default/metadata", inner),
        ("POST", "/api/v1/assistants", {"assistant_id": odd, "name": odd, "model": odd}),
        (
            "POST",
            "/api/v1/assistants",
            {"assistant_id": "x", "name": odd, "model": "builtin:echo", "instructions": odd},
        ),
        ("PATCH", "/api/v1/assistants/echo", {"description": odd, "api_key": odd}),
        ("POST", "/vac/assistant/echo", {"user_input": odd, "session_id": odd}),
    ]
    for method, path, body in bodies:
        answer = await web.call(
            method, path, data=json.dumps(body), headers={"Content-Type": "application/json"}
        )
        assert answer.status < 500, f"{method} {path} {body!r:.200}: {answer.status} {answer.text}"
        if answer.status >= 400:
            assert answer.detail
    quoted = quote(odd, safe="", errors="replace")
    for path in (
        f"/api/v1/assistants/{quoted}",
        f"/api/v1/domains/{quoted}",
        f"/api/v1/domains/{quoted}/metadata",
        f"/api/v1/conversations?q={quoted}&domain=default",
        f"/api/v1/conversations?domain={quoted}",
        f"/api/v1/conversations/{quoted}/messages",
        f"/api/v1/sessions?phone_number={quoted}",
    ):
        answer = await web.call("GET", path)
        assert answer.status < 500, f"{path}: {answer.status} {answer.text}"


@pytest.mark.parametrize("depth", [10, 300, 20_000])
async def test_deep_json_is_never_a_fault_of_ours(web: Desk, depth: int) -> None:
    deep = '{"a":' * depth + "1" + "}" * depth
    for path, body in (
        ("/api/v1/domains/default/metadata", deep),
        ("/api/v1/domains/default", f'{{"settings": {deep}}}'),
    ):
        headers = {"Content-Type": "application/json"}
        answer = await web.call("PUT", path, data=body, headers=headers)
        assert answer.status == 200 if depth == 10 else answer.status in (400, 413, 422), (
            f"{path}: {answer.text[:200]}"
        )


async def test_numbers_that_json_cannot_hold_are_refused(web: Desk) -> None:
    headers = {"Content-Type": "application/json"}
    for path, body in (
        ("/api/v1/domains/default/metadata", '{"a": %s}'),
        ("/api/v1/domains/default", '{"settings": {"a": %s}}'),
    ):
        answer = await web.call("PUT", path, data=body % ("9" * 40), headers=headers)
        assert answer.status == 422, answer.text
