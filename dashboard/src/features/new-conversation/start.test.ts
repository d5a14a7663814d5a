import { describe, expect, it } from "vitest";
import type { Template } from "@/api/outreach-types";
import { fieldOf, ownTypes, startBody, type Draft } from "@/features/new-conversation/start";
import { ApiError } from "@/lib/http";

const template: Template = {
  template_id: "t1", channel_id: "c1", channel: "wmsg", channel_address: "+14155238886", carrier_id: "HX1", name: "reminder", language: "en",
  category: "utility", status: "approved", status_reason: null, header: null, body: "Hi {{1}}", footer: null, buttons: [],
  variables: [{ name: "1", sample: "Ana" }], synced_at: null, updated_at: "2026-11-21T09:00:00Z",
};
const draft: Draft = {
  channel: "wmsg", phone: "600111222", name: " Ana ", email: "", type: "reminder", way: "instruction", instruction: "Ask for a time",
  template, values: { 1: " Ana ", 9: "of another" }, assistantId: "", sendAt: "",
};

describe("what is sent", () => {
  it("is the instruction alone when the assistant writes", () => {
    expect(startBody(draft, "wmsg", "+34600111222", "aitana")).toEqual({
      phone_number: "+34600111222", channel: "wmsg", type: "reminder", domain_name: "aitana", name: "Ana", instruction: "Ask for a time",
    });
  });

  it("is the template with its own variables, and the time in UTC", () => {
    const body = startBody({ ...draft, way: "template", instruction: "", sendAt: "2026-11-21T09:00" }, "wmsg", "+34600111222", "aitana");
    expect(body).toMatchObject({ template: "t1", variables: { 1: "Ana" }, send_at: new Date(2026, 10, 21, 9).toISOString() });
    expect(body.instruction).toBeUndefined();
  });
});

describe("a refusal stands at its field", () => {
  it.each([
    [402, "the balance of 1 credits does not cover 3; top up", "credit"],
    [501, "calls are not placed yet", "channel"],
    [422, "phone_number '+34' is too short", "phone"],
    [422, "body.send_at: must be in the future", "sendAt"],
    [422, "type 'x' is none of informational", "type"],
    [422, "variable '1' is missing", "template"],
    [409, "+34600111222 opted out of messages on this channel", "phone"],
    [409, "the contact is blocked", "phone"],
    [409, "the window is closed; use one of the templates reminder, offer", "template"],
    [409, "the domain has no wmsg channel; add one", "channel"],
    [409, "something else", null],
    [503, "the channel is away", null],
  ])("%i %s: %s", (status, detail, field) => expect(fieldOf(new ApiError(status, detail))).toBe(field));
});

it("a domain's own types come after those that all have, each once", () => {
  expect(ownTypes({ call_types: ["reminder", "delivery", "", 3] })).toEqual(["delivery"]);
  expect(ownTypes(undefined)).toEqual([]);
});
