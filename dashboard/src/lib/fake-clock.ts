/** Lets a test's server have another time than its computer. */
import { vi } from "vitest";
import { api } from "@/lib/http";

export async function serverIsAhead(milliseconds: number): Promise<void> {
  const date = new Date(Date.now() + milliseconds).toUTCString();
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("{}", { headers: { Date: date } })));
  await api.get("/");
  vi.unstubAllGlobals();
}
