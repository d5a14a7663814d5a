"""Opt-outs from the customer's word to what the carrier gets, as the domain set them."""

from typing import Any

import pytest

from frontdesk.kernel.ids import new_id
from pipeline.desk import ADA, SMS_NUMBER, WHATSAPP_NUMBER, Desk, message_form


async def set_up(desk: Desk, **values: Any) -> None:
    await desk.app.domains.update(desk.domain.domain_id, settings={"opt_out": values})


async def ours(desk: Desk) -> list[str]:
    return [row["content"] for row in await desk.messages() if row["sender"] != "user"]


async def test_double_opt_in_asks_and_only_a_yes_resumes(desk: Desk) -> None:
    await set_up(desk, double_opt_in=True, double_opt_in_text="Sure? YES", started_text="Hi!")
    for word in ("STOP", "START", "Hello", "YES"):
        await desk.write(word)
        await desk.settled()
    await desk.write("Hello")
    await desk.settled()
    assert (await ours(desk))[1:] == ["Sure? YES", "Hi!", "Hello"]
    rows = await desk.db.fetch("SELECT action, reason FROM opt_out_log ORDER BY at")
    said = [(row["action"], row["reason"]) for row in rows]
    assert said == [("stopped", "STOP"), ("asked", "START"), ("resumed", "YES")]


async def test_a_yes_that_comes_too_late_is_asked_about_again(desk: Desk) -> None:
    await set_up(desk, double_opt_in=True, double_opt_in_text="Sure?")
    for word in ("STOP", "START"):
        await desk.write(word)
        await desk.settled()
    await desk.db.execute("UPDATE opt_out_log SET at = at - interval '25 hours'")
    await desk.write("YES")
    await desk.settled()
    assert (await ours(desk))[1:] == ["Sure?", "Sure?"]
    assert await desk.count("opt_outs") == 1
    await desk.write("YES")
    await desk.settled()
    assert await desk.count("opt_outs") == 0


async def test_a_stop_for_all_channels_holds_on_the_others(desk: Desk) -> None:
    await set_up(desk, scope="all", stopped_text="Bye.")
    await desk.write("STOP")
    await desk.settled()
    await desk.write("Hello", to=SMS_NUMBER)
    await desk.settled()
    assert await ours(desk) == ["Bye."]
    shown = (await desk.call("GET", "/api/v1/conversations")).json["items"]
    assert [each["opted_out"] for each in shown] == [True, True]
    chat = next(each["chat_id"] for each in shown if each["channel"] == "sms")
    body = {"content": "Are you there?"}
    refused = await desk.call("POST", f"/chat/{chat}/manual-response", json=body)
    assert refused.status == 409
    assert "opted out" in refused.detail


async def test_a_stop_and_a_start_in_one_turn_are_both_kept(desk: Desk) -> None:
    await desk.stop_worker()
    for word in ("STOP", "START", "Hello"):
        await desk.write(word)
    await desk.start_worker()
    await desk.settled()
    assert await desk.count("opt_outs") == 0
    assert (await ours(desk))[-1] == "Hello"
    rows = await desk.db.fetch("SELECT action FROM opt_out_log ORDER BY at")
    assert [row["action"] for row in rows] == ["stopped", "resumed"]


async def test_a_domains_own_words_and_texts_are_used(desk: Desk) -> None:
    words = {"stop": ["baja"], "help": ["ayuda"]}
    await set_up(desk, words=words, help_text="Llame al 900.", stopped_text="Adiós.")
    for word in ("Ayuda", "BAJA", "hola"):
        await desk.write(word)
        await desk.settled()
    assert await ours(desk) == ["Llame al 900.", "Adiós."]
    assert await desk.db.fetchval("SELECT reason FROM opt_outs") == "BAJA"


async def test_settings_that_are_wrong_are_refused(desk: Desk) -> None:
    body = {"settings": {"opt_out": {"scope": "everything"}}}
    refused = await desk.call("PUT", "/api/v1/domains/default", json=body)
    assert refused.status == 422
    assert "settings.opt_out.scope is 'everything'; use one of channel, all" in refused.detail
    assert await desk.count("opt_out_log") == 0


WHERE = {
    "wmsg": ("/whatsapp/webhook", f"whatsapp:{ADA}", f"whatsapp:{WHATSAPP_NUMBER}"),
    "sms": ("/sms/webhook", ADA, SMS_NUMBER),
}


async def carrier_says(desk: Desk, kind: str, body: str, opt_out_type: str) -> None:
    """A word that Advanced Opt-Out of a messaging service has acted on and answered already."""
    path, from_, to = WHERE[kind]
    sid = f"SM{new_id().hex}"
    form = message_form(body, sid=sid, from_=from_, to=to, OptOutType=opt_out_type)
    assert (await desk.post(path, form)).status == 200
    await desk.settled()


@pytest.mark.parametrize("kind", ["wmsg", "sms"])
async def test_what_the_carrier_has_answered_is_kept_and_not_answered_again(
    desk: Desk, kind: str
) -> None:
    await set_up(desk, stopped_text="Bye.", started_text="Hi!", help_text="Call us.")
    await carrier_says(desk, kind, "Ayuda", "HELP")
    await carrier_says(desk, kind, "Arrêtez", "STOP")
    assert await desk.count("opt_outs") == 1
    await carrier_says(desk, kind, "Retour", "START")
    assert await desk.count("opt_outs") == 0
    assert await ours(desk) == []
    rows = await desk.db.fetch("SELECT action, reason FROM opt_out_log ORDER BY at")
    said = [(row["action"], row["reason"]) for row in rows]
    assert said == [("stopped", "Arrêtez"), ("resumed", "Retour")]


async def test_a_word_that_the_carrier_resumes_by_resumes_here_too(desk: Desk) -> None:
    """Messaging services may have any words: here a YES that nobody asked for."""
    await set_up(desk, double_opt_in=True, double_opt_in_text="Sure?")
    await carrier_says(desk, "wmsg", "STOP", "STOP")
    await carrier_says(desk, "wmsg", "YES", "START")
    # Twilio has answered; that the business asks again before it writes is its own rule.
    assert await ours(desk) == ["Sure?"]
    await carrier_says(desk, "wmsg", "YES", "START")
    assert (await desk.count("opt_outs"), await ours(desk)) == (0, ["Sure?"])
