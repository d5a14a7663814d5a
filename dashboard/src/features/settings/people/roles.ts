/** What each role may do: the server holds it, this tells it. */
import type { Role } from "@/api/types";
import type { TextKey } from "@/lib/i18n";

export const ROLES: readonly Role[] = ["viewer", "agent", "admin", "owner"];

/** From which role on. */
export const ABILITIES: readonly { text: TextKey; least: Role }[] = [
  { text: "settings.may_read", least: "viewer" },
  { text: "settings.may_answer", least: "agent" },
  { text: "settings.may_contacts", least: "agent" },
  { text: "settings.may_canned", least: "agent" },
  { text: "settings.may_tokens", least: "agent" },
  { text: "settings.may_settings", least: "admin" },
  { text: "settings.may_people", least: "admin" },
  { text: "settings.may_audit", least: "admin" },
  { text: "settings.may_owners", least: "owner" },
];

export const mayDo = (role: Role, least: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(least);
