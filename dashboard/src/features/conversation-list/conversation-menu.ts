/** What can be done with a conversation, as the entries of a menu: the row's and the header's are the same. */

import {
  BanIcon, CheckCheck, CircleCheck, Clock, ExternalLink, Flag, Hourglass, Mail, RotateCcw, SquareCheck, Tag, UserRound, UsersRound, UserRoundCheck,
} from "lucide-react";
import type { Conversation, ConversationChange, Label, Me, Person, Team } from "@/api/types";
import type { MenuEntry } from "@/components/ui/menu-entry";
import { PRIORITIES } from "@/features/conversation-list/filters";
import { type SnoozeName, snoozeChoices } from "@/features/conversation-list/snooze";
import { formatBrief, formatTime, type TextKey, type Translate } from "@/lib/i18n";

/** What a conversation's menu needs to know and do. */
export interface MenuSetting {
  t: Translate;
  me: Me;
  people: readonly Person[];
  teams: readonly Team[];
  labels: readonly Label[];
  change: (change: ConversationChange) => void;
  /** Opens the dialog for a date of one's own. */
  chooseSnooze: () => void;
}

const SNOOZES: Record<SnoozeName, TextKey> = {
  later: "list.snooze_later",
  tomorrow: "list.snooze_tomorrow",
  next_week: "list.snooze_next_week",
  reply: "list.snooze_reply",
};

export function snoozeEntries({ t, change, chooseSnooze }: MenuSetting, now: Date): MenuEntry[] {
  const choices = snoozeChoices(now).map(({ name, until }): MenuEntry => ({
    label: t(SNOOZES[name]),
    hint: until === null ? undefined : name === "later" ? formatTime(until) : `${formatBrief(until, now)} ${formatTime(until)}`,
    onSelect: () => change({ status: "snoozed", snoozed_until: until?.toISOString() ?? null }),
  }));
  return [...choices, { kind: "separator" }, { label: t("list.snooze_custom"), onSelect: chooseSnooze }];
}

/** The viewer first. */
export function assigneeEntries({ t, me, people, change }: MenuSetting, assignee: string | null | undefined): MenuEntry[] {
  const others = people.filter((person) => person.person_id !== me.person_id && person.role !== "viewer");
  return [
    { label: t("list.assignee_me"), checked: assignee === me.person_id, onSelect: () => change({ assignee_id: me.person_id }) },
    { label: t("list.assign_nobody"), checked: assignee === null, onSelect: () => change({ assignee_id: null }) },
    ...(others.length > 0 ? [{ kind: "separator" as const }] : []),
    ...others.map((person): MenuEntry => ({
      label: person.name || person.email,
      checked: assignee === person.person_id,
      onSelect: () => change({ assignee_id: person.person_id }),
    })),
  ];
}

export function teamEntries({ t, teams, change }: MenuSetting, team: string | null | undefined): MenuEntry[] {
  return [
    { label: t("list.team_none"), checked: team === null, onSelect: () => change({ team_id: null }) },
    ...teams.map(({ team_id, name }): MenuEntry => ({
      label: name,
      checked: team === team_id,
      onSelect: () => change({ team_id }),
    })),
  ];
}

export function priorityEntries({ t, change }: MenuSetting, current: string | undefined): MenuEntry[] {
  return PRIORITIES.map((priority) => ({
    label: t(`common.priority_${priority}`),
    checked: current === priority,
    onSelect: () => change({ priority }),
  }));
}

export function labelEntries({ t, labels, change }: MenuSetting, chosen: readonly string[]): MenuEntry[] {
  if (labels.length === 0) return [{ label: t("list.labels_none"), disabled: true, onSelect: () => undefined }];
  return labels.map(({ label_id, name }) => ({
    label: name,
    checked: chosen.includes(label_id),
    keepOpen: true,
    onSelect: () => {
      const rest = chosen.filter((id) => id !== label_id);
      change({ labels: chosen.includes(label_id) ? rest : [...chosen, label_id] });
    },
  }));
}

export function statusEntries(setting: MenuSetting, conversation: Conversation, now: Date): MenuEntry[] {
  const { t, change } = setting;
  const open = (label: string): MenuEntry => ({ label, icon: RotateCcw, onSelect: () => change({ status: "open" }) });
  return [
    conversation.status === "closed"
      ? open(t("list.reopen"))
      : { label: t("list.close"), icon: CircleCheck, onSelect: () => change({ status: "closed" }) },
    ...(conversation.status === "snoozed" ? [open(t("list.unsnooze"))] : []),
    { kind: "submenu", label: t("list.snooze"), icon: Clock, items: snoozeEntries(setting, now) },
  ];
}

export interface RowMenuSetting extends MenuSetting {
  mayChange: boolean;
  read: (read: boolean) => void;
  block: () => void;
  /** Opens the dialog for what is sent when nobody answers. */
  followUp: () => void;
  select: () => void;
}

export function rowEntries(setting: RowMenuSetting, conversation: Conversation, now: Date): MenuEntry[] {
  const { t, change, me } = setting;
  const unread = (conversation.unread ?? 0) > 0;
  const reading: MenuEntry = unread
    ? { label: t("list.mark_read"), icon: CheckCheck, onSelect: () => setting.read(true) }
    : { label: t("list.mark_unread"), icon: Mail, disabled: conversation.inbound_count === 0, onSelect: () => setting.read(false) };
  const tab: MenuEntry = {
    label: t("list.open_in_tab"), icon: ExternalLink, onSelect: () => void window.open(`/inbox/${conversation.chat_id}`, "_blank", "noreferrer"),
  };
  const select: MenuEntry = { label: t("list.select"), icon: SquareCheck, onSelect: setting.select };
  if (!setting.mayChange) return [reading, tab];
  const submenu = (label: string, icon: typeof Tag, items: MenuEntry[]): MenuEntry => ({ kind: "submenu", label, icon, items });
  const mine = conversation.assignee?.person_id === me.person_id;
  return [
    ...statusEntries(setting, conversation, now),
    { label: t("list.follow_up"), icon: Hourglass, onSelect: setting.followUp },
    reading,
    { kind: "separator" },
    ...(mine ? [] : [{ label: t("list.assign_me"), icon: UserRoundCheck, onSelect: () => change({ assignee_id: me.person_id }) }]),
    submenu(t("list.assign_to"), UserRound, assigneeEntries(setting, conversation.assignee?.person_id ?? null)),
    submenu(t("list.team"), UsersRound, teamEntries(setting, conversation.team?.team_id ?? null)),
    submenu(t("list.labels"), Tag, labelEntries(setting, conversation.labels.map((label) => label.label_id))),
    submenu(t("list.priority"), Flag, priorityEntries(setting, conversation.priority)),
    { kind: "separator" },
    select,
    tab,
    { kind: "separator" },
    conversation.blocked
      ? { label: t("list.unblock"), icon: BanIcon, onSelect: setting.block }
      : { label: t("list.block"), icon: BanIcon, danger: true, onSelect: setting.block },
  ];
}
