/** Where the navigation leads, in rail and bottom bar alike. */
import { Inbox, Megaphone, Settings, Users, type LucideIcon } from "lucide-react";
import type { TextKey } from "@/lib/i18n";

export interface Destination {
  to: "/inbox" | "/contacts" | "/campaigns" | "/settings";
  label: TextKey;
  icon: LucideIcon;
}

export const DESTINATIONS: readonly Destination[] = [
  { to: "/inbox", label: "common.nav_inbox", icon: Inbox },
  { to: "/contacts", label: "common.nav_contacts", icon: Users },
  { to: "/campaigns", label: "common.nav_campaigns", icon: Megaphone },
  { to: "/settings", label: "common.nav_settings", icon: Settings },
];
