"""Templates at Meta are listed, handed in, approved after a while, sent and deleted."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from frontdesk.sandbox.app import SandboxConfig
from media import samples
from sandbox.graph import META, WABA, Graph, graph
from sandbox.servers import ADA, Business, until

TEMPLATES = f"{WABA}/message_templates"
BODY = {
    "type": "BODY",
    "text": "Hi {{1}}, {{2}} is ready.",
    "example": {"body_text": [["Ana", "cake"]]},
}


def make(graph: Graph, *components: Any, name: str = "made_here", **more: Any) -> Any:
    raw = {
        "name": name,
        "language": "en_US",
        "category": "UTILITY",
        "components": list(components),
        **more,
    }
    return graph.call("POST", TEMPLATES, json=raw)


def made(graph: Graph, *components: Any, **more: Any) -> str:
    answer = make(graph, *components, **more)
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "PENDING"
    return answer.json()["id"]


def listed(graph: Graph, **query: Any) -> dict[str, Any]:
    return {each["name"]: each for each in graph.get(TEMPLATES, **query)["data"]}


def use(name: str, *components: Any, language: str = "en_US") -> dict[str, Any]:
    return {"name": name, "language": {"code": language}, "components": list(components)}


def filled(kind: str, *texts: str, **more: Any) -> dict[str, Any]:
    parameters = [{"type": "text", "text": text} for text in texts]
    return {"type": kind, "parameters": parameters, **more}


def refusal(graph: Graph, template: Any) -> tuple[int, int, str]:
    body = graph.message("template", template)
    return graph.refusal("POST", "106540352242922/messages", json=body)


def outcome(graph: Graph, wamid: str) -> tuple[str, int | None]:
    until(lambda: graph.sandbox.message(wamid)["status"] in ("delivered", "failed"))
    message = graph.sandbox.message(wamid)
    return message["status"], message["error_code"]


def test_three_approved_templates_are_there_from_the_start(meta: Graph):
    shown = listed(meta)
    assert {
        name: (one["language"], one["status"], one["category"]) for name, one in shown.items()
    } == {
        "appointment_reminder": ("en", "APPROVED", "UTILITY"),
        "order_update": ("es", "APPROVED", "UTILITY"),
        "spring_offer": ("en", "APPROVED", "MARKETING"),
    }
    kinds = [component["type"] for component in shown["spring_offer"]["components"]]
    assert kinds == ["HEADER", "BODY", "FOOTER", "BUTTONS"]
    body = shown["spring_offer"]["components"][1]
    assert body["example"] == {"body_text": [["Ana", "20%"]]}


def test_a_list_is_paged_by_cursors(meta: Graph):
    for place in range(5):
        made(meta, BODY, name=f"n{place}")
    page, names = meta.get(TEMPLATES, limit=3, fields="name,status"), []
    while True:
        names += [each["name"] for each in page["data"]]
        assert all(set(each) == {"id", "name", "status"} for each in page["data"])
        if "next" not in page["paging"]:
            break
        after = page["paging"]["cursors"]["after"]
        followed = meta.call("GET", page["paging"]["next"]).json()
        page = meta.get(TEMPLATES, limit=3, fields="name,status", after=after)
        assert page == followed
    assert len(names) == len(set(names)) == 8
    assert set(listed(meta, name="n3", status="APPROVED")) == {"n3"}
    assert meta.refusal("GET", TEMPLATES, params={"fields": "colour"})[:2] == (400, 100)
    assert meta.refusal("GET", TEMPLATES, params={"after": "?"})[:2] == (400, 100)


def test_a_template_is_approved_or_rejected_after_a_while_and_told(
    config: SandboxConfig, business: Business
):
    with graph(config, business, approval_seconds=0.2) as meta:
        good, bad = made(meta, BODY), made(meta, BODY, name="please_reject")
        assert listed(meta)["made_here"]["status"] == "PENDING"
        assert refusal(meta, use("made_here", filled("body", "Ben", "pie")))[:2] == (404, 132001)
        until(lambda: listed(meta)["made_here"]["status"] == "APPROVED")
        until(lambda: listed(meta)["please_reject"]["status"] == "REJECTED")
        assert meta.get(good)["status"] == "APPROVED"
        shown = listed(meta, fields="name,rejected_reason")["please_reject"]
        assert shown["rejected_reason"] != "NONE"
        until(lambda: len(meta.values("message_template_status_update")) == 2)
        told = {
            value["message_template_id"]: value["event"]
            for value in meta.values("message_template_status_update")
        }
        assert told == {int(good): "APPROVED", int(bad): "REJECTED"}


@pytest.mark.parametrize(
    ("components", "more"),
    [
        ([], {}),
        ([BODY, BODY], {}),
        ([{"type": "BODY", "text": "Hi {{1}}"}], {}),
        ([{"type": "BODY", "text": "x" * 1025}], {}),
        ([{"type": "BODY", "text": "Hi {{name}}", "example": {"body_text": [["A"]]}}], {}),
        ([{"type": "BODY", "text": "Hi {{2}}", "example": {"body_text": [["A"]]}}], {}),
        ([BODY, {"type": "FOOTER", "text": "for {{1}}"}], {}),
        (
            [
                BODY,
                {
                    "type": "BUTTONS",
                    "buttons": [{"type": "URL", "text": "Go", "url": "https://a.example/{{1}}"}],
                },
            ],
            {},
        ),
        ([BODY, {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Go"}]}], {}),
        ([BODY, {"type": "HEADER", "format": "IMAGE"}], {}),
        (
            [
                BODY,
                {
                    "type": "HEADER",
                    "format": "IMAGE",
                    "example": {"header_handle": ["https://a.example/b.png"]},
                },
            ],
            {},
        ),
        ([BODY], {"name": "Not A Name"}),
        ([BODY], {"category": "SPAM"}),
        ([BODY], {"language": ""}),
    ],
)
def test_a_wrong_template_is_refused(meta: Graph, components: Any, more: Any):
    answer = make(meta, *components, **more)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)
    assert len(listed(meta)) == 3


def test_a_name_is_taken_once_in_each_language(meta: Graph):
    made(meta, BODY)
    made(meta, BODY, language="de")
    again = make(meta, BODY)
    assert again.json()["error"]["error_subcode"] == 2388024


def test_a_template_reaches_a_stranger_rendered(meta: Graph):
    reply = filled("button", index="1", sub_type="quick_reply")
    reply["parameters"] = [{"type": "payload", "payload": "move-7"}]
    answer = meta.post(
        meta.message(
            "template",
            use("appointment_reminder", filled("body", "Ben", "Friday"), reply, language="en"),
        )
    )
    assert answer.json()["messages"][0]["message_status"] == "accepted"
    wamid = answer.json()["messages"][0]["id"]
    assert outcome(meta, wamid) == ("delivered", None)
    shown = meta.sandbox.message(wamid)
    assert shown["body"].startswith("Hello Ben, this is a reminder of your appointment on Friday.")
    assert shown["template"]["buttons"] == [
        {"kind": "reply", "text": "I will be there", "id": "I will be there"},
        {"kind": "reply", "text": "Another day", "id": "move-7"},
    ]
    until(lambda: meta.statuses(wamid) != [])
    assert meta.statuses(wamid)[0]["pricing"]["category"] == "utility"


def test_named_parameters_are_filled_by_name(meta: Graph):
    header = {
        "type": "HEADER",
        "format": "TEXT",
        "text": "For {{who}}",
        "example": {"header_text_named_params": [{"param_name": "who", "example": "Ana"}]},
    }
    body = {
        "type": "BODY",
        "text": "{{thing}} is ready",
        "example": {"body_text_named_params": [{"param_name": "thing", "example": "Cake"}]},
    }
    buttons = {
        "type": "BUTTONS",
        "buttons": [
            {"type": "URL", "text": "Track", "url": "https://a.example/{{1}}", "example": ["7"]},
            {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+14155550100"},
        ],
    }
    made(meta, header, body, buttons, parameter_format="NAMED")

    def named(kind: str, name: str, text: str) -> dict[str, Any]:
        return {
            "type": kind,
            "parameters": [{"type": "text", "parameter_name": name, "text": text}],
        }

    url = filled("button", "99", sub_type="url", index="0")
    given = [named("header", "who", "Ben"), named("body", "thing", "Pie"), url]
    wamid = meta.send("template", use("made_here", *given))
    shown = meta.sandbox.message(wamid)
    assert (shown["template"]["header"], shown["body"]) == ("For Ben", "Pie is ready")
    assert [each.get("url") or each.get("phone") for each in shown["template"]["buttons"]] == [
        "https://a.example/99",
        "+14155550100",
    ]
    wrong = [given[0], named("body", "other", "Pie"), url]
    assert refusal(meta, use("made_here", *wrong))[1] == 132000
    assert refusal(meta, use("made_here", *given[:2]))[1] == 131008


@pytest.mark.parametrize(
    ("template", "code"),
    [
        (use("made_here"), 132000),
        (use("made_here", filled("body", "only one")), 132000),
        (use("made_here", filled("body", "a", "b", "c")), 132000),
        (use("made_here", filled("body", "", "b")), 131008),
        (use("made_here", filled("body", "a\nb", "c")), 132018),
        (use("made_here", filled("body", "a", "x" * 1024)), 132005),
        (use("made_here", {"type": "body", "parameters": [{"type": "image"}] * 2}), 132012),
        (use("made_here", filled("body", "a", "b"), language="de"), 132001),
        (use("nowhere", filled("body", "a", "b")), 132001),
        (use("spring_offer", filled("body", "a", "b"), language="en"), 132012),
    ],
)
def test_values_that_do_not_fit_are_refused_with_metas_code(meta: Graph, template: Any, code: int):
    made(meta, BODY)
    assert refusal(meta, template)[1] == code


def test_a_picture_is_uploaded_for_approval_and_given_with_each_message(
    meta: Graph, business: Business, tmp_path: Path
):
    photo = samples.jpeg(tmp_path).read_bytes()
    query = {"file_name": "a.jpg", "file_length": len(photo), "file_type": "image/jpeg"}
    session = meta.call("POST", "app/uploads", params=query).json()["id"]
    sent = meta.call("POST", session, data=photo, headers={"file_offset": "0"})
    handle = sent.json()["h"]
    made(
        meta,
        BODY,
        {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [handle]}},
    )
    (sample,) = listed(meta)["made_here"]["components"][1]["example"]["header_handle"]
    own = sample.removeprefix("http://sandbox.test/sandbox")
    assert meta.call("GET", meta.sandbox.url + own).content == photo
    link = business.serve("/cake.jpg", photo, "image/jpeg")
    header = {"type": "header", "parameters": [{"type": "image", "image": {"link": link}}]}
    wamid = meta.send("template", use("made_here", header, filled("body", "Ben", "pie")))
    assert outcome(meta, wamid) == ("delivered", None)
    shown = meta.sandbox.message(wamid)
    assert shown["body"] == "Hi Ben, pie is ready."
    assert meta.sandbox.bytes_of(shown) == photo


def test_a_paused_or_disabled_template_is_refused_and_its_fate_is_told(meta: Graph):
    sid = made(meta, BODY)
    for status, code in (("paused", 132015), ("disabled", 132016)):
        meta.sandbox.post("/templates", sid=sid, status=status)
        assert refusal(meta, use("made_here", filled("body", "a", "b")))[:2] == (400, code)
        heard(meta, status.upper())


def heard(graph: Graph, event: str) -> None:
    until(lambda: event in events(graph))


def events(graph: Graph) -> list[str]:
    return [value["event"] for value in graph.values("message_template_status_update")]


def test_who_said_stop_gets_no_marketing_and_all_else(meta: Graph, business: Business):
    meta.sandbox.write("STOP", to=META)
    offer = {
        "type": "BODY",
        "text": "Everything must go",
    }
    made(meta, offer, name="offer", category="MARKETING")
    assert outcome(meta, meta.send("template", use("offer"))) == ("failed", 131050)
    made(meta, BODY)
    sent = meta.send("template", use("made_here", filled("body", "a", "b")))
    assert outcome(meta, sent) == ("delivered", None)
    meta.sandbox.write("START", to=META)
    assert outcome(meta, meta.send("template", use("offer"))) == ("delivered", None)


def test_a_template_is_deleted_by_name_or_in_one_language(meta: Graph):
    english = made(meta, BODY)
    german = made(meta, BODY, language="de")
    gone = meta.call("DELETE", TEMPLATES, params={"name": "made_here", "hsm_id": english})
    assert gone.json() == {"success": True}
    assert listed(meta)["made_here"]["id"] == german
    assert refusal(meta, use("made_here", filled("body", "a", "b")))[1] == 132001
    assert meta.call("DELETE", TEMPLATES, params={"name": "made_here"}).ok
    assert "made_here" not in listed(meta)
    assert meta.refusal("DELETE", TEMPLATES, params={"name": "made_here"})[:2] == (400, 100)
    assert meta.refusal("GET", german)[:2] == (400, 100)


def test_pressing_a_button_posts_what_meta_posts(meta: Graph):
    template = use("appointment_reminder", filled("body", "Ben", "Friday"), language="en")
    wamid = meta.send("template", template)
    outcome(meta, wamid)
    fields = {
        "ButtonText": "Another day",
        "ButtonPayload": "Another day",
        "OriginalRepliedMessageSid": wamid,
    }
    meta.sandbox.write("Another day", to=META, fields=fields, from_=ADA)
    told = meta.told()
    assert told["button"] == {"text": "Another day", "payload": "Another day"}
    assert told["context"]["id"] == wamid


def test_templates_outlive_the_sandbox(config: SandboxConfig, business: Business, tmp_path: Path):
    kept = replace(config, journal=tmp_path / "sandbox.jsonl")
    with graph(kept, business) as before:
        sid = made(before, BODY)
    with graph(kept, business) as after:
        assert listed(after)["made_here"]["id"] == sid
        sent = after.send("template", use("made_here", filled("body", "a", "b")))
        assert outcome(after, sent) == ("delivered", None)


def test_the_faults_of_templates_meet_these_calls(meta: Graph):
    meta.sandbox.fault("rate_limit", operation="content", times=1)
    assert meta.refusal("GET", TEMPLATES)[:2] == (429, 130429)
    assert len(listed(meta)) == 3
