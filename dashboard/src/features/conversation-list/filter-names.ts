/** Filters in words: for chips and menus. */

import type { Label, Person, Team } from "@/api/types";
import type { FilterName, Flag, ListFilters } from "@/features/conversation-list/filters";
import type { Translate } from "@/lib/i18n";

export interface Directory {
  labels: readonly Label[];
  teams: readonly Team[];
  people: readonly Person[];
}

function personName(id: string, { people }: Directory, t: Translate): string {
  if (id === "me" || id === "none" || id === "any") return t(`list.assignee_${id}`);
  const person = people.find((each) => each.person_id === id);
  return person ? person.name || person.email : "…";
}

/** "Label: VIP", "Unread". */
export function filterText(name: FilterName, filters: ListFilters, directory: Directory, t: Translate): string {
  const { channel, priority, mode, label, team, assignee, status, q } = filters;
  switch (name) {
    case "channel":
      return channel ? t(`common.channel_${channel}`) : "";
    case "priority":
      return `${t("list.filter_priority")}: ${t(`common.priority_${priority ?? "normal"}`)}`;
    case "mode":
      return `${t("list.filter_mode")}: ${t(`common.mode_${mode ?? "assistant"}`)}`;
    case "label":
      return directory.labels.find((each) => each.label_id === label)?.name ?? t("list.filter_label");
    case "team":
      return directory.teams.find((each) => each.team_id === team)?.name ?? t("list.filter_team");
    case "assignee":
      return `${t("list.filter_assignee")}: ${personName(assignee ?? "", directory, t)}`;
    case "status":
      return status === "all" ? t("list.status_any") : t(`common.status_${status ?? "open"}`);
    case "q":
      return q ?? "";
    default:
      return t(`list.filter_${name satisfies Flag}`);
  }
}
