import { expect, it } from "vitest";
import type { CreditTotal } from "@/api/outreach-types";
import { linesOf } from "@/features/settings/credits/report";

const total = (change: Partial<CreditTotal>): CreditTotal => ({
  day: "2026-11-20", channel: "wmsg", direction: "out", category: null, country: "ES", call_type: null, quantity: 1, messages: 1, amount: 0.1, ...change,
});

it("days are added up, to the decimal, and what cost most comes first", () => {
  const lines = linesOf([total({}), total({ day: "2026-11-21", amount: 0.2, messages: 2, quantity: 2 }), total({ channel: "sms", amount: 3 })]);
  expect(lines).toMatchObject([{ channel: "sms", amount: 3 }, { channel: "wmsg", amount: 0.3, messages: 3, quantity: 3 }]);
});
