/** The small lists and the verbs that every conversation menu is made from. */

import { useMemo } from "react";
import type { ConversationChange } from "@/api/types";
import type { MenuSetting } from "@/features/conversation-list/conversation-menu";
import { useLabels, usePeople, useTeams } from "@/lib/directory";
import { useT } from "@/lib/i18n";
import { useMe } from "@/lib/me";

const NONE: never[] = [];

export function useMenuSetting(): Omit<MenuSetting, "change" | "chooseSnooze"> {
  const t = useT();
  const me = useMe();
  const people = usePeople().data ?? NONE;
  const teams = useTeams().data ?? NONE;
  const labels = useLabels().data ?? NONE;
  return useMemo(() => ({ t, me, people, teams, labels }), [t, me, people, teams, labels]);
}

export type Change = (change: ConversationChange) => void;
