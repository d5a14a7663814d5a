/** Coming in and going out: what must happen around it, wherever it is done from. */
import type { Me } from "@/api/types";
import { api } from "@/lib/http";
import { setMe } from "@/lib/me";
import { queryClient } from "@/lib/query";
import { forgetPerson, local } from "@/lib/storage";

const PERSON = "person";

/**
 * After a sign-in that worked. What another person left in this browser is forgotten first.
 * True when the page must be loaded anew, because stores in it hold that other person's work.
 */
export async function signedIn(me: Me): Promise<boolean> {
  const before = local.get<string>(PERSON, "");
  const another = before !== "" && before !== me.person_id;
  if (another) await forgetPerson();
  local.set(PERSON, me.person_id);
  queryClient.clear();
  setMe(me);
  return another;
}

export async function signOut(everywhere: boolean): Promise<void> {
  await api.delete(everywhere ? "/api/v1/sessions" : "/api/v1/session", undefined, { anonymous: true });
  await forgetPerson();
  // A new page: nothing of what was seen stays in memory.
  location.assign("/sign-in?left=1");
}

export async function switchDomain(domain: string): Promise<void> {
  await api.post("/api/v1/me/domain", { domain });
  location.assign("/inbox");
}

/** A path of this application, or "/inbox": never another site, whatever the address says. */
export function safeReturn(path: string | undefined): string {
  if (!path?.startsWith("/") || /^\/[/\\]/.test(path) || path.startsWith("/sign-in")) return "/inbox";
  const url = new URL(path, location.origin);
  return url.origin === location.origin ? url.pathname + url.search + url.hash : "/inbox";
}
