import { describe, expect, it } from "vitest";
import { arrivedSince, checksOf } from "@/features/settings/channels/checks";
import type { Setup } from "@/features/settings/channels/use-channels";

const setup = (part: Partial<Setup>): Setup => ({
  webhook_url: "", status_url: "", method: "POST", public: true, public_reason: null, last_inbound_at: null,
  last_status_at: null, signature_ok: null, credentials_ok: null, problem: null, verify_token: null,
  ...part,
});

describe("the checks of a channel", () => {
  it("wait for what is not known yet", () => {
    expect(checksOf(setup({}))).toEqual({ credentials: "waiting", public: "ok", signature: "waiting", inbound: "waiting", status: "waiting" });
  });

  it("fail where something was refused", () => {
    expect(checksOf(setup({ credentials_ok: false, signature_ok: false, public: false, public_reason: "near", problem: "near" }))).toMatchObject({ credentials: "bad", signature: "bad", public: "bad" });
  });

  it("count an address as reached when messages come in, whatever it looks like", () => {
    expect(checksOf(setup({ public: false, problem: "…", last_inbound_at: "2026-02-03T12:00:00Z" })).public).toBe("ok");
  });

  it("do not judge the address while something else is wrong", () => {
    expect(checksOf(setup({ public: false, public_reason: "near", credentials_ok: false, problem: "the token is wrong" })).public).toBe("waiting");
  });

  it("take no offence at an address that only a carrier nearby reaches", () => {
    expect(checksOf(setup({ public: false, public_reason: "…", problem: null })).public).toBe("ok");
  });

  it("see a message that came after they began to listen", () => {
    expect(arrivedSince(null, "2026-02-03T12:00:00Z")).toBe(true);
    expect(arrivedSince("2026-02-03T12:00:00Z", "2026-02-03T12:00:01Z")).toBe(true);
    expect(arrivedSince("2026-02-03T12:00:00Z", "2026-02-03T12:00:00Z")).toBe(false);
    expect(arrivedSince(null, null)).toBe(false);
  });
});
