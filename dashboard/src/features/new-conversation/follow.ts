/** What became of an outreach that was just started. */

import type { Outreach } from "@/api/outreach-types";

export type Outcome = { is: "conversation"; chatId: string } | { is: "refused"; reason: string } | { is: "waiting" };

const OVER = ["failed", "skipped", "canceled"];

export interface FollowOptions {
  ask: () => Promise<Outreach>;
  pause: () => Promise<void>;
  most: number;
}

/** Asks until there is a conversation, or there will be none; gives up after `most` times. */
export async function follow({ ask, pause, most }: FollowOptions): Promise<Outcome> {
  for (let asked = 0; asked < most; asked += 1) {
    // One question that is not answered is no reason to stop: the outreach goes on without it.
    const found = await ask().catch(() => null);
    if (found?.chat_id) return { is: "conversation", chatId: found.chat_id };
    if (found && OVER.includes(found.status)) return { is: "refused", reason: found.reason ?? "" };
    await pause();
  }
  return { is: "waiting" };
}
