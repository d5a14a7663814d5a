import { expect, it } from "vitest";
import { requestKeys } from "@/lib/request-key";

it("a request that is made again keeps its key, and another one has its own", () => {
  const headers = requestKeys();
  const first = headers({ amount: 500 });
  expect(headers({ amount: 500 })).toEqual(first);
  expect(headers({ amount: 501 })).not.toEqual(first);
  expect(first["Idempotency-Key"]).toMatch(/^[0-9a-f]{32}$/);
});
