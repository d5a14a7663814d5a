import { expect, it } from "vitest";
import type { Outreach } from "@/api/outreach-types";
import { follow } from "@/features/new-conversation/follow";

const row: Outreach = {
  call_id: "o1", campaign_id: null, line: null, channel: "sms", phone_number: "+34600111222", name: null, email: null, type: "reminder", instruction: null,
  template_id: null, status: "waiting", reason_code: null, reason: null, message_status: null, chat_id: null, message_id: null, cost: null, answered: false,
  due_at: "2026-11-21T09:00:00Z", created_at: "2026-11-21T09:00:00Z",
};

function answers(...given: (Partial<Outreach> | Error)[]) {
  const left = [...given];
  return {
    most: 4,
    pause: () => Promise.resolve(),
    ask: () => {
      const next = left.length > 1 ? left.shift() : left[0];
      return next instanceof Error ? Promise.reject(next) : Promise.resolve({ ...row, ...next });
    },
  };
}

it("asks until there is a conversation, also past a question that went wrong", async () => {
  expect(await follow(answers({}, new Error("away"), { chat_id: "c1" }))).toEqual({ is: "conversation", chatId: "c1" });
});

it("says why there will be none", async () => {
  expect(await follow(answers({}, { status: "failed", reason: "no such number" }))).toEqual({ is: "refused", reason: "no such number" });
});

it("stops asking", async () => {
  expect(await follow(answers({}))).toEqual({ is: "waiting" });
});
