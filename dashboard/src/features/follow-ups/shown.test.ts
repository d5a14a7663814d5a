import { expect, it } from "vitest";
import type { FollowUp } from "@/api/outreach-types";
import type { Conversation } from "@/api/types";
import { listed, reasonOf, willFail } from "@/features/follow-ups/shown";

const followUp = (id: string, due: string, change: Partial<FollowUp> = {}): FollowUp => ({
  follow_up_id: id, chat_id: "c1", call_id: null, due_at: due, template_id: null, variables: {}, content: "Hello?", status: "waiting",
  reason: null, message_id: null, created_at: "2026-05-01T10:00:00Z", ...change,
});
const conversation = { has_window: true, window_closes_at: "2026-05-06T20:00:00Z" } as Conversation;

it("the next one stands first among those that wait, the last one among the others", () => {
  const { waiting, ended } = listed([
    followUp("late", "2026-05-09T10:00:00Z"),
    followUp("sent", "2026-05-02T10:00:00Z", { status: "sent" }),
    followUp("soon", "2026-05-06T10:00:00Z"),
    followUp("failed", "2026-05-03T10:00:00Z", { status: "failed" }),
  ]);
  expect(waiting.map((each) => each.follow_up_id)).toEqual(["soon", "late"]);
  expect(ended.map((each) => each.follow_up_id)).toEqual(["failed", "sent"]);
});

it("a text that waits for longer than the window is open is told of before it fails", () => {
  expect(willFail(followUp("1", "2026-05-06T19:00:00Z"), conversation)).toBe(false);
  expect(willFail(followUp("2", "2026-05-06T21:00:00Z"), conversation)).toBe(true);
  expect(willFail(followUp("3", "2026-05-06T21:00:00Z", { template_id: "t1" }), conversation)).toBe(false);
  expect(willFail(followUp("4", "2026-05-06T21:00:00Z", { status: "canceled" }), conversation)).toBe(false);
});

it.each([
  [null, null],
  ["no_window: The customer last wrote more than 24 hours ago.", { key: "contacts.follow_up_no_window" }],
  ["bad_variables: variable '1' is missing", { text: "variable '1' is missing" }],
  ["the message before it was failed", { text: "the message before it was failed" }],
])("why one came to nothing is said in words: %s", (reason, said) => {
  expect(reasonOf(reason)).toEqual(said);
});
