/** What the list of templates shows, and what a look at the carriers brought. */

import type { Template, TemplateStatus, TemplateSync } from "@/api/outreach-types";
import type { Translate } from "@/lib/i18n";

export type State = TemplateStatus | "any";
export const STATES: readonly State[] = ["any", "approved", "pending", "rejected", "draft", "paused", "disabled"];

const fold = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Every word stands in the name or in a text; without case and accents. */
export function fitting(templates: readonly Template[], typed: string, state: State): Template[] {
  const words = fold(typed).split(/\s+/).filter(Boolean);
  return templates.filter((each) => {
    const text = fold([each.name, each.language, each.header?.text, each.body, each.footer].join(" "));
    return (state === "any" || each.status === state) && words.every((word) => text.includes(word));
  });
}

export function syncText({ channels }: TemplateSync, t: Translate): { text: string; failed: boolean } {
  const errors = channels.flatMap((each) => each.error ?? []);
  if (errors.length > 0) return { text: errors.join(" "), failed: true };
  if (channels.length === 0) return { text: t("outreach.sync_nowhere"), failed: false };
  const sum = (of: "added" | "changed" | "removed") => channels.reduce((total, each) => total + each[of], 0);
  const [added, changed, removed] = [sum("added"), sum("changed"), sum("removed")];
  if (added + changed + removed === 0) return { text: t("outreach.sync_same"), failed: false };
  return { text: t("outreach.sync_done", { added, changed, removed }), failed: false };
}
