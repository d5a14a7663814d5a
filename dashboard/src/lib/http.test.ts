// @vitest-environment node
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { api, ApiError, query, serverNow, sessionExpired } from "@/lib/http";

let server: Server;
let base = "";

beforeAll(async () => {
  server = createServer((request, response) => {
    const status = Number(/^\/(\d+)/.exec(request.url ?? "")?.[1] ?? 200);
    const html = request.url?.includes("html");
    const date = /date=(\d+)/.exec(request.url ?? "")?.[1];
    if (date) response.setHeader("Date", new Date(Number(date)).toUTCString());
    if (request.url?.includes("wait")) response.setHeader("Retry-After", "7");
    response.statusCode = status;
    if (status === 204) response.end();
    else response.end(html ? "<h1>Bad gateway</h1>" : JSON.stringify({ detail: "the label is taken", url: request.url }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

async function refused(path: string, anonymous = false): Promise<ApiError> {
  const error: unknown = await api.get(base + path, undefined, { anonymous }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

test("an answer is its JSON, and no content is undefined", async () => {
  expect(await api.get(`${base}/200`, { q: "a b", none: null, empty: "" })).toMatchObject({ url: "/200?q=a+b" });
  expect(await api.delete<unknown>(`${base}/204`)).toBeUndefined();
});

test("a refusal has the server's words and says when to come back", async () => {
  expect(await refused("/409")).toMatchObject({ status: 409, detail: "the label is taken", retryAfter: null, temporary: false });
  expect(await refused("/429?wait")).toMatchObject({ status: 429, retryAfter: 7, temporary: true });
});

test("a proxy's page is not shown to people", async () => {
  expect(await refused("/502?html")).toMatchObject({ status: 502, detail: "", temporary: true });
});

test("no answer at all is a refusal with status 0", async () => {
  const error: unknown = await api.get("http://127.0.0.1:1/").catch((reason: unknown) => reason);
  expect(error).toMatchObject({ status: 0, temporary: true });
});

test("a request that was called off says so and is no refusal", async () => {
  const signal = AbortSignal.abort();
  await expect(api.get(`${base}/200`, undefined, { signal })).rejects.toMatchObject({ name: "AbortError" });
});

test("a session that ended is told once for each request, but not where nobody is signed in", async () => {
  const ended = vi.fn();
  const stop = sessionExpired.subscribe(ended);
  await refused("/401", true);
  expect(ended).not.toHaveBeenCalled();
  await refused("/401");
  expect(ended).toHaveBeenCalledTimes(1);
  stop();
});

test("the time is the server's where this computer's clock is wrong, and again its own when it is set", async () => {
  const hour = 3_600_000;
  const ahead = () => serverNow() - Date.now();
  await api.get(`${base}/200`, { date: Date.now() - 900 });
  expect(ahead()).toBe(0);
  await api.get(`${base}/200`, { date: Date.now() + hour });
  expect(Math.abs(ahead() - hour)).toBeLessThan(3000);
  await refused(`/409?date=${Date.now() - hour}`);
  expect(Math.abs(ahead() + hour)).toBeLessThan(3000);
  await api.get(`${base}/200`);
  expect(Math.abs(ahead())).toBeLessThan(3000);
});

test("a query leaves out what is not there", () => {
  expect(query({ a: 0, b: false, c: undefined, d: null, e: "" })).toBe("?a=0&b=false");
  expect(query({})).toBe("");
});
