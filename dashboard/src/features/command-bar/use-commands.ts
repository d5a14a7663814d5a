/** The commands that make sense now: for the open conversation, for going somewhere, for preferences. */

import { useNavigate, useParams } from "@tanstack/react-router";
import {
  AtSign, Bot, CircleCheck, Clock, Contact, Hourglass, Inbox, Keyboard, Mail, MessageSquareText, Monitor, Moon, NotebookPen, RotateCcw, Settings, SquarePen, Sun,
  UserRound, UserRoundCheck, UserRoundX, UsersRound,
} from "lucide-react";
import type { Conversation, ConversationChange } from "@/api/types";
import type { Command } from "@/features/command-bar/commands";
import { snoozeEntries } from "@/features/conversation-list/conversation-menu";
import { useConversationChange } from "@/features/conversation-list/use-conversation-change";
import { useOneConversation } from "@/features/conversation-list/use-conversations";
import { openFollowUp } from "@/features/follow-ups/asking";
import { openNewConversation } from "@/features/new-conversation/opening";
import { requestComposerMode } from "@/features/shortcuts/composer-mode";
import { type TextKey, useT } from "@/lib/i18n";
import { useCan, useMe } from "@/lib/me";
import { local } from "@/lib/storage";

export function useCommands(): Command[] {
  const { chatId } = useParams({ strict: false });
  const conversation = useOneConversation(chatId);
  const here = useConversationCommands(conversation);
  return [...here, ...usePlaces(), ...usePreferenceCommands()];
}

function useConversationCommands(conversation: Conversation | undefined): Command[] {
  const t = useT();
  const me = useMe();
  const work = useConversationChange();
  const mayChange = useCan("agent");
  if (!conversation || !mayChange) return [];
  const group = t("list.bar_open_conversation");
  const change = (wanted: ConversationChange) => void work.change(conversation, wanted);
  const closed = conversation.status === "closed";
  const people = conversation.mode === "manual";
  const mine = conversation.assignee?.person_id === me.person_id;
  const setting = { t, me, people: [], teams: [], labels: [], change, chooseSnooze: () => undefined };
  const snoozes = snoozeEntries(setting, new Date()).flatMap((entry) =>
    "onSelect" in entry && entry.hint !== undefined ? [entry] : [],
  );
  return [
    closed
      ? { id: "reopen", group, label: t("list.reopen"), icon: RotateCcw, hotkey: "alt+e", run: () => change({ status: "open" }) }
      : { id: "close", group, label: t("list.close"), icon: CircleCheck, hotkey: "alt+e", run: () => change({ status: "closed" }) },
    people
      ? { id: "assistant", group, label: t("list.bar_assistant_answers"), icon: Bot, run: () => change({ mode: "assistant" }) }
      : { id: "people", group, label: t("list.bar_people_answer"), icon: UsersRound, run: () => change({ mode: "manual" }) },
    mine
      ? { id: "unassign", group, label: `${t("list.assign_to")}: ${t("list.assign_nobody")}`, icon: UserRoundX, run: () => change({ assignee_id: null }) }
      : { id: "assign-me", group, label: t("list.assign_me"), icon: UserRoundCheck, run: () => change({ assignee_id: me.person_id }) },
    { id: "reply", group, label: t("list.keys_reply"), icon: MessageSquareText, hotkey: "alt+l", run: () => requestComposerMode("reply") },
    { id: "note", group, label: t("list.keys_note"), icon: NotebookPen, hotkey: "alt+p", run: () => requestComposerMode("note") },
    ...snoozes.map((entry): Command => ({
      id: `snooze ${entry.label}`, group, label: `${t("list.snooze")}: ${entry.label}`, icon: Clock, run: entry.onSelect,
    })),
    {
      id: "follow-up", group, label: t("list.follow_up"), icon: Hourglass, hotkey: "alt+u",
      // After the bar, which gives the focus back as it closes.
      run: () => void setTimeout(() => openFollowUp(conversation), 50),
    },
    { id: "unread", group, label: t("list.mark_unread"), icon: Mail, run: () => void work.read(conversation, false) },
  ];
}

const SECTIONS: [section: string, label: TextKey, admin: boolean][] = [
  ["assistants", "list.bar_section_assistants", true],
  ["channels", "list.bar_section_channels", true],
  ["people", "list.bar_section_people", true],
  ["canned-replies", "list.bar_section_canned_replies", false],
  ["labels", "list.bar_section_labels", true],
  ["teams", "list.bar_section_teams", true],
  ["business-hours", "list.bar_section_business_hours", true],
  ["domain", "list.bar_section_domain", true],
  ["tokens", "list.bar_section_tokens", false],
  ["documents", "list.bar_section_documents", true],
  ["templates", "list.bar_section_templates", true],
  ["credits", "list.bar_section_credits", true],
];

function usePlaces(): Command[] {
  const t = useT();
  const navigate = useNavigate();
  const isAdmin = useCan("admin");
  const mayStart = useCan("agent");
  const group = t("list.bar_go_to");
  const inbox = (id: string, label: string, icon: typeof Inbox, search: Record<string, string>): Command => ({
    id, group, label, icon, keywords: t("common.nav_inbox"), run: () => void navigate({ to: "/inbox", search }),
  });
  const start: Command = {
    id: "new", group, label: t("list.new_conversation"), icon: SquarePen, hotkey: "alt+n",
    // After the bar, which gives the focus back as it closes.
    run: () => void setTimeout(() => openNewConversation(), 50),
  };
  return [
    ...(mayStart ? [start] : []),
    inbox("mine", t("list.bar_inbox_mine"), UserRound, { assignee: "me" }),
    inbox("unassigned", t("list.bar_inbox_unassigned"), UserRoundX, { assignee: "none" }),
    inbox("all", t("list.bar_inbox_all"), Inbox, {}),
    inbox("mentions", t("list.bar_inbox_mentions"), AtSign, { mentions: "true" }),
    { id: "contacts", group, label: t("list.bar_contacts_page"), icon: Contact, run: () => void navigate({ to: "/contacts", search: {} }) },
    ...SECTIONS.filter(([, , admin]) => isAdmin || !admin).map(([section, label]): Command => ({
      id: `settings ${section}`,
      group,
      label: t("list.bar_settings", { section: t(label) }),
      icon: Settings,
      run: () => void navigate({ to: "/settings/$section", params: { section }, search: {} }),
    })),
  ];
}

const THEMES = [["system", Monitor], ["light", Sun], ["dark", Moon]] as const;

function usePreferenceCommands(): Command[] {
  const t = useT();
  const group = t("list.bar_preferences");
  return [
    ...THEMES.map(([theme, icon]): Command => ({
      id: `theme ${theme}`,
      group,
      label: t("list.bar_theme", { theme: t(`common.theme_${theme}`) }),
      icon,
      // Whoever draws the theme follows what is stored.
      run: () => local.set("theme", theme),
    })),
    {
      id: "shortcuts", group, label: t("list.bar_shortcuts"), icon: Keyboard, hotkey: "?",
      run: () => void setTimeout(() => dispatchEvent(new KeyboardEvent("keydown", { key: "?" }))),
    },
  ];
}
