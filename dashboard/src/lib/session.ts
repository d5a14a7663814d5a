/** Coming in and going out: what must happen around it, wherever it is done from. */
import type { Me } from "@/api/types";
import { api } from "@/lib/http";
import { setMe } from "@/lib/me";
import { queryClient } from "@/lib/query";
import { forgetPerson, local, onStoredElsewhere } from "@/lib/storage";

const PERSON = "person";
const DOMAIN = "domain";

/** Whom this page was loaded for: what its stores hold is theirs, of that domain. */
let loadedFor: Me | undefined;

const isSame = (one: Me, other: Me) => one.person_id === other.person_id && one.domain === other.domain;

/**
 * After a sign-in that worked. What another person left in this browser is forgotten first.
 * True when the page must be loaded anew, because stores in it hold that other person's work.
 */
export async function signedIn(me: Me): Promise<boolean> {
  const anew = await takeNote(me);
  queryClient.clear();
  setMe(me);
  return anew;
}

/** True when the page is of another person or domain by now, and must be loaded anew: the session is all windows'. */
export async function isAnothers(me: Me): Promise<boolean> {
  // A window that lags behind must not forget what the next person has here already.
  if (loadedFor && isSame(loadedFor, me)) return false;
  const isNew = loadedFor === undefined;
  return (await takeNote(me)) && !isNew;
}

async function takeNote(me: Me): Promise<boolean> {
  const before = local.get<string>(PERSON, loadedFor?.person_id ?? "");
  const another = before !== "" && before !== me.person_id;
  if (another) await forgetPerson();
  local.set(PERSON, me.person_id);
  local.set(DOMAIN, me.domain);
  loadedFor ??= me;
  return another || !isSame(loadedFor, me);
}

/** Tells when another window signs out, or goes on as another person or in another domain: the session is this one's too. */
export function onSessionElsewhere(listener: () => void): () => void {
  return onStoredElsewhere((key) => {
    const before = { [PERSON]: loadedFor?.person_id, [DOMAIN]: loadedFor?.domain }[key];
    if (before !== undefined && local.get(key, "") !== before) listener();
  });
}

export async function signOut(everywhere: boolean): Promise<void> {
  await api.delete(everywhere ? "/api/v1/sessions" : "/api/v1/session", undefined, { anonymous: true });
  await forgetPerson();
  // A new page: nothing of what was seen stays in memory.
  location.assign("/sign-in?left=1");
}

export async function switchDomain(domain: string): Promise<void> {
  await api.post("/api/v1/me/domain", { domain });
  local.set(DOMAIN, domain);
  location.assign("/inbox");
}

/** A path of this application, or "/inbox": never another site, whatever the address says. */
export function safeReturn(path: string | undefined): string {
  if (!path?.startsWith("/") || /^\/[/\\]/.test(path) || path.startsWith("/sign-in")) return "/inbox";
  const url = new URL(path, location.origin);
  return url.origin === location.origin ? url.pathname + url.search + url.hash : "/inbox";
}
