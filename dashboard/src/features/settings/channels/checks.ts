/** A channel's set-up as a list to tick off. */
import type { Setup } from "@/features/settings/channels/use-channels";

export type CheckState = "ok" | "bad" | "waiting";
export const CHECKS = ["credentials", "public", "signature", "inbound", "status"] as const;
export type CheckName = (typeof CHECKS)[number];

const threefold = (known: boolean | null): CheckState => (known === null ? "waiting" : known ? "ok" : "bad");

export function checksOf(setup: Setup): Record<CheckName, CheckState> {
  // Who is reached already is reachable, whatever the address looks like; a carrier nearby is no problem either.
  const reached = setup.last_inbound_at !== null || setup.signature_ok === true || setup.problem === null;
  return {
    credentials: threefold(setup.credentials_ok),
    // Behind another problem it is not told whether a carrier nearby reaches it.
    public: setup.public || reached ? "ok" : setup.problem === setup.public_reason ? "bad" : "waiting",
    signature: threefold(setup.signature_ok),
    inbound: setup.last_inbound_at === null ? "waiting" : "ok",
    status: setup.last_status_at === null ? "waiting" : "ok",
  };
}

/** Whether a message has come in since `before`, the time of the last one then. */
export const arrivedSince = (before: string | null, now: string | null): boolean =>
  now !== null && (before === null || new Date(now).getTime() > new Date(before).getTime());
